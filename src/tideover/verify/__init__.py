"""Verify: check plans again from their inputs, with code that shares nothing with the planner."""

from tideover.verify.check import verify
from tideover.verify.verdict import Verdict

__all__ = ["Verdict", "verify"]
