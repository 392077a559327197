"""The plan with its certificate, and the scorecard that measures it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl

from tideover.nouns.told import nothing_retold, nothing_told

#: What a plan may decide for a booked visit, in the order in which pages list it.
OPTIONS = (
    "stand",
    "standby",
    "another_site",
    "own_clinician",
    "another_clinician",
    "another_clinic",
    "video",
    "urgent_care",
    "waitlist",
)

#: Options that give the visit another time with a clinician in person.
MOVED = ("own_clinician", "another_clinician", "another_clinic")

#: What the visits of a group have in common that are told by the same moment: its decide-by time.
GROUP = ("pool_id", "date", "urgency")

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
        """The decisions of whose patients something must be told, with the columns of ``RETOLD`` beside them.

        What these patients expect is something else than is decided.
        """
        known = self.decisions.join(self.retold, on="visit_id", how="left")
        return known.filter(pl.coalesce("again", pl.col("option") != "stand"))


def tell_by(lead_days: int, as_of: date) -> pl.Expr:
    """Return the latest moment at which a patient of ``Plan.to_tell`` can be told (formulation 29).

    The earliest of the booked, the new and the told start, less the contact lead time; never before the as-of
    date.
    """
    earlier = pl.min_horizontal("start", "new_start", "told_start") - timedelta(days=lead_days)
    return pl.max_horizontal(earlier, pl.lit(datetime.combine(as_of, time()), pl.Datetime("us")))


@dataclass(frozen=True)
class Scorecard:
    """Measures before and after, one row each: measure, concern, unit, better, group, value, before, after.

    ``group`` and ``member`` are ``all`` for the whole network, or a group column and one of its values;
    cells about fewer than 11 people are empty and marked ``suppressed``.
    """

    rows: pl.DataFrame
