"""The hall: applies changes, plans and measures."""

from tideover.cases.again import Again, follow
from tideover.cases.days import Chances, DaysResult
from tideover.cases.outlook import run_days
from tideover.cases.strike import WORKING_SHARES, StrikeResult, run_strike

__all__ = [
    "WORKING_SHARES",
    "Again",
    "Chances",
    "DaysResult",
    "StrikeResult",
    "follow",
    "run_days",
    "run_strike",
]
