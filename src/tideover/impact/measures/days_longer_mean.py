"""Days waited longer than booked, on average."""

import polars as pl

from tideover.impact.measures._kind import Measure, none, of_visits, register

register(
    Measure(
        name="days_longer_mean",
        title="Days waited longer than booked, mean",
        unit="day",
        better="lower",
        concern="patients",
        rank=70,
        description=(
            "Days from the booked to the new day, over all booked visits; earlier counts 0. On the "
            "wait-list the day after the window counts, so the true mean is at least this."
        ),
        missing="no visit is booked",
        values=of_visits(none(), pl.max_horizontal("days_later", 0).mean()),
    )
)
