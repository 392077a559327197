"""Packages: a grid of changes to one contract, each for everybody: cost, mean, losers, worst change.

The people's amounts come from the engine itself (one payroll for each threshold); a package is then a few
factors over them. The kernel does not round: a package's cost differs from the payroll's by less than a cent
for each line of each clinician and year, and what is reported of a chosen package is the payroll's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from tideover.nouns.amounts import ROLES
from tideover.nouns.offer import Offer, Term
from tideover.nouns.payroll import Payroll
from tideover.pay.base import ORDER
from tideover.pay.compare import LOSSES
from tideover.pay.employer import Tax, costs
from tideover.pay.evaluate import COST, LOSERS, MEAN, WORST, evaluate
from tideover.pay.method import payroll
from tideover.pay.money import to_cents
from tideover.pay.people import UNITS, People
from tideover.pay.terms._kind import KINDS
from tideover.pay.years import pay_years, share

Floats = np.ndarray[Any, np.dtype[np.float64]]
#: Kinds that follow base pay beside it, where they are paid at base pay of an hour.
FOLLOWING = ("paid_hours", "sick_leave", "paid_time_off")
#: Kinds under which a package is not linear in its levers.
UNFIT = ("salary_guarantee", "retroactive_pay", "market_adjustment", "general_increase")
_CHUNK = 100_000


@dataclass(frozen=True)
class Space:
    """The grid of packages: what each lever may be; a package is one choice of each.

    ``increases`` may be chosen for the first day of each pay year. ``rvu_scales`` and ``quality_scales``
    multiply rates and amounts of the contract, ``rvu_shifts`` are added to its thresholds (work RVUs of a
    full-time year). ``matches`` and ``premium_shares`` replace what the contract says; ``bonuses`` (cents)
    are paid once to each on the first day.
    """

    increases: tuple[Fraction, ...]
    rvu_scales: tuple[Fraction, ...] = (Fraction(1),)
    rvu_shifts: tuple[int, ...] = (0,)
    quality_scales: tuple[Fraction, ...] = (Fraction(1),)
    bonuses: tuple[int, ...] = (0,)
    matches: tuple[Fraction, ...] = (Fraction(1),)
    premium_shares: tuple[Fraction, ...] = (Fraction(0),)

    def levers(self, years: int) -> list[Sequence[Any]]:
        """Return the choices of each lever; the last one changes fastest."""
        return [*[self.increases] * years, self.rvu_scales, self.rvu_shifts, self.quality_scales,
                self.bonuses, self.matches, self.premium_shares]  # fmt: skip

    def size(self, years: int) -> int:
        """Return how many packages there are."""
        return int(np.prod([len(choices) for choices in self.levers(years)]))

    def choice(self, number: int, years: int) -> list[Any]:
        """Return what each lever is in one package."""
        levers = self.levers(years)
        places = np.unravel_index(number, [len(choices) for choices in levers])
        return [choices[int(place)] for choices, place in zip(levers, places, strict=True)]


@dataclass(frozen=True)
class Found:
    """What each package comes to, by its number: cost in cents, the rest as shares of one."""

    cost: Floats
    mean: Floats
    losing: Floats
    worst: Floats


@dataclass(frozen=True)
class Bench:
    """The people's amounts in cents, made once for one contract and one grid."""

    now: Payroll
    space: Space
    people: Floats
    rvus: Floats
    before: Floats
    put_in: Floats
    limits: Floats
    rates: Floats
    premium: float
    fixed: float

    @property
    def years(self) -> int:
        """How many pay years there are."""
        return len(self.now.years)

    def search(self, numbers: np.ndarray[Any, np.dtype[np.int64]] | None = None) -> Found:
        """Return what the packages of these numbers come to, else all of them."""
        wanted = np.arange(self.space.size(self.years)) if numbers is None else numbers
        parts = [self._part(wanted[start : start + _CHUNK]) for start in range(0, wanted.size, _CHUNK)]
        whole = np.concatenate(parts) if parts else np.empty((0, 4))
        return Found(whole[:, COST], whole[:, MEAN], whole[:, LOSERS], whole[:, WORST])

    def _part(self, numbers: np.ndarray[Any, np.dtype[np.int64]]) -> Floats:
        years, levers = self.years, self.space.levers(self.years)
        places = np.unravel_index(numbers, [len(choices) for choices in levers])
        values = [np.array([float(one) for one in choices])[place]
                  for choices, place in zip(levers, places, strict=True)]  # fmt: skip
        packages = np.zeros((numbers.size, 2 * years + 3))
        packages[:, :years] = np.cumprod(1 + np.stack(values[:years], axis=1), axis=1)
        scale, _, quality, bonus, match, owned = values[years:]
        packages[:, years] = bonus
        packages[:, 2 * years], packages[:, 2 * years + 1], packages[:, 2 * years + 2] = scale, quality, match
        made: Floats = evaluate(
            self.people, self.rvus, self.before, self.put_in, packages, places[years + 1].astype(np.int64),
            self.limits, self.rates, LOSSES[1],
        )  # fmt: skip
        made[:, COST] += self.fixed + self.premium * (1 - owned)
        return made

    def offer(self, number: int) -> Offer:
        """Return the contract as one package changes it: a whole offer, that the payroll takes."""
        return changed(self.now.offer, self.space.choice(number, self.years))


def unfit(offer: Offer) -> list[str]:
    """Return the kinds of terms of a contract under which packages cannot be reckoned with factors alone."""
    found = [term.kind for term in offer.terms if term.kind in UNFIT]
    late = [t.kind for t in offer.of_kind("retirement_match", "health_premium", "work_rvu", "quality_pay")
            if (t.start, t.end) != (offer.start, offer.end)]  # fmt: skip
    many = [kind for kind in ("retirement_match", "health_premium") if len(offer.of_kind(kind)) > 1]
    return sorted({*found, *late, *many})


def bench(roster: Any, contract: Offer, space: Space, tax: Tax | None) -> Bench:
    """Return the bench on which packages of changes to ``contract`` are evaluated for a roster.

    Raises ``ValueError`` for a contract with terms under which a package is not linear (see ``unfit``).
    """
    if names := unfit(contract):
        raise ValueError(f"packages cannot be reckoned under: {', '.join(names)}")
    people = roster if isinstance(roster, People) else People(roster)
    now = payroll(people, contract)
    rvus = [_sum(payroll(people, _shifted(contract, shift)), "work_rvu") for shift in space.rvu_shifts]
    following = [t.kind for t in contract.of_kind(*FOLLOWING) if t.values.get("rate") is None]
    paid = {line.kind for line in now.lines if line.side == "pay"}
    pensions = {kind for kind in paid if KINDS[kind].pensionable}
    moved = {*ORDER, *following, "work_rvu", "quality_pay"}
    rows = [
        _sum(now, *[kind for kind in (*ORDER, *following) if kind in pensions]),
        _sum(now, *[kind for kind in following if kind not in pensions]),
        _sum(now, "quality_pay"),
        _sum(now, *(pensions - moved)),
        _sum(now, *(paid - pensions - moved)),
    ]
    pay = now.total("pay").sum(axis=0).astype(float)
    if not (pay > 0).all():
        raise ValueError("packages are compared with the pay of each clinician now, and somebody has none")
    premium = _side(now, "health_premium", "deduction", "employer")
    benefits = sum(float(line.cents.sum()) for line in now.lines
                   if line.side == "benefit" and line.kind != "retirement_match")  # fmt: skip
    return Bench(now, space, np.stack(rows), np.stack(rvus), 1 / pay, _put_in(people, contract),
                 _limits(contract, tax), _rates(contract, tax), premium, benefits)  # fmt: skip


def _sum(paid: Payroll, *kinds: str) -> Floats:
    """Return the pay of these kinds in cents: (years, clinicians)."""
    made = np.zeros((len(paid.years), paid.clinicians.height))
    for line in paid.lines:
        if line.kind in kinds and line.side == "pay":
            made += line.cents
    return made


def _side(paid: Payroll, kind: str, *sides: str) -> float:
    return sum(
        abs(float(line.cents.sum())) for line in paid.lines if line.kind == kind and line.side in sides
    )


def _put_in(people: People, contract: Offer) -> Floats:
    made = np.zeros(people.count)
    for term in contract.of_kind("retirement_match"):
        unit = UNITS["retirement_share"]
        most = int(term["up_to"] * unit)
        made += np.minimum(people.of("retirement_share"), most) / unit * people.among(term.roles)
    return made


def _limits(contract: Offer, tax: Tax | None) -> Floats:
    """Return wage base and pension limit by year in cents, infinite where there is none."""
    years = pay_years(contract.start, contract.end)
    bases = [np.inf if tax is None else
             to_cents(tax.base(year.start.year) * share(year.start, year.end, year), "half_up")
             for year in years]  # fmt: skip
    terms = contract.of_kind("retirement_match")
    limit = terms[0]["pay_limit"] if terms and terms[0]["pay_limit"] is not None else np.inf
    return np.array([bases, [limit] * len(years)], np.float64)


def _rates(contract: Offer, tax: Tax | None) -> Floats:
    taxes = [0.0, 0.0] if tax is None else [float(tax.oasdi), float(tax.medicare)]
    return np.array([*taxes, float(contract.roll_up or 0)])


def _with(term: Term, **values: Any) -> Term:
    return replace(term, values={**term.values, **values})


def _shifted(contract: Offer, shift: int) -> Offer:
    """Return the contract with its work-RVU thresholds moved."""
    terms = [
        _with(term, tiers=tuple((max(over + shift, Fraction(0)), rate) for over, rate in term["tiers"]))
        if term.kind == "work_rvu" else term
        for term in contract.terms
    ]  # fmt: skip
    return replace(contract, terms=tuple(terms))


def changed(contract: Offer, choice: Sequence[Any]) -> Offer:
    """Return the contract with one choice of each lever of a ``Space`` put into its terms."""
    years = pay_years(contract.start, contract.end)
    scale, shift, quality, bonus, match, owned = choice[len(years) :]
    terms: list[Term] = []
    for term in _shifted(contract, shift).terms:
        made = term
        if term.kind == "work_rvu":
            tiers = tuple((over, to_cents(rate * scale, "half_up")) for over, rate in term["tiers"])
            made = _with(term, tiers=tiers)
        elif term.kind == "quality_pay":
            amounts = {role: to_cents(cents * quality, "half_up") for role, cents in term["amount"].items()}
            made = _with(term, amount=amounts)
        elif term.kind == "retirement_match":
            made = _with(term, match=match)
        elif term.kind == "health_premium":
            made = _with(term, clinician_share=owned)
        terms.append(made)
    terms += list(
        _added(contract, [(year.start, rate) for year, rate in zip(years, choice, strict=False)], bonus)
    )
    return replace(contract, name=f"{contract.name}, changed", terms=tuple(terms))


def _added(contract: Offer, increases: Sequence[tuple[dt.date, Fraction]], bonus: int) -> Iterator[Term]:
    for number, (day, rate) in enumerate(increases, start=1):
        if rate:
            yield Term(f"package-increase-{number}", "general_increase", day, contract.end, ROLES,
                       {"rate": rate})  # fmt: skip
    if bonus:
        values = {"amount": dict.fromkeys(ROLES, bonus), "paid_on": (contract.start,), "to": "each"}
        yield Term("package-bonus", "ratification_bonus", contract.start, contract.end, ROLES, values)


def cost_of(paid: Payroll, tax: Tax | None) -> int:
    """Return what a payroll costs over the contract, in cents, as packages are compared: without staff."""
    return sum(year.total - year.staffing for year in costs(paid, tax))
