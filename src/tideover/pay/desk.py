"""The desk at which lines are made: one roster, one offer, what has been made so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from tideover.nouns.amounts import ROLES
from tideover.nouns.offer import Offer, Term
from tideover.nouns.payroll import Cents, Line, Year
from tideover.pay.base import BasePay
from tideover.pay.money import Ints, Part, rounded
from tideover.pay.people import UNITS, People
from tideover.pay.years import share

WEEKS = 52


@dataclass
class Desk:
    """What a kind of term sees: people, offer, years, base pay, the other lines so far, and support staff.

    ``support`` is the FTE of support staff by (clinic, role), ``None`` where it is not known.
    """

    people: People
    offer: Offer
    years: tuple[Year, ...]
    base_pay: BasePay
    base_line: Line
    support: Mapping[tuple[str, str], float] | None = None
    lines: list[Line] = field(default_factory=list)
    site_costs: list[tuple[str, int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def base(self) -> Cents:
        """Base pay: (years, clinicians)."""
        return self.base_line.cents

    @cached_property
    def first_base(self) -> Cents:
        """Base pay before any increase: (years, clinicians)."""
        return replace(self.base_line, amounts=self.base_pay.first()).cents

    def nothing(self) -> Cents:
        """Return a line of noughts: (years, clinicians)."""
        return np.zeros((len(self.years), self.people.count), np.int64)

    def share(self, term: Term, year: Year) -> Fraction:
        """Return for which part of a whole year ``term`` holds in ``year``."""
        return share(term.start, term.end, year)

    def rounded(
        self, parts: Sequence[Part], divisor: Ints | None = None, *, into: Ints | None = None
    ) -> Ints:
        """Return exact amounts in whole cents, by the offer's rounding; in the array ``into``, if given."""
        return rounded(parts, self.offer.rounding.mode, divisor, into=into)

    def shares(self, term: Term, scale: Fraction, *arrays: Ints) -> Cents:
        """Return for each year the product of ``arrays``, ``scale`` and the part of the year, by role."""
        marked = (*arrays, *self.marks(term))
        return self.yearly(term, lambda length: self.rounded([(marked, scale * length)]))

    def marks(self, term: Term) -> tuple[Ints, ...]:
        """Return 1 for each clinician of the term's roles and 0 for others; nothing where all are of them."""
        if set(term.roles) >= set(ROLES):
            return ()
        marks = self.people.among(term.roles)
        return () if marks.all() else (marks,)

    def yearly(self, term: Term, pay: Callable[[Fraction], Ints]) -> Cents:
        """Return for each year what ``pay`` gives for the part of the year in which the term holds."""
        lengths = [self.share(term, year) for year in self.years]
        known = {length: pay(length) for length in dict.fromkeys(lengths) if length}
        if len(set(lengths)) == 1 and known:
            return np.broadcast_to(known[lengths[0]], (len(lengths), self.people.count))
        made = self.nothing()
        for number, length in enumerate(lengths):
            if length:
                made[number] = known[length]
        return made

    def full_time(self, amounts: Mapping[str, int]) -> Ints:
        """Return each clinician's amount in cents by role; of a role without one, nought."""
        made = np.zeros(self.people.count, np.int64)
        for role, amount in amounts.items():
            made[self.people.by_role[role]] = amount
        return made

    def paid_year(self, year: Year) -> Ints:
        """Return the paid hours of ``year`` in hundredths of an hour (of a part of a year: its part)."""
        hours = self.people.of("paid_hours_per_week") * WEEKS
        length = self.contract_share(year)
        return hours if length == 1 else rounded([((hours,), length)], "half_even")

    def hourly(self, number: int, hours: Ints, unit: int, scale: Fraction) -> Ints:
        """Return ``hours`` (of which ``unit`` are an hour) x base pay of an hour x ``scale``, in cents.

        Base pay of an hour is the year's base pay over its paid hours; without paid hours it is nought.
        """
        paid = self.paid_year(self.years[number])
        able = (paid > 0).astype(np.int64)
        part: Part = ((self.base[number], hours, able), scale * UNITS["paid_hours_per_week"] / unit)
        return self.rounded([part], np.maximum(paid, 1))

    def earned(self, *kinds: str) -> Cents:
        """Return base pay and the pay of the other lines so far of these kinds."""
        made = self.base.copy()
        for line in self.lines:
            if line.kind in kinds and line.side == "pay":
                made += line.cents
        return made

    def contract_share(self, year: Year) -> Fraction:
        """Return the part of a whole year that ``year`` is: one, or less for a last, shorter year."""
        return share(year.start, year.end, year)
