"""How full the days are that receive moved visits."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_days, register
from tideover.impact.view import View


def _pair(view: View) -> tuple[float | None, float | None]:
    days = view.receiving_days().filter(pl.col("open_before") > 0)
    if days.is_empty():
        return None, None
    booked_before, booked_after, before, after = days.select(
        pl.col("booked_before", "booked_after", "open_before", "open_after").sum()
    ).row(0)
    return booked_before / before, booked_after / after


register(
    Measure(
        name="receiving_share",
        title="Booked minutes on days that receive moved visits",
        unit="share",
        better="lower",
        concern="clinicians",
        rank=10,
        description=(
            "Booked minutes over open minutes, over the days of every clinician or team that receive "
            "at least one visit. Sessions that a response adds have no before and are left out."
        ),
        missing="no visit is moved into a session that was there before",
        values=of_days(_pair),
    )
)
