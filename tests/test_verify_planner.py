"""The planner against verify: two programs written from one page agree on every figure."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from tideover.errors import InputError
from tideover.verify.case import Case
from tideover.verify.check import check_plan
from tideover.verify.verdict import Findings
from tideover.visits import plan_strike_day
from verify_scenarios import AS_OF, cases

FUZZ = settings(deadline=None, suppress_health_check=list(HealthCheck))


def differences(case: Case) -> tuple[str, ...]:
    """Return what verify finds in the planner's plan; nothing for a pin that cannot be kept."""
    rows = [(pin.visit_id, pin.option, pin.session_id, pin.start) for pin in case.pins.values()]
    columns = {
        "visit_id": pl.String,
        "option": pl.String,
        "session_id": pl.String,
        "start": pl.Datetime("us"),
    }
    pins = pl.DataFrame(rows, schema=columns, orient="row")
    try:
        plan = plan_strike_day(case.scenario, case.policy, AS_OF, pins)
    except InputError:
        assert case.pins
        return ()
    findings = Findings()
    facts = json.loads(json.dumps(plan.facts, default=str))
    check_plan(case, facts, plan.decisions, plan.prices, findings)
    return findings.sentences()


@settings(FUZZ, max_examples=40)
@given(cases())
def test_planner_and_verify_agree(case: Case) -> None:
    """Whatever the strike day, the plan keeps every rule, and every figure is the same to the digit."""
    assert differences(case) == ()


@pytest.mark.slow
@settings(FUZZ, max_examples=240)
@given(cases())
def test_planner_and_verify_agree_in_many_cases(case: Case) -> None:
    """The same, six times as often."""
    assert differences(case) == ()
