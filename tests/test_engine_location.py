"""The location engine: plans and bounds beside brute force, and bounds that anybody can sum up again."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tideover.engines.location import LocationProblem, cost_of, lagrangian_bound, solve
from tideover.engines.location.knapsack import best, with_and_without
from tideover.engines.location.search import Tree

SEEDS = st.integers(0, 100_000)
SECONDS = 60.0


def drawn(seed: int) -> LocationProblem:
    """Return a small problem with whatever a problem may have: forced facilities, barred pairs, own sizes."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    cost = rng.integers(-5, 20, (n, m)).astype(float)
    if rng.random() < 0.3:
        cost = cost + rng.random((n, m))
    cost[rng.random((n, m)) < 0.15] = np.inf
    size = rng.integers(0, 6, (n, m) if rng.random() < 0.5 else n)
    forced = rng.random((2, m)) < 0.15
    opens, closes = forced[0], forced[1] & ~forced[0]
    low, high = int(opens.sum()), m - int(closes.sum())
    count = int(rng.integers(low, high + 1)) if rng.random() < 0.6 else None
    fixed = rng.integers(-3, 15, m).astype(float)
    return LocationProblem(cost, size, rng.integers(0, 12, m), fixed, count, opens, closes)


def by_brute_force(problem: LocationProblem) -> float:
    """Return the least cost over every set of facilities and every way to go to them."""
    n, m = problem.cost.shape
    least = math.inf
    numbers = range(m + 1) if problem.count is None else (problem.count,)
    for opened in (some for k in numbers for some in combinations(range(m), k)):
        if any(problem.opens[j] and j not in opened for j in range(m)):
            continue
        if any(problem.closes[j] for j in opened):
            continue
        for choice in product(opened, repeat=n):
            room = [int(units) for units in problem.capacity]
            cost = sum(float(problem.opening[j]) for j in opened)
            for i, j in enumerate(choice):
                room[j] -= int(problem.size[i, j])
                cost += float(problem.cost[i, j])
            if min(room) >= 0:
                least = min(least, cost)
    return least


def naive_bound(problem: LocationProblem, price: np.ndarray) -> float:
    """Return sum of prices + the cheapest facilities' rents, each knapsack by trying every subset."""
    n, m = problem.cost.shape
    rents = []
    for j in range(m):
        gains = [0.0]
        for k in range(1, n + 1):
            for some in combinations(range(n), k):
                if problem.size[list(some), j].sum() <= problem.capacity[j]:
                    gains += [sum(float(price[i] - problem.cost[i, j]) for i in some)]
        rents.append(float(problem.opening[j]) - max(gains))
    numbers = range(m + 1) if problem.count is None else (problem.count,)
    sets = (some for k in numbers for some in combinations(range(m), k))
    right = [
        some
        for some in sets
        if all(j in some for j in range(m) if problem.opens[j]) and not any(problem.closes[j] for j in some)
    ]
    return float(price.sum()) + min(sum(rents[j] for j in some) for some in right)


def test_two_villages_and_two_wells_by_hand() -> None:
    """Two wells of 10 units; 6 + 4 units live at the first, 5 at the second: the 4 must not be split."""
    cost = np.array([[0.0, 9.0], [0.0, 4.0], [9.0, 0.0]])
    found = solve(LocationProblem(cost, np.array([6, 4, 5]), np.array([10, 10]), count=2))
    assert (found.cost, found.bound, found.choice.tolist()) == (0.0, 0.0, [0, 0, 1])
    found = solve(LocationProblem(cost, np.array([6, 4, 5]), np.array([9, 10]), count=2))
    assert (found.cost, found.bound, found.choice.tolist()) == (4.0, 4.0, [0, 1, 1])


def test_a_fixed_cost_is_paid_only_where_it_saves_more() -> None:
    """One well serves both villages for 7 more on the way; a second one opens below that price only."""
    cost = np.array([[0.0, 7.0], [7.0, 0.0]])
    for fixed, opened, total in ((6.0, 2, 12.0), (8.0, 1, 15.0)):
        found = solve(LocationProblem(cost, np.array([1, 1]), np.array([2, 2]), np.full(2, fixed)))
        assert (int(found.open.sum()), found.cost, found.proven) == (opened, total, True)


@given(SEEDS)
@settings(max_examples=150)
def test_plans_are_the_least_of_all(seed: int) -> None:
    """On small problems of every kind the plan costs what brute force finds, or both find none."""
    problem = drawn(seed)
    found, least = solve(problem, SECONDS), by_brute_force(problem)
    assert found.proven
    assert found.feasible == math.isfinite(least)
    if found.feasible:
        assert found.cost == pytest.approx(least, abs=1e-7)
        assert cost_of(problem, found.open, found.choice) == found.cost
        assert found.bound <= found.cost
    else:
        assert found.bound == np.inf
        assert (found.choice == -1).all()


@given(SEEDS)
@settings(max_examples=100)
def test_any_prices_prove_a_bound(seed: int) -> None:
    """Whatever the prices, the bound is below the optimum and at least the plain sum over knapsacks."""
    problem = drawn(seed)
    price = np.random.default_rng(seed + 1).integers(-3, 25, problem.cost.shape[0]) / 4
    bound = lagrangian_bound(problem, price)
    assert bound <= by_brute_force(problem) + 1e-9
    if math.isfinite(bound):
        assert bound >= naive_bound(problem, price) - 1e-9 or _placed(problem)


def _placed(problem: LocationProblem) -> bool:
    """Whether some item has one way only, so that the bound places it before prices are asked."""
    part = Tree(problem).root()
    tree = Tree(problem)
    tree.reach(part)
    return bool((part.to >= 0).any())


@given(SEEDS)
@settings(max_examples=60)
def test_the_recorded_multipliers_prove_the_recorded_root(seed: int) -> None:
    """The stored prices give the stored root bound again, digit by digit; no bound is below it."""
    problem = drawn(seed)
    found = solve(problem, SECONDS)
    assert lagrangian_bound(problem, found.multipliers) == found.root
    assert found.bound >= found.root - 1e-6


@given(SEEDS)
@settings(max_examples=60)
def test_the_order_of_items_and_facilities_changes_no_cost(seed: int) -> None:
    """Rows and columns in another order cost the same."""
    problem = drawn(seed)
    n, m = problem.cost.shape
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(n), rng.permutation(m)
    other = LocationProblem(
        problem.cost[np.ix_(rows, columns)],
        problem.size[np.ix_(rows, columns)],
        problem.capacity[columns],
        problem.opening[columns],
        problem.count,
        problem.opens[columns],
        problem.closes[columns],
    )
    assert solve(other).cost == pytest.approx(solve(problem).cost, abs=1e-7)


@given(SEEDS)
@settings(max_examples=60)
def test_more_room_never_costs_more(seed: int) -> None:
    """A unit more in every facility can only help."""
    problem = drawn(seed)
    larger = replace(problem, capacity=problem.capacity + 1)
    assert solve(larger).cost <= solve(problem).cost + 1e-7


def test_knapsacks_are_the_best_of_all_subsets() -> None:
    """Each facility's gain, with each item in and out, equals the best over all subsets."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        k, room = int(rng.integers(1, 8)), int(rng.integers(0, 15))
        gain, size = rng.random(k) + 0.1, rng.integers(0, 9, k)
        subsets = [some for r in range(k + 1) for some in combinations(range(k), r)]
        fitting = {some: sum(gain[list(some)]) for some in subsets if size[list(some)].sum() <= room}
        cells = np.empty((k + 2) * (room + 1) + 8)
        taken, inside, outside = np.empty(k, bool), np.empty(k), np.empty(k)
        value = best(gain, size, k, room, cells, taken)
        assert value == pytest.approx(max(fitting.values()))
        assert fitting[tuple(np.flatnonzero(taken).tolist())] == pytest.approx(value)
        with_and_without(gain, size, k, room, cells, cells.copy(), inside, outside)
        for t in range(k):
            among = [worth for some, worth in fitting.items() if t in some]
            assert inside[t] == pytest.approx(max(among, default=-np.inf))
            assert outside[t] == pytest.approx(max(w for some, w in fitting.items() if t not in some))


def test_too_few_cells_only_let_more_in() -> None:
    """Where sizes are counted in larger units, the knapsack's value is an upper bound of the exact one."""
    for seed in range(30):
        rng = np.random.default_rng(seed)
        gain, size = rng.random(9), rng.integers(1, 60, 9)
        taken = np.empty(9, bool)
        exact = best(gain, size, 9, 100, np.empty(2_000), taken)
        assert best(gain, size, 9, 100, np.empty(150), taken) >= exact - 1e-12


def test_a_short_run_still_states_a_bound() -> None:
    """With no time at all the bound is below the plan, both are right, and nothing is said to be proven."""
    rng = np.random.default_rng(5)
    at = rng.random((60, 2))
    cost = np.floor(100 * np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)))
    size = rng.integers(1, 20, 60)
    problem = LocationProblem(cost, size, np.full(60, int(size.sum()) // 5 - 9), count=6)
    quick = solve(problem, 0.0)
    assert quick.bound <= quick.cost == cost_of(problem, quick.open, quick.choice)
    loose = solve(problem, SECONDS, gap=0.2)
    assert loose.proven
    assert loose.gap <= 0.2


@given(SEEDS)
@settings(max_examples=25)
@example(7)
def test_larger_problems_agree_with_the_solver_of_scipy(seed: int) -> None:
    """On problems with real search the cost is the one of HiGHS's mixed-integer program."""
    rng = np.random.default_rng(seed)
    n, m = 14, 6
    size = rng.integers(2, 12, n)
    room = np.full(m, int(size.sum()) // 3 + int(rng.integers(-2, 8)))
    cost = rng.integers(1, 80, (n, m)).astype(float)
    count = int(rng.integers(3, 6)) if seed % 2 else None
    problem = LocationProblem(cost, size, room, rng.integers(10, 90, m).astype(float), count)
    found = solve(problem, SECONDS)
    assert found.proven
    assert found.cost == pytest.approx(by_highs(problem))


def by_highs(problem: LocationProblem) -> float:
    """Return the optimum of the usual program: x_ij <= y_j, sizes within room, items once."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    n, m = problem.cost.shape
    x = np.arange(n * m).reshape(n, m)
    once, room, link = np.zeros((n, n * m + m)), np.zeros((m, n * m + m)), np.zeros((n * m, n * m + m))
    for i, j in product(range(n), range(m)):
        once[i, x[i, j]] = 1
        room[j, x[i, j]] = problem.size[i, j]
        link[x[i, j], [x[i, j], n * m + j]] = 1, -1
    room[np.arange(m), n * m + np.arange(m)] = -problem.capacity
    rows = [LinearConstraint(once, 1, 1), LinearConstraint(room, ub=0), LinearConstraint(link, ub=0)]
    if problem.count is not None:
        rows.append(LinearConstraint(np.repeat([0, 1], [n * m, m])[None], problem.count, problem.count))
    goal = np.concatenate([problem.cost.ravel(), problem.opening])
    found = milp(goal, integrality=np.ones(goal.size), bounds=Bounds(0, 1), constraints=rows)
    return float(found.fun) if found.x is not None else math.inf


BAD = {
    "no items": {"cost": np.zeros((0, 2)), "size": np.zeros(0)},
    "a negative size": {"size": np.array([1, -1])},
    "a negative capacity": {"capacity": np.array([1, -1])},
    "capacities of other facilities": {"capacity": np.array([1, 1, 1])},
    "a cost that is no number": {"cost": np.array([[1.0, np.nan], [1.0, 1.0]])},
    "a fixed cost without end": {"fixed": np.array([1.0, np.inf])},
    "forced both ways": {"forced_open": np.array([True, False]), "forced_closed": np.array([True, False])},
    "more open than there are": {"count": 3},
    "fewer open than are forced": {"count": 0, "forced_open": np.array([True, False])},
}


@pytest.mark.parametrize("fault", BAD)
def test_a_problem_that_makes_no_sense_is_refused(fault: str) -> None:
    """Shapes, signs and forced facilities that contradict each other raise ValueError."""
    good = {"cost": np.ones((2, 2)), "size": np.array([1, 1]), "capacity": np.array([1, 1])}
    with pytest.raises(ValueError, match=r"location problem"):
        LocationProblem(**{**good, **BAD[fault]})


def test_limits_that_make_no_sense_are_refused() -> None:
    """Seconds and gap must be numbers that mean something."""
    problem = LocationProblem(np.ones((1, 1)), np.array([1]), np.array([1]))
    for seconds, gap in ((-1.0, 0.0), (math.nan, 0.0), (1.0, -0.1), (1.0, 1.0)):
        with pytest.raises(ValueError, match="solve needs"):
            solve(problem, seconds, gap)
    with pytest.raises(ValueError, match="one multiplier"):
        lagrangian_bound(problem, np.zeros(2))
