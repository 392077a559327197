"""The shortest night of any clinician around the strike."""

from tideover.impact.measures._kind import Measure, of_days, register
from tideover.impact.staffing import nights
from tideover.impact.view import View


def _pair(view: View) -> tuple[float | None, float | None]:
    before, after = (nights(view.clinician_days, when) for when in ("before", "after"))
    if before.is_empty() or after.is_empty():
        return None, None
    return float(before.min()), float(after.min())  # type: ignore[arg-type]


register(
    Measure(
        name="least_rest",
        title="Shortest rest before the next clinic",
        unit="hour",
        better="higher",
        concern="clinicians",
        rank=62,
        description=(
            "Least hours between a clinician's last visit of a day and the first of the next date, from the "
            "as-of date to the last new date: one number for the whole network, which names nobody."
        ),
        missing="no clinician has visits on two dates next to each other",
        values=of_days(_pair),
    )
)
