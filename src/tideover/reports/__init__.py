"""Office: the papers that a plan becomes: the report of a strike day, and the list of who must be told."""

from tideover.reports.calls import OFFERS, calls
from tideover.reports.folder import DAYS_MARK, DAYS_OUTPUTS, MARK, OUTPUTS, write_days, write_strike
from tideover.reports.strike import strike_report

__all__ = [
    "DAYS_MARK",
    "DAYS_OUTPUTS",
    "MARK",
    "OFFERS",
    "OUTPUTS",
    "calls",
    "strike_report",
    "write_days",
    "write_strike",
]
