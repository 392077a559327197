"""Nights that are shorter than the policy's rest."""

from tideover.impact.measures._kind import Measure, of_days, register
from tideover.impact.staffing import nights
from tideover.impact.view import View


def _pair(view: View) -> tuple[float | None, float | None]:
    least = view.policy.rest_hours
    before, after = (nights(view.clinician_days, when) for when in ("before", "after"))
    if not least or before.is_empty() or after.is_empty():
        return None, None
    return float((before < least).sum()), float((after < least).sum())


register(
    Measure(
        name="short_rests",
        title="Nights with less rest than the policy asks for",
        unit="night",
        better="lower",
        concern="clinicians",
        rank=63,
        description=(
            "Nights between two dates with visits of one clinician that leave fewer hours than rest_hours of "
            "the policy, which names its source. Rule R15: the plan shortens none below it."
        ),
        missing="the policy asks for no rest, or no clinician has visits on two dates next to each other",
        values=of_days(_pair),
    )
)
