"""The transportation relaxation by successive shortest paths, reading each item's pairs lazily.

An item of size s is s units of flow that cost 1/s of the item each. Each unit in turn is sent along a
shortest path of reduced costs to free room or to the outside. Pairs are sorted by cost and prices are never
negative, so a row is read only up to the cost that can still matter: few pairs first, the rest priced by
the order, and the result is exact over all pairs.
"""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True, inline="always")
def _push(heap_key, heap_node, size, key, node):  # type: ignore[no-untyped-def]
    at = size
    while at > 0:
        up = (at - 1) >> 1
        if heap_key[up] <= key:
            break
        heap_key[at] = heap_key[up]
        heap_node[at] = heap_node[up]
        at = up
    heap_key[at] = key
    heap_node[at] = node
    return size + 1


@nb.njit(cache=True, inline="always")
def _pop(heap_key, heap_node, size):  # type: ignore[no-untyped-def]
    size -= 1
    key = heap_key[size]
    node = heap_node[size]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= size:
            break
        if down + 1 < size and heap_key[down + 1] < heap_key[down]:
            down += 1
        if heap_key[down] >= key:
            break
        heap_key[at] = heap_key[down]
        heap_node[at] = heap_node[down]
        at = down
    heap_key[at] = key
    heap_node[at] = node
    return size


@nb.njit(cache=True)
def _longer(heap_key, heap_node):  # type: ignore[no-untyped-def]
    key = np.empty(2 * heap_key.size)
    node = np.empty(key.size, np.int64)
    key[: heap_key.size] = heap_key
    node[: heap_key.size] = heap_node
    return key, node


@nb.njit(cache=True)
def item_prices(start, bins, cost, outside, size, single, price, left_out):  # type: ignore[no-untyped-def]
    """Return the whole price of each item (n,): the least that its pairs and the outside ask at ``price``.

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
        found[i] = int(np.floor(low + 1e-6))
    return found


@nb.njit(cache=True)
def solve_flow(start, bins, cost, outside, size, single, capacity, order):  # type: ignore[no-untyped-def]
    """Return (piece of each unit, first unit of each item, price of each piece): an optimal flow.

    ``cost`` (z,) and ``outside`` (n,) are costs of whole items, each row of ``cost`` sorted upwards;
    ``single`` and ``capacity`` as in ``Pieces``; ``order`` (n,) is the order in which items enter. A unit
    outside has piece -1. Prices are per unit and not negative; a piece with free room has price 0.
    """
    n = size.size
    m = capacity.size
    first_unit = np.zeros(n + 1, np.int64)
    for i in range(n):
        first_unit[i + 1] = first_unit[i] + size[i]
    units = first_unit[n]
    item_of = np.empty(units, np.int64)
    for i in range(n):
        item_of[first_unit[i] : first_unit[i + 1]] = i
    unit_bin = np.full(units, -1, np.int64)
    unit_cost = np.zeros(units)
    slot_start = np.zeros(m + 1, np.int64)
    for j in range(m):
        slot_start[j + 1] = slot_start[j] + min(capacity[j], units)
    slots = np.empty(slot_start[m], np.int64)
    slot_of = np.full(units, -1, np.int64)
    used = np.zeros(m, np.int64)
    price = np.zeros(m)

    dist = np.empty(m)
    seen = np.zeros(m, np.int64)
    done = np.zeros(m, np.int64)
    from_unit = np.empty(m, np.int64)
    from_cost = np.empty(m)
    item_seen = np.zeros(n, np.int64)
    popped = np.empty(m, np.int64)
    heap_key = np.empty(1024)
    heap_node = np.empty(1024, np.int64)
    stamp = 0
    slots_at = 0

    for o in range(order.size):
        source = order[o]
        for t in range(first_unit[source], first_unit[source + 1]):
            stamp += 1
            heap = 0
            count = 0
            best = outside[source] / size[source]
            best_unit = t  # the unit that leaves (stays outside) at the end of the path
            best_bin = -1
            item_seen[source] = stamp
            unit = t
            base = 0.0
            item = source
            while True:
                # read the row of ``item``, whose unit can be moved at distance ``base``
                for a in range(start[item], start[item + 1]):
                    asks = cost[a] / size[item]
                    if base + asks >= best:
                        break
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
                                best_bin = j
                                best_unit = -1
                            else:
                                if heap == heap_key.size:
                                    heap_key, heap_node = _longer(heap_key, heap_node)
                                heap = _push(heap_key, heap_node, heap, d, j)
                        if last:
                            break
                        # an item of one unit tries the single unit first, so that pairs of units stay whole
                        last = True
                        j = bins[a]
                # choose the next item: an occupant of the nearest full bin
                item = -1
                while item < 0:
                    if count > 0:
                        j = popped[count - 1]
                        at = slots_at
                        end = slot_start[j] + used[j]
                        while at < end and item_seen[item_of[slots[at]]] == stamp:
                            at += 1
                        slots_at = at + 1
                        if at < end:
                            unit = slots[at]
                            item = item_of[unit]
                            item_seen[item] = stamp
                            base = dist[j] - unit_cost[unit] - price[j]
                            if base + outside[item] / size[item] < best:
                                best = base + outside[item] / size[item]
                                best_unit = unit
                                best_bin = -1
                            break
                    while heap > 0 and (done[heap_node[0]] == stamp or heap_key[0] > dist[heap_node[0]]):
                        heap = _pop(heap_key, heap_node, heap)
                    if heap == 0 or heap_key[0] >= best:
                        break
                    j = heap_node[0]
                    heap = _pop(heap_key, heap_node, heap)
                    done[j] = stamp
                    popped[count] = j
                    count += 1
                    slots_at = slot_start[j]
                if item < 0:
                    break
            for k in range(count):
                j = popped[k]
                if dist[j] < best:
                    price[j] += best - dist[j]
            # send the unit along the path, last step first
            if best_bin >= 0:
                moving = from_unit[best_bin]
                target = best_bin
                spot = slot_start[target] + used[target]
                used[target] += 1
                pay = from_cost[target]
            else:
                moving = best_unit
                target = -1
                spot = -1
                pay = 0.0
            while True:
                old = unit_bin[moving]
                old_spot = slot_of[moving]
                unit_bin[moving] = target
                slot_of[moving] = spot
                unit_cost[moving] = pay
                if target >= 0:
                    slots[spot] = moving
                if moving == t:
                    break
                target = old
                spot = old_spot
                moving = from_unit[old]
                pay = from_cost[old]
    return unit_bin, first_unit, price
