"""The shipped case at its full size: which disputed claims change what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tideover.cases import read_case
from tideover.cases.measured import Task, dated, measure
from tideover.claims import alternatives, read_reading
from tideover.readers import write_network
from tideover.synthetic import synthetic_network

#: Disputed claims that are answered otherwise, each by itself, and a figure that moves with it.
MOVES = {
    "working-share": "standby",
    "strike-date": "booked",
    "unit-roles": "struck_posts",
    "struck-site-kinds": "struck_posts",
}


@pytest.mark.slow
def test_four_disputed_claims_change_the_strike_of_the_shipped_case(tmp_path: Path):
    """The one-day strike with one claim after the other answered by another side: its figures differ."""
    case = read_case("twin-cities-2025")
    base = read_reading("literature", case.ledger)
    own = case.under(base)
    assert own.recipe is not None
    write_network(synthetic_network(own.recipe), tmp_path / "network", "parquet")
    name = "strike"
    others = {}
    for claim in MOVES:
        entry = alternatives(base.answer(claim))[0]
        assert case.ledger[claim].disputed
        others[claim] = case.under(base.exchanged(claim, entry))
    tasks = [
        Task(tmp_path / "network", None, one.changes[name], one.policy, chances=[one.chances])
        for one in (own, *others.values())
    ]
    ((here,), *found) = measure([replace(task) for task in tasks])
    assert isinstance(here, dict)
    for claim, (row,) in zip(others, found, strict=True):
        assert isinstance(row, dict), row
        assert row[MOVES[claim]] != here[MOVES[claim]], claim


def test_a_fifth_is_the_last_closing_and_moves_the_dates_of_the_closings():
    """By hand: from 1 November to 1 February are 92 days, to the first of January 61."""
    case = read_case("twin-cities-2025")
    base = read_reading("literature", case.ledger)
    january = next(entry for entry in case.ledger["last-closure-on"].entries if entry.who == "press-b")
    apart = [
        dated(case.under(reading).changes["closures"])["days_apart"]
        for reading in (base, base.exchanged("last-closure-on", january))
    ]
    assert apart == [92, 61]
