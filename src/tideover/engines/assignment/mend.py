"""A solution with some of its pairs forbidden: only what they held is placed anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tideover.engines.assignment.problem import Bools, Ints, Level, Problem, Solution
from tideover.engines.assignment.rows import Pieces, combined, cut
from tideover.engines.assignment.shortlist import shortlist
from tideover.engines.assignment.solve import item_bound, level_bound, pairs_of, totals, weights_of
from tideover.engines.assignment.whole import repair

#: Entries of an item's shortlist.
_KEEP = 64


def mend(problem: Problem, solution: Solution, banned: Bools) -> Solution:
    """Return ``solution`` without the pairs that ``banned`` (z,) marks, all else kept as far as it pays.

    Items that lose their pair are placed by chains of ejections at the prices of the solution, then whoever
    gains is moved. The bounds are those of the problem with all its pairs. Deterministic.
    """
    kept = np.flatnonzero(~banned)
    rows = combined(problem.without(banned), weights_of(problem)[-1])
    pieces = cut(rows)
    units, first = _units(problem, solution, banned, pieces)
    where, entry, regret, chosen = shortlist(
        rows.start,
        rows.bin,
        rows.cost,
        rows.outside,
        rows.size,
        pieces.single,
        solution.rents,
        units,
        first,
        _KEEP,
    )
    at = repair(where, regret, rows.size, solution.rents, pieces.capacity, chosen)
    pair = pairs_of(rows, entry[np.arange(rows.size.size), at])
    pair[pair >= 0] = kept[pair[pair >= 0]]
    return replace(solution, pair=pair, levels=_levels(problem, solution, totals(problem, pair)))


def _units(problem: Problem, solution: Solution, banned: Bools, pieces: Pieces) -> tuple[Ints, Ints]:
    """Return (piece of each unit, first unit of each item); -2 for items whose pair is banned."""
    inside = solution.pair >= 0
    piece = np.full(solution.pair.size, -1, np.int64)
    piece[inside] = problem.bin[solution.pair[inside]]
    small = np.flatnonzero(inside & (problem.size == 1))
    small = small[pieces.single[piece[small]] >= 0]
    # a bin cut in two holds its first item of one unit in the single unit: what is left fits the even piece
    bins, one = np.unique(piece[small], return_index=True)
    piece[small[one]] = pieces.single[bins]
    piece[inside] = np.where(banned[solution.pair[inside]], -2, piece[inside])
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(problem.size)])
    return np.repeat(piece, problem.size), first


def _levels(problem: Problem, solution: Solution, costs: list[int]) -> tuple[Level, ...]:
    """Return the levels at ``costs``; where one above costs something else, the bound is reckoned again."""
    levels: list[Level] = []
    changed = False
    for level, cost in zip(solution.levels, costs, strict=True):
        bound = level.bound
        if changed:
            bound = level_bound(item_bound(problem, level.weights, level.price), level.weights, costs)
        levels.append(replace(level, cost=cost, bound=bound))
        changed = changed or cost != level.cost
    return tuple(levels)
