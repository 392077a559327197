"""Changes as plain facts: every field says how it is read, so that JSON, TOML and Python get one check.

A change is a frozen dataclass that derives from ``RecordedChange`` and gives each field one of the types
below (``Dates``, ``Hours``, ``Share`` ...). The type carries the reader of the field; construction and
``from_facts`` both go through it, and report every wrong field at once.
"""

from __future__ import annotations

import difflib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Self, get_type_hints

from tideover import schema
from tideover.errors import Fault, InputError
from tideover.nouns.scenario import Scenario
from tideover.registry import Registry


@dataclass(frozen=True)
class Reader:
    """How a field is read: ``read`` returns the value in its normal form or raises ``ValueError``."""

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


def _dates(value: object) -> tuple[date, ...]:
    found = _several(value, _date)
    if not found:
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


def _choices(table: str, column: str) -> Reader:
    known = next(c.choices for c in schema.tables()[table] if c.column == column)

    def one(value: object) -> str:
        if value not in known:
            raise ValueError(suggestion(value, known))
        return str(value)

    return Reader(lambda value: _several(value, one), f"any of {', '.join(known)}", "Correct the spelling.")


Dates = Annotated[
    tuple[date, ...], Reader(_dates, "one date or several, YYYY-MM-DD", "Name every date by itself.")
]
OptionalDate = Annotated[
    date | None,
    Reader(lambda v: None if v is None else _date(v), "a date, YYYY-MM-DD", "Correct it or leave it out."),
]
Hours = Annotated[
    str,
    Reader(
        _hours,
        "a stretch of the day, such as 08:00-12:00, that starts before it ends and ends by 24:00",
        "Past midnight is another date: state it as a change of its own.",
    ),
]
Name = Annotated[str, Reader(_name, "an identifier", "Write it as in the network's tables.")]
Names = Annotated[
    tuple[str, ...],
    Reader(lambda v: _several(v, _name), "identifiers", "Leave the key out where there is no limit."),
]
Roles = Annotated[tuple[str, ...], _choices("clinicians", "role")]
SiteKinds = Annotated[tuple[str, ...], _choices("clinics", "kind")]
Share = Annotated[
    float,
    Reader(lambda v: _number(v, 0, 1), "a number from 0 to 1", "25 % of the posts worked is written 0.25."),
]
Posts = Annotated[
    int, Reader(lambda v: _whole(v, 1, 1000), "a whole number from 1 to 1000", "Count posts, not hours.")
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


@dataclass(frozen=True)
class RecordedChange(ABC):
    """A change whose fields are plain facts; see ``nouns.scenario.Change`` for its laws.

    Construction normalises every field (several dates are sorted, each once) and raises ``InputError``
    with all faults. Law: ``cls.from_facts(change.facts()) == change``.
    """

    kind: ClassVar[str]
    rank: ClassVar[int]

    def __post_init__(self) -> None:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        values, faults = _read(type(self), given)
        if not faults:
            for name, value in values.items():
                object.__setattr__(self, name, value)
            faults = self.conflicts()
        if faults:
            raise InputError(faults)

    def conflicts(self) -> list[Fault]:
        """Return the faults of fields that are right alone and wrong together; none unless overridden."""
        return []

    @abstractmethod
    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with this change; ``InputError`` where it does not fit the network."""

    def facts(self) -> dict[str, Any]:
        """Return the change as plain JSON values, ``kind`` first."""
        return {"kind": self.kind} | {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], file: str = "changes") -> Self:
        """Return the change that ``facts`` state; ``InputError`` lists every wrong, missing or unknown key.

        ``file`` is where the facts were written, for the messages. ``kind`` may be left out.
        """
        if not isinstance(facts, Mapping):
            wrong = cls.fault(None, shown(facts), "keys and values", f"Write it as a table of a {cls.kind}.")
            raise InputError([replace(wrong, file=file)])
        values, faults = _read(cls, facts)
        faults += _strangers(cls, facts)
        if not faults:
            try:
                return cls(**values)
            except InputError as error:
                faults = list(error.faults)
        raise InputError([replace(fault, file=file) for fault in faults])

    @classmethod
    def fault(cls, key: str | None, found: str, expected: str, remedy: str) -> Fault:
        """Return a fault of this change's ``key`` (``None``: of the change as a whole)."""
        column = cls.kind if key is None else f"{cls.kind}.{key}"
        return Fault("changes", None, column, found, expected, remedy)

    @classmethod
    def unknown(cls, key: str, names: Iterable[str], known: Collection[str]) -> list[Fault]:
        """Return one fault for each of ``names`` that is not among ``known``, with the nearest known name."""
        expected = f"{key} of the network"
        return [
            cls.fault(key, shown(name), expected, suggestion(name, known))
            for name in names
            if name not in known
        ]


@cache
def _readers(cls: type[RecordedChange]) -> dict[str, Reader]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in fields(cls)}


def _read(cls: type[RecordedChange], given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    values, faults = {}, []
    for name, reader in _readers(cls).items():
        if name in given:
            try:
                values[name] = reader.read(given[name])
            except ValueError as error:
                faults.append(
                    cls.fault(name, shown(given[name]), reader.expected, str(error) or reader.remedy)
                )
    return values, faults


def _strangers(cls: type[RecordedChange], facts: Mapping[str, Any]) -> list[Fault]:
    known = [field.name for field in fields(cls)]
    faults = [
        cls.fault(None, f"the unknown key {shown(key)}", f"keys of a {cls.kind}", suggestion(key, known))
        for key in facts
        if key != "kind" and key not in known
    ]
    for field in fields(cls):
        if field.default is MISSING and field.name not in facts:
            expected = _readers(cls)[field.name].expected
            faults.append(cls.fault(field.name, "nothing", expected, f"Add the key {field.name!r}."))
    if facts.get("kind", cls.kind) != cls.kind:
        found = shown(facts["kind"])
        faults.append(cls.fault("kind", found, repr(cls.kind), "Correct it or leave it out."))
    return faults


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def read_changes(
    rows: object, *registries: Registry[type[RecordedChange]], file: str = "changes"
) -> list[RecordedChange]:
    """Return the changes that ``rows`` (a list of facts with their ``kind``) state, of any of ``registries``.

    ``InputError`` lists the faults of all of them; nothing else is raised, whatever ``rows`` holds.
    """
    kinds = {name: registry[name] for registry in registries for name in registry}
    if not isinstance(rows, list | tuple):
        raise InputError([Fault(file, None, None, shown(rows), "a list of changes", "Write it as a list.")])
    changes, faults = [], []
    for number, facts in enumerate(rows, start=1):
        kind = facts.get("kind") if isinstance(facts, Mapping) else facts
        if isinstance(kind, str) and kind in kinds:
            try:
                changes.append(kinds[kind].from_facts(facts, file))
            except InputError as error:
                faults += error.faults
        else:
            found = f"change {number}: {shown(kind)}"
            faults.append(Fault(file, None, "kind", found, "a kind of change", suggestion(kind, kinds)))
    if faults:
        raise InputError(faults)
    return changes
