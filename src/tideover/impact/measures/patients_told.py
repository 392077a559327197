"""Patients who must be told of a change."""

import polars as pl

from tideover.impact.measures._kind import Measure, none, of_visits, register

register(
    Measure(
        name="patients_told",
        title="Patients to be told",
        unit="patient",
        better="lower",
        concern="patients",
        rank=100,
        description="Patients with at least one visit that does not simply stand.",
        missing="no visit is booked",
        values=of_visits(none(), pl.col("person").filter(pl.col("option") != "stand").n_unique()),
    )
)
