"""Which facilities open, and to which of them each item goes whole; with a bound."""

from tideover.engines.location.problem import LocationProblem, LocationSolution, cost_of
from tideover.engines.location.solve import lagrangian_bound, solve

__all__ = ["LocationProblem", "LocationSolution", "cost_of", "lagrangian_bound", "solve"]
