"""What the rules find in a document before anybody compares it with the ledger."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from tideover.documents.ranges import Amount

#: Every kind of statement that is looked for, and what a value of it is.
KINDS = {
    "date": "a day, month or week of a strike, closing, session, notice, vote, picket or contract",
    "people": "a number of people",
    "clinics": "a number of clinics or sites",
    "hospitals": "a number of hospitals",
    "sessions": "a number of bargaining sessions",
    "visits": "a number of visits",
    "percent": "a percentage or part of a whole",
    "money": "an amount of money",
    "duration": "a length of time",
    "place": "a list of places",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One statement: what kind, its value, and the letters from ``start`` to ``end`` in which it stands.

    ``value`` is a number in ``unit``, a date as text, or a tuple of places. ``event`` says of a date what
    happens on it, ``noun`` of a number what is counted. ``low`` and ``high`` are what the words allow.
    """

    kind: str
    value: float | str | tuple[str, ...]
    unit: str
    start: int
    end: int
    event: str = ""
    noun: str = ""
    low: float | dt.date | None = None
    high: float | dt.date | None = None
    about: bool = False
    notes: tuple[str, ...] = ()


def finding(amount: Amount, kind: str, unit: str, noun: str, end: int | None = None) -> Finding:
    """Return an amount as a statement; ``end`` is where its thing counted ends."""
    return Finding(
        kind=kind,
        value=amount.value,
        unit=unit,
        start=amount.start,
        end=max(amount.end, end or 0),
        noun=noun,
        low=amount.low,
        high=amount.high,
        about=amount.about,
    )


def words_behind(text: str, end: int) -> str:
    """Return the six words behind a place, within 60 letters."""
    return " ".join(re.findall(r"[\w'-]+", text[end : end + 60])[:6])
