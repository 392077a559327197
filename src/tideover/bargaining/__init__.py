"""Gallery ``bargaining``: packages of open terms, what they are worth to each side, what both could sign."""

from tideover.bargaining.issues import Issue, Table, packages
from tideover.bargaining.measures import ADDITIVE, MEASURES, Beside, Leaving, measured
from tideover.bargaining.method import Bargain, Package, bargain
from tideover.bargaining.read import read_issues
from tideover.bargaining.worth import MOST_PACKAGES, MOST_PAID, NoDeal, Side

__all__ = [
    "ADDITIVE",
    "MEASURES",
    "MOST_PACKAGES",
    "MOST_PAID",
    "Bargain",
    "Beside",
    "Issue",
    "Leaving",
    "NoDeal",
    "Package",
    "Side",
    "Table",
    "bargain",
    "measured",
    "packages",
    "read_issues",
]
