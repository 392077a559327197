"""Better prices for the bound: one item after the other, each between its two cheapest bins.

With all other prices fixed, a bin asks of item i the cost of the pair plus what the item's room is worth to
the others there (a difference of two knapsacks). The bound is greatest for every price between the lowest and
the second lowest asking price, so each step keeps or raises it; staying between leaves room for others.
"""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True)
def near_pairs(start, bins, cost, price, margin, m):  # type: ignore[no-untyped-def]
    """Return the pairs that cost at most ``margin`` above their item's price, by item and by bin.

    Rows of ``cost`` are sorted. Returns (first, bin, cost) by item and (first, item, cost) by bin.
    """
    n = price.size
    first = np.zeros(n + 1, np.int64)
    by_bin = np.zeros(m + 1, np.int64)
    for i in range(n):
        a = start[i]
        while a < start[i + 1] and cost[a] <= price[i] + margin:
            by_bin[bins[a] + 1] += 1
            a += 1
        first[i + 1] = first[i] + a - start[i]
    for j in range(m):
        by_bin[j + 1] += by_bin[j]
    near_bin = np.empty(first[n], np.int64)
    near_cost = np.empty(first[n], np.int64)
    bin_item = np.empty(first[n], np.int64)
    bin_cost = np.empty(first[n], np.int64)
    fill = by_bin[:m].copy()
    for i in range(n):
        for k in range(first[i + 1] - first[i]):
            a = start[i] + k
            near_bin[first[i] + k] = bins[a]
            near_cost[first[i] + k] = cost[a]
            bin_item[fill[bins[a]]] = i
            bin_cost[fill[bins[a]]] = cost[a]
            fill[bins[a]] += 1
    return first, near_bin, near_cost, by_bin, bin_item, bin_cost


@nb.njit(cache=True, inline="always")
def _insert_sorted(values, count, value):  # type: ignore[no-untyped-def]
    at = count
    while at > 0 and values[at - 1] < value:
        values[at] = values[at - 1]
        at -= 1
    values[at] = value


@nb.njit(cache=True)
def _best(ones, n1, twos, n2, room):  # type: ignore[no-untyped-def]
    """Return the best gain of small and large items (each sorted downwards) in ``room`` units."""
    take2 = min(n2, room // 2)
    take1 = min(n1, room - 2 * take2)
    value = np.int64(0)
    for k in range(take2):
        value += twos[k]
    for k in range(take1):
        value += ones[k]
    best = value
    while take2 > 0:
        take2 -= 1
        value -= twos[take2]
        while take1 < n1 and take1 < room - 2 * take2:
            value += ones[take1]
            take1 += 1
        best = max(best, value)
    return best


@nb.njit(cache=True)
def ascend(near, size, capacity, outside, price, margin, sweeps):  # type: ignore[no-untyped-def]
    """Return prices (n,) whose bound is at least that of ``price``; all sizes must be 1 or 2.

    ``near`` is what ``near_pairs`` returns.
    """
    first, near_bin, near_cost, by_bin, bin_item, bin_cost = near
    price = price.copy()
    highest = np.minimum(outside, price + margin)
    widest = 1
    for j in range(capacity.size):
        widest = max(widest, by_bin[j + 1] - by_bin[j])
    ones = np.empty(widest + 1, np.int64)
    twos = np.empty(widest + 1, np.int64)
    for sweep in range(sweeps):
        moved = 0
        for step in range(price.size):
            i = step if sweep % 2 == 0 else price.size - 1 - step
            lowest = outside[i]
            second = outside[i]
            for a in range(first[i], first[i + 1]):
                if near_cost[a] >= second:
                    break
                j = near_bin[a]
                n1 = 0
                n2 = 0
                weight = 0
                for b in range(by_bin[j], by_bin[j + 1]):
                    k = bin_item[b]
                    gain = price[k] - bin_cost[b]
                    if k == i or gain <= 0:
                        continue
                    weight += size[k]
                    if size[k] == 1:
                        _insert_sorted(ones, n1, gain)
                        n1 += 1
                    else:
                        _insert_sorted(twos, n2, gain)
                        n2 += 1
                asks = near_cost[a]
                if weight + size[i] > capacity[j]:
                    asks += _best(ones, n1, twos, n2, capacity[j]) - _best(
                        ones, n1, twos, n2, capacity[j] - size[i]
                    )
                if asks < lowest:
                    second = lowest
                    lowest = asks
                elif asks < second:
                    second = asks
            low = min(lowest, highest[i])
            high = min(second, highest[i])
            new = low + (high - low) // 2
            if new != price[i]:
                moved += 1
                price[i] = new
        if moved == 0:
            break
    return price
