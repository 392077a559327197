"""Which facilities open, and to which of them each item goes whole, with a bound; and the rank of a set."""

from tideover.engines.location.overflow import (
    MOST_OVERFLOWS,
    Lists,
    lists_of,
    overflow_of,
    rank_of_overflow,
)
from tideover.engines.location.problem import LocationProblem, LocationSolution, cost_of
from tideover.engines.location.rank import MOST, Ranked, Ranking, best_sets, rank_of
from tideover.engines.location.solve import lagrangian_bound, solve

__all__ = [
    "MOST",
    "MOST_OVERFLOWS",
    "Lists",
    "LocationProblem",
    "LocationSolution",
    "Ranked",
    "Ranking",
    "best_sets",
    "cost_of",
    "lagrangian_bound",
    "lists_of",
    "overflow_of",
    "rank_of",
    "rank_of_overflow",
    "solve",
]
