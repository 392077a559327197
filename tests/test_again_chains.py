"""Chains of plans that follow each other: the planner and the checker agree on every one of them."""

from __future__ import annotations

import polars as pl
import pytest

from again_factory import chain


@pytest.mark.parametrize("seed", [*range(8), 12, 16, 168])
def test_planner_and_verify_agree_on_chains(seed: int) -> None:
    """Whatever happens between plans, the checker makes each of them again to the digit."""
    for step in chain(seed):
        assert step.differences() == ()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8, 36))
def test_planner_and_verify_agree_on_many_chains(seed: int) -> None:
    """The same, with many more chains."""
    for step in chain(seed):
        assert step.differences() == ()


def test_chains_meet_what_they_are_for() -> None:
    """The chains hold every reason to tell patients again that no pin gives, and visits that go back."""
    met: set[str] = set()
    for seed in (3, 8, 16):
        for step in chain(seed):
            met |= set(step.plan.retold["why"].drop_nulls())
            back = step.plan.to_tell.filter((pl.col("option") == "stand") & (pl.col("says") == "time"))
            met |= {"goes back"} if back.height else set()
    assert {"declined", "promised", "place_gone", "better", "goes back"} <= met
