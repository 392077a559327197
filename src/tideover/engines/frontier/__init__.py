"""What two sides can reach together: the Pareto frontier of outcomes, and its points that theory names."""

from tideover.engines.frontier.additive import MOST_HELD, frontier_of_issues
from tideover.engines.frontier.frontier import Frontier, frontier_of_outcomes
from tideover.engines.frontier.points import Points, named_points

__all__ = ["MOST_HELD", "Frontier", "Points", "frontier_of_issues", "frontier_of_outcomes", "named_points"]
