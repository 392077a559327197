"""Office: the papers that a plan becomes: the report of a strike day, and the list of who must be told."""

from tideover.reports.calls import OFFERS, calls
from tideover.reports.strike import strike_report

__all__ = ["OFFERS", "calls", "strike_report"]
