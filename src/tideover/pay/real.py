"""Real terms: amounts of different years in the prices of one, by CPI-U; a month without an index is said."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CPI = "cpi-u-monthly.csv"
_MONTHS = 12


@dataclass(frozen=True)
class Prices:
    """An index of prices by (year, month). Months may be missing: nothing is filled in."""

    months: Mapping[tuple[int, int], float]

    def year(self, year: int) -> float:
        """Return the mean of the months of a year that have an index.

        Raises ``LookupError`` for a year without any. A year that lacks months is the mean of the others.
        """
        held = [index for (when, _), index in self.months.items() if when == year]
        if not held:
            first, last = self.span
            raise LookupError(f"there is no price index for {year}; there is from {first} to {last}")
        return sum(held) / len(held)

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last year with any index."""
        years = [year for year, _ in self.months]
        return min(years), max(years)

    def missing(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return the months from ``first`` to ``last`` (years) without an index, before the last one."""
        end = max(self.months)
        return [
            (year, month)
            for year in range(first, last + 1)
            for month in range(1, _MONTHS + 1)
            if (year, month) not in self.months and (year, month) < end
        ]

    def notes(self, first: int, last: int) -> list[str]:
        """Return a sentence for each year of the stretch that is a mean of fewer than twelve months."""
        gaps = self.missing(first, last)
        made = [f"CPI-U has no value for {year}-{month:02}: {year} is the mean of its other months"
                for year, month in gaps]  # fmt: skip
        end_year, end_month = max(self.months)
        if first <= end_year <= last and end_month < _MONTHS:
            made.append(
                f"CPI-U ends with {end_year}-{end_month:02}: {end_year} is the mean of its months so far"
            )
        return made


@cache
def cpi() -> Prices:
    """Return CPI-U as shipped (see data/README.md); October 2025 has no value."""
    with (files(__package__ or "") / "data" / CPI).open(encoding="utf-8") as lines:
        rows = [(row["Date"], float(row["Index"])) for row in csv.DictReader(lines)]
    return Prices({(int(day[:4]), int(day[5:7])): index for day, index in rows})


def in_prices_of(year: int, series: Mapping[int, float], prices: Prices) -> dict[int, float]:
    """Return a series of amounts by year in the prices of ``year``.

    Raises ``LookupError`` for a year without an index. Law: the amount of ``year`` itself is unchanged, and
    the ratio of any two real amounts does not hang on the year chosen.
    """
    base = prices.year(year)
    return {when: amount * base / prices.year(when) for when, amount in series.items()}


def real_change(before: float, after: float, inflation: float, years: float) -> float:
    """Return the change from ``before`` to ``after`` that is left when prices rise by so much a year."""
    left: float = after / (1 + inflation) ** years / before - 1
    return left
