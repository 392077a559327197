"""Which facilities open, and to which of them each item goes whole, with a bound; and the rank of a set."""

from tideover.engines.location.problem import LocationProblem, LocationSolution, cost_of
from tideover.engines.location.rank import Ranked, Ranking, best_sets, rank_of
from tideover.engines.location.solve import lagrangian_bound, solve

__all__ = [
    "LocationProblem",
    "LocationSolution",
    "Ranked",
    "Ranking",
    "best_sets",
    "cost_of",
    "lagrangian_bound",
    "rank_of",
    "solve",
]
