"""Which sites open on a strike day, by hand, by law and against every plan of tiny days (formulation 16)."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from again_factory import log
from sites_factory import (
    BOOKED,
    FAR,
    FOUR,
    NEAR,
    ONE,
    TWO,
    drawn,
    opens,
    options,
    planned,
    policy,
    posts_of,
    sites,
    urgent,
    visit,
)
from tideover.disruptions.strike import Strike
from tideover.errors import InputError
from tideover.nouns import Plan, Policy, Scenario
from tideover.verify.case import Case
from tideover.verify.check import check_plan
from tideover.verify.told import last_rows, with_kept_room
from tideover.verify.verdict import Findings
from tideover.visits import plan_strike_day
from visits_factory import AS_OF, STRIKE, decided, moment, session


def test_one_post_goes_where_most_is_saved() -> None:
    """One post for two sites: an urgent visit at B outweighs four at A that are safe for a year."""
    made = sites([*(visit(f"a{n}", "A") for n in range(4)), urgent("b", "B")])
    plan = planned(made)
    assert posts_of(plan) == {"A": 0, "B": 1}
    assert opens(plan) == {"A": False, "B": True}
    assert options(plan) == {
        "a0": "waitlist",
        "a1": "waitlist",
        "a2": "waitlist",
        "a3": "waitlist",
        "b": "stand",
    }
    # of 4 visits on the wait-list none is late: level 0 costs nothing, and that is proven
    assert [(row["cost"], row["bound"]) for row in plan.facts["levels"][:2]] == [(0, 0), (4, 4)]


def test_one_post_goes_where_most_visits_are() -> None:
    """Of equals, the site with more visits opens: three stand at A, one waits at B."""
    made = sites([*(visit(f"a{n}", "A") for n in range(3)), visit("b", "B")])
    plan = planned(made)
    assert posts_of(plan) == {"A": 1, "B": 0}
    assert options(plan)["b"] == "waitlist"
    assert [row["cost"] for row in plan.facts["levels"][:2]] == [0, 1]
    assert [row["gap"] for row in plan.facts["levels"]] == [0, 0, 0, 0]


def test_a_site_needs_its_fewest_clinicians() -> None:
    """B opens with two at least: one post of the pool is not enough, with one outside the unit it is."""
    visits = [visit("a", "A"), urgent("b", "B")]
    alone = planned(sites(visits, rules={"B": {"min_clinicians": 2}}))
    assert (posts_of(alone), opens(alone)) == ({"A": 1, "B": 0}, {"A": True, "B": False})
    outside = session("X", 5, "08:00", "09:00", clinic_id="B")  # of no unit: it is held
    both = planned(sites(visits, rules={"B": {"min_clinicians": 2}}, sessions=[outside]))
    assert posts_of(both) == {"A": 0, "B": 1}
    site = both.facts["sites"][1]
    assert (site["outside"], site["fewest"], site["opens"]) == (1, 2, True)


def test_a_site_may_open_without_a_post() -> None:
    """The one post goes to A; whoever is of no unit keeps B open with none, and the checker agrees."""
    outside = session("X", 5, "08:00", "09:00", clinic_id="B")
    made = sites([urgent("a", "A"), visit("b", "B")], rules={"B": {"min_clinicians": 1}}, sessions=[outside])
    plan = planned(made)
    assert (posts_of(plan), opens(plan)) == ({"A": 1, "B": 0}, {"A": True, "B": True})
    scenario = Scenario.of(made, [Strike(dates=(STRIKE,), working=ONE)])
    assert differences(scenario, plan) == ()
    facts = {**plan.facts, "sites": [row | {"opens": row["posts"] > 0} for row in plan.facts["sites"]]}
    assert any("opens" in text for text in differences(scenario, replace(plan, facts=facts)))


def differences(scenario: Scenario, plan: Plan, said: pl.DataFrame | None = None) -> tuple[str, ...]:
    """Return what the checker finds in a plan, with the log of what was told."""
    findings = Findings()
    case = Case.of(scenario, policy(), AS_OF, [], None if said is None else last_rows(said))
    facts = json.loads(json.dumps(plan.facts, default=str))
    check_plan(with_kept_room(case), facts, plan.decisions, plan.prices, findings)
    return findings.sentences()


@pytest.mark.parametrize(
    ("held", "outside"),
    [
        ({"mode": "video"}, 0),  # nobody is there in person
        ({"posts": 3}, 3),  # a pooled team counts its largest session
        ({"unit": "V"}, 0),  # struck, as every unit is
        ({"clinician_id": "k", "posts": 1}, 1),
    ],
)
def test_who_counts_as_outside(held: dict[str, Any], outside: int) -> None:
    """Posts outside are those with a session in person of which nothing is lost."""
    more = session("X", 5, "12:00", "13:00", clinic_id="B") | held
    plan = planned(sites([visit("a", "A"), visit("b", "B")], sessions=[more], clinicians=["k"]))
    assert plan.facts["sites"][1]["outside"] == outside
    assert opens(plan)["B"] == (outside > 0 or posts_of(plan)["B"] > 0)


def test_who_is_there_twice_counts_once() -> None:
    """Two sessions of a clinician at B are one post, three of a team of no unit one more."""
    own = [session(f"K{n}", 5, f"1{n}:00", f"1{n}:30", clinic_id="B", clinician_id="k") for n in range(2)]
    team = [session(f"X{n}", 5, f"1{n}:00", f"1{n}:30", clinic_id="B") for n in range(3)]
    made = sites([visit("a", "A")], sessions=[*own, *team], clinicians=["k"])
    assert planned(made).facts["sites"][1]["outside"] == 2


def test_too_little_support_staff_closes_a_site() -> None:
    """With 1.5 full-time posts of support staff where 2 are needed, B gets no post; else it gets one."""
    visits = [visit("a", "A"), urgent("b", "B")]
    rules = {"B": {"min_support_fte": 2.0}}
    for support, expected in (({"B": 1.5}, 0), ({"B": 2.0}, 1), ({"A": 9.0}, 1), (None, 1)):
        assert posts_of(planned(sites(visits, rules=rules, support=support)))["B"] == expected, support


def test_a_site_gets_at_most_its_own_posts() -> None:
    """Four posts, all visits at A with two posts: A gets two, and what is left over is sent to B."""
    visits = [visit(f"a{n:02}", "A", start=moment(STRIKE, "08:00")) for n in range(20)]
    plan = planned(sites(visits, posts={"A": 2, "B": 10}), FOUR)
    assert posts_of(plan) == {"A": 2, "B": 2}
    # floor(16 x 2 / 4) = 8 units of the 16 in the hour
    assert list(options(plan).values()).count("stand") == 8


def test_posts_left_over_are_sent_too() -> None:
    """Two posts and one visit: it stands, and the other post goes to the open site first."""
    plan = planned(sites([visit("b", "B")]), TWO)
    assert posts_of(plan) == {"A": 0, "B": 2}
    assert options(plan) == {"b": "stand"}


def test_an_urgent_visit_of_a_closed_site_is_seen_at_the_open_one() -> None:
    """The post is at B, where three stand; the urgent visit of A is seen there at its hour, and told."""
    visits = [*(urgent(f"b{n}", "B") for n in range(3)), urgent("a", "A")]
    plan = planned(sites(visits, places=NEAR))
    assert posts_of(plan) == {"A": 0, "B": 1}
    row = decided(plan, "a")
    assert (row["option"], row["new_clinic_id"], row["new_session_id"]) == ("another_site", "B", None)
    assert (row["new_start"], row["new_clinician_id"]) == (moment(STRIKE, "08:00"), None)
    assert (row["past_safe_by"], row["not_placed"], row["told"]) == (0, 0, 40)
    # the patient's home is unknown: the journey is from A, 0 minutes to A, so all of it is added
    assert row["added_travel"] > 0
    assert plan.facts["counts"]["unsafe_urgent"] == 0


def test_out_of_reach_it_moves() -> None:
    """The same an hour's drive apart: the urgent visit of A moves to the next day and is late."""
    visits = [*(urgent(f"b{n}", "B") for n in range(3)), urgent("a", "A")]
    later = session("L", 6, "08:00", "08:15", clinic_id="A")
    plan = planned(sites(visits, places=FAR, sessions=[later]))
    assert posts_of(plan) == {"A": 0, "B": 1}
    assert decided(plan, "a")["option"] == "own_clinician"
    assert plan.facts["counts"]["unsafe_urgent"] == 1


def test_another_kind_of_site_does_not_take_it() -> None:
    """Where B is a hospital, a visit booked at A is not seen there (R7)."""
    visits = [*(urgent(f"b{n}", "B") for n in range(3)), urgent("a", "A")]
    plan = planned(sites(visits, places=NEAR, rules={"B": {"kind": "hospital"}}))
    assert decided(plan, "a")["option"] == "waitlist"


def test_a_pinned_visit_opens_its_site() -> None:
    """A visit that must stand at A keeps A open, though four would stand at B."""
    visits = [visit("a", "A"), *(urgent(f"b{n}", "B") for n in range(4))]
    assert posts_of(planned(sites(visits)))["A"] == 0
    plan = planned(sites(visits), pinned=(("a", "stand"),))
    assert posts_of(plan) == {"A": 1, "B": 0}
    assert [row["gap"] for row in plan.facts["levels"]] == [0, 0, 0, 0]


def test_pinned_visits_take_their_room_at_the_site() -> None:
    """Of the four units of one post two are pinned: of three other visits two stand."""
    visits = [visit(f"a{n}", "A") for n in range(5)]
    found = options(planned(sites(visits), pinned=(("a0", "stand"), ("a1", "stand"))))
    assert (found["a0"], found["a1"]) == ("stand", "stand")
    assert sorted(found[f"a{n}"] for n in (2, 3, 4)) == ["stand", "stand", "waitlist"]


def test_pins_that_no_sending_keeps_are_refused() -> None:
    """Two sites must open with one post, or one that never can: that is said, by visit and site."""
    visits = [visit("a", "A"), visit("b", "B")]
    with pytest.raises(InputError, match="cannot get the posts") as both:
        planned(sites(visits), pinned=(("a", "stand"), ("b", "stand")))
    assert len(both.value.faults) == 2
    with pytest.raises(InputError, match="pinned to stand at B"):
        planned(sites(visits, rules={"B": {"min_clinicians": 2}}), pinned=(("b", "stand"),))
    plan = planned(sites(visits), TWO, pinned=(("a", "stand"), ("b", "stand")))
    assert posts_of(plan) == {"A": 1, "B": 1}


def test_nobody_is_pinned_to_another_site() -> None:
    """Where posts are sent is the plan's to choose: a pin to another site is refused."""
    with pytest.raises(InputError, match="another_site"):
        planned(sites([visit("a", "A")], places=NEAR), pinned=(("a", "another_site"),))


def test_no_post_is_sent_where_none_is_sure() -> None:
    """With nobody at work there is no post to send, and no site opens."""
    plan = planned(sites([visit("a", "A")]), 0.0)
    assert posts_of(plan) == {"A": 0, "B": 0}
    assert opens(plan) == {"A": False, "B": False}
    assert plan.facts["pools"][0]["stand_posts"] == 0


@settings(max_examples=15, deadline=None)
@given(BOOKED, st.booleans(), st.integers(1, 3))
def test_more_posts_never_cost_more(booked: list[tuple[str, str, int, int]], near: bool, few: int) -> None:
    """With more posts the best is no worse: what is proven for them is at most what fewer posts cost."""
    made = drawn(booked, near=near, few=few)
    found = [planned(made, share).facts["levels"][0] for share in (ONE, TWO, FOUR)]
    for fewer, more in pairwise(found):
        assert more["bound"] <= fewer["cost"]
        assert more["bound"] <= fewer["bound"] + fewer["gap"]


@settings(max_examples=15, deadline=None)
@given(BOOKED, st.booleans(), st.integers(1, 3), st.sampled_from([ONE, TWO, FOUR]))
def test_posts_keep_every_limit(
    booked: list[tuple[str, str, int, int]], near: bool, few: int, share: float
) -> None:
    """Posts add up to those of the pool at most, open a site only with its fewest, and hold what they see."""
    plan = planned(drawn(booked, near=near, few=few), share)
    posts = posts_of(plan)
    assert sum(posts.values()) <= plan.facts["pools"][0]["stand_posts"]
    assert posts["B"] == 0 or posts["B"] >= few
    seen = plan.decisions.filter(pl.col("option").is_in(["stand", "another_site"]))
    hours = seen.group_by("new_clinic_id", pl.col("start").dt.hour()).agg(pl.col("minutes").sum())
    assert all(minutes <= 60 * posts[clinic] for clinic, _, minutes in hours.iter_rows())
    elsewhere = plan.decisions.filter(option="another_site")
    assert near or elsewhere.is_empty()
    assert (elsewhere["new_clinic_id"] != elsewhere["clinic_id"]).all()


def told_elsewhere(answer: str | None, clinic: str = "B") -> tuple[Scenario, pl.DataFrame]:
    """Return three urgent visits at B and one of A, whose patient was told to come to B, and that log."""
    visits = [*(urgent(f"b{n}", "B") for n in range(3)), urgent("a", "A")]
    start = moment(STRIKE, "08:00")
    said = log(("a", "ZA", start, "another_site", clinic, None, start, answer))
    return Scenario.of(sites(visits, places=NEAR), [Strike(dates=(STRIKE,), working=ONE)]), said


def told_before(answer: str | None, clinic: str = "B") -> Plan:
    """Return the plan that follows."""
    scenario, said = told_elsewhere(answer, clinic)
    return plan_strike_day(scenario, policy(), AS_OF, None, said)


@pytest.mark.parametrize("answer", [None, "accepted"])
def test_who_was_told_another_site_is_not_told_again(answer: str | None) -> None:
    """The visit stays at the site that was told, and its patient is not called once more."""
    plan = told_before(answer)
    assert decided(plan, "a")["option"] == "another_site"
    assert decided(plan, "a")["told_again"] == 0
    assert plan.to_tell.is_empty()


def test_another_site_that_was_declined_is_not_offered_again() -> None:
    """Who declined to come to B is not asked again (R13): the post goes to A, and those of B come there."""
    plan = told_before("declined")
    assert posts_of(plan) == {"A": 1, "B": 0}
    assert options(plan) == {"a": "stand"} | dict.fromkeys(("b0", "b1", "b2"), "another_site")
    assert plan.retold["why"].to_list() == ["declined"]


def test_another_site_than_was_told_is_told_again() -> None:
    """Told to come to a site that is none of the pool, the patient is told of B, for 60 points more."""
    plan = told_before(None, "elsewhere")
    row = decided(plan, "a")
    assert (row["option"], row["new_clinic_id"]) == ("another_site", "B")
    assert row["told_again"] == Policy.default().weights["told_again"]


def test_the_checker_knows_that_another_site_was_declined() -> None:
    """A plan that sends the patient there all the same is not confirmed; without the answer it is."""
    plan = told_before(None)
    scenario, said = told_elsewhere(None)
    assert differences(scenario, plan, said) == ()
    scenario, said = told_elsewhere("declined")
    found = differences(scenario, plan, said)
    assert any("visit a" in text and "declined" in text for text in found), found
