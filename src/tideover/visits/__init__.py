"""The strike-day plan: which booked visits stand, which move and where to (see README.md)."""

from tideover.visits.book import IN_SESSION, Book, open_book
from tideover.visits.solve import Prepared, counts_at_share, first_answer, plan_strike_day, prepare

__all__ = [
    "IN_SESSION",
    "Book",
    "Prepared",
    "counts_at_share",
    "first_answer",
    "open_book",
    "plan_strike_day",
    "prepare",
]
