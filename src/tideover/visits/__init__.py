"""The strike-day plan: which booked visits stand, which move and where to (see README.md)."""

from tideover.visits.book import IN_SESSION, Book, open_book
from tideover.visits.solve import plan_strike_day

__all__ = ["IN_SESSION", "Book", "open_book", "plan_strike_day"]
