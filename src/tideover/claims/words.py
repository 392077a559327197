"""Values in words: numbers with their unit, shares as per cent, dates, tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tideover.claims.units import UNITS, WORD

#: Units that are written as per cent.
_PER_CENT = frozenset({"share", "probability", "change"})


def written(value: Any, unit: str, low: Any = None, high: Any = None, *, about: bool = False) -> str:
    """Return a value with its unit, and the stretch that it is told with.

    >>> written(0.25, "share", low=0.25)
    'at least 25 %'
    >>> written(36.2, "minute", 28.9, 45.7)
    '36.2 minutes (28.9 to 45.7)'
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_one(part, unit)}" for name, part in value.items()) + _behind(unit)
    text = _one(value, unit) + _behind(unit, value)
    if about:
        return f"about {text}"
    if low is not None and high is not None and not low == high == value:
        return f"{text} ({_one(low, unit)} to {_one(high, unit)})"
    if low is not None and high is None:
        return f"at least {_one(low, unit)}{_behind(unit, low)}" if low == value else text
    if high is not None and low is None:
        return f"at most {_one(high, unit)}{_behind(unit, high)}" if high == value else text
    return text


def _one(value: Any, unit: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dt.date):
        return f"{value.day} {value:%B %Y}"
    if unit in _PER_CENT:
        return f"{_plain(value * 100)} %"
    return _plain(value)


def _plain(number: float) -> str:
    rounded = round(number, 6)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.10g}"


def _behind(unit: str, value: Any = None) -> str:
    if unit in _PER_CENT or unit == WORD or isinstance(value, dt.date | str):
        return ""
    name = unit if value == 1 else UNITS[unit].plural
    return f" {name}" if name else ""


#: What the first part of a target means to whoever reads it; other first parts are tables of a network.
_PLACES = {
    "strike": "the strike",
    "policy": "the policy",
    "days": "the days tried",
    "recipe": "the synthetic network",
    "synthetic": "the synthetic network",
    **dict.fromkeys(
        ("cases", "disruptions", "impact", "pay", "readers", "reports", "responses", "visits"), "built in"
    ),
}


def turning(affects: tuple[str, ...]) -> str:
    """Return what of the model rests on a claim, in words with the names of the inputs.

    >>> turning(("strike.dates", "recipe.clinics"))
    'the strike (dates); the synthetic network (clinics)'
    """
    by_place: dict[str, list[str]] = {}
    for target in affects:
        first, rest = target.split(".", 1)
        by_place.setdefault(_PLACES.get(first, f"table {first}"), []).append(rest)
    return "; ".join(f"{place} ({', '.join(names)})" for place, names in by_place.items())
