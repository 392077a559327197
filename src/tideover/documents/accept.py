"""Accepted proposals as claim files of the ledger: its format, with source and date; no name of a person."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tideover.claims import read_ledger
from tideover.documents.match import Matched
from tideover.documents.proposal import Reading
from tideover.errors import Fault, InputError

#: Letters that the ledger allows for an entry's own words.
_WORDS = 70
_CONTEXT = "Read from a document and accepted by a person; nothing rests on it yet"


def chosen(numbers: Sequence[str], matched: Sequence[Matched]) -> list[Matched]:
    """Return the proposals of the given numbers ("3" or "3,7"), in their order.

    Raises ``InputError`` with a fault for each number that no proposal has, for a date without a year, and
    for two proposals of one side about one question.
    """
    known = {each.number: each for each in matched}
    kept: list[Matched] = []
    faults = []
    for part in [part.strip() for given in numbers for part in given.split(",")]:
        each = known.get(int(part)) if part.isdecimal() and len(part) < 10 else None
        if each is None:
            upper = f"from 1 to {len(known)}" if known else "but there is no proposal"
            faults.append(
                _fault(
                    repr(part),
                    f"the number of a proposal, {upper}",
                    "Run without --accept to see the numbers.",
                )
            )
        elif each not in kept:
            kept.append(each)
    for each in kept:
        if str(each.entry.value).startswith("XXXX"):
            found = f"proposal {each.number}, {each.entry.value}"
            faults.append(
                _fault(found, "a date with its year", "State the document's day with --dated YYYY-MM-DD.")
            )
    faults += _twice(kept)
    if faults:
        raise InputError(faults)
    return kept


def claim_files(
    kept: Sequence[Matched], readings: Sequence[Reading], disputes: Sequence[str]
) -> dict[str, str]:
    """Return the claim files of accepted proposals by name: one for each question, an entry for each side.

    The claims are facts of the dispute of their document, in ``disputes``. A question that the ledger has
    gets a claim beside it, named with ``-read`` behind, so that what ships stays as it is.
    """
    groups: dict[str, list[Matched]] = {}
    for each in kept:
        groups.setdefault(_id(each), []).append(each)
    return {
        f"{name}.toml": _claim(name, each, readings, disputes[each[0].proposal.page])
        for name, each in groups.items()
    }


def accepted_before(out: Path) -> dict[str, str]:
    """Return the claim files that a folder holds, by name; ``InputError`` with every fault of them."""
    if not out.is_dir():
        return {}
    found = sorted(out.glob("*.toml"))
    if found:
        read_ledger([out])
    return {path.name: path.read_text(encoding="utf-8") for path in found}


def joined(before: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str]:
    """Return the claim files ``before`` with those that are new and, in those of one name, the new entries.

    ``InputError`` with every fault: another word of the same side, another question or unit.
    """
    made, faults = {**before, **files}, []
    for name in sorted(files.keys() & before.keys()):
        made[name], wrong = _extended(name, before[name], files[name])
        faults += wrong
    if faults:
        raise InputError(faults)
    return made


def _extended(name: str, old: str, new: str) -> tuple[str, list[Fault]]:
    """Return the claim file ``old`` with the entries of ``new`` behind its own, and every fault of that.

    An entry that is there already is left out; another value by the same side is a fault, and so is another
    question or unit.
    """
    before, after = tomllib.loads(old), tomllib.loads(new)
    faults = [
        _fault(
            f"{name}: {key} {after[key]!r}", f"{before.get(key)!r}, as it stands there", "Name a new folder."
        )
        for key in ("question", "unit", "kind")
        if before.get(key) != after[key]
    ]
    said = {entry["who"]: entry for entry in before.get("entry", [])}
    parts = new.split("[[entry]]\n")[1:]
    found = [old.rstrip("\n") + "\n"]
    for entry, part in zip(after["entry"], parts, strict=True):
        other = said.get(entry["who"])
        if other is None:
            found.append(f"[[entry]]\n{part}")
        elif any(entry.get(key) != other.get(key) for key in ("value", "low", "high")):
            there = f"{entry['who']} says {other['value']} there"
            faults.append(
                _fault(f"{name}: {entry['who']} says {entry['value']}", there, "Correct one of them by hand.")
            )
    return "\n".join(part.rstrip("\n") + "\n" for part in found), faults


def _id(each: Matched) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", each.name.lower()).strip("-")[:60].strip("-")
    return f"{name}-read" if each.claim is not None else name


def _twice(kept: Sequence[Matched]) -> list[Fault]:
    seen: dict[tuple[str, str], Matched] = {}
    faults = []
    for each in kept:
        first = seen.setdefault((_id(each), each.entry.who), each)
        if first is not each:
            found = f"proposals {first.number} and {each.number}, both by {each.entry.who} on {each.name}"
            faults.append(
                _fault(found, "one entry for each side", "Accept one of the two; write the other by hand.")
            )
    return faults


def _fault(found: str, expected: str, remedy: str) -> Fault:
    return Fault("command line", None, "--accept", found, expected, remedy)


def _claim(name: str, group: Sequence[Matched], readings: Sequence[Reading], dispute: str) -> str:
    first = group[0]
    beside = f"; the ledger's claim is {first.claim.id}" if first.claim is not None else ""
    head = {
        "id": name,
        "question": first.question,
        "unit": first.unit,
        "kind": "fact",
        "dispute": dispute or "unnamed",
        "context": _CONTEXT + beside,
    }
    return "\n".join([_lines(head), *(f"[[entry]]\n{_lines(_entry(each, readings))}" for each in group)])


def _entry(each: Matched, readings: Sequence[Reading]) -> dict[str, Any]:
    reading = readings[each.proposal.page]
    entry, proposal = each.entry, each.proposal
    known = reading.known
    stated = {
        "who": entry.who,
        "value": entry.value,
        "low": entry.low,
        "high": entry.high,
        "about": entry.about or None,
    }
    said = {
        "words": _said(each, reading),
        "source": reading.page.title or Path(reading.page.file).name,
        "date": known.day if known.day is not None else str(known.year) if known.year else "undated",
        "note": _note(each, reading, proposal.quote_start, proposal.quote_end),
    }
    return stated | said


def _said(each: Matched, reading: Reading) -> str:
    """Return the words of the statement itself, hedge included, as far as the ledger has room for them."""
    found = each.proposal.finding
    text = reading.page.text[max(each.proposal.quote_start, found.start - 14) : found.end]
    words = " ".join(text.split())
    cut = words if found.start - 14 <= each.proposal.quote_start else words.partition(" ")[2]
    return cut[:_WORDS].strip()


def _note(each: Matched, reading: Reading, start: int, end: int) -> str:
    where = "the extracted text of " if reading.page.media == "html" else ""
    parts = [
        f"Letters {start} to {end} of {where}{Path(reading.page.file).name}",
        f"sha256 {reading.page.sha256[:16]}",
    ]
    parts += [f"date of the document by {reading.known.how}"] if reading.known.how else []
    return "; ".join([*parts, *each.proposal.finding.notes, *each.notes])


def _lines(values: dict[str, Any]) -> str:
    return "".join(f"{key} = {_toml(value)}\n" for key, value in values.items() if value is not None)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    # a JSON text of printable letters is a TOML text too
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
