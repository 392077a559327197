"""A licence is held where the patient is: at home by video, at the clinic in person (R4)."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tideover.nouns import Network, Policy, Scenario
from tideover.verify.case import Case as Checked
from tideover.verify.check import check_plan
from tideover.verify.rules import licensed as licensed_word_by_word
from tideover.verify.verdict import Findings
from tideover.visits import plan_strike_day
from tideover.visits.book import open_book
from tideover.visits.problem import build, open_day
from tideover.visits.rules import POST_RULES
from visits_factory import AS_OF, case_of, decided, session, struck

MN = {"clinic_id": "A", "state": "MN", "lat": 44.96, "lon": -92.76}
WI = {"clinic_id": "B", "state": "WI", "lat": 44.97, "lon": -92.75}
FRIDAY = session("F", 7, "08:00", "09:00", clinician_id="k")


def option(*, patient=(), doctor=(), site=WI, mode="in_person", **more) -> str:
    """Return what becomes of a struck visit at A in Minnesota whose one way out is k's session at B."""
    scenario = struck(
        [{"video_ok": True}],
        [FRIDAY | {"clinic_id": "B", "mode": mode} | more],
        clinics=[MN, site],
        clinicians=[{"clinician_id": "k", "clinic_id": "A"} | dict(doctor)],
        patients=[{"patient_id": "p0"} | dict(patient)],
    )
    return decided(plan_strike_day(scenario, Policy.default(), AS_OF), "v0")["option"]


@pytest.mark.parametrize(
    ("patient", "licences", "expected"),
    [
        ({}, None, "video"),  # the booked clinic's state; the doctor's is that of her home clinic
        ({"state": "WI"}, None, "waitlist"),
        ({"state": "WI"}, ["MN"], "waitlist"),
        ({"state": "WI"}, ["MN", "WI"], "video"),
        ({"state": "MN"}, ["WI"], "waitlist"),
    ],
)
def test_by_video_the_patients_state_counts(patient, licences, expected):
    """Across the state line a video visit needs the patient's state, wherever the clinic is."""
    assert option(patient=patient, doctor={"states_licensed": licences}, mode="video") == expected


@pytest.mark.parametrize(
    ("site", "licences", "expected"),
    [
        (WI, ["MN"], "waitlist"),
        (WI, ["MN", "WI"], "another_clinic"),
        (WI, None, "another_clinic"),  # she holds a session there: nobody says that she may not
        (WI | {"state": None}, ["MN"], "another_clinic"),
        (WI | {"state": "MN"}, ["MN"], "another_clinic"),
    ],
)
@pytest.mark.parametrize("home", ["MN", "WI", None])
def test_in_person_the_clinics_state_counts(home, site, licences, expected):
    """In person the listed licences must hold the clinic's state; where the patient lives does not matter."""
    found = option(patient={"state": home}, doctor={"states_licensed": licences}, site=site)
    assert found == expected


def test_a_pooled_team_is_licensed_at_its_clinic():
    """A team without names may see in person at its clinic, and by video in its clinic's state."""
    assert option(clinician_id=None) == "another_clinic"
    assert option(clinician_id=None, mode="video") == "waitlist"
    assert option(clinician_id=None, mode="video", patient={"state": "WI"}) == "video"


def kept(*states: str | None, licences=("MN",), **more) -> int:
    """Return how many of the struck visits of patients in these states a licence alone keeps from video."""
    scenario = struck(
        [{"video_ok": True, "minutes": 15} | more for _ in states],
        [FRIDAY | {"mode": "video"}],
        clinics=[MN],
        clinicians=[{"clinician_id": "k", "clinic_id": "A", "states_licensed": list(licences)}],
        patients=[{"patient_id": f"p{at}", "state": state} for at, state in enumerate(states)],
    )
    return counted(scenario)


def counted(scenario: Scenario) -> int:
    """Return what the planner counts, which the checker must count, too."""
    plan = plan_strike_day(scenario, Policy.default(), AS_OF)
    findings = Findings()
    facts = json.loads(json.dumps(plan.facts, default=str))
    case = Checked.of(scenario, Policy.default(), AS_OF, [])
    check_plan(case, facts, plan.decisions, plan.prices, findings)
    assert findings.sentences() == ()
    return int(plan.facts["kept_from_video"])


def test_visits_that_only_a_licence_keeps_from_video_are_counted():
    """Two patients in Wisconsin of five; none that is barred otherwise, or has another who may see them."""
    assert kept("MN", "WI", None, "WI", "MN") == 2
    assert kept("MN", "WI", "WI", licences=("MN", "WI")) == 0
    assert kept("WI", "WI", video_ok=False) == 0
    assert kept("WI", "WI", minutes=75) == 0  # no interval is long enough


def test_nobody_else_being_licensed_is_what_counts():
    """A second clinician with the licence takes the visit out of the count, if her session is long enough.

    A visit of a quarter of an hour, not by video, makes quarters of an hour count.
    """
    people = [{"clinician_id": name, "clinic_id": "A", "states_licensed": states}
              for name, states in (("k", ["MN"]), ("m", ["WI"]))]  # fmt: skip
    for end, expected in (("08:30", 0), ("08:15", 1)):
        other = session("G", 7, "08:00", end, clinician_id="m", mode="video")
        scenario = struck(
            [{"video_ok": True, "minutes": 30}, {"video_ok": False, "minutes": 15}],
            [FRIDAY | {"mode": "video"}, other],
            clinics=[MN],
            clinicians=people,
            patients=[{"patient_id": "p0", "state": "WI"}],
        )
        assert counted(scenario) == expected


def pairs(net: Network, case) -> set[tuple[str, str, int]]:
    """Return the pairs of visits and open intervals that are allowed."""
    scenario = Scenario.of(net, case.changes)
    day = build(scenario, case.policy, open_book(scenario, case.policy, AS_OF))
    item = np.repeat(np.arange(day.problem.size.size), np.diff(day.problem.start))
    ids, sessions = day.visits["visit_id"].to_list(), day.intervals["session_id"].to_list()
    return {(ids[i], sessions[b], b) for i, b in zip(item, day.problem.bin, strict=True) if b < len(sessions)}


def with_licences(net: Network, change) -> Network:
    held = net.clinicians["states_licensed"].to_list()
    new = pl.Series("states_licensed", [change(at, one) for at, one in enumerate(held)], pl.List(pl.String))
    return net.replace(clinicians=net.clinicians.with_columns(new))


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), who=st.integers(0, 5), state=st.sampled_from(["MN", "WI", "IA"]))
def test_one_more_licence_never_forbids_anything(seed, who, state):
    """Whoever lists licences and gets one more may take every visit that she could before."""
    case = case_of(seed)
    before = pairs(case.network, case)
    after = with_licences(
        case.network, lambda at, held: [*held, state] if held and at == who and state not in held else held
    )
    assert before <= pairs(after, case)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_with_every_licence_nothing_is_kept_from_video(seed):
    """If clinics, licences and patients are all of one state, R4 might as well be switched off."""
    case = case_of(seed)
    net = with_licences(case.network, lambda at, held: ["MN"])
    net = net.replace(
        clinics=net.clinics.with_columns(state=pl.lit("MN")),
        patients=net.patients.with_columns(state=pl.lit("MN")),
    )
    scenario = Scenario.of(net, case.changes)
    book = open_book(scenario, case.policy, AS_OF)
    whole = build(scenario, case.policy, book).problem
    rules = {name: rule for name, rule in POST_RULES.items() if name != "licensed"}
    free = build(scenario, case.policy, book, open_day(scenario, case.policy, book, post_rules=rules)).problem
    assert (whole.bin.size, whole.cost.tolist()) == (free.bin.size, free.cost.tolist())
    assert plan_strike_day(scenario, case.policy, AS_OF).facts["kept_from_video"] == 0


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_the_names_of_states_do_not_matter(seed):
    """Calling every state by another name, everywhere, gives the same plan."""
    case = case_of(seed)
    other = {"MN": "Zealand", "WI": "Aland"}
    net = with_licences(case.network, lambda at, held: held and [other[state] for state in held])
    renamed = net.replace(
        **{
            name: net.tables()[name].with_columns(pl.col("state").replace(other))
            for name in ("clinics", "patients", "areas")
        }
    )
    plans = [
        plan_strike_day(Scenario.of(one, case.changes), case.policy, AS_OF) for one in (case.network, renamed)
    ]
    assert plans[0].decisions.equals(plans[1].decisions)
    assert plans[0].facts["kept_from_video"] == plans[1].facts["kept_from_video"]


@pytest.mark.parametrize("seed", range(12))
def test_no_decision_leaves_a_visit_without_a_licence(seed):
    """Every visit that a plan puts into a session has its licence there, by the checker's own words."""
    case = case_of(seed, large=seed < 2)
    scenario = Scenario.of(case.network, case.changes)
    plan = plan_strike_day(scenario, case.policy, AS_OF)
    checked = Checked.of(scenario, case.policy, AS_OF, [])
    for row in plan.decisions.filter("affected").drop_nulls("new_session_id").iter_rows(named=True):
        if row["option"] not in ("stand", "standby"):
            visit = checked.visits[row["visit_id"]]
            assert licensed_word_by_word(checked, visit, checked.sessions[row["new_session_id"]])
