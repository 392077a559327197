"""Types of the fields of a change: each says how it is read, and what to do where that fails."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from tideover import schema
from tideover.nouns.share import WorkingShare


class Meant(ValueError):  # noqa: N818 (not for callers: the text says what may have been meant)
    """A wrong value of which it is known what it may have meant."""


@dataclass(frozen=True)
class Reader:
    """How a field is read: ``read`` returns the value in its normal form or raises ``ValueError``.

    A ``Meant`` error brings its own remedy.
    """

    read: Callable[[object], Any]
    expected: str
    remedy: str


def shown(value: object) -> str:
    """Return ``value`` as a message shows it: its Python spelling, cut at 60 characters."""
    try:
        text = repr(value[:80] if isinstance(value, str) else value)
    except ValueError:  # an integer of more digits than Python writes out
        text = f"a very large {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


def suggestion(name: object, known: Collection[str]) -> str:
    """Return a sentence that names what ``name`` may have meant, else what is known (at most eight)."""
    folded = {text.casefold(): text for text in sorted(known)}
    near = difflib.get_close_matches(name[:80].casefold(), folded, n=1) if isinstance(name, str) else []
    if near:
        return f"Did you mean {folded[near[0]]!r}?"
    listed = sorted(known)
    more = f" and {len(listed) - 8} more" if len(listed) > 8 else ""
    return f"Known: {', '.join(listed[:8])}{more}." if listed else "None are known here."


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return date.fromisoformat(value)
    raise ValueError


def _several(value: object, one: Callable[[object], Any]) -> tuple[Any, ...]:
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(sorted({one(part) for part in value}))
    return (one(value),)


def _some(value: object, one: Callable[[object], Any]) -> tuple[Any, ...]:
    found = _several(value, one)
    if not found:
        raise ValueError
    return found


def _two(value: object) -> tuple[str, ...]:
    found = _several(value, _name)
    if len(found) < 2:
        raise ValueError
    return found


def _name(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError


def _number(value: object, low: float, high: float) -> float:
    # 0.0 is added so that minus zero is written like zero
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError
    return float(value) + 0.0


def _whole(value: object, low: int, high: int) -> int:
    number = _number(value, low, high)
    if not number.is_integer():
        raise ValueError
    return int(number)


def _working(value: object) -> float | str:
    if not isinstance(value, str):
        return _number(value, 0, 1)
    parts = value.split("..")
    if len(parts) == 1:
        raise ValueError
    if len(parts) == 2:
        raise Meant("State the most likely share too, in the middle: 0.15..0.25..0.40.")
    numbers = [_number(float(part), 0, 1) for part in parts]
    stated = "..".join(f"{number:.12f}".rstrip("0").removesuffix(".") for number in numbers)
    if len(numbers) != 3 or numbers != sorted(numbers):
        raise Meant("Write the lowest share first, then the most likely, then the highest: 0.15..0.25..0.40.")
    if WorkingShare.of(stated).certain:
        raise Meant("A share that is certain is one number: 0.25.")
    return stated


def _hours(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    parts = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})", value)
    if parts is None:
        raise ValueError
    hour1, minute1, hour2, minute2 = (int(part) for part in parts.groups())
    if max(minute1, minute2) > 59 or not hour1 * 60 + minute1 < hour2 * 60 + minute2 <= 24 * 60:
        raise ValueError
    return f"{hour1:02}:{minute1:02}-{hour2:02}:{minute2:02}"


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    rows = list(value.items()) if isinstance(value, dict) else value
    if not isinstance(rows, list | tuple):
        raise ValueError
    found: dict[str, str] = {}
    for row in rows:
        if not isinstance(row, list | tuple) or len(row) != 2:
            raise ValueError
        if found.setdefault(_name(row[0]), _name(row[1])) != row[1]:
            raise Meant(f"{row[0]!r} is there with two clinics: keep one of them.")
    return tuple(sorted(found.items()))


def _choices(table: str, column: str) -> Reader:
    known = next(c.choices for c in schema.tables()[table] if c.column == column)

    def one(value: object) -> str:
        """Return the text if it is a choice of the column; ``Meant`` names the nearest one if it is not."""
        if value not in known:
            raise Meant(suggestion(value, known))
        return str(value)

    return Reader(lambda value: _several(value, one), f"any of {', '.join(known)}", "Correct the spelling.")


Dates = Annotated[
    tuple[date, ...],
    Reader(lambda v: _some(v, _date), "one date or several, YYYY-MM-DD", "Name every date by itself."),
]
AnyDates = Annotated[
    tuple[date, ...],
    Reader(lambda v: _several(v, _date), "dates, YYYY-MM-DD", "Leave the key out where there is no limit."),
]
OptionalDate = Annotated[
    date | None,
    Reader(lambda v: None if v is None else _date(v), "a date, YYYY-MM-DD", "Correct it or leave it out."),
]
Day = Annotated[date, Reader(_date, "a date, YYYY-MM-DD", "Write one date.")]
Flag = Annotated[bool, Reader(_flag, "true or false", "Write true or false, without quotes.")]
Moves = Annotated[
    tuple[tuple[str, str], ...],
    Reader(_pairs, "pairs of a clinician and a clinic", 'Write them as [["clinician", "clinic"]].'),
]
Hours = Annotated[
    str,
    Reader(
        _hours,
        "a stretch of the day, such as 08:00-12:00, that starts before it ends and ends by 24:00",
        "Past midnight is another date: state it as a change of its own.",
    ),
]
ChosenNames = Annotated[
    tuple[str, ...],
    Reader(lambda v: _some(v, _name), "at least one identifier", "Write them as in the network's tables."),
]
TwoOrMore = Annotated[
    tuple[str, ...],
    Reader(_two, "at least two identifiers", "Name everybody who takes part, each by itself."),
]
Name = Annotated[str, Reader(_name, "a name", "Write it as in the network's tables.")]
PartOf = Annotated[
    float, Reader(lambda v: _number(v, 0, 1), "a number from 0 to 1", "10 % are written 0.1, not 10.")
]
Names = Annotated[
    tuple[str, ...],
    Reader(lambda v: _several(v, _name), "identifiers", "Leave the key out where there is no limit."),
]
Roles = Annotated[tuple[str, ...], _choices("clinicians", "role")]
SiteKinds = Annotated[tuple[str, ...], _choices("clinics", "kind")]
Working = Annotated[
    float | str,
    Reader(
        _working,
        "a number from 0 to 1, or a range with its most likely value, such as 0.15..0.25..0.40",
        "25 % of the posts worked is written 0.25.",
    ),
]
Posts = Annotated[
    int, Reader(lambda v: _whole(v, 1, 1000), "a whole number from 1 to 1000", "Count posts, not hours.")
]
Count = Annotated[
    int, Reader(lambda v: _whole(v, 0, 1000), "a whole number from 0 to 1000", "Leave the key out for none.")
]
FullTime = Annotated[
    float,
    Reader(lambda v: _number(v, 0, 100), "a number from 0 to 100", "Count full-time posts: 0.5 is half one."),
]
Longer = Annotated[
    float, Reader(lambda v: _number(v, 0, 1), "a number from 0 to 1", "10 % longer hours are written 0.1.")
]
SlotMinutes = Annotated[
    int, Reader(lambda v: _whole(v, 1, 480), "whole minutes from 1 to 480", "State the length of one slot.")
]


def span(hours: str) -> tuple[int, int]:
    """Return the first and the last minute of ``hours`` ("HH:MM-HH:MM"), counted from midnight.

    >>> span("00:00-17:00")
    (0, 1020)
    """
    first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in hours.split("-"))
    return first, last
