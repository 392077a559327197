"""Visits seen at their time at another site of their pool."""

from tideover.impact.measures._kind import Measure, chosen, none, of_visits, register

register(
    Measure(
        name="visits_another_site",
        title="Visits seen at another site at their time",
        unit="visit",
        better="lower",
        concern="patients",
        rank=15,
        description=(
            "Visits that keep their time and are seen by the posts at another site of the pool, as their own "
            "gets too few or none."
        ),
        missing="no visit is booked",
        values=of_visits(none(), chosen("another_site")),
    )
)
