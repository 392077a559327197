"""Room ``budget``: what comes in by payer, what clinics, staff and offers cost, what would have to be."""

from tideover.budget.facts import Assumed, Books, Span, books_of
from tideover.budget.lines import Goal, Line, Retention, goals
from tideover.budget.method import Income, PayCost, YearBudget, budget_years, income

__all__ = [
    "Assumed",
    "Books",
    "Goal",
    "Income",
    "Line",
    "PayCost",
    "Retention",
    "Span",
    "YearBudget",
    "books_of",
    "budget_years",
    "goals",
    "income",
]
