"""The strike day with more room on it: visits that stand in sessions which the plan does not have yet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from tideover.engines.assignment import Problem
from tideover.visits.facts import Bools, Ints
from tideover.visits.problem import StrikeDay
from tideover.visits.rules import ELSEWHERE, STAND, Choices, choice_points


@dataclass(frozen=True)
class Roomier(StrikeDay):
    """A strike day whose bins from ``extra`` on are further cover at the sites of ``places`` (codes)."""

    extra: int = 0
    places: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def kind(self, items: Ints, bins: Ints) -> tuple[Ints, Ints]:
        """Return the kind of each choice, and the code of the clinic where it is ELSEWHERE, else -1."""
        kind, clinic = super().kind(items, bins)
        extra = np.flatnonzero(bins >= self.extra)
        at = self.places[bins[extra] - self.extra]
        away = at != self.facts.visit_clinic[items[extra]]
        kind[extra], clinic[extra] = np.where(away, ELSEWHERE, STAND), np.where(away, at, -1)
        return kind, clinic


def with_room(day: StrikeDay, units: Ints, places: Ints, item: Ints, room: Ints) -> Roomier:
    """Return ``day`` with bins of ``units`` more at ``places``; visit ``item[k]`` may take ``room[k]``.

    ``item`` are rows of the visits, ``places`` codes of clinics.
    """
    old, first = day.problem, day.problem.capacity.size
    every = np.concatenate([old.items, item])
    order = np.argsort(every, kind="stable")
    problem = Problem(
        size=old.size,
        capacity=np.concatenate([old.capacity, units]),
        start=np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(every, minlength=old.size.size))]),
        bin=np.concatenate([old.bin, first + room])[order],
        cost=np.concatenate([old.cost, standing_points(day, item, places[room])], axis=1)[:, order],
        outside=old.outside,
    )
    return Roomier(problem, day.opened, day.cover, day.desks, day.posts, first, places)


def standing_points(day: StrikeDay, item: Ints, clinic: Ints) -> Ints:
    """Return the points of each visit for standing at a clinic, (levels, visits)."""
    facts, nowhere = day.facts, np.full(item.size, -1)
    here, there = (
        choice_points(facts, Choices(item, nowhere, facts.visit_date[item], kind, clinic))
        for kind in (STAND, ELSEWHERE)
    )
    return np.where(clinic == facts.visit_clinic[item], here, there)


def urgent_first(day: StrikeDay, kept: Bools, late: Bools, rows: Ints, places: Ints) -> Roomier:
    """Return ``day`` so that the visits of ``rows`` are held at ``places``, whatever else is planned.

    Before every level of the policy comes one more: how many of the visits ``kept`` (a mask) are not held in
    time. They may not take the pairs marked ``late``; being left over is what the new level counts.
    """
    roomier = with_room(day, day.problem.size[rows], places, rows, np.arange(rows.size))
    old = roomier.problem
    own = np.zeros(old.size.size, np.bool_)
    own[rows] = True
    own_room = old.bin >= roomier.extra
    barred = own[old.items] & ~own_room
    barred[~own_room] |= late
    first = np.zeros((1, old.bin.size), np.int64)
    problem = replace(
        old,
        cost=np.concatenate([first, old.cost]),
        outside=np.concatenate([kept[None, :].astype(np.int64), old.outside]),
    )
    return replace(roomier, problem=problem.without(barred))
