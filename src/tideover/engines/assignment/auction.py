"""An auction for prices where demand exceeds capacity and shortest paths would take too long.

Units bid for bins (Bertsekas 1988): each takes the bin that asks least, at a price that leaves it as well off
as with its second choice, and puts out the lowest bidder of a full bin. Pieces that all items see
alike bid as one group. With a bid step of ``step`` a unit ends at most ``step`` above its best; the prices
prove a bound whatever the step is.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.assignment.problem import Floats, Ints
from tideover.engines.assignment.rows import Pieces, Rows

#: Pairs that an item keeps at hand between two readings of its whole row.
_NEAR = 24
#: A round starts this many steps of the round before below its prices, or so many where not all was sold; an
#: item keeps together for so many.
_BACK, _FAR_BACK, _TOGETHER = 2.0, 256.0, 2.0
#: A step is this part of the step before. They end where the cost of all units is known to within this share
#: of what is proven (or this cost); a unit is at most so many steps from its best.
_FALL, _CLOSE, _LEAST, _APART = 4.0, 1e-4, 0.25, 3.0


def by_auction(rows: Rows, pieces: Pieces, order: Ints) -> tuple[Ints, Ints, Floats]:
    """Return (piece of each unit, first unit of each item, price of each piece), as ``solve_flow`` does.

    Every item is whole, in one piece or outside (-1), or its units have piece -2: it is still to be placed.
    ``order`` (n,) is who bids first. Steps fall until prices prove the units' cost up to ``_CLOSE``.
    """
    group = _groups(rows, pieces)
    many = int(group.max(initial=-1)) + 1
    capacity = np.bincount(group, weights=pieces.capacity, minlength=many).astype(np.int64)
    start, bins, cost = _group_rows(rows.start, rows.bin, rows.cost, rows.size, pieces.single, group, many)
    low = np.concatenate([np.zeros(1, np.int64), np.cumsum(capacity)])
    bid, who = np.zeros(low[-1]), np.full(low[-1], -1)
    price = np.where(capacity > 0, 0.0, np.inf)
    units, step = int(rows.size.sum()), float((rows.outside / rows.size).max(initial=0.0))
    before, enough = 0.0, step
    while step >= enough and units:
        step /= _FALL
        _set_back(price, low, bid, who, before)
        _round(start, bins, cost, rows.outside, rows.size, low, step, order, bid, who, price)
        proven = _proven(start, bins, cost, rows.outside, rows.size, capacity, price)
        enough = max(_CLOSE * proven, _LEAST) / (_APART * units)
        before = step
    place = _settle(
        _held(rows.size, low, who),
        rows.size,
        pieces.capacity,
        np.argsort(group, kind="stable"),
        np.searchsorted(np.sort(group), np.arange(many + 1)),
    )
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(rows.size)])
    return np.repeat(place, rows.size), first, np.where(capacity > 0, price, 0.0)[group]


def _groups(rows: Rows, pieces: Pieces) -> Ints:
    """Return the group of each piece (m',): those that the same items see at the same cost are one."""
    small, all_items = _keys(rows.start, rows.bin, rows.cost, rows.size, rows.capacity.size)
    key = np.concatenate([all_items, small[pieces.owner[rows.capacity.size :]]])
    alone = (key == 0) | (pieces.capacity == 0)
    key[alone] = np.flatnonzero(alone)  # a hash of pairs is as small as this by a chance of 1 in 2**40
    group: Ints = np.unique(key, return_inverse=True)[1]
    return group.astype(np.int64)


@nb.njit(cache=True)
def _keys(start, bins, cost, size, m):  # type: ignore[no-untyped-def]
    """Return a hash of each bin's pairs with items of one unit, and of all its pairs."""
    small = np.zeros(m, np.uint64)
    large = np.zeros(m, np.uint64)
    for i in range(size.size):
        for a in range(start[i], start[i + 1]):
            x = np.uint64(i + 1) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(cost[a] + 1)
            x = (x ^ (x >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
            x ^= x >> np.uint64(32)
            if size[i] > 1:
                large[bins[a]] += x
            else:
                small[bins[a]] += x
    return small, small + large


@nb.njit(cache=True)
def _group_rows(start, bins, cost, size, single, group, many):  # type: ignore[no-untyped-def]
    """Return (start, group, cost) of each item's pairs with groups, sorted by cost like the rows."""
    n = start.size - 1
    to_start = np.zeros(n + 1, np.int64)
    seen = np.full(many, -1, np.int64)
    for write in range(2):
        seen[:] = -1
        at = 0
        if write == 1:
            to_group = np.empty(to_start[n], np.int32)
            to_cost = np.empty(to_start[n], np.int64)
        for i in range(n):
            for a in range(start[i], start[i + 1]):
                for part in range(2):
                    j = np.int64(bins[a])
                    if part == 1:
                        j = single[j] if size[i] == 1 else np.int64(-1)
                    if j >= 0 and seen[group[j]] != i:
                        seen[group[j]] = i
                        if write == 1:
                            to_group[at] = group[j]
                            to_cost[at] = cost[a]
                        at += 1
            to_start[i + 1] = at
    return to_start, to_group, to_cost


@nb.njit(cache=True)
def _set_back(price, low, bid, who, step):  # type: ignore[no-untyped-def]
    """Lower all prices by some steps, more where a unit was not sold, but not below 0; let everybody go."""
    for j in range(price.size):
        if low[j + 1] > low[j]:
            sold = who[low[j] : low[j + 1]].min() >= 0
            price[j] = max(0.0, price[j] - (_BACK if sold else _FAR_BACK) * step)
            bid[low[j] : low[j + 1]] = price[j]
    who[:] = -1


@nb.njit(cache=True)
def _proven(start, bins, cost, outside, size, capacity, price):  # type: ignore[no-untyped-def]
    """Return what the prices prove: no flow of all units costs less."""
    total = 0.0
    for i in range(size.size):
        low = float(outside[i])
        for a in range(start[i], start[i + 1]):
            if cost[a] >= low:
                break
            low = min(low, cost[a] + size[i] * price[bins[a]])
        total += low
    for j in range(capacity.size):
        if capacity[j] > 0:
            total -= capacity[j] * price[j]
    return total


@nb.njit(cache=True)
def _round(start, bins, cost, outside, size, low, step, order, bid, who, price):  # type: ignore[no-untyped-def]
    """Let every unit bid until none is put out any more."""
    near = np.full((size.size, _NEAR), -1, np.int64)
    beyond = np.full(size.size, -np.inf)
    asked = np.empty(_NEAR + 1)
    where = np.empty(_NEAR + 1, np.int64)
    beside = np.full(size.size, -1, np.int64)  # where a unit of the item went last
    waiting = np.empty(size.sum() + 1, np.int64)
    top = 0
    for k in range(order.size - 1, -1, -1):
        for _ in range(size[order[k]]):
            waiting[top] = order[k]
            top += 1
    while top > 0:
        top -= 1
        i = waiting[top]
        prefer = beside[i] if size[i] > 1 else -1
        slack = _TOGETHER * step
        chosen, pays, second = _choice(i, near, bins, cost, outside, size, price, prefer, slack)
        if second > beyond[i]:  # what is not at hand may be as good: read the whole row
            beyond[i] = _gather(i, near, start, bins, cost, outside, size, price, asked, where)
            chosen, pays, second = _choice(i, near, bins, cost, outside, size, price, prefer, slack)
        beside[i] = chosen
        if chosen < 0:
            continue
        first = low[chosen]
        if who[first] >= 0:
            waiting[top] = who[first]
            top += 1
        _sink(bid, who, first, low[chosen + 1] - first, second - pays + step, i)
        price[chosen] = bid[first]


@nb.njit(cache=True)
def _choice(i, near, bins, cost, outside, size, price, prefer, slack):  # type: ignore[no-untyped-def]
    """Return (group that asks least of item i, its own cost there, what the second choice asks), per unit.

    The group ``prefer`` is taken where it asks at most ``slack`` more.
    """
    second = outside[i] / size[i]
    best = second
    chosen = -1
    pays = 0.0
    there = np.inf
    own_there = 0.0
    for k in range(near.shape[1]):
        a = near[i, k]
        if a < 0:
            break
        own = cost[a] / size[i]
        asks = own + price[bins[a]]
        if bins[a] == prefer:
            there = asks
            own_there = own
        if asks < best:
            second = best
            best = asks
            chosen = bins[a]
            pays = own
        elif asks < second:
            second = asks
    if there <= best + slack:
        if chosen != prefer:
            second = max(best, there)
        chosen = prefer
        pays = own_there
    return chosen, pays, second


@nb.njit(cache=True)
def _gather(i, near, start, bins, cost, outside, size, price, asked, where):  # type: ignore[no-untyped-def]
    """Take the pairs that ask least of item i to hand; return what all others ask at least."""
    most = near.shape[1]
    held = 0
    for a in range(start[i], start[i + 1]):
        own = cost[a] / size[i]
        if own >= outside[i] / size[i] or (held > most and own >= asked[most]):
            break
        asks = own + price[bins[a]]
        if held > most and asks >= asked[most]:
            continue
        k = min(held, most)
        held = min(held, most) + 1
        while k > 0 and asked[k - 1] > asks:
            asked[k] = asked[k - 1]
            where[k] = where[k - 1]
            k -= 1
        asked[k] = asks
        where[k] = a
    near[i, :] = -1
    for k in range(min(held, most)):
        near[i, k] = where[k]
    return asked[most] if held > most else np.inf


@nb.njit(cache=True)
def _held(size, low, who):  # type: ignore[no-untyped-def]
    """Return the group of each item, -1 outside, -2 still to be placed: no group holds more than it can.

    Items whose two units lie apart are edges between groups, or a group and the outside. Walked along in
    closed trails, each goes whole to the end that the trail comes to, so that a group of even degree holds as
    many units as before; where the degree is odd, one item may be left to be placed.
    """
    groups = low.size - 1
    held = np.full(size.size, -1, np.int64)
    other = np.full(size.size, -1, np.int64)
    units = np.zeros(size.size, np.int64)
    for j in range(groups):
        for s in range(low[j], low[j + 1]):
            i = who[s]
            if i >= 0:
                units[i] += 1
                if units[i] == 1:
                    held[i] = j
                elif held[i] != j:
                    other[i] = j
    apart = np.empty(size.size, np.int64)
    count = 0
    for i in range(size.size):
        if units[i] > 0 and (units[i] < size[i] or other[i] >= 0):
            if size[i] == 2:
                apart[count] = i
                count += 1
            else:
                held[i] = -2
    first, second = held[apart[:count]], other[apart[:count]]
    toward = _trails(np.where(first < 0, groups, first), np.where(second < 0, groups, second), groups)
    for e in range(count):
        held[apart[e]] = toward[e]
    return held


@nb.njit(cache=True)
def _trails(one, two, groups):  # type: ignore[no-untyped-def]
    """Return the end (count,) that each edge goes to: -1 for the node ``groups``, -2 where it must wait."""
    count = one.size
    degree = np.zeros(groups + 1, np.int64)
    for e in range(count):
        degree[one[e]] += 1
        degree[two[e]] += 1
    odd = np.flatnonzero(degree[:groups] % 2 == 1)
    one = np.concatenate((one, odd))
    two = np.concatenate((two, np.full(odd.size, groups, np.int64)))
    degree[odd] += 1
    degree[groups] += odd.size
    first = np.zeros(groups + 2, np.int64)
    first[1:] = np.cumsum(degree)
    at = first[:-1].copy()
    edge = np.empty(first[-1], np.int64)
    for e in range(one.size):
        for node in (one[e], two[e]):
            edge[at[node]] = e
            at[node] += 1
    at[:] = first[:-1]
    toward = np.full(one.size, -3, np.int64)
    last = np.full(groups + 1, -1, np.int64)  # the latest edge that came to a node
    for root in range(groups, -1, -1):
        node = root
        while at[node] < first[node + 1]:
            e = edge[at[node]]
            at[node] += 1
            if toward[e] > -3:
                continue
            node = two[e] if node == one[e] else one[e]
            toward[e] = node
            if e < count:
                last[node] = e
    for k in range(odd.size):
        if toward[count + k] == groups:  # the trail left by an edge that is none: one unit too many
            toward[last[odd[k]]] = -2
    for e in range(count):
        if toward[e] == groups:
            toward[e] = -1
    return toward[:count]


@nb.njit(cache=True)
def _sink(bid, who, first, count, offer, i):  # type: ignore[no-untyped-def]
    """Put an offer of item i in the place of the lowest bid of a heap."""
    at = 0
    while 2 * at + 1 < count:
        down = 2 * at + 1
        if down + 1 < count and bid[first + down + 1] < bid[first + down]:
            down += 1
        if bid[first + down] >= offer:
            break
        bid[first + at] = bid[first + down]
        who[first + at] = who[first + down]
        at = down
    bid[first + at] = offer
    who[first + at] = i


@nb.njit(cache=True)
def _settle(held, size, capacity, by_group, edges):  # type: ignore[no-untyped-def]
    """Return the piece of each item, large ones first: the first piece of its group with room, else -2."""
    free = capacity.copy()
    place = held.copy()
    begin = edges[:-1].copy()
    for i in np.argsort(-size, kind="mergesort"):
        g = held[i]
        if g < 0:
            continue
        place[i] = -2
        while begin[g] < edges[g + 1] and free[by_group[begin[g]]] == 0:
            begin[g] += 1
        for k in range(begin[g], edges[g + 1]):
            if free[by_group[k]] >= size[i]:
                place[i] = by_group[k]
                free[place[i]] -= size[i]
                break
    return place
