"""Amounts that people write into an offer: each type is read exactly, or says what may have been meant."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tideover import schema
from tideover.nouns.fields import Meant, Reader, suggestion

#: No amount of an offer is larger, in cents: a hundred million.
MOST_CENTS = 10_000_000_000
#: No count or number of hours of an offer is larger.
MOST = 1_000_000
#: Rates and shares have at most so many decimals, counts of work RVUs and hours at most two.
DECIMALS = 6
ROLES = next(column.choices for column in schema.tables()["roster"] if column.column == "role")
COVERS = next(column.choices for column in schema.tables()["roster"] if column.column == "health_cover")


@dataclass(frozen=True)
class Key:
    """One key of a kind of term: its type (see ``TYPES``), whether it must be there, and what it means.

    Days lie within the contract, or, with ``before``, before its first day.
    """

    name: str
    type: str
    description: str
    required: bool = True
    default: Any = None
    choices: tuple[str, ...] = ()
    before: bool = False

    @property
    def reader(self) -> Reader:
        """How the key's value is read."""
        if self.type == "choice":
            return Reader(self._choice, f"one of {', '.join(self.choices)}", "Correct the spelling.")
        return TYPES[self.type]

    def _choice(self, value: object) -> str:
        if value not in self.choices:
            raise Meant(suggestion(value, self.choices))
        return str(value)


def exact(value: object) -> Fraction:
    """Return a number as the decimal that it is written as; ``ValueError`` for anything else.

    >>> exact(0.03)
    Fraction(3, 100)
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 10 * MOST_CENTS:
        raise ValueError
    return Fraction(str(value))


def _rate(value: object) -> Fraction:
    rate = exact(value)
    if not -1 <= rate <= 1:
        raise Meant(
            f"Was {float(rate) / 100:g} meant, that is {float(rate):g} %? Then write it so. "
            f"If {float(rate):g} times the amount was meant, write the new amounts into a grid instead."
        )
    if (rate * 10**DECIMALS).denominator != 1:
        raise Meant(f"Write at most {DECIMALS} decimals.")
    return rate


def _share(value: object) -> Fraction:
    rate = _rate(value)
    if rate < 0:
        raise ValueError
    return rate


def cents(value: object) -> int:
    """Return an amount in whole cents; ``ValueError`` where it is negative, too large or no whole cent."""
    found = exact(value) * 100
    if found.denominator != 1 or not 0 <= found <= MOST_CENTS:
        raise ValueError
    return int(found)


def _number(value: object) -> Fraction:
    found = exact(value)
    if not 0 <= found <= MOST or (found * 100).denominator != 1:
        raise ValueError
    return found


def _count(value: object) -> int:
    found = _number(value)
    if found.denominator != 1:
        raise ValueError
    return int(found)


def _date(value: object) -> dt.date:
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        raise ValueError
    return value


def _dates(value: object) -> tuple[dt.date, ...]:
    days = tuple(_date(day) for day in value) if isinstance(value, list) else (_date(value),)
    if not days or len(set(days)) < len(days):
        raise ValueError
    return tuple(sorted(days))


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _by(names: tuple[str, ...]) -> Callable[[object], dict[str, int]]:
    def read(value: object) -> dict[str, int]:
        """Return cents by name; one amount stands for every name."""
        if not isinstance(value, Mapping):
            return dict.fromkeys(names, cents(value))
        for name in value:
            if name not in names:
                raise Meant(suggestion(name, names))
        if not value:
            raise ValueError
        return {name: cents(amount) for name, amount in value.items()}

    return read


def _grid(value: object) -> dict[str, tuple[int, ...]]:
    if not isinstance(value, Mapping) or not value:
        raise ValueError
    for name in value:
        if name not in ROLES:
            raise Meant(suggestion(name, ROLES))
    if not all(isinstance(steps, list) and steps for steps in value.values()):
        raise ValueError
    return {name: tuple(cents(amount) for amount in steps) for name, steps in value.items()}


def _tiers(value: object) -> tuple[tuple[Fraction, int], ...]:
    if not isinstance(value, list) or not value:
        raise ValueError
    if not all(isinstance(tier, Mapping) and set(tier) == {"over", "rate"} for tier in value):
        raise ValueError
    tiers = tuple((_number(tier["over"]), cents(tier["rate"])) for tier in value)
    if any(low >= high for (low, _), (high, _) in itertools.pairwise(tiers)):
        raise Meant("Write the lowest tier first; each begins over more than the one before.")
    return tiers


def _roles(value: object) -> tuple[str, ...]:
    named = [value] if isinstance(value, str) else value
    if not isinstance(named, list) or not named:
        raise ValueError
    for name in named:
        if name not in ROLES:
            raise Meant(suggestion(name, ROLES))
    return tuple(role for role in ROLES if role in named)


def text(value: object) -> str:
    """Return a text that is not empty and has no control characters; ``ValueError`` for anything else."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError
    return value


_MONEY = "an amount in whole cents, not negative, such as 60000 or 45.25"
_MEND = "Correct it."
#: Types of keys: how each is read, what is expected, what to do.
TYPES: dict[str, Reader] = {
    "rate": Reader(_rate, "a rate from -1 to 1: 3 % is 0.03", "Write 3 % as 0.03."),
    "share": Reader(_share, "a share from 0 to 1: 3 % is 0.03", "Write 3 % as 0.03."),
    "money": Reader(cents, _MONEY, "Write it without signs or separators."),
    "number": Reader(_number, f"a number from 0 to {MOST:,} with at most two decimals", _MEND),
    "count": Reader(_count, f"a whole number from 0 to {MOST:,}", _MEND),
    "date": Reader(_date, "a day, YYYY-MM-DD without quotes", _MEND),
    "dates": Reader(_dates, "one day or a list of different days, YYYY-MM-DD without quotes", _MEND),
    "flag": Reader(_flag, "true or false", "Write it without quotes."),
    "text": Reader(text, "text", _MEND),
    "roles": Reader(_roles, f"roles out of {', '.join(ROLES)}", "Correct the spelling."),
    "money_by_role": Reader(
        _by(ROLES), f"{_MONEY}; or a table of amounts by role ({', '.join(ROLES)})", _MEND
    ),
    "money_by_cover": Reader(
        _by(COVERS), f"{_MONEY}; or a table of amounts by cover ({', '.join(COVERS)})", _MEND
    ),
    "grid": Reader(
        _grid, "a table that gives each role a list of amounts, the lowest step first", "Mend the table."
    ),
    "tiers": Reader(
        _tiers, "a list of tiers such as { over = 4800, rate = 45.25 }", "Give each tier over and rate."
    ),
}


def plain(value: Any) -> Any:
    """Return a value of a term as a plain JSON value: amounts in whole cents, fractions as numbers."""
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, dt.date):
        return str(value)
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value
