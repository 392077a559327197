"""From a covering problem to the fewest packs, and to the cases that prove that fewer will not do.

The linear and mixed-integer programs are solved by HiGHS through SciPy. Its bounds are not taken on
trust: ``cases.bound_of`` makes them again from whole prices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack

from tideover.engines.covering.cases import Case, Leaf, Side, Split, bound_of
from tideover.engines.covering.cuts import filled, one_of
from tideover.engines.covering.problem import Covering, Floats, Ints

#: Prices are whole numbers of this part of a pack.
SCALE = 100_000_000
#: The search for whole places, and the splits of a proof, end here: counted, not timed, so that every
#: machine gives the same answer.
NODES = 2_000
RANKED = 50
SPLITS = 150
_GRAIN = 1e-6


@dataclass(frozen=True)
class Covered:
    """How many packs of each kind (t,), and where every item goes: ``place`` (n,): a bin, or m + a way."""

    count: Ints
    place: Ints


def fewest(covering: Covering) -> Covered:
    """Return the fewest packs found with a place for every item. Deterministic.

    The fewest there are unless the search ends first (``NODES``); ``least`` says how far off it may be. Of
    several answers with so many, one of least rank. Raises ``ValueError`` if an item may go nowhere.
    """
    rows = _places(covering)
    limits = [LinearConstraint(rows.items, lb=1, ub=1), LinearConstraint(rows.rooms, ub=rows.held)]
    pairs = covering.item.size + covering.way_item.size
    number = np.concatenate([np.ones(covering.kinds), np.zeros(pairs)])
    rank = np.concatenate([covering.rank.astype(np.float64), np.zeros(pairs)])
    found = _whole(covering, number, limits, NODES)
    if found is None:
        raise ValueError("an item of a covering problem may go nowhere, or the search was too short")
    least_packs = LinearConstraint(number[None, :], ub=int(found[: covering.kinds].sum()))
    better = _whole(covering, rank, [*limits, least_packs], RANKED)
    chosen = found if better is None else better
    return Covered(chosen[: covering.kinds], _place_of(covering, chosen[covering.kinds :]))


def _whole(covering: Covering, goal: Floats, limits: list[LinearConstraint], nodes: int) -> Ints | None:
    upper = np.where(np.arange(goal.size) < covering.kinds, _most(covering), 1)
    result = milp(
        goal,
        integrality=np.ones(goal.size),
        bounds=Bounds(0, upper),
        constraints=limits,
        options={"mip_rel_gap": 0, "node_limit": nodes},
    )
    return None if result.x is None else np.round(result.x).astype(np.int64)


def least(covering: Covering, enough: int) -> tuple[int, Case]:
    """Return a number of packs that no answer can do without, and the cases that prove it.

    ``enough`` is a number that is known to do: the search for a proof stops there.
    """
    case = _Search(covering, enough).prove(())
    found = bound_of(covering, case)
    return int(min(found, enough)), case


def _most(covering: Covering) -> int:
    """Return a number of packs of one kind that nobody needs more of: enough for each way by itself."""
    smallest = covering.room[covering.room > 0].min(initial=1 << 30)
    return int((-(-covering.take // smallest)).sum())


@dataclass(frozen=True)
class _Rows:
    """The constraints over the variables (packs, item-bin pairs, ways), one row each."""

    items: csr_array
    rooms: csr_array
    held: Floats


def _places(covering: Covering) -> _Rows:
    n, m, (kinds, shelves) = covering.size.size, covering.capacity.size, covering.room.shape
    z, w = covering.item.size, covering.way_item.size
    item = np.concatenate([covering.item, covering.way_item])
    inside = coo_array((np.ones(z + w), (item, np.arange(z + w))), shape=(n, z + w))
    taken = coo_array(
        (
            np.concatenate([covering.size[covering.item], covering.take]).astype(np.float64),
            (
                np.concatenate([covering.bin, m + covering.take_shelf]),
                np.concatenate([np.arange(z), z + covering.take_way]),
            ),
        ),
        shape=(m + shelves, z + w),
    )
    brought = vstack([csr_array((m, kinds)), csr_array(-covering.room.T.astype(np.float64))])
    return _Rows(
        csr_array(hstack([csr_array((n, kinds)), inside])),
        csr_array(hstack([brought, taken])),
        np.concatenate([filled(covering), np.zeros(shelves)]).astype(np.float64),
    )


def _place_of(covering: Covering, chosen: Ints) -> Ints:
    place = np.full(covering.size.size, -1, np.int64)
    item = np.concatenate([covering.item, covering.way_item])
    ways = covering.capacity.size + np.arange(covering.way_item.size)
    taken = np.flatnonzero(chosen)
    place[item[taken]] = np.concatenate([covering.bin, ways])[taken]
    return place


class _Search:
    """Branch and bound on sums of packs alone; the places of the items stay fractions."""

    def __init__(self, covering: Covering, enough: int) -> None:
        self._covering = covering
        self._enough = enough
        self._splits = SPLITS
        rows = _places(covering)
        n, kinds = covering.size.size, covering.kinds
        cuts = one_of(covering)
        single = hstack(
            [csr_array((cuts.shape[0], kinds)), cuts, csr_array((cuts.shape[0], covering.way_item.size))]
        )
        # an item may stay outside, dearer than any answer: so every program has an answer and prices
        outside = vstack([csr_array(-np.eye(n)), csr_array((rows.rooms.shape[0] + cuts.shape[0], n))])
        self._matrix = csr_array(hstack([vstack([-rows.items, rows.rooms, single]), outside]))
        self._limit = np.concatenate([np.full(n, -1.0), rows.held, np.ones(cuts.shape[0])])
        pairs = rows.items.shape[1] - kinds
        self._goal = np.concatenate([np.ones(kinds), np.zeros(pairs), np.full(n, float(enough + 1))])

    def prove(self, above: tuple[Side, ...]) -> Case:
        """Return the cases below the sides ``above``, split where prices alone prove too little."""
        count, leaf = self._relaxed(above)
        if not self._splits or bound_of(self._covering, leaf, above) >= self._enough:
            return leaf
        for form in self._covering.forms:
            number = float(count[list(form)].sum())
            at = math.floor(number + _GRAIN)
            if number - at > _GRAIN:
                self._splits -= 1
                most, more = (self.prove((*above, Side(form, at, more=way))) for way in (False, True))
                return Split(form, at, most, more)
        return leaf

    def _relaxed(self, above: tuple[Side, ...]) -> tuple[Floats, Leaf]:
        n, kinds = self._covering.size.size, self._covering.kinds
        sides = np.zeros((len(above), self._matrix.shape[1]))
        ends = np.zeros(len(above))
        for row, side in enumerate(above):
            sides[row, list(side.form)] = -1 if side.more else 1
            ends[row] = -(side.at + 1) if side.more else side.at
        matrix = vstack([self._matrix, csr_array(sides)]) if above else self._matrix
        result: Any = linprog(
            self._goal, A_ub=matrix, b_ub=np.concatenate([self._limit, ends]), method="highs"
        )
        if result.x is None:
            raise RuntimeError(f"the relaxation of a covering problem has no answer: {result.message}")
        worth = np.maximum(0, np.floor(-result.ineqlin.marginals * SCALE + 0.5)).astype(np.int64)
        first = n + self._covering.capacity.size
        rates = worth[first : first + self._covering.room.shape[1]]
        return result.x[:kinds], Leaf(worth[:n], rates, tuple(worth[worth.size - len(above) :].tolist()))
