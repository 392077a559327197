"""Visits held as booked."""

import polars as pl

from tideover.impact.measures._kind import Measure, chosen, of_visits, register

register(
    Measure(
        name="visits_held",
        title="Visits held as booked",
        unit="visit",
        better="higher",
        concern="patients",
        rank=10,
        description=(
            "Booked visits of the plan that stand: same day, time and site. Before: all that are booked."
        ),
        missing="no visit is booked",
        values=of_visits(pl.len(), chosen("stand")),
    )
)
