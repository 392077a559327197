"""The transfer: households to clinics, their people to posts, and which of the displaced clinicians move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tideover.engines.transport import lower_bound, solve
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
    nowhere,
    posts_problem,
    room_of,
)
from tideover.panels.left_over import settled
from tideover.panels.moving import choices_of
from tideover.panels.problem import Ints, People, Receivers, people_of, receivers_of

#: How often households are placed again when their clinic has no post for all of its people.
ROUNDS = 2
#: The proven gap at which the engine stops.
GAP = 0.0002
#: The same for the people of one clinic and its posts.
POSTS_GAP = 0.002

Report = Callable[[str], None]


@dataclass(frozen=True)
class Choice:
    """One answer to who moves: ``moves`` of clinicians to clinics, and the bounds that its prices prove.

    ``prices`` holds for each level one price for each bin: the clinics within target, then beyond. ``bin``
    (items,) is where the clinic level puts each household, -1 for nowhere.
    """

    moves: Mapping[str, str]
    bin: Ints
    prices: tuple[Ints, Ints]
    bounds: tuple[int, int]
    cost: int


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
    best = min(range(len(tried)), key=lambda at: (tried[at].cost, at))
    report("placing people with clinicians")
    return _placed(scenario, people, policy, tried, best, complete)


def _bounded(scenario: Scenario, people: People, policy: Policy, moves: Mapping[str, str]) -> Choice:
    posts = receivers_of(scenario, people, policy, moves)
    items = items_of(people, at_clinics(costs_of(people, posts, scenario.network, policy), posts))
    room = room_of(posts, len(people.clinics))
    first = clinic_problem(items, room, policy.transfer_over_target, 0)
    second = clinic_problem(items, room, policy.transfer_over_target, 1)
    found = solve(second, gap=GAP)
    nobody = np.zeros(first.capacity.size, np.int64)
    out = nowhere(items)
    if int(items.people[found.choice < 0].sum()) > out:
        nobody = solve(first, gap=GAP).price
    bounds = (out + _whole(lower_bound(first, nobody)), NOBODY_TRADED * out + _whole(found.bound))
    return Choice(
        moves,
        found.choice.astype(np.int64),
        (nobody, found.price),
        bounds,
        NOBODY_TRADED * out + _whole(found.cost),
    )


def _whole(parts: int) -> int:
    return -(-parts // PARTS)  # rounded up


def _placed(
    scenario: Scenario,
    people: People,
    policy: Policy,
    tried: Sequence[Choice],
    best: int,
    all_moves: bool,  # noqa: FBT001
) -> Transfer:
    posts = receivers_of(scenario, people, policy, tried[best].moves)
    costs = costs_of(people, posts, scenario.network, policy)
    items = items_of(people, at_clinics(costs, posts))
    post = _people(people, posts, costs, items, tried[best].bin, policy)
    cost = cost_of(people, posts, costs, post, policy)
    bounds = (min(one.bounds[0] for one in tried), min(one.bounds[1] for one in tried))
    second = max(0, bounds[1] - NOBODY_TRADED * cost[0])
    levels = ((cost[0], max(0, bounds[0])), (cost[1], second))
    return Transfer(people, posts, costs, items, post, tuple(tried), best, all_moves, levels)


def _people(
    people: People, posts: Receivers, costs: Costs, items: Items, found: Ints, policy: Policy
) -> Ints:
    """Return the post of each person; clinics whose posts cannot take all they were sent get fewer."""
    count, over = len(people.clinics), policy.transfer_over_target
    target, beyond = room_of(posts, count)
    size = people.rows["size"].to_numpy().astype(np.int64)
    best: tuple[tuple[int, int], Ints] | None = None
    for _ in range(ROUNDS):
        clinic = np.where(found < 0, -1, found % max(count, 1))[items.of]
        post = _within(posts, costs, clinic, size, over)
        stuck = (clinic >= 0) & (post < 0)
        within = np.bincount(clinic[(clinic >= 0) & ~stuck], size[(clinic >= 0) & ~stuck], count)
        if (post < 0).any():
            post = settled(posts, costs, items, post, size)
        points = cost_of(people, posts, costs, post, policy)
        if best is None or points < best[0]:
            best = points, post
        if not ((clinic >= 0) & (post < 0)).any():
            break
        less = np.bincount(clinic[stuck], size[stuck], count).astype(np.int64)
        room = np.where(less > 0, within.astype(np.int64), target + beyond)
        target, beyond = np.minimum(target, room), room - np.minimum(target, room)
        found = solve(clinic_problem(items, (target, beyond), over, 1), gap=GAP).choice.astype(np.int64)
    assert best is not None  # noqa: S101 -- there is at least one round
    return best[1]


def _within(posts: Receivers, costs: Costs, clinic: Ints, size: Ints, over: int) -> Ints:
    """Return the post of each person within the clinic they were sent to, -1 where none has room."""
    post = np.full(clinic.size, -1, np.int64)
    for at in np.unique(clinic[clinic >= 0]).tolist():
        who, here = np.flatnonzero(clinic == at), np.flatnonzero(posts.clinic == at)
        found = solve(posts_problem(costs, posts, who, here, size, over), gap=POSTS_GAP).choice
        post[who] = np.where(found < 0, -1, here[found % here.size])
    return post


def points_of(people: People, posts: Receivers, costs: Costs, post: Ints) -> Ints:
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
    return int((~placed).sum()), int(points_of(people, posts, costs, post).sum() + over)
