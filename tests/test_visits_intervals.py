"""What is open, kept and covered: each worked by hand from the formulation before it is compared."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tideover.disruptions.leave import Leave
from tideover.nouns import Policy, Scenario
from tideover.visits import Book, open_book
from tideover.visits.cover import cover_bins, posts_worked
from tideover.visits.forecast import forecast, leads_to_come
from tideover.visits.intervals import keep, open_intervals
from visits_factory import AS_OF, STRIKE, Row, moment, network, pins, session, struck

FRIDAY = date(2025, 11, 7)
#: Friday 08:00 to 10:00, two posts, three visits: on lanes 0 (08:00-08:30, 09:00-09:30) and 1 (08:15-08:45).
HELD = [
    {"session_id": "F", "start": moment(FRIDAY, "08:00"), "minutes": 30},
    {"session_id": "F", "start": moment(FRIDAY, "08:15"), "minutes": 30},
    {"session_id": "F", "start": moment(FRIDAY, "09:00"), "minutes": 30},
]


def gaps(scenario: Scenario, policy: Policy | None = None, pinned: pl.DataFrame | None = None) -> list[tuple]:
    """Return (session, lane, start, units) of the open intervals as of Monday."""
    policy = policy or Policy.default()
    found = open_intervals(scenario, policy, open_book(scenario, policy, AS_OF, pinned))
    clock = pl.col("start").dt.strftime("%H:%M")
    return found.select("session_id", "lane", clock, "units").rows()


def friday(*changes: Leave, **more: object) -> Scenario:
    """Return the strike of Wednesday with the Friday above; ``more`` goes into its session."""
    return struck([{}, *HELD], [session("F", 7, "08:00", "10:00", posts=2, **more)], changes=list(changes))


def test_gaps_on_two_lanes():
    """What three visits on two lanes leave free, in units of a quarter of an hour."""
    assert gaps(friday()) == [
        ("F", 1, "08:00", 1),
        ("F", 0, "08:30", 2),
        ("F", 1, "08:45", 5),
        ("F", 0, "09:30", 2),
    ]


def test_a_visit_that_overlaps_takes_the_lane_that_ends_first():
    """A third visit at 08:20 on two full lanes goes to lane 0, which ends first and now at 08:40 (8).

    Of 9 units the session's limit leaves 8: 240 minutes less 30 + 30 + 30 + 20.
    """
    more = {"session_id": "F", "start": moment(FRIDAY, "08:20"), "minutes": 20}
    scenario = struck([{}, *HELD, more], [session("F", 7, "08:00", "10:00", posts=2)])
    assert gaps(scenario)[1:] == [("F", 0, "08:40", 1), ("F", 1, "08:45", 5), ("F", 0, "09:30", 1)]


def test_an_overlapping_visit_may_take_the_second_lane():
    """Lane 0 ends at 08:45, lane 1 at 08:30: the visit of 08:20 goes to lane 1, which then ends at 08:40."""
    times = [("08:00", 45), ("08:15", 15), ("08:20", 20)]
    held = [{"session_id": "F", "start": moment(FRIDAY, start), "minutes": m} for start, m in times]
    scenario = struck([{}, *held], [session("F", 7, "08:00", "09:10", posts=2)])
    assert gaps(scenario) == [("F", 1, "08:00", 1), ("F", 1, "08:40", 2), ("F", 0, "08:45", 1)]


def test_the_limit_of_a_session_cuts_its_last_intervals():
    """Of 180 bookable minutes 90 are booked, so 6 units are left: 1, 2 and 3 of 5."""
    assert gaps(friday(open_minutes=180)) == [
        ("F", 1, "08:00", 1),
        ("F", 0, "08:30", 2),
        ("F", 1, "08:45", 3),
    ]


def test_an_overbooked_session_is_closed():
    """Where more is booked than may be, nothing is open, and nothing is negative."""
    assert gaps(friday(open_minutes=60)) == []


def test_a_part_lost_session_keeps_what_is_left():
    """With leave from 09:00, half of 170 bookable minutes is 85; 60 are booked, so 1 unit is left, at 08:00.

    The visit of 09:00 is affected and occupies nothing.
    """
    away = Leave(dates=(FRIDAY,), clinics=("A",), hours="09:00-24:00")
    assert gaps(friday(away)) == [("F", 1, "08:00", 1), ("F", 0, "08:30", 2), ("F", 1, "08:45", 1)]
    assert gaps(friday(away, open_minutes=170)) == [("F", 1, "08:00", 1)]


def test_a_part_day_strike_leaves_the_rest_of_the_day_open():
    """A strike until 09:00 leaves an hour of ten posts; what is booked into it is not affected."""
    from tideover.disruptions.strike import Strike

    late = {"start": moment(STRIKE, "09:00")}
    scenario = struck([{}, late])
    part = Scenario.of(scenario.network, [Strike(dates=(STRIKE,), working=0.0, hours="00:00-09:00")])
    book = open_book(part, Policy.default(), AS_OF)
    assert book.booked.select("visit_id", "affected").rows() == [("v0", True), ("v1", False)]
    assert gaps(part) == [*(("Z", lane, "09:00", 4) for lane in range(1, 10)), ("Z", 0, "09:15", 3)]


def test_the_longest_day_of_a_clinician_cuts_over_all_sessions():
    """Of 90 minutes a day 30 are booked; 4 units are left, first come first: 2 at A, 2 of 4 at B."""
    own = {"clinician_id": "k"}
    sessions = [
        session("F", 7, "08:00", "09:00", **own),
        session("G", 7, "09:00", "10:00", clinic_id="B", **own),
        session("H", 10, "09:00", "09:30", clinic_id="B", **own),
    ]
    booked = [
        {"session_id": "F", "start": moment(FRIDAY, "08:00"), "minutes": 15},
        {"session_id": "F", "start": moment(FRIDAY, "08:45"), "minutes": 15},
    ]
    tables = {"clinics": [{"clinic_id": "A"}, {"clinic_id": "B"}]}
    tables["clinicians"] = [{"clinician_id": "k", "clinic_id": "A", "daily_minutes": 90}]
    scenario = struck([{}, *booked], sessions, **tables)
    assert gaps(scenario) == [("F", 0, "08:15", 2), ("G", 0, "09:00", 2), ("H", 0, "09:00", 2)]


def test_dates_of_the_window_and_of_service():
    """New dates run from as-of plus lead time to the strike plus horizon, while the clinic is open."""
    days = [4, 5, 6, 7, 8]
    sessions = [session(f"D{day}", day, "12:00", "12:15") for day in days]
    policy = Policy.of({"contact_lead_days": 2, "horizon_days": 2})
    assert [row[0] for row in gaps(struck([{}], sessions), policy)] == ["D5", "D6", "D7"]
    shut = {"clinic_id": "A", "opens_on": date(2025, 11, 6), "closes_on": date(2025, 11, 7)}
    assert [row[0] for row in gaps(struck([{}], sessions, clinics=[shut]), policy)] == ["D6"]


def test_the_unit_is_the_greatest_common_divisor():
    """Visits of 20 and 30 minutes have units of 10; gaps under one unit are dropped."""
    scenario = struck([{"minutes": 20}, {"minutes": 30}], [session("F", 7, "08:00", "08:25")])
    assert open_book(scenario, Policy.default(), AS_OF).unit == 10
    assert gaps(scenario) == [("F", 0, "08:00", 2)]


def test_a_pinned_visit_occupies_its_place():
    """Half an hour pinned to 08:30 leaves 08:00 and 09:00."""
    scenario = struck([{"minutes": 30}, {"minutes": 30}], [session("F", 7, "08:00", "09:30")])
    pinned = pins(("v0", "own_clinician", "F", moment(FRIDAY, "08:30")))
    assert gaps(scenario, pinned=pinned) == [("F", 0, "08:00", 1), ("F", 0, "09:00", 1)]


@pytest.mark.parametrize(
    ("capacities", "give_up", "quantum", "kept"),
    [
        ([2, 3, 1], 0, 1, [2, 3, 1]),
        # keep 4 of 6: cumulated 2, 5, 6 allow floor(8/6), floor(20/6), 4, so 1, 2 and 1
        ([2, 3, 1], 2, 1, [1, 2, 1]),
        # in pairs: 1 is no pair; then 3 may be kept, which is the whole interval; then 1, the whole again
        ([2, 3, 1], 2, 2, [0, 3, 1]),
        ([4, 4], 3, 2, [2, 2]),
        ([2, 3], 9, 1, [0, 0]),
        ([], 3, 1, []),
    ],
)
def test_keep_by_hand(capacities, give_up, quantum, kept):
    """The reserve is given up evenly along the intervals (formulation 13)."""
    assert keep(np.array(capacities, np.int64), give_up, quantum).tolist() == kept


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(0, 60), st.integers(1, 4))
def test_what_is_kept_never_exceeds_what_may_be(capacities, give_up, quantum):
    """No interval keeps more than it has; together no more than is left; with quantum 1 exactly that."""
    kept = keep(np.array(capacities, np.int64), give_up, quantum)
    left = max(0, sum(capacities) - give_up)
    assert all(0 <= k <= c for k, c in zip(kept, capacities, strict=True))
    assert kept.sum() <= left
    if quantum == 1:
        assert kept.sum() == left


def book_of(rows: list[tuple[date, date | None, int]], as_of: date = AS_OF) -> Book:
    """Return a book of visits (date, booked_on, minutes) at clinic A, urgency 2 if under 15 minutes."""
    visits: list[Row] = [
        {
            "visit_id": f"v{n}",
            "clinic_id": "A",
            "start": moment(day, "08:00"),
            "booked_on": booked,
            "minutes": minutes,
            "urgency": 2 if minutes < 15 else 4,
        }
        for n, (day, booked, minutes) in enumerate(rows)
    ]
    seen = network(clinics=[{"clinic_id": "A"}], visits=visits).visits
    seen = seen.with_columns(
        pl.col("start").dt.date().alias("date"), pl.lit(None, pl.String()).alias("employer")
    )
    return Book(as_of, seen, seen, seen, 15, as_of, STRIKE + timedelta(days=28))


def minutes(book: Book, day: date, to_urgency: int = 6) -> float:
    found = forecast(book, [day], 42, to_urgency)
    return float(found["minutes"].sum())


def october(day: int) -> date:
    return date(2025, 10, day)


def test_forecast_takes_dates_of_the_same_weekday():
    """Seen on Monday, Wednesday still gets leads 1 and 0; two Wednesdays brought 30 + 15 and 0 + 15 minutes.

    Lead 0: (30 + 0) / 2 = 15; lead 1: (15 + 15) / 2 = 15. What was booked with lead 2 is already seen, and
    Thursday's counts for nothing, as two Wednesdays are enough.
    """
    rows = [
        (october(29), october(29), 30),
        (october(29), october(28), 15),
        (october(22), october(21), 15),
        (october(22), october(20), 60),
        (october(30), october(30), 480),
    ]
    assert minutes(book_of(rows), STRIKE) == 30.0


def test_forecast_takes_all_dates_where_the_weekday_is_rare():
    """With one Wednesday only, all three dates count: lead 0 is (30 + 0 + 15) / 3, lead 1 is 15 / 3."""
    rows = [
        (october(29), october(29), 30),
        (october(30), october(29), 15),
        (october(31), october(31), 15),
    ]
    assert minutes(book_of(rows), STRIKE) == pytest.approx(20.0)


def test_forecast_leaves_out_leads_that_a_date_has_not_seen():
    """The coming Wednesday has seen only leads from 2 up, so it says nothing of leads 0 and 1.

    It is a history date with lead 2, for which a Wednesday two weeks later still waits: (45 + 15) / 2.
    """
    rows = [(STRIKE, AS_OF, 45), (october(29), october(27), 15)]
    later = STRIKE + timedelta(days=14)
    assert leads_to_come(AS_OF, [AS_OF, STRIKE, later]).tolist() == [0, 2, 12]
    assert minutes(book_of(rows), STRIKE) == 0.0
    assert minutes(book_of(rows), later) == 30.0


def test_forecast_on_a_weekend():
    """Seen on Saturday, Monday still gets lead 0, with which Friday's and Sunday's bookings came before.

    A visit booked on a Friday for Monday has lead 1 (the Friday), one booked on the Sunday lead 0.
    """
    saturday = date(2025, 11, 1)
    assert leads_to_come(saturday, [date(2025, 11, 2), date(2025, 11, 3), date(2025, 11, 4)]).tolist() == [
        1,
        1,
        2,
    ]
    rows = [(october(27), october(24), 480), (october(27), october(26), 30), (october(20), october(20), 10)]
    assert minutes(book_of(rows, saturday), date(2025, 11, 3)) == 20.0


def test_forecast_of_visits_without_a_booking_date():
    """They are left out of the minutes, but their dates are history: 30 over two Wednesdays is 15."""
    rows = [(october(29), october(29), 30), (october(22), None, 60)]
    assert minutes(book_of(rows), STRIKE) == 15.0
    assert minutes(book_of([(october(22), None, 60)]), STRIKE) == 0.0


def test_forecast_of_urgent_visits_and_of_bookings_noted_late():
    """Up to urgency 2 only the ten minutes count; a booking noted after its day counts as lead 0."""
    rows = [(october(29), october(29), 30), (october(22), october(23), 10)]
    assert minutes(book_of(rows), STRIKE, to_urgency=2) == 5.0
    assert minutes(book_of(rows), STRIKE) == 20.0


def test_history_begins_where_the_policy_says():
    """Dates before as-of less history days are no history."""
    rows = [(october(29), october(29), 30), (october(22), october(22), 10)]
    found = forecast(book_of(rows), [STRIKE], 7)
    assert found["minutes"].to_list() == [30.0]


def test_the_reserve_is_kept_free():
    """The four Fridays before brought 30 minutes each on the day: Friday keeps two of its four units free."""
    past = [date(2025, 10, day) for day in (10, 17, 24, 31)]
    rows = [
        {"session_id": None, "start": moment(day, "08:00"), "minutes": 30, "booked_on": day} for day in past
    ]
    scenario = struck([{}, *rows], [session("F", 7, "08:00", "09:00")])
    assert gaps(scenario) == [("F", 0, "08:00", 2)]
    assert gaps(scenario, Policy.of({"history_days": 3})) == [("F", 0, "08:00", 2)]
    assert gaps(scenario, Policy.of({"history_days": 2})) == [("F", 0, "08:00", 4)]
    assert gaps(struck([{}], [session("F", 7, "08:00", "09:00")])) == [("F", 0, "08:00", 4)]


def test_stand_and_standby_posts():
    """Of ten posts, a quarter worked, 1 stands (P(X < 1) = 0.056, P(X < 2) = 0.244); 1 more is expected."""
    row = posts_worked(struck([{}], working=0.25), Policy.default()).row(0, named=True)
    assert (row["posts"], row["stand_posts"], row["standby_posts"]) == (10, 1, 1)
    even = posts_worked(struck([{}], working=0.25), Policy.of({"stand_quantile": 0.5})).row(0, named=True)
    assert (even["stand_posts"], even["standby_posts"]) == (2, 0)


def test_cover_by_the_hour_adds_up():
    """Three of ten posts stand; 600 minutes an hour make 180 and 360, in units of 40: 4 and 9 - 4."""
    scenario = struck([{"minutes": 40}], working=0.5)
    cover = cover_bins(scenario, Policy.default(), open_book(scenario, Policy.default(), AS_OF))
    assert cover.select("hour", "stand", "standby").rows() == [(8, 4, 3), (9, 5, 3)]


def test_cover_gives_up_the_reserve_for_urgent_visits():
    """Two Wednesdays brought 30 urgent minutes each on the day: of 3 x 4 x 2 = 24 units 2 are kept free.

    Of 12 and 12, floor(12 x 22 / 24) = 11 and 22 - 11 = 11 are left to stand.
    """
    past = [
        {
            "session_id": None,
            "start": moment(day, "08:00"),
            "minutes": 30,
            "booked_on": day,
            "urgency": urgency,
        }
        for day in (october(29), october(22))
        for urgency in (2, 3)
    ]
    scenario = struck([{}, *past], working=0.5)
    book = open_book(scenario, Policy.default(), AS_OF)
    assert cover_bins(scenario, Policy.default(), book)["stand"].to_list() == [11, 11]
    assert cover_bins(scenario, Policy.default(), book, reserve=False)["stand"].to_list() == [12, 12]
    nothing = Policy.of({"reserve_to_urgency": 0})
    assert cover_bins(scenario, nothing, book)["stand"].to_list() == [12, 12]


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.integers(1, 90), st.integers(0, 1200))
def test_cover_never_exceeds_the_posts_that_work(share, length, open_minutes):
    """Stand and standby units hold the posts' share of what was to be held, but for less than a unit."""
    net = struck([{"minutes": length}], working=share).network
    net = net.replace(sessions=net.sessions.with_columns(open_minutes=open_minutes))
    scenario = Scenario.of(net, struck([{}], working=share).changes)
    policy = Policy.default()
    cover = cover_bins(scenario, policy, open_book(scenario, policy, AS_OF), reserve=False)
    posts = posts_worked(scenario, policy).row(0, named=True)
    for option in ("stand", "standby"):
        worked = open_minutes * posts[f"{option}_posts"] / 10
        units = int(cover[option].sum())
        assert units * length <= worked < (units + 1) * length


def test_more_posts_at_work_never_cover_less():
    """By every hour a greater working share covers at least as much."""
    before = [0, 0]
    for share in (0.0, 0.1, 0.25, 0.4, 0.5, 0.75, 1.0):
        scenario = struck([{}], working=share)
        cover = cover_bins(scenario, Policy.default(), open_book(scenario, Policy.default(), AS_OF))
        now = cover["stand"].cum_sum().to_list()
        assert all(a <= b for a, b in zip(before, now, strict=True))
        before = now
    assert before == [40, 80]
