"""Verify on the minimum safe cover: the planner's is right, and whatever is changed in it is caught."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tideover.errors import InputError
from tideover.nouns import Scenario
from tideover.verify.case import Case
from tideover.verify.check import check_plan
from tideover.verify.verdict import Findings
from tideover.visits import plan_strike_day
from verify_factory import differences_after
from visits_factory import AS_OF, case_of

FEW = settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck), database=None)
Facts = dict[str, Any]


def differences(seed: int, change: Callable[[Facts], object] = lambda facts: None) -> tuple[str, ...] | None:
    """Return what verify finds in the plan of a random case after ``change``; ``None`` without need."""
    made = planned(seed)
    if made is None:
        return None
    case, plan = made
    facts = json.loads(json.dumps(plan.facts, default=str))
    if not facts["minimum_safe_cover"]["sessions"]:
        return None
    change(facts)
    findings = Findings()
    check_plan(case, facts, plan.decisions, plan.prices, findings)
    return findings.sentences()


@cache
def planned(seed: int) -> tuple[Case, Any] | None:
    """Return the case of ``seed`` as verify makes it, and its plan; ``None`` where there is none."""
    made = case_of(seed, large=seed % 3 == 0)
    try:
        scenario = Scenario.of(made.network, made.changes)
        plan = plan_strike_day(scenario, made.policy, AS_OF)
    except InputError:
        return None
    return Case.of(scenario, made.policy, AS_OF, []), plan


@FEW
@given(st.integers(0, 60))
def test_the_planners_safe_cover_is_right(seed: int) -> None:
    """Its sessions are enough and its bounds are proved, by code that shares nothing with it."""
    found = differences(seed)
    assume(found is not None)
    assert found == ()


@pytest.mark.slow
@settings(FEW, max_examples=80)
@given(st.integers(0, 3000))
def test_the_planners_safe_cover_is_right_in_many_cases(seed: int) -> None:
    """The same, in many more cases."""
    found = differences(seed)
    assume(found is not None)
    assert found == ()


def fewer(facts: Facts) -> None:
    """Ask for one session less where there are any."""
    cover = facts["minimum_safe_cover"]
    group = next(group for group in cover["by_pool"] if group["sessions"])
    row = group["by_role"][0]
    for one in (cover, group, row):
        one["sessions"] -= 1
    if not row["sessions"]:
        group["by_role"].remove(row)
    cover["proven"] = cover["sessions"] == cover["lower_bound"]


def bolder(facts: Facts) -> None:
    """Claim a bound of one session more, everywhere."""
    bound = next(one for one in facts["safe_cover_proof"]["bounds"] if one["counts"])
    bound["sessions"] += 1
    cover = facts["minimum_safe_cover"]
    cover["lower_bound"] += 1
    cover["proven"] = cover["sessions"] == cover["lower_bound"]


@pytest.mark.parametrize(("change", "telling"), [(fewer, "minutes"), (bolder, "proves")])
def test_fewer_sessions_or_a_bolder_bound_are_caught(change: Callable[[Facts], object], telling: str) -> None:
    """One session less no longer holds what it held; one more in the bound is not proved."""
    seen = 0
    for seed in (1, 3, 4, 12, 15, 27, 30, 36):
        found = differences(seed, change)
        if found is not None:
            assert any(telling in sentence for sentence in found), (seed, found)
            seen += 1
    assert seen > 4


def cover(facts: Facts) -> Facts:
    return dict(facts)["minimum_safe_cover"]


def row(facts: Facts) -> Facts:
    return cover(facts)["by_pool"][0]


def place(facts: Facts) -> Facts:
    return dict(facts)["safe_cover_proof"]["places"][0]


def bound(facts: Facts) -> Facts:
    return dict(facts)["safe_cover_proof"]["bounds"][0]


CHANGES: dict[str, tuple[Callable[[Facts], object], str]] = {
    "sessions": (lambda f: cover(f).update(sessions=2), "minimum_safe_cover, sessions: found 2"),
    "not helped": (lambda f: cover(f).update(not_helped=1), "not_helped: found 1; expected 0"),
    "proven": (lambda f: cover(f).update(proven=False), "proven: found False"),
    "length": (lambda f: cover(f).update(session_minutes=480), "session_minutes: found 480"),
    "visits": (lambda f: row(f).update(visits=3), "visits: found 3; expected 1"),
    "minutes": (lambda f: row(f).update(minutes=30), "minutes: found 30; expected 15"),
    "own bound": (lambda f: row(f).update(lower_bound=0), "lower_bound: found 0; expected 1"),
    "no row": (lambda f: cover(f).update(by_pool=[], sessions=0), "found no row for pool pool-A"),
    "hours": (lambda f: row(f)["by_role"][0].update(start="13:00", end="17:00"), "may be asked for"),
    "end": (lambda f: row(f)["by_role"][0].update(end="16:00"), "may be asked for"),
    "site": (lambda f: row(f)["by_role"][0].update(clinic_id="B"), "may be asked for"),
    "role": (lambda f: row(f)["by_role"][0].update(roles=["physician"]), "may be asked for"),
    "none": (lambda f: row(f)["by_role"][0].update(sessions=0), "at least 1"),
    "no place": (lambda f: f["safe_cover_proof"].update(places=[]), "found places of 0 visits"),
    "place of role": (lambda f: place(f).update(roles=["np"]), "a session that may not hold it"),
    "late place": (
        lambda f: place(f).update(option="own_clinician", session_id="S1", start="2025-11-07T08:00:00"),
        "expected a place that it may take, in time",
    ),
    "no cover": (lambda f: place(f).update(option="stand"), "found 1 units; expected at most 0"),
    "bad start": (
        lambda f: place(f).update(option="own_clinician", session_id="S1", start="soon"),
        "could not be checked",
    ),
    "bound": (lambda f: bound(f).update(sessions=2), "expected at most 1, which it proves"),
    "no proof": (lambda f: f.pop("safe_cover_proof"), "safe_cover_proof: found nothing"),
    "no rate": (lambda f: bound(f)["case"].update(rates=[]), "expected at most 0, which it proves"),
    "no price": (lambda f: bound(f)["case"].update(prices={}), "expected at most 0, which it proves"),
    "a stranger": (lambda f: bound(f)["case"].update(prices={"e": 9}), "expected at most 0"),
    "a price below 0": (lambda f: bound(f)["case"].update(prices={"a": -1}), "not whole or below 0"),
    "a broken price": (lambda f: bound(f)["case"].update(prices={"a": 1.5}), "not whole or below 0"),
    "a toll of nothing": (lambda f: bound(f)["case"].update(tolls=[7]), "found 1 tolls; expected 0"),
    "twice": (
        lambda f: f["safe_cover_proof"]["bounds"].append(dict(bound(f))),
        "bounds that count a pool twice",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_is_caught(name: str, tmp_path: Path) -> None:
    """Each figure and each part of the proof, changed alone, is answered by a sentence that names it."""
    change, telling = CHANGES[name]
    found = differences_after(tmp_path, change)
    assert any(telling in sentence for sentence in found), found


def test_other_prices_may_prove_the_same(tmp_path: Path) -> None:
    """A price of 500 is proof enough of one session, and so is a case split in two."""
    assert differences_after(tmp_path / "one", lambda f: bound(f)["case"]["prices"].update(a=500)) == ()

    def split(facts: Facts) -> None:
        leaf = bound(facts)["case"]
        name = "pool-A|2025-11-05|A|08|np+pa+physician"
        sides = {"most": leaf | {"tolls": [0]}, "more": leaf | {"tolls": [1]}}
        bound(facts)["case"] = {"of": [name], "at": 0, **sides}

    assert differences_after(tmp_path / "two", split) == ()


def test_a_split_that_counts_other_sessions_proves_nothing(tmp_path: Path) -> None:
    """A side "at least" that names a session of another pool would count what this bound is not about."""

    def split(facts: Facts) -> None:
        leaf = {"prices": {}, "rates": [], "tolls": [1]}
        bound(facts)["case"] = {"of": ["elsewhere"], "at": 5, "most": leaf, "more": leaf}

    assert any("proves" in sentence for sentence in differences_after(tmp_path, split))


def test_splits_without_end_are_refused(tmp_path: Path) -> None:
    """A proof that goes on and on is answered by a sentence, not by a crash."""

    def deep(facts: Facts) -> None:
        leaf: Facts = {"prices": {}, "rates": [], "tolls": []}
        for _ in range(300):
            leaf = {"of": [], "at": 0, "most": leaf, "more": {"prices": {}, "rates": [], "tolls": []}}
        bound(facts)["case"] = leaf

    assert differences_after(tmp_path, deep) != ()
