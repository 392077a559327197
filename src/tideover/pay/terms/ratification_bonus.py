"""Ratification bonus: paid once a contract is agreed; it raises no base."""

from tideover.pay.terms._bonus import bonus

bonus("ratification_bonus", "Ratification bonus")
