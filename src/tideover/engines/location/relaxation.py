"""The bound: with a price for each item, every facility takes what pays best, and the best facilities open.

``data`` are (cost, size, fixed), facility by item: (m, n), (m, n), (m,). A part of the problem (see
``search``) is: ``allowed`` pairs, ``room`` left, ``state`` of each facility (1 open, 0 free, -1 closed), and
``to``, where items are already placed (-1: not yet).
``reach``: the fewest and the most of the free facilities that open.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.location.knapsack import best, unit_of, with_and_without


@nb.njit(cache=True)
def _gains(j, price, data, allowed, who, gain, weight):  # type: ignore[no-untyped-def]
    """Write the items that are worth more than they cost at facility j, gains and sizes; return how many."""
    cost, size, _ = data
    k = 0
    for i in range(price.size):
        if allowed[j, i] and price[i] > cost[j, i]:
            who[k] = i
            gain[k] = price[i] - cost[j, i]
            weight[k] = size[j, i]
            k += 1
    return k


@nb.njit(cache=True)
def relax(price, data, part, reach, table, rent, take, chosen):  # type: ignore[no-untyped-def]
    """Return the Lagrangian bound of a part for ``price`` (n,), without the cost of what is already placed.

    bound = sum of prices + sum over chosen facilities of ``rent``, where rent = fixed - best knapsack of
    (price - cost). ``rent`` (m,), ``take`` (m, n) and ``chosen`` (m,) are written.
    """
    allowed, room, state, to = part
    fixed = data[2]
    m, n = data[0].shape
    who = np.empty(n, np.int64)
    gain = np.empty(n)
    weight = np.empty(n, np.int64)
    taken = np.empty(n, np.bool_)
    total = 0.0
    for i in range(n):
        if to[i] < 0:
            total += price[i]
    for j in range(m):
        take[j, :] = False
        rent[j] = np.inf
        if state[j] < 0:
            continue
        k = _gains(j, price, data, allowed, who, gain, weight)
        rent[j] = fixed[j] - best(gain, weight, k, room[j], table, taken)
        for a in range(k):
            take[j, who[a]] = taken[a]
    return total + choose(rent, state, reach, chosen)


@nb.njit(cache=True)
def choose(rent, state, reach, chosen):  # type: ignore[no-untyped-def]
    """Return the sum of rents of the facilities that open (``chosen``): all forced, and the cheapest free."""
    total = 0.0
    opened = 0
    for j in np.argsort(rent):
        chosen[j] = state[j] == 1
        if state[j] == 0 and opened < reach[1] and (opened < reach[0] or rent[j] < 0.0):
            chosen[j] = True
            opened += 1
        if chosen[j]:
            total += rent[j]
    return total


@nb.njit(cache=True)
def _averaged(share, take, chosen, to, mean, often, way):  # type: ignore[no-untyped-def]
    """Let what was taken weigh ``share`` in the means, deflect ``way``; return its squared length."""
    m, n = mean.shape
    square = 0.0
    for j in range(m):
        often[j] += share * (chosen[j] - often[j])
    for i in range(n):
        if to[i] >= 0:
            continue
        short = 1.0
        for j in range(m):
            used = chosen[j] and take[j, i]
            mean[j, i] += share * (used - mean[j, i])
            short -= used
        way[i] = short + 0.4 * way[i]
        square += way[i] * way[i]
    return square


@nb.njit(cache=True)
def ascend(price, aim, steps, grid, data, part, reach, table, mean, often):  # type: ignore[no-untyped-def]
    """Return (bound, whole, take, chosen) after at most ``steps`` steps of deflected subgradients.

    ``price`` is replaced by the best prices found, on the grid of 1/``grid``. ``mean`` (m, n) is the average
    of what facilities took, later steps weighing more. ``whole``: every item was taken exactly once, so that
    ``take`` is an optimum of the part. Ends as soon as the bound is above ``aim``.
    """
    m, n = mean.shape
    to = part[3]
    rent = np.empty(m)
    take = np.zeros((m, n), np.bool_)
    chosen = np.zeros(m, np.bool_)
    top = -np.inf
    best_price = price.copy()
    way = np.zeros(n)
    length = 1.5
    still = 0
    for step in range(steps):
        for i in range(n):
            price[i] = np.round(price[i] * grid) / grid
        bound = relax(price, data, part, reach, table, rent, take, chosen)
        still = 0 if bound > top + 1e-3 * max(aim - top, 0.0) else still + 1
        if bound > top:
            top = bound
            best_price[:] = price
        square = _averaged(max(0.1, 1.0 / (step + 1)), take, chosen, to, mean, often, way)
        if top > aim:
            break
        if _whole(take, chosen, to):
            price[:] = best_price
            return bound, True, take, chosen
        if still >= 8:
            length *= 0.6
            still = 0
            price[:] = best_price
            way[:] = 0.0
            if length < 0.01:
                break
            continue
        if square <= 0.0:
            way[:] = 0.0
            continue
        move = length * (max(aim, top) + 1e-3 * abs(top) + 1e-9 - bound) / square
        for i in range(n):
            if to[i] < 0:
                price[i] += move * way[i]
    price[:] = best_price
    return top, False, take, chosen


@nb.njit(cache=True)
def _whole(take, chosen, to):  # type: ignore[no-untyped-def]
    for i in range(to.size):
        if to[i] < 0:
            used = 0
            for j in range(chosen.size):
                used += chosen[j] and take[j, i]
            if used != 1:
                return False
    return True


@nb.njit(cache=True)
def margins(price, data, part, reach, table, back, pair, shut, opened):  # type: ignore[no-untyped-def]
    """Return the bound for ``price``; write the bounds that follow once one thing more is decided.

    ``pair`` (m, n): that the item goes there; ``shut`` and ``opened`` (m,): that the facility closes, opens.
    An item that goes to one facility is taken from every other that had it: these lose what it was worth.
    """
    allowed, _, state, to = part
    cost, _, fixed = data
    m, n = cost.shape
    rent = np.empty(m)
    take = np.zeros((m, n), np.bool_)
    chosen = np.zeros(m, np.bool_)
    bound = relax(price, data, part, reach, table, rent, take, chosen)
    count, worst, spare = _edges(rent, state, chosen)
    must = count <= reach[0]
    if not must:
        spare = min(spare, 0.0)
    drops = count >= reach[1]
    worth = np.zeros((m, n))
    inside = np.full((m, n), -np.inf)
    _values(price, data, part, table, back, inside, worth, rent)
    for j in range(m):
        shut[j] = opened[j] = bound
        if state[j] == 0 and chosen[j]:
            shut[j] = bound - rent[j] + spare
        elif state[j] == 0:
            opened[j] = bound + rent[j] - _dropped(worst, drops, count)
    for i in range(n):
        if to[i] >= 0:
            continue
        extra = 0.0
        for j in range(m):
            if chosen[j] and take[j, i]:
                extra += worth[j, i] if state[j] == 1 else min(worth[j, i], max(0.0, spare - rent[j]))
        for j in range(m):
            pair[j, i] = np.inf
            if not allowed[j, i]:
                continue
            value = bound + extra + (fixed[j] - inside[j, i] - rent[j])
            own = 0.0
            if chosen[j] and take[j, i]:
                own = worth[j, i] if state[j] == 1 else min(worth[j, i], max(0.0, spare - rent[j]))
            value -= own
            if not chosen[j]:
                top = -np.inf
                for other in range(m):
                    if chosen[other] and state[other] == 0:
                        more = 0.0
                        if take[other, i]:
                            more = min(worth[other, i], max(0.0, spare - rent[other]))
                        top = max(top, rent[other] + more)
                value += rent[j] - _dropped(top, drops, count)
            pair[j, i] = value
    return bound


@nb.njit(cache=True)
def _edges(rent, state, chosen):  # type: ignore[no-untyped-def]
    """Return how many free facilities are chosen, the dearest of them, and the cheapest that is not."""
    count = 0
    worst = -np.inf
    spare = np.inf
    for j in range(rent.size):
        if state[j] == 0 and chosen[j]:
            count += 1
            worst = max(worst, rent[j])
        elif state[j] == 0:
            spare = min(spare, rent[j])
    return count, worst, spare


@nb.njit(cache=True)
def _dropped(worst, drops, count):  # type: ignore[no-untyped-def]
    """Return what is saved by the free facility that may close because another opens."""
    if count == 0:
        return 0.0 if not drops else -np.inf
    return worst if drops else max(0.0, worst)


@nb.njit(cache=True)
def _values(price, data, part, table, back, inside, worth, rent):  # type: ignore[no-untyped-def]
    """Write a facility's best gain with an item in (``inside``), and its loss with it out (``worth``)."""
    allowed, room, state, _ = part
    cost, size, fixed = data
    m, n = cost.shape
    who = np.empty(n, np.int64)
    gain = np.empty(n)
    weight = np.empty(n, np.int64)
    included = np.empty(n)
    excluded = np.empty(n)
    for j in range(m):
        if state[j] < 0:
            continue
        k = _gains(j, price, data, allowed, who, gain, weight)
        with_and_without(gain, weight, k, room[j], table, back, included, excluded)
        for a in range(k):
            inside[j, who[a]] = included[a]
            worth[j, who[a]] = max(0.0, fixed[j] - rent[j] - excluded[a])
        unit = unit_of(k, room[j], table.size)
        last = table[k * (room[j] // unit + 1) : (k + 1) * (room[j] // unit + 1)]
        for i in range(n):
            if allowed[j, i] and price[i] <= cost[j, i]:
                inside[j, i] = price[i] - cost[j, i] + last[room[j] // unit - size[j, i] // unit]
