"""The bound of every level, from the prices alone, in one pass over all allowed pairs; formulation (17).

For any integer prices p_v the value B_l is at most the weighted cost of every plan, so nothing about how
the prices were found has to be believed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from tideover.verify.bins import Cover, Interval
from tideover.verify.case import Case, Visit
from tideover.verify.pairs import Board, Ints
from tideover.verify.rules import has_a_time, points

#: Above this, sums of weighted points leave 64 bits; Python's own integers then take over.
LARGEST = 2**62
#: So many worthwhile pairs are held in memory before those that cannot be of use are left out.
HELD = 5_000_000

Items = list[tuple[int, int]]


@dataclass(frozen=True)
class Level:
    """One level of the order: its terms, the weights w_0 to w_l, and the weight of every term up to it."""

    terms: tuple[str, ...]
    weights: tuple[int, ...]
    weight_of: Mapping[str, int]


def best_value(items: Items, capacity: int) -> int:
    """Return the greatest profit of (size, profit) items that fit into ``capacity``, each taken at most once.

    Of each size only the ``capacity // size`` most profitable can be of use; the rest is never looked at.

    >>> best_value([(2, 5), (1, 3), (1, 1), (2, 4)], 3)
    8
    """
    if sum(size for size, _ in items) <= capacity:
        return sum(profit for _, profit in items)
    by_size = defaultdict(list)
    for size, profit in items:
        by_size[size].append(profit)
    best = [0] * (capacity + 1)
    for size, profits in by_size.items():
        for profit in sorted(profits, reverse=True)[: capacity // size]:
            for room in range(capacity, size - 1, -1):
                best[room] = max(best[room], best[room - size] + profit)
    return best[capacity]


def may_cover(case: Case, visit: Visit, option: str) -> bool:
    """R9: only visits of urgency ``standby_from_urgency`` or less urgent go on standby; and R14."""
    urgent = visit.urgency < case.policy.standby_from_urgency
    return option == "stand" or not (urgent or has_a_time(visit))


def relaxed_values(
    case: Case,
    bins: tuple[Sequence[Interval], Sequence[Cover]],
    levels: Sequence[Level],
    prices: Sequence[Mapping[str, int]],
) -> list[int]:
    """Return B_l of every level without the pinned visits; ``prices`` maps visit_id to p_v for each level."""
    board = Board(case, bins[0])
    at_hour = defaultdict(list)
    for cover in bins[1]:
        at_hour[cover.pool_id, cover.date, cover.hour].append(cover)
    sums = [_Sum(level, board.units) for level in levels]
    for visit in case.free_visits:
        rows = board.allowed(visit)
        in_rows = board.points(visit, rows)
        waiting = points(case, visit, "waitlist", None, visit.day)
        covers = {
            cover: points(case, visit, cover.option, None, visit.day)
            for cover in at_hour.get((case.cover_pool(visit), visit.day, visit.start.hour), [])
            if case.size(visit) <= cover.units and may_cover(case, visit, cover.option)
        }
        for of_level, price in zip(sums, prices, strict=True):
            least = of_level.take_price(price[visit.visit_id], waiting)
            of_level.enter_cover(least, case.size(visit), covers)
            of_level.enter_rows(least, case.size(visit), rows, in_rows)
    return [of_level.value() for of_level in sums]


class _Sum:
    """B_l while it grows: the sum of the p'_v, and for every bin the items that are worth taking."""

    def __init__(self, level: Level, units: Ints) -> None:
        self._level = level
        self._units = units
        self._prices = 0
        self._covers: dict[Cover, Items] = defaultdict(list)
        self._rows: list[Ints] = []
        self._sizes: list[Ints] = []
        self._profits: list[Any] = []
        self._held = 0

    def take_price(self, price: int, waiting: Mapping[str, int]) -> int:
        """Add p'_v, the lesser of the price and the cost of waiting, and return it."""
        least: int = min(price, self._weighted(waiting))
        self._prices += least
        return least

    def enter_cover(self, price: int, size: int, covers: Mapping[Cover, Mapping[str, int]]) -> None:
        """Enter a visit of ``size`` units into each cover bin in which its price exceeds its cost."""
        for cover, cost in covers.items():
            profit = price - self._weighted(cost)
            if profit > 0:
                self._covers[cover].append((size, profit))

    def enter_rows(self, price: int, size: int, rows: Ints, in_rows: Mapping[str, Ints]) -> None:
        """Enter a visit of ``size`` units into each interval of ``rows`` where its price exceeds its cost."""
        if price <= 0 or not len(rows):  # points are never negative, so nothing is worth taking
            return
        largest = sum(w * int(in_rows[term].max()) for term, w in self._level.weight_of.items())
        exact = np.int64 if max(largest, price) < LARGEST else object
        profits = price - self._weighted({term: values.astype(exact) for term, values in in_rows.items()})
        worthwhile = np.asarray(profits > 0, np.bool_)
        if worthwhile.any():
            self._rows.append(rows[worthwhile])
            self._sizes.append(np.full(len(self._rows[-1]), size))
            self._profits.append(profits[worthwhile])
            self._held += len(self._rows[-1])
            if self._held > HELD:
                self._thin_out()

    def value(self) -> int:
        """Return B_l."""
        in_cover = sum(best_value(items, cover.units) for cover, items in self._covers.items())
        in_rows = sum(best_value(items, int(self._units[row])) for row, items in self._items_by_row())
        return self._prices - in_cover - in_rows

    def _weighted(self, of_terms: Mapping[str, Any]) -> Any:
        return sum(weight * of_terms[term] for term, weight in self._level.weight_of.items())

    def _thin_out(self) -> None:
        """Keep of every row and size only as many items as it could hold, those of most profit."""
        rows, sizes, profits = (np.concatenate(parts) for parts in (self._rows, self._sizes, self._profits))
        order = np.lexsort((-profits, sizes, rows))
        rows, sizes, profits = rows[order], sizes[order], profits[order]
        first = np.flatnonzero((np.diff(rows, prepend=-1) != 0) | (np.diff(sizes, prepend=-1) != 0))
        rank = np.arange(len(rows)) - np.repeat(first, np.diff(first, append=len(rows)))
        kept = rank < self._units[rows] // sizes
        self._rows, self._sizes, self._profits = [rows[kept]], [sizes[kept]], [profits[kept]]
        self._held = int(kept.sum())

    def _items_by_row(self) -> Iterator[tuple[int, Items]]:
        if not self._rows:
            return
        self._thin_out()
        (rows,), (sizes,), (profits,) = self._rows, self._sizes, self._profits
        starts = np.flatnonzero(np.diff(rows, prepend=-1)).tolist()
        for start, end in pairwise([*starts, len(rows)]):
            items = zip(sizes[start:end].tolist(), profits[start:end].tolist(), strict=True)
            yield int(rows[start]), list(items)
