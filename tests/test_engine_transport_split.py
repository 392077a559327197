"""Groups split among bins: worked by hand, against a linear program, over pairs listed when asked for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from tideover.engines.transport import solve_split


def lister(cost):
    """Return ``cheapest`` for a table of costs (n, m): every pair, sorted, cut to what was asked."""

    def cheapest(price, most):
        order = np.argsort(cost + price, axis=1, kind="stable")[:, :most]
        return order.astype(np.int32), np.take_along_axis(cost, order, 1).astype(np.int32)

    return cheapest


def places(n, m, room, seed):
    """Groups and bins at random places: units, capacity, outside, cost of each pair."""
    rng = np.random.default_rng(seed)
    here, there = rng.random((n, 1, 2)), rng.random((1, m, 2))
    cost = np.rint(np.hypot(*np.moveaxis(here - there, 2, 0)) * 10_000).astype(np.int64)
    units = rng.integers(1, 5_000, n)
    share = rng.uniform(0.5, 1.5, m)
    capacity = np.ceil(units.sum() * room * share / share.sum()).astype(np.int64)
    return units, capacity, np.full(n, 8_000), cost


def relaxed(units, capacity, outside, cost):
    """The least cost by HiGHS."""
    n, m = cost.shape
    used, placed = np.kron(np.ones(n), np.eye(m)), np.kron(np.eye(n), np.ones(m))
    return linprog(
        np.concatenate([cost.ravel(), outside]),
        A_ub=np.hstack([used, np.zeros((m, n))]),
        b_ub=capacity,
        A_eq=np.hstack([placed, np.eye(n)]),
        b_eq=units,
    ).fun


def test_a_split_worked_by_hand():
    """Ten people, room for six near (100 each), the rest far (400 each): 600 + 1,600, at a price of 300."""
    got = solve_split(
        np.array([10]), np.array([6, 20]), np.array([9000]), lister(np.array([[100, 400]])), gap=0.0
    )
    flows = zip(got.bin[0].tolist(), got.flow[0].tolist(), strict=True)
    assert {j: f for j, f in flows if f} == {0: 6, 1: 4}
    assert got.cost == got.bound == 2200
    assert got.price.tolist() == [300, 0]


@pytest.mark.parametrize(("room", "seed"), [(1.05, 1), (1.3, 2), (0.8, 3)])
def test_flows_are_near_the_linear_program(room, seed):
    """Room, plenty and overload: nobody lost, no bin too full, bound <= optimum <= cost, and both near."""
    units, capacity, outside, cost = places(150, 12, room, seed)
    got = solve_split(units, capacity, outside, lister(cost))
    assert (got.flow.sum(axis=1) + got.outside == units).all()
    load = np.bincount(got.bin[got.flow > 0], got.flow[got.flow > 0], capacity.size)
    assert (load <= capacity).all()
    paid = int((got.flow * np.take_along_axis(cost, got.bin.astype(int), 1)).sum() + got.outside @ outside)
    assert paid == got.cost
    best = relaxed(units, capacity, outside, cost)
    assert got.bound <= best + 1e-3
    assert best <= got.cost + 1e-3
    assert got.gap <= 0.0002


def test_the_bound_counts_pairs_that_were_never_kept():
    """More bins than a listing holds: the bound is that of its prices over the whole table."""
    units, capacity, outside, cost = places(200, 60, 1.05, 4)
    got = solve_split(units, capacity, outside, lister(cost))
    least = np.minimum((cost + got.price).min(axis=1), outside)
    assert got.bound == int(units @ least) - int(got.price @ capacity)
    assert got.gap <= 0.0005


def test_nobody_and_nowhere_to_go():
    """No groups, or no bins: a plan of nothing at its exact cost."""
    none = np.empty(0, np.int64)
    assert solve_split(none, np.array([5]), none, lister(np.empty((0, 1), np.int64))).cost == 0
    lone = solve_split(np.array([3]), none, np.array([7]), lister(np.empty((1, 0), np.int64)))
    assert (lone.cost, lone.bound, lone.outside.tolist()) == (21, 21, [3])
