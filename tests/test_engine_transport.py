"""The transport engine: worked by hand, against brute force and a linear program, and by its laws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tideover.engines.transport import FORBIDDEN, TransportProblem, cost_of, lower_bound, solve


def dense_of(problem):
    """The cost of every pair as a table of Python numbers, None where forbidden; the slow way."""
    n, m = problem.size.size, problem.capacity.size
    table = [[None] * m for _ in range(n)]
    for i in range(n):
        for j in range(m):
            if problem.cost is not None:
                column = j if problem.group is None else int(problem.group[j])
                table[i][j] = int(problem.cost[i, column])
        if problem.start is not None:
            for a in range(problem.start[i], problem.start[i + 1]):
                table[i][problem.bin[a]] = int(problem.pair_cost[a])
        table[i] = [None if c == FORBIDDEN else c for c in table[i]]
    return table


def naive_bound(problem, price):
    """The bound by its formula, in Python's numbers."""
    total = -sum(int(p) * int(c) for p, c in zip(price, problem.capacity, strict=True))
    for i, row in enumerate(dense_of(problem)):
        size = int(problem.size[i])
        options = [c + size * int(price[j]) for j, c in enumerate(row) if c is not None]
        total += min([int(problem.outside[i]), *options])
    return total


def naive_cost(problem, choice):
    """What a plan costs, or None if it breaks a rule."""
    table = dense_of(problem)
    load = [0] * problem.capacity.size
    total = 0
    for i, j in enumerate(choice):
        if j < 0:
            total += int(problem.outside[i])
            continue
        if table[i][j] is None:
            return None
        total += table[i][j]
        load[j] += int(problem.size[i])
    return total if all(x <= c for x, c in zip(load, problem.capacity.tolist(), strict=True)) else None


def least(problem):
    """The least cost of any plan, by trying them all."""
    bins = range(-1, problem.capacity.size)
    plans = itertools.product(bins, repeat=problem.size.size)
    return min(cost for plan in plans if (cost := naive_cost(problem, plan)) is not None)


def relaxed(problem):
    """The least cost where items may be split, by HiGHS."""
    n, m = problem.size.size, problem.capacity.size
    table = dense_of(problem)
    keys = [(i, j) for i in range(n) for j in range(m) if table[i][j] is not None]
    costs = [table[i][j] for i, j in keys] + problem.outside.tolist()
    placed, used = np.zeros((n, len(costs))), np.zeros((m, len(costs)))
    for k, (i, j) in enumerate(keys):
        placed[i, k], used[j, k] = 1, problem.size[i]
    placed[np.arange(n), len(keys) + np.arange(n)] = 1
    return linprog(costs, A_ub=used, b_ub=problem.capacity, A_eq=placed, b_eq=np.ones(n)).fun


@st.composite
def problems(draw, items=5, bins=3):
    """Tiny problems in every form: a table, pairs, a table with exceptions, columns that bins share."""
    n, m = draw(st.integers(1, items)), draw(st.integers(1, bins))
    numbers = st.integers(0, 9)
    sizes = draw(st.lists(st.integers(1, 4), min_size=n, max_size=n))
    capacity = draw(st.lists(st.integers(0, 9), min_size=m, max_size=m))
    outside = draw(st.lists(st.integers(0, 30), min_size=n, max_size=n))
    form = draw(st.sampled_from(["table", "pairs", "exceptions", "shared"]))
    columns = draw(st.integers(1, 2)) if form == "shared" else m
    cells = st.one_of(numbers, numbers, numbers, st.just(FORBIDDEN))
    table = draw(st.lists(cells, min_size=n * columns, max_size=n * columns))
    more = {}
    if form != "table":
        rows = [draw(st.lists(st.integers(0, m - 1), unique=True, max_size=m)) for _ in range(n)]
        z = sum(map(len, rows))
        more = {
            "start": np.cumsum([0, *map(len, rows)]),
            "bin": np.array([j for row in rows for j in row], dtype=np.int32),
            "pair_cost": np.array(draw(st.lists(cells, min_size=z, max_size=z)), dtype=np.int32),
        }
    if form == "shared":
        more["group"] = np.array(draw(st.lists(st.integers(0, columns - 1), min_size=m, max_size=m)))
    cost = None if form == "pairs" else np.array(table, dtype=np.int64).reshape(n, columns)
    return TransportProblem(np.array(sizes), np.array(capacity), np.array(outside), cost, **more)


def random_problem(n, m, room, seed, longest=1_000):
    """Places at random, costs by distance; ``room`` is capacity over demand."""
    rng = np.random.default_rng(seed)
    here, there = rng.random((n, 1, 2)), rng.random((1, m, 2))
    cost = np.rint(np.hypot(*np.moveaxis(here - there, 2, 0)) * longest).astype(np.int32)
    size = rng.integers(1, 5, n).astype(np.int32)
    share = rng.random(m) + 0.3
    capacity = (size.sum() * room * share / share.sum()).astype(np.int64)
    return TransportProblem(size, capacity, np.full(n, 3 * longest), cost)


def test_a_case_worked_by_hand():
    """Three patients of one unit, two clinics of one and two: who has most to lose gets the near place."""
    problem = TransportProblem(
        np.ones(3, np.int32), np.array([1, 2]), np.full(3, 100), np.array([[1, 9], [2, 4], [1, 3]])
    )
    got = solve(problem)
    assert got.choice.tolist() == [0, 1, 1]
    assert got.cost == got.bound == 8
    assert 2 <= got.price[0] - got.price[1] <= 8
    assert got.gap == 0.0


def test_the_bound_worked_by_hand():
    """At prices 3 and 0: min(4, 9) + min(5, 4) + min(4, 3) - 3 x 1 = 8."""
    problem = TransportProblem(
        np.ones(3, np.int32), np.array([1, 2]), np.full(3, 100), np.array([[1, 9], [2, 4], [1, 3]])
    )
    assert lower_bound(problem, np.array([3, 0])) == 8


@settings(max_examples=150, deadline=None)
@given(problems())
def test_plans_keep_the_rules_and_bounds_hold(problem):
    """Every form: a plan within capacity, its cost and bound as stated, the bound below the least cost."""
    got = solve(problem)
    assert naive_cost(problem, got.choice.tolist()) == got.cost == cost_of(problem, got.choice)
    assert naive_bound(problem, got.price) == got.bound == lower_bound(problem, got.price)
    best = least(problem)
    assert got.bound <= best <= got.cost
    assert got.price.min(initial=0) >= 0


@settings(max_examples=100, deadline=None)
@given(problems(items=7, bins=4), st.data())
def test_any_prices_bound_the_relaxation_from_below(problem, data):
    """No prices prove more than the linear program says; the bound equals its formula."""
    m = problem.capacity.size
    price = np.array(data.draw(st.lists(st.integers(0, 12), min_size=m, max_size=m)))
    bound = lower_bound(problem, price)
    assert bound == naive_bound(problem, price)
    assert bound <= relaxed(problem) + 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_is_near_the_relaxation(seed):
    """On random places the prices found prove the linear program to a twentieth of a percent."""
    problem = random_problem(120, 6, 1.05, seed)
    assert relaxed(problem) * 0.9995 <= solve(problem).bound <= relaxed(problem) + 1e-6


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_more_capacity_never_makes_the_bound_dearer(problem, data):
    """At the same prices, room added lowers the bound or leaves it."""
    more = np.array([data.draw(st.integers(0, 3)) for _ in problem.capacity])
    parts = (problem.cost, problem.start, problem.bin, problem.pair_cost, problem.group)
    larger = TransportProblem(problem.size, problem.capacity + more, problem.outside, *parts)
    price = solve(problem).price
    assert lower_bound(larger, price) <= lower_bound(problem, price)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6), st.integers(1, 4), st.data())
def test_adding_a_bin_never_raises_the_bound(n, m, data):
    """The same prices and one bin more: nobody's least cost rises."""
    cell = st.integers(0, 20)
    table = np.array(data.draw(st.lists(cell, min_size=n * (m + 1), max_size=n * (m + 1)))).reshape(n, m + 1)
    capacity = np.array(data.draw(st.lists(cell, min_size=m + 1, max_size=m + 1)))
    price = np.array(data.draw(st.lists(cell, min_size=m + 1, max_size=m + 1)))
    size, outside = np.full(n, 2, np.int32), np.full(n, 30)
    with_it = TransportProblem(size, capacity, outside, table)
    without = TransportProblem(size, capacity[:m], outside, table[:, :m])
    assert lower_bound(with_it, price) <= lower_bound(without, price[:m])


def test_nobody_and_nowhere():
    """No items, no bins, neither: a plan of nothing at its exact cost."""
    none = np.empty(0, np.int64)
    assert solve(TransportProblem(none, np.array([3]), none, np.empty((0, 1), np.int32))).cost == 0
    lone = solve(TransportProblem(np.array([2, 1]), none, np.array([7, 8]), np.empty((2, 0), np.int32)))
    assert (lone.cost, lone.bound, lone.choice.tolist()) == (15, 15, [-1, -1])
    assert solve(TransportProblem(none, none, none, np.empty((0, 0), np.int32))).gap == 0.0


def test_no_room_at_all_leaves_everybody_outside():
    """Capacities of zero: all outside, and prices that prove it."""
    problem = TransportProblem(
        np.array([1, 3]), np.zeros(2, np.int64), np.array([50, 60]), np.array([[1, 2], [3, 4]])
    )
    got = solve(problem)
    assert got.choice.tolist() == [-1, -1]
    assert got.cost == got.bound == 110


def test_equal_costs_fill_what_there_is():
    """A thousand items of one unit, all costs equal, room for 600: 600 are placed, at no gap."""
    problem = TransportProblem(
        np.ones(1000, np.int32), np.array([100, 200, 300]), np.full(1000, 50), np.full((1000, 3), 5)
    )
    got = solve(problem)
    assert np.bincount(got.choice + 1).tolist() == [400, 100, 200, 300]
    assert got.cost == got.bound == 600 * 5 + 400 * 50


@pytest.mark.parametrize(("room", "most"), [(0.5, 0.0005), (0.95, 0.003), (1.02, 0.0005), (3.0, 0.0001)])
def test_gaps_are_small_and_two_runs_agree(room, most):
    """Overload to plenty: the gap stays small (wider near the edge), and two runs give the same plan."""
    problem = random_problem(3_000, 12, room, 7, 6_000)
    got, again = solve(problem), solve(problem)
    assert got.gap <= most
    assert (got.choice == again.choice).all()
    assert naive_cost(problem, got.choice.tolist()) == got.cost


def test_prices_outside_their_range_are_refused():
    """A negative price proves nothing; one too large would not stay exact."""
    problem = random_problem(5, 2, 1.0, 1)
    for wrong in (np.array([-1, 0]), np.array([2**61, 0]), np.array([0])):
        with pytest.raises(ValueError, match="price"):
            lower_bound(problem, wrong)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": np.array([0, 1])}, "at least 1"),
        ({"size": np.array([1.5, 1.0])}, "whole numbers"),
        ({"capacity": np.array([-1, 1])}, "at least 0"),
        ({"outside": np.array([2**60, 1])}, "2\\*\\*50"),
        ({"cost": np.array([[2**40, 0], [0, 0]])}, "32 bits"),
        ({"cost": np.zeros((2, 3), np.int32)}, "shape"),
        ({"cost": None}, "table"),
        ({"group": np.array([0, 2])}, "group"),
        ({"start": np.array([0, 1, 2])}, "together"),
        ({"start": np.array([0, 2, 2]), "bin": np.array([1, 1]), "pair_cost": np.array([1, 1])}, "twice"),
        ({"start": np.array([0, 1, 2]), "bin": np.array([0, 2]), "pair_cost": np.array([1, 1])}, "not exist"),
        ({"start": np.array([0, 2, 1]), "bin": np.array([0]), "pair_cost": np.array([1])}, "fit together"),
    ],
)
def test_bad_input_is_named(change, words):
    """Each kind of wrong shape or number is refused with words that name it."""
    given = {"size": np.array([1, 1]), "capacity": np.array([1, 1]), "outside": np.array([9, 9])}
    given |= {"cost": np.zeros((2, 2), np.int32)} | change
    with pytest.raises(ValueError, match=words):
        TransportProblem(**given)
