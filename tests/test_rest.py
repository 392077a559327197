"""Rest before the next clinic: no visit is moved into hours of rest, nor past a session or a longest day."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tideover.cases import run_strike
from tideover.cases import strike as strike_case
from tideover.disruptions.strike import Strike
from tideover.nouns import Network, Plan, Policy, Scenario
from tideover.readers import read_network, write_network
from tideover.reports import write_strike
from tideover.verify import verify
from tideover.verify.case import Case
from tideover.verify.rest import Rest
from tideover.visits import open_book, plan_strike_day
from tideover.visits.book import IN_SESSION
from verify_factory import seal
from visits_factory import AS_OF, STRIKE, case_of, network, session

EVENING = {"clinician_id": "k", "clinic_id": "A"}


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 11, day, hour, minute)


def two_days(last: str = "21:00", first: str = "07:00") -> Network:
    """Return a struck team on Wednesday, and a clinician on Thursday evening and on Friday morning."""
    teams = [{"session_id": "Z", "clinic_id": "A", "start": moment(5, 8), "end": moment(5, 10), "posts": 10}]
    hours = [session("eve", 6, "19:00", last, **EVENING), session("morn", 7, first, "09:00", **EVENING)]
    visits = [
        {"visit_id": f"v{n}", "clinic_id": "A", "session_id": "Z", "start": moment(5, 8), "minutes": 30,
         "urgency": 4, "safe_by": date(2026, 11, 5)} for n in range(8)
    ]  # fmt: skip
    return network(
        clinics=[{"clinic_id": "A"}],
        clinicians=[{"clinician_id": "k", "clinic_id": "A"}],
        sessions=teams + hours,
        visits=visits,
    )


def planned(net: Network, rest_hours: int) -> Plan:
    strike = Strike(dates=(STRIKE,), working=0.0, clinics=("A",))
    scenario = Scenario.of(net, [strike])
    return plan_strike_day(scenario, Policy.of({"rest_hours": rest_hours}), AS_OF)


def starts(plan: Plan) -> list[datetime]:
    return sorted(plan.decisions.drop_nulls("new_start")["new_start"].to_list())


def test_an_evening_before_an_early_clinic() -> None:
    """Friday begins at 07:00, so with 11 hours Thursday ends at 20:00: two of four places are left."""
    evening = [at for at in starts(planned(two_days(), 11)) if at.day == 6]
    assert evening == [moment(6, 19), moment(6, 19, 30)]
    everything = [at for at in starts(planned(two_days(), 0)) if at.day == 6]
    assert everything == [moment(6, 19), moment(6, 19, 30), moment(6, 20), moment(6, 20, 30)]


def test_a_morning_after_a_late_visit() -> None:
    """A booked visit that ends on Thursday at 21:00 leaves Friday free from 08:00 on: two of four places."""
    net = two_days()
    late = {
        "visit_id": "late",
        "clinic_id": "A",
        "session_id": "eve",
        "start": moment(6, 20, 30),
        "minutes": 30,
    }
    net = net.replace(visits=pl.concat([net.visits, network(visits=[late]).visits]))
    assert [at for at in starts(planned(net, 11)) if at.day == 7] == [moment(7, 8), moment(7, 8, 30)]
    assert len([at for at in starts(planned(net, 0)) if at.day == 7]) == 4


def test_a_day_apart_needs_no_rest() -> None:
    """A clinic two days later cuts nothing, and neither does a team, which is no person."""
    net = two_days()
    three = pl.duration(days=3 * (pl.col("session_id") == "morn").cast(pl.Int64))
    later = net.sessions.with_columns(pl.col("start") + three, pl.col("end") + three)
    assert len([at for at in starts(planned(net.replace(sessions=later), 11)) if at.day == 6]) == 4
    team = net.sessions.with_columns(pl.lit(None, pl.String).alias("clinician_id"))
    assert len([at for at in starts(planned(net.replace(sessions=team), 11)) if at.day == 6]) == 4


def test_the_first_session_of_a_day_counts() -> None:
    """A second clinic on Friday at noon changes nothing: Thursday ends at 20:00, for the checker, too."""
    net = two_days()
    noon = network(sessions=[session("noon", 7, "12:00", "14:00", **EVENING)]).sessions
    for sessions in (pl.concat([net.sessions, noon]), pl.concat([noon, net.sessions])):
        both = net.replace(sessions=sessions)
        assert max(at for at in starts(planned(both, 11)) if at.day == 6) == moment(6, 19, 30)
        scenario = Scenario.of(both, [Strike(dates=(STRIKE,), working=0.0, clinics=("A",))])
        case = Case.of(scenario, Policy.of({"rest_hours": 11}), AS_OF, [])
        assert Rest(case).hours(case.sessions["eve"]) == (moment(6, 19), moment(6, 20))


def written(folder: Path, rest_hours: int) -> Path:
    write_network(two_days(), folder / "network")
    strike = Strike(dates=(STRIKE,), working=0.0, clinics=("A",))
    policy = Policy.of({"rest_hours": rest_hours})
    result = run_strike(read_network(folder / "network"), [strike], policy, AS_OF)
    write_strike(result, folder / "plan")
    return folder / "plan"


def test_verify_finds_a_short_night(tmp_path: Path) -> None:
    """A plan made without rest is right by itself, and not right under a policy that asks for 11 hours."""
    plan = written(tmp_path, 0)
    (found,) = verify(plan)
    assert found.ok, found.differences
    facts = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    facts["policy"]["rest_hours"] = 11
    (plan / "plan.json").write_text(json.dumps(facts), encoding="utf-8")
    seal(plan)
    (found,) = verify(plan)
    assert any("R15 rested" in sentence for sentence in found.differences), found.differences


def test_verify_confirms_the_rested_plan(tmp_path: Path) -> None:
    """The planner's plan with 11 hours of rest is confirmed by verify's own reading of the rule."""
    (found,) = verify(written(tmp_path, 11))
    assert found.ok, found.differences


@pytest.mark.parametrize(("last", "first"), [("21:00", "07:00"), ("22:00", "06:30"), ("20:30", "08:00")])
@pytest.mark.parametrize("rest_hours", [9, 11])
def test_the_night_between_two_moved_visits_is_a_rest(last: str, first: str, rest_hours: int) -> None:
    """Visits are moved to the evening and to the morning after it; between them lie the hours of rest."""
    moved = starts(planned(two_days(last, first), rest_hours))
    evening = [at + timedelta(minutes=30) for at in moved if at.day == 6]
    morning = [at for at in moved if at.day == 7]
    assert evening
    assert morning
    assert min(morning) - max(evening) >= timedelta(hours=rest_hours)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("rest_hours", [0, 14, 22])
def test_the_strike_is_not_repaired_with_overtime(
    seed: int, rest_hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No moved visit lies outside its session, past daily_minutes, or within the hours of rest."""
    monkeypatch.setattr(strike_case, "WORKING_SHARES", ())
    case = case_of(seed)
    policy = Policy.of(case.policy.as_dict() | {"rest_hours": rest_hours})
    result = run_strike(case.network, case.changes, policy, AS_OF)
    net, book = result.scenario.network, open_book(result.scenario, policy, AS_OF)
    hours = {row["session_id"]: row for row in net.sessions.iter_rows(named=True)}
    longest = dict(net.clinicians.select("clinician_id", "daily_minutes").iter_rows())
    moved = result.plan.decisions.filter(pl.col("option").is_in(list(IN_SESSION)))
    new = moved.select("visit_id", "minutes", session_id="new_session_id", start="new_start")
    spans = [
        (hours[row["session_id"]], row["start"], row["start"] + timedelta(minutes=row["minutes"]), added)
        for frame, added in ((book.occupying, False), (new, True))
        for row in frame.drop_nulls("session_id").iter_rows(named=True)
    ]
    for held, start, end, added in spans:
        own = [s for s in spans if held["clinician_id"] and s[0]["clinician_id"] == held["clinician_id"]]
        if not added:
            continue
        assert held["start"] <= start
        assert end <= held["end"]
        same = [s for s in own if s[0]["start"].date() == held["start"].date()]
        if held["clinician_id"]:
            minutes = sum((s[2] - s[1]) // timedelta(minutes=1) for s in same)
            assert minutes <= longest[held["clinician_id"]]
        for other in own:
            gap = (other[0]["start"].date() - held["start"].date()).days
            if rest_hours and gap == 1:
                assert other[1] - end >= timedelta(hours=rest_hours)
            if rest_hours and gap == -1:
                assert start - other[2] >= timedelta(hours=rest_hours)
