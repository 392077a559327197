"""Many whole items to few large bins at least cost, with prices that prove how near to least."""

from tideover.engines.transport.nested import NEVER, NestedProblem, nested_bound, nested_cost
from tideover.engines.transport.nested_plan import nested_plan
from tideover.engines.transport.nested_prices import nested_prices
from tideover.engines.transport.pricing import cost_of, lower_bound
from tideover.engines.transport.problem import FORBIDDEN, TransportProblem, TransportSolution
from tideover.engines.transport.solve import first_prices, solve
from tideover.engines.transport.split import SplitSolution, solve_split

__all__ = [
    "FORBIDDEN",
    "NEVER",
    "NestedProblem",
    "SplitSolution",
    "TransportProblem",
    "TransportSolution",
    "cost_of",
    "first_prices",
    "lower_bound",
    "nested_bound",
    "nested_cost",
    "nested_plan",
    "nested_prices",
    "solve",
    "solve_split",
]
