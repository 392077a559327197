"""Claims and the ledger that holds them: what is said, by whom, from where; nobody wins by default."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from tideover.claims.words import written

Scalar = int | float | str | dt.date
Value = Scalar | Mapping[str, float]

#: Kinds of claims: what they are about, in the order in which they are shown.
KINDS = {
    "fact": "Facts about a dispute",
    "parameter": "Parameters with a published source",
    "assumption": "Assumptions of Tideover without a published source",
    "choice": "Choices built into Tideover",
}
#: How sure a source is of being what it is told to be, where something is to be said of it.
CONFIDENCE = {
    "read": "read in the named source",
    "computed": "computed from the named source",
    "unconfirmed": "to be confirmed before it is told as a fact",
}
#: A rounded or estimated number ("about 600") agrees with whatever lies within this part of it.
ABOUT = 0.1


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What one side says: a value, or a number with the least and the most that the statement allows.

    ``low`` and ``high`` are ``None`` where nothing is said of them; with only one, the other end is open:
    "more than 25 %" has the value 0.25 and low 0.25. ``date`` is a day, month, year or ``undated``.
    """

    who: str
    value: Value
    source: str
    date: str
    low: float | dt.date | None = None
    high: float | dt.date | None = None
    about: bool = False
    words: str = ""
    confidence: str = ""
    note: str = ""

    def says(self, unit: str) -> str:
        """The value as a person reads it: the entry's own words, or the value with its unit."""
        return self.words or self.value_in_words(unit)

    def value_in_words(self, unit: str) -> str:
        """The value with its unit and the stretch that it is told with."""
        return written(self.value, unit, self.low, self.high, about=self.about)

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as plain JSON values."""
        plain = {name: _plain(getattr(self, name)) for name in ("who", "value", "low", "high", "about")}
        return plain | {
            name: getattr(self, name) for name in ("words", "source", "date", "confidence", "note")
        }


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One question, its unit, what each side says, and what of the model turns on it.

    ``affects`` names inputs of the model (``strike.dates``, ``policy.detour_factor``, ``recipe.fill``);
    a claim that affects nothing has a ``context``, the reason why it stands here. ``rank`` says how early a
    conflict is shown. ``dispute`` is the dispute that a fact is about, empty for all other kinds.
    """

    id: str
    question: str
    unit: str
    kind: str
    entries: tuple[Entry, ...]
    affects: tuple[str, ...] = ()
    context: str = ""
    dispute: str = ""
    rank: int = 100

    @property
    def disputed(self) -> bool:
        """Whether two of the entries cannot both be true."""
        return any(disagree(one, other) for one, other in combinations(self.entries, 2))

    def entry(self, who: str) -> Entry | None:
        """Return what this side says, or ``None`` where it says nothing."""
        return next((entry for entry in self.entries if entry.who == who), None)

    def as_dict(self) -> dict[str, Any]:
        """Return the claim with its entries as plain JSON values."""
        names = ("id", "question", "unit", "kind", "dispute", "context")
        plain: dict[str, Any] = {name: getattr(self, name) for name in names}
        entries = [entry.as_dict() | {"says": entry.says(self.unit)} for entry in self.entries]
        return plain | {"affects": list(self.affects), "disputed": self.disputed, "entries": entries}


@dataclass(frozen=True)
class Ledger:
    """Every claim by its id, in the order of the ids."""

    claims: Mapping[str, Claim] = field(default_factory=dict)

    def __getitem__(self, claim_id: str) -> Claim:
        try:
            return self.claims[claim_id]
        except KeyError:
            raise LookupError(f"there is no claim named {claim_id!r}") from None

    def __contains__(self, claim_id: object) -> bool:
        return claim_id in self.claims

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims.values())

    def __len__(self) -> int:
        return len(self.claims)

    @property
    def conflicts(self) -> tuple[Claim, ...]:
        """The disputed claims: those that affect something first, then by rank, kind and id."""
        kinds = list(KINDS)
        order = sorted(self, key=lambda c: (not c.affects, c.rank, kinds.index(c.kind), c.id))
        return tuple(claim for claim in order if claim.disputed)

    def affecting(self, target: str) -> tuple[Claim, ...]:
        """Return the claims on which this input of the model rests."""
        return tuple(claim for claim in self if target in claim.affects)


def disagree(one: Entry, other: Entry) -> bool:
    """Return whether two entries of a claim cannot both be true.

    1. Words differ. 2. Numbers and dates have stretches that do not touch: from ``low`` to ``high``, open at
    the end of which nothing is said; without either, the value, and 10 % to each side where it is rounded
    (``about``). 3. Tables differ so in any name that both have.
    """
    if isinstance(one.value, Mapping) and isinstance(other.value, Mapping):
        shared = one.value.keys() & other.value.keys()
        return any(_apart(_around(one, one.value[k]), _around(other, other.value[k])) for k in shared)
    if isinstance(one.value, str) and isinstance(other.value, str):
        return one.value.casefold() != other.value.casefold()
    return _apart(_extent(one), _extent(other))


def _extent(entry: Entry) -> tuple[float, float]:
    if entry.low is not None or entry.high is not None:
        low = float("-inf") if entry.low is None else _number(entry.low)
        return low, float("inf") if entry.high is None else _number(entry.high)
    return _around(entry, entry.value)


def _around(entry: Entry, value: Any) -> tuple[float, float]:
    number = _number(value)
    room = ABOUT * abs(number) if entry.about else 0.0
    return number - room, number + room


def _number(value: Any) -> float:
    return float(value.toordinal()) if isinstance(value, dt.date) else float(value)


def _apart(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[1] < other[0] or other[1] < one[0]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else value
