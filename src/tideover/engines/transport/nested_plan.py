"""A plan for items in parts: a start by prices, made cheaper by annealing with a fixed seed.

An item goes to another of its near places, its parts to the bins there that take them at least cost, one
after the other; or a part goes to another bin of the same place. A move is kept if it saves, else by chance.
What bins charge beyond their targets is counted exactly, and no bin is ever above its cap.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.transport.improve import uniform
from tideover.engines.transport.nested import NEVER, NestedProblem, least_at, nearest_places, pays
from tideover.engines.transport.problem import Floats, Ints

#: Near places of an item that are tried, and the regret of the dearest of them, in usual costs.
NEAR, FARTHEST = 8, 0.2
#: Moves for each item that has a choice, at least and at most in all.
MOVES_EACH, FEWEST, MOST = 200, 20_000, 6_000_000
#: The first and the last heat, in usual costs; the share of moves within a place.
HOT, COLD, WITHIN = 0.05, 0.003, 0.25
SEED = 88172645463325252
#: What a unit of free room counts in the start, so that ties go where most is free.
EMPTIER = 1e-3


def nested_plan(problem: NestedProblem, price: Ints) -> Ints:
    """Return the bin of each part (n,), -1 for none, of a plan that starts from these prices of bins."""
    choice = np.full(problem.size.size, -1, np.int64)
    if not problem.place.size or not choice.size:
        return choice
    at, regret = nearest_places(problem, price.astype(np.float64), NEAR)
    usual = _usual(problem, regret)
    second = regret[:, 1] if regret.shape[1] > 1 else np.full(at.shape[0], np.inf)
    load = np.zeros(problem.place.size, np.int64)
    units = np.bincount(problem.item, problem.size, at.shape[0]).astype(np.float64)
    turn = _in_turn(problem, price, second, units)
    _begin(turn, at, price.astype(np.float64), problem.parts, problem.bins, load, choice)
    near = (at >= 0) & (regret <= FARTHEST * usual)
    for h in np.flatnonzero(_left_out(problem, choice)):
        near[h] = at[h] >= 0
    count = near.sum(axis=1)
    free = np.flatnonzero(count > 1)
    free = free[np.argsort(second[free] / np.maximum(units[free], 1), kind="stable")]
    moves = min(max(MOVES_EACH * free.size, FEWEST), MOST)
    _anneal(
        free, at, count, problem.parts, problem.bins, load, choice, (HOT * usual, COLD * usual), moves,
        np.uint64(SEED),
    )  # fmt: skip
    return choice


def _in_turn(problem: NestedProblem, price: Ints, second: Floats, units: Floats) -> Ints:
    """Return items in the order in which they are placed: those with no second choice to speak of first.

    Those who would rather stay outside at these prices come last, who pays most there for a unit first.
    """
    outside = np.bincount(problem.item, problem.outside, second.size)
    stays = least_at(problem, price) >= outside
    return np.lexsort((-second, np.where(stays, -outside / np.maximum(units, 1), -np.inf)))


def _usual(problem: NestedProblem, regret: Floats) -> float:
    """Return a usual cost of a move: a part of the mean size over target, else a usual regret."""
    over = float(problem.over * problem.size.mean())
    some = regret[np.isfinite(regret) & (regret > 0)]
    return max(over, float(np.median(some)) if over <= 0 and some.size else 1.0)


def _left_out(problem: NestedProblem, choice: Ints) -> Ints:
    """Return how many parts of each item have no bin (H,)."""
    return np.bincount(problem.item[choice < 0], minlength=problem.may.shape[0]).astype(np.int64)


@nb.njit(cache=True)
def _dearer(size, load, target, over):  # type: ignore[no-untyped-def]
    """Return what so many units more than ``load`` cost beyond the target."""
    return over * (max(0, load + size - target) - max(0, load - target))


@nb.njit(cache=True)
def _seat(i, j, but, parts, bins, load):  # type: ignore[no-untyped-def]
    """Return the bin of place j that takes part i at least cost, the emptier of two, and the cost; or -1."""
    first, _, _, target, cap, over = bins
    size = parts[2]
    best, at, room = NEVER, -1, 0
    for k in range(first[j], first[j + 1]):
        if k == but or load[k] + size[i] > cap[k]:
            continue
        found = pays(i, k, parts, bins) + _dearer(size[i], load[k], target[k], over)
        if found < best or (found == best and at >= 0 and target[k] - load[k] > room):
            best, at, room = found, k, target[k] - load[k]
    return at, best


@nb.njit(cache=True)
def _none(h, end, parts, load, choice):  # type: ignore[no-untyped-def]
    """Take out the parts of item h before ``end``; return what the whole item costs outside."""
    start, part, size, outside, _, _, _, _, _ = parts
    paid = 0
    for a in range(start[h], start[h + 1]):
        i = part[a]
        if a < end:
            load[choice[i]] -= size[i]
        choice[i] = -1
        paid += outside[i]
    return paid


@nb.njit(cache=True)
def _enter(h, j, parts, bins, load, choice):  # type: ignore[no-untyped-def]
    """Put item h at place j; return what that costs. Where a part finds no bin, nobody is put."""
    start, part, size, _, way, _, _, _, _ = parts
    paid = 0
    for a in range(start[h], start[h + 1]):
        i = part[a]
        k, found = _seat(i, j, -1, parts, bins, load)
        choice[i] = k
        if k < 0:
            return _none(h, a, parts, load, choice)
        load[k] += size[i]
        paid += way[i, j] + found
    return paid


@nb.njit(cache=True)
def _leave(h, parts, bins, load, choice):  # type: ignore[no-untyped-def]
    """Take item h out; return what it paid."""
    start, part, size, outside, way, _, _, _, _ = parts
    _, place, _, target, _, over = bins
    paid = 0
    for a in range(start[h], start[h + 1]):
        i = part[a]
        k = choice[i]
        if k < 0:
            paid += outside[i]
            continue
        load[k] -= size[i]
        paid += way[i, place[k]] + pays(i, k, parts, bins) + _dearer(size[i], load[k], target[k], over)
        choice[i] = -1
    return paid


@nb.njit(cache=True)
def _at_prices(h, j, price, parts, bins, load, choice):  # type: ignore[no-untyped-def]
    """Put item h at place j by prices, rather where more is free; return what that costs."""
    start, part, size, _, way, _, _, _, _ = parts
    first, _, _, target, cap, over = bins
    paid = 0.0
    for a in range(start[h], start[h + 1]):
        i = part[a]
        best, at = np.inf, -1
        for k in range(first[j], first[j + 1]):
            if load[k] + size[i] > cap[k]:
                continue
            within = min(size[i], max(0, target[k] - load[k]))
            found = way[i, j] + pays(i, k, parts, bins) + within * price[k]
            found += (size[i] - within) * max(price[k], float(over)) - EMPTIER * (target[k] - load[k])
            if found < best and pays(i, k, parts, bins) < NEVER:
                best, at = found, k
        choice[i] = at
        if at < 0:
            return float(_none(h, a, parts, load, choice))
        paid += best
        load[at] += size[i]
    return paid


@nb.njit(cache=True)
def _begin(turn, near, price, parts, bins, load, choice):  # type: ignore[no-untyped-def]
    """Put items one after the other where it costs least by prices."""
    for h in turn:
        least, to = np.inf, -1
        for j in near[h]:
            if j < 0:
                break
            paid = _at_prices(h, j, price, parts, bins, load, choice)
            _leave(h, parts, bins, load, choice)
            if paid < least:
                least, to = paid, j
        if to >= 0:
            _at_prices(h, to, price, parts, bins, load, choice)


@nb.njit(cache=True)
def _other(h, near, count, here, state):  # type: ignore[no-untyped-def]
    """Return a near place of the item other than ``here``, the nearer the likelier."""
    q = 0
    while uniform(state) < 0.5 and q < count[h] - 1:
        q += 1
    if near[h, q] == here:
        q = q + 1 if q + 1 < count[h] else q - 1
    return near[h, q]


@nb.njit(cache=True)
def _anneal(free, near, count, parts, bins, load, choice, heats, moves, seed):  # type: ignore[no-untyped-def]
    """Change ``choice`` by moves of items and of parts, from the first heat to the last."""
    start, part, size, _, _, _, _, _, _ = parts
    _, place, _, target, _, over = bins
    state = np.full(1, seed, np.uint64)
    heat = heats[0]
    cooling = (heats[1] / heats[0]) ** (1.0 / moves)
    widest = 1
    for h in free:
        widest = max(widest, start[h + 1] - start[h])
    before = np.empty(widest, np.int64)
    for _ in range(moves):
        heat *= cooling
        if uniform(state) < WITHIN or free.size == 0:
            i = int(uniform(state) * size.size)
            k = choice[i]
            if k < 0:
                continue
            load[k] -= size[i]
            to, paid = _seat(i, place[k], k, parts, bins, load)
            change = paid - pays(i, k, parts, bins) - _dearer(size[i], load[k], target[k], over)
            if to >= 0 and (change <= 0 or uniform(state) < np.exp(-change / heat)):
                choice[i] = to
                k = to
            load[k] += size[i]
            continue
        u = uniform(state)
        h = free[int(free.size * u * u)]
        here = -1
        for a in range(start[h], start[h + 1]):
            before[a - start[h]] = choice[part[a]]
            if choice[part[a]] >= 0:
                here = place[choice[part[a]]]
        to = _other(h, near, count, here, state)
        change = -_leave(h, parts, bins, load, choice)
        change += _enter(h, to, parts, bins, load, choice)
        if change > 0 and uniform(state) >= np.exp(-change / heat):
            _leave(h, parts, bins, load, choice)
            for a in range(start[h], start[h + 1]):
                choice[part[a]] = before[a - start[h]]
                if choice[part[a]] >= 0:
                    load[choice[part[a]]] += size[part[a]]
