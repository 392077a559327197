"""Productivity pay: a rate for each work RVU over a threshold, in tiers."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.desk import Desk
from tideover.pay.kernels import over
from tideover.pay.money import Ints
from tideover.pay.people import UNITS
from tideover.pay.terms._kind import Kind, dollars, register

_FTE = UNITS["fte"]
#: Work RVUs are held in hundredths, and these in ten-thousandths of FTE.
_UNIT = UNITS["work_rvu_per_year"] * _FTE


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    """Return the pay of the work RVUs of each tier: those over its start and up to the next one's.

    A tier's start is stated for a full-time post, and is in proportion to FTE.
    """
    earned, fte, marks = desk.people.of("work_rvu_per_year"), desk.people.of("fte"), desk.marks(term)
    starts = [int(start * UNITS["work_rvu_per_year"]) for start, _ in term["tiers"]]
    widths = [after - start for start, after in pairwise(starts)] + [-1]
    parts: list[tuple[tuple[Ints, ...], int]] = [
        ((over(earned, _FTE, fte, start, width), *marks), rate)
        for start, width, (_, rate) in zip(starts, widths, term["tiers"], strict=True)
    ]

    def pay(length: Fraction) -> Ints:
        """Return the cents of each person for this part of a year."""
        return desk.rounded([(above, length * rate / _UNIT) for above, rate in parts])

    yield "pay", desk.yearly(term, pay)


def _rule(term: Term) -> str:
    tiers = "; ".join(f"{dollars(rate)} over {float(start):,g}" for start, rate in term["tiers"])
    return f"For each work RVU of the year over a full-time threshold (times FTE): {tiers}"


def _needs(_term: Term) -> tuple[str, ...]:
    return ("work_rvu_per_year",)


register(
    Kind(
        name="work_rvu",
        title="Work-RVU pay",
        stage="pay",
        keys=(Key("tiers", "tiers", "Rate for each work RVU over so many a full-time year"),),
        lines=_lines,
        needs=_needs,
        family="work_rvu",
        pensionable=True,
        rule=_rule,
        example={"tiers": [{"over": 4000, "rate": 45.25}, {"over": 5000, "rate": 50}]},
        zero={"tiers": [{"over": 4000, "rate": 0}]},
    )
)
