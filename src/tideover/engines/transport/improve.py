"""A plan made cheaper by chains of moves at random: simulated annealing with a fixed seed.

An item goes to one of its options; where it does not fit it pushes another on, which goes to one of its own,
and so on; room that became free at the start of the chain is offered to others. A chain is kept if it saves,
else by chance. The items whose second option is nearest to their first at the prices take part.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.transport.options import Shortlist
from tideover.engines.transport.problem import Floats, Ints

#: Items that take part, longest chain, tries for each link, how much colder it ends.
TAKE_PART, CHAIN, TRIES, COLDER = 4_000, 5, 6, 300.0
SEED = 88172645463325252


@nb.njit(cache=True)
def uniform(state):  # type: ignore[no-untyped-def]
    """Return a number of at least 0 and under 1 by chance, and move ``state`` (1,) on (xorshift)."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return float(x >> np.uint64(11)) / 9007199254740992.0


@nb.njit(cache=True)
def _put(e, k, where, size, at, free, slots, count, spot):  # type: ignore[no-untyped-def]
    """Move the item to its option k, keeping the lists of who is where."""
    b = where[e, at[e]]
    count[b] -= 1
    last = slots[b, count[b]]
    slots[b, spot[e]] = last
    spot[last] = spot[e]
    free[b] += size[e]
    at[e] = k
    b = where[e, k]
    spot[e] = count[b]
    slots[b, count[b]] = e
    count[b] += 1
    free[b] -= size[e]


@nb.njit(cache=True)
def _option(e, options, at, state):  # type: ignore[no-untyped-def]
    """Return an option of the item other than its own, the nearer the likelier; -1 if there is none."""
    if options[e] < 2:
        return -1
    k = 0
    while uniform(state) < 0.5 and k < options[e] - 1:
        k += 1
    if k == at[e]:
        k = k + 1 if k + 1 < options[e] else k - 1
    return k


@nb.njit(cache=True, inline="always")
def _pushed(e, k, plan, trail, state):  # type: ignore[no-untyped-def]
    """Move an item to its option k, whom it displaces on, and so on; return length, change of cost, fits."""
    where, cost, options, size, at, free, slots, count, spot = plan
    length, change = 0, 0
    while k >= 0:
        trail[length, 0], trail[length, 1] = e, at[e]
        length += 1
        change += cost[e, k] - cost[e, at[e]]
        to = where[e, k]
        _put(e, k, where, size, at, free, slots, count, spot)
        if free[to] >= 0:
            return length, change, True
        if length >= CHAIN:
            break
        pushed = -1
        for _ in range(TRIES):
            v = slots[to, int(uniform(state) * count[to])]
            if v != e and size[v] + free[to] >= 0:
                pushed = v
                break
        if pushed < 0:
            break
        e = pushed
        k = _option(e, options, at, state)
    return length, change, False


@nb.njit(cache=True, inline="always")
def _offered(source, plan, trail, length, state):  # type: ignore[no-untyped-def]
    """Move items by chance into the free room of ``source`` where that saves; return length, saving."""
    where, cost, options, size, at, free, slots, count, spot = plan
    won = 0
    for _ in range(TRIES):
        u = uniform(state)
        v = int(size.size * u * u)
        for k in range(min(options[v], 4)):
            if where[v, k] == source and k != at[v] and size[v] <= free[source]:
                saved = cost[v, at[v]] - cost[v, k]
                if saved > 0 and length < CHAIN + 2:
                    trail[length, 0], trail[length, 1] = v, at[v]
                    length += 1
                    won += saved
                    _put(v, k, where, size, at, free, slots, count, spot)
    return length, won


@nb.njit(cache=True)
def _anneal(plan, hot, steps, seed):  # type: ignore[no-untyped-def]
    """Change ``at`` of the plan for the better; return what was saved (at least 0).

    ``plan`` is where, cost, options, size, at, free, slots, count, spot.
    """
    where, _, options, size, at, free, slots, count, spot = plan
    state = np.full(1, seed, np.uint64)
    trail = np.empty((CHAIN + 2, 2), np.int64)
    best = at.copy()
    now, least = 0, 0
    heat = hot
    cooling = (1.0 / COLDER) ** (1.0 / max(steps, 1))
    for _ in range(steps):
        heat *= cooling
        u = uniform(state)
        e = int(size.size * u * u)
        k = _option(e, options, at, state)
        if k < 0:
            continue
        source = where[e, at[e]]
        length, change, fits = _pushed(e, k, plan, trail, state)
        if fits and free[source] > 0:
            length, saved = _offered(source, plan, trail, length, state)
            change -= saved
        if fits and (change <= 0 or uniform(state) < np.exp(-change / heat)):
            now += change
            if now < least:
                least = now
                best[:] = at
        else:
            for back in range(length - 1, -1, -1):
                _put(trail[back, 0], trail[back, 1], where, size, at, free, slots, count, spot)
    at[:] = best
    return -least


def _ranked(listed: Shortlist, price: Floats, node: Ints, m: int) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Return who takes part (nearest second option first), and their options sorted by value at the prices.

    Then where (items, K + 1), cost (same), how many options are real, and which is their own.
    """
    size = listed.size[:, None]
    listed_value = np.where(listed.code >= 0, listed.cost + size * price[listed.code], np.inf)
    value = np.column_stack([listed_value, listed.outside])
    two = np.partition(value, 1, axis=1)[:, :2]
    part = np.argsort((two[:, 1] - two[:, 0]) / listed.size, kind="stable")[:TAKE_PART]
    order = np.argsort(value[part], axis=1, kind="stable")
    nodes = np.column_stack([listed.code, np.full(node.size, m)])[part]
    costs = np.column_stack([listed.cost.astype(np.int64), listed.outside])[part]
    where = np.take_along_axis(nodes, order, 1).astype(np.int64)
    cost = np.take_along_axis(costs, order, 1)
    options = np.isfinite(value[part]).sum(axis=1)
    mine = (where == node[part, None]) & (np.arange(where.shape[1]) < options[:, None])
    known = mine.any(axis=1)
    return part[known], where[known], cost[known], options[known], mine[known].argmax(axis=1)


def improved(listed: Shortlist, capacity: Ints, price: Floats, node: Ints, steps: int) -> Ints:
    """Return nodes (n,), bins or m for outside, that cost no more than ``node`` and are within capacity."""
    m = capacity.size
    part, where, cost, options, at = _ranked(listed, price, node, m)
    if part.size < 2:
        return node
    size = listed.size[part].astype(np.int64)
    load = np.bincount(node, listed.size, m + 1).astype(np.int64)
    free = np.append(capacity, load.sum() + 1) - load
    free[m] = np.iinfo(np.int64).max // 2
    here = np.take_along_axis(where, at[:, None], 1)[:, 0]
    slots, spot = np.zeros((m + 1, part.size + 1), np.int64), np.empty_like(at)
    count = np.zeros(m + 1, np.int64)
    for e, b in enumerate(here):
        slots[b, count[b]], spot[e] = e, count[b]
        count[b] += 1
    pays = np.append(price, 0.0)[where[:, :2]] * size[:, None] + cost[:, :2]
    hot = max(float(np.median(np.abs(pays[: max(50, 4 * m), 1] - pays[: max(50, 4 * m), 0]))), 0.5)
    _anneal((where, cost, options, size, at, free, slots, count, spot), hot, steps, np.uint64(SEED))
    new = node.copy()
    new[part] = np.take_along_axis(where, at[:, None], 1)[:, 0]
    return new
