"""A strike takes the posts that its unit covers, and speaks of shares only of ten posts or more."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from changes_factory import DATES, HOURS, MONDAY, at, frame, lost_minutes, minutes_of, networks, posts_of
from tideover.disruptions._pools import FEWEST_POSTS, Site, grouped
from tideover.disruptions.leave import Leave
from tideover.disruptions.strike import Strike
from tideover.errors import InputError
from tideover.nouns import Network, Scenario
from tideover.nouns.scenario import COVER, LOST, MEMBERS, POOLS

quick = settings(max_examples=25, deadline=None)


def team(session_id, clinic_id, hours=(8, 12), day=MONDAY, **more):
    """Return a session of ten posts, or as ``more`` says."""
    start, end = (at(day, round(hour * 60)) for hour in hours)
    row = {"session_id": session_id, "clinic_id": clinic_id, "start": start, "end": end, "posts": 10}
    return row | more


def network(sessions, clinics=("a", "b", "c"), clinicians=()):
    sites = [site if isinstance(site, dict) else {"clinic_id": site} for site in clinics]
    return Network.of(
        {
            "clinics": frame("clinics", sites),
            "sessions": frame("sessions", list(sessions)),
            "clinicians": frame("clinicians", list(clinicians)),
        }
    )


def strike(**facts):
    return Strike.from_facts({"dates": [MONDAY], "working": 0.25} | facts)


def faults(net, *changes):
    with pytest.raises(InputError) as caught:
        Scenario.of(net, changes)
    return [(fault.column, fault.found, fault.remedy) for fault in caught.value.faults]


def test_a_day_worked_by_hand():
    """Two sites with 4 and 6 posts, struck from 10:00 to 13:00: every row of every frame by hand."""
    net = network(
        [
            team("a1", "a", (8, 12), posts=4),
            team("b1", "b", (9, 11.5), posts=6),
            team("b2", "b", (14, 17), posts=6),
            team("a2", "a", (8, 12), posts=4, day=DATES[1]),
        ]
    )
    after = Scenario.of(net, [strike(hours="10:00-13:00")])
    ten = at(MONDAY, 600)
    assert after.lost.rows() == [
        ("a1", ten, at(MONDAY, 720), "strike", "pool-a"),
        ("b1", ten, at(MONDAY, 690), "strike", "pool-a"),
    ]
    assert after.pools.rows() == [("pool-a", MONDAY, 10, 0.25, "0.25")]
    assert after.members.rows() == [("pool-a", MONDAY, "a"), ("pool-a", MONDAY, "b")]
    # 10 to 11: 4 x 60 + 6 x 60; 11 to 12: 4 x 60 + 6 x 30
    assert after.cover.rows() == [("pool-a", MONDAY, 10, 600), ("pool-a", MONDAY, 11, 420)]
    # all sessions 4 x 240 + 6 x 150 + 6 x 180 + 4 x 240 = 3900; lost 1020, of which a quarter is covered
    assert after.capacity_minutes() == pytest.approx(3900 - 1020 + 255)
    for name, columns in {"lost": LOST, "pools": POOLS, "members": MEMBERS, "cover": COVER}.items():
        assert dict(getattr(after, name).schema) == columns


def test_open_minutes_limit_the_cover():
    """A session that may book 100 of its 240 x 10 minutes is covered for 100 in all, not for 2,400."""
    net = network([team("a1", "a", (8, 12), open_minutes=100)])
    after = Scenario.of(net, [strike(working=1.0)])
    assert after.cover["scheduled_minutes"].to_list() == [25, 25, 25, 25]
    assert after.capacity_minutes() == pytest.approx(100)


def test_part_of_a_day_is_seventeen_of_twenty_four_hours():
    """A strike until 17:00 leaves the evening standing."""
    net = network([team("a1", "a", (15, 19))])
    after = Scenario.of(net, [strike(hours="00:00-17:00")])
    assert after.lost.select("from", "until").rows() == [(at(MONDAY, 15 * 60), at(MONDAY, 17 * 60))]


def test_units_roles_kinds_and_clinics_limit_it():
    """Each limit leaves standing what is outside it; a clinician's unit counts, not her session's."""
    people = [
        {"clinician_id": "p1", "unit": "north", "role": "np"},
        {"clinician_id": "p2", "unit": None, "role": "np"},
        {"clinician_id": "p3", "unit": "south", "role": "physician"},
    ]
    net = network(
        [
            team("s1", "a", posts=1, clinician_id="p1"),
            team("s2", "a", posts=1, clinician_id="p2", unit="north"),
            team("s3", "b", posts=1, clinician_id="p3"),
            team("s4", "b", unit="south"),
            team("s5", "c"),
        ],
        clinics=["a", {"clinic_id": "b", "kind": "urgent_care"}, "c"],
        clinicians=people,
    )

    def struck(**facts):
        return Scenario.of(net, [strike(working=0, **facts)]).lost["session_id"].to_list()

    assert struck() == ["s1", "s3", "s4"]
    assert struck(units="north") == ["s1"]
    assert struck(units=["south", "north"], clinics="b") == ["s3", "s4"]
    assert struck(roles="np") == ["s1", "s4"]
    assert struck(site_kinds=["urgent_care"]) == ["s3", "s4"]


def test_without_units_every_post_is_struck_and_a_note_says_so():
    """A network that names no unit anywhere takes every post as struck, and says that this was assumed."""
    after = Scenario.of(network([team("a1", "a")]), [strike()])
    assert after.lost.height == 1
    assert ("assumed", 1) in [
        (note.kind, note.rows) for note in after.notes if "covered by a unit" in note.text
    ]
    named = network([team("a1", "a", unit="north"), team("b1", "b")])
    after = Scenario.of(named, [strike()])
    assert after.lost["session_id"].to_list() == ["a1"]
    assert not [note for note in after.notes if "covered by a unit" in note.text]


def test_notes_say_which_clinics_were_pooled_and_how():
    """Small clinics with a place are told apart from those without; notice and idle dates are said too."""
    spots = [{"clinic_id": name, "lat": 45.0, "lon": -93.0} for name in "ab"]
    net = network(
        [team(f"s{name}", name, posts=4) for name in "abc"] + [team("d1", "d", day=DATES[1])],
        [*spots, "c", "d"],
    )
    late = network([*net.sessions.to_dicts(), team("d2", "d", unit="u", day=DATES[2])], [*spots, "c", "d"])
    after = Scenario.of(net, [strike(notice_on="2025-10-20")])
    assert [(note.kind, note.about, note.rows) for note in after.notes] == [
        ("assumed", "strike", 3),
        ("found", "strike", None),
        ("derived", "pools", 2),
        ("assumed", "pools", 1),
    ]
    assert "14 days before" in after.notes[1].text
    after = Scenario.of(late, [strike(dates=[DATES[1], DATES[2]])])
    assert [note.text for note in after.notes] == ["No struck post has a session on 2025-11-04."]


def test_pooled_teams_count_as_every_role_and_a_note_says_so():
    """A strike of one role takes pooled teams too, and says that this was assumed."""
    after = Scenario.of(network([team("a1", "a", unit="north")]), [strike(roles="pa")])
    assert after.lost.height == 1
    assert any("every role" in note.text for note in after.notes)


def test_a_clinician_at_two_sites_is_one_post():
    """Who works at two clinics on a day is one post, at the one with more struck minutes."""
    people = [{"clinician_id": "p1"}]
    net = network(
        [
            team("s1", "a", (8, 10), posts=1, clinician_id="p1"),
            team("s2", "b", (11, 15), posts=1, clinician_id="p1"),
            team("s3", "a"),
            team("s4", "b"),
            team("s5", "b", (13, 17), posts=7),
        ],
        clinicians=people,
    )

    def posts(**facts):
        return dict(Scenario.of(net, [strike(**facts)]).pools.select("pool_id", "posts").rows())

    assert posts() == {"pool-a": 10, "pool-b": 11}
    assert posts(hours="08:00-11:30") == {"pool-a": 11, "pool-b": 10}
    assert posts(hours="08:00-13:00") == {"pool-a": 11, "pool-b": 10}  # two hours at each: the first by name


def test_teams_of_two_units_at_one_site_are_both_counted():
    """A site's teams of different units are different posts; one unit's morning and afternoon are not."""
    teams = [
        team("s1", "a", posts=6, unit="u"),
        team("s2", "a", (13, 17), posts=5, unit="u"),
        team("s3", "a", posts=4, unit="w"),
    ]
    assert Scenario.of(network(teams), [strike()]).pools["posts"].to_list() == [10]


def test_fewer_than_ten_posts_take_no_share():
    """Nine posts are refused with both remedies, unless planned as if nobody worked."""
    net = network([team("a1", "a", posts=4), team("b1", "b", posts=5)])
    ((column, found, remedy),) = faults(net, strike(working=0.5))
    assert column == "strike.working"
    assert found == "9 struck posts in all on 2025-11-03"
    assert "more posts" in remedy
    assert "share of 0" in remedy
    assert faults(net, strike(working=1))
    assert Scenario.of(net, [strike(working=0)]).pools["posts"].to_list() == [9]


def test_what_does_not_fit_the_network_is_told_apart():
    """Unknown names, dates outside the book and nothing struck each have their own report."""
    net = network(
        [team("north-1", "north", unit="nurses"), team("w", "west", day=DATES[2])], ("north", "west")
    )
    found = faults(net, strike(clinics=["nort"], units=["Nurse"], dates=[DATES[1], date(2026, 1, 1)]))
    assert [(column, remedy) for column, _, remedy in found] == [
        ("strike.clinics", "Did you mean 'north'?"),
        ("strike.units", "Did you mean 'nurses'?"),
        ("strike.dates", "Leave the date out."),
        ("strike.dates", "Correct the date."),
    ]
    assert faults(net, strike(clinics="west"))[0][1] == "no session that it concerns"
    assert faults(net, strike(hours="20:00-24:00"))[0][1] == "only sessions outside its hours (1)"
    assert "every post" in faults(network([team("a1", "a")]), strike(units="nurses"))[0][2]
    assert faults(network([]), strike())[0][1] == "a network without sessions"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("working", 1.01),
        ("working", -0.01),
        ("working", float("nan")),
        ("working", True),
        ("working", "0.25"),
        ("hours", "08:00-07:00"),
        ("hours", "08:00-08:00"),
        ("hours", "08:00-24:01"),
        ("hours", "08:60-09:00"),
        ("hours", "8-12"),
        ("dates", []),
        ("dates", "2025-02-30"),
        ("dates", "20251105"),
        ("dates", datetime(2025, 11, 5, 8)),
        ("roles", "doctor"),
        ("site_kinds", ["clinic"]),
        ("units", [""]),
        ("units", [3]),
        ("notice_on", "2025-11-04"),
        ("share", 0.2),
    ],
)
def test_a_wrong_value_is_one_fault_of_its_key(key, value):
    """Every wrong value is one fault that names the key and shows what was found."""
    with pytest.raises(InputError) as caught:
        strike(**{key: value})
    (fault,) = caught.value.faults
    assert fault.column == ("strike" if key == "share" else f"strike.{key}")
    assert fault.found
    assert fault.remedy


def test_the_form_of_a_fact_does_not_matter():
    """One date or a list, any order, short hours, whole shares: equal strikes, equal facts."""
    one = strike(dates=["2025-11-04", "2025-11-03", "2025-11-04"], hours="8:00-9:30", working=0, units="u")
    two = Strike(dates=(MONDAY, DATES[1]), hours="08:00-09:30", working=-0.0, units=("u",))
    assert one == two
    assert str(one.facts()) == str(two.facts())


def test_two_strikes_take_no_minute_twice():
    """Overlapping strikes share the day: each its own pools, and the overlap counts once."""
    net = network([team("a1", "a", (8, 12), posts=10)])
    early, late = strike(hours="08:00-10:00"), strike(hours="09:00-12:00", working=0.5)
    after = Scenario.of(net, [late, early])
    assert after.lost.select("from", "until", "pool_id").rows() == [
        (at(MONDAY, 480), at(MONDAY, 600), "pool-a"),
        (at(MONDAY, 600), at(MONDAY, 720), "pool-a-2"),
    ]
    assert after.pools["working_share"].to_list() == [0.25, 0.5]
    assert after.cover["scheduled_minutes"].sum() == 2400
    assert any("counted once" in note.text for note in after.notes)
    both = Scenario.of(net, [early, early])
    assert both.lost.height == 1


@pytest.mark.parametrize("named", [{"clinicians": "p3"}, {"clinics": "a"}])
def test_no_leave_records_who_is_absent_on_the_day_of_a_strike(named):
    """A leave of struck posts on a date of the strike is refused, at any hour, and no post is named."""
    people = [{"clinician_id": f"p{n}", "unit": "u"} for n in range(11)]
    net = network(
        [team(f"s{n:02}", "a", posts=1, clinician_id=f"p{n}") for n in range(11)], clinicians=people
    )
    leave = Leave.from_facts({"dates": str(MONDAY), "hours": "10:00-24:00"} | named)
    assert Scenario.of(net, [leave]).lost["cause"].unique().to_list() == ["leave"]
    ((column, found, remedy),) = faults(net, strike(hours="00:00-09:00"), leave)
    assert (column, found) == ("leave.dates", str(MONDAY))
    assert "working share" in remedy
    assert "p3" not in found + remedy


def test_leave_beside_a_strike_stands_where_the_strike_does_not_reach():
    """Leave on another date, or of a post outside the struck unit, goes with a strike."""
    people = [{"clinician_id": "m", "unit": None}, {"clinician_id": "p", "unit": "u"}]
    sessions = [
        team("a1", "a", unit="u"),
        team("m1", "a", posts=1, clinician_id="m"),
        team("p2", "a", posts=1, clinician_id="p", day=DATES[1]),
    ]
    net = network(sessions, clinicians=people)
    outside = Leave.from_facts({"dates": str(MONDAY), "clinicians": "m"})
    after = Leave.from_facts({"dates": str(DATES[1]), "clinicians": "p"})
    lost = Scenario.of(net, [strike(), outside, after]).lost
    assert lost.select("session_id", "cause").rows() == [("a1", "strike"), ("m1", "leave"), ("p2", "leave")]


def test_leave_needs_somebody_or_somewhere():
    """Leave that names neither posts nor clinics is refused, and so are unknown ones."""
    with pytest.raises(InputError, match="neither clinicians nor clinics"):
        Leave.from_facts({"dates": str(MONDAY)})
    net = network([team("a1", "a")])
    leave = Leave.from_facts({"dates": str(MONDAY), "clinicians": "p9", "clinics": "z"})
    assert [column for column, _, _ in faults(net, leave)] == ["leave.clinicians", "leave.clinics"]


@st.composite
def strikes(draw, most_posts=8):
    """Draw a network and a strike on some of its dates, planned as if nobody worked."""
    net = draw(networks(most_posts))
    held = net.sessions["start"].dt.date().unique().sort().to_list()
    more = {
        "hours": draw(st.sampled_from(HOURS)),
        "units": draw(st.sampled_from([(), (), ("nurses",)])),
        "roles": draw(st.sampled_from([(), (), ("np",)])),
        "site_kinds": draw(st.sampled_from([(), (), ("primary",)])),
    }
    dates = tuple(draw(st.lists(st.sampled_from(held), min_size=1, max_size=3)))
    return net, Strike(dates=dates, working=0.0, **more)


def struck_naively(net, change):
    """Return the minutes that each session loses to ``change``, by walking through every minute."""
    rows = posts_of(net)
    covered = {row["unit"] for row in rows if row["unit"]} | set(net.clinicians["unit"].drop_nulls())
    found = {}
    for row in rows:
        day = row["start"].date()
        unit = row["unit"] in change.units if change.units else (bool(row["unit"]) or not covered)
        role = not change.roles or row["clinician_id"] is None or row["role"] in change.roles
        kind = not change.site_kinds or row["site_kind"] in change.site_kinds
        if day in change.dates and unit and role and kind:
            moments = (at(day, minute) for minute in minutes_of(change.hours))
            minutes = [moment for moment in moments if row["start"] <= moment < row["end"]]
            if minutes:
                found[row["session_id"]] = (row, minutes)
    return found


def applied(net, change):
    try:
        return Scenario.of(net, [change])
    except InputError:
        return None


@quick
@given(case=strikes())
def test_it_agrees_with_a_walk_through_every_minute(case):
    """What is lost, when, and the scheduled minutes of each hour are those of a naive model."""
    net, change = case
    after = applied(net, change)
    naive = struck_naively(net, change)
    assume(after is not None)
    assert lost_minutes(after) == {name: minutes for name, (_, minutes) in naive.items()}
    pool = {(row["date"], row["clinic_id"]): row["pool_id"] for row in after.members.to_dicts()}
    expected = Counter()
    for row, minutes in naive.values():
        length = (row["end"] - row["start"]) // timedelta(minutes=1)
        bookable = row["posts"] * length if row["open_minutes"] is None else row["open_minutes"]
        for number, minute in enumerate(minutes):
            key = (pool[minute.date(), row["clinic_id"]], minute.date(), minute.hour)
            expected[key] += bookable * (number + 1) // length - bookable * number // length
    cover = {tuple(row[:3]): row[3] for row in after.cover.rows()}
    assert {key: minutes for key, minutes in cover.items() if minutes} == +expected


@quick
@given(case=strikes())
def test_posts_are_counted_like_a_roll_call(case):
    """The posts of a date are its struck clinicians by employer plus each site's largest teams by unit."""
    net, change = case
    after = applied(net, change)
    assume(after is not None)
    people, teams = defaultdict(set), defaultdict(int)
    employers = dict(net.clinics.select("clinic_id", "employer").iter_rows())
    for row, minutes in struck_naively(net, change).values():
        day = minutes[0].date()
        if row["clinician_id"]:
            people[day].add((row["clinician_id"], employers[row["clinic_id"]]))
        else:
            key = (day, row["clinic_id"], row["unit"])
            teams[key] = max(teams[key], row["posts"])
    for day, posts in after.pools.group_by("date").agg(pl.col("posts").sum()).iter_rows():
        assert posts == len(people[day]) + sum(size for key, size in teams.items() if key[0] == day)


@quick
@given(case=strikes(most_posts=14), share=st.sampled_from([0.1, 0.25, 1.0]))
def test_a_share_is_only_ever_of_ten_posts_or_more(case, share):
    """With any share above 0, either every pool has ten posts, or the strike is refused."""
    net, change = case
    assume(applied(net, change) is not None)
    after = applied(net, change.__class__.from_facts(change.facts() | {"working": share}))
    pools = applied(net, change)
    whose = pools.members.join(net.clinics, on="clinic_id").select("pool_id", "date", "employer").unique()
    totals = pools.pools.join(whose, on=["pool_id", "date"]).group_by("date", "employer")
    totals = totals.agg(pl.col("posts").sum())["posts"]
    assert (after is None) == (min(totals) < FEWEST_POSTS)
    if after is not None:
        assert after.pools["posts"].min() >= FEWEST_POSTS
        assert set(after.pools["working_share"]) == {share}


@quick
@given(net=networks())
def test_the_more_work_the_more_capacity(net):
    """Expected capacity rises with the working share, from the loss of all to at most no loss."""
    nobody = pl.lit(None, pl.String)
    teams = net.sessions.with_columns(
        nobody.alias("clinician_id"), pl.lit("u").alias("unit"), pl.col("posts") + (FEWEST_POSTS - 1)
    )
    net = net.replace(sessions=teams)
    dates = teams["start"].dt.date().unique().to_list()
    at_share = [Scenario.of(net, [strike(dates=dates, working=w)]) for w in (0.0, 0.3, 1.0)]
    capacity = [after.capacity_minutes() for after in at_share]
    assert all(less <= more + 1e-6 for less, more in pairwise(capacity))
    assert capacity[-1] <= Scenario(net).capacity_minutes() + 1e-6
    if teams["open_minutes"].fill_null(1).sum():
        assert capacity[-1] > capacity[0]


sites = st.lists(
    st.builds(
        lambda posts, spot: (posts, *(spot or (None, None))),
        st.integers(0, 14),
        st.one_of(st.none(), st.tuples(st.integers(40, 44), st.integers(0, 3))),
    ),
    min_size=1,
    max_size=14,
).map(lambda rows: [Site(f"c{n:02}", *row) for n, row in enumerate(rows)])


@settings(max_examples=200, deadline=None)
@given(sites=sites, data=st.data())
def test_groups_hold_ten_and_do_not_depend_on_order(sites, data):
    """Each site is in one group, all have ten posts if there are ten at all, in whatever order they come."""
    groups = grouped(sites)
    assert sorted(site.clinic_id for group in groups for site in group) == [site.clinic_id for site in sites]
    total = sum(site.posts for site in sites)
    if total >= FEWEST_POSTS:
        assert all(sum(site.posts for site in group) >= FEWEST_POSTS for group in groups)
    else:
        assert len(groups) == 1
    assert grouped(data.draw(st.permutations(sites))) == groups


def names(groups):
    return [[site.clinic_id for site in group] for group in groups]


def test_small_sites_join_their_neighbours():
    """On one road: a and b make ten; the big d stays alone; e is left over and joins the nearer d."""
    road = [
        Site("a", 4, 45.0, 0.0),
        Site("b", 6, 45.1, 0.0),
        Site("d", 12, 46.0, 0.0),
        Site("e", 3, 45.8, 0.0),
    ]
    assert names(grouped(road)) == [["a", "b"], ["d", "e"]]


def test_the_first_site_takes_the_nearest_not_the_next_by_name():
    """From a, c is nearer than b: a and c make ten; b and d make the next."""
    road = [
        Site("a", 5, 45.0, 0.0),
        Site("b", 5, 46.0, 0.0),
        Site("c", 5, 45.1, 0.0),
        Site("d", 5, 46.2, 0.0),
    ]
    assert names(grouped(road)) == [["a", "c"], ["b", "d"]]


def test_small_sites_without_coordinates_keep_to_themselves_if_they_can():
    """Unplaced sites of ten posts together are a group; fewer join the smallest; large ones stay."""
    placed = [Site("a", 14, 45.0, 0.0), Site("b", 11, 46.0, 0.0)]
    x, y, big = Site("x", 6, None, None), Site("y", 4, None, 1.0), Site("z", 10, None, None)
    assert names(grouped([*placed, x, y])) == [["a"], ["b"], ["x", "y"]]
    assert names(grouped([*placed, x])) == [["a"], ["b", "x"]]
    assert names(grouped([*placed, x, big])) == [["a"], ["b"], ["x", "z"]]
    assert names(grouped([big, Site("w", 12, None, None)])) == [["w"], ["z"]]
    assert names(grouped([Site("a", 3, 45.0, 0.0), big])) == [["a", "z"]]
    assert names(grouped([Site("a", 3, 45.0, 0.0), x, y])) == [["a", "x", "y"]]
