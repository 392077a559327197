"""The hall: applies changes, plans and measures; runs cases."""

from tideover.cases.again import Again, follow
from tideover.cases.case import PARTS, RESULTS, Case, Event, Inputs, Stage, chances_under, policy_under
from tideover.cases.days import Chances, DaysResult
from tideover.cases.measured import FIGURES
from tideover.cases.outlook import run_days
from tideover.cases.read import NOTHING, case_names, case_path, read_case
from tideover.cases.run_case import NETWORK, RESTS_ON, CaseResult, Outcome, reading_facts, run_case
from tideover.cases.stated import Asked
from tideover.cases.strike import WORKING_SHARES, StrikeResult, run_strike
from tideover.cases.turning import CONCLUSIONS, Conclusion, Turning, Variant, turning_of

__all__ = [
    "CONCLUSIONS",
    "FIGURES",
    "NETWORK",
    "NOTHING",
    "PARTS",
    "RESTS_ON",
    "RESULTS",
    "WORKING_SHARES",
    "Again",
    "Asked",
    "Case",
    "CaseResult",
    "Chances",
    "Conclusion",
    "DaysResult",
    "Event",
    "Inputs",
    "Outcome",
    "Stage",
    "StrikeResult",
    "Turning",
    "Variant",
    "case_names",
    "case_path",
    "chances_under",
    "follow",
    "policy_under",
    "read_case",
    "reading_facts",
    "run_case",
    "run_days",
    "run_strike",
    "turning_of",
]
