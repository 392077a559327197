"""Whole items from a split flow, by chains of ejections that the prices of the flow keep short.

Costs are seen as regrets: what a pair costs above the least that the prices allow for its item. Along a chain
the regrets add up to what the chain costs, so a chain is cut as soon as they exceed its budget.
"""

from __future__ import annotations

import numba as nb
import numpy as np

#: Longest chain, nodes looked at for one insertion, rounds of improvement, and the least gain of a move.
DEPTH, NODES, ROUNDS, LEAST_GAIN = 4, 3000, 6, 0.5


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
    """Return (bin, pair, regret, chosen): each item's least regrets, (n, keep + 1) each.

    ``cost`` and ``outside`` are for a whole item, ``price`` (m,) per unit; ``units``, ``first`` are the flow.
    Rows are sorted by regret. The outside (bin -1, pair -1) is always on the list, and so is the bin that
    holds all units of the item in the flow: ``chosen`` (n,) is its place, -1 for items that are split.
    Unused entries have infinite regret.
    """
    n = size.size
    where = np.full((n, keep + 1), -1, np.int64)
    pair = np.full((n, keep + 1), -1, np.int64)
    regret = np.full((n, keep + 1), np.inf)
    chosen = np.full(n, -1, np.int64)
    for i in range(n):
        whole = units[first[i]]
        for t in range(first[i] + 1, first[i + 1]):
            if units[t] != whole:
                whole = -2
        low = outside[i]
        for a in range(start[i], start[i + 1]):
            low = min(low, cost[a] + size[i] * price[bins[a]])
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
    return where, pair, regret, chosen


@nb.njit(cache=True)
def new_plan(where, regret, size, price, capacity):  # type: ignore[no-untyped-def]
    """Return the plan in which nobody is placed yet: a tuple of arrays that the functions here write into.

    where, regret, size, price as in ``shortlist``; at (n,) the shortlist entry of each item, -1 for nowhere;
    free (m,) units; slots, slot_start, count: the items in each bin; spot (n,) where each item is among them.
    """
    n = size.size
    m = capacity.size
    slot_start = np.zeros(m + 1, np.int64)
    for j in range(m):
        # one more than fits: while a chain is at work a bin is too full for a moment
        slot_start[j + 1] = slot_start[j] + min(capacity[j], n) + 1
    at = np.full(n, -1, np.int64)
    slots = np.empty(slot_start[m], np.int64)
    count = np.zeros(m, np.int64)
    spot = np.zeros(n, np.int64)
    return where, regret, size, price, at, capacity.copy(), slots, slot_start, count, spot


@nb.njit(cache=True)
def place(i, k, plan):  # type: ignore[no-untyped-def]
    """Move item i to its shortlist entry k (-1: nowhere)."""
    where, _, size, _, at, free, slots, slot_start, count, spot = plan
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
def put(i, k, plan, trail, marks):  # type: ignore[no-untyped-def]
    """Move item i to its shortlist entry k, and write where it was on the trail."""
    trail[marks[0], 0] = i
    trail[marks[0], 1] = plan[4][i]
    marks[0] += 1
    place(i, k, plan)


@nb.njit(cache=True)
def undo(mark, plan, trail, marks):  # type: ignore[no-untyped-def]
    """Take back the moves on the trail, down to ``mark``."""
    while marks[0] > mark:
        marks[0] -= 1
        place(trail[marks[0], 0], trail[marks[0], 1], plan)


@nb.njit(cache=True)
def _insert(i, depth, budget, plan, locked, trail, marks):  # type: ignore[no-untyped-def]
    """Place item i, pushing others along, at a total regret of at most ``budget``; return it, or inf.

    On success the moves stand and are on the trail; on failure everything is as before. ``marks`` holds the
    length of the trail and how many nodes were looked at.
    """
    where, regret, size, price, at, free, slots, slot_start, count, _ = plan
    marks[1] += 1
    if marks[1] > NODES:
        return np.inf
    for k in range(where.shape[1]):
        if regret[i, k] > budget:
            break
        if where[i, k] < 0 or free[where[i, k]] >= size[i]:
            put(i, k, plan, trail, marks)
            return regret[i, k]
    if depth == 0:
        return np.inf
    locked[i] = True
    found = np.inf
    for k in range(where.shape[1]):
        left = budget - regret[i, k]
        if left < 0 or found < np.inf or marks[1] > NODES:
            break
        j = where[i, k]
        if j < 0:
            continue
        need = size[i] - free[j]
        for e in range(count[j]):
            v = slots[slot_start[j] + e]
            if locked[v] or found < np.inf or marks[1] > NODES:
                continue
            mark = marks[0]
            if size[v] >= need:
                spare = (size[v] - need) * price[j] - regret[v, at[v]]
                if spare > left:
                    continue
                put(v, -1, plan, trail, marks)
                put(i, k, plan, trail, marks)
                got = _insert(v, depth - 1, left - spare, plan, locked, trail, marks)
                if got < np.inf:
                    found = regret[i, k] + spare + got
                else:
                    undo(mark, plan, trail, marks)
                continue
            for e2 in range(e + 1, count[j]):
                w = slots[slot_start[j] + e2]
                # the order in the bin changes as moves are taken back, so w may be v itself
                if w == v or locked[w] or size[v] + size[w] < need or found < np.inf or marks[1] > NODES:
                    continue
                spare = (size[v] + size[w] - need) * price[j] - regret[v, at[v]] - regret[w, at[w]]
                if spare > left:
                    continue
                put(v, -1, plan, trail, marks)
                put(w, -1, plan, trail, marks)
                put(i, k, plan, trail, marks)
                locked[w] = True
                got = _insert(v, depth - 1, left - spare, plan, locked, trail, marks)
                locked[w] = False
                if got < np.inf:
                    locked[v] = True
                    got += _insert(w, depth - 1, left - spare - got, plan, locked, trail, marks)
                    locked[v] = False
                if got < np.inf:
                    found = regret[i, k] + spare + got
                else:
                    undo(mark, plan, trail, marks)
    locked[i] = False
    return found


@nb.njit(cache=True)
def repair(where, regret, size, price, capacity, chosen):  # type: ignore[no-untyped-def]
    """Return the shortlist entry of each item (n,): every item placed whole, then moved where that gains.

    ``chosen`` (n,) is each item's shortlist entry or -1 for items that are still to be placed.
    """
    plan = new_plan(where, regret, size, price, capacity)
    n = size.size
    at = plan[4]
    locked = np.zeros(n, np.bool_)
    trail = np.empty((200_000, 2), np.int64)
    marks = np.zeros(2, np.int64)
    for i in range(n):
        if chosen[i] >= 0:
            place(i, chosen[i], plan)
    for i in np.argsort(-size, kind="mergesort"):
        budget = 0.0
        while at[i] < 0:
            marks[:] = 0
            _insert(i, DEPTH, budget, plan, locked, trail, marks)
            budget = 3 * budget + 1.0
    for _ in range(ROUNDS):
        better = False
        held = np.empty(n)
        for i in range(n):
            held[i] = regret[i, at[i]]
        for i in np.argsort(-held, kind="mergesort"):
            j = where[i, at[i]]
            budget = regret[i, at[i]] - (size[i] * price[j] if j >= 0 else 0.0) - LEAST_GAIN
            if budget < 0:
                continue
            marks[:] = 0
            put(i, -1, plan, trail, marks)
            if _insert(i, DEPTH, budget, plan, locked, trail, marks) < np.inf:
                better = True
            else:
                undo(0, plan, trail, marks)
        if not better:
            break
    return at
