"""Landing: the scorecard of a plan, before and after, for patients, clinicians and the network."""

from tideover.impact.employers import employers_scorecard
from tideover.impact.measures._kind import MEASURES, Measure
from tideover.impact.scorecard import CONCERNS, all_measures, scorecard
from tideover.impact.suppress import FEWEST_PEOPLE

__all__ = [
    "CONCERNS",
    "FEWEST_PEOPLE",
    "MEASURES",
    "Measure",
    "all_measures",
    "employers_scorecard",
    "scorecard",
]
