"""Statements in the form of the ledger: its units, sides and words, and what can be compared with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tideover.claims import Claim, Entry
from tideover.documents.finding import Finding
from tideover.documents.proposal import Proposal
from tideover.documents.topics import Topic, fall

#: A number more than so many times an entry, or less than that part of it, is about something else.
_FAR = 3.0
#: How the ledger names the side of a speaker.
WHO = {
    "union": "union",
    "employer": "employer",
    "clinician": "clinicians",
    "press": "press-c",
    "regulator": "law",
}
_HOURS = {"hours": 1 / 24, "days": 1, "weeks": 7, "months": 30.4, "years": 365.25, "minutes": 1 / 1440}
_OWN_UNIT = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30.4, "year": 365.25, "minute": 1 / 1440}
_UNITS = {
    "people": "person",
    "clinics": "site",
    "hospitals": "site",
    "sessions": "time",
    "visits": "visit",
    "percent": "share",
    "money": "USD",
    "date": "date",
    "place": "word",
}
_STATES = {
    "minnesota": "MN",
    "wisconsin": "WI",
    "iowa": "IA",
    "michigan": "MI",
    "oregon": "OR",
    "california": "CA",
}


def unit_of(found: Finding) -> str:
    """Return the ledger's unit for a statement that no topic has."""
    return found.unit.rstrip("s") if found.kind == "duration" else _UNITS[found.kind]


def stretch(value: str) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a day or month as it is written in a statement."""
    if len(value) == 10:
        return dt.date.fromisoformat(value), dt.date.fromisoformat(value)
    first = dt.date.fromisoformat(f"{value}-01")
    return first, (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)


def entry_of(proposal: Proposal, topic: Topic | None, unit: str) -> Entry:
    """Return a proposal as an entry of the ledger, in the claim's unit."""
    found = proposal.finding
    who = WHO.get(proposal.speaker.side, "other")
    value: Any
    low: Any
    high: Any
    if isinstance(found.value, tuple):
        value, low, high = _names(found.value), None, None
    elif isinstance(found.value, str):
        value = found.low if found.low is not None else found.value
        low, high = (None, None) if found.low == found.high else (found.low, found.high)
    else:
        scale = _scale(found, unit) * (fall(proposal) if topic is not None and topic.sign < 0 else 1)
        value = _tidy(found.value * scale)
        low, high = (
            None if part is None or isinstance(part, dt.date) else _tidy(part * scale)
            for part in (found.low, found.high)
        )
        if scale < 0:
            low, high = high, low
        if found.about:
            low, high = None, None
    return Entry(who=who, value=value, low=low, high=high, about=found.about, source="", date="undated")


def _names(names: Sequence[str]) -> str:
    codes = [_STATES.get(name.lower()) for name in names]
    return ";".join(sorted(code for code in codes if code)) if all(codes) else "; ".join(names)


def _scale(found: Finding, unit: str) -> float:
    """Return by what a number is multiplied to be in the ledger's unit."""
    if unit in {"share", "change", "probability"}:
        return 0.01
    if found.kind == "duration" and unit in _OWN_UNIT:
        return _HOURS[found.unit] / _OWN_UNIT[unit]
    return 1.0


def _tidy(number: float) -> float:
    rounded = round(number, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def comparable(entry: Entry, claim: Claim, proposal: Proposal) -> bool:
    """Return whether a statement can be about a claim: neither a third of it nor its threefold."""
    if isinstance(entry.value, str) != (claim.unit == "word"):
        return False
    others = [each.value for each in claim.entries]
    if proposal.finding.kind not in {"people", "money", "clinics", "hospitals", "sessions", "duration"}:
        return True
    tables = [value for value in others if isinstance(value, Mapping)]
    if tables:
        return any(_key(table, proposal) for table in tables)
    numbers = [float(value) for value in others if isinstance(value, int | float) and value]
    if not isinstance(entry.value, int | float) or not numbers:
        return True
    return any(1 / _FAR <= entry.value / number <= _FAR for number in numbers)


def _key(table: Mapping[str, float], proposal: Proposal) -> str:
    return next((key for key in table if key.rstrip("s") in proposal.finding.noun.lower()), "")


def compared(each: Entry, entry: Entry, proposal: Proposal) -> Entry:
    """Return the statement in the form of an entry: a table where that is one, names in its order."""
    if isinstance(each.value, Mapping):
        number = float(entry.value) if isinstance(entry.value, int | float) else 0.0
        table = {name: float(part) for name, part in each.value.items()}
        key = _key(table, proposal) or min(table, key=lambda name: abs(table[name] - number))
        return replace(entry, value={key: number}, low=None, high=None)
    if isinstance(each.value, str) and isinstance(entry.value, str):
        same = _parts(each.value) == _parts(entry.value) or _parts(entry.value) < _parts(each.value)
        return replace(entry, value=each.value) if same else entry
    return entry


def _parts(text: str) -> set[str]:
    return {part.strip().casefold() for part in text.split(";")}
