"""Verify: check plans again from their inputs, with code that shares nothing with the planner."""

from tideover.verify.check import verify
from tideover.verify.sharing import OUTPUTS, SALT_LETTERS, Shared, share
from tideover.verify.verdict import Verdict

__all__ = ["OUTPUTS", "SALT_LETTERS", "Shared", "Verdict", "share", "verify"]
