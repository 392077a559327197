"""A payroll: what an offer pays to each clinician in each pay year by each term, in whole cents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
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
    """What one term gives: cents by year and clinician (years, clinicians), on which side, by what rule.

    A deduction is negative: what the clinician pays.
    """

    term: str
    kind: str
    side: str
    rule: str
    cents: Cents


@dataclass(frozen=True)
class Payroll:
    """The lines of one offer for one roster; ``clinicians`` has the roster's rows in their order.

    ``site_costs`` are costs of the employer that belong to no clinician: term, year number, cents.
    Laws: lines sum to totals; nothing here is rounded again.
    """

    offer: Offer
    clinicians: pl.DataFrame
    years: tuple[Year, ...]
    lines: tuple[Line, ...]
    site_costs: tuple[tuple[str, int, int], ...] = ()
    notes: tuple[str, ...] = ()

    def total(self, *sides: str) -> Cents:
        """Return the cents of these sides, else of all but the employer's: (years, clinicians)."""
        wanted = sides or ("pay", "benefit", "deduction")
        whole = np.zeros((len(self.years), self.clinicians.height), np.int64)
        for line in self.lines:
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
