"""What a transfer says, as tables: a row for each person, letters, prices, and who lacks a place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from tideover.disruptions.closure import Closure
from tideover.nouns import Policy, Scenario
from tideover.panels import rules
from tideover.panels.problem import UNITS
from tideover.panels.transfer import Transfer

#: One row for each person who needs a new place; the terms follow as columns of points.
TRANSFERS = {
    "patient_id": pl.String(),
    "household_id": pl.String(),
    "on": pl.Date(),
    "clinic_id": pl.String(),
    "clinician_id": pl.String(),
    "new_clinic_id": pl.String(),
    "new_clinician_id": pl.String(),
    "size_tenths": pl.Int64(),
    "minutes_before": pl.Int64(),
    "minutes_after": pl.Int64(),
    **dict.fromkeys(rules.TERMS, pl.Int64()),
}
LETTERS = {
    "patient_id": pl.String(),
    "old_clinic_id": pl.String(),
    "new_clinic_id": pl.String(),
    "on": pl.Date(),
}
DUALS = {
    "choice": pl.Int64(),
    "level": pl.Int64(),
    "clinician_id": pl.String(),
    "price": pl.Int64(),
}


def transfers(result: Transfer, policy: Policy) -> pl.DataFrame:
    """Return where each person goes and what it costs (columns of ``TRANSFERS``), sorted by patient_id."""
    people, posts, post = result.people, result.posts, result.post
    placed = post >= 0
    at = np.where(placed, post, 0)
    row = np.arange(post.size)
    clinic = posts.clinic[at] if posts.clinic.size else np.zeros(post.size, np.int64)
    names = pl.Series([*people.clinics], dtype=pl.String)
    nothing = pl.Series([None] * post.size, dtype=pl.String)
    gone = pl.Series(~placed)
    where = names.gather(clinic).set(gone, None) if posts.clinic.size else nothing
    whom = posts.rows["clinician_id"].gather(at).set(gone, None) if posts.clinic.size else nothing
    after = people.minutes[row, clinic] if len(people.clinics) else np.full(post.size, -1)
    columns: dict[str, Any] = {
        "new_clinic_id": where,
        "new_clinician_id": whom,
        "minutes_before": _known(people.before, np.ones(post.size, np.bool_)),
        "minutes_after": _known(after, placed),
        **{name: np.where(placed, part, 0) for name, part in _points(result, at, policy).items()},
        "not_placed": (~placed).astype(np.int64),
    }
    frame = people.rows.rename({"size": "size_tenths"}).with_columns(
        **{name: pl.Series(name, part) for name, part in columns.items()}
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in TRANSFERS.items())


def _known(minutes: Any, shown: Any) -> pl.Series:
    return pl.Series(minutes).set(pl.Series((minutes < 0) | ~shown), None)


def _points(result: Transfer, at: Any, policy: Policy) -> dict[str, Any]:
    people, posts, costs = result.people, result.posts, result.costs
    if not posts.clinic.size:
        return dict.fromkeys(rules.TERMS, np.zeros(at.size, np.int64))
    row, clinic = np.arange(at.size), posts.clinic[at]
    without, with_one = rules.language_not_shared(costs.kinds, posts, policy)
    return {
        "added_travel": rules.added_travel(people, policy)[row, clinic],
        "beyond_standard": rules.beyond_standard(people, policy)[row, clinic],
        "continuity_broken": np.where(costs.own == at, 0, costs.broken),
        "language_not_shared": without[costs.kinds.of, at],
        "interpreter_needed": with_one[costs.kinds.of, at],
    }


def letters(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what a letter to each person who has a place must say, without names: columns of ``LETTERS``."""
    return rows.filter(pl.col("new_clinic_id").is_not_null()).select(
        "patient_id", pl.col("clinic_id").alias("old_clinic_id"), "new_clinic_id", "on"
    )


def duals(result: Transfer) -> pl.DataFrame:
    """Return the prices of every choice of who moves and level (columns of ``DUALS``), zeros left out."""
    rows = [
        (number, level, choice.posts.rows["clinician_id"][at], int(prices[at]))
        for number, choice in enumerate(result.choices)
        for level, prices in enumerate(choice.prices)
        for at in np.flatnonzero(prices).tolist()
    ]
    return pl.DataFrame(rows, schema=DUALS, orient="row")


def shortfall(result: Transfer) -> dict[str, Any]:
    """Return how many have no place and why, and what would suffice: panel places at which clinics.

    ``nowhere`` counts people of households that may go to no clinic (reach, payer, age); for the others,
    ``places`` lists how many more places in panels, up to the hard cap and for every age, would take them in.
    """
    out = result.post < 0
    cost = result.items.cost[result.items.of]
    may = (cost < rules.NEVER).any(axis=1) if len(result.people.clinics) else np.zeros(out.size, np.bool_)
    lacking = np.flatnonzero(out & may)
    nearest = cost[lacking].argmin(axis=1) if lacking.size else np.zeros(0, np.int64)
    size = result.people.rows["size"].to_numpy()[lacking]
    units = np.bincount(nearest, size, len(result.people.clinics)).astype(np.int64)
    places = [
        {"clinic_id": clinic, "places": -(-int(units[at]) // UNITS)}
        for at, clinic in enumerate(result.people.clinics)
        if units[at]
    ]
    lost = result.people.rows.filter(pl.Series(out)).group_by("clinic_id").len().sort("clinic_id")
    return {
        "people": int(out.sum()),
        "nowhere": int((out & ~may).sum()),
        "from": [{"clinic_id": clinic, "people": count} for clinic, count in lost.iter_rows()],
        "places": places,
    }


def moved_changes(scenario: Scenario, result: Transfer) -> list[Any]:
    """Return the changes of ``scenario``, the chosen moves stated in the closures of the clinics left."""
    homes = dict(scenario.network.clinicians.select("clinician_id", "clinic_id").iter_rows())
    moves = result.choices[result.chosen].moves
    made: list[Any] = []
    for change in scenario.changes:
        if isinstance(change, Closure):
            own = [(name, to) for name, to in moves.items() if homes[name] in change.clinics]
            made.append(replace(change, moves=(*change.moves, *own)))
        else:
            made.append(change)
    return made
