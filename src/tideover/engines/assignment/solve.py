"""From a problem to a solution with its certificate, level by level."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import lcm

import numpy as np

from tideover.engines.assignment.ascent import ascend, near_pairs
from tideover.engines.assignment.auction import by_auction
from tideover.engines.assignment.exchange import Slots, entries_of, improved, slots_of, steered
from tideover.engines.assignment.first_come import first_come
from tideover.engines.assignment.flow import item_prices, solve_flow
from tideover.engines.assignment.hull import Hull, options_of, solve_hull
from tideover.engines.assignment.knapsack import relax
from tideover.engines.assignment.problem import Floats, Ints, Level, Problem, Solution, TooLargeError
from tideover.engines.assignment.rows import (
    Pieces,
    Rows,
    cheaper,
    combined,
    cut,
    least,
    least_with_rent,
)
from tideover.engines.assignment.shortlist import shortlist
from tideover.engines.assignment.whole import anneal, repair

#: A level outweighs the next by this many times the largest cost of one item below it: the first that keeps
#: numbers exact. A chain of moves that gives up one unit of a level seldom gains from more items than that;
#: the bounds show if it does.
CHAINS = (50, 20, 8, 3, 1)
_EXACT = 2**52
#: Lengths of the shortlists that are tried, moves for each item that are tried, and the share of the last
#: level's cost that no more moves are spent on.
_KEEP = (16, 64, 256, 2**20)
_MOVES = (10, 10, 30)
_ENOUGH = 0.0005
_WARMTH = 0.5
#: On a crowded day: the shortest shortlist, tries from hot to cool, moves for each item in one, and the first
#: warmth as a share of the median price.
_CROWDED_KEEP, _COOLING, _CROWDED_MOVES, _HEAT = 48, 5, 15, 0.1
_SWEEPS = 3
#: Shortest paths give up after reading all pairs so many times, sooner where demand exceeds capacity: then an
#: auction is faster, and as good where nearly everything is sold.
_PATIENCE, _OVERLOADED = 100, 10
#: As many pairs may always be read: a blink.
_ALWAYS = 5_000_000
#: How far below a whole number a price of shortest paths may be, and one of an auction.
_EXACTLY, _NEARLY = 1e-6, 0.25
_MARGIN = 25
_ASCENT_WORK = 1e8
#: What a plan of slots may be off at first, of the last level's cost, to come near enough by exchange alone.
_NEAR = 0.004
#: The linear program of the hull is solved up to so many items.
_LARGEST_PROGRAM = 40_000
#: Where a level above keeps a gap, its weight is also tried at these shares of the largest cost below it.
_SOFT = (0.05, 0.25)


def solve(problem: Problem) -> Solution:
    """Return the best assignment found, with cost, bound and prices for each level of the order.

    The transportation relaxation gives prices, repair makes the items whole, and the knapsack relaxation of
    those prices gives an integer bound that any program can check. Deterministic.
    """
    weights = weights_of(problem)
    pair, came, relaxed = _planned(problem, weights)
    costs, came_costs = totals(problem, pair), totals(problem, came)
    levels: list[Level] = []
    for level, chosen in enumerate(weights):
        known = relaxed if level == problem.levels - 1 else None
        bound, price, used = _best_bound(problem, chosen, costs, levels, known, crowded=relaxed.crowded)
        levels.append(Level(used, costs[level], bound, came_costs[level], price))
    last = levels[-1]
    rows = relaxed.rows if last.weights == weights[-1] else combined(problem, last.weights)
    return Solution(pair, tuple(levels), _certified(rows, last.price), relaxed.prices)


@dataclass(frozen=True)
class _Relaxed:
    """A weighted sum of levels with its transportation relaxation, and what that proves.

    ``units``, ``first``, ``prices`` are what ``solve_flow`` returns, or where it gives up ``by_auction``:
    then the day is ``crowded``. ``price`` (n,) are integer prices of the items, ``bound`` what they prove for
    the weighted sum.
    """

    rows: Rows
    pieces: Pieces
    units: Ints
    first: Ints
    prices: Floats
    price: Ints
    bound: int
    crowded: bool


def _relaxed(problem: Problem, weights: tuple[int, ...], *, crowded: bool = False) -> _Relaxed:
    """Return the relaxation; where the day is known to be ``crowded``, by an auction at once."""
    rows = combined(problem, weights)
    pieces = cut(rows)
    # who would pay most for staying outside enters first, and is seldom moved again
    dear_first = np.lexsort((-rows.size, -rows.outside / rows.size))
    paths = None if crowded else _by_paths(rows, pieces, dear_first)
    units, first, prices = paths or by_auction(rows, pieces, dear_first)
    bound, price = _best_prices(rows, pieces, prices, _EXACTLY if paths else _NEARLY)
    return _Relaxed(rows, pieces, units, first, prices, price, bound, paths is None)


def _tightened(relaxed: _Relaxed, point: int) -> tuple[_Relaxed, Hull | None]:
    """Return the relaxation with better prices where items are of one unit or two, and what the hull holds.

    By the hull of each bin; on a crowded day, or where that is a program too large, by ascent.
    """
    rows, pieces, prices = relaxed.rows, relaxed.pieces, relaxed.prices
    hull = None
    if rows.size.max(initial=1) != 2:
        return relaxed, None
    if relaxed.crowded or rows.size.size > _LARGEST_PROGRAM:
        better = _ascended(rows, relaxed.price, _MARGIN * point)
    else:
        flow = (relaxed.units, relaxed.first, prices)
        options = options_of(rows, pieces, flow, point, 1.5 * _reach(prices, point) / point)
        hull = solve_hull(options, rows.size, pieces.capacity, prices / point, rows.capacity)
        better = np.minimum(np.rint(hull.price * point).astype(np.int64), rows.outside)
    bound = _certified(rows, better)
    if bound > relaxed.bound:
        relaxed = replace(relaxed, price=better, bound=bound)
    return relaxed, hull


def _reach(prices: Floats, point: int) -> int:
    """Return how much dearer than its cheapest a pair may be to be looked at: what rooms usually cost."""
    return max(point, int(np.median(prices[prices > 0]))) if (prices > 0).any() else point


def _by_paths(rows: Rows, pieces: Pieces, order: Ints) -> tuple[Ints, Ints, Floats] | None:
    """Return what ``solve_flow`` finds, or nothing where it gives up."""
    patience = _PATIENCE if rows.size.sum() <= rows.capacity.sum() else _OVERLOADED
    found = solve_flow(
        rows.start,
        rows.bin,
        rows.cost,
        rows.outside,
        rows.size,
        pieces.single,
        pieces.capacity,
        order,
        max(_ALWAYS, patience * rows.bin.size),
    )
    return found[:3] if found[3] else None


def _planned(problem: Problem, weights: list[tuple[int, ...]]) -> tuple[Ints, Ints, _Relaxed]:
    """Return (pair of each item in the plan, the same if they choose in turn, relaxation of all levels).

    Where a shortlist is too short to be as good as choosing in turn, a longer one is tried.
    """
    relaxed = _relaxed(problem, weights[-1])
    came = first_come(relaxed.rows)
    if relaxed.crowded or relaxed.rows.size.max(initial=1) != 2:
        relaxed = _tightened(relaxed, weights[-1][-1])[0]
    else:
        pair, relaxed = _by_slots(problem, weights[-1], relaxed)
        if totals(problem, pair) <= totals(problem, came):
            return pair, came, relaxed
    widest = int(np.diff(problem.start).max(initial=0)) * 2  # a pair may stand for two pieces
    for keep in (_CROWDED_KEEP, *_KEEP[2:]) if relaxed.crowded else _KEEP:
        pair = _whole(problem, weights[-1], relaxed, keep)
        if totals(problem, pair) <= totals(problem, came):
            return pair, came, relaxed
        if keep >= widest:
            break
    return came, came, relaxed


def _best_bound(
    problem: Problem,
    weights: tuple[int, ...],
    costs: list[int],
    above: list[Level],
    known: _Relaxed | None,
    *,
    crowded: bool,
) -> tuple[int, Ints, tuple[int, ...]]:
    """Return (bound, prices, weights) of the level of the last weight, given the levels above it.

    ``known`` is the relaxation for ``weights`` if it is there already.
    """
    cost = costs[len(weights) - 1]
    price = least(problem, weights)  # enough where nothing is scarce
    best = (level_bound(int(price.sum()), weights, costs), price, weights)
    tried = [weights]
    if any(level.gap for level in above):
        tried += [_softened(problem, weights, above, share) for share in _SOFT]
    for chosen in tried:
        if best[0] >= cost:
            break
        again = known if chosen == weights else None
        relaxed = again or _tightened(_relaxed(problem, chosen, crowded=crowded), chosen[-1])[0]
        found = (level_bound(relaxed.bound, chosen, costs), relaxed.price, chosen)
        best = max(best, found, key=lambda one: one[0])
    return best


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


def totals(problem: Problem, pair: Ints) -> list[int]:
    """Return the cost of an assignment in each level."""
    inside = pair >= 0
    total = problem.cost[:, pair[inside]].sum(axis=1) + problem.outside[:, ~inside].sum(axis=1)
    return [int(cost) for cost in total]


def _whole(problem: Problem, weights: tuple[int, ...], relaxed: _Relaxed, keep: int) -> Ints:
    """Return the problem's pair of each item, or -1: the flow with every item in one bin.

    Moves are tried until the plan is proven good enough, or as often as ``_MOVES`` says.
    """
    rows, pieces, prices = relaxed.rows, relaxed.pieces, relaxed.prices
    where, entry, regret, chosen = shortlist(
        rows.start,
        rows.bin,
        rows.cost,
        rows.outside,
        rows.size,
        pieces.single,
        prices,
        relaxed.units,
        relaxed.first,
        keep,
    )
    each = np.arange(rows.size.size)
    at = repair(where, regret, rows.size, prices, pieces.capacity, chosen)
    held = regret[each, at]
    if (chosen < 0).any() and (held > 0).any():
        for warm, moves in _schedule(held[held > 0], prices[prices > 0], crowded=relaxed.crowded):
            if _good_enough(totals(problem, pairs_of(rows, entry[each, at])), weights, relaxed.bound):
                break
            at = anneal(where, regret, rows.size, prices, pieces.capacity, at, moves * each.size, warm)
    return pairs_of(rows, entry[each, at])


def _by_slots(problem: Problem, weights: tuple[int, ...], relaxed: _Relaxed) -> tuple[Ints, _Relaxed]:
    """Return the problem's pair of each item, or -1, and the relaxation with the prices that were needed.

    The flow's slots are exchanged until the plan is proven good enough; if that does not come, the hull
    gives better prices, and slots from which to go on.
    """
    rows, point = relaxed.rows, weights[-1]
    flow = (relaxed.units, relaxed.first, relaxed.prices)
    reach = _reach(relaxed.prices, point)
    slots = slots_of(rows, relaxed.pieces, flow, relaxed.price, 2 * reach)

    def enough(now: Slots) -> bool:
        """Whether the plan of slots is proven near enough to the best."""
        pair = pairs_of(rows, entries_of(now))
        return _good_enough(totals(problem, pair), weights, relaxed.bound)

    entry = entries_of(slots)
    if slots.total - relaxed.bound <= _NEAR * point * totals(problem, pairs_of(rows, entry))[-1]:
        entry = improved(slots, reach, enough)
    if not enough(slots):
        relaxed, hull = _tightened(relaxed, point)
        if hull:
            steered(slots, hull.large, hull.small)
        again = improved(slots, reach, enough)
        entry = min(entry, again, key=lambda one: totals(problem, pairs_of(rows, one)))
    return pairs_of(rows, entry), relaxed


def _schedule(held: Floats, prices: Floats, *, crowded: bool) -> list[tuple[float, int]]:
    """Return (warmth, moves for each item) of each try: enough to take back what many a small regret costs.

    On a crowded day what is left free costs a whole price: first it is as warm as prices are.
    """
    cool = float(np.median(held))
    if not crowded:
        return [(_WARMTH * cool, moves) for moves in _MOVES]
    hot = max(cool, _HEAT * float(np.median(prices)) if prices.size else 0.0)
    return [(float(warm), _CROWDED_MOVES) for warm in np.geomspace(hot, cool, _COOLING)]


def pairs_of(rows: Rows, entry: Ints) -> Ints:
    """Return the problem's pairs of entries of the rows; -1 stays -1."""
    pair = np.full(entry.size, -1, np.int64)
    pair[entry >= 0] = rows.origin[entry[entry >= 0]]  # there may be no pair at all
    return pair


def _good_enough(costs: list[int], weights: tuple[int, ...], bound: int) -> bool:
    """Whether no plan can cost less than this one by more than ``_ENOUGH`` of its last level."""
    total = sum(w * cost for w, cost in zip(weights, costs, strict=True))
    return total - bound <= _ENOUGH * weights[-1] * costs[-1]


def _best_prices(rows: Rows, pieces: Pieces, prices: Floats, slack: float) -> tuple[int, Ints]:
    """Return the better (bound, item prices) of the flow's prices with all bins and without large dear ones.

    A large bin's price leaves a fraction of an item; without it the knapsack of the bin is exact.
    """
    large = (rows.capacity > 3)[pieces.owner] & (prices > 0)
    given = (rows.start, rows.bin, rows.cost, rows.outside, rows.size, pieces.single, prices)
    tried = [item_prices(*given, left_out, slack) for left_out in (np.zeros_like(large), large)]
    return max(((_certified(rows, price), price) for price in tried), key=lambda one: one[0])


def _ascended(rows: Rows, price: Ints, margin: int) -> Ints:
    """Return prices after some sweeps of ascent; the same prices where bins are too crowded for it."""
    m = rows.capacity.size
    first, bins, cost, by_bin, item, item_cost = near_pairs(rows.start, rows.bin, rows.cost, price, margin, m)
    if (np.diff(by_bin).astype(np.float64) ** 2).sum() > _ASCENT_WORK * max(1, rows.size.size // 10_000):
        return price
    near = (first, bins, cost, by_bin, item, item_cost)
    better: Ints = ascend(near, rows.size, rows.capacity, rows.outside, price, margin, _SWEEPS)
    return better


def _certified(rows: Rows, price: Ints) -> int:
    """Return the knapsack bound of ``price`` for the combined cost of ``rows``."""
    return int(relax(rows.start, rows.bin, rows.cost, rows.size, rows.capacity, price)[0])


def item_bound(problem: Problem, weights: tuple[int, ...], price: Ints, but: range = range(0)) -> int:
    """Return the knapsack bound of integer prices (n,) for the weighted sum of the first levels.

    Nothing is taken off for the bins ``but``: whoever leaves them out knows what they gain at most.
    """
    price = np.minimum(price, np.asarray(weights, np.int64) @ problem.outside[: len(weights)])
    return _certified(cheaper(problem, weights, price, but), price)


def elsewhere(problem: Problem, weights: tuple[int, ...], price: Ints, but: range) -> Ints:
    """Return what each item would cost at least without the bins ``but``, at the rents of ``price``.

    The rent of a bin is what its items gain at ``price``, for each unit of its capacity.
    """
    price = np.minimum(price, np.asarray(weights, np.int64) @ problem.outside[: len(weights)])
    rows = cheaper(problem, weights, price, but)
    rent = relax(rows.start, rows.bin, rows.cost, rows.size, rows.capacity, price)[2]
    return least_with_rent(problem, weights, rent, but)


def level_bound(total: int, weights: tuple[int, ...], costs: list[int]) -> int:
    """Return the bound of the last weight's level, given what the plan costs in the levels before."""
    above = sum(w * c for w, c in zip(weights[:-1], costs, strict=False))
    return max(0, -((above - total) // weights[-1]))
