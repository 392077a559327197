"""A few bins planned anew by HiGHS: against the whole integer program, and the rules on anything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from tideover.engines.transport import TransportProblem, few_bins, solve
from tideover.engines.transport.few_bins import replanned
from tideover.engines.transport.options import Codes
from tideover.engines.transport.repair import nodes_of


def areas(n, m, room, seed):
    """Areas of 500 to 8,000 people in a square, each as dear as its people times its distance."""
    rng = np.random.default_rng(seed)
    size = rng.integers(500, 8_000, n)
    apart = np.hypot(*np.moveaxis(rng.random((n, 1, 2)) - rng.random((1, m, 2)), 2, 0))
    share = rng.random(m) + 0.5
    capacity = (size.sum() * room * share / share.sum()).astype(np.int64)
    return TransportProblem(
        size, capacity, size * 5_000, np.rint(apart * 1_000).astype(np.int64) * size[:, None]
    )


def optimum(problem):
    """The least cost of any plan, by scipy's integer program over every pair."""
    n, m = problem.cost.shape
    costs = np.column_stack([problem.cost, problem.outside]).ravel()
    once = np.kron(np.eye(n), np.ones(m + 1))
    load = np.zeros((m, n, m + 1))
    for j in range(m):
        load[j, :, j] = problem.size
    rules = [LinearConstraint(once, 1, 1), LinearConstraint(load.reshape(m, -1), ub=problem.capacity)]
    options = {"mip_rel_gap": 0.0}
    return (
        milp(costs / 1_000, constraints=rules, integrality=1, bounds=Bounds(0, 1), options=options).fun
        * 1_000
    )


def pays(problem, node):
    """What a plan costs, and whether no bin is above its capacity."""
    m = problem.capacity.size
    table = np.column_stack([problem.cost, problem.outside])
    load = np.bincount(node, problem.size, m + 1)[:m]
    return int(table[np.arange(node.size), node].sum()), bool((load <= problem.capacity).all())


def never(_):
    """Nothing is enough."""
    return False


def listed_of(problem):
    """Every option of every item."""
    return Codes(problem).shortlist(
        np.arange(problem.size.size), problem.capacity.size, np.zeros(problem.capacity.size)
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_neighbourhood_of_all_bins_finds_the_optimum(seed, monkeypatch):
    """Three bins and every option: from everybody outside to the best plan there is."""
    monkeypatch.setattr(few_bins, "BINS", (3,))
    monkeypatch.setitem(few_bins._SOLVER, "mip_max_nodes", 10**6)
    problem = areas(20, 3, 1.03, seed)
    node = np.full(20, 3)
    new = replanned(listed_of(problem), problem.capacity, np.zeros(3), node, never)
    cost, fits = pays(problem, new)
    assert fits
    assert cost == pytest.approx(optimum(problem), rel=1e-9)
    assert (node == 3).all()  # what was handed in is left as it was


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 14), st.integers(1, 4), st.floats(0.3, 2.0))
def test_plans_never_get_dearer_or_overfull(seed, n, m, room):
    """From a first-come plan, at any prices: within capacity, at most the cost before, twice the same."""
    problem = areas(n, m, room, seed)
    rng = np.random.default_rng(seed)
    node, left = np.full(n, m), problem.capacity.copy()
    for i in rng.permutation(n):
        j = int(rng.integers(m))
        if left[j] >= problem.size[i]:
            node[i], left[j] = j, left[j] - problem.size[i]
    price = rng.integers(0, 500, m).astype(np.float64)
    new, again = (replanned(listed_of(problem), problem.capacity, price, node, never) for _ in range(2))
    cost, fits = pays(problem, new)
    assert fits
    assert cost <= pays(problem, node)[0]
    assert (new == again).all()


def test_what_is_saved_is_told_and_ends_it():
    """The first saving is enough: what was told is what the plan costs less."""
    problem = areas(60, 5, 1.05, 3)
    node = nodes_of(np.full(60, -1), 5)
    told = []

    def first(saved):
        told.append(saved)
        return saved > 0

    new = replanned(listed_of(problem), problem.capacity, np.zeros(5), node, first)
    assert told[-1] > 0
    assert not any(told[:-1])
    assert pays(problem, node)[0] - pays(problem, new)[0] == told[-1]


@pytest.mark.parametrize(("seed", "most"), [(2, 0.0002), (4, 0.0001), (5, 0.0002)])
def test_areas_are_planned_near_the_optimum(seed, most):
    """Eighty areas, four tight sites: as near the best plan as was asked for."""
    problem = areas(80, 4, 1.05, seed)
    got = solve(problem)
    assert got.bound <= optimum(problem) * (1 + 1e-9)
    assert got.cost <= optimum(problem) * (1 + most)
    assert pays(problem, nodes_of(got.choice, 4)) == (got.cost, True)
