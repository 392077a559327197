"""Visit minutes outside the hours of a session."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_days, register
from tideover.impact.view import View


def _pair(view: View) -> tuple[float | None, float | None]:
    if view.clinician_days.is_empty():
        return None, None
    before, after = view.clinician_days.select(pl.col("past_before", "past_after").sum()).row(0)
    return before, after


register(
    Measure(
        name="minutes_past_session",
        title="Visit minutes outside a session's hours",
        unit="minute",
        better="lower",
        concern="clinicians",
        rank=60,
        description=(
            "Minutes of visits before the start or past the end of their session, over all clinicians and "
            "days from the as-of date to the last new date. The plan itself adds none (rule R1)."
        ),
        missing="no visit of those days names a clinician",
        values=of_days(_pair),
    )
)
