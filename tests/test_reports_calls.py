"""The call list: who is told, in what order, by when, and what they are offered."""

from __future__ import annotations

import datetime as dt
from functools import cache

import polars as pl
import pytest

from reports_factory import AS_OF, STRIKE, make_network, make_plan, make_scenario
from tideover.nouns import Plan, Policy, Scenario
from tideover.reports import OFFERS, calls

POLICY = Policy.default()
COLUMNS = [
    "order", "visit_id", "patient_id", "urgency", "language", "tell_by", "decide_by", "reason",
    "booked_start", "booked_clinic_id", "offer", "new_clinic_id", "new_session_id", "new_start", "mode",
    "times_told", "told_start", "told_clinic_id", "told_session_id", "why_again",
]  # fmt: skip


@cache
def case() -> tuple[Scenario, Plan, pl.DataFrame]:
    scenario = make_scenario(make_network())
    plan = make_plan(scenario, waitlist=0.05)
    return scenario, plan, calls(plan, scenario, POLICY)


def test_every_visit_that_does_not_stand_is_there_once() -> None:
    """The list holds exactly the visits whose option is not stand, each once, in the agreed columns."""
    _, plan, told = case()
    expected = plan.decisions.filter(pl.col("option") != "stand")["visit_id"].sort()
    assert told.columns == COLUMNS
    assert told["visit_id"].sort().to_list() == expected.to_list()
    assert told["order"].to_list() == list(range(1, told.height + 1))


def test_urgent_visits_come_first_and_then_the_earliest() -> None:
    """The order is by urgency, then by the time by which a patient must be told."""
    told = case()[2]
    keys = list(zip(told["urgency"], told["tell_by"], told["booked_start"], told["visit_id"], strict=True))
    assert keys == sorted(keys)
    assert told["urgency"][0] == 1


def test_tell_by_is_the_earlier_start_less_the_lead() -> None:
    """Each is told two days before the earlier of booked and new start, and never before the as-of date."""
    as_of = dt.datetime.combine(AS_OF, dt.time())
    for row in case()[2].iter_rows(named=True):
        earlier = min(start for start in (row["booked_start"], row["new_start"]) if start)
        assert row["tell_by"] == max(as_of, earlier - dt.timedelta(days=POLICY.contact_lead_days))


@pytest.mark.parametrize("lead", [0, 2, 60])
def test_a_longer_lead_never_tells_anybody_later(lead: int) -> None:
    """With more days of contact lead each patient is told as early or earlier, from the as-of date on."""
    scenario, plan, _ = case()
    told = calls(plan, scenario, Policy.of({"contact_lead_days": lead})).sort("visit_id")
    sooner = calls(plan, scenario, Policy.of({"contact_lead_days": lead + 1})).sort("visit_id")
    assert (sooner["tell_by"] <= told["tell_by"]).all()
    assert told["tell_by"].dt.date().min() >= AS_OF


def test_reasons_offers_and_modes_follow_the_option() -> None:
    """Every option has its reason and a sentence to offer; without a date there is no place, time or mode."""
    _, plan, told = case()
    both = told.join(plan.decisions.select("visit_id", "option"), on="visit_id")
    reasons = dict(both.select("option", "reason").unique().iter_rows())
    moved = dict.fromkeys(("own_clinician", "another_clinician", "another_clinic"), "moved")
    others = ("another_site", "video", "urgent_care", "standby", "waitlist")
    assert reasons == moved | {name: name for name in others}
    assert set(both["offer"]) <= set(OFFERS)
    assert set(both.filter(pl.col("option") == "video")["mode"]) == {"video"}
    waiting = both.filter(pl.col("option") == "waitlist")
    assert waiting.select("new_start", "new_clinic_id", "new_session_id", "mode").null_count().row(0) == (
        (waiting.height,) * 4
    )
    keeps = both.filter(pl.col("option") == "standby")
    assert (keeps["new_start"] == keeps["booked_start"]).all()
    assert set(keeps["booked_start"].dt.date()) == {STRIKE}


def test_a_missing_language_stays_missing() -> None:
    """Languages come from the patients' table, and an unknown one is not guessed."""
    scenario, _, told = case()
    own = dict(scenario.network.patients.select("patient_id", "language").iter_rows())
    assert told["language"].to_list() == [own[patient] for patient in told["patient_id"]]
    assert told["language"].null_count() > 0


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffling the decisions gives the same list."""
    scenario, plan, told = case()
    shuffled = Plan(plan.decisions.sample(fraction=1, shuffle=True, seed=5), plan.prices, plan.facts)
    assert calls(shuffled, scenario, POLICY).equals(told)


def test_a_plan_that_changes_nothing_calls_nobody() -> None:
    """Where every visit stands the list is empty and keeps its columns."""
    scenario = case()[0]
    assert calls(make_plan(scenario, nothing=True), scenario, POLICY).shape == (0, len(COLUMNS))
