"""Small files that go with planning again: what patients answered, and which sessions will be held."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tideover.errors import Fault, InputError
from tideover.nouns.told import ANSWERS
from tideover.readers._kind import RawTable
from tideover.readers._policy import unknown_columns
from tideover.readers._text import read_text
from tideover.readers._types import typed
from tideover.schema import Column


def read_answers(path: Path | str) -> pl.DataFrame:
    """Return the answers in a CSV file (visit_id, answer: one of ``ANSWERS``), sorted by visit.

    ``InputError`` has every fault: unknown or missing columns, empty cells, other answers, a visit twice.
    Whether the visit was told anything is for the planner to say.
    """
    return _read(Path(path), {"visit_id": (), "answer": ANSWERS}, "each visit once")


def read_held(path: Path | str) -> frozenset[str]:
    """Return the sessions named in a CSV file with the one column session_id; ``InputError`` as above."""
    frame = _read(Path(path), {"session_id": ()}, "each session once")
    return frozenset(frame["session_id"])


def _read(path: Path, columns: dict[str, tuple[str, ...]], once: str) -> pl.DataFrame:
    try:
        raw = read_text(path.name, path.read_bytes())
    except OSError as error:
        fault = Fault(path.name, None, None, error.strerror or str(error), "a file", "Check the path.")
        raise InputError([fault]) from error
    faults = list(raw.faults)
    found = []
    if raw.frame.columns or raw.whole:
        faults += unknown_columns(raw, list(columns))
        for number, (name, choices) in enumerate(columns.items()):
            series, wrong = _column(raw, name, choices, once if number == 0 else "")
            found.append(series)
            faults += wrong
    if faults:
        raise InputError(faults)
    return pl.DataFrame(found).sort(next(iter(columns)))


def _column(raw: RawTable, name: str, choices: tuple[str, ...], once: str) -> tuple[pl.Series, list[Fault]]:
    if name not in raw.frame.columns:
        fault = Fault(raw.file, 1, name, "no such column", f"a column {name}", "Add the column.")
        return pl.Series(name, [], pl.String()), [fault]
    bounds = ";".join(choices)
    column = Column(name, "string", "", "yes", "", bounds, "", "no", "", "", "")
    series, faults = typed(raw, column)
    faults += raw.where(raw.frame[name].is_null(), name, "a value", "Fill the cell or remove the row.")
    if once:
        again = ~series.is_first_distinct() & series.is_not_null()
        faults += raw.where(again, name, once, "Remove all but one of the rows.")
    return series, faults
