"""Good plans, fast: changes at random, accepted by chance while it is warm; room overstepped at a price."""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.location.problem import Bools, Floats, Ints, LocationProblem

#: An item looks at so many of its cheapest facilities.
NEAR = 12
#: Changes tried for a plan: at least so many, and so many for each item.
CHANGES, EACH = 200_000, 4_000


def plan_from(problem: LocationProblem, often: Floats | None, seed: int) -> tuple[Bools, Ints] | None:
    """Return (open, choice) of a plan, or None if none was met. The same seed gives the same plan.

    ``often`` (m,): how likely each facility is open in a good plan; by chance where None.
    """
    n, m = problem.cost.shape
    drawn = np.random.default_rng(seed).random(m) * 1e-3
    rank: Floats = drawn if often is None else np.asarray(often + drawn)
    opened = np.where(problem.opens, 2, np.where(problem.closes, -1, 0)).astype(np.int8)
    free = np.flatnonzero(opened == 0)
    free = free[np.argsort(-rank[free], kind="stable")]
    opened[free[: _number(problem, free, often)]] = 1
    reachable = np.where((opened > 0) & (problem.size <= problem.capacity), problem.cost, np.inf)
    choice = reachable.argmin(axis=1)
    finite = problem.cost[np.isfinite(problem.cost)]
    if not finite.size or not np.isfinite(reachable.min(axis=1)).all():
        return None
    allowed = np.where(problem.size <= problem.capacity, problem.cost, np.inf)
    near = np.argsort(problem.cost, axis=1, kind="stable")[:, : min(m, NEAR)]
    few, many = (problem.count, problem.count) if problem.count is not None else (1, m)
    steps = max(CHANGES, EACH * n)
    heat = max(1e-9, float(np.ptp(finite)) / 8)
    value, choice, opened = anneal(
        choice,
        opened,
        allowed,
        problem.size,
        problem.capacity,
        problem.opening,
        (few, many),
        near,
        steps,
        heat,
        seed,
    )
    return (opened > 0, choice) if np.isfinite(value) else None


def _number(problem: LocationProblem, free: Ints, often: Floats | None) -> int:
    """Return how many of the ``free`` facilities, in this order, open at first."""
    if problem.count is not None:
        return problem.count - int(problem.opens.sum())
    if often is not None:
        return max(1, int((often[free] > 0.5).sum()))
    return max(1, free.size // 2) if free.size else 0


@nb.njit(cache=True)
def anneal(choice, opened, cost, size, capacity, fixed, bounds, near, steps, heat, seed):  # type: ignore[no-untyped-def]
    """Return (cost, choice, opened) of the best plan met; infinite cost if none kept within the room.

    ``cost`` and ``size`` are (n, m); ``opened`` (m,) int8: 1 open, 0 closed, 2 forced open, -1 forced closed.
    ``bounds``: the fewest and the most open facilities. ``near`` (n, z): cheapest facilities of each item.
    Moves: an item elsewhere, two items exchanged, a facility's items to another that opens instead, one more
    or one fewer facility.
    """
    np.random.seed(seed)
    n, m = cost.shape
    load = np.zeros(m, np.int64)
    total = 0.0
    over = 0
    number = 0
    for j in range(m):
        if opened[j] > 0:
            number += 1
            total += fixed[j]
    for i in range(n):
        load[choice[i]] += size[i, choice[i]]
        total += cost[i, choice[i]]
    for j in range(m):
        over += max(0, load[j] - capacity[j])
    toll = max(1e-9, heat) * 0.5
    top = np.inf
    best_choice = choice.copy()
    best_open = opened.copy()
    cool = (0.002) ** (1.0 / steps)
    target = np.empty(n, np.int64)
    trial = np.empty(m, np.int64)
    for step in range(steps):
        heat *= cool
        if step % 256 == 0:
            toll *= 1.15 if over > 0 else 0.93
        draw = np.random.random()
        if draw < 0.5:
            i = np.random.randint(n)
            a = choice[i]
            b = near[i, np.random.randint(near.shape[1])]
            if opened[b] <= 0:
                b = choice[np.random.randint(n)]
            if a == b or cost[i, b] == np.inf:
                continue
            more = max(0, load[a] - size[i, a] - capacity[a]) + max(0, load[b] + size[i, b] - capacity[b])
            more -= max(0, load[a] - capacity[a]) + max(0, load[b] - capacity[b])
            delta = cost[i, b] - cost[i, a] + toll * more
            if delta <= 0.0 or np.random.random() < np.exp(-delta / heat):
                load[a] -= size[i, a]
                load[b] += size[i, b]
                choice[i] = b
                total += cost[i, b] - cost[i, a]
                over += more
        elif draw < 0.96:
            i = np.random.randint(n)
            k = np.random.randint(n)
            a = choice[i]
            b = choice[k]
            if a == b or cost[i, b] == np.inf or cost[k, a] == np.inf:
                continue
            new_a = load[a] - size[i, a] + size[k, a]
            new_b = load[b] - size[k, b] + size[i, b]
            more = max(0, new_a - capacity[a]) + max(0, new_b - capacity[b])
            more -= max(0, load[a] - capacity[a]) + max(0, load[b] - capacity[b])
            change = cost[i, b] - cost[i, a] + cost[k, a] - cost[k, b]
            delta = change + toll * more
            if delta <= 0.0 or np.random.random() < np.exp(-delta / heat):
                load[a] = new_a
                load[b] = new_b
                choice[i] = b
                choice[k] = a
                total += change
                over += more
        else:
            # a: the facility that closes (or -1); b: the one that opens (or -1).
            a = choice[np.random.randint(n)]
            i = np.random.randint(n)
            b = near[i, np.random.randint(near.shape[1])]
            kind = np.random.randint(3)
            if kind == 1 and number < bounds[1]:
                a = -1
            elif kind == 2 and number > bounds[0]:
                b = -1
                a = np.random.randint(m)
            if a >= 0 and opened[a] != 1:
                continue
            if b >= 0 and opened[b] != 0:
                continue
            for j in range(m):
                trial[j] = load[j]
            change = 0.0
            fits = True
            for i in range(n):
                target[i] = choice[i]
                at = choice[i]
                if at == a:
                    to = b if (b >= 0 and kind != 1 and cost[i, b] < np.inf and step % 2 == 0) else -1
                    if to < 0:
                        least = np.inf
                        for z in range(near.shape[1] + 1):
                            j = near[i, z] if z < near.shape[1] else choice[np.random.randint(n)]
                            if j == a or (opened[j] <= 0 and j != b):
                                continue
                            extra = max(0, trial[j] + size[i, j] - capacity[j])
                            extra -= max(0, trial[j] - capacity[j])
                            value = cost[i, j] + toll * extra
                            if value < least:
                                least = value
                                to = j
                    if to < 0:
                        fits = False
                        break
                elif b >= 0 and cost[i, b] < cost[i, at] and trial[b] + size[i, b] <= capacity[b]:
                    to = b
                else:
                    continue
                trial[at] -= size[i, at]
                trial[to] += size[i, to]
                change += cost[i, to] - cost[i, at]
                target[i] = to
            if not fits:
                continue
            if a >= 0:
                change -= fixed[a]
            if b >= 0:
                change += fixed[b]
            more = -over
            for j in range(m):
                more += max(0, trial[j] - capacity[j])
            delta = change + toll * more
            if delta <= 0.0 or np.random.random() < np.exp(-delta / heat):
                choice[:] = target
                load[:] = trial
                if a >= 0:
                    opened[a] = 0
                    number -= 1
                if b >= 0:
                    opened[b] = 1
                    number += 1
                total += change
                over += more
        if over == 0 and total < top - 1e-9:
            top = total
            best_choice[:] = choice
            best_open[:] = opened
    return top, best_choice, best_open
