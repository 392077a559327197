"""A payroll: what an offer pays to each clinician in each pay year by each term, in whole cents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from tideover.nouns.offer import Offer

Cents = np.ndarray[Any, np.dtype[np.int64]]
#: What a line is: paid to the clinician; a benefit; kept from pay; a cost of the employer's alone.
SIDES = ("pay", "benefit", "deduction", "employer")


@dataclass(frozen=True)
class Year:
    """A pay year of a contract: its number from 1, its first and its last day."""

    number: int
    start: dt.date
    end: dt.date

    @property
    def name(self) -> str:
        """The year as it is called: the calendar year, or the days where it is none."""
        if (self.start.month, self.start.day, self.end.month, self.end.day) == (1, 1, 12, 31):
            return str(self.start.year)
        return f"{self.start} to {self.end}"


@dataclass(frozen=True)
class Line:
    """What one term gives, on which side, by what rule; a deduction is negative: what the clinician pays.

    ``amounts`` are cents by year and clinician; or, with ``place``, by year and case, and ``place`` is the
    case of each clinician: so what hangs on a few things only is held once for all who are equal in them.
    """

    term: str
    kind: str
    side: str
    rule: str
    amounts: Cents
    place: Cents | None = None

    @cached_property
    def cents(self) -> Cents:
        """Cents by year and clinician: (years, clinicians)."""
        return self.amounts if self.place is None else np.take(self.amounts, self.place, axis=1)


@dataclass(frozen=True)
class Payroll:
    """The lines of one offer for one roster; ``clinicians`` has the roster's rows in their order.

    ``base`` is base pay as one line; ``base_lines`` splits it by term when that is asked for; ``others`` are
    all other lines. ``site_costs`` are costs of the employer that belong to no clinician: term, year number,
    cents.
    Laws: lines sum to totals; nothing here is rounded again.
    """

    offer: Offer
    clinicians: pl.DataFrame
    years: tuple[Year, ...]
    base: Line
    base_lines: Callable[[], tuple[Line, ...]]
    others: tuple[Line, ...] = ()
    site_costs: tuple[tuple[str, int, int], ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every line: those of base pay, then the others."""
        return (*self.base_lines(), *self.others)

    def total(self, *sides: str) -> Cents:
        """Return the cents of these sides, else of all but the employer's: (years, clinicians)."""
        wanted = sides or ("pay", "benefit", "deduction")
        whole = self.base.cents.copy() if "pay" in wanted else np.zeros_like(self.base.cents)
        for line in self.others:
            if line.side in wanted:
                whole += line.cents
        return whole

    def table(self) -> pl.DataFrame:
        """Return one row for each clinician, year and line with money in it: a pay slip each."""
        parts = [part for line in self.lines for part in self._rows(line)]
        return pl.concat(parts) if parts else pl.DataFrame(schema=_SCHEMA)

    def _rows(self, line: Line) -> Iterator[pl.DataFrame]:
        people = self.clinicians["clinician_id"]
        for year, amounts in zip(self.years, line.cents, strict=True):
            paid = np.flatnonzero(amounts)
            if paid.size:
                yield pl.DataFrame(
                    {
                        "clinician_id": people.gather(paid),
                        "year": [year.number] * paid.size,
                        "term": [line.term] * paid.size,
                        "kind": [line.kind] * paid.size,
                        "side": [line.side] * paid.size,
                        "cents": amounts[paid],
                    },
                    schema=_SCHEMA,
                )


_SCHEMA = {
    "clinician_id": pl.String,
    "year": pl.Int64,
    "term": pl.String,
    "kind": pl.String,
    "side": pl.String,
    "cents": pl.Int64,
}
