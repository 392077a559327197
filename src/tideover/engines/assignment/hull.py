"""Stronger prices: the linear relaxation in which no bin takes half a large item beside a small one.

With items of one unit and two, what a bin of c units can hold is the hull of

    sum of any k small items + sum of all large items <= (c - k) // 2 + k,    c - k odd,

besides its capacity. HiGHS solves the relaxation over each item's least regrets, warm from the flow; violated
ones of these are added until none is. Its prices of items are worth as much as any prices can be (the
Lagrangian dual of the knapsacks), and are not taken at its word: the bound is made again from them over all
pairs. The number of simplex steps is limited, not the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba as nb
import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import minimum_spanning_tree

from tideover.engines.assignment.problem import Floats, Ints
from tideover.engines.assignment.rows import Pieces, Rows
from tideover.engines.assignment.shortlist import shortlist

if TYPE_CHECKING:
    import highspy

#: Rounds of violated rows (later ones prove next to nothing); entries of an item that are looked at.
_ROUNDS, KEEP = 3, 16
_TOUCHED = 1e-6
_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "presolve": "off",
    "solver": "simplex",
    "simplex_iteration_limit": 200_000,
    "simplex_dual_edge_weight_strategy": 1,
    "dual_simplex_cost_perturbation_multiplier": 0.0,
}


@dataclass(frozen=True)
class Options:
    """What is still open: option o lets ``item`` use ``piece`` (-1: outside) of ``bin`` at ``cost``.

    ``regret``: above what the item's cheapest option asks at the flow's prices; ``share``: of the item that
    the flow has there. All (z,). Costs are in points of the last level.
    """

    item: Ints
    piece: Ints
    bin: Ints
    cost: Floats
    regret: Floats
    share: Floats


@dataclass(frozen=True)
class Hull:
    """A solved relaxation: ``price`` (n,) of the items, ``large`` and ``small`` (m,) items in each bin."""

    price: Floats
    large: Floats
    small: Floats


def options_of(
    rows: Rows, pieces: Pieces, flow: tuple[Ints, Ints, Floats], point: int, reach: float
) -> Options:
    """Return each item's options within ``reach`` points of its cheapest at the prices of the ``flow``.

    ``flow``: (piece of each unit, first unit of each item, prices). What an item has in the flow is among
    them. All that is not on the list counts as one option outside, at the least that it may ask.
    """
    units, first, prices = flow
    n = rows.size.size
    where, entry, regret, _ = shortlist(
        rows.start, rows.bin, rows.cost, rows.outside, rows.size, pieces.single, prices, units, first, KEEP
    )
    asked = np.where(where >= 0, prices[np.maximum(where, 0)], 0.0) * rows.size[:, None]
    cost = np.where(where >= 0, rows.cost[np.maximum(entry, 0)], rows.outside[:, None])
    each = np.arange(n)
    low = (cost + asked - np.where(np.isfinite(regret), regret, 0.0))[:, 0]  # the first is always there
    last = np.where(np.isfinite(regret) & (where >= 0), regret, -1.0).max(axis=1)
    full = (where >= 0).sum(axis=1) >= KEEP
    limit = np.minimum(reach * point, np.where(full, np.maximum(last, 0.0), np.inf))
    item, k = np.nonzero((regret <= limit[:, None]) & (where >= 0))
    unit_item = np.repeat(each, rows.size)
    inside = units >= 0
    there = ((where[unit_item] == units[:, None]) & (regret[unit_item] <= limit[unit_item, None])).any(axis=1)
    lacking = np.unique(unit_item[inside & ~there] * prices.size + units[inside & ~there])
    other, piece = lacking // prices.size, lacking % prices.size
    items = np.concatenate([item, other, each])
    piece = np.concatenate([where[item, k], piece, np.full(n, -1)])
    outside = np.minimum(rows.outside - low, limit)
    found = np.concatenate([regret[item, k], np.zeros(other.size), outside]) / point
    rent = np.where(piece >= 0, prices[np.maximum(piece, 0)], 0.0) * rows.size[items]
    share = _shares(items, piece, unit_item, units, rows.size, prices.size)
    owner = np.where(piece >= 0, pieces.owner[np.maximum(piece, 0)], -1)
    return Options(items, piece, owner, found + (low[items] - rent) / point, found, share)


def _shares(items: Ints, piece: Ints, unit_item: Ints, units: Ints, size: Ints, many: int) -> Floats:
    """Return which part of its item each option (item, piece) has in the flow."""
    key, wanted = items * (many + 1) + piece + 1, unit_item * (many + 1) + units + 1
    order = np.argsort(key, kind="stable")
    at = order[np.searchsorted(key[order], wanted)]
    return np.bincount(at, weights=1 / size[unit_item], minlength=key.size).astype(np.float64)


def solve_hull(options: Options, size: Ints, room: Ints, price: Floats, capacity: Ints) -> Hull:
    """Return prices of the relaxation and what it puts into each bin.

    ``room`` and ``price`` (in points) are of pieces (m',), ``capacity`` of bins (m,).
    """
    program = _program(options, size, room, price)
    inside = options.bin >= 0
    order = np.argsort(options.bin, kind="stable")[int((~inside).sum()) :]
    first = np.searchsorted(options.bin[order], np.arange(capacity.size + 1))
    weight = size[options.item]
    share, asked = options.share, np.zeros(size.size)
    for turn in range(_ROUNDS):
        start, index, most = _violated(order, first, options.item, weight, capacity, share)
        if turn > 0 and most.size == 0:
            break
        free = np.full(most.size, -np.inf)
        ones = np.ones(index.size)
        begin, which = start[:-1].astype(np.int32), index.astype(np.int32)
        program.addRows(most.size, free, most.astype(float), index.size, begin, which, ones)
        program.run()
        solution = program.getSolution()
        share, asked = np.asarray(solution.col_value), np.asarray(solution.row_dual)[: size.size]
    small, large = (
        np.bincount(options.bin[inside & (weight == s)], share[inside & (weight == s)], capacity.size)
        for s in (1, 2)
    )
    return Hull(asked, large.astype(np.float64), small.astype(np.float64))


def _program(options: Options, size: Ints, room: Ints, price: Floats) -> highspy.Highs:
    """Return the transportation relaxation with the flow as its basis, nothing solved yet."""
    import highspy  # noqa: PLC0415 -- a third of a second to load, seldom needed

    n, used = size.size, np.unique(options.piece[options.piece >= 0])
    at = np.where(options.piece >= 0, np.searchsorted(used, options.piece), -1)
    inside = np.flatnonzero(at >= 0)
    z, rows = at.size, n + used.size
    weight = size[options.item].astype(float)
    column = np.concatenate([np.arange(z), inside])
    row = np.concatenate([options.item, n + at[inside]])
    matrix = sp.csc_matrix((np.concatenate([np.ones(z), weight[inside]]), (row, column)), shape=(rows, z))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_, lp.col_cost_ = z, rows, options.cost
    lp.col_lower_, lp.col_upper_ = np.zeros(z), np.full(z, highspy.kHighsInf)
    lp.row_lower_ = np.concatenate([np.ones(n), np.full(used.size, -highspy.kHighsInf)])
    lp.row_upper_ = np.concatenate([np.ones(n), room[used].astype(float)])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    program = highspy.Highs()
    for option, value in _OPTIONS.items():
        program.setOptionValue(option, value)
    program.passModel(lp)
    load = np.bincount(at[inside], weights=(options.share * weight)[inside], minlength=used.size)
    free = load < room[used] - _TOUCHED
    in_basis = _tree(options, at, n, np.where(free, 0.0, 1.0 + price[used]))
    lower, basic, upper = (getattr(highspy.HighsBasisStatus, name) for name in ("kLower", "kBasic", "kUpper"))
    basis = highspy.HighsBasis()
    basis.col_status = [basic if b else lower for b in in_basis[:z].tolist()]
    basis.row_status = [lower] * n + [basic if b else upper for b in in_basis[z:].tolist()]
    basis.valid = True
    program.setBasis(basis)
    return program


def _tree(options: Options, at: Ints, n: int, price: Floats) -> Ints:
    """Return which options (z,) and which free rooms of pieces are in the basis: a spanning tree.

    Its nodes are items, pieces and one root, to which free room and the outside lead. What the flow uses
    comes first, then what asks least above the cheapest.
    """
    pieces = price.size
    root = n + pieces
    start = np.concatenate([options.item, n + np.arange(pieces)])
    end = np.concatenate([np.where(at >= 0, n + at, root), np.full(pieces, root)])
    length = np.concatenate([np.where(options.share > _TOUCHED, 0.0, 1.0 + options.regret), price]) + 1.0
    graph = sp.coo_matrix((length, (start, end)), shape=(root + 1, root + 1)).tocsr()
    tree = minimum_spanning_tree(graph).tocoo()
    taken = tree.row.astype(np.int64) * (root + 1) + tree.col
    found: Ints = np.isin(start * (root + 1) + end, taken).astype(np.int64)
    return found


@nb.njit(cache=True)
def _violated(order, first, item, weight, capacity, share):  # type: ignore[no-untyped-def]
    """Return (start, option, most): rows of options of one bin of which no more than ``most`` can be used.

    ``order`` are options sorted by bin, those of bin j from ``first[j]``.
    """
    start = [0]
    index = [0 for _ in range(0)]
    most = [0 for _ in range(0)]
    who = np.empty(order.size, np.int64)
    part = np.empty(order.size)
    for j in range(capacity.size):
        large = 0.0
        count = 0
        for o in order[first[j] : first[j + 1]]:
            if weight[o] == 2:
                large += share[o]
            elif share[o] > _TOUCHED:  # two pieces of a bin may share an item
                k = count - 1
                while k >= 0 and who[k] != item[o]:
                    k -= 1
                if k < 0:
                    who[count], part[count] = item[o], 0.0
                    k = count
                    count += 1
                part[k] += share[o]
        if large < _TOUCHED or capacity[j] < 2:
            continue
        rank = np.argsort(-part[:count])
        total = large
        for k in range(min(capacity[j], count) + 1):
            if k > 0:
                total += part[rank[k - 1]]
            if (capacity[j] - k) % 2 == 1 and total > (capacity[j] - k) // 2 + k + _TOUCHED:
                for o in order[first[j] : first[j + 1]]:
                    if weight[o] == 2 or _among(item[o], who, rank, k):
                        index.append(o)  # noqa: PERF401 -- Numba knows no generators
                start.append(len(index))
                most.append((capacity[j] - k) // 2 + k)
    return np.array(start), np.array(index), np.array(most)


@nb.njit(cache=True)
def _among(item, who, rank, k):  # type: ignore[no-untyped-def]
    found = False
    for a in range(k):
        found |= who[rank[a]] == item
    return found
