"""Visits for each hour that clinicians work on the strike day."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_sites, ratio, register

register(
    Measure(
        name="visits_per_hour",
        title="Visits for each clinician's hour on the strike day",
        unit="visit per hour",
        better="lower",
        concern="clinicians",
        rank=52,
        description=(
            "Visits that stand, wait on standby or are received on the strike day, over the bookable hours "
            "expected to be worked: those that are not struck, and the pool's working share of those that "
            "are. By site the share is that of the pool, since its posts may work at any of its sites. No "
            "sourced threshold is known."
        ),
        missing="no hour is expected to be worked",
        values=of_sites(
            ratio(pl.col("visits_before"), pl.col("hours_before")),
            ratio(pl.col("visits_after"), pl.col("hours_after")),
        ),
        by_date=True,
        by_site=True,
    )
)
