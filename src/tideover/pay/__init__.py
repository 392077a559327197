"""Pay: what an offer pays to each clinician, what it costs, and who stands where behind the mean."""

from tideover.pay.check import check_offers
from tideover.pay.method import payroll
from tideover.pay.terms import KINDS

__all__ = ["KINDS", "check_offers", "payroll"]
