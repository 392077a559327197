"""Whole items from a split flow, by chains of ejections that the prices of the flow keep short.

Costs are seen as regrets: what a pair costs above the least that the prices allow for its item. Along a chain
the regrets add up to what the chain costs, so a chain is cut as soon as they exceed its budget.
"""

from __future__ import annotations

import numba as nb
import numpy as np

NODES = 3000


@nb.njit(cache=True)
def _enter(i, at, j, a, r, where, pair, regret):  # type: ignore[no-untyped-def]
    """Write an entry at place ``at`` of row i, then move it up to where its regret belongs."""
    while at > 0 and regret[i, at - 1] > r:
        regret[i, at] = regret[i, at - 1]
        where[i, at] = where[i, at - 1]
        pair[i, at] = pair[i, at - 1]
        at -= 1
    regret[i, at] = r
    where[i, at] = j
    pair[i, at] = a


@nb.njit(cache=True)
def shortlist(start, bins, cost, outside, size, price, units, first, keep):  # type: ignore[no-untyped-def]
    """Return (item price, bin, pair, regret, chosen): each item's least regrets, (n, keep + 2) each.

    ``cost`` and ``outside`` are for a whole item, ``price`` (m,) per unit; ``units``, ``first`` are the flow.
    Rows are sorted by regret. The outside (bin -1, pair -1) is always on the list, and so is the bin that
    holds all units of the item in the flow: ``chosen`` (n,) is its place, -1 for items that are split.
    The last column stays free for ``repair``; unused entries have infinite regret.
    """
    n = size.size
    where = np.full((n, keep + 2), -1, np.int64)
    pair = np.full((n, keep + 2), -2, np.int64)
    regret = np.full((n, keep + 2), np.inf)
    level = np.empty(n)
    chosen = np.full(n, -1, np.int64)
    for i in range(n):
        whole = units[first[i]]
        for t in range(first[i] + 1, first[i + 1]):
            if units[t] != whole:
                whole = -2
        low = outside[i]
        for a in range(start[i], start[i + 1]):
            low = min(low, cost[a] + size[i] * price[bins[a]])
        level[i] = low
        held = 0
        for a in range(start[i], start[i + 1]):
            if bins[a] == whole:
                _enter(i, 0, whole, a, cost[a] + size[i] * price[whole] - low, where, pair, regret)
                held = 1
                break
        for a in range(start[i], start[i + 1]):
            if bins[a] == whole:
                continue
            r = cost[a] + size[i] * price[bins[a]] - low
            if held < keep:
                at = held
                held += 1
            elif r < regret[i, keep - 1] and where[i, keep - 1] != whole:
                at = keep - 1
            else:
                continue
            _enter(i, at, bins[a], a, r, where, pair, regret)
        # the outside is always on the list, so that every item can be placed
        _enter(i, held, -1, -1, outside[i] - low, where, pair, regret)
        for at in range(held + 1):
            if where[i, at] == whole:
                chosen[i] = at
                break
    return level, where, pair, regret, chosen


@nb.njit(cache=True)
def _put(i, k, where, size, at, free, slots, slot_start, count, spot, trail, marks):  # type: ignore[no-untyped-def]
    """Move item i to its shortlist entry k (-1: nowhere) and write the old entry on the trail."""
    trail[marks[0], 0] = i
    trail[marks[0], 1] = at[i]
    marks[0] += 1
    _place(i, k, where, size, at, free, slots, slot_start, count, spot)


@nb.njit(cache=True)
def _place(i, k, where, size, at, free, slots, slot_start, count, spot):  # type: ignore[no-untyped-def]
    if at[i] >= 0:
        j = where[i, at[i]]
        if j >= 0:
            free[j] += size[i]
            count[j] -= 1
            last = slots[slot_start[j] + count[j]]
            slots[slot_start[j] + spot[i]] = last
            spot[last] = spot[i]
    at[i] = k
    if k >= 0:
        j = where[i, k]
        if j >= 0:
            free[j] -= size[i]
            spot[i] = count[j]
            slots[slot_start[j] + count[j]] = i
            count[j] += 1


@nb.njit(cache=True)
def _undo(mark, where, size, at, free, slots, slot_start, count, spot, trail, marks):  # type: ignore[no-untyped-def]
    while marks[0] > mark:
        marks[0] -= 1
        _place(trail[marks[0], 0], trail[marks[0], 1], where, size, at, free, slots, slot_start, count, spot)


@nb.njit(
    "float64(int64,int64,float64,int64[:,:],float64[:,:],int64[:],float64[:],int64[:],int64[:],int64[:],int64[:],int64[:],int64[:],boolean[:],int64[:,:],int64[:])",
    cache=True,
)
def _insert(
    i,
    depth,
    budget,
    where,
    regret,
    size,
    price,
    at,
    free,
    slots,
    slot_start,
    count,
    spot,
    locked,
    trail,
    marks,
):  # type: ignore[no-untyped-def]
    """Place item i, pushing others along, at a total regret of at most ``budget``; return it, or inf.

    On success the moves stand and are on the trail; on failure everything is as before.
    """
    marks[1] += 1
    if marks[1] > NODES:
        return np.inf
    width = where.shape[1]
    for k in range(width):
        if regret[i, k] > budget:
            break
        j = where[i, k]
        if j < 0 or free[j] >= size[i]:
            _put(i, k, where, size, at, free, slots, slot_start, count, spot, trail, marks)
            return regret[i, k]
    if depth == 0:
        return np.inf
    locked[i] = True
    for k in range(width):
        left = budget - regret[i, k]
        if left < 0:
            break
        j = where[i, k]
        if j < 0:
            continue
        need = size[i] - free[j]
        n_here = count[j]
        for e in range(n_here):
            v = slots[slot_start[j] + e]
            if locked[v] or at[v] < 0:
                continue
            mark = marks[0]
            gain = regret[v, at[v]]
            if size[v] >= need:
                rest = left + gain - (size[v] - need) * price[j]
                if rest < 0:
                    continue
                _put(v, -1, where, size, at, free, slots, slot_start, count, spot, trail, marks)
                _put(i, k, where, size, at, free, slots, slot_start, count, spot, trail, marks)
                got = _insert(
                    v,
                    depth - 1,
                    rest,
                    where,
                    regret,
                    size,
                    price,
                    at,
                    free,
                    slots,
                    slot_start,
                    count,
                    spot,
                    locked,
                    trail,
                    marks,
                )
                if got < np.inf:
                    locked[i] = False
                    return regret[i, k] - gain + (size[v] - need) * price[j] + got
                _undo(mark, where, size, at, free, slots, slot_start, count, spot, trail, marks)
                if marks[1] > NODES:
                    locked[i] = False
                    return np.inf
            else:
                for e2 in range(e + 1, n_here):
                    w = slots[slot_start[j] + e2]
                    if w == v or locked[w] or at[w] < 0 or size[v] + size[w] < need:
                        continue
                    gain2 = gain + regret[w, at[w]]
                    waste = (size[v] + size[w] - need) * price[j]
                    rest = left + gain2 - waste
                    if rest < 0:
                        continue
                    mark = marks[0]
                    _put(v, -1, where, size, at, free, slots, slot_start, count, spot, trail, marks)
                    _put(w, -1, where, size, at, free, slots, slot_start, count, spot, trail, marks)
                    _put(i, k, where, size, at, free, slots, slot_start, count, spot, trail, marks)
                    locked[w] = True
                    got = _insert(
                        v,
                        depth - 1,
                        rest,
                        where,
                        regret,
                        size,
                        price,
                        at,
                        free,
                        slots,
                        slot_start,
                        count,
                        spot,
                        locked,
                        trail,
                        marks,
                    )
                    locked[w] = False
                    if got < np.inf:
                        locked[v] = True
                        got2 = _insert(
                            w,
                            depth - 1,
                            rest - got,
                            where,
                            regret,
                            size,
                            price,
                            at,
                            free,
                            slots,
                            slot_start,
                            count,
                            spot,
                            locked,
                            trail,
                            marks,
                        )
                        locked[v] = False
                        if got2 < np.inf:
                            locked[i] = False
                            return regret[i, k] - gain2 + waste + got + got2
                    _undo(mark, where, size, at, free, slots, slot_start, count, spot, trail, marks)
                    if marks[1] > NODES:
                        locked[i] = False
                        return np.inf
    locked[i] = False
    return np.inf


@nb.njit(cache=True)
def _columns(start, bins, cost, size, price, level, wasted):  # type: ignore[no-untyped-def]
    """Return (first, item, pair, regret): the pairs of each wasted bin that its waste could pay for."""
    m = price.size
    first = np.zeros(m + 1, np.int64)
    for step in range(2):
        if step == 1:
            for j in range(m):
                first[j + 1] += first[j]
            item = np.empty(first[m], np.int64)
            pair = np.empty(first[m], np.int64)
            regret = np.empty(first[m])
            fill = first[:m].copy()
        for i in range(size.size):
            for a in range(start[i], start[i + 1]):
                j = bins[a]
                if not wasted[j]:
                    continue
                if step == 0:
                    first[j + 1] += 1
                else:
                    item[fill[j]] = i
                    pair[fill[j]] = a
                    regret[fill[j]] = cost[a] + size[i] * price[j] - level[i]
                    fill[j] += 1
    return first, item, pair, regret


@nb.njit(cache=True)
def _fill(
    j,
    items,
    pairs,
    regrets,
    depth,
    where,
    pair,
    regret,
    size,
    price,
    at,
    free,
    slots,
    slot_start,
    count,
    spot,
    locked,
    trail,
    marks,
):  # type: ignore[no-untyped-def]
    """Bring an item into bin j, whose free room is worth something, if that pays; return what it saves."""
    spare = where.shape[1] - 1
    for e in range(items.size):
        i = items[e]
        k = at[i]
        a = where[i, k]
        if a == j:
            continue
        hole = size[i] * price[a] if a >= 0 else 0.0
        budget = price[j] * min(free[j], size[i]) + regret[i, k] - hole - regrets[e]
        if budget < 0.5:
            continue
        slot = -1
        for b in range(spare):
            if pair[i, b] == pairs[e]:
                slot = b
                break
        if slot < 0:
            if k == spare:
                continue
            slot = spare
            where[i, spare] = j
            pair[i, spare] = pairs[e]
            regret[i, spare] = regrets[e]
        marks[0] = 0
        marks[1] = 0
        need = size[i] - free[j]
        if need <= 0:
            _put(i, slot, where, size, at, free, slots, slot_start, count, spot, trail, marks)
            return budget
        locked[i] = True
        for o in range(count[j]):
            v = slots[slot_start[j] + o]
            if size[v] < need:
                continue
            gain = regret[v, at[v]]
            rest = budget + gain - (size[v] - need) * price[j] - 0.5
            if rest < 0:
                continue
            _put(v, -1, where, size, at, free, slots, slot_start, count, spot, trail, marks)
            _put(i, slot, where, size, at, free, slots, slot_start, count, spot, trail, marks)
            got = _insert(
                v,
                depth,
                rest,
                where,
                regret,
                size,
                price,
                at,
                free,
                slots,
                slot_start,
                count,
                spot,
                locked,
                trail,
                marks,
            )
            if got < np.inf:
                locked[i] = False
                return rest + 0.5 - got
            _undo(0, where, size, at, free, slots, slot_start, count, spot, trail, marks)
            if marks[1] > NODES:
                break
        locked[i] = False
    return 0.0


@nb.njit(cache=True)
def repair(start, bins, cost, size, capacity, price, level, where, pair, regret, chosen, rounds, depth):  # type: ignore[no-untyped-def]
    """Return (entry of each item, nodes): every item placed whole, then improved by chains.

    ``chosen`` (n,) is each item's shortlist entry or -1 for items that are still to be placed.
    """
    n = size.size
    m = capacity.size
    slot_start = np.zeros(m + 1, np.int64)
    for j in range(m):
        slot_start[j + 1] = slot_start[j] + min(capacity[j], n)
    slots = np.empty(slot_start[m], np.int64)
    count = np.zeros(m, np.int64)
    spot = np.zeros(n, np.int64)
    free = capacity.copy()
    at = np.full(n, -1, np.int64)
    locked = np.zeros(n, np.bool_)
    trail = np.empty((200_000, 2), np.int64)
    marks = np.zeros(2, np.int64)
    total = 0
    for i in range(n):
        if chosen[i] >= 0:
            _place(i, chosen[i], where, size, at, free, slots, slot_start, count, spot)
    for i in np.argsort(-size, kind="mergesort"):
        if at[i] >= 0:
            continue
        budget = 0.0
        while True:
            marks[0] = 0
            marks[1] = 0
            got = _insert(
                i,
                depth,
                budget,
                where,
                regret,
                size,
                price,
                at,
                free,
                slots,
                slot_start,
                count,
                spot,
                locked,
                trail,
                marks,
            )
            total += marks[1]
            if got < np.inf:
                break
            budget = 1.0 if budget == 0.0 else 3 * budget
    for _ in range(rounds):
        better = 0
        wasted = (free > 0) & (price > 0)
        first, col_item, col_pair, col_regret = _columns(start, bins, cost, size, price, level, wasted)
        for j in np.argsort(-price * free, kind="mergesort"):
            if not wasted[j]:
                break
            while free[j] > 0:
                saved = _fill(
                    j,
                    col_item[first[j] : first[j + 1]],
                    col_pair[first[j] : first[j + 1]],
                    col_regret[first[j] : first[j + 1]],
                    depth,
                    where,
                    pair,
                    regret,
                    size,
                    price,
                    at,
                    free,
                    slots,
                    slot_start,
                    count,
                    spot,
                    locked,
                    trail,
                    marks,
                )
                total += marks[1]
                if saved <= 0:
                    break
                better += 1
        now = np.empty(n)
        for i in range(n):
            now[i] = regret[i, at[i]]
        for i in np.argsort(-now, kind="mergesort"):
            held = regret[i, at[i]]
            if held <= 0.5:
                continue
            marks[0] = 0
            marks[1] = 0
            j = where[i, at[i]]
            budget = held - (size[i] * price[j] if j >= 0 else 0.0) - 0.5
            if budget < 0:
                continue
            _put(i, -1, where, size, at, free, slots, slot_start, count, spot, trail, marks)
            got = _insert(
                i,
                depth,
                budget,
                where,
                regret,
                size,
                price,
                at,
                free,
                slots,
                slot_start,
                count,
                spot,
                locked,
                trail,
                marks,
            )
            total += marks[1]
            if got < np.inf:
                better += 1
            else:
                _undo(0, where, size, at, free, slots, slot_start, count, spot, trail, marks)
        if better == 0:
            break
    return at, total
