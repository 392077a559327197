"""What responses add: pooled teams outside every unit, on dates and at sites that make sense."""

from __future__ import annotations

from datetime import date

import pytest

from changes_factory import DATES, MONDAY, at, frame
from tideover.disruptions.strike import Strike
from tideover.errors import InputError
from tideover.nouns import Network, Scenario
from tideover.responses.extra_sessions import ExtraSessions
from tideover.responses.telehealth import Telehealth
from tideover.responses.urgent_care import UrgentCare

NET = Network.of(
    {
        "clinics": frame(
            "clinics",
            [
                {"clinic_id": "a"},
                {"clinic_id": "b", "opens_on": DATES[1], "closes_on": DATES[2]},
                {"clinic_id": "u1", "kind": "urgent_care"},
                {"clinic_id": "u2", "kind": "urgent_care"},
            ],
        ),
        "sessions": frame(
            "sessions",
            [
                {
                    "session_id": "s",
                    "clinic_id": "a",
                    "start": at(MONDAY, 480),
                    "end": at(MONDAY, 720),
                    "posts": 10,
                }
            ],
        ),
    }
)


def change(cls, **facts):
    return cls.from_facts({"dates": str(MONDAY), "hours": "13:00-17:00"} | facts)


def added(net, *changes):
    return Scenario.of(net, changes).network.sessions.tail(-net.sessions.height)


def faults(net, *changes):
    with pytest.raises(InputError) as caught:
        Scenario.of(net, changes)
    return [(fault.column, fault.found) for fault in caught.value.faults]


def test_extra_sessions_by_hand():
    """Two posts at one site for four hours: one session of a pooled team in no unit, 480 minutes more."""
    extra = change(ExtraSessions, clinics="a", posts=2, slot_minutes=20)
    assert added(NET, extra).to_dicts() == [
        {
            "session_id": "extra_sessions-a-2025-11-03-1300",
            "clinic_id": "a",
            "clinician_id": None,
            "start": at(MONDAY, 780),
            "end": at(MONDAY, 1020),
            "mode": "in_person",
            "posts": 2,
            "unit": None,
            "slot_minutes": 20,
            "open_minutes": None,
        }
    ]
    assert Scenario.of(NET, [extra]).capacity_minutes() == Scenario(NET).capacity_minutes() + 480


def test_telehealth_adds_video_sessions():
    """A video session is answered for by each of the named sites, on every date."""
    found = added(NET, change(Telehealth, clinics=["a", "u1"], dates=[MONDAY, DATES[1]]))
    assert set(found["mode"]) == {"video"}
    assert found.select("clinic_id").to_series().to_list() == ["a", "a", "u1", "u1"]


def test_urgent_care_is_held_at_all_its_sites_or_the_named():
    """Without names every urgent-care site holds the hours; other kinds of site are refused."""
    assert added(NET, change(UrgentCare))["clinic_id"].to_list() == ["u1", "u2"]
    assert added(NET, change(UrgentCare, clinics="u2"))["clinic_id"].to_list() == ["u2"]
    assert faults(NET, change(UrgentCare, clinics=["a", "x"])) == [
        ("urgent_care.clinics", "'x'"),
        ("urgent_care.clinics", "'a', of kind primary"),
    ]
    none = NET.replace(clinics=NET.clinics.head(2))
    assert faults(none, change(UrgentCare)) == [("urgent_care", "a network without urgent-care sites")]


def test_equal_responses_are_told_apart():
    """Two equal responses add two sessions with names of their own, in whatever order."""
    extra, more = change(ExtraSessions, clinics="a"), change(ExtraSessions, clinics="a", posts=3)
    names = ["extra_sessions-a-2025-11-03-1300", "extra_sessions-a-2025-11-03-1300-2"]
    assert added(NET, extra, extra)["session_id"].to_list() == names
    assert added(NET, more, extra).equals(added(NET, extra, more))
    assert added(NET, extra, more)["posts"].to_list() == [1, 3]


def test_closed_sites_and_far_dates_are_refused():
    """A site holds nothing before it opens or from the day it closes, and no date a year from the book."""
    assert faults(NET, change(ExtraSessions, clinics="b", dates=DATES)) == [
        ("extra_sessions.dates", "2025-11-03, on which b is closed"),
        ("extra_sessions.dates", "2025-11-05, on which b is closed"),
    ]
    far = [date(2024, 11, 1), date(2024, 11, 2), date(2026, 11, 4), date(2026, 11, 5)]
    assert faults(NET, change(ExtraSessions, clinics="a", dates=far)) == [
        ("extra_sessions.dates", "2024-11-01"),
        ("extra_sessions.dates", "2026-11-05"),
    ]
    assert faults(NET, change(Telehealth, clinics="aa")) == [("telehealth.clinics", "'aa'")]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("clinics", []),
        ("posts", 0),
        ("posts", 1.5),
        ("posts", 1001),
        ("posts", float("inf")),
        ("slot_minutes", 0),
        ("slot_minutes", 241),
        ("hours", "13:00-24:00"),
        ("hours", "13:00-13:10"),
    ],
)
def test_a_wrong_value_is_one_fault(key, value):
    """Numbers out of bounds, no site, hours to midnight or shorter than one slot are each one fault."""
    with pytest.raises(InputError) as caught:
        change(ExtraSessions, **{"clinics": "a", key: value})
    (fault,) = caught.value.faults
    assert fault.column in {f"extra_sessions.{key}", "extra_sessions.hours"}


def test_a_response_on_the_day_of_a_strike_holds():
    """Where every post is struck, what a response adds on the same day is not."""
    extra = change(ExtraSessions, clinics="a", hours="08:00-12:00")
    after = Scenario.of(NET, [extra, Strike(dates=(MONDAY,), working=0.5)])
    assert after.lost["session_id"].to_list() == ["s"]
    assert after.capacity_minutes() == 1200 + 240
