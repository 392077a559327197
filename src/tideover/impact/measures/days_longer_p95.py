"""Days waited longer than booked by all but one visit in twenty."""

import polars as pl

from tideover.impact.measures._kind import Measure, none, of_visits, register

register(
    Measure(
        name="days_longer_p95",
        title="Days waited longer than booked, 95th percentile",
        unit="day",
        better="lower",
        concern="patients",
        rank=71,
        description=(
            "At least 95 % of all booked visits wait no more days longer than this. On the wait-list "
            "the day after the window counts."
        ),
        missing="no visit is booked",
        values=of_visits(none(), pl.max_horizontal("days_later", 0).quantile(0.95, "higher")),
    )
)
