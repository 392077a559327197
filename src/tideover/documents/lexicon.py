"""The words by which documents are read, from ``lexicon.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

Pattern = re.Pattern[str]


@dataclass(frozen=True)
class Counted:
    """A kind of thing that is counted: its unit, its words, and those that need the dispute beside them."""

    kind: str
    unit: str
    words: Pattern
    loose: Pattern


@dataclass(frozen=True)
class Lexicon:
    """All words, as patterns that match whole words in any case."""

    counted: tuple[Counted, ...]
    stops: frozenset[str]
    core: Pattern
    noise: Pattern
    events: tuple[tuple[str, Pattern], ...]


@cache
def _page() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "lexicon.toml").read_text(encoding="utf-8"))


def one_of(name: str) -> str:
    """Return the list of this name as a group for a pattern, its words tried in their order."""
    return f"(?:{'|'.join(_page()['lists'][name])})"


def stop_words() -> frozenset[str]:
    """Return the words of a question that say nothing about what is asked."""
    return frozenset(_page()["lists"]["stop_words"])


@cache
def lexicon() -> Lexicon:
    """Return the words that ship with Tideover."""
    page = _page()
    counted = [_counted(kind, given) for kind, given in page["counted"].items()]
    events = [(given["id"], whole_words(given["words"])) for given in page["event"]]
    core, noise = (whole_words(page[name]["words"]) for name in ("core", "noise"))
    return Lexicon(tuple(counted), frozenset(page["stops"]["words"]), core, noise, tuple(events))


def whole_words(words: Iterable[str]) -> Pattern:
    """Return a pattern that matches any of ``words`` where no letter stands before or behind it."""
    ordered = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![\w])(?:{'|'.join(ordered)})(?![\w])" if ordered else r"(?!)", re.IGNORECASE)


def _counted(kind: str, given: Mapping[str, str | list[str]]) -> Counted:
    return Counted(kind, str(given["unit"]), whole_words(given["words"]), whole_words(given["loose"]))
