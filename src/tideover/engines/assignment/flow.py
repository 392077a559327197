"""The transportation relaxation by successive shortest paths, reading each item's pairs lazily.

An item of size s is s units of flow that cost 1/s of the item each. Each unit in turn is sent along a
shortest path of reduced costs to free room or to the outside. Pairs are sorted by cost and prices are never
negative, so a row is read only up to the cost that can still matter: few pairs first, the rest priced by
the order, and the result is exact over all pairs.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.assignment.heap import longer, pop, push

#: Going to another item or piece is as much work as reading so many pairs.
_STEP = 10


@nb.njit(cache=True)
def item_prices(start, bins, cost, outside, size, single, price, left_out, slack):  # type: ignore[no-untyped-def]
    """Return the whole price of each item (n,): the least that its pairs and the outside ask at ``price``.

    What is less than ``slack`` below a whole number is taken for it.

    ``left_out`` (m',) marks pieces that ask nothing of anybody.
    """
    found = np.empty(size.size, np.int64)
    for i in range(size.size):
        low = float(outside[i])
        for a in range(start[i], start[i + 1]):
            if cost[a] >= low:
                break
            j = bins[a]
            if not left_out[j]:
                low = min(low, cost[a] + size[i] * price[j])
            j = single[j] if size[i] == 1 else -1
            if j >= 0 and not left_out[j]:
                low = min(low, cost[a] + price[j])
        found[i] = int(np.floor(low + slack))
    return found


@nb.njit(cache=True)
def _laid_out(size, capacity):  # type: ignore[no-untyped-def]
    """Return the empty flow: a tuple of arrays that the functions here write into.

    first_unit (n + 1,), item_of (u,) items and units; unit_piece, unit_cost, spot (u,) where each unit is, at
    which cost, in which slot; slots, slot_start (m + 1,), used (m,) the units in each piece; price (m,).
    """
    n, m = size.size, capacity.size
    first_unit = np.zeros(n + 1, np.int64)
    first_unit[1:] = np.cumsum(size)
    units = first_unit[n]
    item_of = np.repeat(np.arange(n), size)
    slot_start = np.zeros(m + 1, np.int64)
    slot_start[1:] = np.cumsum(np.minimum(capacity, units))
    slots = np.empty(slot_start[m], np.int64)
    return (
        first_unit,
        item_of,
        np.full(units, -1, np.int64),
        np.zeros(units),
        np.full(units, -1, np.int64),
        slots,
        slot_start,
        np.zeros(m, np.int64),
        np.zeros(m),
    )


@nb.njit(cache=True)
def _read_row(unit, base, best, heap, stamp, given, flow, path, keys, nodes):  # type: ignore[no-untyped-def]
    """Read the pairs of the item of ``unit``, which can be moved at distance ``base``.

    Returns (distance of the nearest end found, its piece or -1 if none was found, heap, keys, nodes, reads).
    """
    start, bins, cost, _, size, single, capacity = given
    _, item_of, _, _, _, _, _, used, price = flow
    dist, seen, done, from_unit, from_cost, _, _ = path
    item = item_of[unit]
    end = -1
    a = start[item]
    while a < start[item + 1]:
        asks = cost[a] / size[item]
        if base + asks >= best:
            break
        # an item of one unit tries the single unit first, so that pairs of units stay whole
        j = single[bins[a]] if size[item] == 1 else -1
        last = j < 0
        if last:
            j = bins[a]
        while True:
            d = base + asks + price[j]
            if done[j] != stamp and d < best and (seen[j] != stamp or d < dist[j]):
                seen[j] = stamp
                dist[j] = d
                from_unit[j] = unit
                from_cost[j] = asks
                if used[j] < capacity[j]:
                    best = d
                    end = j
                else:
                    if heap == keys.size:
                        keys, nodes = longer(keys, nodes)
                    heap = push(keys, nodes, heap, d, j)
            if last:
                break
            last = True
            j = bins[a]
        a += 1
    return best, end, heap, keys, nodes, a - start[item]


@nb.njit(cache=True)
def _shortest(source, stamp, given, flow, path, keys, nodes):  # type: ignore[no-untyped-def]
    """Find the shortest path of a unit to free room, or to some unit that leaves; raise prices along it.

    Returns (piece with room or -1, the unit that leaves or -1, keys, nodes, work in pairs read).
    """
    outside, size = given[3], given[4]
    _, item_of, _, unit_cost, _, slots, slot_start, used, price = flow
    dist, _, done, _, _, item_seen, popped = path
    item = item_of[source]
    item_seen[item] = stamp
    best = outside[item] / size[item]
    leaves, end = source, -1
    unit, base = source, 0.0
    heap, count, at, reads = 0, 0, 0, 0
    while item >= 0:
        best, found, heap, keys, nodes, read = _read_row(
            unit, base, best, heap, stamp, given, flow, path, keys, nodes
        )
        reads += read + _STEP
        if found >= 0:
            leaves, end = -1, found
        # choose the next item: an occupant of the nearest full piece
        item = -1
        while item < 0:
            if count > 0:
                j = popped[count - 1]
                stop = slot_start[j] + used[j]
                while at < stop and item_seen[item_of[slots[at]]] == stamp:
                    at += 1
                    reads += 1
                if at < stop:
                    unit = slots[at]
                    at += 1
                    item = item_of[unit]
                    item_seen[item] = stamp
                    base = dist[j] - unit_cost[unit] - price[j]
                    if base + outside[item] / size[item] < best:
                        best = base + outside[item] / size[item]
                        leaves, end = unit, -1
                    break
            while heap > 0 and (done[nodes[0]] == stamp or keys[0] > dist[nodes[0]]):
                heap = pop(keys, nodes, heap)
            if heap == 0 or keys[0] >= best:
                break
            j = nodes[0]
            heap = pop(keys, nodes, heap)
            reads += _STEP
            done[j] = stamp
            popped[count] = j
            count += 1
            at = slot_start[j]
    for k in range(count):
        if dist[popped[k]] < best:
            price[popped[k]] += best - dist[popped[k]]
    return end, leaves, keys, nodes, reads


@nb.njit(cache=True)
def _send(source, end, leaves, flow, path):  # type: ignore[no-untyped-def]
    """Send a unit along its path, last step first."""
    _, _, unit_piece, unit_cost, spot, slots, slot_start, used, _ = flow
    _, _, _, from_unit, from_cost, _, _ = path
    if end >= 0:
        moving = from_unit[end]
        place = slot_start[end] + used[end]
        used[end] += 1
        pay = from_cost[end]
    else:
        moving = leaves
        place = -1
        pay = 0.0
    target = end
    while True:
        old = unit_piece[moving]
        old_place = spot[moving]
        unit_piece[moving] = target
        spot[moving] = place
        unit_cost[moving] = pay
        if target >= 0:
            slots[place] = moving
        if moving == source:
            break
        target = old
        place = old_place
        moving = from_unit[old]
        pay = from_cost[old]


@nb.njit(cache=True)
def solve_flow(start, bins, cost, outside, size, single, capacity, order, most):  # type: ignore[no-untyped-def]
    """Return (piece of each unit, first unit of each item, price of each piece, done): an optimal flow.

    ``cost`` (z,) and ``outside`` (n,) are costs of whole items, each row of ``cost`` sorted upwards;
    ``single`` and ``capacity`` as in ``Pieces``; ``order`` (n,) is the order in which items enter. A unit
    outside has piece -1. Prices are per unit and not negative; a piece with free room has price 0. After
    the work of reading ``most`` pairs it gives up: ``done`` is false, and the rest of the units are outside.
    """
    given = (start, bins, cost, outside, size, single, capacity)
    flow = _laid_out(size, capacity)
    n, m = size.size, capacity.size
    path = (
        np.empty(m),
        np.zeros(m, np.int64),
        np.zeros(m, np.int64),
        np.empty(m, np.int64),
        np.empty(m),
        np.zeros(n, np.int64),
        np.empty(m, np.int64),
    )
    keys = np.empty(1024)
    nodes = np.empty(1024, np.int64)
    first_unit = flow[0]
    stamp, reads = 0, 0
    for o in range(order.size):
        for t in range(first_unit[order[o]], first_unit[order[o] + 1]):
            stamp += 1
            end, leaves, keys, nodes, read = _shortest(t, stamp, given, flow, path, keys, nodes)
            _send(t, end, leaves, flow, path)
            reads += read
        if reads > most:
            return flow[2], first_unit, flow[8], False
    _rotate(flow[2], first_unit, size, m)
    return flow[2], first_unit, flow[8], True


@nb.njit(cache=True)
def _rotate(piece, first_unit, size, m):  # type: ignore[no-untyped-def]
    """Make items of two units whole that lie apart along a cycle: each goes to the end the cycle comes to.

    All are where prices want them, so that this costs nothing, and every piece holds as much as before. The
    flow that is left is a forest: a basic solution.
    """
    apart = np.empty(size.size, np.int64)
    count = 0
    degree = np.zeros(m + 2, np.int64)
    for i in range(size.size):
        u = first_unit[i]
        if size[i] == 2 and piece[u] != piece[u + 1]:
            apart[count] = u
            count += 1
            degree[piece[u] + 2] += 1  # the outside, piece -1, is node 0
            degree[piece[u + 1] + 2] += 1
    first = np.cumsum(degree)
    edge = np.empty(2 * count, np.int64)
    fill = first[:-1].copy()
    for e in range(count):
        for u in (apart[e], apart[e] + 1):
            edge[fill[piece[u] + 1]] = e
            fill[piece[u] + 1] += 1
    at = first[:-1].copy()
    used = np.zeros(count, np.bool_)
    spot = np.full(m + 1, -1, np.int64)  # where a node stands on the trail
    nodes = np.empty(count + 1, np.int64)
    edges = np.empty(count + 1, np.int64)
    for root in range(m + 1):
        nodes[0], spot[root], length = root, 0, 1
        while length > 0:
            node = nodes[length - 1]
            while at[node] < first[node + 1] and used[edge[at[node]]]:
                at[node] += 1
            if at[node] == first[node + 1]:  # a dead end: its item stays apart
                spot[node] = -1
                length -= 1
                continue
            e = edge[at[node]]
            used[e] = True
            u = apart[e]
            other = piece[u] + piece[u + 1] + 2 - node
            edges[length] = e
            if spot[other] < 0:
                nodes[length], spot[other] = other, length
                length += 1
                continue
            into = other
            for k in range(length, spot[other], -1):
                u = apart[edges[k]]
                left = nodes[k - 1]
                piece[u], piece[u + 1] = into - 1, into - 1
                into = left
                if k - 1 > spot[other]:
                    spot[left] = -1
            length = spot[other] + 1
