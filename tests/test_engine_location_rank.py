"""The rank of a set of closings beside naive loops over every set."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tideover.engines.location import best_sets, rank_of
from tideover.engines.location import rank as module


def naive(cost: np.ndarray, weight: np.ndarray, closed: tuple[int, ...]) -> float:
    """Return what closing costs: everybody to the cheapest that is left, by plain loops."""
    total = 0.0
    for i in range(weight.size):
        if weight[i]:
            left = [float(cost[i, j]) for j in range(cost.shape[1]) if j not in closed]
            total += float(weight[i]) * min(left, default=math.inf)
    return total


def test_three_wells_in_a_row_by_hand() -> None:
    """Wells at 0, 1 and 5 with 1, 1 and 2 people: closing the first costs 1, the second 1, the third 8."""
    at = np.array([0.0, 1.0, 5.0])
    cost = np.abs(at[:, None] - at)
    ranking = rank_of(cost, np.array([1, 1, 2]), [1])
    assert (ranking.rank, ranking.equal, ranking.of, ranking.cost) == (1, 1, 3, 1.0)
    assert ranking.best == ((0,), 1.0)
    assert ranking.worst == ((2,), 8.0)
    assert ranking.median == 1.0
    assert ranking.top == [((0,), 1.0), ((1,), 1.0), ((2,), 8.0)]
    assert rank_of(cost, np.array([1, 1, 2]), [2]).rank == 3


@given(st.integers(0, 100_000))
def test_ranks_are_those_of_every_set_in_turn(seed: int) -> None:
    """Rank, ties, best, worst, median and histogram equal a loop over all sets; some places never close."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 9)), int(rng.integers(1, 8))
    cost = rng.integers(0, 9, (n, m)).astype(float)
    cost[rng.random((n, m)) < 0.15] = np.inf
    weight = rng.integers(0, 4, n)
    within = rng.random(m) < 0.8
    within[int(rng.integers(m))] = True
    may = [int(j) for j in np.flatnonzero(within)]
    count = int(rng.integers(1, len(may) + 1))
    closed = tuple(int(j) for j in rng.permutation(may)[:count])
    every = sorted((naive(cost, weight, some), some[::-1], some) for some in combinations(may, count))
    costs = [one[0] for one in every]
    ranking = rank_of(cost, weight, closed, within, top=4)
    mine = naive(cost, weight, closed)
    assert ranking.cost == mine
    assert ranking.rank == 1 + sum(one < mine for one in costs)
    assert ranking.equal == sum(one == mine for one in costs) - 1
    assert ranking.of == len(every)
    assert ranking.top == [(some, one) for one, _, some in every[:4]]
    assert ranking.best == ranking.top[0]
    assert ranking.worst == (every[-1][2], costs[-1])
    assert ranking.median == np.median(costs)
    assert ranking.unserved == sum(math.isinf(one) for one in costs)
    assert ranking.counts.sum() == len(every) - ranking.unserved
    assert best_sets(cost, weight, count, 4, within) == ranking.top


@given(st.integers(0, 100_000))
def test_the_best_sets_count_what_open_places_cost(seed: int) -> None:
    """With costs of open places, the cheapest sets and their sums equal a loop over all sets."""
    rng = np.random.default_rng(seed)
    m = int(rng.integers(2, 8))
    cost, weight = rng.integers(0, 9, (6, m)).astype(float), rng.integers(0, 4, 6)
    fixed, within = rng.integers(0, 20, m).astype(float), rng.random(m) < 0.8
    within[int(rng.integers(m))] = True
    may = [int(j) for j in np.flatnonzero(within)]
    count = int(rng.integers(1, max(2, min(len(may), m - 1) + 1)))
    every = {
        some: naive(cost, weight, some) + sum(fixed[j] for j in may if j not in some)
        for some in combinations(may, count)
    }
    found = best_sets(cost, weight, count, 5, within, fixed)
    assert [value for _, value in found] == sorted(every.values())[:5]
    assert all(every[some] == value for some, value in found)


def test_costs_that_differ_by_rounding_alone_are_equal() -> None:
    """Facilities at mirrored places are a tie, whatever order the sums were taken in."""
    rng = np.random.default_rng(3)
    half = rng.random((300, 3))
    cost = np.block([[half, half + 1], [half + 1, half]])
    weight = np.tile(rng.random(300), 2)
    left, right = rank_of(cost, weight, [0, 1]), rank_of(cost, weight, [3, 4])
    assert left.rank == right.rank
    assert left.equal >= 1


def test_a_set_that_cannot_be_ranked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing closed, one twice, one that may not close, wrong shapes, or too many sets raise ValueError."""
    cost, weight = np.ones((3, 4)), np.ones(3)
    within = np.array([True, True, True, False])
    for closed in ([], [1, 1], [4], [-1], [3]):
        with pytest.raises(ValueError, match=r"announced|cannot be ranked"):
            rank_of(cost, weight, closed, within)
    for weights in (np.ones(2), -weight, weight * np.nan):
        with pytest.raises(ValueError, match="weight"):
            rank_of(cost, weights, [1])
    with pytest.raises(ValueError, match="within"):
        rank_of(cost, weight, [1], within[:2])
    monkeypatch.setattr(module, "MOST", 5)
    with pytest.raises(ValueError, match="6 sets of 2 of 4"):
        rank_of(cost, weight, [0, 1])
