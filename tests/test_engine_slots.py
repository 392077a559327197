"""Exchange of slots, cycles of the flow, and prices from the hull of bins, each against an oracle."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment, linprog

from tideover.engines.assignment import Problem, hull, solve
from tideover.engines.assignment.exchange import entries_of, improved, slots_of, steered
from tideover.engines.assignment.flow import item_prices, solve_flow
from tideover.engines.assignment.hull import options_of, solve_hull
from tideover.engines.assignment.knapsack import relax
from tideover.engines.assignment.rows import combined, cut

POINT = 2  # weight of the only level: prices of halves are whole


def tight_day(items=80, bins=60, seed=1, near=8):
    """A day on which rooms of one to three units just about hold items of one unit and two."""
    rng = np.random.default_rng(seed)
    size = rng.choice([1, 2], items)
    capacity = rng.choice([1, 2, 3], bins)
    rows = [np.sort(rng.choice(np.flatnonzero(capacity >= s), near, replace=False)) for s in size]
    start = np.concatenate([[0], np.cumsum([row.size for row in rows])])
    cost = rng.integers(0, 40, (1, start[-1]))
    outside = rng.integers(60, 90, (1, items))
    return Problem(
        size=size, capacity=capacity, start=start, bin=np.concatenate(rows), cost=cost, outside=outside
    )


def flow_of(problem):
    """Return (rows, pieces, flow) of a problem of one level."""
    rows = combined(problem, (POINT,))
    pieces = cut(rows)
    args = (rows.start, rows.bin, rows.cost, rows.outside, rows.size, pieces.single, pieces.capacity)
    units, first, prices, done = solve_flow(*args, np.arange(rows.size.size), 10**9)
    assert done
    return rows, pieces, (units, first, prices)


def asked_by(rows, pieces, prices):
    """Return the item prices that the flow's prices leave."""
    none = np.zeros(prices.size, bool)
    args = (rows.start, rows.bin, rows.cost, rows.outside, rows.size, pieces.single, prices)
    return item_prices(*args, none, 1e-6)


def slots_on(problem):
    """Return the slots next to the flow of a problem."""
    rows, pieces, flow = flow_of(problem)
    return slots_of(rows, pieces, flow, asked_by(rows, pieces, flow[2]), 10**6)


def cheapest_with(slots):
    """Return what items cost at least in the slots that are open, by SciPy's assignment for each kind."""
    rows, m = slots.rows, slots.rows.capacity.size
    total = 0
    for size in (1, 2):
        who = np.flatnonzero(rows.size == size)
        opened = slots.state[6][:m] if size == 1 else slots.state[6][m:]
        column = np.repeat(np.arange(m), opened)
        table = np.full((who.size, column.size + who.size), 1e9)
        for k, i in enumerate(who):
            table[k, column.size + k] = rows.outside[i]
            for a in range(rows.start[i], rows.start[i + 1]):
                here = column == rows.bin[a]
                table[k, : column.size][here] = np.minimum(table[k, : column.size][here], rows.cost[a])
        total += table[linear_sum_assignment(table)].sum()
    return total


@pytest.mark.parametrize("seed", range(8))
def test_items_are_placed_best_in_whatever_slots_are_open(seed):
    """At first, steered to any slots, and exchanged: the cost is that of the best assignment to the slots."""
    slots = slots_on(tight_day(seed=seed))
    assert slots.total == cheapest_with(slots)
    rng = np.random.default_rng(seed)
    large = rng.integers(0, slots.rows.capacity // 2 + 1).astype(float)
    steered(slots, large, slots.rows.capacity - 2 * large)
    assert slots.total == cheapest_with(slots)
    m = slots.rows.capacity.size
    assert (slots.state[6][:m] + 2 * slots.state[6][m:] == slots.rows.capacity).all()
    assert (slots.state[6][m:] == large).all()
    before = slots.total
    improved(slots, 0, lambda _: False)
    assert slots.total == cheapest_with(slots) < before


def test_exchanging_ends_where_no_exchange_gains_and_finds_the_optimum_of_small_days():
    """On ten days small enough for HiGHS, the plan is the optimum nearly always, and near it in all."""
    found = []
    for seed in range(10):
        problem = tight_day(40, 30, seed)
        solution = solve(problem)
        found.append((solution.levels[0].cost, optimum_of(problem)))
    assert all(best <= cost <= 1.01 * best for cost, best in found)
    assert sum(cost == best for cost, best in found) >= 9


def optimum_of(problem):
    """Return the least cost of a problem of one level, by HiGHS."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    n, m, z = problem.size.size, problem.capacity.size, problem.bin.size
    item = np.repeat(np.arange(n), np.diff(problem.start))
    once, fits = np.zeros((n, z + n)), np.zeros((m, z + n))
    once[item, np.arange(z)] = 1
    once[np.arange(n), z + np.arange(n)] = 1
    fits[problem.bin, np.arange(z)] = problem.size[item]
    cost = np.concatenate([problem.cost[0], problem.outside[0]])
    rules = [LinearConstraint(once, 1, 1), LinearConstraint(fits, -np.inf, problem.capacity)]
    done = milp(cost, constraints=rules, integrality=np.ones(z + n), bounds=Bounds(0, 1))
    return round(done.fun)


@pytest.mark.parametrize("seed", range(6))
def test_a_flow_has_no_cycle_of_items_that_lie_apart(seed):
    """What the flow splits is a forest over pieces and the outside, at the cost of the relaxation."""
    rows, pieces, (units, first, _) = flow_of(tight_day(300, 230, seed))
    apart = [
        (units[first[i]], units[first[i] + 1])
        for i in range(rows.size.size)
        if rows.size[i] == 2 and units[first[i]] != units[first[i] + 1]
    ]
    assert apart
    parent = dict.fromkeys(range(-1, pieces.capacity.size))

    def top(node):
        while parent[node] is not None:
            node = parent[node]
        return node

    for a, b in apart:
        assert top(a) != top(b)
        parent[top(a)] = top(b)
    inside = units[units >= 0]
    assert (np.bincount(inside, minlength=pieces.capacity.size) <= pieces.capacity).all()
    assert cost_of_flow(rows, pieces, units, first) == pytest.approx(relaxation_of(rows, pieces))


def cost_of_flow(rows, pieces, units, first):
    """Return the cost of the units where they are."""
    total = 0.0
    for i in range(rows.size.size):
        row = slice(rows.start[i], rows.start[i + 1])
        for u in units[first[i] : first[i + 1]]:
            pay = rows.outside[i] if u < 0 else rows.cost[row][rows.bin[row] == pieces.owner[u]].min()
            total += pay / rows.size[i]
    return total


def relaxation_of(rows, pieces):
    """Return the value of the transportation relaxation over pieces, by HiGHS."""
    columns, cost = [], []
    for i in range(rows.size.size):
        columns.append((i, -1))
        cost.append(rows.outside[i])
        for a in range(rows.start[i], rows.start[i + 1]):
            j = rows.bin[a]
            parts = [j, pieces.single[j]] if rows.size[i] == 1 and pieces.single[j] >= 0 else [j]
            columns += [(i, part) for part in parts]
            cost += [rows.cost[a]] * len(parts)
    once = np.zeros((rows.size.size, len(columns)))
    fits = np.zeros((pieces.capacity.size, len(columns)))
    for c, (i, part) in enumerate(columns):
        once[i, c] = 1
        if part >= 0:
            fits[part, c] = rows.size[i]
    return linprog(cost, fits, pieces.capacity, once, np.ones(rows.size.size)).fun


def best_by_knapsacks(problem):
    """Return the most that any prices of items prove: a linear program over all contents of every bin."""
    rows = combined(problem, (POINT,))
    columns, cost = [], []
    for i in range(rows.size.size):
        columns.append(({i}, None))
        cost.append(rows.outside[i])
    item = np.repeat(np.arange(rows.size.size), np.diff(rows.start))
    for j in range(rows.capacity.size):
        pairs = np.flatnonzero(rows.bin == j)
        for k in range(1, rows.capacity[j] + 1):
            for chosen in itertools.combinations(pairs, k):
                who = item[list(chosen)]
                if rows.size[who].sum() <= rows.capacity[j]:
                    columns.append((set(who), j))
                    cost.append(rows.cost[list(chosen)].sum())
    once = np.zeros((rows.size.size, len(columns)))
    fits = np.zeros((rows.capacity.size, len(columns)))
    for c, (who, j) in enumerate(columns):
        once[list(who), c] = 1
        if j is not None:
            fits[j, c] = 1
    return linprog(cost, fits, np.ones(rows.capacity.size), once, np.ones(rows.size.size)).fun


def test_the_hull_proves_nearly_what_any_prices_prove(monkeypatch):
    """Its prices prove all but a thousandth of the best that prices can, mostly more than the flow's."""
    monkeypatch.setattr(hull, "_ROUNDS", 40)
    more = 0
    for seed in range(8):
        problem = tight_day(60, 44, seed, near=5)
        rows, pieces, flow = flow_of(problem)
        options = options_of(rows, pieces, flow, POINT, 1000.0)
        found = solve_hull(options, rows.size, pieces.capacity, flow[2] / POINT, rows.capacity)
        price = np.minimum(np.rint(found.price * POINT).astype(np.int64), rows.outside)
        before, proven = (
            relax(rows.start, rows.bin, rows.cost, rows.size, rows.capacity, p)[0]
            for p in (asked_by(rows, pieces, flow[2]), price)
        )
        most = best_by_knapsacks(problem)
        assert 0.999 * most <= proven <= most + 1e-6
        more += proven > before
    assert more >= 4


def test_items_that_the_hull_holds_fit_into_their_bins():
    """What the relaxation holds in a bin is no more than its units, and no more large items than fit."""
    problem = tight_day(200, 150, 3)
    rows, pieces, flow = flow_of(problem)
    options = options_of(rows, pieces, flow, POINT, 20.0)
    assert np.bincount(options.item, options.share) == pytest.approx(1.0)
    held = solve_hull(options, rows.size, pieces.capacity, flow[2] / POINT, rows.capacity)
    assert (held.small + 2 * held.large <= rows.capacity + 1e-6).all()
    assert (held.large <= rows.capacity // 2 + 1e-6).all()
    assert held.small.sum() + held.large.sum() > 100


def test_a_plan_of_slots_is_told_by_entries_of_its_rows():
    """Each entry belongs to its item's row, and their costs add up to the plan's."""
    slots = slots_on(tight_day(seed=5))
    entry, rows = entries_of(slots), slots.rows
    inside = entry >= 0
    assert inside.any()
    assert (rows.start[:-1][inside] <= entry[inside]).all()
    assert (entry[inside] < rows.start[1:][inside]).all()
    assert rows.cost[entry[inside]].sum() + rows.outside[~inside].sum() == slots.total
    used = np.bincount(rows.bin[entry[inside]], rows.size[inside], rows.capacity.size)
    assert (used <= rows.capacity).all()
