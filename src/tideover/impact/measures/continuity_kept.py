"""Visits with the patient's own clinician."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_visits, register

register(
    Measure(
        name="continuity_kept",
        title="Visits with the patient's own clinician",
        unit="share",
        better="higher",
        concern="patients",
        rank=80,
        description=(
            "Share of visits with the patient's own clinician (or the team of their site, where teams "
            "are pooled), among visits of which it can be known: where a visit stands under cover, "
            "any working post may see the patient."
        ),
        missing="nobody can know beforehand who will see these patients",
        values=of_visits(
            pl.col("kept_before").mean(),
            pl.col("kept_after").mean(),
            among=pl.col("kept_before").is_not_null() & pl.col("kept_after").is_not_null(),
        ),
    )
)
