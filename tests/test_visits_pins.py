"""Pins stay, leave less room for others, and are refused with a reason where they cannot be kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from tideover.errors import InputError
from tideover.nouns import Plan, Policy, Scenario
from tideover.visits import plan_strike_day
from visits_factory import AS_OF, STRIKE, decided, moment, pins, session, struck

FRIDAY = date(2025, 11, 7)
EIGHT = moment(FRIDAY, "08:00")
F = session("F", 7, "08:00", "09:00")


def plan(scenario: Scenario, *rows: tuple, **chosen: Any) -> Plan:
    return plan_strike_day(scenario, Policy.of(chosen), AS_OF, pins(*rows))


def refused(scenario: Scenario, *rows: tuple, **chosen: Any) -> str:
    """Return the message with which the pins are refused."""
    with pytest.raises(InputError) as caught:
        plan(scenario, *rows, **chosen)
    assert all(fault.file == "pins" and fault.remedy for fault in caught.value.faults)
    return str(caught.value)


def test_a_pin_to_stand_takes_its_unit_of_the_cover():
    """Of three units one is pinned away, so that of three others two stand."""
    scenario = struck([{}, {}, {}, {"urgency": 6}], working=0.5)
    cover = scenario.cover.with_columns(scheduled_minutes=150).filter(hour=8)  # 3 of 10 posts: 45 minutes
    scenario = scenario.replace(cover=cover)
    chosen = {
        "standby_from_urgency": 6,
        "weights": {"standby": 1000},
        "levels": [list(Policy.default().terms)],
    }
    before, after = plan(scenario, **chosen), plan(scenario, ("v3", "stand", None, None), **chosen)
    assert decided(before, "v3")["option"] != "stand"
    assert decided(after, "v3")["option"] == "stand"
    assert before.facts["counts"]["stand"] == after.facts["counts"]["stand"] == 3
    assert after.facts["cost"] > before.facts["cost"]


def test_pinned_costs_count_on_both_sides():
    """A visit pinned to the wait-list costs its points, and the bound knows."""
    made = plan(struck([{}], [F]), ("v0", "waitlist", None, None))
    assert [level["cost"] for level in made.facts["levels"]] == [0, 1, 0, 330]
    assert [level["bound"] for level in made.facts["levels"]] == [0, 1, 0, 330]
    assert made.prices.is_empty()


def test_a_plan_can_be_pinned_as_it_is():
    """Every decision of a plan, given back as pins, is kept."""
    scenario = struck([{}, {}, {"urgency": 1}, {"minutes": 30}], [F], working=0.25)
    first = plan(scenario)
    columns = ["visit_id", "option", "new_session_id", "new_start"]
    again = plan_strike_day(
        scenario,
        Policy.default(),
        AS_OF,
        first.decisions.select(columns).rename(lambda n: n.removeprefix("new_")),
    )
    assert again.decisions.equals(first.decisions)


def test_a_free_visit_gives_way_to_a_pinned_one():
    """A visit cannot stand where the same patient's other visit is pinned at that time."""
    sessions = [session("S", 5, "08:00", "09:00", posts=2), F]
    scenario = struck([{"patient_id": "p"}, {"patient_id": "p"}], sessions, working=1.0)
    made = plan(scenario, ("v0", "own_clinician", "S", moment(STRIKE, "08:00")))
    assert decided(made, "v1")["new_start"] >= moment(STRIKE, "08:15")
    assert plan(scenario).facts["counts"]["stand"] == 2


VIDEO = session("F", 7, "08:00", "09:00", mode="video")


@pytest.mark.parametrize(
    ("visits", "sessions", "rows", "reason"),
    [
        ([{}], [F], [("nobody", "stand", None, None)], "an affected visit"),
        ([{"session_id": "F", "start": EIGHT}, {}], [F], [("v0", "stand", None, None)], "an affected visit"),
        ([{}], [F], [("v0", "waitlist", None, None)] * 2, "each visit once"),
        ([{}], [F], [("v0", "cancel", None, None)], "own_clinician, another_clinician"),
        ([{}], [F], [("v0", "own_clinician", "nowhere", EIGHT)], "a session of the network"),
        ([{}], [F], [("v0", "own_clinician", None, None)], "a session of the network"),
        ([{}], [F], [("v0", "own_clinician", "F", None)], "the time at which the visit starts"),
        ([{}], [VIDEO], [("v0", "video", "F", EIGHT)], "mode_suits"),
        ([{}], [F], [("v0", "another_clinician", "F", EIGHT)], "own_clinician, which is what"),
        ([{"urgency": 2}], [F], [("v0", "standby", None, None)], "may_wait"),
        ([{}], [F], [("v0", "stand", None, None)], "at most the 0 units of cover"),
        ([{}], [F], [("v0", "standby", None, None)], "at most the 0 units of cover"),
        ([{}], [F], [("v0", "own_clinician", "F", moment(FRIDAY, "08:50"))], "within a stretch"),
        ([{}], [F], [("v0", "own_clinician", "F", moment(FRIDAY, "07:50"))], "within a stretch"),
        ([{}], [F], [("v0", "own_clinician", "Z", moment(STRIKE, "08:50"))], "within a stretch"),
        ([{}, {}], [F], [(f"v{n}", "own_clinician", "F", EIGHT) for n in range(2)], "visits at once"),
        (
            [{}, {"session_id": "F", "start": moment(FRIDAY, "08:10")}],
            [F],
            [("v0", "own_clinician", "F", EIGHT)],
            "visits at once",
        ),
        ([{}], [F | {"open_minutes": 10}], [("v0", "own_clinician", "F", EIGHT)], "at most 10"),
        (
            [{}],
            [session("L", 30, "08:00", "09:00"), session("M", 1, "08:00", "09:00")],
            [("v0", "own_clinician", "M", moment(date(2025, 11, 1), "08:00"))],
            "a date from 2025-11-03 to 2025-12-03",
        ),
        (
            [{"patient_id": "p"}, {"patient_id": "p", "session_id": "G", "start": EIGHT}],
            [F, session("G", 7, "08:00", "09:00")],
            [("v0", "own_clinician", "F", EIGHT)],
            "same patient",
        ),
        (
            [{"patient_id": "p"}, {"patient_id": "p"}],
            [F | {"posts": 2}],
            [(f"v{n}", "own_clinician", "F", EIGHT) for n in range(2)],
            "same patient",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused(visits, sessions, rows, reason):
    """Each way in which a pin cannot be kept is a fault that says so."""
    assert reason in refused(struck(visits, sessions), *rows)


def test_a_clinician_s_day_limits_pins():
    """Two visits of a quarter of an hour are more than a longest day of 29 minutes, and just half an hour."""
    own = {"clinician_id": "k"}
    scenario, enough = (
        struck(
            [{}, {}],
            [F | own, session("G", 7, "09:00", "10:00", **own)],
            clinicians=[{"clinician_id": "k", "clinic_id": "A", "daily_minutes": minutes}],
        )
        for minutes in (29, 30)
    )
    rows = [
        ("v0", "another_clinician", "F", EIGHT),
        ("v1", "another_clinician", "G", moment(FRIDAY, "09:00")),
    ]
    assert decided(plan(scenario, rows[0]), "v0")["new_start"] == EIGHT
    assert "at most 29" in refused(scenario, *rows)
    assert decided(plan(enough, *rows), "v1")["new_session_id"] == "G"


def test_pins_may_use_the_reserve_and_the_lead_time():
    """Who has been told is not moved again because the lead time has passed or more bookings are expected."""
    past = [date(2025, 10, day) for day in (9, 16, 23, 30)]
    rows = [{"session_id": None, "start": moment(d, "08:00"), "minutes": 60, "booked_on": d} for d in past]
    scenario = struck([{}, *rows], [session("T", 4, "08:00", "08:30"), session("U", 6, "08:00", "08:30")])
    assert decided(plan(scenario), "v0")["option"] == "waitlist"
    for name, day in (("T", 4), ("U", 6)):
        start = moment(date(2025, 11, day), "08:15")
        assert decided(plan(scenario, ("v0", "own_clinician", name, start)), "v0")["new_start"] == start


def test_a_pin_needs_an_open_clinic():
    """A session at a clinic that has closed takes nobody, pinned or not."""
    shut = {"clinic_id": "A", "closes_on": date(2025, 11, 6)}
    assert "on which the clinic is open" in refused(
        struck([{}], [F], clinics=[shut]), ("v0", "own_clinician", "F", EIGHT)
    )


def test_every_fault_of_the_pins_is_reported_at_once():
    """Several pins that cannot be kept come in one report."""
    scenario = struck([{}, {}], [F])
    report = refused(
        scenario, ("v0", "stand", None, None), ("v1", "own_clinician", "F", moment(FRIDAY, "10:00"))
    )
    assert "v0" in report
    assert "v1" in report


def test_pins_keep_their_order_of_columns_and_rows():
    """Rows in another order, and further columns, pin the same."""
    scenario = struck([{}, {}], [F])
    rows = [("v1", "own_clinician", "F", EIGHT), ("v0", "waitlist", None, None)]
    first, second = plan(scenario, *rows), plan(scenario, *reversed(rows))
    assert first.decisions.equals(second.decisions)
    more = (
        pins(*rows)
        .with_columns(note=pl.lit("told"))
        .select("note", "start", "visit_id", "session_id", "option")
    )
    assert plan_strike_day(scenario, Policy.default(), AS_OF, more).decisions.equals(first.decisions)
