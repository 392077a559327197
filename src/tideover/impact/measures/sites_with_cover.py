"""Sites with somebody at work on the strike day."""

import polars as pl

from tideover.impact.measures._kind import Measure, of_days, register
from tideover.impact.view import View


def _pair(view: View) -> tuple[float | None, float | None]:
    site_day = ["clinic_id", "date"]
    sessions = view.day_sessions()
    before = sessions.filter(pl.col("open_before") > 0).select(site_day).unique()
    in_cover = pl.col("affected") & pl.col("option").is_in(["stand", "another_site"])
    stands = view.visits.filter(in_cover).select(pl.col("new_clinic_id").alias("clinic_id"), "date")
    worked = sessions.filter(pl.col("open_after") > 0).select(site_day)
    if before.is_empty():
        return None, None
    covered = before.join(pl.concat([stands, worked]).unique(), on=site_day, how="semi")
    return 1.0, covered.height / before.height


register(
    Measure(
        name="sites_with_cover",
        title="Sites with cover on the strike day",
        unit="share",
        better="higher",
        concern="network",
        rank=20,
        description=(
            "Share of the sites with sessions on the strike day at which a session is held that is "
            "not struck, or at least one affected visit is seen: its own, or one of another site of "
            "the pool. Where standby posts go is decided on the morning and does not count."
        ),
        missing="there is no session on the strike day",
        values=of_days(_pair),
        by_date=True,
    )
)
