"""The assignment engine against brute force, laws and hand-worked cases."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tideover.engines.assignment import Problem, TooLargeError, mend, solve
from tideover.engines.assignment.knapsack import relax
from tideover.engines.assignment.rows import combined, cut


def problem_of(sizes, capacities, pairs, outside):
    """Build a problem from {(item, bin): costs by level} and outside costs by item."""
    keys = sorted(key for key in pairs if sizes[key[0]] <= capacities[key[1]])
    levels = len(outside[0])
    counts = np.bincount([i for i, _ in keys], minlength=len(sizes)) if keys else np.zeros(len(sizes), int)
    return Problem(
        size=np.array(sizes),
        capacity=np.array(capacities),
        start=np.concatenate([[0], np.cumsum(counts)]),
        bin=np.array([j for _, j in keys], dtype=np.int64),
        cost=np.array([pairs[key] for key in keys], dtype=np.int64).reshape(-1, levels).T,
        outside=np.array(outside).T,
    )


def costs_of(problem, pair):
    """Cost by level of an assignment, the slow way; None if a bin is too full."""
    total = [0] * problem.levels
    used = [0] * problem.capacity.size
    for item, chosen in enumerate(pair):
        for level in range(problem.levels):
            table = problem.outside[level][item] if chosen < 0 else problem.cost[level][chosen]
            total[level] += int(table)
        if chosen >= 0:
            used[problem.bin[chosen]] += int(problem.size[item])
    fits = all(u <= c for u, c in zip(used, problem.capacity.tolist(), strict=True))
    return tuple(total) if fits else None


def every_plan(problem):
    """Yield the costs of every feasible assignment."""
    rows = [[-1, *range(problem.start[i], problem.start[i + 1])] for i in range(problem.size.size)]
    for pair in itertools.product(*rows):
        costs = costs_of(problem, pair)
        if costs is not None:
            yield costs


@st.composite
def problems(draw, largest=2, levels=2):
    """Tiny problems: up to five items, four bins, small whole costs."""
    items, bins = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    sizes = draw(st.lists(st.integers(1, largest), min_size=items, max_size=items))
    capacities = draw(st.lists(st.integers(0, 5), min_size=bins, max_size=bins))
    cost = st.tuples(*[st.integers(0, 9)] * levels)
    pairs = {(i, j): draw(cost) for i in range(items) for j in range(bins) if draw(st.integers(0, 3))}
    outside = draw(st.lists(st.tuples(*[st.integers(0, 12)] * levels), min_size=items, max_size=items))
    return problem_of(sizes, capacities, pairs, outside)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_bounds_hold_against_every_plan(problem):
    """No plan that is as good in the levels above costs less than the bound of a level."""
    check_bounds(problem)


@settings(max_examples=80, deadline=None)
@given(problems(largest=4))
def test_bounds_hold_for_larger_sizes(problem):
    """The bounds also hold where items take three or four units."""
    check_bounds(problem)


def check_bounds(problem):
    solution = solve(problem)
    own = costs_of(problem, solution.pair.tolist())
    assert own is not None, "a bin is too full"
    assert own == tuple(level.cost for level in solution.levels)
    plans = list(every_plan(problem))
    for at, level in enumerate(solution.levels):
        rivals = [plan[at] for plan in plans if all(plan[k] <= own[k] for k in range(at))]
        assert level.bound <= min(rivals)
        assert level.bound <= level.cost
    assert own <= tuple(level.first_come for level in solution.levels)
    weights = solution.levels[-1].weights
    assert solution.total_bound <= min(
        sum(w * c for w, c in zip(weights, plan, strict=True)) for plan in plans
    )


@settings(max_examples=100, deadline=None)
@given(problems(largest=1, levels=1))
def test_unit_sizes_are_solved_exactly(problem):
    """Where every item takes one unit the plan is the optimum and the bound proves it."""
    level = solve(problem).levels[0]
    assert level.cost == min(plan[0] for plan in every_plan(problem)) == level.bound


@settings(max_examples=60, deadline=None)
@given(problems())
def test_small_problems_are_solved_close_to_the_optimum(problem):
    """In the first level the plan of a tiny problem is nearly always the best: it never loses by half."""
    level = solve(problem).levels[0]
    best = min(plan[0] for plan in every_plan(problem))
    assert level.cost <= best + max(9, best // 2)


def test_an_item_of_two_units_yields_to_two_of_one():
    """Worked by hand: one bin of two units; two small items gain 5 each, the large one 8."""
    problem = problem_of([2, 1, 1], [2], {(0, 0): (0,), (1, 0): (0,), (2, 0): (0,)}, [(8,), (5,), (5,)])
    solution = solve(problem)
    assert solution.pair.tolist()[0] == -1
    assert (solution.levels[0].cost, solution.levels[0].bound) == (8, 8)


def test_first_come_pays_for_its_order():
    """Worked by hand: the first takes the only bin that the second could use."""
    pairs = {(0, 0): (1,), (0, 1): (2,), (1, 0): (1,)}
    solution = solve(problem_of([1, 1], [1, 1], pairs, [(50,), (50,)]))
    assert solution.levels[0].first_come == 51
    assert (solution.levels[0].cost, solution.levels[0].bound) == (3, 3)


def test_levels_come_in_order():
    """A unit of the first level outweighs any saving in the second."""
    pairs = {(0, 0): (0, 90), (0, 1): (1, 0)}
    solution = solve(problem_of([1], [1, 1], pairs, [(5, 0)]))
    assert [level.cost for level in solution.levels] == [0, 90]


def test_banned_pairs_are_not_used_and_the_bound_stays():
    """Forbidding the best pair changes the plan, while the bound speaks of the whole problem."""
    problem = problem_of([1], [1, 1], {(0, 0): (1,), (0, 1): (4,)}, [(9,)])
    level = mend(problem, solve(problem), problem.bin == 0).levels[0]
    assert (level.cost, level.bound) == (4, 1)


@settings(max_examples=100, deadline=None)
@given(problems(largest=3), st.integers(0, 2**32))
def test_a_mended_solution_keeps_to_what_is_left(problem, seed):
    """No banned pair is used and no bin too full; costs are summed again and bounds hold for every plan."""
    solution = solve(problem)
    banned = np.random.default_rng(seed).random(problem.bin.size) < 0.4
    mended = mend(problem, solution, banned)
    assert not banned[mended.pair[mended.pair >= 0]].any()
    own = costs_of(problem, mended.pair.tolist())
    assert own == tuple(level.cost for level in mended.levels)
    plans = list(every_plan(problem))
    for at, level in enumerate(mended.levels):
        assert level.bound <= min(p[at] for p in plans if all(p[k] <= own[k] for k in range(at)))


def test_mending_moves_whom_it_must_and_no_other():
    """Worked by hand: of three items in three bins of one unit, the banned one changes with its neighbour."""
    pairs = {(0, 0): (1,), (1, 1): (1,), (1, 0): (2,), (0, 1): (2,), (2, 2): (1,)}
    problem = problem_of([1, 1, 1], [1, 1, 1], pairs, [(50,), (50,), (50,)])
    solution = solve(problem)
    assert [problem.bin[pair] for pair in solution.pair] == [0, 1, 2]
    banned = (problem.items == 0) & (problem.bin == 0)
    mended = mend(problem, solution, banned)
    assert [problem.bin[pair] for pair in mended.pair] == [1, 0, 2]
    assert (mended.levels[0].cost, mended.levels[0].bound) == (5, 3)


def test_nobody_and_nowhere():
    """No items, or items without a pair, give an empty plan with an exact bound."""
    empty = solve(Problem(*(np.zeros(k, np.int64) for k in (0, 2, 1, 0)), np.zeros((2, 0)), np.zeros((2, 0))))
    assert empty.pair.size == 0
    alone = solve(problem_of([1, 3], [], {}, [(2,), (3,)]))
    assert alone.pair.tolist() == [-1, -1]
    assert (alone.levels[0].cost, alone.levels[0].bound) == (5, 5)


def test_a_problem_that_does_not_fit_together_is_refused():
    """Shapes, signs and bins that are too small raise ValueError."""
    good = problem_of([2], [2], {(0, 0): (1,)}, [(3,)])
    for field, wrong in {
        "size": [0],
        "capacity": [1],
        "bin": [4],
        "cost": [[-1]],
        "start": [0, 2],
        "outside": [[1, 2]],
    }.items():
        parts = {
            name: getattr(good, name) for name in ("size", "capacity", "start", "bin", "cost", "outside")
        }
        with pytest.raises(ValueError, match=r"assignment problem|must|bin that"):
            Problem(**(parts | {field: np.array(wrong)}))


@settings(max_examples=60, deadline=None)
@given(problems(levels=1), st.data())
def test_any_prices_prove_a_bound(problem, data):
    """Whatever the prices, the knapsack relaxation is never above the best plan."""
    prices = [data.draw(st.integers(0, int(cost))) for cost in problem.outside[0]]
    rows = combined(problem, (1,))
    bound, *_ = relax(rows.start, rows.bin, rows.cost, rows.size, rows.capacity, np.array(prices, np.int64))
    assert bound <= min(plan[0] for plan in every_plan(problem))


@settings(max_examples=60, deadline=None)
@given(problems(levels=1))
def test_cutting_odd_bins_loses_no_plan(problem):
    """The best plan costs the same after odd bins are cut, and the units stay as many."""
    rows = combined(problem, (1,))
    pieces = cut(rows)
    assert pieces.capacity.sum() == rows.capacity.sum()
    apart = {}
    for item, (low, high) in enumerate(itertools.pairwise(rows.start)):
        for at in range(low, high):
            for piece in np.flatnonzero(pieces.owner == rows.bin[at]):
                apart[item, int(piece)] = (int(rows.cost[at]),)
    again = problem_of(
        rows.size.tolist(), pieces.capacity.tolist(), apart, [(int(cost),) for cost in rows.outside]
    )
    assert min(every_plan(again)) == min(every_plan(problem))


def test_same_problem_same_plan():
    """Two runs give the same pairs and the same prices."""
    rng = np.random.default_rng(7)
    pairs = {(i, j): (int(rng.integers(0, 50)),) for i in range(60) for j in range(40) if rng.random() < 0.3}
    sizes, capacities = rng.integers(1, 3, 60).tolist(), rng.integers(1, 4, 40).tolist()
    problem = problem_of(sizes, capacities, pairs, [(80,)] * 60)
    one, other = solve(problem), solve(problem)
    assert (one.pair == other.pair).all()
    assert all((a.price == b.price).all() for a, b in zip(one.levels, other.levels, strict=True))


def test_many_large_levels_are_ordered_with_less_distance_then_refused():
    """Four levels of costs up to a thousand still order; costs that no float holds exactly are refused."""
    pairs = {(0, 0): (0, 0, 0, 1000), (0, 1): (1, 0, 0, 0)}
    solution = solve(problem_of([1], [1, 1], pairs, [(1000,) * 4]))
    assert [level.cost for level in solution.levels] == [0, 0, 0, 1000]
    with pytest.raises(TooLargeError, match="too large"):
        solve(problem_of([1], [1], {(0, 0): (2**40, 2**40)}, [(2**41, 2**41)]))
