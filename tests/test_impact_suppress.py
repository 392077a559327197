"""Small cells of the scorecard stay hidden, and none can be got back from the others."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from reports_factory import make_network, make_plan, make_scenario
from tideover.impact import FEWEST_PEOPLE, scorecard
from tideover.impact.suppress import suppressed
from tideover.nouns import Policy


def rows(people: list[int]) -> pl.DataFrame:
    values = [float(count) for count in people]
    return pl.DataFrame(
        {
            "measure": "told", "group": "language", "member": [f"m{n:02}" for n in range(len(people))],
            "people": people, "before": values, "after": values, "difference": values,
        },
        schema_overrides={"people": pl.Int64},
    )  # fmt: skip


def test_a_small_cell_hides_the_next_smallest_as_well() -> None:
    """Of 4, 30, 12 and 90 people the 4 is hidden, and the 12, or the total would give the 4 back."""
    found = suppressed(rows([4, 30, 12, 90]))
    assert found["suppressed"].to_list() == [True, False, True, False]
    assert found["after"].to_list() == [None, 30.0, None, 90.0]
    assert found["people"].to_list() == [None, 30, None, 90]


def test_two_small_cells_that_together_are_small_hide_a_third() -> None:
    """3 and 4 people are 7 together, which the total would give back; so the 20 is hidden too."""
    assert suppressed(rows([3, 4, 20, 50]))["suppressed"].to_list() == [True, True, True, False]


def test_nothing_is_hidden_where_all_cells_are_large() -> None:
    """Cells of 11 people and more stay, and so does a cell about nobody."""
    assert not suppressed(rows([11, 12, 0]))["suppressed"].any()


def test_rows_about_sessions_are_not_about_people() -> None:
    """Rows without a count of people stay as they are."""
    sessions = rows([5]).with_columns(people=pl.lit(None, pl.Int64))
    assert suppressed(sessions)["suppressed"].to_list() == [False]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_no_hidden_cell_can_be_worked_out(people: list[int]) -> None:
    """Each cell of 1 to 10 people is hidden, and the hidden are two cells and 11 people, or all there is."""
    found = suppressed(rows(people))
    hidden = [count for count, mark in zip(people, found["suppressed"], strict=True) if mark]
    shown = [count for count, mark in zip(people, found["suppressed"], strict=True) if not mark]
    assert all(count == 0 or count >= FEWEST_PEOPLE for count in shown)
    if hidden and any(shown):
        assert len(hidden) >= 2
        assert sum(hidden) >= FEWEST_PEOPLE
    if not any(0 < count < FEWEST_PEOPLE for count in people):
        assert not hidden


def test_a_scorecard_shows_no_small_cell() -> None:
    """On a network with rare languages and small sites no visible cell is about 1 to 10 people."""
    scenario = make_scenario(make_network(visits=180, clinics=12))
    card = scorecard(scenario, make_plan(scenario), Policy.default()).rows
    assert card["suppressed"].any()
    assert card.filter(pl.col("people").is_between(1, FEWEST_PEOPLE - 1)).is_empty()
    assert card.filter(pl.col("suppressed"))["after"].null_count() == card["suppressed"].sum()
