"""Rules that derive the urgency of a visit from what an export says: the first that holds decides."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

#: The one name in a condition that is not a heading: days from the booking to the visit.
LEAD = "lead_days"
_TERM = re.compile(
    r"\s*(?:`(?P<quoted>[^`]+)`|(?P<name>[^\W\d]\w*))\s*(?P<sign><=|>=|!=|=|<|>)\s*"
    r"(?:(?P<number>-?\d+(?:\.\d+)?)|'(?P<text>[^']*)')\s*"
)
_AND = re.compile(r"and\b")
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Term:
    """One comparison of a condition: a name (a heading of the export, or ``lead_days``), a sign, a value."""

    name: str
    sign: str
    value: float | str

    def holds(self, facts: Mapping[str, pl.Series]) -> pl.Series:
        """Return where the comparison holds; an empty cell never does."""
        held: pl.Series = _SIGNS[self.sign](facts[self.name], self.value)
        return held.fill_null(value=False)


@dataclass(frozen=True)
class UrgencyRule:
    """Visits for which every term of ``when`` holds have the urgency ``level``; no term means every visit."""

    level: int
    text: str
    terms: tuple[Term, ...]
    why: str = ""

    @property
    def sentence(self) -> str:
        """The rule in words, as a note has it."""
        return f"Urgency {self.level} where {self.text}" + (f": {self.why}" if self.why else "")


def parse_condition(text: str) -> tuple[Term, ...] | None:
    """Return the terms of a condition such as ``lead_days = 0 and Age >= 65``, or ``None`` if it is not one.

    Headings that are not one word stand in backquotes; text stands in single quotes.

    >>> parse_condition("`No-show` = 'Yes' and Age < 5")
    (Term(name='No-show', sign='=', value='Yes'), Term(name='Age', sign='<', value=5.0))
    """
    terms, place = [], 0
    while match := _TERM.match(text, place):
        number, words = match["number"], match["text"]
        value = float(number) if number is not None else words
        terms.append(Term(match["quoted"] or match["name"], match["sign"], value))
        place = match.end()
        if place == len(text):
            return tuple(terms)
        joint = _AND.match(text, place)
        if joint is None:
            return None
        place = joint.end()
    return None


def urgency_of(
    rules: tuple[UrgencyRule, ...], facts: Mapping[str, pl.Series], rows: int
) -> tuple[pl.Series, list[int]]:
    """Return each visit's urgency by the first rule that holds, and how many visits each rule decided."""
    levels = pl.Series("urgency", [None] * rows, pl.Int64)
    counts = []
    for rule in rules:
        open_ = levels.is_null()
        for term in rule.terms:
            open_ &= term.holds(facts)
        counts.append(int(open_.sum()))
        levels = levels.set(open_, rule.level)
    return levels, counts
