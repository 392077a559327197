"""Improvement by simulated annealing over short ejection chains.

The cost of a plan is the bound of the relaxation plus the regrets of its items plus what free room in priced
bins is worth, so a move is judged by the change of these alone.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.assignment.repair import new_plan, place, put, undo

#: Items pushed on in one move; the chance to push on rather than take free room; fills and tries for each.
CHAIN, PUSH, FILLS, TRIES = 40, 0.6, 6, 8
SEED = np.uint64(88172645463325252)


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
            put(v, -1, plan, trail, marks)
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
        put(v, entry, plan, trail, marks)
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
        put(v, near_entry[best_at], plan, trail, marks)
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
    plan = new_plan(where, regret, size, price, capacity)
    now, free = plan[4], plan[5]
    for i in range(n):
        place(i, at[i], plan)
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
        put(i, pick, plan, trail, marks)
        if where[i, pick] >= 0:
            change -= price[where[i, pick]] * size[i]
        change += _push_on(i, plan, trail, marks, queue, state)
        if change < np.inf:
            change += _fill_holes(plan, near, trail, marks, holes, state)
        if change > allowed:
            undo(0, plan, trail, marks)
    return now
