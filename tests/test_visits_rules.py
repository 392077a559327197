"""Every rule forbids what it says and nothing else would; every cost term counts what it says and decides."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from tideover.errors import InputError
from tideover.nouns import Plan, Policy, Scenario
from tideover.responses.mutual_aid import MutualAid
from tideover.visits import open_book, plan_strike_day
from tideover.visits.problem import build, open_day
from tideover.visits.rules import POST_RULES, SITE_RULES, TERMS
from visits_factory import AS_OF, STRIKE, decided, moment, pins, session, struck

FRIDAY = session("F", 7, "08:00", "09:00")
NEAR, FAR = {"lat": 44.95, "lon": -93.1}, {"lat": 45.95, "lon": -93.1}
A, B = {"clinic_id": "A", "state": "MN"}, {"clinic_id": "B", "state": "MN"}
DOCTOR = {"clinician_id": "k", "clinic_id": "A"}


def plan(scenario: Scenario, **chosen: Any) -> Plan:
    """Return the plan as of Monday under the default policy with some keys exchanged."""
    return plan_strike_day(scenario, Policy.of(chosen), AS_OF)


AID = MutualAid(employers=("lakes", "north"), share=1.0)
#: Rule, visit, session on Friday, further tables, policy: only this rule keeps the visit out of the session.
BROKEN = {
    "mode_suits": ({"video_ok": False}, {"mode": "video"}, {}, {}),
    "in_scope": (
        {"kind": "procedure"},
        {"clinician_id": "k"},
        {"clinicians": [DOCTOR | {"role": "np"}]},
        {"scope": {"procedure": ["physician"]}},
    ),
    "licensed": (
        {"video_ok": True},
        {"mode": "video", "clinician_id": "k"},
        {"clinics": [A], "clinicians": [DOCTOR | {"states_licensed": ["WI"]}]},
        {},
    ),
    "understood": (
        {},
        {"clinician_id": "k"},
        {
            "clinicians": [DOCTOR | {"languages": ["en", "es"]}],
            "patients": [{"patient_id": "p0", "language": "so"}],
        },
        {},
    ),
    "in_reach": ({}, {"clinic_id": "B"}, {"clinics": [A | NEAR, B | FAR]}, {}),
    "right_kind": ({}, {"clinic_id": "B"}, {"clinics": [A | NEAR, B | NEAR | {"kind": "hospital"}]}, {}),
    "own_employer": (
        {},
        {"clinic_id": "B"},
        {"clinics": [A | NEAR | {"employer": "north"}, B | NEAR | {"employer": "lakes"}]},
        {},
    ),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_alone_keeps_a_visit_out_of_a_session(rule):
    """With every rule the visit must wait; with this one switched off it has a place."""
    visit, held, tables, chosen = BROKEN[rule]
    scenario, policy = struck([visit], [FRIDAY | held], **tables), Policy.of(chosen)
    assert decided(plan(scenario, **chosen), "v0")["option"] == "waitlist"
    book = open_book(scenario, policy, AS_OF)
    site, post = (
        {name: r for name, r in rules.items() if name != rule} for rules in (SITE_RULES, POST_RULES)
    )
    assert build(scenario, policy, book).problem.bin.size == 0
    opened = open_day(scenario, policy, book, site, post)
    assert build(scenario, policy, book, opened).problem.bin.size == 1


def test_every_rule_of_the_lists_is_tested_above():
    """No rule can be added to the lists without a case that it alone forbids."""
    assert set(BROKEN) == {*SITE_RULES, *POST_RULES}


@pytest.mark.parametrize(
    ("rule", "visit", "tables", "chosen"),
    [
        ("mode_suits", {"video_ok": True}, {}, {}),
        ("in_scope", {"kind": "procedure"}, {}, {"scope": {"procedure": ["np", "pa"]}}),
        ("licensed", {"video_ok": True}, {"patients": [{"patient_id": "p0", "state": "WI"}]}, {}),
        ("understood", {}, {"patients": [{"patient_id": "p0", "language": "so", "interpreter": True}]}, {}),
        ("understood", {}, {"patients": [{"patient_id": "p0", "language": "es"}]}, {}),
        ("in_reach", {}, {"clinics": [A | NEAR, B | NEAR]}, {}),
        ("in_reach", {"video_ok": True}, {"clinics": [A, B]}, {"mode": "video"}),
        ("own_employer", {}, {"changes": [AID]}, {}),
        ("own_employer", {}, {"clinics": [A | NEAR | {"employer": "n"}, B | NEAR | {"employer": "n"}]}, {}),
        ("right_kind", {"urgency": 2}, {"clinics": [A | NEAR, B | NEAR | {"kind": "urgent_care"}]}, {}),
    ],
)
def test_what_a_rule_allows_is_allowed(rule, visit, tables, chosen):
    """Each rule lets through what its sentence lets through."""
    _, held, broken, _ = BROKEN[rule]
    held = held | {"mode": chosen.pop("mode", held.get("mode", "in_person"))}
    scenario = struck([visit], [FRIDAY | held], **{**broken, **tables})
    assert decided(plan(scenario, **chosen), "v0")["new_session_id"] == "F"


@pytest.mark.parametrize(
    ("patient", "option"),
    [
        ({}, "waitlist"),
        ({"area_id": "t"}, "another_clinic"),
        ({"area_id": "t"} | NEAR, "waitlist"),
    ],
)
def test_an_area_stands_for_the_home_in_it(patient, option):
    """Who is known by the area alone travels from its centre; coordinates of one's own come first (R6)."""
    tables = {
        "clinics": [A | NEAR, B | FAR],
        "patients": [{"patient_id": "p0"} | patient],
        "areas": [{"area_id": "t"} | FAR],
    }
    scenario = struck([{}], [FRIDAY | {"clinic_id": "B"}], **tables)
    assert decided(plan(scenario), "v0")["option"] == option


@pytest.mark.parametrize(
    ("patient", "option"),
    [({}, "video"), ({"area_id": "t"}, "waitlist"), ({"area_id": "t", "state": "MN"}, "video")],
)
def test_an_area_says_in_which_state_a_patient_is(patient, option):
    """By video the state is the patient's own, else that of the area, else that of the booked clinic (R4)."""
    tables = {
        "clinics": [A],
        "clinicians": [DOCTOR],
        "patients": [{"patient_id": "p0"} | patient],
        "areas": [{"area_id": "t", "state": "WI"} | FAR],
    }
    video = FRIDAY | {"mode": "video", "clinician_id": "k"}
    assert decided(plan(struck([{"video_ok": True}], [video], **tables)), "v0")["option"] == option


@pytest.mark.parametrize(
    ("urgency", "option"), [(1, "waitlist"), (2, "urgent_care"), (4, "urgent_care"), (5, "waitlist")]
)
def test_urgent_care_takes_over_only_some_urgencies(urgency, option):
    """Urgent care takes urgencies 2 to 4 and no others (R7)."""
    clinics = [A | NEAR, B | NEAR | {"kind": "urgent_care"}]
    scenario = struck([{"urgency": urgency}], [FRIDAY | {"clinic_id": "B"}], clinics=clinics)
    assert decided(plan(scenario), "v0")["option"] == option


def test_a_visit_fits_into_its_interval():
    """Half an hour does not fit into a quarter of one, nor into two that are apart (R1)."""
    gaps = [session("F", 7, "08:00", "08:15"), session("G", 7, "09:00", "09:15")]
    made = plan(struck([{"minutes": 30}, {"minutes": 15}], gaps))
    assert decided(made, "v0")["option"] == "waitlist"
    assert decided(made, "v1")["new_session_id"] in {"F", "G"}


def test_a_bin_holds_no_more_than_its_capacity():
    """Of three quarters of an hour only two fit into half an hour, one after the other (R10)."""
    made = plan(struck([{}, {}, {}], [session("F", 7, "08:00", "08:30")]))
    starts = made.decisions.filter(option="own_clinician")["new_start"].sort().to_list()
    assert starts == [moment(date(2025, 11, 7), "08:00"), moment(date(2025, 11, 7), "08:15")]
    assert made.facts["counts"]["waitlist"] == 1


def test_cover_is_for_the_visits_of_its_own_hour():
    """A unit of cover from nine to ten holds no visit of eight o'clock (R8).

    150 minutes of ten posts with a quarter worked: one post stands (the 0.1 quantile), that is
    floor(75 / 150) = 0 units by nine and floor(150 / 150) = 1 by ten.
    """
    early, late = {"start": moment(STRIKE, "08:30")}, {"start": moment(STRIKE, "09:00")}
    network = struck([early, late], working=0.25).network
    network = network.replace(sessions=network.sessions.with_columns(open_minutes=150))
    scenario = Scenario.of(network, struck([{}], working=0.25).changes)
    made = plan(scenario, standby_from_urgency=6)
    assert [decided(made, visit)["option"] for visit in ("v0", "v1")] == ["waitlist", "stand"]


def test_cover_of_another_pool_holds_nobody():
    """Visits without a pool, as those on leave have none, stand on nobody's cover (R8)."""
    from tideover.disruptions.leave import Leave

    away = Leave(dates=(date(2025, 11, 6),), clinics=("A",))
    visit = {"session_id": "T", "start": moment(date(2025, 11, 6), "08:00")}
    made = plan(struck([visit, {}], [session("T", 6, "08:00", "09:00")], working=1.0, changes=[away]))
    assert [decided(made, name)["option"] for name in ("v0", "v1")] == ["waitlist", "stand"]


@pytest.mark.parametrize(("first", "option"), [(3, "waitlist"), (2, "standby")])
def test_only_less_urgent_visits_wait_until_the_morning(first, option):
    """A visit of urgency 2 goes on standby only where the policy says so (R9).

    Ten posts, one in ten worked: none stands for sure (0.9 ** 10 > 0.1), one is to be expected.
    """
    made = plan(struck([{"urgency": 2}], working=0.1), standby_from_urgency=first)
    assert decided(made, "v0")["option"] == option


def test_a_pinned_visit_stays():
    """A visit goes to the earlier day, but stays on the later one where it is pinned (R11)."""
    scenario = struck([{}], [session("T", 6, "08:00", "09:00"), FRIDAY])
    assert decided(plan(scenario), "v0")["new_session_id"] == "T"
    start = moment(date(2025, 11, 7), "08:45")
    kept = plan_strike_day(scenario, Policy.default(), AS_OF, pins(("v0", "own_clinician", "F", start)))
    row = decided(kept, "v0")
    assert (row["new_session_id"], row["new_start"], row["days_moved"], row["told"]) == ("F", start, 20, 40)


@pytest.mark.parametrize(("patient", "option"), [("p0", "waitlist"), ("other", "own_clinician")])
def test_no_patient_is_in_two_places_at_once(patient, option):
    """A visit does not move into the time of another visit of the same patient (R12)."""
    held = {
        "session_id": "X",
        "start": moment(date(2025, 11, 7), "08:10"),
        "minutes": 30,
        "patient_id": patient,
    }
    sessions = [session("F", 7, "08:00", "08:15"), session("X", 7, "08:00", "09:00", open_minutes=30)]
    assert decided(plan(struck([{}, held], sessions)), "v0")["option"] == option


def test_two_moved_visits_of_a_patient_are_apart():
    """Two visits of one patient do not take two posts at the same time; those of two patients do (R12)."""
    sessions = [session("F", 7, "08:00", "08:15", posts=2)]
    one = plan(struck([{"patient_id": "p"}, {"patient_id": "p"}], sessions))
    two = plan(struck([{"patient_id": "p"}, {"patient_id": "q"}], sessions))
    assert (one.facts["counts"]["moved"], two.facts["counts"]["moved"]) == (1, 2)
    assert one.facts["levels"][1]["bound"] <= 1


def test_two_visits_may_overlap_where_both_stand():
    """What overlaps in the book may stay so: both keep their booked times (R12)."""
    made = plan(struck([{"patient_id": "p"}, {"patient_id": "p"}], working=1.0))
    assert made.facts["counts"]["stand"] == 2


OWN = {"patients": [{"patient_id": "p0", "clinician_id": "k"}]}
STAFF = {"clinicians": [DOCTOR, DOCTOR | {"clinician_id": "m"}]}
THURSDAY_M = session("T", 6, "08:00", "09:00", clinician_id="m")
FRIDAY_K = FRIDAY | {"clinician_id": "k"}
LATE = {"safe_by": date(2025, 11, 6)}
ONE_LEVEL = {"levels": [list(TERMS)]}

#: Term, scenario, policy, points of the decision, session with the term, session without (None: none).
WEIGHED = {
    # Friday is one day late: 1 x 10 points on the first level; without it the own clinician (60) decides
    "past_safe_by": (
        struck([LATE], [THURSDAY_M, FRIDAY_K], **OWN, **STAFF),
        {},
        "T",
        "F",
        {"days_moved": 10, "continuity_broken": 60},
    ),
    # the wait-list counts as one day (10) with the horizon at 0, B on the day as 60 + 2 x 10 minutes
    "not_placed": (
        struck(
            [{}],
            [session("S", 5, "14:00", "15:00", clinic_id="B")],
            clinics=[A | NEAR, B | {"lat": 45.0, "lon": -93.1}],
        ),
        {"horizon_days": 0},
        "S",
        None,
        {"continuity_broken": 60, "told": 40, "added_travel": 20},
    ),
    # a day weighs 100: 100 + 60 on Thursday, 200 on Friday
    "days_moved": (
        struck([{"urgency": 1}], [THURSDAY_M, FRIDAY_K], **OWN, **STAFF),
        {},
        "T",
        "F",
        {"days_moved": 100, "continuity_broken": 60, "told": 40},
    ),
    # a day weighs 10: 10 + 60 on Thursday, 20 on Friday
    "continuity_broken": (
        struck([{}], [THURSDAY_M, FRIDAY_K], **OWN, **STAFF),
        {},
        "F",
        "T",
        {"days_moved": 20, "told": 40},
    ),
    # Thursday at B, 5.56 km away: 5.56 x 1.3 / 45 km/h = 9.6 minutes, so 10 + 2 x 10; 20 on Friday at A
    "added_travel": (
        struck(
            [{}],
            [THURSDAY_M | {"clinician_id": "k", "clinic_id": "B"}, FRIDAY_K],
            clinics=[A | NEAR, B | {"lat": 45.0, "lon": -93.1}],
            **OWN,
            **STAFF,
        ),
        {},
        "F",
        "T",
        {"days_moved": 20, "told": 40},
    ),
    # standby costs 40 + 60, Friday 40 + 20
    "standby": (struck([{}], [FRIDAY], working=0.1), {}, "F", "Z", {"days_moved": 20, "told": 40}),
}


@pytest.mark.parametrize("term", WEIGHED)
def test_each_term_decides_and_counts_as_worked_by_hand(term):
    """The points are those worked by hand, and with the term's weight at 0 the visit goes elsewhere."""
    scenario, chosen, with_it, without_it, expected = WEIGHED[term]
    row = decided(plan(scenario, **chosen), "v0")
    assert row["new_session_id"] == with_it
    assert {name: row[name] for name in TERMS if row[name]} == {"told": 40, **expected}
    row = decided(plan(scenario, **chosen, weights={term: 0}), "v0")
    assert row["new_session_id"] == without_it
    assert row[term] == 0


def test_whom_to_tell_decides_between_one_visit_and_two():
    """A visit of two units or two of one may stand: 2 x 20 + 40 to tell one, 2 x (2 x 5 + 40) for two."""
    visits = [{"minutes": 30, "urgency": 3}, {"urgency": 5}, {"urgency": 5}]
    scenario = struck(visits, [FRIDAY], working=0.5)
    cover = scenario.cover.with_columns(scheduled_minutes=100)  # 3 of 10 posts stand: 30 minutes in the hour
    scenario = scenario.replace(cover=cover.filter(hour=8))
    chosen = {"standby_from_urgency": 6}
    told = plan(scenario, **chosen)
    assert [decided(told, f"v{n}")["option"] == "stand" for n in range(3)] == [False, True, True]
    assert told.facts["terms"]["told"] == 40
    untold = plan(scenario, **chosen, weights={"told": 0})
    assert [decided(untold, f"v{n}")["option"] == "stand" for n in range(3)] == [True, False, False]


def test_a_day_late_costs_its_weight():
    """A visit of urgency 1 two days late costs 2 x 100 x 3 points where the weight is 3."""
    row = decided(
        plan(struck([{"urgency": 1, "safe_by": None}], [FRIDAY]), weights={"past_safe_by": 3}), "v0"
    )
    assert (row["safe_by"], row["past_safe_by"], row["days_moved"]) == (STRIKE, 600, 200)


def test_the_wait_list_counts_as_the_day_after_the_window():
    """D1 is the 3rd of December: 29 days moved at 10, and 15 days past a safe-by date of the 19th."""
    row = decided(plan(struck([{"safe_by": None}])), "v0")
    assert row["safe_by"] == date(2025, 11, 19)
    points = {name: row[name] for name in TERMS if row[name]}
    assert points == {"past_safe_by": 150, "not_placed": 1, "days_moved": 290, "told": 40}
    assert [row[f"new_{name}"] for name in ("clinic_id", "session_id", "clinician_id", "start")] == [None] * 4


def test_standing_costs_nothing_even_after_the_safe_by_date():
    """A visit that is late in the book already costs nothing more where it stands."""
    row = decided(plan(struck([{"safe_by": date(2025, 11, 1)}], working=1.0)), "v0")
    assert row["option"] == "stand"
    assert sum(row[name] for name in TERMS) == 0


def test_nobody_travels_to_a_video_visit():
    """A visit by video at a site an hour away adds no journey; in person at one nearby it does."""
    clinics = [A | NEAR, B | FAR]
    video = struck([{"video_ok": True}], [FRIDAY | {"clinic_id": "B", "mode": "video"}], clinics=clinics)
    assert decided(plan(video), "v0")["added_travel"] == 0


def test_levels_come_one_after_the_other():
    """A point of the first level outweighs any number of the next, whichever order the user gives."""
    scenario = WEIGHED["past_safe_by"][0]
    default = plan(scenario)
    assert decided(default, "v0")["new_session_id"] == "T"
    assert [level["name"] for level in default.facts["levels"]][:2] == ["past_safe_by", "not_placed"]
    first, *others = ["continuity_broken", *(name for name in TERMS if name != "continuity_broken")]
    turned = plan(scenario, levels=[[first], others])
    assert decided(turned, "v0")["new_session_id"] == "F"
    assert [level["cost"] for level in turned.facts["levels"]] == [0, 10 + 20 + 40]


def test_terms_on_one_level_are_a_weighted_sum():
    """On one level a late day (10, and 10 more) is cheaper than 60 for continuity, until it costs 60."""
    scenario = WEIGHED["past_safe_by"][0]
    assert decided(plan(scenario, **ONE_LEVEL), "v0")["new_session_id"] == "F"
    dear = plan(scenario, **ONE_LEVEL, weights={"past_safe_by": 6})
    assert decided(dear, "v0")["new_session_id"] == "T"
    (level,) = dear.facts["levels"]
    assert level["cost"] == 10 + 60 + 40 == sum(dear.facts["terms"].values())


def test_weights_too_large_to_be_ordered_are_a_fault_of_the_policy():
    """Levels that would not fit into 64 bits are refused with a remedy."""
    chosen = {
        "levels": [[name] for name in TERMS],
        "weights": dict.fromkeys(TERMS, 1000)
        | dict.fromkeys(["continuity_broken", "told", "standby"], 100_000),
        "urgency_weight": [1000] * 6,
        "horizon_days": 365,
    }
    own = FRIDAY | {"clinician_id": "m"}
    with pytest.raises(InputError, match="smaller weights"):
        plan(struck([{"safe_by": None}], [own], working=0.1, **STAFF), **chosen)


def test_pairs_of_the_problem_are_those_that_the_rules_allow():
    """Each visit has a pair with each open interval that every rule allows, one by one."""
    from visits_factory import case_of

    for seed in range(8):
        case = case_of(seed)
        scenario = Scenario.of(case.network, case.changes)
        day = build(scenario, case.policy, open_book(scenario, case.policy, AS_OF))
        rules = {**SITE_RULES, **POST_RULES}.values()
        for item, size in enumerate(day.problem.size.tolist()):
            own = day.problem.bin[day.problem.start[item] : day.problem.start[item + 1]]
            found = set(own[own < day.intervals.height].tolist())
            expected = {
                at
                for at, units in enumerate(day.intervals["units"].to_list())
                if size <= units
                and all(rule(day.facts, np.array([item]), day.session_of[[at]])[0] for rule in rules)
            }
            assert found == expected


@pytest.mark.parametrize(
    ("kinds", "held", "option"),
    [
        (("primary", "primary"), {}, "own_clinician"),
        (("primary", "primary"), {"clinician_id": "m"}, "another_clinician"),
        (("primary", "primary"), {"clinic_id": "B"}, "another_clinic"),
        (("primary", "primary"), {"clinic_id": "B", "mode": "video"}, "video"),
        (("primary", "urgent_care"), {"clinic_id": "B"}, "urgent_care"),
        (("primary", "urgent_care"), {"clinic_id": "B", "mode": "video"}, "video"),
        (("urgent_care", "urgent_care"), {"clinic_id": "B"}, "urgent_care"),
        (("urgent_care", "urgent_care"), {}, "own_clinician"),
    ],
)
def test_options_are_named_by_what_they_are(kinds, held, option):
    """The first that holds of video, urgent care elsewhere, own clinician, booked clinic; else another."""
    clinics = [site | NEAR | {"kind": kind} for site, kind in zip((A, B), kinds, strict=True)]
    scenario = struck([{"video_ok": True}], [FRIDAY | held], clinics=clinics, **STAFF)
    assert decided(plan(scenario), "v0")["option"] == option
