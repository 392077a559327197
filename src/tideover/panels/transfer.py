"""The transfer: households to clinics, their people to posts, and which of the displaced clinicians move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tideover.engines.transport import NestedProblem, first_prices, nested_bound, nested_plan, nested_prices
from tideover.nouns import Policy, Scenario
from tideover.panels.households import (
    NOBODY_TRADED,
    PARTS,
    Costs,
    Items,
    at_clinics,
    clinic_problem,
    costs_of,
    items_of,
    posts_problem,
    room_of,
)
from tideover.panels.left_over import settled
from tideover.panels.moving import choices_of
from tideover.panels.problem import Ints, People, Receivers, people_of, receivers_of

#: So many choices of who moves are placed at most, those with the least bounds.
PLACED = 3
#: Prices of both levels begin from each other this often at most.
TURNS = 3

Report = Callable[[str], None]


@dataclass(frozen=True)
class Choice:
    """One answer to who moves: ``moves`` of clinicians to clinics, and the bounds that its prices prove.

    ``posts`` are the posts that take people in then, ``prices`` one price for each of them at each level.
    """

    moves: Mapping[str, str]
    posts: Receivers
    prices: tuple[Ints, Ints]
    bounds: tuple[int, int]


@dataclass(frozen=True)
class Transfer:
    """Where everybody goes: ``post`` (n,) is the row of ``posts`` for each of ``people``, -1 for no place.

    ``choices`` are all answers to who moves that were tried, ``chosen`` the one taken; ``all_moves`` says
    whether they are all there are. ``levels`` are (cost, bound) of each level, over all choices tried.
    """

    people: People
    posts: Receivers
    costs: Costs
    items: Items
    post: Ints
    choices: tuple[Choice, ...]
    chosen: int
    all_moves: bool
    levels: tuple[tuple[int, int], tuple[int, int]]


def transfer(scenario: Scenario, policy: Policy, report: Report = lambda text: None) -> Transfer:
    """Return the transfer of the patients of closing clinics and ending posts under ``scenario``.

    The clinic level and the choice of who moves are solved with a bound for the joint problem; people within
    a clinic are then placed with its posts. Formulation: this room's README.
    """
    people = people_of(scenario, policy)
    moves, complete = choices_of(scenario, people, policy)
    tried = []
    for number, one in enumerate(moves, start=1):
        report(
            f"placing households, choice {number} of {len(moves)}" if len(moves) > 1 else "placing households"
        )
        tried.append(_bounded(scenario, people, policy, one))
    report("placing people with clinicians")
    return _placed(scenario, people, policy, tried, complete)


def _bounded(scenario: Scenario, people: People, policy: Policy, moves: Mapping[str, str]) -> Choice:
    posts = receivers_of(scenario, people, policy, moves)
    costs = costs_of(people, posts, scenario.network, policy)
    items = items_of(people, at_clinics(costs, posts))
    room, over = room_of(posts, len(people.clinics)), policy.transfer_over_target
    first, second = (posts_problem(items, people, posts, costs, over, level) for level in (0, 1))
    prices = _at_posts(first_prices(clinic_problem(items, room, over)), posts, second.over)
    for turn in range(TURNS):
        nobody = _of_nobody(first, prices)
        better = nested_bound(second, nobody) > nested_bound(second, prices)
        if turn and not better:
            break
        prices = nested_prices(second, nobody if better else prices)
    bounds = (
        _whole(nested_bound(first, nobody), PARTS * NOBODY_TRADED),
        _whole(nested_bound(second, prices), PARTS),
    )
    return Choice(moves, posts, (nobody, prices), bounds)


def _of_nobody(first: NestedProblem, price: Ints) -> Ints:
    """Return the prices of level 0 that prove most: none; ``price``; or one price where room is short.

    Room is short at posts whose price is more than half the highest. A unit of it is worth what the household
    that is the last to find room counts without a place, by its units; the bound is concave in that, so the
    best of all households is found by halving.
    """
    dear = price > price.max(initial=0) / 2
    count = np.bincount(first.item, first.outside) // np.bincount(first.item, first.size)
    worth = np.unique(np.append(count, 0)).astype(np.int64)
    low, high = 0, worth.size - 1
    while low < high:
        middle = (low + high) // 2
        below, above = (nested_bound(first, dear * unit) for unit in worth[middle : middle + 2])
        low, high = (middle + 1, high) if below < above else (low, middle)
    return max((0 * price, price, dear * worth[low]), key=lambda one: nested_bound(first, one))


def _at_posts(price: Ints, posts: Receivers, over: int) -> Ints:
    """Return what prices of clinics, within targets and beyond, say of each post: the cheaper of both."""
    count = price.size // 2
    return np.minimum(price[:count], price[count:] + over)[posts.clinic]


def _whole(parts: int, unit: int) -> int:
    return -(-parts // unit)  # rounded up


def _placed(
    scenario: Scenario,
    people: People,
    policy: Policy,
    tried: Sequence[Choice],
    all_moves: bool,  # noqa: FBT001
) -> Transfer:
    """Return the best plan of the choices with the least bounds, ``PLACED`` of them at most."""
    size = people.rows["size"].to_numpy().astype(np.int64)
    best: tuple[tuple[int, int], int, Costs, Items, Ints] | None = None
    for at in sorted(range(len(tried)), key=lambda at: (tried[at].bounds[1], at))[:PLACED]:
        one = tried[at]
        if best is not None and one.bounds[1] >= NOBODY_TRADED * best[0][0] + best[0][1]:
            break
        costs = costs_of(people, one.posts, scenario.network, policy)
        items = items_of(people, at_clinics(costs, one.posts))
        problem = posts_problem(items, people, one.posts, costs, policy.transfer_over_target, 1)
        post = nested_plan(problem, one.prices[1])
        if (post < 0).any():
            post = settled(one.posts, costs, items, post, size)
        cost = cost_of(people, one.posts, costs, post, policy)
        if best is None or cost < best[0]:
            best = cost, at, costs, items, post
    assert best is not None  # noqa: S101 -- there is at least one choice
    cost, at, costs, items, post = best
    bounds = (min(one.bounds[0] for one in tried), min(one.bounds[1] for one in tried))
    second = max(0, bounds[1] - NOBODY_TRADED * cost[0])
    levels = ((cost[0], max(0, bounds[0])), (cost[1], second))
    return Transfer(people, tried[at].posts, costs, items, post, tuple(tried), at, all_moves, levels)


def points_of(posts: Receivers, costs: Costs, post: Ints) -> Ints:
    """Return the points of each person who has a place, of journey, continuity and language: (n,)."""
    placed = post >= 0
    at = np.where(placed, post, 0)
    row = np.arange(post.size)
    kept = costs.own == at
    points = costs.travel[row, posts.clinic[at]] + costs.spoken[costs.kinds.of, at]
    return np.where(placed, points + np.where(kept, 0, costs.broken), 0)


def cost_of(people: People, posts: Receivers, costs: Costs, post: Ints, policy: Policy) -> tuple[int, int]:
    """Return people without a place, and all points: of people, and of panels over target."""
    if not posts.clinic.size:
        return int(post.size), 0
    placed = post >= 0
    load = np.bincount(post[placed], people.rows["size"].to_numpy()[placed], posts.clinic.size)
    over = np.maximum(load.astype(np.int64) - posts.target, 0).sum() * policy.transfer_over_target
    return int((~placed).sum()), int(points_of(posts, costs, post).sum() + over)
