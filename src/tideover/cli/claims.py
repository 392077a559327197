"""The command ``claims``: the ledger as a table, what is disputed first, each side's word side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from tideover.claims import (
    KINDS,
    SHORT,
    SIDES,
    Claim,
    Entry,
    Ledger,
    Reading,
    nearest,
    read_ledger,
    read_reading,
    reading_names,
    turning,
)
from tideover.claims.claim import CONFIDENCE
from tideover.cli.say import PIPED, say, say_json
from tideover.errors import Fault, InputError, attempt
from tideover.reports.words import plural

#: The shipped readings that are shown beside the entries; the one to be copied stands for nobody.
_TEMPLATE = "custom"
_INDENT = 30
_LEGEND = (
    "Nobody wins by default: a reading takes one side's word for each claim. In square brackets: the "
    "readings that take it. Report A: local television, before the strike. Report B: WSWS, 7 November 2025."
)


@dataclass(frozen=True)
class ClaimsAsked:
    """What of the ledger is to be shown: own files beside it, one reading or all, some claims or all."""

    own: Sequence[Path] = ()
    reading: str | None = None
    names: Sequence[str] = ()
    conflicts: bool = False


def claims(asked: ClaimsAsked, *, as_json: bool) -> int:
    """Print the ledger: what is disputed first, then every other claim, or some claims with their sources."""
    ledger = read_ledger(asked.own)
    faults = _unknown(asked.names, ledger)
    readings = attempt(faults, lambda: _readings(asked, ledger))
    if faults or readings is None:
        raise InputError(faults)
    chosen = [ledger[name] for name in dict.fromkeys(asked.names)]
    if as_json:
        say_json(_document(chosen or list(ledger), ledger, readings, only_conflicts=asked.conflicts))
        return 0
    lines = _in_full(chosen, readings) if chosen else _table(ledger, readings, only_conflicts=asked.conflicts)
    for line in lines:
        say(line)
    return 0


def _readings(asked: ClaimsAsked, ledger: Ledger) -> list[Reading]:
    """Return the readings to show: the one asked for, else those that ship and speak for somebody."""
    names = [asked.reading] if asked.reading else [name for name in reading_names() if name != _TEMPLATE]
    return [read_reading(name, ledger) for name in names]


def _unknown(names: Sequence[str], ledger: Ledger) -> list[Fault]:
    """Return a fault for each name that no claim has, with the nearest one that a claim has."""
    return [
        Fault(
            "command line",
            None,
            "--claim",
            repr(name),
            "the id of a claim",
            nearest(name, ledger.claims) or "See: tideover claims",
        )
        for name in dict.fromkeys(names)
        if name not in ledger
    ]


def _document(
    shown: Sequence[Claim], ledger: Ledger, readings: Sequence[Reading], *, only_conflicts: bool
) -> dict[str, Any]:
    kept = [claim for claim in shown if claim.disputed or not only_conflicts]
    ids = {claim.id for claim in shown}
    conflicts = [
        claim.as_dict() | {"readings": _takes(claim, readings)}
        for claim in ledger.conflicts
        if claim.id in ids
    ]
    return {"claims": [claim.as_dict() for claim in kept], "conflicts": conflicts}


def _takes(claim: Claim, readings: Sequence[Reading]) -> dict[str, Any]:
    """Return what each reading takes for a claim; a claim that no sum rests on is left open by all."""
    if not claim.affects:
        return {}
    answers = {reading.id: reading.answer(claim.id) for reading in readings}
    return {
        name: {"who": answer.entry.who, "says": answer.entry.says(claim.unit), "how": answer.how}
        for name, answer in answers.items()
    }


def _table(ledger: Ledger, readings: Sequence[Reading], *, only_conflicts: bool) -> Iterator[str]:
    disputed = ledger.conflicts
    yield f"{plural(len(disputed), 'conflict')} in {plural(len(ledger), 'claim')}."
    yield _LEGEND
    for number, claim in enumerate(disputed, start=1):
        yield ""
        yield f"{number:>2}. {claim.question} ({claim.id})"
        yield from _sides(claim, readings)
    if only_conflicts:
        return
    agreed = sorted((c for c in ledger if not c.disputed), key=_group)
    for (_, dispute, heading), group in groupby(agreed, key=_group):
        found = list(group)
        yield ""
        yield f"{heading}{f' ({dispute})' if dispute else ''}: {len(found)}, not disputed"
        for claim in found:
            yield from _row(claim)
    yield ""
    yield "Sources, dates and what rests on a claim: tideover claims --claim ID; of all: --json."


def _group(claim: Claim) -> tuple[int, str, str]:
    return list(KINDS).index(claim.kind), claim.dispute, KINDS[claim.kind]


def _sides(claim: Claim, readings: Sequence[Reading]) -> Iterator[str]:
    """Return what each side says, by which readings it is taken, and what rests on it."""
    takes = {reading.id: reading.answer(claim.id).entry for reading in readings} if claim.affects else {}
    own = {name: entry for name, entry in takes.items() if entry not in claim.entries}
    for entry in claim.entries:
        by = [name for name, taken in takes.items() if taken == entry]
        yield f"      - {SHORT[entry.who]}: {entry.says(claim.unit)}{_by(by)}"
    for name, entry in own.items():
        yield f"      - own value: {entry.says(claim.unit)}{_by([name])}"
    rests = turning(claim.affects)
    yield f"      = rests on it: {rests}" if rests else f"      = context: {claim.context}"


def _by(names: Sequence[str]) -> str:
    return f" [{', '.join(names)}]" if names else ""


def _row(claim: Claim) -> Iterator[str]:
    """Return a claim that is not disputed: its id, the value, who says so."""
    said = " | ".join(dict.fromkeys(entry.says(claim.unit) for entry in claim.entries))
    who = ", ".join(SHORT[entry.who] for entry in claim.entries)
    head = f"  {claim.id:<{_INDENT - 3}} "
    if len(head) > _INDENT:
        yield head.rstrip()
        head = " " * _INDENT
    yield from textwrap.wrap(
        f"{said}  ({who})",
        PIPED,
        initial_indent=head,
        subsequent_indent=" " * _INDENT,
        break_on_hyphens=False,
    )


def _in_full(chosen: Sequence[Claim], readings: Sequence[Reading]) -> Iterator[str]:
    for number, claim in enumerate(chosen):
        if number:
            yield ""
        yield f"{claim.question} ({claim.id})"
        yield f"  {_kind(claim)}; unit: {claim.unit}; {'disputed' if claim.disputed else 'not disputed'}"
        for entry in claim.entries:
            yield f"  - {SIDES[entry.who]}: {entry.says(claim.unit)}"
            yield from (f"      - {text}" for text in _origin(entry, claim.unit))
        yield from _answers(claim, readings)
        rests = turning(claim.affects)
        yield f"  rests on it: {rests}" if rests else f"  context: {claim.context}"


def _kind(claim: Claim) -> str:
    return f"{claim.kind}{f' of the dispute {claim.dispute}' if claim.dispute else ''}"


def _origin(entry: Entry, unit: str) -> Iterator[str]:
    value = entry.value_in_words(unit)
    if entry.words and value != entry.words:
        yield f"taken as {value}"
    yield f"source: {entry.source} ({entry.date})"
    if entry.confidence:
        yield CONFIDENCE[entry.confidence]
    if entry.note:
        yield entry.note


def _answers(claim: Claim, readings: Sequence[Reading]) -> Iterator[str]:
    for name, taken in _takes(claim, readings).items() if claim.disputed or len(readings) == 1 else ():
        yield f"  - reading {name}: {taken['says']} ({SHORT[taken['who']]})"
