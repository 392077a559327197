"""The plan with its certificate, and the scorecard that measures it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from tideover.nouns.told import nothing_retold, nothing_told

#: What a plan may decide for a booked visit, in the order in which pages list it.
OPTIONS = (
    "stand",
    "standby",
    "own_clinician",
    "another_clinician",
    "another_clinic",
    "video",
    "urgent_care",
    "waitlist",
)

#: Options that give the visit a new date with a clinician in person.
MOVED = ("own_clinician", "another_clinician", "another_clinic")

#: One row for each booked visit of the strike dates; cost terms follow as further columns, in points.
DECISIONS = {
    "visit_id": pl.String(),
    "patient_id": pl.String(),
    "clinic_id": pl.String(),
    "session_id": pl.String(),
    "start": pl.Datetime("us"),
    "minutes": pl.Int64(),
    "urgency": pl.Int64(),
    "safe_by": pl.Date(),
    "affected": pl.Boolean(),
    "pool_id": pl.String(),
    "option": pl.String(),
    "new_clinic_id": pl.String(),
    "new_session_id": pl.String(),
    "new_clinician_id": pl.String(),
    "new_start": pl.Datetime("us"),
}


@dataclass(frozen=True)
class Plan:
    """A plan: what happens to each booked visit, the prices that prove its bound, and the facts of both.

    ``decisions`` has the columns of ``DECISIONS`` and one integer column per cost term. ``prices`` has the
    columns level (0 is first), visit_id, price (integer, in the level's weighted points).
    ``facts`` is what ``plan.json`` holds: inputs, changes, policy, levels with cost, bound and gap.
    ``told`` is the log of what patients were told before (columns of ``TOLD``), ``retold`` what becomes of it
    (columns of ``RETOLD``).
    """

    decisions: pl.DataFrame
    prices: pl.DataFrame
    facts: Mapping[str, Any]
    told: pl.DataFrame = field(default_factory=nothing_told)
    retold: pl.DataFrame = field(default_factory=nothing_retold)

    @property
    def to_tell(self) -> pl.DataFrame:
        """The decisions of whose patients something must be told: what they expect is something else."""
        kept = self.retold.filter(~pl.col("again"))
        known = self.retold.filter("again")["visit_id"].implode()
        news = (pl.col("option") != "stand") | pl.col("visit_id").is_in(known)
        return self.decisions.filter(news).join(kept, on="visit_id", how="anti")


@dataclass(frozen=True)
class Scorecard:
    """Measures before and after, one row each: measure, concern, unit, better, group, value, before, after.

    ``group`` and ``member`` are ``all`` for the whole network, or a group column and one of its values;
    cells about fewer than 11 people are empty and marked ``suppressed``.
    """

    rows: pl.DataFrame
