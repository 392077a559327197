"""Many whole items to few large bins at least cost, with prices that prove how near to least."""

from tideover.engines.transport.pricing import cost_of, lower_bound
from tideover.engines.transport.problem import FORBIDDEN, TransportProblem, TransportSolution
from tideover.engines.transport.solve import solve
from tideover.engines.transport.split import SplitSolution, solve_split

__all__ = [
    "FORBIDDEN",
    "SplitSolution",
    "TransportProblem",
    "TransportSolution",
    "cost_of",
    "lower_bound",
    "solve",
    "solve_split",
]
