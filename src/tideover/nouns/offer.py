"""An offer: a contract as data, its dated terms, how amounts are rounded, and what is said of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Protocol

from tideover.nouns.amounts import Key, plain

#: How halves of a cent are rounded, and what is rounded: each yearly (or hourly) rate, or only the line.
MODES = ("half_even", "half_up")
PLACES = ("rate", "line")


@dataclass(frozen=True)
class Rounding:
    """The rounding policy of an offer.

    ``mode`` is ``half_even`` (a half of a cent goes to the even cent) or ``half_up`` (away from nought).
    ``at`` is ``rate``: each full-time base rate is rounded to the cent (from exact compounding) before it is
    multiplied; or ``line``: only the clinician's line of the year is rounded.
    """

    mode: Literal["half_even", "half_up"]
    at: Literal["rate", "line"]


@dataclass(frozen=True)
class Term:
    """One dated term of an offer: its kind, its days (both included), its roles, and its values by key."""

    id: str
    kind: str
    start: dt.date
    end: dt.date
    roles: tuple[str, ...]
    values: Mapping[str, Any]
    note: str = ""

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def as_dict(self) -> dict[str, Any]:
        """Return the term as plain JSON values."""
        return {
            "id": self.id,
            "kind": self.kind,
            "from": str(self.start),
            "until": str(self.end),
            "roles": list(self.roles),
            **{name: plain(value) for name, value in self.values.items()},
        }


@dataclass(frozen=True)
class Offer:
    """A contract as data: ``terms`` in the order of the file, over the days ``start`` to ``end``.

    ``illustrative`` is true where the offer is made up; ``banner`` is then shown wherever a result of it is.
    ``roll_up`` is the employer's cost on each unit of pay beside payroll tax, ``None`` where none is stated.
    """

    name: str
    currency: str
    start: dt.date
    end: dt.date
    rounding: Rounding
    terms: tuple[Term, ...]
    illustrative: bool = False
    banner: str = ""
    roll_up: Fraction | None = None
    file: str = ""

    def of_kind(self, *kinds: str) -> tuple[Term, ...]:
        """Return the terms of these kinds, in order."""
        return tuple(term for term in self.terms if term.kind in kinds)

    def as_dict(self) -> dict[str, Any]:
        """Return the offer as plain JSON values."""
        return {
            "name": self.name,
            "currency": self.currency,
            "period": {"start": str(self.start), "end": str(self.end)},
            "rounding": {"mode": self.rounding.mode, "at": self.rounding.at},
            "illustrative": self.illustrative,
            "banner": self.banner,
            "roll_up": plain(self.roll_up),
            "terms": [term.as_dict() for term in self.terms],
        }


class TermKind(Protocol):
    """What the reader of offers needs to know of a kind of term.

    ``keys`` are its keys beside the common ones. ``span`` is true where the term holds from a day until a
    day; else it takes effect on a day and has no end. Of the terms of one ``family`` only one may hold at a
    time (for the same role, and the same values of ``apart``); ``whole`` is true where one must.
    """

    @property
    def keys(self) -> Sequence[Key]:
        """The keys that the term has beside the common ones."""
        ...

    @property
    def span(self) -> bool:
        """Whether the term holds until a day."""
        ...

    @property
    def family(self) -> str:
        """The family within which only one term holds at a time, or an empty text."""
        ...

    @property
    def apart(self) -> Sequence[str]:
        """Keys by whose values terms of a family stand beside each other."""
        ...

    @property
    def whole(self) -> bool:
        """Whether one of the family must hold on every day of the contract."""
        ...

    @property
    def one_of(self) -> Sequence[str]:
        """Keys of which exactly one must be stated."""
        ...


class Kinds(Protocol):
    """The kinds of terms that there are, by name."""

    def __contains__(self, name: object) -> bool: ...

    def __getitem__(self, name: str) -> TermKind: ...

    def __iter__(self) -> Iterator[str]: ...
