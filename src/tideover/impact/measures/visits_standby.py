"""Visits that wait for the morning."""

from tideover.impact.measures._kind import Measure, chosen, none, of_visits, register

register(
    Measure(
        name="visits_standby",
        title="Visits on standby until the morning",
        unit="visit",
        better="lower",
        concern="patients",
        rank=50,
        description=(
            "Visits that keep their time if enough posts are worked, which is known only on the morning."
        ),
        missing="no visit is booked",
        values=of_visits(none(), chosen("standby")),
    )
)
