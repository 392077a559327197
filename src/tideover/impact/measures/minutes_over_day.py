"""Booked minutes beyond the longest day that a post may be given."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_days, register
from tideover.impact.view import View


def _pair(view: View) -> tuple[float | None, float | None]:
    if view.clinician_days.is_empty():
        return None, None
    over = [
        (pl.col(f"minutes_{when}") - pl.col("longest")).clip(lower_bound=0).sum().alias(when)
        for when in ("before", "after")
    ]
    before, after = view.clinician_days.select(over).row(0)
    return before, after


register(
    Measure(
        name="minutes_over_day",
        title="Booked minutes beyond a clinician's longest day",
        unit="minute",
        better="lower",
        concern="clinicians",
        rank=61,
        description=(
            "Booked minutes beyond daily_minutes, over all clinicians and days from the as-of date to the "
            "last new date. The plan itself adds none (formulation 11)."
        ),
        missing="no visit of those days names a clinician",
        values=of_days(_pair),
    )
)
