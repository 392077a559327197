"""The rank of one set of closed facilities among all sets of as many, by a measure without capacities.

Every item (weight w) goes to its cheapest facility that is not closed. With c_1 <= c_2 <= ... its costs and
P_r its r cheapest facilities, what closing A costs is

    sum over items of w (c_1 + sum of (c_{r+1} - c_r) over the r with P_r within A),

so that a set's cost is a sum of f(B) over its subsets B, where f(B) collects w (c_{r+1} - c_r) of all items
whose r cheapest facilities are just B. Sets are numbered in the combinatorial number system: b_1 < b_2 < ...
has number C(b_1, 1) + C(b_2, 2) + ...; adding a largest member last adds one term to every subset's number.
Which of several equally cheap facilities an item takes makes no difference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numba as nb
import numpy as np

from tideover.engines.location.problem import Bools, Floats, Ints

#: More sets than this are not ranked: 400 MiB of costs.
MOST = 50_000_000
BINS = 40
_EQUAL = 1e-9

#: A set of facilities, upwards, and its cost.
Ranked = tuple[tuple[int, ...], float]


@dataclass(frozen=True)
class Ranking:
    """Where one set stands among all ``of`` sets of as many facilities; a low cost is a good one.

    - ``rank``: 1 + how many sets cost less; ``equal``: how many others cost the same, to 1 part in 10^9.
    - ``cost``: of the set; ``best``, ``worst``: the first of the cheapest, the last of the dearest sets.
    - ``median``: half of the sets cost at most this. ``unserved``: sets that leave an item nowhere to go;
      their cost is infinite.
    - ``counts`` (b,) of sets with finite cost between ``edges`` (b + 1,); ``top``: the cheapest sets.
    """

    rank: int
    equal: int
    of: int
    cost: float
    best: Ranked
    median: float
    worst: Ranked
    unserved: int
    edges: Floats
    counts: Ints
    top: list[Ranked]


def rank_of(
    cost: Floats,
    weight: Floats,
    announced: Sequence[int],
    within: Bools | None = None,
    top: int = 10,
) -> Ranking:
    """Return where closing ``announced`` stands among all sets of as many facilities.

    ``cost`` (n, m): of one unit of item i at facility j, ``inf`` where it cannot go; ``weight`` (n,): at
    least 0. ``within`` (m,): the facilities that may close at all, each one unless given. ``ValueError`` if
    the set names a facility twice or one that may not close, or there are over ``MOST`` sets.
    """
    candidates = _candidates(cost, within)
    number = number_of(announced, candidates)
    return ranking_of(
        _all_costs(cost, weight, candidates, len(announced)), number, candidates, len(announced), top
    )


def number_of(announced: Sequence[int], candidates: Ints) -> int:
    """Return the number of a set of candidates, or raise ``ValueError``."""
    place = {int(j): at for at, j in enumerate(candidates)}
    if len(set(announced)) != len(announced) or not set(announced) <= place.keys():
        raise ValueError("the announced set names a facility twice, or one that may not close")
    return _number(sorted(place[j] for j in announced))


def ranking_of(costs: Floats, number: int, candidates: Ints, count: int, top: int) -> Ranking:
    """Return where the set with this number stands among ``costs`` (C,): those of all sets of ``count``."""
    mine = float(costs[number])
    margin = _EQUAL * abs(mine) if math.isfinite(mine) else 0.0
    below = int((costs < mine - margin).sum()) if margin else int((costs < mine).sum())
    same = int((costs <= mine + margin).sum()) - below
    finite = costs[np.isfinite(costs)]
    counts, edges = np.histogram(finite, bins=BINS) if finite.size else (np.zeros(0, np.int64), np.zeros(0))
    named = _Names(candidates, count)
    return Ranking(
        rank=1 + below,
        equal=same - 1,
        of=costs.size,
        cost=mine,
        best=named.of(int(costs.argmin()), costs),
        median=float(np.median(costs)),
        worst=named.of(costs.size - 1 - int(costs[::-1].argmax()), costs),
        unserved=costs.size - finite.size,
        edges=edges,
        counts=counts.astype(np.int64),
        top=_top(costs, top, named),
    )


def best_sets(
    cost: Floats,
    weight: Floats,
    count: int,
    number: int,
    within: Bools | None = None,
    fixed: Floats | None = None,
) -> list[Ranked]:
    """Return the ``number`` cheapest sets of ``count`` facilities to close, with their costs, cheapest first.

    Arrays and errors as in ``rank_of``. ``fixed`` (m,): what each facility that may close costs while it is
    open; none unless given. Sets of the same cost come in the order of their numbers.
    """
    candidates = _candidates(cost, within)
    return _top(_all_costs(cost, weight, candidates, count, fixed), number, _Names(candidates, count))


@dataclass(frozen=True)
class _Names:
    candidates: Ints
    count: int

    def of(self, number: int, costs: Floats) -> Ranked:
        """Return the set with this number, and its cost."""
        left, found = number, []
        for size in range(self.count, 0, -1):
            at = size - 1
            while math.comb(at + 1, size) <= left:
                at += 1
            left -= math.comb(at, size)
            found.append(int(self.candidates[at]))
        return tuple(reversed(found)), float(costs[number])


def _number(places: list[int]) -> int:
    return sum(math.comb(at, size) for size, at in enumerate(places, start=1))


def _top(costs: Floats, number: int, named: _Names) -> list[Ranked]:
    if number < 1:
        return []
    last = np.partition(costs, min(number, costs.size) - 1)[min(number, costs.size) - 1]
    some = np.flatnonzero(costs <= last)
    first = some[np.argsort(costs[some], kind="stable")][:number]
    return [named.of(int(at), costs) for at in first]


def _candidates(cost: Floats, within: Bools | None) -> Ints:
    m = cost.shape[1]
    if within is not None and np.shape(within) != (m,):
        raise ValueError("within must say of each facility whether it may close")
    return np.arange(m) if within is None else np.flatnonzero(within)


def _all_costs(
    cost: Floats, weight: Floats, candidates: Ints, count: int, fixed: Floats | None = None
) -> Floats:
    """Return the cost of every set of ``count`` candidates (C,), by its number."""
    cost = np.ascontiguousarray(cost, np.float64)
    weight = np.ascontiguousarray(weight, np.float64)
    n, m = cost.shape
    if weight.shape != (n,) or not (weight >= 0).all() or np.isnan(cost).any():
        raise ValueError("a ranking needs a weight of at least 0 for each item, and costs that are numbers")
    sets = math.comb(candidates.size, count)
    if not 1 <= count <= candidates.size or sets > MOST:
        raise ValueError(f"{sets:,} sets of {count} of {candidates.size} cannot be ranked (at most {MOST:,})")
    local = np.full(m, -1, np.int64)
    local[candidates] = np.arange(candidates.size)
    order = np.argsort(cost, axis=1, kind="stable")[:, : count + 1]
    choose = np.array(
        [[math.comb(a, b) for b in range(count + 2)] for a in range(candidates.size + 1)], np.int64
    )
    start = np.concatenate([[0], np.cumsum([math.comb(candidates.size, r) for r in range(1, count + 1)])])
    steps = np.zeros(int(start[-1]))
    base = _collect(cost, weight, order, local, choose, start, steps, count)
    if fixed is not None:
        base += float(fixed[candidates].sum())
        steps[: candidates.size] -= fixed[candidates]  # sets of one come first, by their member
    costs = np.empty(sets)
    _sum_subsets(steps, start, choose, candidates.size, count, base, costs)
    return costs


@nb.njit(cache=True)
def _collect(cost, weight, order, local, choose, start, steps, count):  # type: ignore[no-untyped-def]
    """Return the cost with nothing closed; add each item's further costs to the sets of its cheapest."""
    base = 0.0
    prefix = np.empty(count, np.int64)
    for i in range(weight.size):
        if weight[i] == 0.0:
            continue
        base += weight[i] * cost[i, order[i, 0]]
        for r in range(count):
            own = local[order[i, r]] if r < order.shape[1] else -1
            if own < 0 or cost[i, order[i, r]] == np.inf:
                break
            at = r
            while at > 0 and prefix[at - 1] > own:
                prefix[at] = prefix[at - 1]
                at -= 1
            prefix[at] = own
            number = start[r]
            for b in range(r + 1):
                number += choose[prefix[b], b + 1]
            following = cost[i, order[i, r + 1]] if r + 1 < order.shape[1] else np.inf
            steps[number] += weight[i] * (following - cost[i, order[i, r]])
    return base


@nb.njit(cache=True)
def _sum_subsets(steps, start, choose, m, count, base, costs):  # type: ignore[no-untyped-def]
    """Write the cost of every set of ``count`` of ``m``: steps summed over all its subsets."""
    numbers = np.zeros(1 << count, np.int64)
    sizes = np.zeros(1 << count, np.int64)
    value = np.empty(count + 1)
    value[0] = base
    at = np.arange(count)
    depth = 0
    while depth >= 0:
        if at[depth] > m - count + depth:
            depth -= 1
            if depth >= 0:
                at[depth] += 1
            continue
        x = at[depth]
        half = 1 << depth
        total = value[depth]
        for b in range(half):
            numbers[half + b] = numbers[b] + choose[x, sizes[b] + 1]
            sizes[half + b] = sizes[b] + 1
            total += steps[start[sizes[b]] + numbers[half + b]]
        if depth == count - 1:
            costs[numbers[2 * half - 1]] = total
            at[depth] += 1
        else:
            value[depth + 1] = total
            depth += 1
            at[depth] = x + 1
