"""The fewest packs of room, beside bins that are there, so that every item finds a place; with proof."""

from tideover.engines.covering.cases import Case, Leaf, Split
from tideover.engines.covering.fewest import Covered, fewest, least
from tideover.engines.covering.problem import Covering

__all__ = ["Case", "Covered", "Covering", "Leaf", "Split", "fewest", "least"]
