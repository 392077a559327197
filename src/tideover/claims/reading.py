"""Readings: one answer for each claim, by a stated order of sides, and a record of what was asked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from tideover.claims._entries import KEYS as ENTRY_KEYS
from tideover.claims._entries import read_entry, text
from tideover.claims._toml import Page, nearest
from tideover.claims.claim import Claim, Entry, Ledger
from tideover.claims.sides import OWN, SIDES
from tideover.errors import Fault, InputError

_ANSWER_KEYS = ("claim", *ENTRY_KEYS)
_UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True)
class Answer:
    """What a reading takes for a claim: one entry, how it was chosen, and what the others say.

    ``how`` is ``named`` (the reading names this side for the claim), ``own`` (it states a value of its own),
    ``order`` (the first side in its order that speaks), or ``only`` (no side in its order speaks, and those
    that do agree).
    """

    claim: Claim
    entry: Entry
    how: str

    @property
    def number(self) -> float:
        """The answer as a number; ``TypeError`` if it is none."""
        if isinstance(self.entry.value, int | float):
            return float(self.entry.value)
        raise TypeError(f"{self.claim.id} is no number but {self.entry.value!r}")

    @property
    def day(self) -> dt.date:
        """The answer as a date; ``TypeError`` if it is none."""
        if isinstance(self.entry.value, dt.date):
            return self.entry.value
        raise TypeError(f"{self.claim.id} is no date but {self.entry.value!r}")

    @property
    def word(self) -> str:
        """The answer as a word; ``TypeError`` if it is none."""
        if isinstance(self.entry.value, str):
            return self.entry.value
        raise TypeError(f"{self.claim.id} is no word but {self.entry.value!r}")

    @property
    def others(self) -> tuple[Entry, ...]:
        """The entries of the claim that were not taken."""
        return tuple(entry for entry in self.claim.entries if entry != self.entry)

    def as_dict(self) -> dict[str, Any]:
        """Return the answer, and every other side's beside it, as plain JSON values."""
        unit = self.claim.unit
        names = ("id", "question", "unit", "kind", "disputed")
        return {
            **{name: getattr(self.claim, name) for name in names},
            "how": self.how,
            "answer": self.entry.as_dict() | {"says": self.entry.says(unit)},
            "others": [entry.as_dict() | {"says": entry.says(unit)} for entry in self.others],
        }


@dataclass(frozen=True)
class Reading:
    """A choice of one entry for each claim, which remembers what it was asked.

    The answer to a claim is, in this order: 1. the entry that ``named`` holds for it; 2. the entry of the
    first side in ``order`` that has one; 3. if nobody in ``order`` speaks and those who do agree, what they
    say. An entry yet to be confirmed is passed over while another stands. A side that is not in ``order``
    is so never believed against anybody.
    """

    id: str
    title: str
    order: tuple[str, ...]
    ledger: Ledger
    named: Mapping[str, Entry] = field(default_factory=dict)
    _asked: dict[str, Answer] = field(default_factory=dict, repr=False, compare=False)

    def ask(self, claim_id: str) -> Answer:
        """Return the answer to a claim, and record that it was asked.

        Raises ``LookupError`` for a claim that the ledger has not, ``InputError`` where the reading leaves it
        open.
        """
        answer = self.answer(claim_id)
        self._asked.setdefault(claim_id, answer)
        return answer

    def answer(self, claim_id: str) -> Answer:
        """Return the answer to a claim without a record: for showing, not for a result."""
        claim = self.ledger[claim_id]
        found = self._pick(claim)
        if found is None:
            raise InputError([_left_open(f"reading {self.id}", claim)])
        return found

    @property
    def asked(self) -> tuple[Answer, ...]:
        """The answers that were given, in the order in which they were first asked for."""
        return tuple(self._asked.values())

    def fresh(self) -> Reading:
        """Return the same reading with nothing asked yet: one for each result."""
        return replace(self, _asked={})

    def exchanged(self, claim_id: str, entry: Entry) -> Reading:
        """Return a fresh reading that answers this claim with ``entry`` and all others as before."""
        return replace(self, named={**self.named, self.ledger[claim_id].id: entry}, _asked={})

    def open(self) -> tuple[Claim, ...]:
        """Return the claims that affect something and that the reading leaves open."""
        return tuple(claim for claim in self.ledger if claim.affects and self._pick(claim) is None)

    def _pick(self, claim: Claim) -> Answer | None:
        if claim.id in self.named:
            entry = self.named[claim.id]
            return Answer(claim, entry, "own" if entry.who == OWN else "named")
        stands = [entry for entry in claim.entries if entry.confidence != _UNCONFIRMED] or list(claim.entries)
        for who in self.order:
            for entry in stands:
                if entry.who == who:
                    return Answer(claim, entry, "order")
        agreed = not replace(claim, entries=tuple(stands)).disputed
        return Answer(claim, stands[0], "only") if agreed else None

    def as_dict(self) -> dict[str, Any]:
        """Return the reading, and what it was asked, as plain JSON values."""
        return {
            "id": self.id,
            "title": self.title,
            "order": list(self.order),
            "asked": [answer.as_dict() for answer in self.asked],
        }


def alternatives(answer: Answer) -> tuple[Entry, ...]:
    """Return what else the claim may be held to be: the others' entries, and the ends of every stretch.

    Each is an entry with another value than the answer's, each value once, in the order of the entries; the
    ends of a stretch (``low``, ``high``) are entries of the same side that allow that end alone.
    """
    found: list[Entry] = []
    seen: list[object] = [_key(answer.entry)]
    for entry in (answer.entry, *answer.others):
        ends = [replace(entry, value=end, low=end, high=end, about=False, words="")
                for end in (entry.low, entry.high) if end is not None]  # fmt: skip
        for each in (entry, *ends):
            if _key(each) not in seen:
                seen.append(_key(each))
                found.append(each)
    return tuple(found)


def _key(entry: Entry) -> object:
    return dict(entry.value) if isinstance(entry.value, Mapping) else entry.value


def reading_names() -> list[str]:
    """Return the names of the readings that ship with Tideover."""
    folder = files(__name__.rpartition(".")[0]) / "readings"
    return sorted(path.name.removesuffix(".toml") for path in folder.iterdir())


def read_reading(given: str | Path, ledger: Ledger) -> Reading:
    """Return the reading of this name, or in this TOML file (a path that ends in ``.toml``).

    Raises ``InputError`` with every fault: an unknown name, key, side or claim; a side twice in the order; a
    claim answered twice, or by a side that says nothing of it; an own value without source or not of the
    claim's unit; a disputed claim that affects something and is left open.
    """
    if str(given).endswith(".toml"):
        path = Path(given)
        page = Page.of(path, str(path))
    elif str(given) in reading_names():
        page = Page.of(
            files(__name__.rpartition(".")[0]) / "readings" / f"{given}.toml", f"readings/{given}.toml"
        )
    else:
        names = reading_names()
        remedy = nearest(str(given), names) or "Name one of them, or the path of a file that ends in .toml."
        raise InputError(
            [Fault("command line", None, "--reading", repr(str(given)), ", ".join(names), remedy)]
        )
    reading = None if page.faults else _reading(page, ledger)
    if reading is not None:
        for claim in reading.open():
            page.faults.append(_left_open(page.file, claim))
    if reading is None or page.faults:
        raise InputError(page.faults)
    return reading


def _reading(page: Page, ledger: Ledger) -> Reading | None:
    page.unknown("", page.content, ("id", "title", "order", "answer"))
    name, title = (text(page, "", page.content, key) for key in ("id", "title"))
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        page.fault("id", repr(name), "a name of small letters, digits and hyphens", "Name the reading.")
    if not title:
        page.fault("title", "no title", "what the reading is, in a few words", "Say it.")
    order = _order(page)
    named = _named(page, ledger)
    return None if page.faults else Reading(name, title, order, ledger, named)


def _order(page: Page) -> tuple[str, ...]:
    given = page.content.get("order", [])
    if not isinstance(given, list) or not all(isinstance(who, str) for who in given):
        page.fault("order", repr(given), "a list of sides, the first one first", "Mend the list.")
        return ()
    for number, who in enumerate(given, start=1):
        if who not in SIDES:
            remedy = nearest(who, SIDES) or "Remove it."
            page.fault(f"order[{number}]", repr(who), "one of " + ", ".join(SIDES), remedy)
        elif who in given[: number - 1]:
            page.fault(f"order[{number}]", who, "each side once", "Keep it where it comes first.")
    return tuple(given)


def _named(page: Page, ledger: Ledger) -> dict[str, Entry]:
    named: dict[str, Entry] = {}
    seen: set[str] = set()
    for where, given in page.tables("answer"):
        claim_id = text(page, where, given, "claim")
        if claim_id not in ledger:
            remedy = nearest(claim_id, ledger.claims) or "See: tideover claims"
            page.fault(f"{where}.claim", repr(claim_id), "the id of a claim", remedy)
            continue
        if claim_id in seen:
            page.fault(f"{where}.claim", claim_id, "one answer for each claim", "Keep one of them.")
        seen.add(claim_id)
        entry = _answer(page, where, given, ledger[claim_id])
        if entry is not None:
            named[claim_id] = entry
    return named


def _answer(page: Page, where: str, given: Mapping[str, Any], claim: Claim) -> Entry | None:
    """Return the entry of the side that an answer names, or the own value that it states."""
    if "value" in given:
        stated = {key: value for key, value in given.items() if key != "claim"}
        if "who" in stated:
            page.fault(f"{where}.who", repr(stated["who"]), "a side or a value, not both", "Remove one.")
        return read_entry(page, where, {**stated, "who": OWN}, claim.unit)
    page.unknown(where, given, _ANSWER_KEYS)
    entry = claim.entry(text(page, where, given, "who"))
    if entry is None:
        speak = ", ".join(entry.who for entry in claim.entries)
        found = repr(given.get("who", "neither side nor value"))
        page.fault(f"{where}.who", found, f"a side that speaks of {claim.id}: {speak}; or a value", "Choose.")
    for key in given:
        if key in ENTRY_KEYS and key not in {"who", "note"}:
            page.fault(f"{where}.{key}", repr(given[key]), "nothing but the side", "Remove the key.")
    return entry


def _left_open(file: str, claim: Claim) -> Fault:
    said = "; ".join(f"{entry.who}: {entry.says(claim.unit)}" for entry in claim.entries)
    remedy = f'Add [[answer]] with claim = "{claim.id}" and who, or a value with its source.'
    return Fault(
        file, None, f"claim {claim.id}", f"it left open ({said})", "an answer to a disputed claim", remedy
    )
