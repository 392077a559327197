"""A closed clinic is a state of its own: nothing is ever offered there again, cancelled slots included."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings

from changes_factory import frame, networks
from tideover.cases import run_strike
from tideover.disruptions.closure import Closure
from tideover.disruptions.departure import Departure
from tideover.disruptions.leave import Leave
from tideover.disruptions.strike import Strike
from tideover.errors import InputError
from tideover.nouns import Network, Policy, Scenario
from tideover.responses.extra_sessions import ExtraSessions
from tideover.responses.receiving_capacity import ReceivingCapacity

DAY = date(2025, 11, 5)
CLOSES = date(2025, 11, 6)


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour))


def book(cancelled: bool) -> Network:
    """Two clinics side by side with a session a day each; c0's is full of slots, c1's clinician is struck.

    The visits at c0 after its closing are in the book, or cancelled: then their slots are free.
    """
    days = [DAY + timedelta(days=n) for n in range(8)]
    sessions = [
        {"session_id": f"s-{clinic}-{day}", "clinic_id": clinic, "clinician_id": f"k-{clinic}",
         "start": at(day, 8), "end": at(day, 12)}
        for clinic in ("c0", "c1") for day in days
    ]  # fmt: skip
    visits = [
        {"visit_id": f"v1-{hour}", "patient_id": f"q{hour}", "clinic_id": "c1", "session_id": f"s-c1-{DAY}",
         "start": at(DAY, hour), "minutes": 60, "booked_on": date(2025, 10, 20)}
        for hour in (8, 9, 10, 11)
    ]  # fmt: skip
    if not cancelled:
        visits += [
            {"visit_id": f"v0-{n}", "patient_id": f"r{n}", "clinic_id": "c0", "session_id": f"s-c0-{day}",
             "start": at(day, 9), "minutes": 60, "booked_on": date(2025, 10, 20)}
            for n, day in enumerate(days[1:4])
        ]  # fmt: skip
    names = sorted({visit["patient_id"] for visit in visits})
    tables = {
        "clinics": [
            {"clinic_id": c, "lat": 45.0, "lon": -93.0 - n / 100} for n, c in enumerate(("c0", "c1"))
        ],
        "clinicians": [{"clinician_id": f"k-{c}", "clinic_id": c} for c in ("c0", "c1")],
        "patients": [{"patient_id": name, "lat": 45.0, "lon": -93.0} for name in names],
        "sessions": sessions,
        "visits": visits,
    }
    return Network.of({name: frame(name, rows) for name, rows in tables.items()})


@pytest.mark.parametrize("cancelled", [True, False])
def test_nothing_is_offered_at_a_closed_clinic(cancelled):
    """The visits of c1, on leave, get no slot of c0 after it closed, though these are free or cancelled."""
    days = tuple(DAY + timedelta(days=n) for n in range(8))
    changes = [Leave(dates=days, clinicians=("k-c1",)), Closure(clinics=("c0",), on=DAY)]
    policy = Policy.of({"contact_lead_days": 1, "rest_hours": 0})
    plan = run_strike(book(cancelled), changes, policy, DAY - timedelta(days=3), shares=()).plan
    assert plan.decisions.filter(pl.col("new_clinic_id") == "c0").is_empty()
    assert plan.decisions.filter((pl.col("clinic_id") == "c0") & (pl.col("option") == "stand")).is_empty()
    # without the closure its slots are offered: the test can fail
    free = run_strike(book(cancelled), changes[:1], policy, DAY - timedelta(days=3), shares=()).plan
    assert not free.decisions.filter(pl.col("new_clinic_id") == "c0").is_empty()


def test_the_visits_of_a_closed_clinic_follow_the_clinician_who_moves():
    """Booked visits at c0 go on with their own clinician at c1, on the same days."""
    closure = Closure(clinics=("c0",), on=CLOSES, moves=(("k-c0", "c1"),))
    policy = Policy.of({"contact_lead_days": 0, "rest_hours": 0})
    plan = run_strike(book(cancelled=False), [closure], policy, DAY - timedelta(days=3), shares=()).plan
    moved = plan.decisions.filter(pl.col("clinic_id") == "c0")
    assert moved.height == 3
    assert set(moved["new_clinic_id"]) == {"c1"}
    assert set(moved["new_clinician_id"]) == {"k-c0"}
    assert (moved["new_start"].dt.date() == moved["start"].dt.date()).all()
    assert moved["continuity_broken"].sum() == 0


def test_no_change_opens_a_closed_clinic_again():
    """Extra sessions and receiving capacity at a closed clinic are refused, and so is a second closing."""
    net = book(cancelled=True)
    closure = Closure(clinics=("c0",), on=CLOSES)
    for other in (
        ExtraSessions(dates=(CLOSES,), hours="08:00-12:00", clinics=("c0",)),
        ReceivingCapacity(clinics=("c0",), fte=1),
        Closure(clinics=("c0",), on=DAY),
    ):
        with pytest.raises(InputError, match="clos"):
            Scenario.of(net, [closure, other])


def test_what_closes_nothing_or_everything_is_refused():
    """Unknown clinics, all clinics, clinicians of other clinics, moves to what closes: one fault each."""
    net = book(cancelled=True)
    for wrong, said in (
        ({"clinics": ("c7",)}, "c7"),
        ({"clinics": ("c0", "c1")}, "every clinic"),
        ({"clinics": ("c0",), "moves": (("k-c1", "c1"),)}, "clinicians of the clinics"),
        ({"clinics": ("c0",), "moves": (("k-c0", "c0"),)}, "stays open"),
        ({"clinics": ("c0",), "moves": (("k-9", "c1"),)}, "k-9"),
    ):
        with pytest.raises(InputError, match=said):
            Scenario.of(net, [Closure(on=CLOSES, **wrong)])
    with pytest.raises(InputError, match="ends on"):
        Scenario.of(net, [Departure(clinicians=("k-c0",), on=day) for day in (DAY, CLOSES)])


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(network=networks())
def test_after_it_closed_every_minute_of_a_clinic_is_lost(network):
    """Law: of each session of a closed clinic from its date on all is lost, and of no other."""
    examples = Closure.examples(network)
    assume(examples)
    change = examples[0]
    after = Scenario.of(network, [change])
    lost = {row["session_id"]: (row["from"], row["until"]) for row in after.lost.iter_rows(named=True)}
    expected = {
        row["session_id"]: (row["start"], row["end"])
        for row in network.sessions.iter_rows(named=True)
        if row["clinic_id"] in change.clinics and row["start"].date() >= change.on
    }
    assert lost == expected
    assert set(after.lost["pool_id"].drop_nulls()) == set()


def test_a_strike_strikes_the_sessions_that_moved():
    """A moved clinician's sessions are struck at the new clinic, and lost at the old one without cover."""
    net = book(cancelled=True)
    closure = Closure(clinics=("c0",), on=DAY, moves=(("k-c0", "c1"),))
    after = Scenario.of(net, [closure, Strike(dates=(CLOSES,), working=0.0)])
    causes = dict(
        after.lost.filter(pl.col("from").dt.date() == CLOSES).select("session_id", "cause").iter_rows()
    )
    assert causes[f"s-c0-{CLOSES}"] == "closure"
    assert causes[f"moved-s-c0-{CLOSES}"] == "strike"
