"""Whole items of one unit or two: every bin offers small and large slots, and exchanges them.

Given how many slots of each kind the bins offer, the items of one unit and those of two are two assignment
problems, each solved exactly by shortest paths; prices of slots come with them. A bin exchanges a large slot
for two small ones, or back, wherever the cost of both problems together falls; each try is exact, and is
taken back if it does not. Bin j has the slots ``j`` (small) and ``m + j`` (large). Arrays are int64.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.assignment.heap import longer, pop, push

#: An item that is not placed yet; -1 is outside, as elsewhere.
UNPLACED = -2


@nb.njit(cache=True, inline="always")
def _enter(keys, nodes, heap, key, node):  # type: ignore[no-untyped-def]
    """Push onto the heap; return (keys, nodes, heap), the arrays longer where they were full."""
    if heap == keys.size:
        keys, nodes = longer(keys, nodes)
    return keys, nodes, push(keys, nodes, heap, key, node)


@nb.njit(cache=True)
def lay_out(size, capacity):  # type: ignore[no-untyped-def]
    """Return the state with nobody placed and no slot open: arrays that the functions here write into.

    (at, paid, spot): by item its slot, what it pays there, and where it stands in ``held``; (held, first,
    used, open, price): by slot who is there, how many are, how many may be, and the price; total (1,).
    """
    n, m = size.size, capacity.size
    first = np.zeros(2 * m + 1, np.int64)
    for j in range(2 * m):
        room = capacity[j] if j < m else capacity[j - m] // 2
        first[j + 1] = first[j] + min(room, n) + 1
    return (
        np.full(n, UNPLACED, np.int64),
        np.zeros(n, np.int64),
        np.full(n, -1, np.int64),
        np.empty(first[2 * m], np.int64),
        first,
        np.zeros(2 * m, np.int64),
        np.zeros(2 * m, np.int64),
        np.zeros(2 * m, np.int64),
        np.zeros(1, np.int64),
    )


@nb.njit(cache=True)
def search_room(n, m):  # type: ignore[no-untyped-def]
    """Return what searches write into: distances, marks, who comes from where at which cost, the stamp."""
    return (
        np.empty(2 * m, np.int64),
        np.zeros(2 * m, np.int64),
        np.zeros(2 * m, np.int64),
        np.empty(2 * m, np.int64),
        np.empty(2 * m, np.int64),
        np.empty(2 * m, np.int64),
        np.empty(2 * m, np.int64),
        np.zeros(n, np.int64),
        np.zeros(1, np.int64),
    )


@nb.njit(cache=True)
def _settle(i, j, pay, state):  # type: ignore[no-untyped-def]
    """Put the item, which is nowhere, into slot j (-1: outside)."""
    at, paid, spot, held, first, used, _, _, total = state
    at[i] = j
    paid[i] = pay
    total[0] += pay
    if j >= 0:
        spot[i] = first[j] + used[j]
        held[spot[i]] = i
        used[j] += 1


@nb.njit(cache=True)
def _lift(i, state):  # type: ignore[no-untyped-def]
    """Take the item out of its slot or back from outside."""
    at, paid, spot, held, first, used, _, _, total = state
    j = at[i]
    if j >= 0:
        used[j] -= 1
        last = held[first[j] + used[j]]
        held[spot[i]] = last
        spot[last] = spot[i]
    total[0] -= paid[i]
    at[i] = UNPLACED


@nb.njit(cache=True)
def place(source, given, state, room):  # type: ignore[no-untyped-def]
    """Place an item along a shortest path to an open slot, or to an item that goes outside; raise prices.

    ``given``: (start, bins, cost, outside, size, m) with rows of ``cost`` sorted upwards.
    """
    start, bins, cost, outside, size, m = given
    _, paid, _, held, first, used, opened, price, _ = state
    dist, seen, done, mover, pays, _, popped, met, stamps = room
    stamps[0] += 1
    stamp = stamps[0]
    met[source] = stamp
    best, leaves, end = outside[source], source, -1
    keys, nodes = np.empty(256, np.int64), np.empty(256, np.int64)
    item, base, heap, count, position = source, np.int64(0), 0, 0, 0
    while item >= 0:
        kind = m if size[item] == 2 else 0
        for a in range(start[item], start[item + 1]):
            if base + cost[a] >= best:
                break
            j = bins[a] + kind
            d = base + cost[a] + price[j]
            if opened[j] == 0 or done[j] == stamp or d >= best or (seen[j] == stamp and d >= dist[j]):
                continue
            seen[j], dist[j], mover[j], pays[j] = stamp, d, item, cost[a]
            if used[j] < opened[j]:
                best, leaves, end = d, -1, j
            else:
                keys, nodes, heap = _enter(keys, nodes, heap, d, j)
        item = -1
        while item < 0:
            if count > 0:
                j = popped[count - 1]
                while position < first[j] + used[j] and met[held[position]] == stamp:
                    position += 1
                if position < first[j] + used[j]:
                    item = held[position]
                    met[item] = stamp
                    base = dist[j] - paid[item] - price[j]
                    if base + outside[item] < best:
                        best, leaves, end = base + outside[item], item, -1
                    break
            while heap > 0 and (done[nodes[0]] == stamp or keys[0] > dist[nodes[0]]):
                heap = pop(keys, nodes, heap)
            if heap == 0 or keys[0] >= best:
                break
            j = nodes[0]
            heap = pop(keys, nodes, heap)
            done[j] = stamp
            popped[count] = j
            count += 1
            position = first[j]
    for k in range(count):
        if dist[popped[k]] < best:
            price[popped[k]] += best - dist[popped[k]]
    _follow(source, end, leaves, given, state, room)


@nb.njit(cache=True)
def _follow(source, end, leaves, given, state, room):  # type: ignore[no-untyped-def]
    """Move the items along the path that ``place`` found, last step first."""
    at = state[0]
    mover, pays = room[3], room[4]
    item = mover[end] if end >= 0 else leaves
    target, pay = end, pays[end] if end >= 0 else given[3][item]
    while True:
        left = at[item]
        if left != UNPLACED:
            _lift(item, state)
        _settle(item, target, pay, state)
        if item == source:
            return
        item, target, pay = mover[left], left, pays[left]


@nb.njit(cache=True)
def _asked_most(j, given, state, by_bin):  # type: ignore[no-untyped-def]
    """Return the price at which nobody would want a slot j that is not open yet."""
    size, m = given[4], given[5]
    at, paid, price = state[0], state[1], state[7]
    first, item, cost = by_bin
    most = np.int64(0)
    for b in range(first[j % m], first[j % m + 1]):
        i = item[b]
        if at[i] != UNPLACED and (size[i] == 2) == (j >= m):
            most = max(most, paid[i] + (price[at[i]] if at[i] >= 0 else 0) - cost[b])
    return most


@nb.njit(cache=True)
def open_slot(source, given, state, room, by_bin):  # type: ignore[no-untyped-def]
    """Open one slot more and fill it along the path that gains most; lower prices.

    ``by_bin``: (first, item, cost), the pairs of each bin that may matter.
    """
    size, m = given[4], given[5]
    at, paid, _, _, _, _, opened, price, _ = state
    dist, seen, done, mover, pays, onward, popped, _, stamps = room
    first, item_of, cost = by_bin
    if opened[source] == 0:
        price[source] = _asked_most(source, given, state, by_bin)
    opened[source] += 1
    if price[source] == 0:
        return
    stamps[0] += 1
    stamp = stamps[0]
    keys, nodes = np.empty(256, np.int64), np.empty(256, np.int64)
    best, end, comes, fee = price[source], source, -1, np.int64(0)
    seen[source], dist[source] = stamp, 0
    keys, nodes, heap = _enter(keys, nodes, 0, np.int64(0), source)
    count = 0
    while heap > 0:
        j, d = nodes[0], keys[0]
        heap = pop(keys, nodes, heap)
        if done[j] == stamp or d > dist[j]:
            continue
        if d >= best:
            break
        done[j] = stamp
        popped[count] = j
        count += 1
        if d + price[j] < best:
            best, end, comes = d + price[j], j, -1
        for b in range(first[j % m], first[j % m + 1]):
            i = item_of[b]
            here = at[i]
            if here == UNPLACED or (size[i] == 2) != (j >= m) or (here >= 0 and done[here] == stamp):
                continue
            other = d + max(0, cost[b] + price[j] - paid[i] - (price[here] if here >= 0 else 0))
            if other >= best:
                continue
            if here < 0:  # comes in from outside and leaves no slot behind
                best, end, comes, fee = other, j, i, cost[b]
            elif seen[here] != stamp or other < dist[here]:
                seen[here], dist[here], mover[here], pays[here], onward[here] = stamp, other, i, cost[b], j
                keys, nodes, heap = _enter(keys, nodes, heap, other, here)
    for k in range(count):
        if dist[popped[k]] < best:
            price[popped[k]] -= best - dist[popped[k]]
    last = end
    while end != source:
        i, to, pay = mover[end], onward[end], pays[end]
        _lift(i, state)
        _settle(i, to, pay, state)
        end = to
    if comes >= 0:
        _lift(comes, state)
        _settle(comes, last, fee, state)


@nb.njit(cache=True)
def close_slot(j, given, state, room):  # type: ignore[no-untyped-def]
    """Close one slot; who was in the last one is placed elsewhere."""
    held, first, used, opened = state[3], state[4], state[5], state[6]
    opened[j] -= 1
    if used[j] > opened[j]:
        item = held[first[j] + used[j] - 1]
        _lift(item, state)
        place(item, given, state, room)


@nb.njit(cache=True)
def _widen(j, given, state, room, by_bin):  # type: ignore[no-untyped-def]
    """Exchange two small slots of bin j for a large one."""
    open_slot(given[5] + j, given, state, room, by_bin)
    close_slot(j, given, state, room)
    close_slot(j, given, state, room)


@nb.njit(cache=True)
def _split(j, given, state, room, by_bin):  # type: ignore[no-untyped-def]
    """Exchange a large slot of bin j for two small ones."""
    open_slot(j, given, state, room, by_bin)
    open_slot(j, given, state, room, by_bin)
    close_slot(given[5] + j, given, state, room)


@nb.njit(cache=True)
def fill(free, given, state, room, by_bin):  # type: ignore[no-untyped-def]
    """Open the ``free`` units (m,) of each bin, as large slots first, and place whoever is not placed."""
    size, m = given[4], given[5]
    for j in range(m):
        for _ in range(free[j] // 2):
            open_slot(m + j, given, state, room, by_bin)
        if free[j] % 2:
            open_slot(j, given, state, room, by_bin)
    for i in range(size.size):
        if state[0][i] == UNPLACED:
            place(i, given, state, room)


@nb.njit(cache=True)
def steer(large, small, given, state, room, by_bin):  # type: ignore[no-untyped-def]
    """Exchange slots until each bin has ``large`` (m,) of two units, -1: as many as it has.

    A large one is not split where the bin has ``small`` (m,) small ones already.
    """
    m, opened = given[5], state[6]
    for j in range(m):
        while 0 <= opened[m + j] < large[j] and opened[j] >= 2:
            _widen(j, given, state, room, by_bin)
        while opened[m + j] > large[j] >= 0 and opened[j] < small[j]:
            _split(j, given, state, room, by_bin)


@nb.njit(cache=True)
def exchange(tried, allowed, given, state, room, by_bin):  # type: ignore[no-untyped-def]
    """Try an exchange at each bin of ``tried``: it stands if the total rises by less than ``allowed``."""
    m, opened, total = given[5], state[6], state[8]
    for j in tried:
        before = total[0]
        if opened[j] >= 2:
            _widen(j, given, state, room, by_bin)
            if total[0] < before + allowed:
                continue
            _split(j, given, state, room, by_bin)
        if opened[m + j] >= 1:
            _split(j, given, state, room, by_bin)
            if total[0] < before + allowed:
                continue
            _widen(j, given, state, room, by_bin)


@nb.njit(cache=True)
def begin(units, first_unit, owner, given, state):  # type: ignore[no-untyped-def]
    """Put every item that a flow keeps whole where it is, and open the slots that these fill.

    ``units`` are the pieces of the units, ``owner`` the bin of each piece.
    """
    start, bins, cost, outside, size, m = given
    opened = state[6]
    for i in range(size.size):
        piece = units[first_unit[i]]
        if size[i] == 2 and units[first_unit[i] + 1] != piece:
            continue
        if piece < 0:
            _settle(i, -1, outside[i], state)
            continue
        j = owner[piece]
        a = start[i]
        while bins[a] != j:
            a += 1
        slot = j + (m if size[i] == 2 else 0)
        opened[slot] += 1
        _settle(i, slot, cost[a], state)


@nb.njit(cache=True)
def entries(given, state):  # type: ignore[no-untyped-def]
    """Return the entry of its row that each item (n,) has, -1 outside."""
    start, bins, cost, _, size, m = given
    at, paid = state[0], state[1]
    found = np.full(size.size, -1, np.int64)
    for i in range(size.size):
        a = start[i]
        while at[i] >= 0 and found[i] < 0:
            if bins[a] == at[i] % m and cost[a] == paid[i]:
                found[i] = a
            a += 1
    return found
