"""Staff on the strike day and rest around it: cases worked by hand, naive loops, small sites withheld."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import polars as pl
import pytest

from reports_factory import AS_OF, STRIKE, WINDOW, at, make_network, make_plan, make_scenario
from tideover.impact import scorecard
from tideover.nouns import Plan, Policy, Scenario, Scorecard
from tideover.nouns.plan import DECISIONS
from tideover.reports.cards import staff_by_site

POLICY = Policy.default()


def row(card: Scorecard, measure: str, group: str = "all", member: str = "all") -> dict[str, Any]:
    here = (pl.col("measure") == measure) & (pl.col("group") == group) & (pl.col("member") == member)
    return card.rows.filter(here).row(0, named=True)


def staffed(scenario: Scenario, rows: list[tuple[str, str, float]]) -> Scenario:
    staff = pl.DataFrame(rows, schema=["clinic_id", "role", "fte"], orient="row")
    network = scenario.network.replace(support_staff=staff)
    return scenario.replace(network=network, before=network)


def sites() -> tuple[Scenario, Plan]:
    """Six sites of two clinicians, all struck, a quarter of the posts worked."""
    scenario = make_scenario(make_network(visits=240))
    return scenario, make_plan(scenario)


def test_support_for_each_clinician_by_hand() -> None:
    """3 assistants at two sites of 2 posts: 3 / 4; a quarter works: 3 / 1; no nurses stated."""
    scenario, plan = sites()
    scenario = staffed(scenario, [("c00", "medical_assistant", 2.0), ("c01", "medical_assistant", 1.0)])
    card = scorecard(scenario, plan, POLICY)
    found = row(card, "assistants_per_clinician")
    assert (found["before"], found["after"]) == (0.75, 3.0)
    nurses = row(card, "nurses_per_clinician")
    assert nurses["before"] is nurses["after"] is None
    assert "nurses" in nurses["not_measured"]
    # before, 2 / 2 and 1 / 2 are both under 2; after, 2 / 0.5 = 4 and 1 / 0.5 = 2 are not
    short = row(card, "sites_short_of_support")
    assert (short["before"], short["after"]) == (2, 0)


def test_no_threshold_counts_nothing() -> None:
    """Where the policy states no threshold the sites are not measured, with the reason."""
    scenario, plan = sites()
    scenario = staffed(scenario, [("c00", "nurse", 0.0)])
    none = Policy.of({"assistants_per_clinician": 0, "nurses_per_clinician": 0})
    assert "no threshold" in row(scorecard(scenario, plan, none), "sites_short_of_support")["not_measured"]
    one = Policy.of({"assistants_per_clinician": 0, "nurses_per_clinician": 0.5})
    # 0 full-time posts for 2 before and 0.5 after
    found = row(scorecard(scenario, plan, one), "sites_short_of_support")
    assert (found["before"], found["after"]) == (1, 1)


def test_visits_for_each_hour_agree_with_loops() -> None:
    """Visits over hours for the whole network agree with a loop over sessions and decisions."""
    scenario, plan = sites()
    card = scorecard(scenario, plan, POLICY)
    hours = sum(8 for s in scenario.network.sessions.iter_rows(named=True) if s["start"].date() == STRIKE)
    booked = kept = 0
    for visit in plan.decisions.iter_rows(named=True):
        booked += 1
        elsewhere = visit["option"] not in ("stand", "standby", "waitlist")
        kept += visit["option"] in ("stand", "standby")
        kept += elsewhere and visit["new_start"].date() == STRIKE
    found = row(card, "visits_per_hour")
    assert found["before"] == pytest.approx(booked / hours)
    assert found["after"] == pytest.approx(kept / (hours * 0.25))


def test_small_sites_are_withheld() -> None:
    """Sites of two clinicians are withheld; one with 12 posts among others of 12 is shown."""
    scenario, plan = sites()
    card = scorecard(scenario, plan, POLICY)
    cells = card.rows.filter((pl.col("measure") == "visits_per_hour") & (pl.col("group") == "clinic"))
    assert cells.height == 6
    assert cells["suppressed"].all()
    sessions = scenario.network.sessions.with_columns(posts=pl.lit(12, pl.Int64))
    network = scenario.network.replace(sessions=sessions)
    card = scorecard(scenario.replace(network=network, before=network), plan, POLICY)
    cells = card.rows.filter((pl.col("measure") == "visits_per_hour") & (pl.col("group") == "clinic"))
    assert not cells["suppressed"].any()
    assert (cells["people"] == 24).all()
    table = staff_by_site(card, {"c00": "Harbour"})
    assert table is not None
    text = str(table)
    assert "Harbour" in text
    assert not any(name in text for name in network.clinicians["clinician_id"])


def evening(start: int, minutes: int) -> tuple[Scenario, Plan]:
    """Return a plan whose one visit moves to 6 November, beside a visit there of the same clinician.

    The clinician sees somebody on Wednesday at 15:30 for 30 minutes, on Thursday at 8 and on Friday at 9.
    """
    scenario = make_scenario(make_network(visits=1, others=0))
    thursday, friday = STRIKE + dt.timedelta(days=1), STRIKE + dt.timedelta(days=2)
    base = scenario.network.visits.head(1)
    booked = [("w", STRIKE, 15, 30, 30), ("t", thursday, 8, 0, 30), ("f", friday, 9, 0, 30)]
    rows = [
        base.with_columns(
            visit_id=pl.lit(name), clinic_id=pl.lit("c00"), session_id=pl.lit(f"d00a-{day:%m%d}"),
            start=pl.lit(at(day, hour, minute)), minutes=pl.lit(long, pl.Int64), booked_on=pl.lit(AS_OF),
        ) for name, day, hour, minute, long in booked
    ]  # fmt: skip
    network = scenario.network.replace(visits=pl.concat(rows))
    plan = make_plan(make_scenario(make_network(visits=40)))
    new = {"new_session_id": f"d00a-{thursday:%m%d}", "new_start": at(thursday, start), "minutes": minutes}
    one = plan.decisions.head(1).with_columns(
        visit_id=pl.lit("w"), clinic_id=pl.lit("c00"), session_id=pl.lit(f"d00a-{STRIKE:%m%d}"),
        start=pl.lit(at(STRIKE, 15, 30)), affected=pl.lit(value=True), option=pl.lit("own_clinician"),
        new_clinic_id=pl.lit("c00"), new_clinician_id=pl.lit("d00a"),
        **{name: pl.lit(value) for name, value in new.items()},
    )  # fmt: skip
    decisions = one.with_columns(pl.col(name).cast(kind) for name, kind in DECISIONS.items())
    scenario = scenario.replace(network=network, before=network)
    return scenario, Plan(decisions, plan.prices, plan.facts)


def test_rest_by_hand() -> None:
    """Wednesday 16:00 to Thursday 8:00 is 16 hours; Thursday 15:30 to Friday 9:00 is 17.5."""
    card = scorecard(*evening(15, 30), POLICY)
    found = row(card, "least_rest")
    assert (found["before"], found["after"]) == (16.0, 17.5)
    assert (row(card, "short_rests")["before"], row(card, "short_rests")["after"]) == (0, 0)
    strict = scorecard(*evening(15, 30), Policy.of({"rest_hours": 17}))
    # before: 16 hours to Thursday; 24.5 to Friday
    assert (row(strict, "short_rests")["before"], row(strict, "short_rests")["after"]) == (1, 0)
    off = row(scorecard(*evening(15, 30), Policy.of({"rest_hours": 0})), "short_rests")
    assert "asks for no rest" in off["not_measured"]


def test_minutes_past_a_session_and_a_day_by_hand() -> None:
    """A visit of two hours from 15:00 in a session that ends at 16:00 is 60 minutes past it."""
    scenario, plan = evening(15, 120)
    card = scorecard(scenario, plan, POLICY)
    assert (row(card, "minutes_past_session")["before"], row(card, "minutes_past_session")["after"]) == (
        0,
        60,
    )
    assert row(card, "minutes_over_day")["after"] == 0
    short = scenario.network.clinicians.with_columns(daily_minutes=pl.lit(100, pl.Int64))
    network = scenario.network.replace(clinicians=short)
    card = scorecard(scenario.replace(network=network, before=network), plan, POLICY)
    # Thursday: 30 + 120 minutes on a day of 100
    assert (row(card, "minutes_over_day")["before"], row(card, "minutes_over_day")["after"]) == (0, 50)


def test_rest_agrees_with_loops() -> None:
    """The shortest night before and after agrees with loops over every clinician's visits."""
    scenario = make_scenario(make_network(visits=200, others=900))
    plan = make_plan(scenario, waitlist=0.05)
    found = row(scorecard(scenario, plan, POLICY), "least_rest")
    who = dict(scenario.network.sessions.select("session_id", "clinician_id").iter_rows())
    affected = set(plan.decisions.filter("affected")["visit_id"])
    before, after = defaultdict(list), defaultdict(list)
    for visit in scenario.network.visits.iter_rows(named=True):
        key = who[visit["session_id"]], visit["start"].date()
        before[key].append((visit["start"], visit["minutes"]))
        if visit["visit_id"] not in affected:
            after[key].append((visit["start"], visit["minutes"]))
    for visit in plan.decisions.iter_rows(named=True):
        if visit["option"] not in ("stand", "another_site", "standby", "waitlist"):
            key = who[visit["new_session_id"]], visit["new_start"].date()
            after[key].append((visit["new_start"], visit["minutes"]))
    assert found["before"] == pytest.approx(shortest(before))
    assert found["after"] == pytest.approx(shortest(after))


def shortest(days: dict[tuple[str, dt.date], list[tuple[dt.datetime, int]]]) -> float:
    rests = []
    for (who, day), visits in days.items():
        end = max(start + dt.timedelta(minutes=minutes) for start, minutes in visits)
        following = days.get((who, day + dt.timedelta(days=1)))
        if following and day > AS_OF and day + dt.timedelta(days=1) <= WINDOW[1]:
            rests.append((min(start for start, _ in following) - end).total_seconds() / 3600)
    return min(rests)
