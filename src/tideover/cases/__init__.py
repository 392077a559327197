"""The hall: applies changes, plans and measures."""

from tideover.cases.strike import WORKING_SHARES, StrikeResult, run_strike

__all__ = ["WORKING_SHARES", "StrikeResult", "run_strike"]
