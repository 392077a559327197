"""The rules and cost terms at their very limits, worked by hand."""

from __future__ import annotations

import pytest

from tideover.nouns import Policy
from tideover.verify.case import Case
from tideover.verify.rules import near_enough
from tideover.visits import plan_strike_day
from tideover.visits.intervals import units_of
from visits_factory import AS_OF, session, struck


@pytest.mark.parametrize(("limit", "option"), [(14, "another_clinic"), (13, "waitlist")])
def test_a_journey_as_long_as_the_limit_is_short_enough(limit: int, option: str) -> None:
    """7.86 km x 1.3 at 45 km/h are 13.6 minutes, of which 14 are counted: 14 is enough, 13 is not.

    So says the checker, too.
    """
    clinics = [{"clinic_id": "A", "lat": 45.0, "lon": -93.0}, {"clinic_id": "B", "lat": 45.0, "lon": -93.1}]
    patients = [{"patient_id": "p0", "lat": 45.0, "lon": -93.0}]
    room = [session("B1", 6, "08:00", "08:15", clinic_id="B")]
    scenario = struck([{}], room, clinics=clinics, patients=patients)
    chosen = Policy.of({"travel_limit_minutes": limit})
    plan = plan_strike_day(scenario, chosen, AS_OF)
    assert plan.decisions["option"].to_list() == [option]
    case = Case.of(scenario, chosen, AS_OF, [])
    assert near_enough(case, case.visits["v0"], "B") is (option == "another_clinic")


def test_a_shorter_journey_saves_no_points() -> None:
    """A patient who lives beside the other clinic is moved there for no points of travel, not for less."""
    clinics = [{"clinic_id": "A", "lat": 45.0, "lon": -93.0}, {"clinic_id": "B", "lat": 45.0, "lon": -93.1}]
    patients = [
        {"patient_id": "p0", "lat": 45.0, "lon": -93.1},
        {"patient_id": "p1", "lat": 45.0, "lon": -93.0},
    ]
    room = [session("B1", 6, "08:00", "08:30", clinic_id="B")]
    scenario = struck([{}, {}], room, clinics=clinics, patients=patients)
    plan = plan_strike_day(scenario, Policy.of({"weights": {"added_travel": 3}}), AS_OF)
    assert plan.decisions.sort("patient_id")["added_travel"].to_list() == [0, 3 * 14]


def test_a_grain_of_a_minute_is_no_unit_more() -> None:
    """What is beyond whole units by less than a millionth is rounding; any more of it takes a whole unit."""
    assert [units_of(minutes, 15) for minutes in (30.0, 30.000001, 30.0001, 0.0)] == [2, 2, 3, 0]
