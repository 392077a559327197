"""The scorecard: every measure keeps the contract, and agrees with naive loops and cases worked by hand."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from reports_factory import STRIKE, WINDOW, at, make_network, make_plan, make_scenario
from tideover import impact
from tideover.impact import MEASURES, scorecard
from tideover.nouns import Plan, Policy, Scenario, Scorecard
from tideover.nouns.plan import DECISIONS, MOVED
from tideover.travel import minutes_between

POLICY = Policy.default()
NUMBERS = ("people", "before", "after", "difference", "suppressed")


@cache
def case(nothing: bool = False) -> tuple[Scenario, Plan, Scorecard]:
    scenario = make_scenario(make_network(visits=240, others=300))
    plan = make_plan(scenario, waitlist=0.04, nothing=nothing)
    return scenario, plan, scorecard(scenario, plan, POLICY)


@cache
def calm() -> Scorecard:
    scenario, plan, _ = case(nothing=True)
    return scorecard(Scenario(scenario.network, before=scenario.network), plan, POLICY)


def row(card: Scorecard, measure: str, group: str = "all", member: str = "all") -> dict[str, Any]:
    here = (pl.col("measure") == measure) & (pl.col("group") == group) & (pl.col("member") == member)
    return card.rows.filter(here).row(0, named=True)


@pytest.mark.parametrize("name", MEASURES.names())
def test_a_measure_says_what_it_is(name: str) -> None:
    """Every measure has a name, title, unit, direction, concern, meaning, and words for missing."""
    measure = MEASURES[name]
    assert measure.name == name
    assert measure.better in ("lower", "higher")
    assert measure.concern in ("patients", "clinicians", "network")
    assert all((measure.title, measure.unit, measure.description, measure.missing))


def test_the_readme_lists_every_measure_as_it_is() -> None:
    """The room's table names exactly the registered measures, with their concern, unit and direction."""
    text = (Path(impact.__file__).parent / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| (\w+) \| ([\w ]+) \| (\w+) \|", text, re.MULTILINE)
    registered = [(m.name, m.concern, m.unit, m.better) for m in map(MEASURES.__getitem__, MEASURES)]
    assert sorted(listed) == sorted(registered)


@pytest.mark.parametrize("name", MEASURES.names())
def test_a_plan_that_changes_nothing_differs_in_nothing(name: str) -> None:
    """With no strike and every visit standing, after equals before wherever there is something to measure."""
    rows = calm().rows.filter(pl.col("measure") == name)
    shown = rows.filter(~pl.col("suppressed"))
    assert rows.height > 0
    assert (shown["before"].is_null() == shown["after"].is_null()).all()
    assert shown["difference"].drop_nulls().abs().max() in (None, 0.0)


@pytest.mark.parametrize("name", MEASURES.names())
def test_missing_has_a_reason_and_no_value(name: str) -> None:
    """A value is there, or the reason why not; and the difference is after less before."""
    for row in case()[2].rows.filter(pl.col("measure") == name).iter_rows(named=True):
        if row["suppressed"]:
            assert row["before"] is row["after"] is row["difference"] is row["people"] is None
        elif row["not_measured"]:
            assert row["difference"] is None
        else:
            assert math.isclose(row["difference"], row["after"] - row["before"], abs_tol=1e-9)


def test_the_order_of_rows_does_not_matter() -> None:
    """Shuffling decisions and every table of the network changes no number of any measure."""
    scenario, plan, card = case()
    tables = {
        name: frame.sample(fraction=1, shuffle=True, seed=3)
        for name, frame in scenario.network.tables().items()
    }
    network = scenario.network.replace(**tables)
    shuffled = replace(plan, decisions=plan.decisions.sample(fraction=1, shuffle=True, seed=4))
    again = scorecard(scenario.replace(network=network, before=network), shuffled, POLICY)
    assert_frame_equal(card.rows, again.rows, check_row_order=False)


def test_a_group_column_changes_no_other_number() -> None:
    """A further group column adds rows of its own group and leaves every other row as it was."""
    scenario, plan, card = case()
    patients = scenario.network.patients
    colour = pl.Series("group_colour", ["red", "blue"] * (patients.height // 2))
    network = scenario.network.replace(patients=patients.with_columns(colour))
    again = scorecard(scenario.replace(network=network, before=network), plan, POLICY)
    assert set(again.rows["group"]) - set(card.rows["group"]) == {"colour"}
    assert_frame_equal(card.rows, again.rows.filter(pl.col("group") != "colour"))


def test_groups_are_those_that_the_data_has() -> None:
    """Groups come from the data: columns with nothing in them make none, and there is one date only."""
    groups = set(case()[2].rows["group"])
    assert groups == {"all", "clinic", "urgency", "kind", "language", "payer", "has_car", "age", "area"}


def test_counts_agree_with_naive_loops_by_every_clinic() -> None:
    """What happens to visits, days waited, safety and who is told agree with loops over the decisions."""
    _, plan, card = case()
    parts = defaultdict(list)
    for visit in plan.decisions.iter_rows(named=True):
        parts["all", "all"].append(visit)
        parts["clinic", visit["clinic_id"]].append(visit)
    for (group, member), visits in parts.items():
        expected = naive(visits)
        for measure, (before, after) in expected.items():
            found = row(card, measure, group, member)
            assert (found["before"], pytest.approx(found["after"])) == (before, after), (measure, member)


def naive(visits: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    options = [visit["option"] for visit in visits]
    longer, unsafe = [], 0
    for visit in visits:
        new = visit["new_start"].date() if visit["new_start"] else WINDOW[1] + dt.timedelta(days=1)
        longer.append(max(0, (new - visit["start"].date()).days))
        unsafe += visit["urgency"] <= 2 and (visit["new_start"] is None or new > visit["safe_by"])
    ranked = sorted(longer)
    rank = math.ceil(0.95 * (len(ranked) - 1))
    return {
        "visits_held": (len(visits), options.count("stand")),
        "visits_another_site": (0, options.count("another_site")),
        "visits_moved": (0, sum(option in MOVED for option in options)),
        "visits_by_video": (0, options.count("video")),
        "visits_urgent_care": (0, options.count("urgent_care")),
        "visits_standby": (0, options.count("standby")),
        "visits_waitlist": (0, options.count("waitlist")),
        "days_longer_mean": (0, sum(longer) / len(longer)),
        "days_longer_p95": (0, ranked[rank]),
        "unsafe_urgent": (0, unsafe),
        "patients_told": (0, len({v["patient_id"] for v in visits if v["option"] != "stand"})),
    }


def test_travel_counts_only_what_is_on_the_map() -> None:
    """Added minutes are a mean over visits whose three places are known; else nothing is measured."""
    scenario, plan, card = case()
    home = {p["patient_id"]: p for p in scenario.network.patients.iter_rows(named=True)}
    site = {c["clinic_id"]: c for c in scenario.network.clinics.iter_rows(named=True)}
    added = []
    for visit in plan.decisions.iter_rows(named=True):
        if visit["option"] != "waitlist":
            start = home[visit["patient_id"]]
            there = [journey(start, site[visit[key]]) for key in ("clinic_id", "new_clinic_id")]
            added.append(0 if visit["option"] == "video" else max(0, there[1] - there[0]))
    assert row(card, "added_travel")["after"] == pytest.approx(sum(added) / len(added))
    nowhere = scenario.network.clinics.with_columns(lat=pl.lit(None, pl.Float64))
    blind = scenario.network.replace(clinics=nowhere)
    missing = row(scorecard(scenario.replace(network=blind), plan, POLICY), "added_travel")
    assert missing["after"] is None
    assert "not counted" in missing["not_measured"]


def journey(home: dict[str, Any], site: dict[str, Any]) -> int:
    ends = (home["lat"], home["lon"], site["lat"], site["lon"])
    return int(minutes_between(*ends, POLICY.detour_factor, POLICY.speed_km_per_hour))


def tiny(rows: list[dict[str, Any]]) -> tuple[Scenario, Plan]:
    """Return two clinicians of one site, visits of ``rows`` booked with the first, and a plan of ``rows``."""
    scenario = make_scenario(make_network(visits=len(rows), clinics=6))
    book = scenario.network.visits.sort("visit_id").head(len(rows))
    moved = [
        {**visit, "clinic_id": "c00", "session_id": f"d00a-{STRIKE:%m%d}", "start": at(STRIKE, 9),
         "minutes": 30,
         "safe_by": STRIKE, "affected": True, "pool_id": "pool-1", "new_session_id": None, "new_start": None,
         "new_clinic_id": "c00", "new_clinician_id": None, **row}
        for visit, row in zip(book.iter_rows(named=True), rows, strict=True)
    ]  # fmt: skip
    decisions = pl.DataFrame(moved, infer_schema_length=None).select(*DECISIONS).cast(dict(DECISIONS))
    visits = book.with_columns(decisions[name] for name in ("clinic_id", "session_id", "start", "minutes"))
    own = scenario.network.patients.with_columns(clinician_id=pl.lit("d00a"))
    network = scenario.network.replace(visits=visits, patients=own)
    facts = make_plan(scenario).facts
    return scenario.replace(network=network, before=network), Plan(decisions, pl.DataFrame(), facts)


def three() -> tuple[dict[str, Any], ...]:
    """Return the decision for the own clinician five days later, for another then, and for standing."""
    later = at(dt.date(2025, 11, 10), 9)
    own = {"option": "own_clinician", "new_session_id": "d00a-1110", "new_clinician_id": "d00a"}
    other = {"option": "another_clinician", "new_session_id": "d00b-1110", "new_clinician_id": "d00b"}
    return (
        {**own, "new_start": later},
        {**other, "new_start": later},
        {"option": "stand", "new_session_id": f"d00a-{STRIKE:%m%d}", "new_start": at(STRIKE, 9)},
    )  # fmt: skip


def test_a_hand_worked_day() -> None:
    """Twelve visits of 30 minutes: own clinician 4, another 4, standing 2, standby 1, without a date 1."""
    own, other, stay = three()
    rows = [own] * 4 + [other] * 4 + [stay] * 2 + [{**stay, "option": "standby"}, {"option": "waitlist"}]
    scenario, plan = tiny(rows)
    card = scorecard(scenario, plan, POLICY)
    # Known of 9 people: 4 with the own clinician, 4 with another, 1 with nobody yet.
    assert row(card, "continuity_kept")["suppressed"]
    # Two clinician-days receive 120 minutes each into 480 open ones, which were empty before.
    assert (row(card, "receiving_share")["before"], row(card, "receiving_share")["after"]) == (0.0, 0.25)
    assert row(card, "fullest_day")["after"] == 0.25
    assert row(card, "visits_received")["after"] == 4.0
    # Twelve posts were to see 12 visits; 3 posts are expected to work and see the 3 that stay.
    assert (row(card, "visits_per_post")["before"], row(card, "visits_per_post")["after"]) == (1.0, 1.0)
    # 12 sessions of 480 minutes; a quarter of them is expected to be held.
    assert (row(card, "strike_day_minutes")["before"], row(card, "strike_day_minutes")["after"]) == (
        5760,
        1440,
    )
    # Six sites, and only at the first does a visit stand.
    assert row(card, "sites_with_cover")["after"] == pytest.approx(1 / 6)
    # Gone: 12 x 480 minutes of the strike day, of which 360 were booked; and 240 are booked elsewhere.
    assert row(card, "free_minutes")["difference"] == -(5760 - 360) - 240
    # Eight wait 5 days longer, three none, one at least 29 (the day after the window).
    assert row(card, "days_longer_mean")["after"] == pytest.approx((8 * 5 + 29) / 12)


def test_continuity_counts_only_what_can_be_known() -> None:
    """Of 11 with their own clinician, 11 with another and 11 under cover, 11 of the 22 known keep theirs."""
    own, other, stay = three()
    scenario, plan = tiny([own] * 11 + [other] * 11 + [stay] * 11)
    found = row(scorecard(scenario, plan, POLICY), "continuity_kept")
    assert (found["people"], found["before"], found["after"]) == (22, 1.0, 0.5)


def test_a_pooled_team_keeps_continuity_at_its_own_site() -> None:
    """Where the own clinician is the site's team, its visits keep it at the site and lose it elsewhere."""
    _, _, stay = three()
    away = {**stay, "option": "another_clinic", "new_clinic_id": "c01", "new_session_id": "d01a-1110"}
    scenario, plan = tiny([stay] * 15 + [away] * 5)
    nobody = pl.lit(None, pl.String).alias("clinician_id")
    network = scenario.network.replace(
        sessions=scenario.network.sessions.with_columns(nobody),
        patients=scenario.network.patients.with_columns(nobody),
    )
    found = row(scorecard(scenario.replace(network=network, before=network), plan, POLICY), "continuity_kept")
    assert (found["people"], found["after"]) == (20, 0.75)


def test_sessions_that_a_response_adds_are_only_after() -> None:
    """Capacity before is that of the network before any change, so a response adds to after alone."""
    scenario, plan, card = case()
    first = scenario.network.sessions.filter(pl.col("start").dt.date() == STRIKE).head(1)
    extra = first.with_columns(session_id=pl.lit("extra"))
    network = scenario.network.replace(sessions=pl.concat([scenario.network.sessions, extra]))
    again = scorecard(scenario.replace(network=network), plan, POLICY)
    old, new = row(card, "strike_day_minutes"), row(again, "strike_day_minutes")
    assert new["before"] == old["before"]
    assert new["after"] == old["after"] + 480


def test_several_strike_dates_are_a_group() -> None:
    """With two strike dates patients, capacity and cover come by date as well, and the counts add up."""
    dates = (STRIKE, STRIKE + dt.timedelta(days=1))
    scenario = make_scenario(make_network(visits=200, dates=dates), dates=dates)
    card = scorecard(scenario, make_plan(scenario), POLICY)
    for measure in ("visits_moved", "visits_held", "strike_day_minutes"):
        parts = [row(card, measure, "date", str(day)) for day in dates]
        assert sum(part["after"] for part in parts) == row(card, measure)["after"]
