"""From packages to the frontier, its named points, the zone of agreement, the nearest signable package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tideover.bargaining.issues import SIDES, Table
from tideover.bargaining.measures import measured
from tideover.bargaining.worth import SUMS, NoDeal, Pay, Side, Worth, worth_of
from tideover.engines.frontier import Frontier, named_points

Bools = npt.NDArray[np.bool_]
#: The named points, in the order in which they are told.
RULES = ("nash", "kalai_smorodinsky", "egalitarian")
#: So many packages at most are paid in search of one that is signable once it is paid.
_TRIED = 50


@dataclass(frozen=True)
class Package:
    """One package, paid: its choice, worth to both sides, measures; ``off`` is by how much sums miss it."""

    choice: tuple[int, ...]
    worth: Mapping[str, float]
    measures: Mapping[str, float]
    off: float


@dataclass(frozen=True)
class Bargain:
    """What the two sides could reach, as guessed.

    - ``method``: ``paid`` or ``sums``; ``off`` is by how much sums miss packages that were paid, at most.
    - ``frontier`` and ``zone``, the rows of it that both prefer to no deal; ``signable`` counts packages.
    - ``points``: by rule; ``last``: by side; ``nearest``: by side, the signable package nearest to its last
      offer. ``None`` where nothing is signable.
    """

    table: Table
    method: str
    packages: int
    frontier: Frontier
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
        return None if choice is None else _package(table, sides, pay, worth, choice)

    points = {
        rule: whole(None if row is None else worth.frontier.choices[row].tolist())
        for rule, row in zip(RULES, (found.nash, found.kalai_smorodinsky, found.egalitarian), strict=True)
    }
    last = {side: _package(table, sides, pay, worth, table.last(side)) for side in SIDES}
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
    return Bargain(
        table,
        worth.method,
        table.count,
        worth.frontier,
        tuple(found.zone.tolist()),
        int(good.sum()),
        reserve,
        points,
        last,
        nearest,
        max(one.off for one in told) if worth.method == SUMS else 0.0,
    )


def _package(
    table: Table, sides: Mapping[str, Side], pay: Pay, worth: Worth, choice: Sequence[int]
) -> Package:
    beside = pay(tuple(choice))
    paid = {side: sides[side].worth(beside) for side in SIDES}
    number = int(np.ravel_multi_index(tuple(choice), worth.sizes))
    off = max(abs(paid[SIDES[0]] - worth.a[number]), abs(paid[SIDES[1]] - worth.b[number]))
    by_side = measured(beside, sides[SIDES[0]].leaving)
    return Package(tuple(choice), paid, by_side, float(off))


def _nearest(table: Table, worth: Worth, good: Bools, side: str) -> Iterator[tuple[int, ...]]:
    """Yield signable packages by their steps from a side's last offer, of equal ones its best first."""
    rows = np.flatnonzero(good)
    steps = np.zeros(rows.size, np.int64)
    for at, option in zip(worth.places, table.last(side), strict=True):
        steps += np.abs(at[rows] - option)
    own = (worth.a if side == SIDES[0] else worth.b)[rows]
    for row in rows[np.lexsort((-own, steps))[:_TRIED]]:
        yield tuple(int(at[row]) for at in worth.places)
