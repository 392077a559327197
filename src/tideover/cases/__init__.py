"""The hall: applies changes, plans, measures, and writes what came out."""

from tideover.cases.strike import WORKING_SHARES, StrikeResult, run_strike
from tideover.cases.write import MARK, OUTPUTS, write_strike

__all__ = ["MARK", "OUTPUTS", "WORKING_SHARES", "StrikeResult", "run_strike", "write_strike"]
