"""Entries as they are written in TOML, checked key by key."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

from tideover.claims._toml import Page, nearest
from tideover.claims.claim import CONFIDENCE, Entry
from tideover.claims.sides import OWN, SIDES
from tideover.claims.units import DATE, UNITS, WORD

KEYS = ("who", "value", "low", "high", "about", "words", "unit", "source", "date", "confidence", "note")
UNDATED = "undated"
_YEARS = (1900, 2100)
#: The words of an entry stand in a table of 80 columns.
LONGEST_WORDS = 70


def read_entry(page: Page, where: str, given: Mapping[str, Any], unit: str) -> Entry | None:
    """Return the entry that a table holds, or ``None`` after noting on ``page`` every fault of it.

    ``unit`` is that of the claim; a value that cannot be of it is a fault, and so is another ``unit``.
    """
    before = len(page.faults)
    page.unknown(where, given, KEYS)
    who = _who(page, where, given)
    _unit(page, where, given, unit)
    value = _value(page, where, given, unit)
    low, high = (_bound(page, where, given, key, unit) for key in ("low", "high"))
    _order(page, where, low, value, high)
    texts = {key: text(page, where, given, key) for key in ("words", "source", "note", "confidence")}
    if not texts["source"]:
        page.fault(f"{where}.source", "no source", "where it is said", "Name the source.")
    if texts["confidence"] and texts["confidence"] not in CONFIDENCE:
        page.fault(
            f"{where}.confidence", repr(texts["confidence"]), " or ".join(CONFIDENCE), "Mend the word."
        )
    if len(texts["words"]) > LONGEST_WORDS:
        found = f"{len(texts['words'])} letters"
        page.fault(f"{where}.words", found, f"at most {LONGEST_WORDS}", "Say the rest in the note.")
    day = _date(page, where, given)
    about = given.get("about", False)
    if not isinstance(about, bool):
        page.fault(f"{where}.about", repr(about), "true or false", "Mend the value.")
    if len(page.faults) > before:
        return None
    return Entry(who=who, value=value, low=low, high=high, about=about, date=day, **texts)


def text(page: Page, where: str, given: Mapping[str, Any], key: str) -> str:
    """Return a text without blanks around it, empty where there is none; what is no text is a fault."""
    value = given.get(key, "")
    if not isinstance(value, str):
        page.fault(f"{where}.{key}" if where else key, repr(value), "a text", "Write it in quotes.")
        return ""
    return " ".join(value.split())


def _who(page: Page, where: str, given: Mapping[str, Any]) -> str:
    who = text(page, where, given, "who")
    if who not in SIDES and who != OWN:
        found = repr(who) if who else "nobody"
        remedy = nearest(who, SIDES) or "Say whose word it is."
        page.fault(f"{where}.who", found, "one of " + ", ".join(SIDES), remedy)
    return who


def _unit(page: Page, where: str, given: Mapping[str, Any], unit: str) -> None:
    stated = text(page, where, given, "unit") or unit
    if stated != unit and unit in UNITS:
        remedy = "Convert the value to the claim's unit, or state it as a claim of its own."
        page.fault(f"{where}.unit", stated, f"the claim's unit, {unit}", remedy)


def _value(page: Page, where: str, given: Mapping[str, Any], unit: str) -> Any:
    if "value" not in given:
        page.fault(f"{where}.value", "no value", _expected(unit), "State the value.")
        return None
    value = given["value"]
    if isinstance(value, dict) and unit not in {DATE, WORD}:
        if not value:
            page.fault(f"{where}.value", "an empty table", "numbers by name", "State the numbers.")
        for name, part in value.items():
            _fits(page, f"{where}.value.{name}", part, unit)
        return dict(value)
    return value if _fits(page, f"{where}.value", value, unit) else None


def _bound(page: Page, where: str, given: Mapping[str, Any], key: str, unit: str) -> Any:
    if key not in given:
        return None
    if unit == WORD or isinstance(given.get("value"), dict):
        page.fault(f"{where}.{key}", repr(given[key]), "a bound only of a number or date", "Remove the key.")
        return None
    return given[key] if _fits(page, f"{where}.{key}", given[key], unit) else None


def _fits(page: Page, key: str, value: Any, unit: str) -> bool:
    """Return whether a value can be of its unit; where not, that is noted as a fault.

    Of a unit that nobody knows, which is a fault of its own, every value can be.
    """
    if unit not in UNITS:
        return True
    if unit == WORD:
        right = isinstance(value, str) and bool(value.strip())
    elif unit == DATE:
        right = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    else:
        known = UNITS[unit]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        right = number and isfinite(value) and known.low <= value <= known.high
    if not right:
        per_cent = unit in {"share", "probability", "change"}
        remedy = "Write per cent as a part of one: 25 % is 0.25." if per_cent else "Mend the value."
        page.fault(key, repr(value), _expected(unit), remedy)
    return right


def _expected(unit: str) -> str:
    if unit == WORD:
        return "a word"
    if unit == DATE:
        return "a date, written 2025-11-05 without quotes"
    if unit not in UNITS:
        return "a value"
    known = UNITS[unit]
    upper = f"from {known.low:g} to {known.high:g}" if isfinite(known.high) else f"of at least {known.low:g}"
    return f"a number {upper} ({unit})"


def _order(page: Page, where: str, low: Any, value: Any, high: Any) -> None:
    if isinstance(value, dict | str):
        return
    if low is not None and high is not None and low > high:
        page.fault(f"{where}.low", f"{low} above {high}", "low at most high", "Exchange the two.")
    elif value is not None and ((low is not None and value < low) or (high is not None and value > high)):
        page.fault(f"{where}.value", str(value), "a value between low and high", "Correct one of them.")


def _date(page: Page, where: str, given: Mapping[str, Any]) -> str:
    """Return the date of a source as a day, month or year, or ``undated``."""
    value = given.get("date")
    day = value.isoformat() if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else value
    if day == UNDATED:
        return UNDATED
    if not isinstance(day, str) or not _is_date(day):
        found = "no date" if value is None else repr(value)
        expected = f'a date such as 2025-11-07, "2025-11" or "2025", or "{UNDATED}"'
        page.fault(f"{where}.date", found, expected, "State when it was said, or that it is undated.")
        return ""
    return day


def _is_date(day: str) -> bool:
    parts = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", day)
    if parts is None:
        return False
    try:
        dt.date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
    except ValueError:
        return False
    return _YEARS[0] <= int(parts[1]) <= _YEARS[1]
