"""Base pay: the rate of each clinician day by day, from a grid or the roster, steps and increases."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from tideover.nouns.offer import Offer, Term
from tideover.nouns.payroll import Cents, Year
from tideover.pay.money import Ints, Part, rounded
from tideover.pay.people import UNITS, People
from tideover.pay.years import DAY, share

#: Kinds that state the rate itself, in the order in which the others change it on the same day.
SOURCES = ("base_grid", "base_salary")
ORDER = (*SOURCES, "step_movement", "hold_on_step", "market_adjustment", "general_increase")
_WEEKS = 52
ONE = Fraction(1)


@dataclass(frozen=True)
class Rate:
    """A rate in force: the id of its source, steps moved, and ``factor`` x source + ``more`` cents."""

    source: str
    moves: int
    factor: Fraction
    more: Fraction


def base_terms(offer: Offer) -> list[Term]:
    """Return the terms that make base pay, in the order in which they take effect."""
    found = offer.of_kind(*ORDER)
    return sorted(found, key=lambda term: (term.start, ORDER.index(term.kind)))


def base_columns(offer: Offer) -> list[str]:
    """Return the columns of the roster on which base pay hangs, beside the role."""
    used: dict[str, None] = {}
    for term in offer.of_kind(*SOURCES):
        hourly = term.kind == "base_grid" and term["per"] == "hour"
        used["step" if term.kind == "base_grid" else "base_salary"] = None
        used["paid_hours_per_week" if hourly else "fte"] = None
    return list(used)


def base_pay(
    people: People, offer: Offer, terms: Sequence[Term], years: Sequence[Year], before: Cents | None = None
) -> Cents:
    """Return base pay in cents (years, clinicians) under ``terms`` alone; where none states a rate, nought.

    1. The source in force gives a full-time rate: the grid's at the clinician's role and step (the roster's
       step plus one for each move so far, never beyond the last), or the roster's own salary.
    2. Every increase or adjustment dated on or after the source's first day and by the day in question
       changes it, in the order of their days: rate x (1 + r), or rate + amount.
    3. The line is the sum over the year's stretches of rate x share of the year x FTE (of an hourly rate:
       x paid hours a week x 52), rounded as the offer says.

    ``before`` is base pay without the last of ``terms``: years that end before its first day stay so.
    """
    made = np.zeros((len(years), people.count), np.int64)
    done = 0
    if before is not None:
        done = sum(year.end < terms[-1].start for year in years)
        made[:done] = before[:done]
    cuts = cuts_of(offer, terms)
    known: dict[tuple[str, ...], list[dict[Rate, Fraction]]] = {}
    for role, rows in people.by_role.items():
        mine = [term for term in terms if role in term.roles]
        ids = tuple(term.id for term in mine)
        if ids not in known:
            known[ids] = [_rates(mine, cuts, year) for year in years[done:]]
        maker = _Maker(people, offer, role, rows, {term.id: term for term in mine})
        for number, rates in enumerate(known[ids], start=done):
            if rates and rows.size:
                made[number, rows] = rounded(maker.parts(rates), offer.rounding.mode)
    return made


@dataclass(frozen=True)
class BasePay:
    """Base pay of a roster under an offer; clinicians who are equal in all that it hangs on are paid once.

    ``member`` is the place of each clinician among the ``some`` who are paid, ``None`` where these are all.
    ``terms`` are those of base pay, in the order in which they take effect.
    """

    some: People
    member: Ints | None
    offer: Offer
    years: Sequence[Year]
    terms: Sequence[Term]

    @classmethod
    def of(cls, people: People, offer: Offer, years: Sequence[Year]) -> BasePay:
        """Return what makes base pay of ``people``."""
        return cls(*people.classes(base_columns(offer)), offer, years, base_terms(offer))

    def after(self, count: int, before: Cents | None = None) -> Cents:
        """Return base pay once ``count`` terms have taken effect; ``before`` is base pay after one less."""
        return base_pay(self.some, self.offer, self.terms[:count], self.years, before)

    def first(self) -> Cents:
        """Return base pay before any increase: by the sources of the first day alone."""
        return self.after(sum(term.kind in SOURCES and term.start == self.offer.start for term in self.terms))

    def by_term(self) -> Iterator[tuple[Term, Cents]]:
        """Yield for each term what base pay is with it and all before it, less what it was without it."""
        before = None
        for count, term in enumerate(self.terms, start=1):
            now = self.after(count, before)
            yield term, now if before is None else now - before
            before = now


@dataclass(frozen=True)
class _Maker:
    """Makes base pay of the clinicians of one role, ``rows`` of the roster; knows the arrays it made."""

    people: People
    offer: Offer
    role: str
    rows: Ints
    sources: Mapping[str, Term]
    known: dict[Any, Ints] = field(default_factory=dict)

    def parts(self, rates: Mapping[Rate, Fraction]) -> list[Part]:
        """Return what a year's rates, each in force for a part of it, come to before rounding."""
        arrays: dict[Any, tuple[Ints, ...]] = {}
        scales: defaultdict[Any, Fraction] = defaultdict(Fraction)
        for rate, length in rates.items():
            source = self.sources[rate.source]
            hourly = source.kind == "base_grid" and source["per"] == "hour"
            column = "paid_hours_per_week" if hourly else "fte"
            per = self._once(column, lambda column: self.people.of(column)[self.rows])
            scale = length * (_WEEKS if hourly else 1) / UNITS[column]
            if self.offer.rounding.at == "rate":
                arrays[rate] = self._once(rate, self._rounded), per
                scales[rate] += scale
                continue
            key = (rate.source, rate.moves)
            arrays[key] = self._once(key, lambda key: self._full_time(self.sources[key[0]], key[1])), per
            scales[key] += rate.factor * scale
            if rate.more:
                arrays[column] = (per,)
                scales[column] += rate.more * scale
        return [(found, scales[key]) for key, found in arrays.items()]

    def _once(self, key: Any, make: Callable[[Any], Ints]) -> Ints:
        """Return what ``make`` gives for ``key``, made the first time only."""
        if key not in self.known:
            self.known[key] = make(key)
        return self.known[key]

    def _rounded(self, rate: Rate) -> Ints:
        """Return the full-time rates in whole cents; of a grid, its steps are rounded and then looked up."""
        source = self.sources[rate.source]
        if source.kind == "base_grid":
            return self._changed(self._grid(source), rate)[self._steps(source, rate.moves)]
        return self._changed(self._full_time(source, rate.moves), rate)

    def _changed(self, full: Ints, rate: Rate) -> Ints:
        if rate.factor == 1 and not rate.more:
            return full
        ones = np.ones(full.size, np.int64)
        return rounded([((full,), rate.factor), ((ones,), rate.more)], self.offer.rounding.mode)

    def _full_time(self, source: Term, moves: int) -> Ints:
        if source.kind == "base_salary":
            return self.people.of("base_salary")[self.rows]
        return self._grid(source)[self._steps(source, moves)]

    def _grid(self, source: Term) -> Ints:
        return np.array(source["grid"][self.role], np.int64)

    def _steps(self, source: Term, moves: int) -> Ints:
        """Return the place in the grid's list of each clinician, after the moves so far."""
        return np.clip(self.people.of("step")[self.rows] - 1 + moves, 0, len(source["grid"][self.role]) - 1)


def cuts_of(offer: Offer, terms: Sequence[Term]) -> list[dt.date]:
    """Return the first day of each stretch within which no rate changes."""
    days = {offer.start}
    for term in terms:
        days |= {term.start, term.end + DAY}
        if term.kind == "step_movement":
            days |= set(term["moves_on"])
    return sorted(day for day in days if offer.start <= day <= offer.end)


def _rates(terms: Sequence[Term], cuts: Sequence[dt.date], year: Year) -> dict[Rate, Fraction]:
    """Return each rate that is in force in ``year``, and for which part of it."""
    found: dict[Rate, Fraction] = {}
    for place, first in enumerate(cuts):
        last = cuts[place + 1] - DAY if place + 1 < len(cuts) else year.end
        length = share(first, last, year)
        rate = rate_on(terms, first) if length else None
        if rate is not None:
            found[rate] = found.get(rate, Fraction(0)) + length
    return found


def rate_on(terms: Sequence[Term], day: dt.date) -> Rate | None:
    """Return the rate that ``terms`` of one role, in their order, put in force on ``day``; else ``None``."""
    source = next((t for t in terms if t.kind in SOURCES and t.start <= day <= t.end), None)
    if source is None:
        return None
    factor, more = ONE, Fraction(0)
    for term in terms:
        if not source.start <= term.start <= day or term.kind not in {
            "general_increase",
            "market_adjustment",
        }:
            continue
        by = ONE + (term["rate"] or 0)
        factor, more = factor * by, more * by
        if term.kind == "market_adjustment":
            more += term["amount"] or 0
    moves = sum(1 for moved in _moves(terms) if moved <= day) if source.kind == "base_grid" else 0
    return Rate(source.id, moves, factor, more)


def _moves(terms: Sequence[Term]) -> Iterator[dt.date]:
    """Return the days on which steps move, without those on which steps are held."""
    held = [term for term in terms if term.kind == "hold_on_step"]
    for term in terms:
        if term.kind == "step_movement":
            yield from (
                day for day in term["moves_on"] if not any(hold.start <= day <= hold.end for hold in held)
            )
