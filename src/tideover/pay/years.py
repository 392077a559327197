"""Pay years and parts of them: a month is a twelfth of a year, a day a thirtieth of its month."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from functools import lru_cache

from tideover.nouns.payroll import Year

DAY = dt.timedelta(days=1)
_MONTHS = 12
_DAYS = 30
#: So many parts of years are kept for when they are asked again.
_KEPT = 4096


def pay_years(start: dt.date, end: dt.date) -> tuple[Year, ...]:
    """Return the years of a contract, each from an anniversary of its first day; the last may be shorter."""
    years: list[Year] = []
    first = start
    while first <= end:
        later = first.replace(year=first.year + 1)
        years.append(Year(len(years) + 1, first, min(later - DAY, end)))
        first = later
    return tuple(years)


@lru_cache(_KEPT)
def share(start: dt.date, end: dt.date, year: Year) -> Fraction:
    """Return which part of a whole year ``start`` to ``end`` (both included) is of ``year``.

    Months count alike and days are thirtieths of them (the 31st counts nothing), as payrolls reckon: half a
    year from the first of July is one half, not 184/365.

    >>> share(dt.date(2026, 7, 1), dt.date(2026, 12, 31), Year(1, dt.date(2026, 1, 1), dt.date(2026, 12, 31)))
    Fraction(1, 2)
    """
    first, last = max(start, year.start), min(end, year.end)
    return max(Fraction(0), between(first, last + DAY))


@lru_cache(_KEPT)
def between(first: dt.date, after: dt.date) -> Fraction:
    """Return the years from the morning of ``first`` to that of ``after``; negative if it is earlier."""
    return (_months(after) - _months(first)) / _MONTHS


def _months(day: dt.date) -> Fraction:
    return Fraction(day.year * _MONTHS + day.month - 1) + Fraction(min(day.day - 1, _DAYS), _DAYS)
