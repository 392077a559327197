"""Urgent visits that are not held in time."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_visits, register

register(
    Measure(
        name="unsafe_urgent",
        title="Urgent visits held too late or without a date",
        unit="visit",
        better="lower",
        concern="patients",
        rank=5,
        description=(
            "Visits of urgency 1 or 2 held after their safe-by date, or on the wait-list. Standby "
            "counts as held on its day. Before: those that the book itself holds too late."
        ),
        missing="no visit is booked",
        values=of_visits(pl.col("unsafe_before").sum(), pl.col("unsafe_after").sum()),
    )
)
