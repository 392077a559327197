"""Items in parts: bounds by prices of bins, prices that raise them, and plans beside every plan there is."""

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tideover.engines.transport import (
    NEVER,
    NestedProblem,
    nested_bound,
    nested_cost,
    nested_plan,
    nested_prices,
)

SLOW = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def problems(draw):
    """Three items of one or two parts, two places of two bins: few enough to try every plan."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    item = np.sort(np.concatenate([np.arange(3), rng.integers(0, 3, 1)]))
    n, k = item.size, 4
    meet = rng.integers(0, 30, (2, k))
    meet[rng.random((2, k)) < 0.2] = NEVER
    own = np.where(rng.random(n) < 0.3, rng.integers(0, k, n), -1)
    target = rng.integers(0, 12, k)
    return NestedProblem(
        item,
        rng.integers(1, 9, n),
        np.full(n, 1_000),
        rng.random((3, 2)) < 0.9,
        rng.integers(0, 40, (n, 2)),
        rng.integers(0, 2, n),
        meet,
        rng.integers(0, 20, n),
        own,
        rng.integers(0, 5, n),
        np.array([0, 0, 1, 1]),
        target,
        target + rng.integers(0, 9, k),
        int(rng.integers(0, 6)),
    )


def least_of_all(problem):
    """Return the least cost of all plans, each tried."""
    costs = []
    for plan in product(range(-1, 4), repeat=problem.size.size):
        try:
            costs.append(nested_cost(problem, np.array(plan)))
        except ValueError:
            continue
    return min(costs)


@SLOW
@given(problems(), st.lists(st.integers(0, 60), min_size=4, max_size=4))
def test_no_plan_costs_less_than_prices_prove(problem, price):
    """Whatever the prices are, the bound is no more than the best of all plans, and the plan made no less."""
    least = least_of_all(problem)
    assert nested_bound(problem, np.array(price)) <= least
    better = nested_prices(problem, np.array(price))
    assert nested_bound(problem, np.array(price)) <= nested_bound(problem, better) <= least
    assert nested_cost(problem, nested_plan(problem, better)) >= least


def _children(adults, children):
    """One place, a bin for anybody with room for one and one for children alone with room for many."""
    n = adults + children
    return NestedProblem(
        np.arange(n),
        np.ones(n, int),
        np.full(n, 1_000),
        np.ones((n, 2), bool),
        np.tile([0, 5], (n, 1)),
        np.array([0] * adults + [1] * children),
        np.array([[0, NEVER, 0], [0, 0, 0]]),
        np.zeros(n, int),
        np.full(n, -1),
        np.zeros(n, int),
        np.array([0, 0, 1]),
        np.array([1, 50, 50]),
        np.array([50, 50, 50]),
        30,
    )


def test_room_for_children_is_no_room_for_adults():
    """Of three adults one stays and two go 5 further: 10, which only prices of the bins themselves prove."""
    problem = _children(3, 2)
    price = nested_prices(problem, np.zeros(3, np.int64))
    assert nested_bound(problem, price) == 10
    assert nested_bound(problem, np.zeros(3, np.int64)) == 0
    assert nested_cost(problem, nested_plan(problem, price)) == 10


def test_plan_is_good_and_the_same_again():
    """On 3,000 items of two parts the plan is proven near to best, and made twice it is the same."""
    rng = np.random.default_rng(3)
    items, places, each = 3_000, 8, 4
    n, k = 2 * items, places * each
    meet = rng.integers(0, 4, (6, k)) * 50
    meet[3:, ::4] = NEVER
    target = np.full(k, int(5.6 * n / k))
    problem = NestedProblem(
        np.repeat(np.arange(items), 2),
        rng.integers(1, 12, n),
        np.full(n, 100_000),
        np.ones((items, places), bool),
        np.repeat(rng.integers(0, 300, (items, places)), 2, axis=0),
        rng.integers(0, 6, n),
        meet,
        np.zeros(n, int),
        np.full(n, -1),
        np.zeros(n, int),
        np.repeat(np.arange(places), each),
        target,
        2 * target,
        40,
    )
    price = nested_prices(problem, np.zeros(k, np.int64))
    plan = nested_plan(problem, price)
    cost, bound = nested_cost(problem, plan), nested_bound(problem, price)
    assert (cost - bound) / cost < 0.01
    assert np.array_equal(plan, nested_plan(problem, price))


@pytest.mark.parametrize(
    ("price", "word"), [([-1, 0, 0], "at least 0"), ([0, 0], "at least 0"), ([2**62, 0, 0], "below")]
)
def test_prices_that_prove_nothing_are_refused(price, word):
    """Prices below 0, too few or too large raise."""
    with pytest.raises(ValueError, match=word):
        nested_bound(_children(2, 1), np.array(price))


def test_problem_that_does_not_fit_is_refused():
    """Bins that are not by place, a target above its cap, and too few numbers raise."""
    good = _children(1, 1)
    for change in (
        {"place": np.array([1, 0, 1])},
        {"target": np.array([99, 0, 0])},
        {"size": np.ones(3, int)},
    ):
        with pytest.raises(ValueError, match=r"place|fit together"):
            NestedProblem(**{**{name: getattr(good, name) for name in good.__dataclass_fields__}, **change})


@pytest.mark.parametrize("plan", [[0, 1], [2, 0]])
def test_plan_that_may_not_be_is_refused(plan):
    """An adult at the bin for children, or a bin above its cap, raise."""
    problem = _children(2, 0)
    small = NestedProblem(
        **{
            **{n: getattr(problem, n) for n in problem.__dataclass_fields__},
            "target": np.array([1, 50, 0]),
            "cap": np.array([1, 50, 0]),
        }
    )
    with pytest.raises(ValueError, match=r"may not be|above its cap"):
        nested_cost(small, np.array(plan))
