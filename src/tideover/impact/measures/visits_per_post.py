"""Visits for each post that works on the strike day."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_days, register
from tideover.impact.view import View


def _pair(view: View) -> tuple[float | None, float | None]:
    held = pl.col("option").is_in(["stand", "another_site", "standby"]).sum()
    here = view.visits.filter(pl.col("date").is_in(view.days))
    booked, kept = here.select(pl.len().alias("booked"), held.alias("kept")).row(0)
    received = view.day_sessions()["received"].sum()
    before, after = view.posts_before(), view.posts_after()
    if not before or not after:
        return None, None
    return booked / before, (kept + received) / after


register(
    Measure(
        name="visits_per_post",
        title="Visits for each working post on the strike day",
        unit="visit per post",
        better="lower",
        concern="clinicians",
        rank=30,
        description=(
            "Visits that stand, are seen at another site, wait on standby or are brought to the strike "
            "day, for each post expected to work: those that are not struck, and the working share of "
            "those that are. Before: all visits for each post."
        ),
        missing="no post is expected to work",
        values=of_days(_pair),
        by_date=True,
    )
)
