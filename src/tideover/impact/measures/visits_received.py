"""Visits that a clinician or team receives on a day."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_days, register
from tideover.impact.view import View


def _pair(view: View) -> tuple[float | None, float | None]:
    days = view.receiving_days()
    if days.is_empty():
        return None, None
    return 0.0, days.select(pl.col("received").mean()).item()


register(
    Measure(
        name="visits_received",
        title="Visits received on a day that receives any",
        unit="visit per day",
        better="lower",
        concern="clinicians",
        rank=40,
        description="Moved visits for each day of a clinician or team that receives at least one.",
        missing="no visit is moved into another session",
        values=of_days(_pair),
    )
)
