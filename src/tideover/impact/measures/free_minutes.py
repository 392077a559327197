"""Room that is left for visits still to come."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_days, register
from tideover.impact.view import View


def _pair(view: View) -> tuple[float | None, float | None]:
    sessions = view.sessions.filter(pl.col("date").is_between(*view.window))
    if sessions.is_empty():
        return None, None
    free = (
        pl.max_horizontal(pl.col(f"open_{when}") - pl.col(f"booked_{when}"), 0.0).sum().alias(when)
        for when in ("before", "after")
    )
    before, after = sessions.select(free).row(0)
    return before, after


register(
    Measure(
        name="free_minutes",
        title="Free minutes left for new bookings",
        unit="minute",
        better="higher",
        concern="network",
        rank=30,
        description=(
            "Open minutes that nobody has booked, over all sessions from the first to the last new "
            "date of the plan. Cover on the strike day is not counted."
        ),
        missing="there is no session between the first and the last new date",
        values=of_days(_pair),
    )
)
