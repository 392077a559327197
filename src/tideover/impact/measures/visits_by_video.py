"""Visits held by video instead of in person."""

from tideover.impact.measures._kind import Measure, chosen, none, of_visits, register

register(
    Measure(
        name="visits_by_video",
        title="Visits held by video instead",
        unit="visit",
        better="lower",
        concern="patients",
        rank=30,
        description=(
            "Visits that the plan gives a time by video; lower is better, since each is a change for "
            "a patient."
        ),
        missing="no visit is booked",
        values=of_visits(none(), chosen("video")),
    )
)
