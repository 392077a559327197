"""The problem as the kernels read it: one combined cost with rows sorted, and odd bins cut in two."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np

from tideover.engines.assignment.problem import Ints, Narrow, Problem


@dataclass(frozen=True)
class Rows:
    """A problem with one cost per pair (z,); each row sorted by it. ``origin``: the problem's pair."""

    size: Ints
    start: Ints
    bin: Narrow
    cost: Ints
    outside: Ints
    capacity: Ints
    origin: Narrow


@dataclass(frozen=True)
class Pieces:
    """The bins after cutting: bin j is piece j and, where ``single[j] >= 0``, that single unit as well.

    ``single`` (m,); ``capacity`` and ``owner`` (m',) of each piece. Only items of one unit use single units.
    """

    single: Ints
    capacity: Ints
    owner: Ints


def combined(problem: Problem, weights: tuple[int, ...]) -> Rows:
    """Return the rows of the problem for the weighted sum of its first ``len(weights)`` levels."""
    bins = np.empty_like(problem.bin)
    cost = np.empty(problem.bin.size, np.int64)
    origin: Narrow = np.empty(cost.size, np.int32) if cost.size < 2**31 else np.empty(cost.size, np.int64)
    chosen = np.asarray(weights, np.int64)
    _sort_rows(problem.start, problem.bin, problem.cost, chosen, bins, cost, origin)
    outside = _outside(problem, chosen)
    return Rows(problem.size, problem.start, bins, cost, outside, problem.capacity, origin)


def least(problem: Problem, weights: tuple[int, ...], but: range = range(0)) -> Ints:
    """Return the least weighted cost of each item (n,), its pairs and the outside together.

    Pairs with the bins ``but`` do not count.
    """
    chosen = np.asarray(weights, np.int64)
    price: Ints = _least(
        problem.start, problem.bin, problem.cost, chosen, _outside(problem, chosen), but.start, but.stop
    )
    return price


def least_with_rent(problem: Problem, weights: tuple[int, ...], rent: Ints, but: range = range(0)) -> Ints:
    """Return as ``least``, each pair dearer by its size's part of the bin's ``rent`` (m,)."""
    chosen = np.asarray(weights, np.int64)
    price: Ints = _least_with_rent(
        problem.start,
        problem.bin,
        problem.cost,
        chosen,
        _outside(problem, chosen),
        (but.start, but.stop),
        problem.size,
        problem.capacity,
        rent,
    )
    return price


def cheaper(problem: Problem, weights: tuple[int, ...], price: Ints, but: range = range(0)) -> Rows:
    """Return rows (not sorted) of the pairs that cost less than their item's price, bins ``but`` left out."""
    chosen = np.asarray(weights, np.int64)
    found = _cheaper(problem.start, problem.bin, problem.cost, chosen, price, but.start, but.stop)
    start, bins, cost, origin = found
    return Rows(problem.size, start, bins, cost, _outside(problem, chosen), problem.capacity, origin)


def cut(rows: Rows) -> Pieces:
    """Return the bins with every odd one of 3 units or more cut into an even bin and a single unit.

    Where all sizes are 1 or 2, an item of 2 units never needs the odd unit, so nothing is lost and the
    transportation bound is tighter. Other sizes: the bins as they are.
    """
    single = np.full(rows.capacity.size, -1, np.int64)
    odd = np.flatnonzero((rows.capacity >= 3) & (rows.capacity % 2 == 1))
    if rows.size.max(initial=1) > 2:
        odd = odd[:0]
    single[odd] = rows.capacity.size + np.arange(odd.size)
    capacity = np.concatenate([rows.capacity - (single >= 0), np.ones(odd.size, np.int64)])
    return Pieces(single, capacity, np.concatenate([np.arange(rows.capacity.size), odd]))


def _outside(problem: Problem, weights: Ints) -> Ints:
    total: Ints = weights @ problem.outside[: weights.size]
    return total


@nb.njit(cache=True)
def _weighed(levels, weights, a, b):  # type: ignore[no-untyped-def]
    total = np.zeros(b - a, np.int64)
    for k in range(weights.size):
        for t in range(b - a):
            total[t] += weights[k] * levels[k, a + t]
    return total


@nb.njit(cache=True, parallel=True)
def _sort_rows(start, bins, levels, weights, to_bin, to_cost, origin):  # type: ignore[no-untyped-def]
    for i in nb.prange(start.size - 1):
        a = start[i]
        cost = _weighed(levels, weights, a, start[i + 1])
        order = np.argsort(cost, kind="mergesort")
        for t in range(order.size):
            to_cost[a + t] = cost[order[t]]
            to_bin[a + t] = bins[a + order[t]]
            origin[a + t] = a + order[t]


@nb.njit(cache=True)
def _least(start, bins, levels, weights, outside, low, high):  # type: ignore[no-untyped-def]
    found = outside.copy()
    for i in range(outside.size):
        cost = _weighed(levels, weights, start[i], start[i + 1])
        for t in range(cost.size):
            if not low <= bins[start[i] + t] < high:
                found[i] = min(found[i], cost[t])
    return found


@nb.njit(cache=True)
def _least_with_rent(start, bins, levels, weights, outside, but, size, capacity, rent):  # type: ignore[no-untyped-def]
    found = outside.copy()
    for i in range(outside.size):
        cost = _weighed(levels, weights, start[i], start[i + 1])
        for t in range(cost.size):
            j = bins[start[i] + t]
            if not but[0] <= j < but[1] and capacity[j] > 0:
                found[i] = min(found[i], cost[t] + rent[j] // capacity[j] * size[i])
    return found


@nb.njit(cache=True)
def _cheaper(start, bins, levels, weights, price, low, high):  # type: ignore[no-untyped-def]
    to_start = np.zeros(start.size, np.int64)
    kept = np.zeros(bins.size, np.bool_)
    for i in range(price.size):
        cost = _weighed(levels, weights, start[i], start[i + 1])
        to_start[i + 1] = to_start[i]
        for t in range(cost.size):
            kept[start[i] + t] = cost[t] < price[i] and not low <= bins[start[i] + t] < high
            to_start[i + 1] += kept[start[i] + t]
    to_bin = np.empty(to_start[-1], bins.dtype)
    to_cost = np.zeros(to_start[-1], np.int64)
    origin = np.empty(to_start[-1], np.int64)
    at = 0
    for a in range(bins.size):
        if kept[a]:
            to_bin[at] = bins[a]
            for k in range(weights.size):
                to_cost[at] += weights[k] * levels[k, a]
            origin[at] = a
            at += 1
    return to_start, to_bin, to_cost, origin
