"""The bound of every level, from the prices alone, in one pass over all allowed pairs; formulation (17).

For any integer prices p_v the value B_l is at most the weighted cost of every plan, so nothing about how
the prices were found has to be believed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

import numpy as np

from tideover.verify.bins import Interval
from tideover.verify.case import Case, Visit
from tideover.verify.cover import Cover
from tideover.verify.pairs import Board, Ints
from tideover.verify.rules import declined_site, may_stand_at, may_wait, points, points_in_cover
from tideover.verify.sites import Desk, most_gained

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


def best_values(items: Items, capacity: int) -> list[int]:
    """Return the greatest profit of (size, profit) items that fit, for every capacity from 0 to ``capacity``.

    Each item is taken at most once. Of each size only the ``capacity // size`` most profitable can be of use;
    the rest is never looked at.

    >>> best_values([(2, 5), (1, 3), (1, 1), (2, 4)], 3)
    [0, 3, 5, 8]
    """
    by_size = defaultdict(list)
    for size, profit in items:
        by_size[size].append(profit)
    best = [0] * (capacity + 1)
    for size, profits in by_size.items():
        for profit in sorted(profits, reverse=True)[: capacity // size]:
            for room in range(capacity, size - 1, -1):
                best[room] = max(best[room], best[room - size] + profit)
    return best


def best_value(items: Items, capacity: int) -> int:
    """Return the greatest profit of (size, profit) items that fit into ``capacity``, each at most once.

    >>> best_value([(2, 5), (1, 3), (1, 1), (2, 4)], 3)
    8
    """
    if sum(size for size, _ in items) <= capacity:
        return sum(profit for _, profit in items)
    return best_values(items, capacity)[capacity]


def gained_at(desk: Desk, items_at: Callable[[int, int], Items]) -> int:
    """Return K_pool: the most that the items of sites and hours gain, over all ways to send posts; (17).

    ``items_at(s, h)`` are those that site s may see in hour h, both counted from 0.
    """
    worth = []
    for at, site in enumerate(desk.sites):
        rooms = {number: desk.room(site, number) for number in site.numbers}
        worth.append(worth_of_posts(rooms, [items_at(at, hour) for hour in range(len(desk.hours))]))
    return most_gained(desk.posts, worth)


def worth_of_posts(rooms: Mapping[int, Sequence[int]], items: Sequence[Items]) -> dict[int, int]:
    """Return the sum over hours of K_sh(a) for each number a of posts, with its room in each hour; (17)."""
    total = dict.fromkeys(rooms, 0)
    for hour, of_hour in enumerate(items):
        if of_hour:
            most = min(max((room[hour] for room in rooms.values()), default=0), sum(s for s, _ in of_hour))
            best = best_values(of_hour, most)
            for number, room in rooms.items():
                total[number] += best[min(most, room[hour])]
    return total


@dataclass(frozen=True)
class Bins:
    """All that visits may go into: open intervals, cover as the posts were sent, and who sends the posts.

    Cover with a clinic is the room of a site of one of ``desks``; the bound asks the desks themselves.
    """

    intervals: Sequence[Interval]
    cover: Sequence[Cover]
    desks: Sequence[Desk]

    @cached_property
    def of_hour(self) -> Mapping[tuple[str, date, int], Sequence[Cover]]:
        """The cover that no posts decide about, by pool, date and hour: standby, and booked places."""
        found = defaultdict(list)
        for one in self.cover:
            if one.clinic_id is None:
                found[one.pool_id, one.date, one.hour].append(one)
        return found

    @cached_property
    def of_pool(self) -> Mapping[tuple[str, date], tuple[int, Desk]]:
        """The desks by pool and date, with their numbers."""
        return {(desk.pool_id, desk.date): (number, desk) for number, desk in enumerate(self.desks)}


#: A site of a desk in one hour: the numbers of desk, site and hour.
Spot = tuple[int, int, int]


def waiting_places(case: Case, bins: Bins, visit: Visit) -> dict[Cover, dict[str, int]]:
    """Return the cover that no posts decide about and that the visit may take, with its points there."""
    here = bins.of_hour.get((case.cover_pool(visit), visit.day, visit.start.hour), [])
    return {
        one: points_in_cover(case, visit, one.option, visit.clinic_id)
        for one in here
        if case.size(visit) <= one.units and (one.option == "stand" or may_wait(case, visit))
    }


def spots(case: Case, bins: Bins, visit: Visit) -> dict[Spot, dict[str, int]]:
    """Return the sites of its pool at which the visit may be seen at its hour, with its points there."""
    number, desk = bins.of_pool.get((visit.pool_id or "", visit.day), (0, None))
    if desk is None or visit.start.hour not in desk.hours:
        return {}
    hour = desk.hours.index(visit.start.hour)
    found = {}
    for at, site in enumerate(desk.sites):
        if may_stand_at(case, visit, site.clinic_id) and not declined_site(visit, site.clinic_id):
            option = "stand" if site.clinic_id == visit.clinic_id else "another_site"
            found[number, at, hour] = points_in_cover(case, visit, option, site.clinic_id)
    return found


def relaxed_values(
    case: Case, bins: Bins, levels: Sequence[Level], prices: Sequence[Mapping[str, int]]
) -> list[int]:
    """Return B_l of every level without the pinned visits; ``prices`` maps visit_id to p_v for each level."""
    board = Board(case, bins.intervals)
    sums = [_Sum(level, board.units, bins.desks) for level in levels]
    for visit in case.free_visits:
        rows = board.allowed(visit)
        in_rows = board.points(visit, rows)
        waiting = points(case, visit, "waitlist", None, visit.day)
        covers = waiting_places(case, bins, visit)
        at_sites = spots(case, bins, visit)
        size = case.size(visit)
        for of_level, price in zip(sums, prices, strict=True):
            least = of_level.take_price(price[visit.visit_id], waiting)
            of_level.enter_cover(least, size, covers)
            of_level.enter_spots(least, size, at_sites)
            of_level.enter_rows(least, size, rows, in_rows)
    return [of_level.value() for of_level in sums]


class _Sum:
    """B_l while it grows: the sum of the p'_v, and for every bin the items that are worth taking."""

    def __init__(self, level: Level, units: Ints, desks: Sequence[Desk]) -> None:
        self._level = level
        self._units = units
        self._desks = desks
        self._spots: dict[Spot, Items] = defaultdict(list)
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

    def enter_spots(self, price: int, size: int, at_sites: Mapping[Spot, Mapping[str, int]]) -> None:
        """Enter a visit of ``size`` units at each site at which its price exceeds its cost."""
        for spot, cost in at_sites.items():
            profit = price - self._weighted(cost)
            if profit > 0:
                self._spots[spot].append((size, profit))

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
        at_sites = sum(
            gained_at(desk, partial(self._items_at_spot, number)) for number, desk in enumerate(self._desks)
        )
        return self._prices - in_cover - at_sites - in_rows

    def _items_at_spot(self, desk: int, site: int, hour: int) -> Items:
        return self._spots.get((desk, site, hour), [])

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
