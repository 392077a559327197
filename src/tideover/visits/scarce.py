"""Urgent visits that contend for too little room, as covering problems (formulation S3 to S6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from tideover.engines.assignment import Problem, solve
from tideover.engines.covering import Covering
from tideover.visits.facts import Bools, Ints
from tideover.visits.packs import SESSION_HOURS, Pack, Shelf
from tideover.visits.problem import StrikeDay

Group = tuple[str, date]
#: Where a visit may be held in a session: a site, and a set of roles.
Way = tuple[str, tuple[str, ...]]
#: A set of roles, and the kinds of visit that all of them may see.
RoleSets = dict[tuple[str, ...], frozenset[str | None]]


@dataclass(frozen=True)
class Scarce:
    """Visits (rows of the day) that contend with each other, and their covering problem.

    ``bins`` are those of the day, ``packs`` and ``shelves`` are its kinds of pack and its shelves; ``ways``
    are the sites and roles of each way.
    """

    rows: Ints
    bins: Ints
    groups: tuple[Group, ...]
    packs: tuple[Pack, ...]
    shelves: tuple[Shelf, ...]
    ways: tuple[Way, ...]
    covering: Covering


@dataclass(frozen=True)
class Urgent:
    """The visits to keep safe (a mask over the day's visits), their safe pairs, and what may be asked for.

    ``starts`` are the hours at which sessions may start; ``sites`` those at which each visit may be held (n).
    """

    day: StrikeDay
    kept: Bools
    starts: dict[Group, list[int]]
    roles: dict[Group, RoleSets]
    sites: list[list[str]]

    def scarce(self, forced: Bools) -> list[Scarce]:
        """Return the parts of which some visit finds no safe place; those of ``forced`` may take none."""
        item, bins = self._pairs(self.kept & ~forced)
        outside = self._outside(item, bins, forced)
        rows, groups = _reached(outside, item, bins), self.groups
        inside = np.isin(item, rows)
        item, bins = item[inside], bins[inside]
        parts = []
        for part in _connected(rows, item, bins, groups):
            of_part = np.isin(item, part)
            parts.append(self.part(part, item[of_part], bins[of_part]))
        return parts

    def alone(self, scarce: Scarce, group: Group) -> Scarce:
        """Return the visits of one group of ``scarce`` by themselves, with all the room of the part."""
        groups = self.groups
        rows = np.array([row for row in scarce.rows.tolist() if groups[row] == group], np.int64)
        own = np.zeros(self.kept.size, np.bool_)
        own[rows] = True
        return self.part(rows, *self._pairs(own))

    def part(self, rows: Ints, item: Ints, bins: Ints) -> Scarce:
        """Return the covering problem of the visits of ``rows`` with the pairs (item, bins)."""
        own = [self.groups[row] for row in rows.tolist()]
        ways = [(at, way) for at, row in enumerate(rows.tolist()) for way in self._ways(row)]
        takes = [
            (number, Shelf(own[at][0], own[at][1], clinic, hour, roles), taken)
            for number, (at, (clinic, roles)) in enumerate(ways)
            for hour, taken in self._taken(int(rows[at])).items()
        ]
        shelves = sorted({shelf for _, shelf, _ in takes})
        packs = self._packs(shelves)
        used, place = np.unique(bins), {shelf: at for at, shelf in enumerate(shelves)}
        covering = Covering(
            size=self.day.problem.size[rows] * self.unit,
            capacity=self.day.problem.capacity[used] * self.unit,
            item=np.searchsorted(rows, item),
            bin=np.searchsorted(used, bins),
            way_item=_column([at for at, _ in ways]),
            take_way=_column([number for number, _, _ in takes]),
            take_shelf=_column([place[shelf] for _, shelf, _ in takes]),
            take=_column([taken for _, _, taken in takes]),
            room=_room(packs, place),
            rank=self._ranks(packs),
            forms=_forms(packs),
        )
        found = tuple(way for _, way in ways)
        return Scarce(rows, used, tuple(sorted(set(own))), tuple(packs), tuple(shelves), found, covering)

    def _ways(self, row: int) -> list[Way]:
        group, kind = self.groups[row], self.day.visits["kind"][row]
        sets = [roles for roles, may in self.roles[group].items() if kind in may]
        return [(clinic, roles) for clinic in self.sites[row] for roles in sets]

    def _taken(self, row: int) -> dict[int, int]:
        until = self.starts[self.groups[row]][-1] + SESSION_HOURS
        visits = self.day.visits
        return taken_hours(visits["start"][row].hour, visits["minutes"][row], until)

    @property
    def unit(self) -> int:
        """Minutes of a unit."""
        size = self.day.problem.size
        return int(self.day.visits["minutes"][0] // size[0]) if size.size else 1

    @cached_property
    def groups(self) -> list[Group]:
        """The pool and the date of each visit."""
        return list(self.day.visits.select("pool_id", "date").iter_rows())

    @cached_property
    def in_time(self) -> Bools:
        """Which pairs of the day's problem hold their visit by its safe-by date."""
        day, items = self.day, self.day.problem.items
        bins = np.asarray(day.problem.bin, np.int64)
        when: Ints = day.facts.visit_date[items]
        in_session = bins < day.first_stand
        when[in_session] = day.facts.session_date[day.session_of[bins[in_session]]]
        found: Bools = when <= day.facts.visit_safe_by[items]
        return found

    def _pairs(self, visits: Bools) -> tuple[Ints, Ints]:
        """Return the pairs (row, bin) in which the ``visits`` of a mask are held in time."""
        items: Ints = self.day.problem.items
        bins = np.asarray(self.day.problem.bin, np.int64)
        safe = visits[items] & self.in_time
        return items[safe], bins[safe]

    def _outside(self, item: Ints, bins: Ints, forced: Bools) -> Ints:
        """Return the visits to keep safe that find no safe place when all of them look for one together."""
        rows = np.flatnonzero(self.kept & ~forced)
        size = self.day.problem.size[rows]
        number = np.bincount(np.searchsorted(rows, item), minlength=rows.size)
        problem = Problem(
            size=size,
            capacity=self.day.problem.capacity,
            start=np.concatenate([np.zeros(1, np.int64), np.cumsum(number)]),
            bin=bins,
            cost=np.zeros((1, bins.size), np.int64),
            outside=size[None, :],
        )
        left = rows[solve(problem).pair < 0] if rows.size else rows
        return np.concatenate([left, np.flatnonzero(self.kept & forced)])

    def _packs(self, shelves: Sequence[Shelf]) -> list[Pack]:
        """Return every session that may be asked for at the sites of ``shelves`` by their roles."""
        places = sorted({(shelf[:3], shelf.roles) for shelf in shelves})
        return [
            Pack(pool, day, clinic, hour, roles)
            for (pool, day, clinic), roles in places
            for hour in self.starts[pool, day]
        ]

    def _ranks(self, packs: Sequence[Pack]) -> Ints:
        """Return what makes a session less welcome: fewer roles, neither end of the day, a later start."""
        most = max((len(pack.roles) for pack in packs), default=0)
        rank = []
        for pack in packs:
            hours = self.starts[pack.pool_id, pack.date]
            between = pack.hour not in (hours[0], hours[-1])
            rank.append(1000 * (most - len(pack.roles)) + 100 * between + pack.hour)
        return np.array(rank, np.int64)


def taken_hours(hour: int, minutes: int, until: int) -> dict[int, int]:
    """Return what a visit takes of each hour from ``hour`` on: up to 60 minutes, and of none from ``until``.

    >>> taken_hours(9, 100, 12), taken_hours(11, 100, 12)
    ({9: 60, 10: 40}, {11: 60})
    """
    whole, rest = divmod(minutes, 60)
    parts = [60] * whole + [rest] * (rest > 0)
    return {hour + at: part for at, part in enumerate(parts) if hour + at < until}


def _column(numbers: Sequence[int]) -> Ints:
    return np.array(numbers, np.int64)


def _room(packs: Sequence[Pack], place: Mapping[Shelf, int]) -> Ints:
    found = np.zeros((len(packs), len(place)), np.int64)
    for at, pack in enumerate(packs):
        for shelf in pack.shelves:
            if shelf in place:
                found[at, place[shelf]] = 60
    return found


def _forms(packs: Sequence[Pack]) -> tuple[tuple[int, ...], ...]:
    """Return the sums of sessions on which a proof splits: all, by group, hour, site, role, each alone."""
    sums: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for at, pack in enumerate(packs):
        group = (pack.pool_id, pack.date)
        keys: list[tuple[object, ...]] = [(0,), (1, group), (4, group, pack.roles), (5, *pack.shelves[0][:3])]
        keys += [(2, group, hour) for hour in pack.hours] + [(3, shelf) for shelf in pack.shelves]
        for key in [*keys, (6, pack)]:
            sums[key].append(at)
    ordered = [tuple(sums[key]) for key in sorted(sums, key=lambda key: int(str(key[0])))]
    return tuple(dict.fromkeys(ordered))


def _reached(first: Ints, item: Ints, bins: Ints) -> Ints:
    """Return ``first`` and every visit that may take a bin which one of those before may take."""
    rows, seen = np.unique(first), np.zeros(0, np.int64)
    while True:
        open_to = np.unique(bins[np.isin(item, rows)])
        if open_to.size == seen.size:
            return rows
        seen = open_to
        rows = np.union1d(rows, item[np.isin(bins, open_to)])


def _connected(rows: Ints, item: Ints, bins: Ints, groups: Sequence[Group]) -> list[Ints]:
    """Return ``rows`` in parts that share neither a bin nor a group."""
    root: dict[object, object] = {}

    def find(node: object) -> object:
        """Return the root of the part that ``node`` is in so far; the way to it is shortened."""
        while root.setdefault(node, node) != node:
            root[node] = node = root[root[node]]
        return node

    def join(pairs: Iterable[tuple[object, object]]) -> None:
        """Make one part of the two of each pair."""
        for one, other in pairs:
            root[find(one)] = find(other)

    join((("visit", row), ("group", groups[row])) for row in rows.tolist())
    join((("visit", row), ("bin", at)) for row, at in zip(item.tolist(), bins.tolist(), strict=True))
    parts: dict[object, list[int]] = defaultdict(list)
    for row in rows.tolist():
        parts[find(("visit", row))].append(row)
    return [np.array(part, np.int64) for part in parts.values()]
