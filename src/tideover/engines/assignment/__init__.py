"""Items to bins at least cost, with a certificate."""

from tideover.engines.assignment.problem import Level, Problem, Solution, TooLargeError
from tideover.engines.assignment.solve import solve

__all__ = ["Level", "Problem", "Solution", "TooLargeError", "solve"]
