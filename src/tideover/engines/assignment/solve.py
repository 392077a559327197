"""From a problem to a solution with its certificate, level by level."""

from __future__ import annotations

from math import lcm

import numpy as np

from tideover.engines.assignment.ascent import ascend, near_pairs
from tideover.engines.assignment.first_come import first_come
from tideover.engines.assignment.flow import solve_flow
from tideover.engines.assignment.knapsack import relax
from tideover.engines.assignment.problem import Bools, Floats, Ints, Level, Problem, Solution, TooLargeError
from tideover.engines.assignment.rows import Rows, combined, cut, weighed
from tideover.engines.assignment.shortlist import shortlist
from tideover.engines.assignment.whole import anneal, repair

#: A level outweighs the next by this many times the largest cost of one item below it: the first that keeps
#: numbers exact. A chain of moves that gives up one unit of a level seldom gains from more items than that;
#: the bounds show if it does.
CHAINS = (50, 20, 8, 3, 1)
_EXACT = 2**52
_KEEP = 16
_MOVES = 40
_WARMTH = 0.5
_SWEEPS = 3
_MARGIN = 25
_ASCENT_WORK = 1e8
#: Where a level above keeps a gap, its weight is also tried at these shares of the largest cost below it.
_SOFT = (0.05, 0.25)


def solve(problem: Problem, banned: Bools | None = None) -> Solution:
    """Return the best assignment found, with cost, bound and prices for each level of the order.

    The transportation relaxation gives prices, repair makes the items whole, and the knapsack relaxation of
    those prices gives an integer bound that any program can check. ``banned`` (z,) marks pairs that the
    assignment must not use; the bounds are those of the problem with all its pairs. Deterministic.
    """
    weights = weights_of(problem)
    open_to = problem if banned is None else problem.without(banned)
    rows = combined(open_to, weights[-1])
    split = cut(rows)
    prices, units, first = _flow(split)
    pair, came = _whole(split, prices, units, first), first_come(rows)
    if banned is not None:
        kept = np.flatnonzero(~banned)
        pair, came = (np.where(p >= 0, kept[np.maximum(p, 0)], -1) if kept.size else p for p in (pair, came))
        rows, split, prices = _relaxed(problem, weights[-1])
    costs, came_costs = _totals(problem, pair), _totals(problem, came)
    if came_costs < costs:
        pair, costs = came, came_costs
    levels: list[Level] = []
    for level, chosen in enumerate(weights):
        known = (rows, split, prices) if level == problem.levels - 1 else None
        bound, price, used = _best_bound(problem, chosen, costs, levels, known)
        levels.append(Level(used, costs[level], bound, came_costs[level], price))
    last = levels[-1]
    return Solution(pair, tuple(levels), _certified(combined(problem, last.weights), last.price))


def _best_bound(
    problem: Problem,
    weights: tuple[int, ...],
    costs: list[int],
    above: list[Level],
    known: tuple[Rows, Rows, Floats] | None,
) -> tuple[int, Ints, tuple[int, ...]]:
    """Return (bound, prices, weights) of the level of the last weight, given the levels above it.

    ``known`` is the relaxation for ``weights`` if it is there already.
    """
    cost = costs[len(weights) - 1]
    best = (*_cheap_bound(problem, weights, costs), weights)
    if best[0] < cost:
        best = max(
            best,
            (*_priced_bound(*(known or _relaxed(problem, weights)), weights, costs), weights),
            key=_first,
        )
    if best[0] < cost and any(level.gap for level in above):
        for share in _SOFT:
            soft = _softened(problem, weights, above, share)
            best = max(best, (*_priced_bound(*_relaxed(problem, soft), soft, costs), soft), key=_first)
    return best


def _first(found: tuple[int, Ints, tuple[int, ...]]) -> int:
    return found[0]


def _softened(
    problem: Problem, weights: tuple[int, ...], above: list[Level], share: float
) -> tuple[int, ...]:
    """Return ``weights`` in which levels that keep a gap weigh only ``share`` of the largest cost below.

    Any weights prove a bound; where the gap of a level above times its weight drowns the level, small ones
    prove more.
    """
    highest = _highest(problem, len(weights) - 1)
    soft = max(1, round(share * highest)) * weights[-1]
    return (*(soft if level.gap else w for level, w in zip(above, weights, strict=False)), weights[-1])


def weights_of(problem: Problem) -> list[tuple[int, ...]]:
    """Return for each level the weights of the levels up to it; the last weight lets prices be whole.

    Raises ``TooLargeError`` if even the least of ``CHAINS`` gives numbers that are not exact.
    """
    scale = lcm(*(int(s) for s in np.unique(problem.size))) if problem.size.size else 1
    scale = scale if scale <= 60 else 12
    highest = [_highest(problem, level) for level in range(problem.levels)]
    for chain in CHAINS:
        found = [_ordered(highest[: level + 1], scale, chain) for level in range(problem.levels)]
        if all(sum(w * h for w, h in zip(weights, highest, strict=False)) < _EXACT for weights in found):
            return found
    raise TooLargeError("costs are too large to be ordered in levels; use smaller weights")


def _ordered(highest: list[int], scale: int, chain: int) -> tuple[int, ...]:
    """Return weights that each outweigh ``chain`` times all that the levels after can cost an item."""
    weights = [scale]
    reach = highest[-1] * scale
    for most in reversed(highest[:-1]):
        weights.insert(0, chain * reach + scale)
        reach += most * weights[0]
    return tuple(weights)


def _highest(problem: Problem, level: int) -> int:
    arrays = (problem.cost[level], problem.outside[level])
    return max(int(array.max()) if array.size else 0 for array in arrays)


def _totals(problem: Problem, pair: Ints) -> list[int]:
    """Return the cost of an assignment in each level."""
    inside = pair >= 0
    total = problem.cost[:, pair[inside]].sum(axis=1) + problem.outside[:, ~inside].sum(axis=1)
    return [int(cost) for cost in total]


def _flow(split: Rows) -> tuple[Floats, Ints, Ints]:
    """Return (price of each bin per unit, bin of each unit, first unit of each item) of the relaxation."""
    each = np.repeat(split.size, np.diff(split.start))
    large_first = np.argsort(-split.size, kind="stable")
    units, first, prices, _ = solve_flow(
        split.start,
        split.bin,
        split.cost / each,
        split.outside / split.size,
        split.size,
        split.capacity,
        large_first,
    )
    return prices, units, first


def _relaxed(problem: Problem, weights: tuple[int, ...]) -> tuple[Rows, Rows, Floats]:
    rows = combined(problem, weights)
    split = cut(rows)
    return rows, split, _flow(split)[0]


def _whole(split: Rows, prices: Floats, units: Ints, first: Ints) -> Ints:
    """Return the problem's pair of each item, or -1: the flow with every item in one bin."""
    n = split.size.size
    where, entry, regret, chosen = shortlist(
        split.start, split.bin, split.cost, split.outside, split.size, prices, units, first, _KEEP
    )
    at = repair(where, regret, split.size, prices, split.capacity, chosen)
    held = regret[np.arange(n), at]
    if (chosen < 0).any() and (held > 0).any():
        # warm enough to take back what many a small regret costs
        at = anneal(
            where,
            regret,
            split.size,
            prices,
            split.capacity,
            at,
            _MOVES * n,
            _WARMTH * np.median(held[held > 0]),
        )
    found = entry[np.arange(n), at]
    pair: Ints = np.where(found >= 0, split.origin[np.maximum(found, 0)], -1) if split.origin.size else found
    return pair


def _cheap_bound(problem: Problem, weights: tuple[int, ...], costs: list[int]) -> tuple[int, Ints]:
    """Return (bound, prices) when every item pays the least of its row: enough where nothing is scarce."""
    cost, price = weighed(problem, weights)
    some = np.flatnonzero(np.diff(problem.start) > 0)
    if some.size:
        price[some] = np.minimum(price[some], np.minimum.reduceat(cost, problem.start[some]))
    return _level_bound(int(price.sum()), weights, costs), price


def _priced_bound(
    rows: Rows, split: Rows, prices: Floats, weights: tuple[int, ...], costs: list[int]
) -> tuple[int, Ints]:
    """Return the best bound by the flow's prices, with large dear bins left unpriced, and after ascent.

    A large bin's price leaves a fraction of an item; without it the knapsack of the bin is exact.
    """
    large = (rows.capacity > 3)[split.owner] & (prices > 0)
    tried = [_item_prices(split, prices, left_out) for left_out in (np.zeros_like(large), large)]
    found = [(_certified(rows, price), price) for price in tried]
    total, price = max(found, key=lambda one: one[0])
    if rows.size.max(initial=1) == 2:
        better = _ascended(rows, price, _MARGIN * weights[-1])
        total, price = max((total, price), (_certified(rows, better), better), key=lambda one: one[0])
    return _level_bound(total, weights, costs), price


def _ascended(rows: Rows, price: Ints, margin: int) -> Ints:
    """Return prices after some sweeps of ascent; the same prices where bins are too crowded for it."""
    m = rows.capacity.size
    first, bins, cost, by_bin, item, item_cost = near_pairs(rows.start, rows.bin, rows.cost, price, margin, m)
    if (np.diff(by_bin).astype(np.float64) ** 2).sum() > _ASCENT_WORK:
        return price
    near = (first, bins, cost, by_bin, item, item_cost)
    better: Ints = ascend(near, rows.size, rows.capacity, rows.outside, price, margin, _SWEEPS)
    return better


def _item_prices(split: Rows, prices: Floats, left_out: Bools) -> Ints:
    each = np.repeat(split.size, np.diff(split.start))
    reduced = np.where(left_out[split.bin], np.inf, split.cost + each * prices[split.bin])
    lowest = split.outside.astype(np.float64)
    some = np.flatnonzero(np.diff(split.start) > 0)
    if some.size:
        lowest[some] = np.minimum(lowest[some], np.minimum.reduceat(reduced, split.start[some]))
    price: Ints = np.floor(lowest + 1e-6).astype(np.int64)
    return price


def _certified(rows: Rows, price: Ints) -> int:
    """Return the knapsack bound of ``price`` for the combined cost of ``rows``."""
    return int(relax(rows.start, rows.bin, rows.cost, rows.outside, rows.size, rows.capacity, price)[0])


def _level_bound(total: int, weights: tuple[int, ...], costs: list[int]) -> int:
    """Return the bound of the last weight's level, given what the plan costs in the levels before."""
    above = sum(w * c for w, c in zip(weights[:-1], costs, strict=False))
    return max(0, -((above - total) // weights[-1]))
