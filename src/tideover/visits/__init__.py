"""The strike-day plan: which booked visits stand, which move and where to (see README.md)."""

from tideover.visits.book import Book, open_book
from tideover.visits.solve import plan_strike_day

__all__ = ["Book", "open_book", "plan_strike_day"]
