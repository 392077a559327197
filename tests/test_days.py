"""The day under chance: who is seen by the posts worked, its laws, and many days from one seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from days_factory import days_of, everybody, nobody
from tideover.cases import Chances, run_days
from tideover.cases.days import COUNTS, try_days
from tideover.cases.outlook import outlook
from tideover.errors import InputError
from tideover.nouns import Policy
from tideover.nouns.share import WorkingShare
from tideover.visits import plan_strike_day
from tideover.visits.book import open_book
from tideover.visits.days import CLASSES, minutes_worked, seen, strike_days
from tideover.visits.intervals import reserves
from visits_factory import AS_OF, STRIKE, moment, session, struck

RANGE = "0.15..0.25..0.4"


def on_a_day(days, posts, extra=None):
    """Return the counts of the one pool on one day on which everybody comes."""
    extra = nobody(days) if extra is None else extra
    found = seen(days, minutes_worked(days, np.array([[posts]])), everybody(days), extra)
    return {name: int(values[0, 0]) for name, values in found.items()}


def test_a_pool_worked_by_hand():
    """Ten posts hold 100 minutes an hour for three hours; with three posts 30 an hour, 90 in all.

    08: urgency 1, 20 min: 08:00 to 08:20. 08: urgency 4, 30: gets 10 in the first hour, waits while 09:
    urgency 2, 40 takes 30 in the second and 10 in the third, then gets 20 of the third: seen at the very
    end. 10: urgency 5, 15: nothing is left. Standby at 08, 10 min: nothing is left either.
    """
    days = days_of([(0, 0, 20), (3, 0, 30), (1, 1, 40), (4, 2, 15), (8, 0, 10)], [100, 100, 100])
    found = on_a_day(days, 3)
    assert (found["stand_due"], found["stand_lost"]) == (4, 1)
    assert (found["standby_held"], found["standby_lost"]) == (0, 1)
    assert (found["urgent_lost"], found["idle_minutes"]) == (0, 0)
    more = on_a_day(days, 4)  # 40 an hour: 120 in all, of which 115 are asked for
    assert (more["stand_lost"], more["standby_lost"], more["idle_minutes"]) == (0, 0, 5)
    one = on_a_day(days, 1)  # 10 an hour: the first visit ends at the end of the second hour, then 10 of 40
    assert (one["stand_lost"], one["urgent_lost"]) == (3, 1)


def test_work_does_not_come_back():
    """Minutes of an hour in which nobody is due are gone: 100 of the first help no visit of the second."""
    days = days_of([(0, 1, 50)], [1000, 300])
    assert on_a_day(days, 1) | {"idle_minutes": 0} == on_a_day(days, 0) | {"idle_minutes": 0}
    assert on_a_day(days, 1)["idle_minutes"] == 100
    assert on_a_day(days, 2)["stand_lost"] == 0


def test_who_comes_beside_the_plan_waits_behind_it():
    """Of urgency 2 the plan's visit goes first in its hour, those booked later or walking in after it."""
    days = days_of([(1, 0, 30), (1, 1, 30)], [100, 100])
    extra = nobody(days)
    extra[0, 0, 0, 1] = 2  # two of 15 minutes in the first hour
    found = on_a_day(days, 6, extra)  # 60 an hour: 30 + 15 + 15, then 30
    assert (found["extra"], found["extra_lost"], found["idle_minutes"]) == (2, 0, 30)
    found = on_a_day(days, 4, extra)  # 40, 80 in all: 30 + 15 + 15 of the first hour, then 20 of 30
    assert (found["stand_lost"], found["extra_lost"], found["urgent_lost"]) == (1, 0, 1)


def test_an_urgent_visit_that_is_safe_on_no_later_day_is_told_apart():
    """All four urgent visits are turned away; two may be held later, one visit and one walk-in may not."""
    days = days_of([(0, 0, 20), (1, 0, 20)], [100], last=np.array([True, False]))
    extra = nobody(days)
    extra[0, 0, 0, 0], extra[0, 0, 0, 1] = 1, 1
    found = on_a_day(days, 0, extra)
    assert (found["urgent_lost"], found["urgent_last_day"]) == (4, 2)


def naive(days, posts, extra):
    """Return who is seen, minute by minute: each minute worked goes to the first visit in turn that waits."""
    waits = [
        [turn, hour, 0, number, int(minutes)]
        for number, (turn, hour, minutes) in enumerate(zip(days.turn, days.hour, days.minutes, strict=True))
    ]
    for hour, kinds in enumerate(extra[0, 0].tolist()):
        for kind, number in enumerate(kinds):
            waits += [[kind, hour, 1, at, int(days.length[kind])] for at in range(number)]
    waits.sort()
    before = idle = 0
    for hour, reach in enumerate(days.reach[0].tolist()):
        now = reach * posts // int(days.posts[0])
        for _ in range(now - before):
            due = [visit for visit in waits if visit[1] <= hour and visit[4] > 0]
            if due:
                due[0][4] -= 1
            else:
                idle += 1
        before = now
    lost = [visit for visit in waits if visit[4] > 0]
    return {
        "stand_lost": sum(v[0] < CLASSES and not v[2] for v in lost),
        "standby_lost": sum(v[0] >= CLASSES for v in lost),
        "extra_lost": sum(v[2] for v in lost),
        "urgent_lost": sum(v[0] % CLASSES < 2 for v in lost),
        "idle_minutes": idle,
    }


visits = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 3), st.sampled_from([5, 10, 15, 30])),
    min_size=1,
    max_size=12,
)
hours = st.lists(st.integers(0, 120), min_size=4, max_size=4)
comers = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=6)


def came(days, pairs):
    extra = nobody(days)
    for hour, kind in pairs:
        extra[0, 0, hour, kind] += 1
    return extra


@settings(max_examples=150)
@given(visits=visits, minutes=hours, pairs=comers, posts=st.integers(0, 10))
def test_it_agrees_with_a_day_walked_minute_by_minute(visits, minutes, pairs, posts):
    """The closed form and the naive walk find the same visits seen and the same minutes idle."""
    days = days_of(visits, minutes)
    found = on_a_day(days, posts, came(days, pairs))
    expected = naive(days, posts, came(days, pairs))
    assert {name: found[name] for name in expected} == expected


@settings(max_examples=100)
@given(
    visits=visits,
    minutes=hours,
    pairs=comers,
    posts=st.integers(0, 9),
    more=st.tuples(st.integers(0, 3), st.integers(0, 5)),
)
def test_more_posts_help_and_more_patients_do_not(visits, minutes, pairs, posts, more):
    """One post more never leaves more urgent visits unseen; one patient more never fewer."""
    days = days_of(visits, minutes)
    now = on_a_day(days, posts, came(days, pairs))["urgent_lost"]
    assert on_a_day(days, posts + 1, came(days, pairs))["urgent_lost"] <= now
    assert on_a_day(days, posts, came(days, [*pairs, more]))["urgent_lost"] >= now


def tried(**chances):
    days = days_of([(0, 0, 20), (3, 0, 30), (1, 1, 40), (9, 1, 15)], [200, 200], working=RANGE)
    days = replace(days, late=np.full((1, 2, CLASSES), 0.2))
    return days, try_days(days, Chances(**{"days": 400} | chances))


def test_streams_are_kept_apart():
    """More walk-ins change neither the posts worked nor who stays away nor who books later."""
    (_, calm), (_, busy) = tried(no_shows=0.2), tried(no_shows=0.2, walk_ins=50.0)
    same = ["working_share", "posts", "absent", "stand_due"]
    assert calm.rows.select(same).equals(busy.rows.select(same))
    assert (busy.rows["extra"] >= calm.rows["extra"]).all()
    assert (busy.rows["urgent_lost"] >= calm.rows["urgent_lost"]).all()
    assert busy.rows["urgent_lost"].sum() > calm.rows["urgent_lost"].sum()


def test_the_first_days_of_many_are_the_days_of_few():
    """A day hangs on its number, not on how many are tried; another seed gives others."""
    (_, many), (_, few), (_, other) = tried(), tried(days=50), tried(seed=2)
    assert few.rows.equals(many.rows.head(50))
    assert not other.rows.equals(many.rows)


@pytest.mark.parametrize("working", ["0.25", RANGE])
def test_as_many_posts_are_worked_as_expected(working):
    """Over 1,500 days the mean of the posts worked is posts x share within four standard errors."""
    days = days_of([(0, 0, 20)], [100], posts=40, working=working)
    posts = try_days(days, Chances(1500)).rows["posts"].to_numpy()
    grain = posts.std() / np.sqrt(posts.size)
    assert abs(posts.mean() - 40 * float(WorkingShare.of(working).mean)) < 4 * grain
    spread = 40 * 0.25 * 0.75
    assert posts.var() == pytest.approx(spread, rel=0.2) if working == "0.25" else posts.var() > 1.5 * spread


def test_one_share_holds_for_every_pool():
    """Two pools share the draw of a range: their posts go together; with a certain share they do not."""
    one = days_of([(0, 0, 20)], [100], posts=200, working=RANGE)
    two = replace(
        one,
        pools=pl.concat([one.pools, one.pools.with_columns(pool_id=pl.lit("Q"))]),
        posts=np.repeat(one.posts, 2),
        reach=np.repeat(one.reach, 2, axis=0),
        late=np.repeat(one.late, 2, axis=0),
        booked=np.repeat(one.booked, 2, axis=0),
    )
    chances = Chances(1200)
    alone = try_days(one, chances).rows["posts"].to_numpy().var()
    both = try_days(two, chances).rows["posts"].to_numpy().var()
    assert both > 3.2 * alone  # 4 times if only the share varied, 2 times if the pools were apart
    certain = [replace(d, pools=d.pools.with_columns(working=pl.lit("0.25"))) for d in (one, two)]
    alone, both = (try_days(d, chances).rows["posts"].to_numpy().var() for d in certain)
    assert 1.7 * alone < both < 2.3 * alone


def plan_of(working):
    """Return a plan with visits that stand, of ten posts for two hours, and its days' ingredients."""
    scenario = struck(
        [{"start": moment(STRIKE, "08:00"), "urgency": 1 + n % 6} for n in range(60)],
        [session("F", 7, "08:00", "12:00")],
        working=working,
    )
    policy = Policy.default()
    return scenario, policy, plan_strike_day(scenario, policy, AS_OF).decisions


def test_the_visits_of_a_plan_get_their_turns():
    """Six turns by urgency for visits that stand, six for those on standby; hours counted from the first."""
    scenario, policy, decisions = plan_of(0.5)
    days = strike_days(scenario, policy, open_book(scenario, policy, AS_OF), decisions)
    due = decisions.filter(pl.col("option").is_in(["stand", "standby"]))
    turns = [
        urgency - 1 + (CLASSES if option == "standby" else 0)
        for urgency, option in due.select("urgency", "option").iter_rows()
    ]
    assert days.turn.tolist() == sorted(turns)
    assert days.turn.max() >= CLASSES > days.turn.min()
    assert days.reach.tolist() == [[600, 1200]]
    assert (days.hour.tolist(), days.minutes.tolist()) == ([0] * len(turns), [15] * len(turns))
    assert not days.last.any()  # safe for a year
    assert (days.booked.tolist(), days.same_day.tolist()) == ([[60, 0]], [True] + [False] * 5)


def test_when_everybody_works_no_visit_that_stands_is_lost():
    """With a share of 1, no no-shows and no walk-ins every day holds every visit that stands."""
    scenario, policy, decisions = plan_of(1.0)
    assert (decisions["option"] == "stand").sum() == 40  # those of 08:00 fill the hour
    found, result = run_days(scenario, policy, AS_OF, decisions, Chances(100))
    assert result.rows["posts"].unique().to_list() == [10]
    assert result.rows.select("stand_lost", "urgent_lost", "absent", "extra").sum().row(0) == (0, 0, 0, 0)
    assert [night["call_off"] for night in found["dates"][0]["night_before"]] == [0, 0, 0]


def test_whoever_stands_is_seen_where_the_low_quantile_works():
    """On days with at least the stand posts worked every visit that stands is seen; on others not all."""
    scenario, policy, decisions = plan_of(0.5)
    rows = run_days(scenario, policy, AS_OF, decisions, Chances(500))[1].rows
    low = 3  # the quantile 0.1 of ten posts, each worked with an even chance
    assert rows.filter(pl.col("posts") >= low)["stand_lost"].sum() == 0
    assert rows.filter(pl.col("posts") < low)["stand_lost"].sum() > 0
    assert 0.01 < (rows["posts"] < low).mean() < 0.1  # P(X <= 2) = 56 / 1024


def test_no_shows_and_walk_ins_come_as_often_as_stated():
    """A fifth of the visits stay away, and 30 walk in for each 100 booked, within five standard errors."""
    days = days_of([(3, 0, 5)] * 50, [600])
    rows = try_days(days, Chances(600, no_shows=0.2, walk_ins=30.0)).rows
    assert rows["absent"].mean() == pytest.approx(10, abs=5 * (8 / 600) ** 0.5)
    assert rows["extra"].mean() == pytest.approx(15, abs=5 * (15 / 600) ** 0.5)


def test_those_still_to_book_are_those_of_the_forecast():
    """The expected number is the forecast minutes of the class over its mean minutes, over the hours."""
    history = [
        {"session_id": f"H{d}", "start": moment(STRIKE.replace(day=d), "08:00"), "urgency": 1, "minutes": 30,
         "booked_on": STRIKE.replace(day=d)} for d in (1, 2, 3)
    ]  # fmt: skip
    held = [session(f"H{d}", d, "08:00", "09:00") for d in (1, 2, 3)]
    scenario = struck([{"booked_on": AS_OF}, *history], held, working=0.5)
    policy = Policy.default()
    book = open_book(scenario, policy, AS_OF)
    days = strike_days(scenario, policy, book, plan_strike_day(scenario, policy, AS_OF).decisions)
    minutes = reserves(scenario, policy, book, [STRIKE])["minutes"].sum()
    assert minutes > 0
    assert days.late.sum() == pytest.approx(minutes / 30)
    assert days.late[:, :, 0].sum() == days.late.sum()
    assert days.late[0, 0, 0] == pytest.approx(days.late[0, 1, 0])  # two hours of as many minutes


def test_the_outlook_of_three_days_worked_by_hand():
    """Percentiles are the first of the sorted values that so many per cent reach."""
    days = days_of([(0, 0, 20), (9, 0, 20)], [100], posts=10)
    result = try_days(days, Chances(3))
    rows = result.rows.with_columns(posts=pl.Series([4, 0, 2]), urgent_lost=pl.Series([0, 1, 0]))
    found = outlook(days, replace(result, rows=rows), 0.1)
    (one,) = found["dates"]
    assert one["measures"]["posts"] == {"mean": 2.0, "p05": 0, "p50": 2, "p95": 4, "days": 2}
    assert one["measures"]["urgent_lost"]["days"] == 1
    assert one["urgent_lost"] == [{"visits": 0, "days": 2}, {"visits": 1, "days": 1}]
    few, middle, many = one["night_before"]
    # of ten posts at a share of 0.2 none is worked on 10.7 % of days, at 0.4 at most one on 4.6 %
    assert [night["sure_posts"] for night in one["night_before"]] == [0, 0, 2]
    assert (few["posts"], few["call_off"], few["urgent_out"], few["standby_out"]) == (0, 1, 1, 1)
    assert (middle["posts"], middle["stand"], middle["call_off"], middle["standby_out"]) == (2, 0, 1, 1)
    assert (many["posts"], many["stand"], many["standby_in"], many["standby_waits"]) == (4, 1, 0, 1)
    assert many["free_minutes"] == 0


def test_nothing_struck_or_figures_out_of_bounds_are_faults():
    """Without a pool there is nothing to try; every figure out of its bounds is named."""
    scenario, policy, decisions = plan_of(0.0)
    with pytest.raises(InputError, match="no strike"):
        run_days(scenario.replace(pools=scenario.pools.clear()), policy, AS_OF, decisions, Chances(5))
    known = pl.DataFrame([("P", STRIKE, 8, 60)], schema=scenario.known.schema, orient="row")
    with pytest.raises(InputError, match="known to be held"):
        run_days(scenario.replace(known=known), policy, AS_OF, decisions, Chances(5))
    with pytest.raises(InputError) as error:
        run_days(scenario, policy, AS_OF, decisions, Chances(0, -1, float("nan"), 1001))
    assert [fault.file for fault in error.value.faults] == ["--days", "--seed", "--no-shows", "--walk-ins"]


@pytest.mark.parametrize("workers", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_any_number_of_workers_gives_the_same_bytes(tmp_path, workers):
    """One, two and three processes write the same file."""
    days, one = tried(days=61, no_shows=0.1, walk_ins=5.0)
    several = try_days(days, one.chances, workers)
    for name, result in (("one", one), ("several", several)):
        result.rows.write_parquet(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "several").read_bytes()
    assert several.pools.equals(one.pools)
    assert several.rows.columns == ["day", "date", "working_share", *COUNTS]


def test_the_night_before_keeps_room_for_those_still_expected():
    """Two urgent visits are expected later, a half in each of four hours: they go before the standby."""
    days = days_of([(8, 0, 20)], [25, 25, 25, 25], posts=10, working="1.0")
    late = np.zeros((1, 4, CLASSES))
    late[0, :, 1] = 0.5
    days = replace(days, late=late, length=np.full(CLASSES, 40))
    result = try_days(days, Chances(3))
    (night, *_) = outlook(days, result, 0.1)["dates"][0]["night_before"]
    assert (night["sure_posts"], night["urgent_out"], night["standby_in"]) == (10, 0, 1)
    late[0, :, 1] = 0.75
    (night, *_) = outlook(days, result, 0.1)["dates"][0]["night_before"]
    assert (night["urgent_out"], night["standby_in"], night["standby_out"]) == (1, 0, 1)
