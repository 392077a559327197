"""Planning again, by hand: what was told is kept, given up, pinned or given back, and who is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from again_factory import log
from tideover.disruptions import with_known_cover
from tideover.disruptions.strike import Strike
from tideover.errors import InputError
from tideover.nouns import Plan, Policy, Scenario
from tideover.verify.case import Case
from tideover.verify.rules import offered_before
from tideover.verify.told import last_rows
from tideover.visits import plan_strike_day
from visits_factory import AS_OF, STRIKE, decided, moment, pins, session, struck

FRIDAY = session("F", 7, "08:00", "09:00")
MONDAY = session("M", 10, "08:00", "09:00")
BOOKED = ("Z", moment(STRIKE, "08:00"))
ON_FRIDAY = ("own_clinician", "A", "F", moment(date(2025, 11, 7), "08:30"))
ON_MONDAY = ("own_clinician", "A", "M", moment(date(2025, 11, 10), "08:00"))
WAITS = ("standby", "A", *BOOKED)


def told(visit: str, what: tuple[Any, ...], answer: str | None = None) -> pl.DataFrame:
    """Return the log of one visit, booked in Z at 08:00."""
    return log((visit, *BOOKED, *what, answer))


def again(scenario: Scenario, before: pl.DataFrame, as_of: date = AS_OF, **chosen: Any) -> Plan:
    """Return the plan that follows what ``before`` says was told."""
    return plan_strike_day(scenario, Policy.of(chosen), as_of, None, before)


def place(plan: Plan, visit: str = "v0") -> tuple[str, str | None, datetime | None]:
    """Return option, session and start of a visit."""
    row = decided(plan, visit)
    return row["option"], row["new_session_id"], row["new_start"]


def reason(plan: Plan, visit: str = "v0") -> str | None:
    """Return why the patient is told again, or nothing."""
    (why,) = plan.retold.filter(pl.col("visit_id") == visit)["why"]
    return why


def test_what_was_told_stays_though_another_time_is_nearer():
    """Told Monday, a visit stays there though Friday is three days nearer, and nobody is called."""
    scenario = struck([{}], [FRIDAY, MONDAY])
    assert place(again(scenario, told("v0", ON_MONDAY)[:0]))[1] == "F"
    plan = again(scenario, told("v0", ON_MONDAY))
    assert place(plan) == ("own_clinician", "M", ON_MONDAY[3])
    assert plan.to_tell.is_empty()
    assert plan.facts["terms"]["told_again"] == 0
    assert (plan.facts["told"]["told"], plan.facts["told"]["kept"]) == (1, 1)


def test_the_term_does_it():
    """Without its weight the nearer time is taken: the test above can fail."""
    plan = again(struck([{}], [FRIDAY, MONDAY]), told("v0", ON_MONDAY), weights={"told_again": 0})
    assert place(plan)[1] == "F"
    assert reason(plan) == "better"


def test_safety_comes_before_what_was_told():
    """A visit that is safe only until Friday is called again, for its weight times one telling."""
    scenario = struck([{"safe_by": date(2025, 11, 7)}], [FRIDAY, MONDAY])
    plan = again(scenario, told("v0", ON_MONDAY), weights={"told_again": 7})
    assert place(plan)[1] == "F"
    assert plan.facts["terms"]["told_again"] == 7
    assert plan.to_tell["visit_id"].to_list() == ["v0"]


def test_who_was_told_twice_counts_twice():
    """The weight of being told again is times the tellings so far."""
    scenario = struck([{"safe_by": date(2025, 11, 7)}], [FRIDAY, MONDAY])
    second = told("v0", ON_MONDAY).with_columns(number=pl.lit(2, pl.Int64))
    twice = pl.concat([told("v0", ON_MONDAY), second])
    plan = again(scenario, twice, weights={"told_again": 7}, told_at_most=3)
    assert place(plan)[1] == "F"
    assert plan.facts["terms"]["told_again"] == 14


@pytest.mark.parametrize(("answer", "most"), [("accepted", 2), (None, 1)])
def test_whoever_accepted_or_was_told_often_is_not_called_for_safety(answer, most):
    """An accepted time, or the last of so many tellings, is a pin."""
    scenario = struck([{"safe_by": date(2025, 11, 7)}], [FRIDAY, MONDAY])
    plan = again(scenario, told("v0", ON_MONDAY, answer), told_at_most=most)
    assert place(plan)[1] == "M"
    assert plan.prices.is_empty()


def test_a_more_urgent_visit_may_take_a_place_that_was_told():
    """The one place before the weekend goes to the visit that is safe only there."""
    visits = [{}, {"urgency": 1, "safe_by": date(2025, 11, 7)}]
    small = session("F", 7, "08:00", "08:15")
    first = ("own_clinician", "A", "F", moment(date(2025, 11, 7), "08:00"))
    plan = again(struck(visits, [small, MONDAY]), told("v0", first))
    assert (place(plan)[1], place(plan, "v1")[1]) == ("M", "F")
    assert reason(plan) == "better"
    assert plan.facts["terms"]["told_again"] == 1


def test_a_declined_place_is_not_offered_again():
    """Friday was declined, so that Monday is offered; where nothing else is open, the visit waits."""
    plan = again(struck([{}], [FRIDAY, MONDAY]), told("v0", ON_FRIDAY, "declined"))
    assert place(plan)[1] == "M"
    assert (reason(plan), plan.facts["terms"]["told_again"]) == ("declined", 0)
    assert place(again(struck([{}], [FRIDAY]), told("v0", ON_FRIDAY, "declined")))[0] == "waitlist"


def test_what_was_declined_before_the_last_telling_is_not_offered_either():
    """Friday was declined, then Monday told, where there is no room: the visit waits; so says the checker."""
    rival = {"session_id": "M", "start": ON_MONDAY[3], "minutes": 60, "patient_id": "other"}
    scenario = struck([{}, rival], [FRIDAY, MONDAY])
    later = told("v0", ON_MONDAY).with_columns(number=pl.lit(2, pl.Int64))
    before = pl.concat([told("v0", ON_FRIDAY, "declined"), later])
    assert place(again(scenario, before))[0] == "waitlist"
    case = Case.of(scenario, Policy.default(), AS_OF, [], last_rows(before))
    assert offered_before(case.visits["v0"]) == {"F", "M"}


def test_a_place_that_is_gone_is_listed_so():
    """Where somebody else was booked at 08:30 since, the visit gets another time, for that reason."""
    rival = {"session_id": "F", "start": ON_FRIDAY[3], "minutes": 30, "patient_id": "other"}
    plan = again(struck([{}, rival], [FRIDAY, MONDAY]), told("v0", ON_FRIDAY, "accepted"))
    assert place(plan)[1] == "M"
    assert reason(plan) == "place_gone"
    assert plan.facts["told"]["place_gone"] == 1


def test_of_two_told_places_that_no_longer_both_fit_the_more_urgent_stays():
    """With one post left of two, one of two visits at once keeps its time: the more urgent."""
    visits = [{"urgency": 5}, {"urgency": 3}]
    both = pl.concat([told("v0", ON_FRIDAY), told("v1", ON_FRIDAY)])
    plan = again(struck(visits, [FRIDAY, MONDAY]), both)
    assert place(plan, "v1") == ("own_clinician", "F", ON_FRIDAY[3])
    assert reason(plan) == "place_gone"


def test_a_book_that_is_newer_than_the_telling_counts():
    """Where the book has the visit at another time since, what was told before says nothing."""
    scenario = struck([{"start": moment(STRIKE, "09:00")}], [FRIDAY, MONDAY])
    plan = again(scenario, told("v0", ON_MONDAY))
    assert place(plan)[1] == "F"
    assert plan.retold.is_empty()


def test_a_time_that_is_over_is_no_part_of_the_plan():
    """A visit that was moved to Tuesday and held is not planned again on Wednesday's eve."""
    sessions = [session("T", 4, "08:00", "09:00"), FRIDAY]
    early = ("own_clinician", "A", "T", moment(date(2025, 11, 4), "08:00"))
    plan = again(struck([{}, {}], sessions), told("v0", early), as_of=date(2025, 11, 4))
    assert plan.decisions["visit_id"].to_list() == ["v1"]


def test_a_planners_pin_comes_before_what_was_told():
    """Whoever plans may still decide otherwise, and the reason says so."""
    scenario = struck([{}], [FRIDAY, MONDAY])
    own = pins(("v0", "own_clinician", "F", moment(date(2025, 11, 7), "08:00")))
    plan = plan_strike_day(scenario, Policy.of({}), AS_OF, own, told("v0", ON_MONDAY))
    assert (place(plan)[1], reason(plan)) == ("F", "pinned")


def called_off(scenario: Scenario) -> Scenario:
    """Return the same network without its strike."""
    return Scenario.of(scenario.network, [])


def test_called_off_calls_only_who_waits():
    """Without the strike, who was told a time keeps it, who waits is told once more, and the rest stand."""
    scenario = struck([{}, {}, {}], [FRIDAY, MONDAY])
    before = pl.concat([told("v0", ON_FRIDAY), told("v1", WAITS)])
    plan = again(called_off(scenario), before)
    assert place(plan) == ("own_clinician", "F", ON_FRIDAY[3])
    assert place(plan, "v1")[0] == "stand"
    assert plan.decisions["visit_id"].to_list() == ["v0", "v1"]
    assert plan.to_tell["visit_id"].to_list() == ["v1"]
    assert reason(plan, "v1") == "promised"


def test_called_off_gives_the_booked_time_back_for_safety():
    """A visit that was told a date past its safe-by date goes back, with its own clinician, by one call."""
    scenario = struck([{"safe_by": STRIKE}], [MONDAY])
    plan = again(called_off(scenario), told("v0", ON_MONDAY))
    assert place(plan) == ("stand", *BOOKED)
    assert plan.facts["terms"] | {"told_again": 1} == dict.fromkeys(plan.facts["terms"], 0) | {
        "told_again": 1
    }
    assert plan.to_tell["visit_id"].to_list() == ["v0"]
    accepted = again(called_off(scenario), told("v0", ON_MONDAY, "accepted"))
    assert place(accepted)[1] == "M"


def test_a_booked_place_that_was_given_away_is_not_given_back():
    """Ten visits booked into the ten posts since leave no room to go back to."""
    since = [{"patient_id": f"new{n}", "booked_on": date(2025, 11, 4), "session_id": "Z"} for n in range(10)]
    scenario = struck([{"safe_by": STRIKE}, *since], [MONDAY])
    plan = again(called_off(scenario), told("v0", ON_MONDAY), as_of=date(2025, 11, 4))
    assert place(plan)[1] == "M"
    fewer = struck([{"safe_by": STRIKE}, *since[:9]], [MONDAY])
    assert place(again(called_off(fewer), told("v0", ON_MONDAY), as_of=date(2025, 11, 4)))[0] == "stand"


def test_within_a_strike_days_that_are_over_are_left_out():
    """As of the first of two strike dates only the second is planned; who waits for a date still is."""
    late = {"session_id": "Y", "start": moment(date(2025, 11, 6), "08:00")}
    team = session("Y", 6, "08:00", "10:00", posts=10, unit="U")
    scenario = struck([{}, late, {}], [team, FRIDAY, MONDAY])
    both = Strike(dates=(STRIKE, date(2025, 11, 6)), working=0.0)
    scenario = Scenario.of(scenario.network, [both]).after(STRIKE)
    plan = again(scenario, told("v2", ("waitlist", None, None, None)), as_of=STRIKE)
    assert plan.decisions["visit_id"].to_list() == ["v1", "v2"]
    assert {row["date"] for row in plan.facts["pools"]} == {"2025-11-06"}
    assert reason(plan, "v2") == "promised"


def morning(held: int) -> tuple[Scenario, Plan]:
    """Return the morning of a strike of twelve one-post sessions of which ``held`` are held."""
    crew = [session(f"S{n:02}", 5, "08:00", "10:00", unit="U") for n in range(12)]
    visits = [{"session_id": f"S{n:02}"} for n in range(12)]
    scenario = struck(visits, [*crew, FRIDAY, MONDAY], working=0.25)
    scenario = with_known_cover(scenario, [f"S{n:02}" for n in range(held)])
    return scenario, plan_strike_day(scenario, Policy.default(), date(2025, 11, 4), None, told_all())


def told_all() -> pl.DataFrame:
    """Return a log in which v0 waits and v1 was told Friday."""
    rows = [("v0", WAITS), ("v1", ON_FRIDAY)]
    return log(*((v, f"S0{v[1]}", BOOKED[1], *_at(what, v), None) for v, what in rows))


def _at(what: tuple[Any, ...], visit: str) -> tuple[Any, ...]:
    return (*what[:2], f"S0{visit[1]}", what[3]) if what[0] == "standby" else what


def test_on_the_morning_cover_is_what_is_held():
    """Minutes of held sessions become units by hour; nobody waits any more, and told times are pins."""
    scenario, plan = morning(4)
    assert scenario.known["held_minutes"].sum() == 4 * 120
    counts = plan.facts["counts"]
    assert (counts["standby"], counts["stand"]) == (0, 11)
    assert place(plan, "v1")[1] == "F"
    assert plan.to_tell.filter(pl.col("option") == "stand")["visit_id"].to_list() == ["v0"]
    (_, fewer) = morning(0)
    assert fewer.facts["counts"]["stand"] == 0


@pytest.mark.parametrize(
    ("held", "said"),
    [(["nobody"], "a session of the network"), (["F"], "first strike date"), (["S00", "M"], "first strike")],
)
def test_sessions_that_cannot_be_held_are_faults(held, said):
    """Unknown sessions and those of other dates are refused."""
    scenario, _ = morning(0)
    with pytest.raises(InputError, match=said):
        with_known_cover(replace(scenario, known=scenario.known[:0]), held)


def test_a_small_pool_has_no_known_cover():
    """Of fewer than ten posts nothing is summed, even where a share of nought was planned."""
    crew = [session(f"S{n:02}", 5, "08:00", "10:00", unit="V") for n in range(3)]
    scenario = struck([{}], [*crew, FRIDAY])
    few = Scenario.of(scenario.network, [Strike(dates=(STRIKE,), working=0.0, units=("V",))])
    with pytest.raises(InputError, match="at least 10 posts"):
        with_known_cover(few, ["S00"])


def test_what_is_prepared_serves_for_any_sessions_held():
    """A morning made ready with one list of sessions gives the plan of another to the last row."""
    from tideover.visits import prepare

    scenario, _ = morning(0)
    other, direct = morning(5)
    ready = prepare(scenario, Policy.default(), date(2025, 11, 4), None, told_all())
    quick = plan_strike_day(other, Policy.default(), date(2025, 11, 4), prepared=ready)
    assert quick.decisions.equals(direct.decisions)
    assert quick.facts["levels"] == direct.facts["levels"]


def test_the_first_answer_is_as_good_and_says_whom_to_tell():
    """Made ready ahead, a morning's decisions come alone, with the same costs, bounds and calls."""
    from tideover.visits import first_answer, prepare

    scenario, _ = morning(2)
    other, direct = morning(5)
    ready = prepare(scenario, Policy.default(), date(2025, 11, 4), None, told_all(), ahead=True)
    first = first_answer(other, Policy.default(), ready)
    for name in ("levels", "counts", "told", "decide_by"):
        assert first.facts[name] == direct.facts[name]
    assert first.to_tell["visit_id"].to_list() == direct.to_tell["visit_id"].to_list()
