"""The problem as the kernels read it: one combined cost, rows sorted, odd bins cut."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np

from tideover.engines.assignment.problem import Ints, Problem


@dataclass(frozen=True)
class Rows:
    """A problem with one cost per pair; every row is sorted by cost.

    ``origin`` (z',) is the problem's pair behind each entry, ``owner`` (m',) the problem's bin behind a bin.
    """

    size: Ints
    start: Ints
    bin: Ints
    cost: Ints
    outside: Ints
    capacity: Ints
    origin: Ints
    owner: Ints


def combined(problem: Problem, weights: tuple[int, ...]) -> Rows:
    """Return the rows of the problem for the weighted sum of its first ``len(weights)`` levels."""
    cost, outside = weighed(problem, weights)
    order = _sorted_rows(problem.start, cost)
    return Rows(
        size=problem.size,
        start=problem.start,
        bin=problem.bin[order],
        cost=cost[order],
        outside=outside,
        capacity=problem.capacity,
        origin=order,
        owner=np.arange(problem.capacity.size),
    )


def weighed(problem: Problem, weights: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Return the weighted sums of the first levels: of each pair (z,), and of staying outside (n,)."""
    chosen = np.asarray(weights, np.int64)
    return _weigh(problem.cost, chosen), _weigh(problem.outside, chosen)


def cut(rows: Rows) -> Rows:
    """Return the rows with every odd bin of 3 units or more cut into an even bin and a single unit.

    Where all sizes are 1 or 2, an item of 2 units never needs the odd unit, so nothing is lost and the
    transportation bound is tighter. Other sizes: the rows as they are.
    """
    if rows.size.size == 0 or rows.size.max() > 2:
        return rows
    odd = np.flatnonzero((rows.capacity >= 3) & (rows.capacity % 2 == 1))
    single = np.full(rows.capacity.size, -1, np.int64)
    single[odd] = rows.capacity.size + np.arange(odd.size)
    start, bins, cost, origin = _cut(rows.start, rows.bin, rows.cost, rows.origin, rows.size, single)
    capacity = np.concatenate([rows.capacity - (single >= 0), np.ones(odd.size, np.int64)])
    owner = np.concatenate([rows.owner, odd])
    return Rows(rows.size, start, bins, cost, rows.outside, capacity, origin, owner)


@nb.njit(cache=True)
def _weigh(levels, weights):  # type: ignore[no-untyped-def]
    total = np.zeros(levels.shape[1], np.int64)
    for k in range(weights.size):
        for a in range(total.size):
            total[a] += weights[k] * levels[k, a]
    return total


@nb.njit(cache=True, parallel=True)
def _sorted_rows(start, cost):  # type: ignore[no-untyped-def]
    order = np.empty(cost.size, np.int64)
    for i in nb.prange(start.size - 1):
        a, b = start[i], start[i + 1]
        order[a:b] = a + np.argsort(cost[a:b], kind="mergesort")
    return order


@nb.njit(cache=True)
def _cut(start, bins, cost, origin, size, single):  # type: ignore[no-untyped-def]
    total = 0
    for i in range(size.size):
        for a in range(start[i], start[i + 1]):
            total += 1 + (size[i] == 1 and single[bins[a]] >= 0)
    new_start = np.zeros(size.size + 1, np.int64)
    new_bin = np.empty(total, np.int64)
    new_cost = np.empty(total, np.int64)
    new_origin = np.empty(total, np.int64)
    z = 0
    for i in range(size.size):
        for a in range(start[i], start[i + 1]):
            twice = size[i] == 1 and single[bins[a]] >= 0
            for part in range(1 + twice):
                # small items try the single unit first, so that pairs of units stay whole
                new_bin[z] = single[bins[a]] if twice and part == 0 else bins[a]
                new_cost[z] = cost[a]
                new_origin[z] = origin[a]
                z += 1
        new_start[i + 1] = z
    return new_start, new_bin, new_cost, new_origin
