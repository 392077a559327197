"""The auction that prices crowded days: against HiGHS, shortest paths, laws and a hand-worked case."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import coo_array

from tideover.engines.assignment import Problem, solve
from tideover.engines.assignment.auction import _trails, by_auction
from tideover.engines.assignment.flow import solve_flow
from tideover.engines.assignment.rows import combined, cut
from tideover.engines.assignment.solve import weights_of

SOLVE = importlib.import_module("tideover.engines.assignment.solve")


def crowded_day(visits=300, seed=1, largest=2, share=0.8):
    """A day whose bins hold ``share`` of what is asked for; two levels, the first counts who is outside."""
    draw = np.random.default_rng(seed)
    size = draw.integers(1, largest + 1, visits)
    capacity = draw.integers(0, 6, round(share * size.sum() / 2.5))
    rows = [np.flatnonzero((draw.random(capacity.size) < 0.3) & (capacity >= s)) for s in size]
    start = np.concatenate([[0], np.cumsum([row.size for row in rows])])
    cost = np.stack([np.zeros(start[-1], np.int64), draw.integers(0, 60, start[-1])])
    outside = np.stack([np.ones(visits, np.int64), np.zeros(visits, np.int64)])
    return Problem(size, capacity, start, np.concatenate(rows), cost, outside)


def priced(problem):
    """The rows, pieces and the auction's (piece of units, first unit, prices) for all levels together."""
    rows = combined(problem, weights_of(problem)[-1])
    pieces = cut(rows)
    return rows, pieces, by_auction(rows, pieces, np.argsort(-rows.outside / rows.size, kind="stable"))


def proven_by(rows, pieces, price):
    """What prices of pieces prove of the flow of units, the slow way."""
    total = -float((pieces.capacity * price).sum())
    for i in range(rows.size.size):
        asked = [float(rows.outside[i])]
        for a in range(rows.start[i], rows.start[i + 1]):
            ends = [rows.bin[a]]
            if rows.size[i] == 1 and pieces.single[rows.bin[a]] >= 0:
                ends.append(pieces.single[rows.bin[a]])
            asked += [rows.cost[a] + rows.size[i] * price[j] for j in ends]
        total += min(asked)
    return total


def least_by_highs(rows, pieces):
    """The least cost of a flow of units, by HiGHS."""
    tail, head, cost = [], [], []
    for i in range(rows.size.size):
        for a in range(rows.start[i], rows.start[i + 1]):
            ends = {int(rows.bin[a])}
            if rows.size[i] == 1 and pieces.single[rows.bin[a]] >= 0:
                ends.add(int(pieces.single[rows.bin[a]]))
            for j in sorted(ends):
                tail.append(i)
                head.append(j)
                cost.append(rows.cost[a] / rows.size[i])
    n, z = rows.size.size, len(tail)
    tail += range(n)
    cost += list(rows.outside / rows.size)
    meet = coo_array((np.ones(z + n), (tail, np.arange(z + n))), shape=(n, z + n))
    room = coo_array((np.ones(z), (head, np.arange(z))), shape=(pieces.capacity.size, z + n))
    return linprog(cost, A_ub=room, b_ub=pieces.capacity, A_eq=meet, b_eq=rows.size, method="highs").fun


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("largest", [1, 2, 3])
def test_prices_prove_nearly_all_that_can_be_proven(seed, largest):
    """On an overloaded day the prices prove the least cost of the flow to a thousandth, and never more."""
    rows, pieces, (_, _, price) = priced(crowded_day(seed=seed, largest=largest))
    least = least_by_highs(rows, pieces)
    assert (1 - 1e-3) * least <= proven_by(rows, pieces, price) <= least + 1e-6 * abs(least)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.floats(0.1, 1.5), st.integers(1, 40))
def test_nobody_is_placed_where_there_is_no_room(seed, largest, share, visits):
    """No piece holds more than it can, and every item is whole, on a pair of its own."""
    rows, pieces, (units, first, price) = priced(crowded_day(visits, seed, largest, share))
    held = np.bincount(units[units >= 0], minlength=pieces.capacity.size)
    assert (held <= pieces.capacity).all()
    assert (price >= 0).all()
    assert np.isfinite(price).all()
    for i in range(rows.size.size):
        where = set(units[first[i] : first[i + 1]].tolist())
        assert len(where) == 1
        bins = set(pieces.owner[[j for j in where if j >= 0]].tolist())
        assert bins <= set(rows.bin[rows.start[i] : rows.start[i + 1]].tolist())


def test_two_who_share_two_groups_each_take_one():
    """Two items with a unit in each of two groups go one to each; an odd group sends one to wait."""
    assert sorted(_trails(np.array([0, 0]), np.array([1, 1]), 2)) == [0, 1]
    alone = _trails(np.array([0]), np.array([2]), 2)  # half outside, in a group that has no unit more
    assert alone[0] in (-1, -2)


def test_paths_give_up_after_the_work_they_may_do():
    """With no work allowed the flow says that it is not done."""
    rows, pieces, _ = priced(crowded_day())
    given_rows = (rows.start, rows.bin, rows.cost, rows.outside, rows.size, pieces.single, pieces.capacity)
    order = np.arange(rows.size.size)
    assert not solve_flow(*given_rows, order, 0)[3]
    assert solve_flow(*given_rows, order, 10**9)[3]


@pytest.mark.parametrize("seed", [4, 5])
def test_a_crowded_day_is_planned_about_as_well_by_auction(seed, monkeypatch):
    """Where paths give up at once, the plan is within 2 % of theirs; no bound exceeds a plan."""
    problem = crowded_day(seed=seed)
    by_paths = solve(problem).levels[0]
    monkeypatch.setattr(SOLVE, "_OVERLOADED", 0)
    by_prices = solve(problem).levels[0]
    assert max(by_prices.bound, by_paths.bound) <= min(by_prices.cost, by_paths.cost)
    assert by_prices.cost <= 1.02 * by_paths.cost
