"""Visits moved to another date or clinician in person."""

from tideover.impact.measures._kind import Measure, chosen, none, of_visits, register
from tideover.nouns.plan import MOVED

register(
    Measure(
        name="visits_moved",
        title="Visits moved to a new time",
        unit="visit",
        better="lower",
        concern="patients",
        rank=20,
        description=(
            "Visits with a new time in person: own clinician, another clinician, or another clinic."
        ),
        missing="no visit is booked",
        values=of_visits(none(), chosen(*MOVED)),
    )
)
