"""How the words behind a command are read, and the options that several commands have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, Token


def day_of(_kind: object, tokens: Sequence[Token]) -> date:
    """Return the date that a word states."""
    # by itself a date may carry a time of day, which would be dropped in silence
    try:
        return date.fromisoformat(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value!r} is not a date written YYYY-MM-DD") from None


def whole_of(_kind: object, tokens: Sequence[Token]) -> int:
    """Return the whole number that a word states."""
    # by itself a whole number may be written 1.5, and is cut off in silence
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value!r} is not a whole number") from None


def days_of(_kind: object, tokens: Sequence[Token]) -> list[date | tuple[date, date]]:
    """Return the dates and ranges of dates that words state."""
    return [_day_or_days(token.value) for token in tokens]


def _day_or_days(text: str) -> date | tuple[date, date]:
    first, dots, last = text.partition("..")
    try:
        return (date.fromisoformat(first), date.fromisoformat(last)) if dots else date.fromisoformat(text)
    except ValueError:
        said = f"{text!r} is neither a date written YYYY-MM-DD nor a range YYYY-MM-DD..YYYY-MM-DD"
        raise ValueError(said) from None


def share_of(_kind: object, tokens: Sequence[Token]) -> float | str:
    """Return the share that a word states, or the words of a range."""
    text = tokens[0].value
    try:
        return text if ".." in text else float(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither a share such as 0.25 nor a range 0.15..0.25..0.40") from None


Json = Annotated[
    bool, Parameter(name="--json", negative=(), help="Put one JSON document on standard output.")
]
Out = Annotated[Path, Parameter(name="--out", help="Folder to write; it appears whole or not at all.")]
TravelCache = Annotated[
    Path | None,
    Parameter(help="Folder in which a service's answers are kept. Default: the system's folder for caches."),
]
TravelSource = Annotated[
    str | None,
    Parameter(
        help="Journeys: a matrix file, the address of a table service as OSRM has one, or the word "
        "distance, which is the default: straight-line distance times the policy's detour factor."
    ),
]
ReadingName = Annotated[
    str,
    Parameter(
        name="--reading",
        help="Whose word is taken of each claim: employer, union, literature, press-a, press-b, "
        "or a TOML file.",
    ),
]
Names = list[str] | None
Several = Parameter(negative=())
NetworkElsewhere = Annotated[
    Path | None, Parameter(help="Network folder, where it lies elsewhere than the plan says.")
]
OwnClaims = Annotated[
    list[Path] | None,
    Several,
    Parameter(help="Claim file of your own, or a folder of them, beside the ledger; repeatable."),
]
