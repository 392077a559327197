"""Capacity on the strike day."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_days, register
from tideover.impact.view import View


def _pair(view: View) -> tuple[float | None, float | None]:
    sessions = view.day_sessions()
    if sessions.is_empty():
        return None, None
    before, after = sessions.select(pl.col("open_before", "open_after").sum()).row(0)
    return before, after + view.cover_minutes()


register(
    Measure(
        name="strike_day_minutes",
        title="Capacity on the strike day",
        unit="minute",
        better="higher",
        concern="network",
        rank=10,
        description=(
            "Bookable minutes of all sessions on the strike day. After: less what is lost, plus what "
            "the expected share of the struck posts holds, plus sessions that were added."
        ),
        missing="there is no session on the strike day",
        values=of_days(_pair),
        by_date=True,
    )
)
