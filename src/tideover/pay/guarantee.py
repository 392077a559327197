"""A promise and its absence: what a benefit is worth that may be cut, as a range, never as a point."""

from __future__ import annotations

from dataclasses import dataclass

from tideover.nouns.payroll import Payroll


@dataclass(frozen=True)
class Range:
    """The least and the most that something may be."""

    low: float
    high: float


@dataclass(frozen=True)
class Promise:
    """What a benefit comes to over the contract, in cents: in full, and as a range where it may be cut.

    ``states`` is ``promised``, ``may be altered`` (said in the offer) or ``nothing said``.
    """

    benefit: str
    states: str
    full: int
    kept: Range


def promises(payroll: Payroll, chance: Range, size: Range) -> tuple[Promise, ...]:
    """Return what each benefit of an offer comes to: a promise in full, another as a range.

    1. The full value is the sum of the benefit's lines (a premium: the employer's part).
    2. A benefit that may be altered is worth between full x (1 - high chance x high size) and
       full x (1 - low chance x low size).
    3. One that is promised from a later day or for a part of the contract counts as one that may be altered.
    """
    made = []
    terms = {term["benefit"]: term for term in payroll.offer.of_kind("benefit_guarantee")}
    for benefit in sorted({line.kind for line in payroll.lines if line.side in {"benefit", "employer"}}):
        whole = sum(
            int(line.cents.sum())
            for line in payroll.lines
            if line.kind == benefit and line.side in {"benefit", "employer"}
        )
        term = terms.get(benefit)
        offer = payroll.offer
        sure = term is not None and term["guaranteed"] and (term.start, term.end) == (offer.start, offer.end)
        states = "promised" if sure else "nothing said" if term is None else "may be altered"
        kept = Range(whole, whole) if sure else _kept(whole, chance, size)
        made.append(Promise(benefit, states, whole, kept))
    return tuple(made)


def _kept(whole: int, chance: Range, size: Range) -> Range:
    return Range(whole * (1 - chance.high * size.high), whole * (1 - chance.low * size.low))
