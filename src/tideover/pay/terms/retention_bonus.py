"""Retention bonus: paid to those who are still there; it raises no base."""

from tideover.pay.terms._bonus import bonus

bonus("retention_bonus", "Retention bonus")
