"""Items to bins at least cost, with a certificate."""

from tideover.engines.assignment.mend import mend
from tideover.engines.assignment.problem import Level, Problem, Solution, TooLargeError
from tideover.engines.assignment.rows import least as lowest
from tideover.engines.assignment.solve import elsewhere, item_bound, level_bound, solve, weights_of
from tideover.engines.assignment.split import best_split, gains_by_room

__all__ = [
    "Level",
    "Problem",
    "Solution",
    "TooLargeError",
    "best_split",
    "elsewhere",
    "gains_by_room",
    "item_bound",
    "level_bound",
    "lowest",
    "mend",
    "solve",
    "weights_of",
]
