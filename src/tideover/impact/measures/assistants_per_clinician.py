"""Medical assistants for each clinician at work on the strike day."""

from tideover.impact.measures._kind import Measure, of_sites, per_post, register

register(
    Measure(
        name="assistants_per_clinician",
        title="Medical assistants for each working clinician",
        unit="FTE per post",
        better="higher",
        concern="clinicians",
        rank=50,
        description=(
            "Full-time posts of medical assistants over the clinicians' posts expected to work on the strike "
            "day, at sites that state their assistants; they count as present. Policy: "
            "assistants_per_clinician, with its source."
        ),
        missing="no site with a working post states its medical assistants",
        values=of_sites(*per_post("medical_assistant")),
        by_date=True,
        by_site=True,
    )
)
