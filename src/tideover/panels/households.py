"""Households as items of the clinic level: what each would cost at each clinic, over all choices of posts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tideover.engines.transport import FORBIDDEN, NestedProblem, TransportProblem
from tideover.engines.transport import NEVER as NO_POST
from tideover.errors import Fault, InputError
from tideover.nouns import Network, Policy
from tideover.panels import rules
from tideover.panels.problem import Bools, Ints, People, Receivers
from tideover.panels.rules import NEVER, Kinds

#: Points for each person without a place: so many that none is traded for other points.
NOBODY_TRADED = 1_000_000
#: Prices are whole numbers of this part of a point for a tenth of a patient.
PARTS = 16


@dataclass(frozen=True)
class Costs:
    """What people cost: ``travel`` (n, m) points of the journey, ``may`` (n, m) clinics by the rules.

    ``post`` (kinds, k) are points of language of a kind of person at a post, ``NEVER`` where age forbids it;
    ``spoken`` the same without the age; ``own`` (n,) is the row of the own clinician's post, or -1;
    ``broken`` (n,) the points of another than the own one.
    """

    travel: Ints
    may: Bools
    kinds: Kinds
    post: Ints
    spoken: Ints
    own: Ints
    broken: Ints


def costs_of(people: People, posts: Receivers, network: Network, policy: Policy) -> Costs:
    """Return the points of every person at every clinic and of every kind of person at every post."""
    kinds = rules.kinds_of(people)
    without, with_one = rules.language_not_shared(kinds, posts, policy)
    spoken = without + with_one
    row_of = {name: row for row, name in enumerate(posts.rows["clinician_id"])}
    own = np.array([row_of.get(name, -1) for name in people.rows["clinician_id"]], np.int64)
    may = rules.in_reach(people, policy) & rules.payer_taken(people, network)
    travel = rules.added_travel(people, policy) + rules.beyond_standard(people, policy)
    post = np.where(rules.age_taken(kinds, posts), spoken, NEVER)
    return Costs(travel, may, kinds, post, spoken, own, rules.continuity_broken(people, policy))


def at_clinics(costs: Costs, posts: Receivers) -> Ints:
    """Return the least points of each person at each clinic, over its posts; ``NEVER`` where none may."""
    count = costs.travel.shape[1]
    least = np.full((costs.post.shape[0], count), NEVER, np.int64)
    for at in np.unique(posts.clinic).tolist():
        least[:, at] = costs.post[:, posts.clinic == at].min(axis=1)
    found = least[costs.kinds.of] + costs.broken[:, None]
    stays = np.flatnonzero(costs.own >= 0)
    at = posts.clinic[costs.own[stays]]
    with_own = costs.spoken[costs.kinds.of[stays], costs.own[stays]]
    found[stays, at] = np.minimum(found[stays, at], with_own)
    found += costs.travel
    found[~costs.may | (found >= NEVER)] = NEVER
    return found


@dataclass(frozen=True)
class Items:
    """Households at the clinic level: ``of`` (n,) is the item of each person.

    ``size`` is in tenths of a usual patient, ``people`` counts them.

    ``cost`` (items, m) is the sum of the least points of its people, ``NEVER`` where one may not go. A
    household that may go nowhere together is split into its people.
    """

    of: Ints
    size: Ints
    people: Ints
    cost: Ints


def items_of(people: People, cost: Ints) -> Items:
    """Return the households of ``people`` and their points at each clinic; formulation (9)."""
    names = people.rows["household_id"].to_list()
    alone = people.rows["patient_id"].to_list()
    keys = [("h", h) if h is not None else ("p", p) for h, p in zip(names, alone, strict=True)]
    of = _numbered(keys)
    together = np.asarray(_summed(of, cost) < NEVER)
    lost = ~together.any(axis=1)
    if lost.any():
        split = np.asarray(lost)[of]
        of = _numbered([("p", p) if s else key for key, p, s in zip(keys, alone, split, strict=True)])
    size = np.bincount(of, people.rows["size"].to_numpy()).astype(np.int64)
    summed = _summed(of, cost)
    return Items(of, size, np.bincount(of).astype(np.int64), np.where(summed < NEVER, summed, NEVER))


def _numbered(keys: list[tuple[str, str]]) -> Ints:
    number: dict[tuple[str, str], int] = {}
    return np.array([number.setdefault(key, len(number)) for key in keys], np.int64)


def _summed(of: Ints, cost: Ints) -> Ints:
    order = np.argsort(of, kind="stable")
    starts = np.flatnonzero(np.diff(of[order], prepend=-1))
    return np.asarray(np.add.reduceat(cost[order], starts, axis=0), np.int64)


def room_of(posts: Receivers, count: int) -> tuple[Ints, Ints]:
    """Return the room of each of ``count`` clinics up to its posts' targets, and from there to the caps."""
    target = np.bincount(posts.clinic, posts.target, count).astype(np.int64)
    cap = np.bincount(posts.clinic, posts.cap, count).astype(np.int64)
    return target, cap - target


def clinic_problem(items: Items, room: tuple[Ints, Ints], over: int) -> TransportProblem:
    """Return the transport problem of level 1: households to clinics, each clinic within target and beyond.

    Bins are the clinics within their targets, then the clinics beyond them.
    """
    outside = items.people * NOBODY_TRADED
    dearer = items.cost + over * items.size[:, None]
    return TransportProblem(
        size=items.size.astype(np.int32),
        capacity=np.concatenate(room),
        outside=np.where((items.cost < NEVER).any(axis=1), outside * PARTS, 0),
        cost=_in_parts(np.concatenate([items.cost, dearer], axis=1)),
    )


def _in_parts(points: Ints) -> np.ndarray[Any, np.dtype[np.int32]]:
    dear = points[points < NEVER].max(initial=0) * PARTS
    if dear >= FORBIDDEN:
        expected = f"sums of points of a household under {FORBIDDEN // PARTS:,}"
        remedy = "Choose smaller weights: only their proportions matter."
        raise InputError([Fault("policy", None, "transfer_*", f"{dear // PARTS:,}", expected, remedy)])
    return np.where(points < NEVER, points * PARTS, FORBIDDEN).astype(np.int32)


def posts_problem(
    items: Items, people: People, posts: Receivers, costs: Costs, over: int, level: int
) -> NestedProblem:
    """Return the joint problem of a level: households to clinics, there their people to posts; (10), (11).

    A person without a place counts ``NOBODY_TRADED``; level 1 adds the points.
    """
    count = people.rows.height
    weight = PARTS if level else 0
    own = np.where(costs.own >= 0, costs.spoken[costs.kinds.of, np.maximum(costs.own, 0)], 0)
    return NestedProblem(
        item=items.of,
        size=people.rows["size"].to_numpy().astype(np.int64),
        outside=np.full(count, PARTS * NOBODY_TRADED, np.int64),
        may=items.cost < NEVER,
        way=costs.travel * weight,
        kind=costs.kinds.of,
        meet=np.where(costs.post < NEVER, costs.post * weight, NO_POST),
        extra=costs.broken * weight,
        own=costs.own,
        own_cost=own * weight,
        place=posts.clinic,
        target=posts.target,
        cap=posts.cap,
        over=over * weight,
    )
