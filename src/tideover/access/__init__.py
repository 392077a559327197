"""Room ``access``: how near care is, and how much of it, before and after; see its README."""

from tideover.access.catchments import Pairs, step_weights, three_step, two_step
from tideover.access.method import MEASURES, OF_SUPPLY, Levels, levels, rows_of, spread
from tideover.access.problem import PEOPLE, Asked, Problem, open_sites, problem_of
from tideover.access.standards import COUNTY_TYPES, county_type

__all__ = [
    "COUNTY_TYPES", "MEASURES", "OF_SUPPLY", "PEOPLE", "Asked", "Levels", "Pairs", "Problem", "county_type",
    "levels", "open_sites", "problem_of", "rows_of", "spread", "step_weights", "three_step", "two_step",
]  # fmt: skip
