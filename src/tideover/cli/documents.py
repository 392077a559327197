"""The command ``claims read``: what documents say, held against the ledger; written only if accepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tideover.claims import SHORT, Entry, Ledger, nearest, read_ledger
from tideover.cli.say import progress, say, say_json, show
from tideover.documents import (
    AGREES,
    CONFLICTS,
    NEW,
    SIDES,
    Matched,
    Reading,
    accepted_before,
    chosen,
    claim_files,
    disputes,
    joined,
    match,
    read,
    read_pages,
)
from tideover.errors import Fault, InputError

_HEADS = {
    CONFLICTS: "In conflict with the ledger",
    AGREES: "In agreement with the ledger",
    NEW: "New to the ledger",
}
_HOW = (
    "Found by rules, not understood: read each sentence before you believe it. Nothing "
    "enters the ledger unless you "
    "accept it:"
)
_QUOTED = 220


@dataclass(frozen=True)
class ReadAsked:
    """The documents, claims of one's own, the day they were written, the dispute, and what is accepted."""

    files: Sequence[Path]
    own: Sequence[Path] = ()
    dated: dt.date | None = None
    dispute: str | None = None
    accept: Sequence[str] = ()
    out: Path | None = None


def read_documents(asked: ReadAsked, *, as_json: bool) -> int:
    """Print what documents say beside the ledger; write the accepted proposals as claim files."""
    ledger = read_ledger(asked.own)
    _check(asked, ledger)
    readings, matched, against = _read(asked, ledger)
    if not matched:
        raise InputError([_nothing(reading) for reading in readings])
    written: list[str] = []
    if asked.accept and asked.out is not None:
        files = claim_files(chosen(asked.accept, matched), readings, against)
        written = _write(files, asked.out, asked.own, ledger)
    if as_json:
        say_json(_document(readings, matched, against, written))
        return 0
    for line in _lines(readings, matched, against):
        say(line)
    say()
    if written:
        say(f"Written to {asked.out}: {', '.join(written)}. Show them beside the ledger with:")
        show(f"tideover claims --own {asked.out}")
        return 0
    say(_HOW, "bold")
    show(
        f"tideover claims read {' '.join(str(path) for path in asked.files)} --accept NUMBER,NUMBER --out DIR"
    )
    return 0


def _check(asked: ReadAsked, ledger: Ledger) -> None:
    from tideover.readers import check_target

    faults = []
    if not asked.files:
        faults.append(_option("FILE", "no document", "one document or more", "Name a text or HTML file."))
    if bool(asked.accept) != (asked.out is not None):
        found = "--accept without --out" if asked.accept else "--out without --accept"
        faults.append(
            _option("--accept", found, "both or neither", "State which numbers to accept, and where to.")
        )
    known = disputes(ledger)
    if asked.dispute is not None and asked.dispute not in known:
        remedy = nearest(asked.dispute, known) or "See: tideover claims"
        faults.append(_option("--dispute", repr(asked.dispute), "one of " + ", ".join(known), remedy))
    if faults:
        raise InputError(faults)
    if asked.out is not None:
        before = accepted_before(asked.out)
        check_target(asked.out, next(iter(before), ""), before)


def _option(name: str, found: str, expected: str, remedy: str) -> Fault:
    return Fault("command line", None, name, found, expected, remedy)


def _nothing(reading: Reading) -> Fault:
    return Fault(
        reading.page.file,
        None,
        None,
        "no statement that could be a claim",
        "dates, counts, percentages, money, durations or places of a dispute",
        "Check that the file holds the text of the report or statement.",
    )


def _read(asked: ReadAsked, ledger: Ledger) -> tuple[list[Reading], list[Matched], list[str]]:
    """Return the documents as read, all statements beside the ledger, and the dispute of each document."""
    readings: list[Reading] = []
    matched: list[Matched] = []
    against = []
    with progress(2 * len(asked.files)) as report:
        report("reading files")
        pages = read_pages(asked.files)
        for number, page in enumerate(pages):
            report(f"reading {page.file}")
            readings.append(read(page, number, stated=asked.dated))
            found, dispute = match(
                readings[-1].proposals, ledger, dispute=asked.dispute, first=len(matched) + 1
            )
            matched += found
            against.append(dispute)
    return readings, matched, against


def _write(files: Mapping[str, str], out: Path, own: Sequence[Path], ledger: Ledger) -> list[str]:
    """Write claim files and return their names; the ledger must be able to read them back.

    Claim files that are in the folder already stay, with the new entries behind their own.
    """
    from tideover.readers import whole_folder

    before = accepted_before(out)
    own = [path for path in own if path.resolve() != out.resolve()]
    taken = [name for name in files if name.removesuffix(".toml") in ledger and name not in before]
    if taken:
        remedy = "It was accepted before: leave it out, or rename the claim of your own."
        expected = "an id that the ledger does not have"
        raise InputError([_option("--accept", name, expected, remedy) for name in taken])
    with whole_folder(out, next(iter(before), ""), before) as draft:
        for name, text in joined(before, files).items():
            (draft / name).write_text(text, encoding="utf-8")
        read_ledger((*own, draft))
    return sorted(files)


def _document(
    readings: Sequence[Reading], matched: Sequence[Matched], against: Sequence[str], written: Sequence[str]
) -> dict[str, Any]:
    documents = [
        reading.as_dict() | {"dispute": name} for reading, name in zip(readings, against, strict=True)
    ]
    return {
        "documents": documents,
        "proposals": [_proposal(each, readings[each.proposal.page]) for each in matched],
        "written": list(written),
    }


def _proposal(each: Matched, reading: Reading) -> dict[str, Any]:
    found, proposal = each.proposal.finding, each.proposal
    low, high = (part.isoformat() if isinstance(part, dt.date) else part for part in (found.low, found.high))
    notes = [*found.notes, *each.notes]
    return {
        "number": each.number,
        "document": reading.page.file,
        "claim": each.name,
        "question": each.question,
        "kind": found.kind,
        "event": found.event,
        "value": list(found.value) if isinstance(found.value, tuple) else found.value,
        "low": low,
        "high": high,
        "about": found.about,
        "unit": found.unit,
        "noun": found.noun,
        "speaker": proposal.speaker.name,
        "side": proposal.speaker.side,
        "quote": proposal.quote,
        "quote_start": proposal.quote_start,
        "quote_end": proposal.quote_end,
        "also_at": [list(span) for span in proposal.also],
        "inferred": any("inferred" in note or "counted from" in note for note in notes),
        "notes": notes,
        "status": each.status,
        "conflicts_with": [_other(each, entry) for entry in each.conflicts],
        "agrees_with": [_other(each, entry) for entry in each.agrees],
        "ledger_value": each.entry.as_dict()["value"],
        "ledger_unit": each.unit,
    }


def _other(each: Matched, entry: Entry) -> dict[str, Any]:
    plain = entry.as_dict()
    return {
        "claim": each.name,
        "who": entry.who,
        "value": plain["value"],
        "says": entry.says(each.unit),
        "source": entry.source,
        "date": entry.date,
    }


def _lines(readings: Sequence[Reading], matched: Sequence[Matched], against: Sequence[str]) -> Iterator[str]:
    for number, reading in enumerate(readings):
        mine = [each for each in matched if each.proposal.page == number]
        yield from ("",) if number else ()
        yield from _head(reading, mine, against[number])
        for status in (CONFLICTS, AGREES, NEW):
            group = [each for each in mine if each.status == status]
            if group:
                yield ""
                yield f"{_HEADS[status]}: {len(group)}"
            for each in group:
                yield from _one(each)


def _head(reading: Reading, mine: Sequence[Matched], dispute: str) -> Iterator[str]:
    day = reading.known.day
    when = (
        f"of {day.day} {day:%B %Y}"
        if day
        else f"of {reading.known.year}"
        if reading.known.year
        else "undated"
    )
    how = f" ({reading.known.how})" if reading.known.how else ", and no year could be inferred"
    yield f"{reading.page.file}: {_counted(len(mine), 'statement')}."
    yield f"  Document {when}{how}; issued by: {SIDES[reading.issuer.side]}."
    yield f"  Held against the dispute {dispute or '(none in the ledger)'}."
    if reading.page.media == "html":
        yield "  Positions count letters of the text taken out of the page; --json holds it."


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}" if count else f"no {word}"


def _one(each: Matched) -> Iterator[str]:
    proposal = each.proposal
    yield f"{each.number:>4}. {each.question} ({each.name})"
    speaker = SIDES[proposal.speaker.side] + (f', "{proposal.speaker.name}"' if proposal.speaker.name else "")
    yield f"      {told(each)}, says {speaker}"
    words = " ".join(proposal.quote.split())
    cut = words if len(words) <= _QUOTED else words[:_QUOTED].rsplit(" ", 1)[0] + " ..."
    yield f"      {proposal.quote_start}-{proposal.quote_end}: {cut}"
    for entry in each.conflicts:
        yield f"      against {SHORT[entry.who]}: {entry.says(each.unit)}"
    if each.agrees:
        yield "      as " + "; ".join(f"{SHORT[entry.who]}: {entry.says(each.unit)}" for entry in each.agrees)
    for note in (*proposal.finding.notes, *each.notes):
        yield f"      note: {note}"


def told(each: Matched) -> str:
    """Return a statement's value as a person reads it, hedges included."""
    found = each.proposal.finding
    if isinstance(found.value, tuple):
        return "; ".join(found.value)
    if isinstance(found.value, str):
        return found.value
    if each.unit == "change":
        return each.entry.says(each.unit)
    number = _money(found.value) if found.kind == "money" else f"{found.value:,.10g}"
    unit = "%" if found.unit == "percent" else "" if found.kind == "money" else found.unit
    if found.unit.startswith("USD/"):
        unit = f"a {found.unit.removeprefix('USD/')}"
    if found.about:
        number = f"about {number}"
    elif found.low is not None and found.high is not None:
        number = f"{found.low:,.10g} to {found.high:,.10g}"
    elif found.low is not None:
        number = f"at least {number}"
    elif found.high is not None:
        number = f"at most {number}"
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}".strip()


def _money(value: float) -> str:
    return f"${value:,.0f}" if value == int(value) else f"${value:,.2f}"
