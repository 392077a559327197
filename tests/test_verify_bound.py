"""The bound against all plans of tiny strike days, and the pass over pairs against the rules word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tideover.verify.bins import free_stretches, intervals, is_open
from tideover.verify.bound import Bins, Level, best_value, relaxed_values
from tideover.verify.case import Case, Visit
from tideover.verify.cover import cover, standby_left
from tideover.verify.decisions import Decision
from tideover.verify.pairs import Board
from tideover.verify.places import check_places
from tideover.verify.reserve import Reserve
from tideover.verify.rules import RULES, TERMS, may_stand_at, may_wait, option_in, points, points_in_cover
from tideover.verify.sites import Sent, desks_of, stands
from tideover.verify.verdict import Findings
from tideover.visits import plan_strike_day
from verify_scenarios import cases

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def bins_of(case: Case, sent: Sent | None = None) -> Bins:
    """Return all bins, with the posts sent if it is said how."""
    reserve = Reserve(case)
    desks = desks_of(case, reserve)
    sent = sent or {(desk.pool_id, desk.date): {} for desk in desks}
    held = [*stands(desks, sent), *standby_left(case, cover(case, reserve))]
    return Bins(intervals(case, reserve), held, desks)


def choices(case: Case, visit: Visit) -> Iterator[Decision]:
    """Yield every decision for the visit that no rule for one visit forbids, on a grid of quarter hours."""
    for option in ("waitlist", "stand", "standby"):
        if option != "standby" or may_wait(case, visit):
            yield Decision(visit, option, None, visit.start, points(case, visit, option, None, visit.day))
    for site in case.scenario.members.filter(pool_id=visit.pool_id or "")["clinic_id"].to_list():
        if site != visit.clinic_id and may_stand_at(case, visit, site):
            cost = points_in_cover(case, visit, "another_site", site)
            yield Decision(visit, "another_site", None, visit.start, cost, site)
    for session in case.sessions.values():
        day = session["start"].date()
        fits = all(rule(case, visit, session) for rule in RULES.values())
        if fits and case.first <= day <= case.last and is_open(case.clinics[session["clinic_id"]], day):
            option = option_in(case, visit, session)
            start = session["start"]
            while start < session["end"]:
                end = start + timedelta(minutes=visit.minutes)
                if any(free.start <= start and end <= free.end for free in free_stretches(case, session)):
                    yield Decision(visit, option, session, start, points(case, visit, option, session, day))
                start += timedelta(minutes=15)


def plans(case: Case) -> Iterator[list[Decision]]:
    """Yield every plan that keeps all rules, of every way to send posts to sites."""
    of_visits = [list(choices(case, visit)) for visit in case.free_visits]
    for sent in sendings(case):
        bins = bins_of(case, sent)
        for plan in product(*of_visits):
            findings = Findings()
            check_places(case, plan, bins.intervals, bins.cover, findings)
            if not len(findings):
                yield list(plan)


def sendings(case: Case) -> Iterator[Sent]:
    """Yield every way to send the posts of the one pool, if there is one."""
    desks = desks_of(case, Reserve(case))
    if not desks:
        yield {}
    for desk in desks:
        for numbers in product(*(site.numbers for site in desk.sites)):
            if sum(numbers) <= desk.posts:
                names = [site.clinic_id for site in desk.sites]
                yield {(desk.pool_id, desk.date): dict(zip(names, numbers, strict=True))}


def weighted(plan: Sequence[Decision], level: Level) -> int:
    return sum(
        weight * decision.points[term] for decision in plan for term, weight in level.weight_of.items()
    )


def made_levels(weights: Sequence[int]) -> list[Level]:
    terms = [
        ("past_safe_by",),
        ("not_placed", "told"),
        ("days_moved", "continuity_broken", "added_travel", "told_again", "standby"),
    ]
    made = []
    for number, own in enumerate(terms):
        used = weights[: number + 1]
        weight_of = {term: w for level, w in zip(terms, used, strict=False) for term in level}
        made.append(Level(own, tuple(used), weight_of))
    return made


@settings(SLOW, max_examples=25)
@given(cases(), st.data())
def test_no_plan_beats_the_bound(case: Case, data: Any) -> None:
    """Whatever the prices, no plan that keeps every rule costs less than the bound of any level."""
    try_every_plan(case, data)


@pytest.mark.slow
@settings(SLOW, max_examples=100)
@given(cases(), st.data())
def test_no_plan_beats_the_bound_in_many_cases(case: Case, data: Any) -> None:
    """The same, twenty times as often."""
    try_every_plan(case, data)


def try_every_plan(case: Case, data: Any) -> None:
    weight = st.integers(1, 1000) | st.integers(1, 10**18)
    levels = made_levels(data.draw(st.lists(weight, min_size=3, max_size=3)))
    price = st.integers(0, 3000) | st.integers(-100, 3_000_000) | st.integers(-(2**63), 2**63 - 1)
    prices = [{visit.visit_id: data.draw(price) for visit in case.free_visits} for _ in levels]
    every = list(plans(case))
    assume(every)  # pins to stand may need more posts than there are
    bounds = relaxed_values(case, bins_of(case), levels, prices)
    lowest = [min(weighted(plan, level) for plan in every) for level in levels]
    assert all(bound <= least for bound, least in zip(bounds, lowest, strict=True))


def by_level(case: Case, plan: Sequence[Decision]) -> tuple[int, ...]:
    return tuple(sum(d.points[term] for d in plan for term in level) for level in case.policy.levels)


def check_planner(case: Case) -> None:
    assume(not case.pins)
    best = min(by_level(case, plan) for plan in plans(case))
    levels = plan_strike_day(case.scenario, case.policy, case.as_of).facts["levels"]
    costs, bounds = (tuple(row[name] for row in levels) for name in ("cost", "bound"))
    assert costs >= best
    for number, least in enumerate(best):
        assert bounds[number] <= least or costs[:number] != best[:number]


@settings(SLOW, max_examples=25)
@given(cases())
def test_planner_lies_between_its_bound_and_the_best_of_all_plans(case: Case) -> None:
    """No way to send posts and place visits beats the bound, and the plan is one of them."""
    check_planner(case)


@pytest.mark.slow
@settings(SLOW, max_examples=100)
@given(cases())
def test_planner_lies_between_its_bound_and_the_best_in_many_cases(case: Case) -> None:
    """The same, twenty times as often."""
    check_planner(case)


@SLOW
@given(cases(), st.data())
def test_bound_does_not_depend_on_the_scale(case: Case, data: Any) -> None:
    """Weights and prices times ten to the nineteenth, far beyond 64 bits, give the bound times as much."""
    assume(any(True for _ in sendings(case)))
    scale = 10**19
    levels, larger = made_levels([1000, 10, 1]), made_levels([1000 * scale, 10 * scale, scale])
    prices = [
        {visit.visit_id: data.draw(st.integers(0, 10**6)) for visit in case.free_visits} for _ in levels
    ]
    scaled = [{visit_id: price * scale for visit_id, price in of_level.items()} for of_level in prices]
    bins = bins_of(case)
    bounds = relaxed_values(case, bins, levels, prices)
    assert relaxed_values(case, bins, larger, scaled) == [bound * scale for bound in bounds]


@settings(SLOW, max_examples=60)
@given(cases())
def test_pass_over_pairs_agrees_with_the_rules(case: Case) -> None:
    """The columns allow a visit the intervals that the rules allow word by word, at the same points."""
    found = bins_of(case).intervals
    board = Board(case, found)
    for visit in case.free_visits:
        rows = sorted(board.allowed(visit).tolist())
        assert rows == [
            number
            for number, interval in enumerate(found)
            if interval.units >= case.size(visit)
            and all(rule(case, visit, case.sessions[interval.session_id]) for rule in RULES.values())
        ]
        columns = board.points(visit, np.array(rows, np.int64))
        for number, row in enumerate(rows):
            session = case.sessions[found[row].session_id]
            expected = points(case, visit, "another_clinic", session, session["start"].date())
            assert {term: int(columns[term][number]) for term in TERMS} == expected


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 50)), max_size=8), st.integers(1, 12))
def test_knapsack_is_exact(items: list[tuple[int, int]], capacity: int) -> None:
    """The best value of a bin is that of the best of all subsets that fit."""
    best = max(
        sum(profit for _, profit in some)
        for number in range(len(items) + 1)
        for some in combinations(items, number)
        if sum(size for size, _ in some) <= capacity
    )
    assert best_value(items, capacity) == best


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(2**62, 2**80)), max_size=5))
def test_large_points_stay_exact(items: list[tuple[int, int]]) -> None:
    """Values beyond 64 bits are added up exactly."""
    assert best_value(items, 100) == sum(profit for _, profit in items)
