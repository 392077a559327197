"""Visits taken over by urgent care."""

from tideover.impact.measures._kind import Measure, chosen, none, of_visits, register

register(
    Measure(
        name="visits_urgent_care",
        title="Visits taken over by urgent care",
        unit="visit",
        better="lower",
        concern="patients",
        rank=40,
        description="Visits that the plan gives a time at an urgent-care site.",
        missing="no visit is booked",
        values=of_visits(none(), chosen("urgent_care")),
    )
)
