"""Worth of one more session: worked by hand, by law, and what verify says where it is changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tideover.disruptions import with_known_cover
from tideover.errors import InputError
from tideover.nouns import Plan, Policy, Scenario
from tideover.verify.case import Case
from tideover.verify.check import check_plan
from tideover.verify.verdict import Findings
from tideover.visits import plan_strike_day
from verify_factory import differences_after
from visits_factory import AS_OF, case_of, moment, session, struck

FEW = settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck), database=None)
STRIKE = date(2025, 11, 5)
EVERYBODY = ["np", "pa", "physician"]
Facts = dict[str, Any]


def worth(visits: list[Facts], policy: Facts | None = None, **more: Any) -> list[Facts]:
    """Return the worth of the sessions of a struck team from 08:00 to 10:00, of which nobody works."""
    plan = plan_strike_day(struck(visits, **more), Policy.of(policy or {}), AS_OF)
    return list(plan.facts["worth"]["sessions"])


def at(clock: str, minutes: int = 15, **more: Any) -> Facts:
    """Return a visit of the strike day."""
    return {"start": moment(STRIKE, clock), "minutes": minutes} | more


def test_whoever_waits_for_nothing_is_saved_by_hand():
    """Two visits without any other place stand in it: all that they cost on the wait-list is saved.

    No interval is open, so both are left over; standing costs nothing. There is nothing else to save, and
    at most says the same.
    """
    (row,) = worth([at("08:00"), at("09:00")])
    assert (row["start"], row["end"], row["roles"]) == ("08:00", "12:00", EVERYBODY)
    assert row["held"] == ["v0", "v1"]
    assert row["visits"] == 2
    # not_placed 1 each; from 5 November to the wait-list's 4 December 29 days x weight 10, told 40
    assert row["at_least"] == [0, 2, 0, 2 * (29 * 10 + 40)]
    assert row["at_most"] == row["at_least"]


def test_an_hour_holds_sixty_minutes_by_hand():
    """Of three visits of 30 minutes at 08:00 two stand, those that cost most: urgency 3 before 4."""
    rows = worth([at("08:00", 30, urgency=4), at("08:00", 30, urgency=4), at("08:30", 30, urgency=3)])
    assert len(rows[0]["held"]) == 2
    assert "v2" in rows[0]["held"]
    assert rows[0]["at_least"][1] == rows[0]["at_most"][1] == 2


def test_a_visit_longer_than_an_hour_does_not_stand_in_it():
    """A visit of 90 minutes is longer than the room of any hour: it may not stand, and nothing is saved."""
    (row,) = worth([at("08:00", 90), at("08:00", 30)])
    assert row["held"] == ["v1"]
    assert row["visits"] == 1


def test_a_patient_whose_other_visit_moves_is_not_counted_on():
    """One of a patient's two visits moves to Friday: the other is left out of at least, not of at most."""
    visits = [at("08:00", 30, patient_id="p"), at("09:00", 30, patient_id="p", urgency=3)]
    (row,) = worth(visits, sessions=[session("F", 7, "08:00", "08:30")])
    assert row["visits"] == 2
    assert len(row["held"]) == 1
    assert row["at_least"] < row["at_most"]


def test_roles_are_worth_what_they_may_see():
    """A physician may hold both visits, PA and NP only one of them."""
    visits = [at("08:00", kind="acute"), at("08:00", kind="procedure")]
    rows = worth(visits, {"scope": {"acute": ["physician"]}})
    assert {tuple(row["roles"]): row["visits"] for row in rows} == {("physician",): 2, tuple(EVERYBODY): 1}


def test_a_mornings_plan_states_none():
    """What will be held is known on the morning: no worth is stated, and no time spent on it."""
    scenario = with_known_cover(struck([at("08:00")]), [])
    assert plan_strike_day(scenario, Policy.default(), date(2025, 11, 4)).facts["worth"] is None


def planned(seed: int) -> tuple[Case, Plan] | None:
    """Return the random case of ``seed`` as verify makes it, and its plan; ``None`` where there is none."""
    made = case_of(seed, large=seed % 3 == 0)
    try:
        scenario = Scenario.of(made.network, made.changes)
        plan = plan_strike_day(scenario, made.policy, AS_OF)
    except InputError:
        return None
    return Case.of(scenario, made.policy, AS_OF, []), plan


@FEW
@given(st.integers(0, 200))
def test_at_least_is_no_more_than_at_most(seed: int) -> None:
    """On every level at least is at most at most, no session saves a negative amount, and verify agrees."""
    made = planned(seed)
    if made is None:
        return
    case, plan = made
    for row in plan.facts["worth"]["sessions"]:
        assert all(least <= most for least, most in zip(row["at_least"], row["at_most"], strict=True))
        assert row["at_least"] >= [0] * len(row["at_least"])  # in the order of the levels
    findings = Findings()
    check_plan(case, json.loads(json.dumps(plan.facts, default=str)), plan.decisions, plan.prices, findings)
    assert findings.sentences() == ()


def row(facts: Facts) -> Facts:
    """Return the one session of the plan that was made by hand."""
    return dict(facts)["worth"]["sessions"][0]


CHANGES: dict[str, tuple[Callable[[Facts], object], str]] = {
    "at least": (lambda f: row(f)["at_least"].__setitem__(0, 351), "at_least: found [351"),
    "at most": (lambda f: row(f)["at_most"].__setitem__(3, 613), "at_most: found [350, 1, 0, 613]"),
    "levels": (lambda f: row(f)["at_most"].pop(), "figures of other levels"),
    "visits": (lambda f: row(f).update(visits=3), "visits: found 3; expected 4"),
    "held": (lambda f: row(f)["held"].remove("d"), "expected [350, 1, 0, 570]"),
    "a stranger": (lambda f: row(f)["held"].append("e"), "found 1 held that may not stand"),
    "twice": (lambda f: row(f)["held"].append("a"), "held twice"),
    "site": (lambda f: row(f).update(clinic_id="B"), "held that may not stand"),
    "hours": (lambda f: row(f).update(start="09:00", end="13:00"), "expected a session by (W1)"),
    "roles": (lambda f: row(f).update(roles=["np"]), "expected a session by (W1)"),
    "another pool": (lambda f: row(f).update(pool_id="pool-B"), "found no session of pool pool-A"),
    "none": (lambda f: f["worth"].update(sessions=[]), "found no session of pool pool-A"),
    "again": (lambda f: f["worth"]["sessions"].append(row(f)), "expected a session by (W1), once"),
    "names": (lambda f: f["worth"].update(levels=["told"]), "worth, levels: found"),
    "length": (lambda f: f["worth"].update(session_minutes=480), "session_minutes: found 480"),
    "a word": (lambda f: row(f).update(visits="many"), "visits: found"),
    "null": (lambda f: f.update(worth=None), "none is stated: found True"),
    "an old plan": (lambda f: f.pop("worth"), "found no worth"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_is_caught(name: str, tmp_path: Path) -> None:
    """Each figure, changed alone, is answered by a sentence that names it; so is its absence."""
    change, telling = CHANGES[name]
    found = differences_after(tmp_path, change)
    assert any(telling in sentence for sentence in found), found
