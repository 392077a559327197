"""Good plans, fast: changes at random, accepted by chance while it is warm; room overstepped at a price."""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.location.problem import Bools, Floats, Ints, LocationProblem

#: An item looks at so many of its cheapest facilities.
NEAR = 12
#: Changes tried for a plan: at least so many, and so many for each item.
CHANGES, EACH = 5_000, 4_000
#: One time more of them after every so many seeds, up to so many times.
PATIENT, LONGEST = 8, 8


def plan_from(
    problem: LocationProblem, often: Floats | None, pairs: Bools, seed: int
) -> tuple[Bools, Ints] | None:
    """Return (open, choice) of a plan, or None if none was met. The same seed gives the same plan.

    ``often`` (m,): how likely each facility is open in a good plan; by chance where None. ``pairs`` (n, m):
    the item may go there. Later seeds try longer.
    """
    n, m = problem.cost.shape
    rank = np.random.default_rng(seed).random((m,)) * 1e-3
    if often is not None:
        rank += often
    opened = np.where(problem.opens, 2, np.where(problem.closes, -1, 0)).astype(np.int8)
    free = np.flatnonzero(opened == 0)
    free = free[np.argsort(-rank[free], kind="stable")]
    opened[free[: _number(problem, free, often)]] = 1
    allowed = np.where(pairs & (problem.size <= problem.capacity), problem.cost, np.inf)
    reachable = np.where(opened > 0, allowed, np.inf)
    choice = reachable.argmin(axis=1)
    finite = problem.cost[np.isfinite(problem.cost)]
    if not finite.size or not np.isfinite(reachable.min(axis=1)).all():
        return None
    near = np.argsort(allowed, axis=1, kind="stable")[:, : min(m, NEAR)]
    few, many = (problem.count, problem.count) if problem.count is not None else (1, m)
    steps = max(CHANGES, EACH * n) * min(LONGEST, 1 + seed // PATIENT)
    heat = max(1e-9, float(np.ptp(finite)) / 8)
    data = (allowed, problem.size, problem.capacity, problem.opening, near)
    value = anneal(choice, opened, data, (few, many), steps, heat, seed)
    return (opened > 0, choice) if np.isfinite(value) else None


def _number(problem: LocationProblem, free: Ints, often: Floats | None) -> int:
    """Return how many of the ``free`` facilities, in this order, open at first."""
    if problem.count is not None:
        return problem.count - int(problem.opens.sum())
    if often is not None:
        return max(1, int((often[free] > 0.5).sum()))
    return max(1, free.size // 2) if free.size else 0


@nb.njit(cache=True)
def anneal(choice, opened, data, reach, steps, heat, seed):  # type: ignore[no-untyped-def]
    """Return the cost of the best plan met, infinite if none kept within the room; leave it in the arrays.

    ``data``: cost (n, m), size (n, m), capacity (m,), fixed (m,), and each item's cheapest facilities (n, z).
    ``choice`` (n,): where the items are; ``opened`` (m,) int8: 1 open, 0 closed, 2 forced open, -1 forced
    closed; ``reach``: the fewest and the most open facilities. What goes over the room costs a toll that
    rises while anything does. ``heat``: the cost of a change that is still likely at first; falls to 1/500.
    """
    np.random.seed(seed)
    load = np.zeros(opened.size, np.int64)
    tally = _tally(choice, opened, load, data)
    plan = (choice, opened, load)
    target = np.empty(choice.size, np.int64)
    trial = np.empty(opened.size, np.int64)
    toll = heat * 0.5
    cool = 0.002 ** (1.0 / steps)
    top = np.inf
    best = (choice.copy(), opened.copy())
    for step in range(steps):
        heat *= cool
        if step % 256 == 0:
            toll *= 1.15 if tally[1] > 0 else 0.93
        draw = np.random.random()
        if draw < 0.5:
            _shift(plan, tally, data, toll, heat)
        elif draw < 0.96:
            _exchange(plan, tally, data, toll, heat)
        else:
            _reopen(plan, tally, data, reach, toll, heat, target, trial)
        if tally[1] <= 0.0 and tally[0] < top - 1e-9:
            top = tally[0]
            best[0][:] = choice
            best[1][:] = opened
    choice[:] = best[0]
    opened[:] = best[1]
    return top


@nb.njit(cache=True)
def _tally(choice, opened, load, data):  # type: ignore[no-untyped-def]
    """Return (cost, units over the room, open facilities) and fill ``load``."""
    cost, size, capacity, fixed, _ = data
    tally = np.zeros(3)
    for i in range(choice.size):
        load[choice[i]] += size[i, choice[i]]
        tally[0] += cost[i, choice[i]]
    for j in range(opened.size):
        tally[1] += max(0, load[j] - capacity[j])
        if opened[j] > 0:
            tally[0] += fixed[j]
            tally[2] += 1
    return tally


@nb.njit(cache=True)
def _taken(delta, heat):  # type: ignore[no-untyped-def]
    return delta <= 0.0 or np.random.random() < np.exp(-delta / heat)


@nb.njit(cache=True)
def _more(load, capacity, j, units):  # type: ignore[no-untyped-def]
    """Return how many more units go over the room of ``j`` with ``units`` more in it."""
    return max(0, load[j] + units - capacity[j]) - max(0, load[j] - capacity[j])


@nb.njit(cache=True)
def _shift(plan, tally, data, toll, heat):  # type: ignore[no-untyped-def]
    """Try an item elsewhere."""
    choice, opened, load = plan
    cost, size, capacity, _, near = data
    i = np.random.randint(choice.size)
    a = choice[i]
    b = near[i, np.random.randint(near.shape[1])]
    if opened[b] <= 0:
        b = choice[np.random.randint(choice.size)]
    if a == b or cost[i, b] == np.inf:
        return
    more = _more(load, capacity, a, -size[i, a]) + _more(load, capacity, b, size[i, b])
    change = cost[i, b] - cost[i, a]
    if _taken(change + toll * more, heat):
        load[a] -= size[i, a]
        load[b] += size[i, b]
        choice[i] = b
        tally[0] += change
        tally[1] += more


@nb.njit(cache=True)
def _exchange(plan, tally, data, toll, heat):  # type: ignore[no-untyped-def]
    """Try two items each in the other's place."""
    choice, _, load = plan
    cost, size, capacity, _, _ = data
    i = np.random.randint(choice.size)
    k = np.random.randint(choice.size)
    a = choice[i]
    b = choice[k]
    if a == b or cost[i, b] == np.inf or cost[k, a] == np.inf:
        return
    into_a = size[k, a] - size[i, a]
    into_b = size[i, b] - size[k, b]
    more = _more(load, capacity, a, into_a) + _more(load, capacity, b, into_b)
    change = cost[i, b] - cost[i, a] + cost[k, a] - cost[k, b]
    if _taken(change + toll * more, heat):
        load[a] += into_a
        load[b] += into_b
        choice[i] = b
        choice[k] = a
        tally[0] += change
        tally[1] += more


@nb.njit(cache=True)
def _reopen(plan, tally, data, reach, toll, heat, target, trial):  # type: ignore[no-untyped-def]
    """Try one facility closed, one opened, or both; whoever loses a place finds the cheapest other."""
    choice, opened, load = plan
    cost, size, capacity, fixed, near = data
    a = choice[np.random.randint(choice.size)]
    b = near[np.random.randint(choice.size), np.random.randint(near.shape[1])]
    kind = np.random.randint(4)
    if kind == 0 and tally[2] < reach[1]:
        a = -1
    elif kind == 1 and tally[2] > reach[0]:
        a = np.random.randint(opened.size)
        b = -1
    if (a >= 0 and opened[a] != 1) or (b >= 0 and opened[b] != 0):
        return
    trial[:] = load
    target[:] = choice
    change = (fixed[b] if b >= 0 else 0.0) - (fixed[a] if a >= 0 else 0.0)
    for i in range(choice.size):
        at = choice[i]
        to = at
        if at == a:
            to = b if kind == 2 and cost[i, b] < np.inf else _cheapest(i, a, b, plan, data, trial, toll)
            if to < 0:
                return
        elif b >= 0 and cost[i, b] < cost[i, at] and trial[b] + size[i, b] <= capacity[b]:
            to = b
        if to != at:
            trial[at] -= size[i, at]
            trial[to] += size[i, to]
            change += cost[i, to] - cost[i, at]
            target[i] = to
    over = 0
    for j in range(trial.size):
        over += max(0, trial[j] - capacity[j])
    if _taken(change + toll * (over - tally[1]), heat):
        choice[:] = target
        load[:] = trial
        if a >= 0:
            opened[a] = 0
            tally[2] -= 1
        if b >= 0:
            opened[b] = 1
            tally[2] += 1
        tally[0] += change
        tally[1] = over


@nb.njit(cache=True)
def _cheapest(i, a, b, plan, data, trial, toll):  # type: ignore[no-untyped-def]
    """Return the cheapest near facility for item ``i`` with ``a`` closed and ``b`` open, or one by chance."""
    choice, opened, _ = plan
    cost, size, capacity, _, near = data
    least = np.inf
    found = -1
    for z in range(near.shape[1] + 1):
        j = near[i, z] if z < near.shape[1] else choice[np.random.randint(choice.size)]
        if j == a or (opened[j] <= 0 and j != b):
            continue
        value = cost[i, j] + toll * _more(trial, capacity, j, size[i, j])
        if value < least:
            least = value
            found = j
    return found
