"""A strike run from network to folder: default dates, other shares, notes, and nothing left half-written."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tideover.cases import WORKING_SHARES, run_strike
from tideover.cases import strike as strike_case
from tideover.cases.strike import default_as_of
from tideover.disruptions.leave import Leave
from tideover.disruptions.strike import Strike
from tideover.errors import InputError
from tideover.nouns import Network, Policy, Scenario
from tideover.reports import folder
from tideover.reports.folder import OUTPUTS, SHARED, SOMETIMES, write_strike
from visits_factory import STRIKE, moment, session, struck

FRIDAY = session("F", 7, "08:00", "09:00")
ALWAYS = set(OUTPUTS) - set(SOMETIMES)


@pytest.fixture
def one_plan(monkeypatch):
    """Without the plans for other working shares, which are slow."""
    monkeypatch.setattr(strike_case, "WORKING_SHARES", ())


def small(**visit: object) -> Network:
    return struck([visit, visit], [FRIDAY]).network


def strike(working: float = 0.25, **facts: object) -> Strike:
    return Strike(dates=(STRIKE,), working=working, **facts)


@pytest.mark.usefixtures("one_plan")
@pytest.mark.parametrize(
    ("booked_on", "notice_on", "as_of"),
    [
        (date(2025, 10, 30), None, date(2025, 10, 30)),
        (date(2025, 10, 30), date(2025, 10, 24), date(2025, 10, 24)),
        (STRIKE, None, date(2025, 11, 4)),
        (None, None, date(2025, 11, 4)),
        (None, STRIKE, date(2025, 11, 4)),
    ],
)
def test_the_as_of_date_where_nobody_says(booked_on, notice_on, as_of):
    """Notice, else the last booking before the strike, else the day before; never the day of the strike."""
    network = small(booked_on=booked_on)
    result = run_strike(network, [strike(notice_on=notice_on)], Policy.default())
    assert result.plan.facts["as_of"] == str(as_of)


@pytest.mark.usefixtures("one_plan")
def test_the_first_of_several_notices_counts_and_leave_alone_has_none():
    """Two notices: the earlier one. Leave without a strike: the day before it. No change: a fault."""
    network = small()
    first, second = strike(notice_on=date(2025, 10, 28)), strike(notice_on=date(2025, 10, 27))
    assert default_as_of(Scenario.of(network, [first, replace(second, hours="09:00-10:00")])) == date(
        2025, 10, 27
    )
    away = Leave(dates=(date(2025, 11, 7),), clinics=("A",))
    assert default_as_of(Scenario.of(network, [away])) == date(2025, 11, 6)
    with pytest.raises(InputError, match="no session is lost"):
        run_strike(network, [], Policy.default())


@pytest.mark.usefixtures("one_plan")
def test_leave_alone_is_planned_too():
    """A leave without a strike gives a plan without pools."""
    network = struck([{"session_id": "F", "start": moment(date(2025, 11, 7), "08:00")}], [FRIDAY]).network
    result = run_strike(network, [Leave(dates=(date(2025, 11, 7),), clinics=("A",))], Policy.default())
    assert (result.plan.facts["counts"]["affected"], result.plan.facts["pools"]) == (1, [])


def test_other_shares_are_those_of_the_same_strike():
    """Seven shares in order; the plan's own has its counts, and with more at work as many stand or more."""
    result = run_strike(small(), [strike(0.2)], Policy.default())
    shares = result.plan.facts["shares"]
    assert [row["working_share"] for row in shares] == list(WORKING_SHARES)
    assert {k: v for k, v in shares[2].items() if k != "working_share"} == result.plan.facts["counts"]
    stands = [row["stand"] for row in shares]
    assert stands == sorted(stands)


def test_shares_of_few_posts_are_left_out():
    """Of fewer than ten posts only the plan as if nobody worked is made."""
    network = small()
    network = network.replace(sessions=network.sessions.with_columns(pl.lit(4, pl.Int64).alias("posts")))
    result = run_strike(network, [strike(0.0)], Policy.default())
    assert [row["working_share"] for row in result.plan.facts["shares"]] == [0.0]
    with pytest.raises(InputError, match="statement about persons"):
        run_strike(network, [strike(0.5)], Policy.default())


@pytest.mark.usefixtures("one_plan")
def test_facts_state_what_the_plan_rests_on():
    """Changes, policy and its hash, the network's name and the notes are in the facts, as plain JSON."""
    result = run_strike(small(), [strike()], Policy.of({"approved_by": "Dr A"}), date(2025, 11, 3))
    facts = json.loads(json.dumps(result.plan.facts))
    assert facts["changes"] == [strike().facts()]
    assert Policy.of(facts["policy"]) == result.policy
    assert facts["network"]["synthetic"] is True
    texts = " ".join(note["text"] for note in facts["notes"])
    assert "No clinic has coordinates" in texts
    assert "without a booking date" in texts


def test_steps_are_told(tmp_path):
    """Whoever runs it hears of each plan that is made."""
    told: list[str] = []
    run_strike(small(), [strike()], Policy.default(), report=told.append)
    assert told[0] == "planning"
    assert len(told) == 2 + len(WORKING_SHARES)


@pytest.mark.usefixtures("one_plan")
def test_files_of_people_are_for_their_owner_only(tmp_path):
    """The report and the cover may go round; every other file has mode 600."""
    out = tmp_path / "plan"
    write_strike(run_strike(small(), [strike()], Policy.default()), out)
    assert sorted(path.name for path in out.iterdir()) == sorted(ALWAYS)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()}
    assert modes == {name: 0o644 if name in SHARED else 0o600 for name in ALWAYS}


@pytest.mark.usefixtures("one_plan")
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, ValueError])
def test_an_interrupted_run_leaves_the_old_plan(tmp_path, monkeypatch, error):
    """When writing ends half-way the old folder is untouched, and no draft lies about."""
    out = tmp_path / "plan"
    result = run_strike(small(), [strike()], Policy.default())
    write_strike(result, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def fail(path: Path, value: object) -> None:
        raise error

    monkeypatch.setattr(folder, "_write_json", fail)
    with pytest.raises(error):
        write_strike(run_strike(small(), [strike(0.5)], Policy.default()), out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


@pytest.mark.usefixtures("one_plan")
def test_a_run_that_fails_leaves_nothing(tmp_path, monkeypatch):
    """Without an old folder an interrupted run leaves none."""
    result = run_strike(small(), [strike()], Policy.default())
    monkeypatch.setattr(folder, "_write_json", lambda path, value: path.chmod(None))
    with pytest.raises((TypeError, OSError)):
        write_strike(result, tmp_path / "plan")
    assert not list(tmp_path.iterdir())


def test_plan_json_never_says_who_was_absent_on_the_day(tmp_path):
    """A leave of struck posts on the day of the strike is refused before anything is planned."""
    network = struck(
        [{}],
        [session("K", 5, "08:00", "09:00", clinician_id="k")],
        clinicians=[{"clinician_id": "k", "clinic_id": "A", "unit": "U"}],
    ).network
    away = Leave(dates=(STRIKE,), clinicians=("k",))
    with pytest.raises(InputError, match="who is absent that day"):
        run_strike(network, [strike(), away], Policy.default())
