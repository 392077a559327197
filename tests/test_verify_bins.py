"""What is open, worked by hand: lanes, gaps, cuts, the reserve, the laying of visits, and the cover."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tideover.nouns import Network, Policy, Scenario
from tideover.verify.bins import Span, gaps, give_up, intervals, lanes, whole_units
from tideover.verify.case import Case, Pin
from tideover.verify.cover import Cover, cover, pools, standby_left
from tideover.verify.decisions import Decision
from tideover.verify.places import at_once, can_be_laid
from tideover.verify.reserve import Reserve, weekdays
from tideover.verify.sites import desks_of, stands

MONDAY = date(2025, 11, 3)
STRIKE = date(2025, 11, 5)


def at(minute: int, day: date = STRIKE) -> datetime:
    """Return the moment ``minute`` after eight o'clock."""
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=8, minutes=minute)


def span(start: int, end: int) -> Span:
    return Span(at(start), at(end))


def book(sessions: list[dict[str, Any]], visits: list[dict[str, Any]], **more: Any) -> Case:
    """Return the case of one clinic whose session Z, all struck, holds the 15-minute visit v."""
    struck = {"session_id": "Z", "clinic_id": "A", "start": at(0), "end": at(120), "posts": 10}
    affected = {"visit_id": "v", "clinic_id": "A", "session_id": "Z", "start": at(0), "minutes": 15}
    tables = {
        "clinics": pl.DataFrame({"clinic_id": ["A"]}),
        "clinicians": pl.DataFrame({"clinician_id": ["k"], "clinic_id": ["A"], "daily_minutes": [60]}),
        "sessions": pl.DataFrame([struck, *sessions], infer_schema_length=None),
        "visits": pl.DataFrame([affected, *visits], infer_schema_length=None),
    }
    scenario = Scenario(Network.of(tables))
    rows = {
        "lost": [("Z", at(0), at(120), "strike", "P"), *more.get("lost", [])],
        "pools": [("P", STRIKE, 10, 0.25, "0.25")],
        "members": [("P", STRIKE, "A")],
        "cover": [("P", STRIKE, 8, 600), ("P", STRIKE, 9, 300)],
    }
    frames = {
        name: pl.DataFrame(data, schema=getattr(scenario, name).schema, orient="row")
        for name, data in rows.items()
    }
    policy = Policy.of(more.get("policy", {}))
    return Case.of(scenario.replace(**frames), policy, more.get("as_of", MONDAY), more.get("pins", []))


def held(number: int, session_id: str, start: int, minutes: int, day: date) -> dict[str, Any]:
    row = {"visit_id": f"x{number}", "clinic_id": "A", "session_id": session_id}
    return row | {"start": at(start, day), "minutes": minutes}


def session(session_id: str, day: date, minutes: int, **more: Any) -> dict[str, Any]:
    return {"session_id": session_id, "clinic_id": "A", "start": at(0, day), "end": at(minutes, day)} | more


def test_lanes_take_the_lowest_that_is_free() -> None:
    """Four visits on two lanes; the fourth finds none free and joins the one that ends first."""
    visits = [(span(0, 30), "a"), (span(0, 45), "b"), (span(30, 60), "c"), (span(40, 50), "d")]
    assert lanes(visits, 2) == [[span(0, 30), span(30, 60)], [span(0, 45), span(40, 50)]]


def test_gaps_are_what_visits_leave() -> None:
    """Visits that overlap count once, and one that runs into the stretch takes its beginning."""
    lane = [span(-10, 5), span(20, 40), span(30, 35), span(50, 90)]
    assert gaps(lane, span(0, 60)) == [span(5, 20), span(40, 50)]


@given(st.lists(st.integers(1, 9), max_size=8), st.integers(0, 40), st.integers(1, 3))
def test_giving_up_gives_enough(capacities: list[int], reserve: int, multiple: int) -> None:
    """What is kept and the reserve never exceed what there was, and without a reserve all is kept."""
    keeps = give_up(capacities, reserve, multiple)
    assert sum(keeps) <= max(0, sum(capacities) - reserve)
    assert all(0 <= kept <= whole for kept, whole in zip(keeps, capacities, strict=True))
    assert give_up(capacities, 0, multiple) == capacities


def test_giving_up_by_hand() -> None:
    """Of 4 + 4 + 4 units less 3, the intervals keep floor(4 * 9 / 12) = 3, then 6 - 3 and 9 - 6."""
    assert give_up([4, 4, 4], 3, 1) == [3, 3, 3]
    assert give_up([4, 4, 4], 3, 2) == [2, 4, 2]


def test_intervals_after_the_cuts() -> None:
    """Two posts for an hour, 80 minutes open, half an hour lost, 15 held: floor(80/2) - 15 = 25 minutes."""
    friday = STRIKE + timedelta(days=2)
    case = book(
        [session("S", friday, 60, posts=2, open_minutes=80)],
        [held(1, "S", 30, 15, friday)],
        lost=[("S", at(0, friday), at(30, friday), "leave", None)],
    )
    found = intervals(case, Reserve(case))
    assert [(i.lane, i.start, i.end, i.units) for i in found] == [(1, at(30, friday), at(60, friday), 1)]


def test_a_clinicians_day_is_limited() -> None:
    """Of sixty minutes a day 20 are held in the first session: 40 are left, two units of six."""
    friday = STRIKE + timedelta(days=2)
    later = session("T", friday, 0) | {"start": at(180, friday), "end": at(225, friday), "clinician_id": "k"}
    case = book([session("S", friday, 65, clinician_id="k"), later], [held(1, "S", 0, 20, friday)])
    assert [(i.session_id, i.units) for i in intervals(case, Reserve(case))] == [("S", 2)]


@pytest.mark.parametrize(("closes_on", "found"), [(None, 1), (date(2025, 11, 7), 0), (date(2025, 11, 8), 1)])
def test_closed_clinics_and_the_window(closes_on: date | None, found: int) -> None:
    """Sessions count up to the day before a clinic closes; those before the window's first day never do."""
    case = book([session("S", date(2025, 11, 7), 15), session("R", date(2025, 11, 4), 15)], [])
    clinics = case.scenario.network.clinics.with_columns(closes_on=pl.lit(closes_on, pl.Date))
    scenario = case.scenario.replace(network=case.scenario.network.replace(clinics=clinics))
    case = Case.of(scenario, case.policy, case.as_of, [])
    assert len(intervals(case, Reserve(case))) == found


def test_weekdays_of_a_span() -> None:
    """From Friday to Tuesday there are two, Friday and Monday; backwards there are none."""
    assert weekdays(date(2025, 11, 7), date(2025, 11, 11)) == 2
    assert weekdays(date(2025, 11, 11), date(2025, 11, 7)) == 0


def test_reserve_by_hand() -> None:
    """On Monday the 3rd, what is still to come for Friday the 7th, from the leads of three dates.

    L(Friday) = weekdays in [4 Nov, 7 Nov) + 1 = 4, so leads 0 to 3 are to come. History dates: Mondays 27 Oct
    and 3 Nov, Friday 31 Oct, and the 5th and 7th themselves. Lead 0 was observed on dates up to the 3rd
    (L = 0): 27 Oct, 31 Oct, 3 Nov; one of them is a Friday, so all three count: 30 minutes on 27 Oct booked
    that day: 30 / 3. Lead 2 also for the 5th, where L = 2: its 15 minutes booked on Monday make 15 / 4.
    Together 13.75.
    """
    friday, dates = date(2025, 11, 7), [date(2025, 10, 27), date(2025, 10, 31), MONDAY]
    visits = [
        held(1, "H0", 0, 30, dates[0]) | {"booked_on": dates[0]},
        held(2, "H1", 0, 45, dates[1]) | {"booked_on": date(2025, 9, 1)},
        held(3, "H2", 0, 45, dates[2]),
        held(4, "Z", 0, 15, STRIKE) | {"booked_on": MONDAY},
        held(5, "S", 0, 15, friday) | {"booked_on": date(2025, 10, 1)},
    ]
    case = book(
        [session("S", friday, 60), *(session(f"H{n}", day, 60) for n, day in enumerate(dates))], visits
    )
    reserve = Reserve(case)
    assert reserve.still_to_come(friday) == 4
    assert reserve.still_to_come(STRIKE) == 2
    assert reserve.still_to_come(MONDAY) == 0
    assert reserve.minutes("A", friday) == Fraction(30, 3) + Fraction(15, 4)
    # on the strike day only urgent visits count, and these are of urgency 4: leads 0 and 1 of none
    assert reserve.minutes("A", STRIKE) == 0
    # 13.75 minutes are one unit of the three that the Friday session has left
    assert whole_units(reserve.minutes("A", friday), 15) == 1
    assert [i.units for i in intervals(case, reserve)] == [2]


def test_cover_by_hand() -> None:
    """One post of ten stands and one waits: floor(600 / 150) = 4 units, then floor(900 / 150) - 4 = 2."""
    case = book([], [])
    (pool,) = pools(case)
    assert (pool.stand_posts, pool.standby_posts) == (1, 1)
    found = cover(case, Reserve(case))
    assert [(c.hour, c.option, c.units) for c in found] == [
        (8, "stand", 4),
        (9, "stand", 2),
        (8, "standby", 4),
        (9, "standby", 2),
    ]


def test_pinned_visits_take_cover_first() -> None:
    """A visit pinned to stand takes its unit out of its site's hour, one on standby out of its pool's."""
    case = book([], [], pins=[Pin("v", "stand", None, None)])
    desks = desks_of(case, Reserve(case))
    (site,) = desks[0].sites
    assert (site.numbers, site.taken, site.outside) == ((1,), (1, 0), 0)
    assert stands(desks, {("P", STRIKE): {"A": 1}})[0] == Cover("P", STRIKE, 8, "stand", 3, "A")
    assert case.free_visits == []
    case = book([], [], pins=[Pin("v", "standby", None, None)])
    assert standby_left(case, cover(case, Reserve(case)))[0] == Cover("P", STRIKE, 8, "standby", 3)


def test_pinned_visits_occupy_their_session() -> None:
    """A visit pinned into a session leaves the rest of it open."""
    friday = STRIKE + timedelta(days=2)
    case = book([session("S", friday, 45)], [], pins=[Pin("v", "own_clinician", "S", at(15, friday))])
    assert [(i.start, i.units) for i in intervals(case, Reserve(case))] == [
        (at(0, friday), 1),
        (at(30, friday), 1),
    ]


def test_visits_at_once() -> None:
    """A visit that ends as another starts is not at once with it."""
    assert at_once([span(0, 30), span(15, 30), span(30, 45)]) == [
        (at(0), 1),
        (at(15), 2),
        (at(30), 1),
        (at(45), 0),
    ]


@pytest.mark.parametrize(
    ("starts", "can"),
    [
        ([(0, 15), (15, 15), (0, 15)], True),
        ([(0, 15), (0, 30)], True),
        ([(0, 15), (0, 15), (0, 15)], False),
        ([(0, 30), (0, 30)], False),
        ([(45, 15)], False),
        ([(0, 15), (15, 15), (30, 15), (0, 15)], False),
    ],
)
def test_laying_visits_on_intervals(starts: list[tuple[int, int]], can: bool) -> None:
    """Two lanes of 45 minutes keep two units and one: visits must find room in one of them each."""
    friday = STRIKE + timedelta(days=2)
    case = book([session("S", friday, 45, posts=2, open_minutes=45)], [])
    found = intervals(case, Reserve(case))
    assert [i.units for i in found] == [3]
    halves = [
        found[0].__class__(*("S", "A", None, lane, at(0, friday), at(45, friday), 2 - lane))
        for lane in (0, 1)
    ]
    moved = []
    for start, minutes in starts:
        visit = case.visits["v"].__class__(**{**vars(case.visits["v"]), "minutes": minutes})
        moved.append(Decision(visit, "own_clinician", case.sessions["S"], at(start, friday), {}))
    assert can_be_laid(case, halves, moved) is can


def test_laying_many_visits_on_many_lanes() -> None:
    """Seventeen visits that a plan laid on twelve intervals are found to fit."""
    friday = STRIKE + timedelta(days=2)
    case = book([session("S", friday, 150, posts=10)], [])
    rooms = [(0, 15, 1), (0, 20, 1), (0, 25, 1), (0, 25, 1), (0, 75, 5), (0, 100, 6), (0, 115, 7)]
    rooms += [(0, 120, 8)] * 3 + [(30, 50, 1), (85, 100, 1)]
    made = intervals(case, Reserve(case))[0].__class__
    open_here = [
        made("S", "A", None, lane, at(start, friday), at(end, friday), units)
        for lane, (start, end, units) in enumerate(rooms)
    ]
    starts = [(0, m) for m in (45, 15, 30, 15, 30, 15, 15, 30, 60)]
    starts += [(15, 60), (30, 45), (30, 45), (30, 60), (45, 60), (60, 60), (75, 45), (75, 45)]
    moved = []
    for start, minutes in starts:
        visit = case.visits["v"].__class__(**{**vars(case.visits["v"]), "minutes": minutes})
        moved.append(Decision(visit, "own_clinician", case.sessions["S"], at(start, friday), {}))
    assert can_be_laid(case, open_here, moved)
