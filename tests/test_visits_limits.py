"""The planner's rules at their very limits, worked by hand."""

from __future__ import annotations

import pytest

from tideover.nouns import Policy
from tideover.visits import plan_strike_day
from visits_factory import AS_OF, session, struck


@pytest.mark.parametrize(("limit", "option"), [(14, "another_clinic"), (13, "waitlist")])
def test_a_journey_as_long_as_the_limit_is_short_enough(limit: int, option: str) -> None:
    """7.86 km x 1.3 at 45 km/h are 13.6 minutes, of which 14 are counted: 14 is enough, 13 is not."""
    clinics = [{"clinic_id": "A", "lat": 45.0, "lon": -93.0}, {"clinic_id": "B", "lat": 45.0, "lon": -93.1}]
    patients = [{"patient_id": "p0", "lat": 45.0, "lon": -93.0}]
    room = [session("B1", 6, "08:00", "08:15", clinic_id="B")]
    scenario = struck([{}], room, clinics=clinics, patients=patients)
    plan = plan_strike_day(scenario, Policy.of({"travel_limit_minutes": limit}), AS_OF)
    assert plan.decisions["option"].to_list() == [option]
