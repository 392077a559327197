"""The bound of a closing from its prices, in one pass over all households and clinics; (9) to (11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from tideover.verify.transfers import Closing, Person, Post
from tideover.verify.verdict import Findings

PARTS = 16
NOBODY = 1_000_000
NEVER = 2**50

Points = np.ndarray[Any, np.dtype[np.int64]]


class Least:
    """The least points of each person at each receiving clinic, under one choice of who moves."""

    def __init__(self, closing: Closing, posts: Sequence[Post]) -> None:
        self._closing = closing
        self._at: dict[str, list[Post]] = defaultdict(list)
        for post in posts:
            self._at[post.clinic_id].append(post)
        self._own = {post.clinician_id: post for post in posts}
        self._rows = {row["clinic_id"]: row for row in closing.scenario.network.clinics.iter_rows(named=True)}
        self._met: dict[tuple[Any, ...], Points] = {}
        self._gone: dict[tuple[Any, ...], Points] = {}

    def of(self, person: Person) -> Points:
        """Return the least points at each clinic, ``NEVER`` where the person may not go."""
        total = self._ways(person) + self._strangers(person)
        own = self._own.get(person.clinician_id or "")
        if own is not None:
            at = self._closing.clinics.index(own.clinic_id)
            way = int(self._ways(person)[at])
            if way < NEVER:
                total[at] = min(int(total[at]), way + sum(self._closing.meeting(person, own).values()))
        found: Points = np.minimum(total, NEVER)
        return found

    def _ways(self, person: Person) -> Points:
        who = person.patient_id if self._closing.roads.matrix else None
        key = (person.home, person.area_id, person.clinic_id, person.limit, person.payer, who)
        if key not in self._gone:
            self._gone[key] = np.array(
                [
                    sum(self._closing.journey(person, clinic).values())
                    if self._closing.may(person, self._rows[clinic])
                    else NEVER
                    for clinic in self._closing.clinics
                ],
                np.int64,
            )
        return self._gone[key]

    def _strangers(self, person: Person) -> Points:
        """Return the least points with a post of each clinic that is not the person's own."""
        key = (person.age, person.language, person.interpreter, person.clinician_id is None)
        if key not in self._met:
            stranger = person._replace(clinician_id=None if person.clinician_id is None else "")
            self._met[key] = np.array(
                [
                    min(
                        (
                            sum(self._closing.meeting(stranger, post).values())
                            for post in self._at[clinic]
                            if post.takes(stranger)
                        ),
                        default=NEVER,
                    )
                    for clinic in self._closing.clinics
                ],
                np.int64,
            )
        return self._met[key].copy()


def households(closing: Closing, posts: Sequence[Post]) -> list[list[Person]]:
    """Return the households that are placed together; one that may go nowhere is taken apart; (9)."""
    return [members for members, _ in _items(closing, posts)]


def _items(closing: Closing, posts: Sequence[Post]) -> list[tuple[list[Person], Points]]:
    least = Least(closing, posts)
    together: dict[tuple[str, str], list[Person]] = defaultdict(list)
    for person in closing.people:
        named = person.household_id is not None
        together[("h", person.household_id or "") if named else ("p", person.patient_id)].append(person)
    items = []
    for members in together.values():
        points = _sum([least.of(person) for person in members])
        if (points < NEVER).any():
            items.append((members, points))
        else:
            items += [([person], least.of(person)) for person in members]
    return items


def _sum(parts: Sequence[Points]) -> Points:
    total: Points = np.sum(np.array(parts), axis=0)
    return np.minimum(total, NEVER)


def bounds_of(
    closing: Closing,
    moves: Sequence[Mapping[str, str]],
    duals: pl.DataFrame,
    lost: int,
    findings: Findings,
) -> tuple[list[int], tuple[int, int]] | None:
    """Return the households of each choice of who moves, and the bound of each level over all of them."""
    prices = _prices(closing, len(moves), duals, findings)
    if prices is None:
        return None
    counts, first, second = [], [], []
    for number, one in enumerate(moves):
        posts = closing.posts(one)
        items = _items(closing, posts)
        counts.append(len(items))
        some = [(members, points < NEVER) for members, points in items]
        known = {post.clinician_id for post in posts}
        for name in sorted((prices[number, 0].keys() | prices[number, 1].keys()) - known):
            findings.add("duals", f"duals.parquet, choice {number}: found {name}, who takes nobody in")
        first.append(_relaxed(closing, posts, some, prices[number, 0], 0))
        second.append(_relaxed(closing, posts, some, prices[number, 1], 1))
    return counts, (max(0, min(first)), max(0, min(second) - NOBODY * lost))


class Priced:
    """What a person costs at each clinic at least, with prices of posts; (10)."""

    def __init__(self, closing: Closing, posts: Sequence[Post], price: Mapping[str, int], level: int) -> None:
        self._closing, self._level = closing, level
        self._posts = posts
        self._price = np.array([price.get(post.clinician_id, 0) for post in posts], np.int64)
        self._row = {post.clinician_id: row for row, post in enumerate(posts)}
        clinics = [post.clinic_id for post in posts]
        self._at = [
            np.array([row for row, name in enumerate(clinics) if name == clinic], np.int64)
            for clinic in closing.clinics
        ]
        self._clinic = [closing.clinics.index(name) for name in clinics]
        self._met: dict[tuple[Any, ...], Points] = {}
        self._gone: dict[tuple[Any, ...], Points] = {}

    def of(self, person: Person) -> Points:
        """Return ``v_ij`` at each clinic."""
        total = self._strangers(person) + self._ways(person)
        row = self._row.get(person.clinician_id or "")
        if row is not None:
            at, post = self._clinic[row], self._posts[row]
            met = PARTS * sum(self._closing.meeting(person, post).values()) if self._level else 0
            cost = int(self._ways(person)[at]) + met + person.size * int(self._price[row])
            total[at] = min(int(total[at]), cost)
        return total

    def _ways(self, person: Person) -> Points:
        if not self._level:
            return np.zeros(len(self._closing.clinics), np.int64)
        who = person.patient_id if self._closing.roads.matrix else None
        key = (person.home, person.area_id, person.clinic_id, person.limit, who)
        if key not in self._gone:
            ways = [sum(self._closing.journey(person, clinic).values()) for clinic in self._closing.clinics]
            self._gone[key] = PARTS * np.array(ways, np.int64)
        return self._gone[key]

    def _strangers(self, person: Person) -> Points:
        """Return the least at the posts of each clinic that are not the person's own, with their prices."""
        key = (person.age, person.language, person.interpreter, person.clinician_id is None, person.size)
        if key not in self._met:
            stranger = person._replace(clinician_id=None if person.clinician_id is None else "")
            each = np.array(
                [
                    (PARTS * sum(self._closing.meeting(stranger, post).values()) if self._level else 0)
                    if post.takes(stranger)
                    else NEVER
                    for post in self._posts
                ],
                np.int64,
            )
            each = each + person.size * self._price
            least = [int(each[at].min()) if at.size else NEVER for at in self._at]
            self._met[key] = np.array(least, np.int64)
        return self._met[key].copy()


def _relaxed(
    closing: Closing,
    posts: Sequence[Post],
    items: Sequence[tuple[list[Person], Any]],
    price: Mapping[str, int],
    level: int,
) -> int:
    """Return what no plan of the level costs less than, in people (level 0) or points, rounded up; (11)."""
    priced = Priced(closing, posts, price, level)
    total = 0
    for members, may in items:
        best = PARTS * NOBODY * len(members)
        if may.any():
            each = np.array([priced.of(person) for person in members])
            best = min(best, int(each.sum(axis=0)[may].min()))
        total += best
    over = PARTS * closing.policy.transfer_over_target if level else 0
    for post in posts:
        cost = price.get(post.clinician_id, 0)
        total -= cost * post.target + max(0, cost - over) * (post.cap - post.target)
    return -(-total // (PARTS if level else PARTS * NOBODY))


def _prices(
    closing: Closing, choices: int, duals: pl.DataFrame, findings: Findings
) -> dict[tuple[int, int], dict[str, int]] | None:
    found: dict[tuple[int, int], dict[str, int]] = {
        (choice, level): {} for choice in range(choices) for level in (0, 1)
    }
    before = len(findings)
    posts = set(closing.scenario.network.clinicians["clinician_id"])
    for choice, level, name, price in duals.iter_rows():
        of = found.get((choice, level))
        right = name in posts and price is not None and 0 <= price < NEVER
        if of is None or not right or name in of:
            findings.add(
                "duals",
                f"duals.parquet: found choice {choice}, level {level}, {name}, price {price}; "
                "expected one price of at least 0 for a clinician who takes people in",
            )
        else:
            of[name] = price
    return found if len(findings) == before else None
