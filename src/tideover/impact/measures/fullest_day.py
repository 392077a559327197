"""The fullest day that any clinician or team gets."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_days, register
from tideover.impact.view import View


def _pair(view: View) -> tuple[float | None, float | None]:
    days = view.receiving_days().filter(pl.col("open_before") > 0)
    if days.is_empty():
        return None, None
    before = pl.col("booked_before") / pl.col("open_before")
    after = pl.col("booked_after") / pl.col("open_after")
    low, high = days.select(before.max().alias("before"), after.max().alias("after")).row(0)
    return low, high


register(
    Measure(
        name="fullest_day",
        title="Fullest day of a clinician or team that receives visits",
        unit="share",
        better="lower",
        concern="clinicians",
        rank=20,
        description=(
            "The largest share of open minutes that is booked, among the days that receive visits: "
            "one number for the whole network, which names nobody."
        ),
        missing="no visit is moved into a session that was there before",
        values=of_days(_pair),
    )
)
