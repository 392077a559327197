"""Items to bins at least cost, with a certificate."""

from tideover.engines.assignment.problem import Level, Problem, Solution, TooLargeError
from tideover.engines.assignment.solve import item_bound, solve
from tideover.engines.assignment.split import best_split, gains_by_room

__all__ = [
    "Level",
    "Problem",
    "Solution",
    "TooLargeError",
    "best_split",
    "gains_by_room",
    "item_bound",
    "solve",
]
