"""Nurses for each clinician at work on the strike day."""

from tideover.impact.measures._kind import Measure, of_sites, per_post, register

register(
    Measure(
        name="nurses_per_clinician",
        title="Nurses for each working clinician",
        unit="FTE per post",
        better="higher",
        concern="clinicians",
        rank=51,
        description=(
            "Full-time posts of nurses over the clinicians' posts expected to work on the strike day, at "
            "sites that state their nurses; they count as present. No sourced threshold is known."
        ),
        missing="no site with a working post states its nurses",
        values=of_sites(*per_post("nurse")),
        by_date=True,
        by_site=True,
    )
)
