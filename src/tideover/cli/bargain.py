"""The command ``bargain``: which packages both sides could sign, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tideover.bargaining.issues import SIDES
from tideover.cases.bargain import BargainResult, OnTable, bargain_json, run_bargain
from tideover.claims import read_ledger, read_reading
from tideover.cli.say import progress, say, say_json
from tideover.cli.words import SYNTHETIC
from tideover.readers import check_target
from tideover.reports import bargain_words as words
from tideover.reports.bargain import BARGAIN_MARK, BARGAIN_OUTPUTS, write_bargain


@dataclass(frozen=True)
class Wanted:
    """What is asked beside the open terms: a reading for each side, a folder."""

    employer: str
    union: str
    out: Path | None = None


def bargain(asked: OnTable, wanted: Wanted, *, as_json: bool) -> int:
    """Print what both sides could sign; write it where a folder is named."""
    ledger = read_ledger()
    readings = dict(
        zip(SIDES, (read_reading(name, ledger) for name in (wanted.employer, wanted.union)), strict=True)
    )
    if wanted.out is not None:
        check_target(wanted.out, BARGAIN_MARK, BARGAIN_OUTPUTS)
    with progress(3) as report:
        result = run_bargain(asked, readings, report)
        if wanted.out is not None:
            report("writing")
            write_bargain(result, wanted.out)
    if as_json:
        say_json(bargain_json(result, wanted.out))
        return 0
    for line in _lines(result, wanted.out):
        say(line)
    return 0


def _lines(result: BargainResult, out: Path | None) -> Iterator[str]:
    found = result.found
    yield from dict.fromkeys(([SYNTHETIC] if result.roster.synthetic else []) + [found.table.banner])
    yield ""
    yield words.about(result)
    yield ""
    for line in words.no_deal(result):
        yield line
    yield ""
    yield words.zone(found)
    yield ""
    for line in words.moves(found):
        yield f"  - {line}"
    for heads, rows in words.packages_tables(found):
        yield ""
        yield from _table([heads, *rows])
    yield ""
    for note in result.notes:
        yield f"  - {note}"
    for side in SIDES:
        yield f"  - Reading of the {side}'s side: {result.readings[side].title}."
    if out is not None:
        yield ""
        yield f"Written to {out}: report.html to read, bargain.json for programs."


def _table(rows: list[list[str]]) -> Iterator[str]:
    wide = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for first, *others in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(others, wide[1:], strict=True)]
        yield f"  {first:<{wide[0]}}  " + "  ".join(cells)
