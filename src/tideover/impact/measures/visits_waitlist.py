"""Visits left without a date."""

from tideover.impact.measures._kind import Measure, chosen, none, of_visits, register

register(
    Measure(
        name="visits_waitlist",
        title="Visits on the wait-list, without a date",
        unit="visit",
        better="lower",
        concern="patients",
        rank=60,
        description="Visits for which the plan found no open time by the end of its window.",
        missing="no visit is booked",
        values=of_visits(none(), chosen("waitlist")),
    )
)
