"""What prices prove and whom they send where: exact passes over all pairs, in whole numbers."""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.transport.problem import FORBIDDEN, Ints, Narrow, TransportProblem

#: Items whose values are summed in 64 bits before Python's unlimited numbers take over.
BLOCK = 4096
#: Size times price must stay below this.
LARGEST = 2**61


@nb.njit(cache=True)
def _excepted(j, first, last, bins):  # type: ignore[no-untyped-def]
    found = False
    for a in range(first, last):
        found = found or bins[a] == j
    return found


@nb.njit(cache=True)
def _values(size, outside, cost, start, bins, pair_cost, price, order, order_start, value, choice):  # type: ignore[no-untyped-def]
    """Write each item's least cost at these prices, and the bin that gives it (-1 outside).

    ``order[order_start[k]:order_start[k + 1]]`` are the bins of column k, cheapest first.
    """
    columns = cost.shape[1]
    cheapest = np.zeros(columns, np.int64)
    for k in range(columns):
        if order_start[k + 1] > order_start[k]:
            cheapest[k] = price[order[order_start[k]]]
    for i in range(size.size):
        s = np.int64(size[i])
        best = outside[i]
        at = -1
        first, last = start[i], start[i + 1]
        for k in range(columns):
            c = cost[i, k]
            found = c + s * cheapest[k]
            if found < best and c != FORBIDDEN:
                for o in range(order_start[k], order_start[k + 1]):
                    j = order[o]
                    found = c + s * price[j]
                    if found >= best:
                        break
                    if first == last or not _excepted(j, first, last, bins):
                        best = found
                        at = j
                        break
        for a in range(first, last):
            if pair_cost[a] != FORBIDDEN:
                found = pair_cost[a] + s * price[bins[a]]
                if found < best:
                    best = found
                    at = bins[a]
        value[i] = best
        choice[i] = at


@nb.njit(cache=True)
def _costs(choice, outside, cost, group, start, bins, pair_cost, paid):  # type: ignore[no-untyped-def]
    """Write what each item pays where it is; return False if an item is where it may not be."""
    fine = True
    for i in range(choice.size):
        j = choice[i]
        if j < 0:
            paid[i] = outside[i]
            continue
        found = cost[i, group[j]] if group[j] >= 0 else FORBIDDEN
        for a in range(start[i], start[i + 1]):
            if bins[a] == j:
                found = pair_cost[a]
        paid[i] = found
        fine = fine and found != FORBIDDEN
    return fine


def by_price(problem: TransportProblem, price: Ints) -> tuple[Ints, Ints]:
    """Return the bins of each column of the table, cheapest first (then by number), and where each starts."""
    table, group, *_ = problem.arrays
    order = np.lexsort((np.arange(group.size), price, group)).astype(np.int64)
    starts = np.searchsorted(group[order], np.arange(table.shape[1] + 1)).astype(np.int64)
    return order, starts


def total(numbers: Ints) -> int:
    """Return the exact sum of whole numbers, however large."""
    blocks = np.add.reduceat(numbers, np.arange(0, numbers.size, BLOCK)) if numbers.size else numbers
    return sum(blocks.tolist())


def _checked(problem: TransportProblem, price: Ints) -> Ints:
    wide = np.ascontiguousarray(price, np.int64)
    if wide.shape != problem.capacity.shape or (wide.size and wide.min() < 0):
        raise ValueError("prices must be at least 0, one for each bin")
    if wide.size and problem.size.size and int(wide.max()) * int(problem.size.max()) > LARGEST:
        raise ValueError("a price times the largest size must stay below 2**61")
    return wide


def answers(problem: TransportProblem, price: Ints) -> tuple[Ints, Narrow]:
    """Return each item's least cost at these prices, (n,), and the bin that gives it (-1: outside)."""
    wide = _checked(problem, price)
    table, _, start, bins, pair_cost = problem.arrays
    value, choice = np.empty(problem.size.size, np.int64), np.empty(problem.size.size, np.int32)
    cheapest = by_price(problem, wide)
    _values(problem.size, problem.outside, table, start, bins, pair_cost, wide, *cheapest, value, choice)
    return value, choice


def lower_bound(problem: TransportProblem, price: Ints) -> int:
    """Return what no plan can cost less than, given prices (m,) of at least 0 for a unit in each bin.

    sum over items of min(outside, min over bins of cost + size x price) - sum over bins of price x capacity:
    whoever uses a bin pays its price, and no plan collects more than prices times capacities. Exact whole
    numbers, one pass over all pairs. Raises ``ValueError`` for negative or overly large prices.
    """
    value, _ = answers(problem, price)
    return total(value) - charge(problem, price)


def charge(problem: TransportProblem, price: Ints) -> int:
    """Return the sum of prices times capacities, exactly."""
    pairs = zip(np.asarray(price).tolist(), problem.capacity.tolist(), strict=True)
    return sum(p * c for p, c in pairs)


def cost_of(problem: TransportProblem, choice: Narrow) -> int:
    """Return what a plan costs; raises ``ValueError`` if a pair is forbidden or a bin is above capacity."""
    table, group, start, bins, pair_cost = problem.arrays
    paid = np.empty(choice.size, np.int64)
    allowed = _costs(choice, problem.outside, table, group, start, bins, pair_cost, paid)
    placed = choice >= 0
    load = np.bincount(choice[placed], problem.size[placed], problem.capacity.size)
    if not allowed or (load > problem.capacity).any():
        raise ValueError("a plan uses a pair that is forbidden, or a bin above its capacity")
    return total(paid)
