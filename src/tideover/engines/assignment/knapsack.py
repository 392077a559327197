"""The bound: with a price for each item, every bin alone takes the items that gain most (a knapsack)."""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True)
def relax(start, bins, cost, size, capacity, price):  # type: ignore[no-untyped-def]
    """Return (bound, uses, gained): the Lagrangian bound for ``price`` and how many bins take each item.

    Rows of ``cost`` (z,) must be sorted upwards; all arrays are int64; ``price`` (n,) is at most
    ``outside``. Only pairs that cost less than their item's price are read:
    bound = sum of prices - sum over bins of the best knapsack of gains (price - cost): ``gained`` (m,).
    """
    n = size.size
    m = capacity.size
    count = np.zeros(m + 1, np.int64)
    total = np.int64(0)
    for i in range(n):
        total += price[i]
        for a in range(start[i], start[i + 1]):
            if cost[a] >= price[i]:
                break
            count[bins[a] + 1] += 1
    for j in range(m):
        count[j + 1] += count[j]
    who = np.empty(count[m], np.int64)
    gain = np.empty(count[m], np.int64)
    fill = count[:m].copy()
    for i in range(n):
        for a in range(start[i], start[i + 1]):
            if cost[a] >= price[i]:
                break
            j = bins[a]
            who[fill[j]] = i
            gain[fill[j]] = price[i] - cost[a]
            fill[j] += 1
    uses = np.zeros(n, np.int64)
    gained = np.zeros(m, np.int64)
    for j in range(m):
        low, high = count[j], count[j + 1]
        if low == high:
            continue
        weight = np.int64(0)
        largest = np.int64(0)
        for k in range(low, high):
            weight += size[who[k]]
            largest = max(largest, size[who[k]])
        if weight <= capacity[j]:
            for k in range(low, high):
                gained[j] += gain[k]
                uses[who[k]] += 1
        elif largest <= 2 and capacity[j] <= 2:
            gained[j] = _small(who[low:high], gain[low:high], size, capacity[j], uses)
        elif largest <= 2:
            gained[j] = _ones_and_twos(who[low:high], gain[low:high], size, capacity[j], uses)
        else:
            gained[j] = _dynamic(who[low:high], gain[low:high], size, capacity[j], uses)
        total -= gained[j]
    return total, uses, gained


@nb.njit(cache=True)
def _small(who, gain, size, room, uses):  # type: ignore[no-untyped-def]
    """Return the best gain in a bin of one or two units: the two best small items, or the best large one."""
    one = -1
    other = -1
    large = -1
    for k in range(who.size):
        if size[who[k]] == 2:
            if large < 0 or gain[k] > gain[large]:
                large = k
        elif one < 0 or gain[k] > gain[one]:
            other = one
            one = k
        elif other < 0 or gain[k] > gain[other]:
            other = k
    if room < 2:
        other = -1
    value = (gain[one] if one >= 0 else 0) + (gain[other] if other >= 0 else 0)
    if room == 2 and large >= 0 and gain[large] > value:
        uses[who[large]] += 1
        return gain[large]
    if one >= 0:
        uses[who[one]] += 1
    if other >= 0:
        uses[who[other]] += 1
    return value


@nb.njit(cache=True)
def _ones_and_twos(who, gain, size, room, uses):  # type: ignore[no-untyped-def]
    order = np.argsort(-gain, kind="mergesort")
    ones = np.empty(who.size, np.int64)
    twos = np.empty(who.size, np.int64)
    n1 = 0
    n2 = 0
    for k in order:
        if size[who[k]] == 1:
            ones[n1] = k
            n1 += 1
        else:
            twos[n2] = k
            n2 += 1
    # start with as many twos as fit, then trade twos for ones
    take2 = min(n2, room // 2)
    take1 = min(n1, room - 2 * take2)
    value = np.int64(0)
    for k in range(take2):
        value += gain[twos[k]]
    for k in range(take1):
        value += gain[ones[k]]
    best, best2, best1 = value, take2, take1
    while take2 > 0:
        take2 -= 1
        value -= gain[twos[take2]]
        while take1 < n1 and take1 < room - 2 * take2:
            value += gain[ones[take1]]
            take1 += 1
        if value > best:
            best, best2, best1 = value, take2, take1
    for k in range(best2):
        uses[who[twos[k]]] += 1
    for k in range(best1):
        uses[who[ones[k]]] += 1
    return best


@nb.njit(cache=True)
def _dynamic(who, gain, size, room, uses):  # type: ignore[no-untyped-def]
    k = who.size
    best = np.zeros(room + 1, np.int64)
    took = np.zeros((k, room + 1), np.bool_)
    for a in range(k):
        s = size[who[a]]
        for c in range(room, s - 1, -1):
            if best[c - s] + gain[a] > best[c]:
                best[c] = best[c - s] + gain[a]
                took[a, c] = True
    c = room
    for a in range(k - 1, -1, -1):
        if took[a, c]:
            uses[who[a]] += 1
            c -= size[who[a]]
    return best[room]
