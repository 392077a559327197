"""From packages to the frontier, its named points, the zone of agreement, the nearest signable package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tideover.bargaining.issues import SIDES, Table
from tideover.bargaining.measures import measured
from tideover.bargaining.worth import NoDeal, Pay, Side, Worth, worth_of
from tideover.engines.frontier import Frontier, named_points

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
#: The named points, in the order in which they are told.
RULES = ("nash", "kalai_smorodinsky", "egalitarian")
#: So many packages at most are paid in search of one that is signable once it is paid.
_TRIED = 50


@dataclass(frozen=True)
class Package:
    """One package, paid: its choice, worth to both sides, measures; ``reckoned`` is the kernel's worth."""

    choice: tuple[int, ...]
    worth: Mapping[str, float]
    measures: Mapping[str, float]
    reckoned: Mapping[str, float]

    @property
    def off(self) -> float:
        """By how much the kernel misses it, for the side for which that is more."""
        return max(abs(self.worth[side] - self.reckoned[side]) for side in SIDES)


@dataclass(frozen=True)
class Bargain:
    """What the two sides could reach, as guessed.

    - ``method``: ``paid`` or ``kernel``; ``off`` is by how much the kernel misses packages told, at most.
    - ``frontier``, all of it paid, ``reckoned``, what the kernel gave for it (points, sides), and ``zone``,
      the rows of it that both prefer to no deal; ``signable`` counts packages.
    - ``points``: by rule; ``last``: by side; ``nearest``: by side, the signable package nearest to its last
      offer. ``None`` where nothing is signable.
    """

    table: Table
    method: str
    packages: int
    frontier: Frontier
    reckoned: Floats
    zone: tuple[int, ...]
    signable: int
    no_deal: Mapping[str, float]
    points: Mapping[str, Package | None]
    last: Mapping[str, Package]
    nearest: Mapping[str, Package | None]
    off: float


def bargain(table: Table, sides: Mapping[str, Side], no_deal: Mapping[str, NoDeal], pay: Pay) -> Bargain:
    """Return the frontier, points, zone and nearest signable packages (formulation B1 to B8)."""
    worth = worth_of(table, sides, pay)
    length = pay(table.last(SIDES[0])).length
    reserve = {side: -no_deal[side].days * no_deal[side].cost_per_day / length for side in SIDES}
    floor = (reserve[SIDES[0]], reserve[SIDES[1]])
    found = named_points(worth.frontier, floor)
    good = (worth.a >= floor[0]) & (worth.b >= floor[1])

    def whole(choice: Sequence[int] | None) -> Package | None:
        """Return a package, paid; ``None`` for none."""
        return None if choice is None else _package(sides, pay, worth, choice)

    points = {
        rule: whole(None if row is None else worth.frontier.choices[row].tolist())
        for rule, row in zip(RULES, (found.nash, found.kalai_smorodinsky, found.egalitarian), strict=True)
    }
    last = {side: _package(sides, pay, worth, table.last(side)) for side in SIDES}
    nearest = {
        side: next(
            (
                one
                for one in map(whole, _nearest(table, worth, good, side))
                if one is not None and all(one.worth[each] >= reserve[each] for each in SIDES)
            ),
            None,
        )
        for side in SIDES
    }
    told = [one for one in (*points.values(), *last.values(), *nearest.values()) if one is not None]
    of_frontier = np.stack([worth.frontier.a, worth.frontier.b], axis=1)
    return Bargain(
        table,
        worth.method,
        table.count,
        worth.frontier,
        worth.reckoned,
        tuple(found.zone.tolist()),
        int(good.sum()),
        reserve,
        points,
        last,
        nearest,
        max([*(one.off for one in told), float(np.abs(of_frontier - worth.reckoned).max())]),
    )


def _package(sides: Mapping[str, Side], pay: Pay, worth: Worth, choice: Sequence[int]) -> Package:
    beside = pay(tuple(choice))
    paid = {side: sides[side].worth(beside) for side in SIDES}
    number = int(np.ravel_multi_index(tuple(choice), worth.sizes))
    reckoned = dict(zip(SIDES, (float(worth.a[number]), float(worth.b[number])), strict=True))
    by_side = measured(beside, sides[SIDES[0]].leaving)
    return Package(tuple(choice), paid, by_side, reckoned)


def _nearest(table: Table, worth: Worth, good: Bools, side: str) -> Iterator[tuple[int, ...]]:
    """Yield signable packages by their steps from a side's last offer, of equal ones its best first."""
    rows = np.flatnonzero(good)
    steps = np.zeros(rows.size, np.int64)
    for at, option in zip(worth.places, table.last(side), strict=True):
        steps += np.abs(at[rows] - option)
    own = (worth.a if side == SIDES[0] else worth.b)[rows]
    for row in rows[np.lexsort((-own, steps))[:_TRIED]]:
        yield tuple(int(at[row]) for at in worth.places)
