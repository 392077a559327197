"""The pay history of the case: what is said of pay since the pandemic, as an index, nominal and real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tideover.pay.guarantee import Range
from tideover.pay.real import Prices


@dataclass(frozen=True)
class Point:
    """A year of an index: 100 in the first year, each as a range."""

    year: int
    nominal: Range
    real: Range


def pay_history(first: int, last: int, cut: Range, rise: Range, prices: Prices) -> tuple[Point, ...]:
    """Return clinicians' pay as an index from ``first`` = 100: a cut in the year after, then yearly rises.

    ``cut`` and ``rise`` are ranges of shares: the size of the cut is not stated by any source.
    Real: over CPI-U of the year. Raises ``LookupError`` where a year has no index.
    """
    made = []
    low = high = 100.0
    for year in range(first, last + 1):
        if year == first + 1:
            low, high = low * (1 - cut.high), high * (1 - cut.low)
        elif year > first + 1:
            low, high = low * (1 + rise.low), high * (1 + rise.high)
        prices_then = prices.year(year) / prices.year(first)
        made.append(Point(year, Range(low, high), Range(low / prices_then, high / prices_then)))
    return tuple(made)


def executive_history(rises: Sequence[float]) -> list[float]:
    """Return an index from 100 after each of the rises; the source does not name the years."""
    made = [100.0]
    for rise in rises:
        made.append(made[-1] * (1 + rise))
    return made
