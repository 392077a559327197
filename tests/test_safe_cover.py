"""Minimum safe cover: worked by hand, against brute force, and by law."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tideover.disruptions.strike import Strike
from tideover.errors import InputError
from tideover.nouns import Plan, Policy, Scenario
from tideover.visits import plan_strike_day
from tideover.visits.packs import role_sets
from visits_factory import AS_OF, STRIKE, case_of, moment, pins, session, struck

LAW = settings(deadline=None, max_examples=10, suppress_health_check=list(HealthCheck), database=None)
EVERYBODY = ["np", "pa", "physician"]
URGENT: dict[str, Any] = {"urgency": 1, "safe_by": STRIKE}


def at(clock: str) -> dict[str, Any]:
    """Return an urgent visit of the strike day at ``clock``."""
    return URGENT | {"start": moment(STRIKE, clock)}


def cover(visits: list[dict[str, Any]], until: str = "16:00", **more: Any) -> dict[str, Any]:
    """Return the safe cover of a struck team from 08:00 ``until``, of which nobody works unless said."""
    policy = Policy.of(more.pop("policy", {}))
    pinned = more.pop("pinned", None)
    working = more.pop("working", 0.0)
    net = struck(visits, **more).network
    longer = pl.when(pl.col("session_id") == "Z").then(pl.lit(moment(STRIKE, until))).otherwise("end")
    net = net.replace(sessions=net.sessions.with_columns(end=longer))
    scenario = Scenario.of(net, [Strike(dates=(STRIKE,), working=working)])
    facts = plan_strike_day(scenario, policy, AS_OF, pinned).facts
    return dict(facts["minimum_safe_cover"])


def asked(need: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    """Return what is asked for: start, end, roles, number."""
    return [
        (row["start"], row["end"], "+".join(row["roles"]), row["sessions"])
        for group in need["by_pool"]
        for row in group["by_role"]
    ]


def test_long_visits_at_one_time_take_a_session_each():
    """Three urgent visits of 160 minutes at 08:00 need three sessions, though 480 minutes would be two.

    A visit of urgency 3 is not counted, and one whose safe-by date was over cannot be helped.
    """
    urgent = at("08:00") | {"minutes": 160}
    visits = [urgent] * 3 + [urgent | {"urgency": 3}, urgent | {"safe_by": date(2025, 11, 4)}]
    need = cover(visits, "12:00")
    assert need["by_pool"] == [
        {
            "pool_id": "pool-A",
            "date": "2025-11-05",
            "visits": 3,
            "minutes": 480,
            "sessions": 3,
            "lower_bound": 3,
            "by_role": [
                {"clinic_id": "A", "roles": EVERYBODY, "start": "08:00", "end": "12:00", "sessions": 3}
            ],
        }
    ]
    assert (need["sessions"], need["lower_bound"], need["proven"]) == (3, 3, True)
    assert need["not_helped"] == 1
    assert need["with_it"]["unsafe_urgent"] == 1


@pytest.mark.parametrize(
    ("clocks", "minutes", "expected"),
    [
        (["08:00", "09:00", "10:00", "11:30"], 60, [("08:00", "12:00", 1)]),
        (["08:00", "08:30", "08:30"], 30, [("08:00", "12:00", 2)]),
        (["08:00", "15:00"], 15, [("08:00", "12:00", 1), ("12:00", "16:00", 1)]),
        (["10:00", "13:00"], 15, [("10:00", "14:00", 1)]),
        (["08:45"], 100, [("08:00", "12:00", 1)]),
        (["15:30"], 60, [("12:00", "16:00", 1)]),
        (["08:00", "08:00", "12:00", "12:00", "10:00"], 60, [("08:00", "12:00", 2), ("12:00", "16:00", 2)]),
    ],
)
def test_sessions_by_hand(clocks: list[str], minutes: int, expected: list[tuple[str, str, int]]):
    """Each of four hours holds an hour of what starts in it; the times are chosen to fit."""
    need = cover([at(clock) | {"minutes": minutes} for clock in clocks])
    assert [(start, end, number) for start, end, _, number in asked(need)] == expected
    assert need["proven"]


def test_a_short_day_still_has_a_session():
    """A team that was to work two hours is covered by one session that starts with it."""
    assert asked(cover([at("09:00")], "10:00")) == [("08:00", "12:00", "np+pa+physician", 1)]


def test_roles_are_asked_for_where_kinds_need_them():
    """An acute visit needs a physician, a procedure a PA or NP; either may see a visit that both may see."""
    policy = {"scope": {"acute": ["physician"], "procedure": ["pa", "np"]}}
    acute, procedure = at("08:00") | {"kind": "acute"}, at("08:00") | {"kind": "procedure"}
    free = at("08:00") | {"kind": "chronic"}
    need = cover([acute, procedure, free, free], policy=policy)
    assert sorted(roles for _, _, roles, _ in asked(need)) == ["np+pa", "physician"]
    assert asked(cover([free], policy=policy)) == [("08:00", "12:00", "np+pa+physician", 1)]
    assert asked(cover([acute], policy=policy)) == [("08:00", "12:00", "physician", 1)]


def test_role_sets_are_the_largest_with_the_same_scope():
    """Seven sets of three roles; those that may see no more than a larger one are not asked for."""
    policy = Policy.of({"scope": {"acute": ("physician",), "procedure": ("pa", "np"), "none": ()}})
    kinds = {"acute", "procedure", "chronic", None, "none"}
    assert role_sets(kinds, policy) == {
        ("np", "pa", "physician"): {"chronic", None},
        ("np", "pa"): {"procedure", "chronic", None},
        ("physician",): {"acute", "chronic", None},
    }
    assert role_sets({"none"}, policy) == {}


def test_a_kind_that_nobody_may_see_is_not_helped():
    """No role may see it, so that no session of any role keeps it safe."""
    need = cover([at("08:00") | {"kind": "odd"}], policy={"scope": {"odd": []}})
    assert (need["sessions"], need["not_helped"]) == (0, 1)


def test_open_time_before_the_safe_by_date_is_used_first():
    """Two urgent visits may wait until Thursday, where one finds room: the other needs a session."""
    later = at("08:00") | {"urgency": 2, "safe_by": date(2025, 11, 6)}
    room = [session("T", 6, "08:00", "08:15")]
    assert cover([later], sessions=room)["sessions"] == 0
    need = cover([later, later], sessions=room)
    assert (need["sessions"], need["lower_bound"]) == (1, 1)
    assert need["by_pool"][0]["visits"] == 1


def test_less_urgent_visits_make_way():
    """A policy that weighs urgency 2 less than 3 leaves one late, for which no session is needed."""
    policy = {"urgency_weight": [1, 1, 50, 1, 1, 1]}
    visits = [at("08:00") | {"urgency": u, "safe_by": date(2025, 11, 6)} for u in (2, 3)]
    need = cover(visits, sessions=[session("T", 6, "08:00", "08:15")], policy=policy)
    assert need["by_pool"][0]["visits"] == 1
    assert (need["sessions"], need["proven"]) == (0, True)
    assert need["with_it"] == {"unsafe_urgent": 0, "stand": 0, "standby": 0, "waitlist": 1}


def test_cover_that_is_there_is_used_first():
    """Of ten posts five work: they hold all of sixteen urgent visits but one."""
    visits = [at("08:00") | {"minutes": 20} for _ in range(16)]
    policy = {"stand_quantile": 0.5, "reserve_to_urgency": 0}
    assert cover(visits, working=0.5, policy=policy)["sessions"] == 1
    assert cover(visits[:15], working=0.5, policy=policy)["sessions"] == 0


def test_which_visits_are_held_is_chosen_to_need_few_sessions():
    """Three visits share one open place on Thursday; the one that is far from the others in time takes it."""
    later = {"urgency": 2, "safe_by": date(2025, 11, 6)}
    visits = [at(clock) | later for clock in ("08:00", "11:00", "15:00")]
    need = cover(visits, sessions=[session("T", 6, "08:00", "08:15")])
    assert asked(need) == [("08:00", "12:00", "np+pa+physician", 1)]


def test_a_patient_pinned_elsewhere_at_the_time_is_not_helped():
    """Whoever must be elsewhere at the booked time cannot be held in a session then."""
    visits = [at("08:00") | {"patient_id": "p"}, at("08:00") | {"patient_id": "p", "urgency": 4}]
    room = [session("T", 5, "08:00", "08:15")]
    pinned = pins(("v1", "own_clinician", "T", moment(STRIKE, "08:00")))
    need = cover(visits, sessions=room, pinned=pinned)
    assert (need["sessions"], need["not_helped"]) == (0, 1)


def brute(visits: list[tuple[int, int]], free: int) -> int:
    """Return the fewest sessions by trying every place of every visit, and every choice of starts.

    Visits are (hour, minutes), none over an hour; ``free`` places hold 45 minutes; the day runs from 8 to
    14, so that sessions start at 8, 9 or 10.
    """
    best = len(visits)
    choices = sorted(product(range(6), repeat=3), key=sum)
    for places in product(range(-1, free), repeat=len(visits)):
        held = [
            sum(m for (_, m), at in zip(visits, places, strict=True) if at == place) for place in range(free)
        ]
        load = dict.fromkeys(range(8, 14), 0)
        for (hour, minutes), place in zip(visits, places, strict=True):
            load[hour] += minutes if place < 0 else 0
        if all(minutes <= 45 for minutes in held):
            best = next((sum(some) for some in choices if sum(some) < best and _enough(some, load)), best)
    return best


def _enough(sessions: tuple[int, ...], load: dict[int, int]) -> bool:
    starts = (8, 9, 10)
    return all(
        60 * sum(n for n, a in zip(sessions, starts, strict=True) if a <= hour < a + 4) >= minutes
        for hour, minutes in load.items()
    )


@settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck), database=None)
@given(
    st.lists(st.tuples(st.integers(8, 13), st.sampled_from([15, 30, 45])), min_size=1, max_size=6),
    st.integers(0, 2),
)
def test_the_fewest_sessions_are_those_of_brute_force(visits: list[tuple[int, int]], free: int):
    """A day of six hours, up to six urgent visits, and up to two open places on the next day."""
    later = {"urgency": 2, "safe_by": date(2025, 11, 6)}
    rows = [at(f"{hour:02}:00") | later | {"minutes": minutes} for hour, minutes in visits]
    room = [session(f"T{n}", 6, "08:00", "08:45") for n in range(free)]
    rows.append(at("08:00") | {"urgency": 6, "safe_by": date(2026, 11, 6), "minutes": 15})
    need = cover(rows, "14:00", sessions=room)
    assert need["sessions"] == brute(visits, free)
    assert need["sessions"] - 1 <= need["lower_bound"] <= need["sessions"]


def made(seed: int, working: float | None = None) -> Plan | None:
    """Return the plan of a random case, perhaps with another share worked; ``None`` where it may not be."""
    case = case_of(seed, large=seed % 2 == 0)
    changes = [
        Strike.from_facts(change.facts() | {"working": working})
        if isinstance(change, Strike) and working is not None
        else change
        for change in case.changes
    ]
    try:
        return plan_strike_day(Scenario.of(case.network, changes), case.policy, AS_OF)
    except InputError:
        return None


@LAW
@given(st.integers(0, 60))
def test_with_the_sessions_no_urgent_visit_is_unsafe_that_can_be_helped(seed: int):
    """What is asked for is enough, no less than the bound, and adds up by pool and role."""
    plan = made(seed)
    if plan is None:
        return
    need = plan.facts["minimum_safe_cover"]
    due = dict(plan.decisions.select("visit_id", "safe_by").iter_rows())
    for place in plan.facts["safe_cover_proof"]["places"]:
        assert place["option"] != "waitlist"
        if place["start"] is not None:
            assert date.fromisoformat(place["start"][:10]) <= due[place["visit_id"]]
    assert need["lower_bound"] <= need["sessions"]
    assert need["sessions"] == sum(group["sessions"] for group in need["by_pool"])
    assert plan.facts["counts"]["unsafe_urgent"] == need["not_helped"] + sum(
        group["visits"] for group in need["by_pool"]
    )
    for group in need["by_pool"]:
        assert group["sessions"] == sum(row["sessions"] for row in group["by_role"])
        assert group["lower_bound"] <= group["sessions"]


@LAW
@given(st.integers(0, 40))
def test_more_posts_worked_never_need_more_sessions(seed: int):
    """If half of the posts are worked, no more sessions are needed than if none are.

    Where no site opens with one post more, sessions help nobody: more posts worked may then ask for more.
    """
    none, half = made(seed, 0.0), made(seed, 0.5)
    if none is not None and half is not None:
        few, many = (plan.facts["minimum_safe_cover"] for plan in (half, none))
        assume(many["not_helped"] <= few["not_helped"])
        assert few["lower_bound"] <= many["sessions"]
        if few["proven"]:
            assert few["sessions"] <= many["sessions"]
