"""Plans of random networks keep the laws, and trouble ends in a right plan or in a clear fault."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tideover.disruptions.leave import Leave
from tideover.disruptions.strike import Strike
from tideover.engines.assignment import TooLargeError
from tideover.errors import InputError
from tideover.nouns import Network, Plan, Policy, Scenario
from tideover.nouns.plan import DECISIONS, OPTIONS
from tideover.responses.extra_sessions import ExtraSessions
from tideover.visits import plan_strike_day
from visits_factory import AS_OF, STRIKE, Case, case_of, decided, moment, session, shuffled, struck

SEEDS = st.integers(0, 19)  # few, so that the laws share their plans; the slow tests draw from many
LAW = settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck), database=None)
case_of = cache(case_of)


def plan(case: Case, network: Network | None = None) -> Plan:
    """Return the plan of a case, perhaps on another network."""
    scenario = Scenario.of(network or case.network, case.changes)
    return plan_strike_day(scenario, case.policy, AS_OF)


@cache
def first_plan(seed: int) -> Plan:
    """Return the plan of the case of ``seed``, made once for all laws."""
    return plan(case_of(seed))


def parquet(plan: Plan) -> bytes:
    """Return the bytes of ``decisions.parquet``."""
    file = io.BytesIO()
    plan.decisions.write_parquet(file)
    return file.getvalue()


@LAW
@given(SEEDS)
def test_every_booked_visit_is_accounted_for(seed):
    """Options add up to the booked visits, each once, with exactly the columns that were promised."""
    case, made = case_of(seed), first_plan(seed)
    counts = made.facts["counts"]
    names = ("stand", "another_site", "standby", "moved", "video", "urgent_care", "waitlist")
    assert sum(counts[name] for name in names) == counts["booked"] == made.decisions.height
    assert made.decisions["visit_id"].is_unique().all()
    assert made.decisions.columns == [*DECISIONS, *case.policy.terms]
    types = {name: str(dtype) for name, dtype in DECISIONS.items()}
    assert {name: str(made.decisions.schema[name]) for name in DECISIONS} == types
    assert set(made.decisions["option"]) <= set(OPTIONS)
    book = case.network.visits.filter(pl.col("booked_on").is_null() | (pl.col("booked_on") <= AS_OF))
    on_strike = book.filter(pl.col("start").dt.date().is_in([STRIKE]))
    assert set(on_strike["visit_id"]) <= set(made.decisions["visit_id"]) <= set(book["visit_id"])


@LAW
@given(SEEDS)
def test_what_is_booked_after_the_as_of_date_does_not_matter(seed):
    """Without the visits that are not yet booked, or with others of them, the plan is the same."""
    case = case_of(seed)
    visits = case.network.visits
    unseen = pl.col("booked_on") > AS_OF
    fewer = visits.filter(~unseen.fill_null(value=False))
    moved = visits.with_columns(
        pl.when(unseen).then(1).otherwise("urgency").alias("urgency"),
        pl.when(unseen).then(30).otherwise("minutes").alias("minutes"),
    )
    first = first_plan(seed)
    for other in (fewer, moved):
        second = plan(case, case.network.replace(visits=other))
        assert second.decisions.equals(first.decisions)
        assert second.prices.equals(first.prices)
        assert second.facts["levels"] == first.facts["levels"]


@LAW
@given(SEEDS, st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(seed, order):
    """Rows of every table in another order give the same bytes of decisions and the same facts."""
    case = case_of(seed)
    first, second = first_plan(seed), plan(case, shuffled(case.network, order))
    assert parquet(first) == parquet(second)
    assert first.prices.equals(second.prices)
    assert json.dumps(first.facts, default=str) == json.dumps(second.facts, default=str)


@LAW
@given(SEEDS)
def test_payers_and_groups_change_no_plan(seed):
    """Other payers and further group columns leave every decision and price as it was."""
    case = case_of(seed)
    patients = case.network.patients
    other = case.network.replace(
        patients=patients.with_columns(
            payer=pl.col("payer").reverse(),
            birth_year=pl.lit(1950),
            has_car=pl.lit(value=False),
            group_area=pl.lit("north"),
        ),
        visits=case.network.visits.with_columns(group_payer=pl.lit("x")),
    )
    first, second = first_plan(seed), plan(case, other)
    assert parquet(first) == parquet(second)
    assert first.prices.equals(second.prices)


@LAW
@given(SEEDS)
def test_costs_lie_between_the_bounds_and_first_come(seed):
    """No level costs less than its bound; in lexicographic order no plan costs more than first-come."""
    facts = first_plan(seed).facts
    levels = facts["levels"]
    assert all(0 <= level["bound"] <= level["cost"] for level in levels)
    assert all(level["gap"] == level["cost"] - level["bound"] for level in levels)
    assert [level["cost"] for level in levels] <= [level["first_come"] for level in levels]
    assert facts["bound"] <= facts["cost"]
    weights = levels[-1]["weights"]
    assert facts["cost"] == sum(w * level["cost"] for w, level in zip(weights, levels, strict=True))
    for level in levels:
        assert level["cost"] == sum(facts["terms"][term] for term in level["terms"])


@LAW
@given(SEEDS)
def test_a_response_never_makes_the_first_level_worse(seed):
    """With more sessions, and no reserve to spread over them, the first bound is at most the cost before.

    The costs themselves need not fall: neither plan is proven to be the best.
    """
    case = case_of(seed)
    network = case.network.replace(
        visits=case.network.visits.with_columns(pl.lit(None, pl.Date).alias("booked_on"))
    )
    extra = ExtraSessions(clinics=("c0",), dates=(STRIKE + timedelta(days=1),), hours="12:00-14:00", posts=3)
    before = plan(case, network).facts["levels"][0]
    after = plan(Case(network, [*case.changes, extra], case.policy)).facts["levels"][0]
    assert after["bound"] <= before["cost"]


@LAW
@given(SEEDS)
def test_the_same_input_gives_the_same_bytes(seed):
    """Twice the same input, twice the same file."""
    assert parquet(first_plan(seed)) == parquet(plan(case_of(seed)))


@LAW
@given(SEEDS)
def test_nobody_is_in_two_places(seed):
    """No newly placed visit overlaps another of its patient, seen one by one."""
    case, decisions = case_of(seed), first_plan(seed).decisions
    rows = decisions.filter(pl.col("patient_id").is_not_null() & pl.col("new_start").is_not_null())
    held = {
        row["visit_id"]: (row["patient_id"], row["start"], row["minutes"], False)
        for row in case.network.visits.iter_rows(named=True)
        if row["booked_on"] is None or row["booked_on"] <= AS_OF
    }
    for row in decisions.iter_rows(named=True):
        new = row["option"] not in ("stand", "standby", "waitlist")
        held[row["visit_id"]] = (row["patient_id"], row["new_start"], row["minutes"], new)
    for row in rows.iter_rows(named=True):
        for name, (patient, start, minutes, new) in held.items():
            same = patient == row["patient_id"] and start is not None and name != row["visit_id"]
            if same and (new or row["option"] not in ("stand", "standby")):
                apart = start + timedelta(minutes=minutes) <= row["new_start"]
                assert apart or row["new_start"] + timedelta(minutes=row["minutes"]) <= start


def simple(scenario: Scenario, as_of: date = AS_OF, **chosen: object) -> Plan:
    return plan_strike_day(scenario, Policy.of(chosen), as_of)


def test_a_strike_outside_the_book_is_a_fault():
    """A date on which nothing is held is refused, and the report names the book's dates."""
    network = struck([{}]).network
    with pytest.raises(InputError, match="the book runs from 2025-11-05 to 2025-11-05"):
        Scenario.of(network, [Strike(dates=(date(2026, 1, 5),), working=0.0)])


@pytest.mark.parametrize("as_of", [STRIKE, STRIKE + timedelta(days=1)])
def test_an_as_of_date_on_or_after_the_strike_is_a_fault(as_of):
    """The plan is made before the first day that is lost."""
    with pytest.raises(InputError, match="or the previous plan"):
        simple(struck([{}]), as_of)


def test_an_as_of_date_after_a_leave_is_a_fault():
    """Leave that is over cannot be planned around."""
    sessions = [session("M", 4, "08:00", "09:00")]
    away = Leave(dates=(date(2025, 11, 4),), clinics=("A",))
    with pytest.raises(InputError, match="last on which sessions are lost, 2025-11-05"):
        simple(struck([{}], sessions, changes=[away]), date(2025, 11, 5))


def test_no_capacity_at_all():
    """Where no other session is held, everything waits, and the plan is proven to be the best."""
    made = simple(struck([{}, {"minutes": 30}, {"urgency": 1}]))
    assert made.facts["counts"]["waitlist"] == 3
    assert [level["gap"] for level in made.facts["levels"]] == [0, 0, 0, 0]


def test_only_weights_that_do_not_fit_are_blamed_on_the_policy(monkeypatch):
    """Costs too large to order are the policy's fault; any other fault of the engine is its own."""
    for error, seen in ((TooLargeError("too large"), InputError), (ValueError("do not fit"), ValueError)):
        monkeypatch.setattr("tideover.visits.joint.solve", raising(error))
        with pytest.raises(ValueError, match=str(error)) as caught:
            plan_strike_day(struck([{}]), Policy.default(), AS_OF)
        assert caught.type is seen


def raising(error: Exception) -> Callable[..., None]:
    """Return a function that raises ``error``."""

    def fail(*_: object) -> None:
        raise error

    return fail


def test_nobody_affected():
    """A strike of a team without visits gives a plan in which all stands and nothing costs anything."""
    held = {"session_id": "S", "start": moment(STRIKE, "14:00")}
    made = simple(struck([held], [session("S", 5, "14:00", "15:00")]))
    assert made.facts["counts"] == dict.fromkeys(made.facts["counts"], 0) | {"booked": 1, "stand": 1}
    assert made.facts["unit_minutes"] == 1
    assert (made.facts["cost"], made.facts["bound"], made.facts["gap"]) == (0, 0, 0.0)


def test_no_change_at_all():
    """Without changes there is no strike date and nothing to decide."""
    made = simple(Scenario(struck([{}]).network))
    assert made.decisions.is_empty()
    assert made.facts["pools"] == []


def test_all_visits_unseen():
    """Where everything is booked after the as-of date, nothing is decided and all of it counts as later."""
    made = simple(struck([{"booked_on": date(2025, 11, 4)}] * 2))
    assert made.decisions.is_empty()
    assert made.facts["later"]["strike_day"] == {"visits": 2, "met": 0, "not_met": 2}


def test_one_visit():
    """A single visit goes to the only place there is."""
    made = simple(struck([{}], [session("F", 7, "08:00", "08:15")]))
    row = decided(made, "v0")
    assert (row["option"], row["new_start"]) == ("own_clinician", moment(date(2025, 11, 7), "08:00"))
    assert made.facts["hours"] == [
        {
            "date": "2025-11-05",
            "hour": 8,
            "booked": 1,
            "affected": 1,
            "stand": 0,
            "standby": 0,
            "stand_units": 0,
        },
        {
            "date": "2025-11-05",
            "hour": 9,
            "booked": 0,
            "affected": 0,
            "stand": 0,
            "standby": 0,
            "stand_units": 0,
        },
    ]


def test_later_visits_are_met_by_what_the_plan_leaves():
    """Two places on Friday and one taken: of two later visits one is met; on Tuesday, before D0, one of one.

    On the strike day 3 units stand each hour, 24 in all over two hours of ten posts; two later visits fit.
    """
    after = {"booked_on": date(2025, 11, 4)}
    friday, tuesday = {"session_id": "F"}, {"session_id": "T", "start": moment(date(2025, 11, 4), "08:00")}
    visits = [
        {},
        after | friday | {"start": moment(date(2025, 11, 7), "08:00")},
        after | friday | {"start": moment(date(2025, 11, 7), "08:15")},
        after | tuesday,
    ]
    sessions = [session("F", 7, "08:00", "08:30"), session("T", 4, "08:00", "08:30")]
    assert simple(struck(visits, sessions)).facts["later"] == {
        "strike_day": {"visits": 0, "met": 0, "not_met": 0},
        "other_days": {"visits": 3, "met": 2, "not_met": 1},
    }
    full = simple(struck([{}, after, after], working=0.5)).facts["later"]
    assert full["strike_day"] == {"visits": 2, "met": 2, "not_met": 0}
    assert simple(struck([{}])).facts["later"] is None


def test_a_pinned_visit_takes_its_place_from_later_ones_once():
    """Half an hour holds a pinned visit and a later one; it does not take its room twice."""
    from visits_factory import pins

    start = moment(date(2025, 11, 7), "08:00")
    later = {"session_id": "F", "start": start, "booked_on": date(2025, 11, 4)}
    scenario = struck([{}, later], [session("F", 7, "08:00", "08:30")])
    pinned = pins(("v0", "own_clinician", "F", start))
    made = plan_strike_day(scenario, Policy.default(), AS_OF, pinned)
    assert made.facts["later"]["other_days"] == {"visits": 1, "met": 1, "not_met": 0}


def test_a_day_with_all_that_safe_cover_asks_for_leaves_nobody_unsafe():
    """With the sessions that were asked for added at the clinic, no urgent visit is unsafe any more."""
    visits = [{"urgency": 1 + n % 2, "minutes": 45, "safe_by": STRIKE} for n in range(12)]
    before = struck(visits)
    need = simple(before).facts
    assert need["counts"]["unsafe_urgent"] == 12
    posts = need["minimum_safe_cover"]["sessions"]
    extra = ExtraSessions(clinics=("A",), dates=(STRIKE,), hours="08:00-12:00", posts=posts)
    after = Scenario.of(before.network, [*before.changes, extra])
    assert simple(after).facts["counts"]["unsafe_urgent"] == 0
