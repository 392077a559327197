"""Whole items from a split flow: chains of ejections, then simulated annealing over random chains.

Costs are seen as regrets. A plan costs the relaxation's bound plus the regrets of its items plus what free
room in priced bins is worth, so a move is judged by the change of these alone. ``repair`` and ``anneal``
stand in one file because compiled code is kept by file: it would not notice a change of a helper elsewhere.
"""

from __future__ import annotations

import numba as nb
import numpy as np

#: Repair: longest chain, nodes looked at for one insertion, rounds of improvement, least gain of a move.
DEPTH, NODES, ROUNDS, LEAST_GAIN = 4, 3000, 6, 0.5
#: Annealing: items pushed on in a move, chance to push on rather than take free room, fills, tries for each.
CHAIN, PUSH, FILLS, TRIES = 40, 0.6, 6, 8
SEED = np.uint64(88172645463325252)


@nb.njit(cache=True)
def _new_plan(where, regret, size, price, capacity):  # type: ignore[no-untyped-def]
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
def _place(i, k, plan):  # type: ignore[no-untyped-def]
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
def _put(i, k, plan, trail, marks):  # type: ignore[no-untyped-def]
    """Move item i to its shortlist entry k, and write where it was on the trail."""
    trail[marks[0], 0] = i
    trail[marks[0], 1] = plan[4][i]
    marks[0] += 1
    _place(i, k, plan)


@nb.njit(cache=True)
def _undo(mark, plan, trail, marks):  # type: ignore[no-untyped-def]
    """Take back the moves on the trail, down to ``mark``."""
    while marks[0] > mark:
        marks[0] -= 1
        _place(trail[marks[0], 0], trail[marks[0], 1], plan)


@nb.njit(cache=True)
def _spare(v, w, j, need, plan):  # type: ignore[no-untyped-def]
    """Return what it costs that v, and w unless it is -1, leave bin j for ``need`` units of another."""
    _, regret, size, price, at, _, _, _, _, _ = plan
    if w < 0:
        return (size[v] - need) * price[j] - regret[v, at[v]]
    return (size[v] + size[w] - need) * price[j] - regret[v, at[v]] - regret[w, at[w]]


_INTS, _TABLE = nb.int64[::1], nb.int64[:, ::1]
_FLOATS, _FLOAT_TABLE = nb.float64[::1], nb.float64[:, ::1]
_PLAN = nb.types.Tuple((_TABLE, _FLOAT_TABLE, _INTS, _FLOATS, _INTS, _INTS, _INTS, _INTS, _INTS, _INTS))


# compiled for stated types: a function that calls itself is not safe with inferred ones
@nb.njit(nb.float64(nb.int64, nb.int64, nb.float64, _PLAN, nb.boolean[::1], _TABLE, _INTS), cache=True)
def _insert(i, depth, budget, plan, locked, trail, marks):  # type: ignore[no-untyped-def]
    """Place item i, pushing others along, at a total regret of at most ``budget``; return it, or inf.

    On success the moves stand and are on the trail; on failure everything is as before. ``marks`` holds the
    length of the trail and how many nodes were looked at.
    """
    where, regret, size, _, _, free, slots, slot_start, count, _ = plan
    marks[1] += 1
    if marks[1] > NODES:
        return np.inf
    for k in range(where.shape[1]):
        if regret[i, k] > budget:
            break
        if where[i, k] < 0 or free[where[i, k]] >= size[i]:
            _put(i, k, plan, trail, marks)
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
            alone = size[v] >= need
            for e2 in range(e, e + 1 if alone else count[j]):
                w = -1 if alone else slots[slot_start[j] + e2]
                # v goes alone or with w; as moves are taken back the order changes, so that w may be v
                if w >= 0 and (w == v or locked[w] or size[v] + size[w] < need):
                    continue
                spare = _spare(v, w, j, need, plan)
                if spare > left or found < np.inf or marks[1] > NODES:
                    continue
                _put(v, -1, plan, trail, marks)
                if w >= 0:
                    _put(w, -1, plan, trail, marks)
                    locked[w] = True
                _put(i, k, plan, trail, marks)
                got = _insert(v, depth - 1, left - spare, plan, locked, trail, marks)
                if w >= 0:
                    locked[w] = False
                    if got < np.inf:
                        locked[v] = True
                        got += _insert(w, depth - 1, left - spare - got, plan, locked, trail, marks)
                        locked[v] = False
                if got < np.inf:
                    found = regret[i, k] + spare + got
                else:
                    _undo(mark, plan, trail, marks)
    locked[i] = False
    return found


@nb.njit(cache=True)
def repair(where, regret, size, price, capacity, chosen):  # type: ignore[no-untyped-def]
    """Return the shortlist entry of each item (n,): every item placed whole, then moved where that gains.

    ``chosen`` (n,) is each item's shortlist entry or -1 for items that are still to be placed.
    """
    plan = _new_plan(where, regret, size, price, capacity)
    n = size.size
    at = plan[4]
    locked = np.zeros(n, np.bool_)
    trail = np.empty((200_000, 2), np.int64)
    marks = np.zeros(2, np.int64)
    for i in range(n):
        if chosen[i] >= 0:
            _place(i, chosen[i], plan)
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
            _put(i, -1, plan, trail, marks)
            if _insert(i, DEPTH, budget, plan, locked, trail, marks) < np.inf:
                better = True
            else:
                _undo(0, plan, trail, marks)
        if not better:
            break
    return at


@nb.njit(cache=True, inline="always")
def _next(state):  # type: ignore[no-untyped-def]
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return np.float64(x >> np.uint64(11)) / 9007199254740992.0


@nb.njit(cache=True)
def _by_bin(where, regret, m):  # type: ignore[no-untyped-def]
    """Return (first, item, entry): the shortlist entries of each bin."""
    n, width = where.shape
    first = np.zeros(m + 1, np.int64)
    for i in range(n):
        for k in range(width):
            if where[i, k] >= 0 and regret[i, k] < np.inf:
                first[where[i, k] + 1] += 1
    for j in range(m):
        first[j + 1] += first[j]
    item = np.empty(first[m], np.int64)
    entry = np.empty(first[m], np.int64)
    fill = first[:m].copy()
    for i in range(n):
        for k in range(width):
            if where[i, k] >= 0 and regret[i, k] < np.inf:
                item[fill[where[i, k]]] = i
                entry[fill[where[i, k]]] = k
                fill[where[i, k]] += 1
    return first, item, entry


@nb.njit(cache=True)
def _restless(where, regret, price, free, now, reach, active):  # type: ignore[no-untyped-def]
    """Write the items that may gain into ``active`` and return how many they are.

    They pay a regret, or could within ``reach`` use a bin that is wasted, or wanted, or held with regret.
    """
    n, width = where.shape
    wanted = (free > 0) & (price > 0)
    for i in range(n):
        if regret[i, now[i]] > 0:
            for k in range(now[i] + 1):
                if where[i, k] >= 0:
                    wanted[where[i, k]] = True
    count = 0
    for i in range(n):
        use = regret[i, now[i]] > 0
        for k in range(width):
            if use or regret[i, k] > reach:
                break
            use = where[i, k] >= 0 and wanted[where[i, k]]
        if use:
            active[count] = i
            count += 1
    return count


@nb.njit(cache=True)
def _push_on(i, plan, trail, marks, queue, state):  # type: ignore[no-untyped-def]
    """Make room after item i was put into a bin, pushing others on by chance; return the change, or inf."""
    where, regret, size, price, now, free, slots, slot_start, count, _ = plan
    width = where.shape[1]
    origin = where[i, trail[0, 1]]
    change = 0.0
    waiting = 0
    mover = i
    bin_now = where[i, now[i]]
    for _ in range(CHAIN):
        while bin_now >= 0 and free[bin_now] < 0:
            v = slots[slot_start[bin_now] + int(_next(state) * count[bin_now])]
            if v == mover:
                continue
            change += price[bin_now] * size[v] - regret[v, now[v]]
            _put(v, -1, plan, trail, marks)
            queue[waiting] = v
            waiting += 1
        if waiting == 0:
            return change
        if waiting > queue.size - 40:
            break
        waiting -= 1
        v = queue[waiting]
        entry = -1
        for k in range(width):
            t = where[v, k]
            if regret[v, k] == np.inf:
                break
            if t < 0 or free[t] >= size[v]:
                entry = k
                break
            if t not in (origin, bin_now) and _next(state) < PUSH:
                entry = k
                break
        if entry < 0:
            break
        change += regret[v, entry]
        bin_now = where[v, entry]
        if bin_now >= 0:
            change -= price[bin_now] * size[v]
        _put(v, entry, plan, trail, marks)
        mover = v
    return np.inf


@nb.njit(cache=True)
def _fill_holes(plan, near, trail, marks, holes, state):  # type: ignore[no-untyped-def]
    """Bring items into the room that a move left empty where it is worth something; return the change."""
    where, regret, size, price, now, free, _, _, _, _ = plan
    first, near_item, near_entry = near
    found = 0
    for x in range(marks[0]):
        if trail[x, 1] >= 0 and found < holes.size - 20:
            t = where[trail[x, 0], trail[x, 1]]
            if t >= 0 and free[t] > 0 and price[t] > 0:
                holes[found] = t
                found += 1
    change = 0.0
    filled = 0
    while found > 0 and filled < FILLS:
        found -= 1
        t = holes[found]
        if free[t] <= 0 or first[t + 1] == first[t]:
            continue
        best = np.inf
        best_at = -1
        for _ in range(TRIES):
            b = first[t] + int(_next(state) * (first[t + 1] - first[t]))
            v = near_item[b]
            c = where[v, now[v]]
            if c == t or size[v] > free[t]:
                continue
            gives = regret[v, near_entry[b]] - regret[v, now[v]] - price[t] * size[v]
            if c >= 0:
                gives += price[c] * size[v]
            if gives < best:
                best = gives
                best_at = b
        if best_at < 0:
            continue
        v = near_item[best_at]
        c = where[v, now[v]]
        _put(v, near_entry[best_at], plan, trail, marks)
        change += best
        filled += 1
        if c >= 0 and free[c] > 0 and price[c] > 0:
            holes[found] = c
            found += 1
        if free[t] > 0:
            holes[found] = t
            found += 1
    return change


@nb.njit(cache=True)
def anneal(where, regret, size, price, capacity, at, moves, hot):  # type: ignore[no-untyped-def]
    """Return the entry of each item after ``moves`` tried moves from ``at``, cooling from ``hot`` to a tenth.

    A move puts an item on an entry of its shortlist, pushes out at random whom there is no room for, places
    those or lets them push on, and fills the room that became free; it stands if it gains, or by chance.
    """
    n = size.size
    width = where.shape[1]
    plan = _new_plan(where, regret, size, price, capacity)
    now, free = plan[4], plan[5]
    for i in range(n):
        _place(i, at[i], plan)
    near = _by_bin(where, regret, capacity.size)
    trail = np.empty((4096, 2), np.int64)
    marks = np.zeros(2, np.int64)
    queue = np.empty(128, np.int64)
    holes = np.empty(256, np.int64)
    state = np.array([SEED], np.uint64)
    active = np.empty(n, np.int64)
    size_active = 0
    for move in range(moves):
        temperature = hot * 0.1 ** (move / moves)
        if move % (moves // 40 + 1) == 0:
            size_active = _restless(where, regret, price, free, now, 4 * temperature, active)
            if size_active == 0:
                break
        i = active[int(_next(state) * size_active)]
        allowed = -temperature * np.log(_next(state) + 1e-300)
        old = now[i]
        wide = 0
        while wide < width and regret[i, wide] <= regret[i, old] + allowed + 6 * temperature:
            wide += 1
        pick = int(_next(state) * wide)
        if pick == old:
            continue
        marks[0] = 0
        change = regret[i, pick] - regret[i, old]
        if where[i, old] >= 0:
            change += price[where[i, old]] * size[i]
        _put(i, pick, plan, trail, marks)
        if where[i, pick] >= 0:
            change -= price[where[i, pick]] * size[i]
        change += _push_on(i, plan, trail, marks, queue, state)
        if change < np.inf:
            change += _fill_holes(plan, near, trail, marks, holes, state)
        if change > allowed:
            _undo(0, plan, trail, marks)
    return now
