"""The ledger's files: one TOML file for each claim, read with every fault of all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from tideover.claims._entries import read_entry, text
from tideover.claims._toml import Page, Readable, nearest
from tideover.claims.claim import KINDS, Claim, Entry, Ledger
from tideover.claims.units import UNITS
from tideover.errors import Fault, InputError

KEYS = ("id", "question", "unit", "kind", "dispute", "rank", "affects", "context", "entry")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TARGET = re.compile(r"[a-z_]+(\.[A-Za-z_0-9]+)+")


def read_ledger(own: Sequence[Path | str] = ()) -> Ledger:
    """Return the ledger that ships with Tideover, and the claims of one's own beside them.

    ``own`` are claim files, or folders of them. Raises ``InputError`` with every fault of all files: what
    is not TOML, unknown keys, a claim without question, unit, kind or entry, an entry without side, source
    or date, two entries by one side, values that cannot be of the claim's unit, low above high, an id
    twice, a claim that neither affects anything nor is context.
    """
    if not own:
        return _shipped()
    pages = [Page.of(path, str(path)) for given in own for path in _own_files(Path(given))]
    claims = list(_shipped())
    read, faults = _read(pages)
    claims, again = _distinct([*((claim, "") for claim in claims), *read])
    faults += again
    if faults:
        raise InputError(faults)
    return _ledger(claims)


@cache
def _shipped() -> Ledger:
    folder = files(__name__.rpartition(".")[0]) / "ledger"
    pages = [
        Page.of(file, f"ledger/{part.name}/{file.name}") for part in _sorted(folder) for file in _sorted(part)
    ]
    read, faults = _read(pages)
    claims, again = _distinct(read)
    if faults or again:
        raise InputError([*faults, *again])
    return _ledger(claims)


def _sorted(folder: Any) -> list[Any]:
    return sorted(folder.iterdir(), key=lambda path: str(path.name))


def _own_files(path: Path) -> Iterable[Readable]:
    return sorted(path.rglob("*.toml")) if path.is_dir() else [path]


def _ledger(claims: Iterable[Claim]) -> Ledger:
    return Ledger({claim.id: claim for claim in sorted(claims, key=lambda claim: claim.id)})


def _read(pages: Iterable[Page]) -> tuple[list[tuple[Claim, str]], list[Fault]]:
    claims, faults = [], []
    for page in pages:
        claim = None if page.faults else read_claim(page)
        faults += page.faults
        if claim is not None:
            claims.append((claim, page.file))
    return claims, faults


def _distinct(found: Iterable[tuple[Claim, str]]) -> tuple[list[Claim], list[Fault]]:
    """Return the claims, each id once, and a fault for each that comes again."""
    kept: dict[str, tuple[Claim, str]] = {}
    faults = []
    for claim, file in found:
        if claim.id in kept:
            first = kept[claim.id][1] or "the ledger that ships with Tideover"
            expected = f"an id of its own; {first} has this one"
            faults.append(Fault(file, None, "id", claim.id, expected, "Give one of the two another id."))
        else:
            kept[claim.id] = claim, file
    return [claim for claim, _ in kept.values()], faults


def read_claim(page: Page) -> Claim | None:
    """Return the claim on a page, or ``None`` after noting every fault of it on the page."""
    given = page.content
    page.unknown("", given, KEYS)
    texts = {
        key: text(page, "", given, key) for key in ("id", "question", "unit", "kind", "dispute", "context")
    }
    _named(page, texts)
    affects = _affects(page, texts["context"])
    rank = given.get("rank", 100)
    if not isinstance(rank, int) or isinstance(rank, bool):
        page.fault("rank", repr(rank), "a whole number, small ones first", "Mend the value.")
    entries = tuple(_entries(page, texts["unit"]))
    if page.faults:
        return None
    return Claim(**texts, entries=entries, affects=affects, rank=rank)


def _named(page: Page, texts: dict[str, str]) -> None:
    """Note the faults of id, question, unit, kind and dispute."""
    stem = page.file.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".toml")
    if texts["id"] != stem or not _ID.fullmatch(texts["id"]):
        expected = f"the name of the file, {stem}: small letters, digits and hyphens"
        page.fault("id", repr(texts["id"]), expected, "Give both the same name.")
    if not texts["question"].endswith("?"):
        page.fault("question", repr(texts["question"]), "a question that the entries answer", "Ask it.")
    if texts["unit"] not in UNITS:
        remedy = nearest(texts["unit"], UNITS) or "Choose the unit."
        page.fault("unit", repr(texts["unit"]), "one of " + ", ".join(UNITS), remedy)
    if texts["kind"] not in KINDS:
        remedy = nearest(texts["kind"], KINDS) or "Choose the kind."
        page.fault("kind", repr(texts["kind"]), "one of " + ", ".join(KINDS), remedy)
    elif (texts["kind"] == "fact") != bool(texts["dispute"]):
        found = texts["dispute"] or "no dispute"
        expected = "the dispute that a fact is about, and none for other kinds"
        page.fault("dispute", found, expected, "Name the dispute, or remove the key.")


def _affects(page: Page, context: str) -> tuple[str, ...]:
    given = page.content.get("affects", [])
    if not isinstance(given, list) or not all(isinstance(t, str) and _TARGET.fullmatch(t) for t in given):
        expected = "a list of inputs such as strike.dates or policy.detour_factor"
        page.fault("affects", repr(given), expected, "Mend the list.")
        return ()
    if bool(given) == bool(context):
        found = "both" if context else "neither"
        expected = "either affects or context: what turns on the claim, or why it stands here"
        page.fault("affects", found, expected, "Keep one of the two.")
    return tuple(given)


def _entries(page: Page, unit: str) -> Iterator[Entry]:
    tables = page.tables("entry")
    if not tables and not any((fault.column or "").startswith("entry") for fault in page.faults):
        page.fault(
            "entry", "no entry", "what at least one side says", "Add [[entry]] with who, value, source."
        )
    first: dict[object, str] = {}
    for where, given in tables:
        entry = read_entry(page, where, given, unit)
        who = given.get("who")
        if isinstance(who, str) and first.setdefault(who, where) != where:
            expected = f"one entry for each side; {first[who]} is by {who} too"
            page.fault(f"{where}.who", who, expected, "Join the two, or name the other side.")
        if entry is not None:
            yield entry
