"""From prices to a plan: overfull bins send items on along the cheapest paths, dear free room is filled.

Seen through prices, a plan costs the bound, plus the *regret* of each item (what its option costs above the
least that prices allow), plus free room times its price. Bins (and "outside") are the nodes of a graph; the
arc from one to another costs the least regret for a unit that an item sent along it would add. An overfull
bin pushes along the shortest path to free room; a dear bin with free room pulls.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.transport.options import Shortlist
from tideover.engines.transport.problem import Floats, Ints, Narrow

#: Entries of an arc that are looked at for an item of the right size.
LOOK = 48


@nb.njit(cache=True)
def _gaps(code, cost, size, outside, price, node, budget, count_only, tail, item, entry, key):  # type: ignore[no-untyped-def]
    """Write every move whose regret for a unit rises by at most ``budget``; return how many there are.

    ``tail`` is from-node times (nodes) plus to-node, ``entry`` the option (-1 outside).
    """
    m = price.size
    at = 0
    for i in range(size.size):
        s = size[i]
        here = float(outside[i])
        if node[i] < m:
            for k in range(code.shape[1]):
                if code[i, k] == node[i]:
                    here = cost[i, k] + s * price[code[i, k]]
        for k in range(-1, code.shape[1]):
            to = m if k < 0 else code[i, k]
            if to < 0 or to == node[i]:
                continue
            v = float(outside[i]) if k < 0 else cost[i, k] + s * price[to]
            d = (v - here) / s
            if d <= budget:
                if not count_only:
                    tail[at] = node[i] * (m + 1) + to
                    item[at] = i
                    entry[at] = k
                    key[at] = max(d, 0.0)
                at += 1
    return at


@nb.njit(cache=True)
def _paths(source, backwards, first, arc_from, arc_to, order, weight, dist, via, queue, waiting):  # type: ignore[no-untyped-def]
    """Write each node's shortest distance from ``source`` (backwards: to it), and the last arc of its path.

    Arcs of node x are ``order[first[x]:first[x + 1]]``; weights are at least 0.
    """
    nodes = dist.size
    dist[:] = np.inf
    via[:] = -1
    dist[source] = 0.0
    head, held = 0, 1
    queue[0] = source
    waiting[:] = False
    visits = 0
    while held > 0 and visits < 40 * nodes:
        x = queue[head]
        head = (head + 1) % nodes
        held -= 1
        waiting[x] = False
        visits += 1
        for o in range(first[x], first[x + 1]):
            a = order[o]
            y = arc_from[a] if backwards else arc_to[a]
            d = dist[x] + weight[a]
            if d < dist[y] - 1e-9 and y != source:
                dist[y] = d
                via[y] = a
                if not waiting[y]:
                    queue[(head + held) % nodes] = y
                    held += 1
                    waiting[y] = True
    return visits


@nb.njit(cache=True)
def _advance(a, ptr, last, item, key, moved, weight):  # type: ignore[no-untyped-def]
    while ptr[a] < last[a] and moved[item[ptr[a]]]:
        ptr[a] += 1
    weight[a] = key[ptr[a]] if ptr[a] < last[a] else np.inf


@nb.njit(cache=True)
def _pick(a, want, slack, ptr, last, item, key, size, moved):  # type: ignore[no-untyped-def]
    """Return the entry of arc a to use: the cheapest of at most ``want`` units, else the smallest, or -1."""
    found = -1
    least = 1 << 40
    seen = 0
    e = ptr[a]
    while e < last[a] and seen < LOOK:
        if not moved[item[e]]:
            seen += 1
            s = size[item[e]]
            if s <= want and (found < 0 or least > want or key[e] < key[found]):
                return e
            if s < least:
                found, least = e, s
        e += 1
    return found if slack else -1


@nb.njit(cache=True)
def _neediest(pulling, load, capacity, price, stuck):  # type: ignore[no-untyped-def]
    """Return the bin that is most overfull (pulling: whose free room is dearest) and not stuck, or -1."""
    source = -1
    worst = 0.0
    for j in range(capacity.size):
        over = load[j] - capacity[j]
        need = -over * price[j] if pulling else over
        if not stuck[j] and need > worst:
            source, worst = j, float(need)
    return source


@nb.njit(cache=True)
def _nearest_room(source, load, capacity, price, dist, via, ptr, item, size):  # type: ignore[no-untyped-def]
    """Return the node with free room that ``source`` pushes to at least regret, or -1."""
    beyond = capacity.size
    end, loose = -1, -1
    best = least = np.inf
    for y in range(dist.size):
        if y == source or dist[y] == np.inf or (y < beyond and load[y] >= capacity[y]):
            continue
        left = dist[y] - (price[y] if y < beyond else 0.0)
        if y < beyond and load[y] + size[item[ptr[via[y]]]] > capacity[y]:
            # the item that would come is larger than the room: only if there is no other way
            if left < least:
                loose, least = y, left
        elif left < best:
            end, best = y, left
    return end if end >= 0 else loose


@nb.njit(cache=True)
def _cheapest_giver(source, load, capacity, price, dist):  # type: ignore[no-untyped-def]
    """Return the node that ``source`` pulls from at least regret, if less than its price, or -1."""
    beyond = capacity.size
    end = -1
    best = float(price[source]) - 1e-9
    for y in range(dist.size):
        if y == source or dist[y] == np.inf:
            continue
        left = dist[y] + (price[y] if y < beyond and load[y] <= capacity[y] else 0.0)
        if left < best:
            end, best = y, left
    return end


@nb.njit(cache=True)
def _trail(source, end, via, onward, path):  # type: ignore[no-untyped-def]
    """Write the arcs from ``end`` to ``source``; return how many, 0 if they do not meet."""
    length = 0
    y = end
    while y >= 0 and y != source and length < path.size - 1:
        path[length] = via[y]
        length += 1
        y = onward[via[y]]
    return length if end >= 0 and y == source else 0


@nb.njit(cache=True)
def _send(path, length, pulling, load, capacity, arcs, entries, size, moved, take, used):  # type: ignore[no-untyped-def]
    """Move an item along each arc of the path while there is need; return how many entries are used."""
    arc_from, arc_to, ptr, last, weight = arcs
    item, key = entries
    beyond = capacity.size
    # paths are written from their end; pushing begins at the source, which is their last arc
    for step in range(length):
        a = path[length - 1 - step]
        x, z = arc_from[a], arc_to[a]
        want = capacity[z] - load[z] if pulling else load[x] - capacity[x]
        if want <= 0:
            break
        e = _pick(a, want, not pulling, ptr, last, item, key, size, moved)
        if e < 0:
            break
        i = item[e]
        moved[i] = True
        take[used] = e
        used += 1
        if x < beyond:
            load[x] -= size[i]
        if z < beyond:
            load[z] += size[i]
        _advance(a, ptr, last, item, key, moved, weight)
    return used


@nb.njit(cache=True)
def _mend(  # type: ignore[no-untyped-def]
    size, price, load, capacity, arc_from, arc_to, out_first, out_order, in_first, in_order, ptr, last, item,
    key, moved, take,
):  # fmt: skip
    """Push from overfull bins, then pull into dear free room; write the entries used into ``take``."""
    nodes = capacity.size + 1
    weight = np.empty(arc_from.size)
    for a in range(weight.size):
        _advance(a, ptr, last, item, key, moved, weight)
    arcs, entries = (arc_from, arc_to, ptr, last, weight), (item, key)
    dist, via = np.empty(nodes), np.empty(nodes, np.int64)
    queue, waiting = np.empty(nodes, np.int64), np.empty(nodes, np.bool_)
    path = np.empty(nodes, np.int64)
    used = 0
    stuck = np.zeros(nodes, np.bool_)
    for pulling in range(2):
        stuck[:] = False
        while True:
            source = _neediest(pulling, load, capacity, price, stuck)
            if source < 0:
                break
            if pulling:
                _paths(source, 1, in_first, arc_from, arc_to, in_order, weight, dist, via, queue, waiting)
                end = _cheapest_giver(source, load, capacity, price, dist)
                length = _trail(source, end, via, arc_to, path)
            else:
                _paths(source, 0, out_first, arc_from, arc_to, out_order, weight, dist, via, queue, waiting)
                end = _nearest_room(source, load, capacity, price, dist, via, ptr, item, size)
                length = _trail(source, end, via, arc_from, path)
            before = used
            used = _send(path, length, pulling, load, capacity, arcs, entries, size, moved, take, used)
            stuck[source] = used == before
    return used


def _arcs(tail: Ints, nodes: int) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints, Ints]:
    ends = np.flatnonzero(np.diff(tail, append=-1)) + 1 if tail.size else np.empty(0, np.int64)
    begins = np.concatenate([[0], ends[:-1]]).astype(np.int64) if tail.size else ends
    both = tail[begins]
    arc_from, arc_to = both // nodes, both % nodes
    inwards = np.argsort(arc_to, kind="stable")
    edges = np.arange(nodes + 1)
    out_first, in_first = np.searchsorted(arc_from, edges), np.searchsorted(arc_to[inwards], edges)
    return arc_from, arc_to, out_first, in_first, inwards, begins, ends


def mend(
    listed: Shortlist, capacity: Ints, price: Floats, node: Ints, budget: float, most: int
) -> tuple[int, bool]:
    """Move items along paths of moves of at most ``budget`` regret for a unit; ``node`` (n,) is written into.

    Nodes are bins 0 to m - 1 and m for outside. Each item moves once. Returns how many moved, and whether all
    bins are within capacity. At most ``most`` moves are looked at (cheapest budgets win).
    """
    nodes = capacity.size + 1
    none = np.empty(0, np.int64)
    fixed = (listed.code, listed.cost, listed.size, listed.outside, price, node)
    count = _gaps(*fixed, budget, 1, none, none, none, np.empty(0))
    while count > most:
        budget *= 0.5
        count = _gaps(*fixed, budget, 1, none, none, none, np.empty(0))
        if budget < 1e-3:
            break
    tail, item, entry = (np.empty(count, np.int64) for _ in range(3))
    key = np.empty(count)
    _gaps(*fixed, budget, 0, tail, item, entry, key)
    order = np.lexsort((key, tail))
    tail, item, entry, key = tail[order], item[order], entry[order], key[order]
    arc_from, arc_to, out_first, in_first, inwards, begins, ends = _arcs(tail, nodes)
    load = np.bincount(node, listed.size, nodes).astype(np.int64)[:-1]
    moved, take = np.zeros(node.size, np.bool_), np.empty(node.size, np.int64)
    used = _mend(
        listed.size, price, load, capacity, arc_from, arc_to, out_first, np.arange(arc_from.size), in_first,
        inwards, begins.copy(), ends, item, key, moved, take,
    )  # fmt: skip
    for e in take[:used]:
        node[item[e]] = tail[e] % nodes
    return used, bool((load <= capacity).all())


@nb.njit(cache=True)
def _nearest(code, cost, size, outside, price, node):  # type: ignore[no-untyped-def]
    m = price.size
    for i in range(size.size):
        best = float(outside[i])
        node[i] = m
        for k in range(code.shape[1]):
            j = code[i, k]
            if j < 0:
                break
            v = cost[i, k] + size[i] * price[j]
            if v < best:
                best = v
                node[i] = j


def nearest(listed: Shortlist, price: Floats) -> Ints:
    """Return the node that each item likes best at these prices, (n,): a bin, or m for outside."""
    node = np.empty(listed.size.size, np.int64)
    _nearest(listed.code, listed.cost, listed.size, listed.outside, price, node)
    return node


def nodes_of(choice: Narrow, m: int) -> Ints:
    """Return the node of each item: its bin, or m for outside."""
    return np.where(choice < 0, m, choice).astype(np.int64)
