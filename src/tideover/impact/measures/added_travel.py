"""Minutes of journey that the plan adds."""

import polars as pl

from tideover.impact.measures._kind import Measure, none, of_visits, register

register(
    Measure(
        name="added_travel",
        title="Added minutes of journey, mean",
        unit="minute",
        better="lower",
        concern="patients",
        rank=90,
        description=(
            "Minutes to the new clinic beyond those to the booked one, one way, over all visits whose "
            "home and clinics are on the map; nearer counts 0, by video 0. Visits on the wait-list "
            "have no journey yet."
        ),
        missing="homes or clinics have no coordinates, so travel was not counted",
        values=of_visits(none(), pl.col("added_minutes").mean(), among=pl.col("added_minutes").is_not_null()),
    )
)
