"""Small files that go with planning again: what patients answered, and which sessions will be held."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tideover.errors import InputError
from tideover.nouns.told import ANSWERS
from tideover.readers._lists import Cells, read_list

_AGAIN = "Remove all but one of the rows."


def read_answers(path: Path | str) -> pl.DataFrame:
    """Return the answers in a CSV file (visit_id, answer: one of ``ANSWERS``), sorted by visit.

    ``InputError`` has every fault: unknown or missing columns, empty cells, other answers, a visit twice.
    Whether the visit was told anything is for the planner to say.
    """
    once = ("each visit once", _AGAIN)
    return _read(path, Cells(name="visit_id", once=once), Cells(name="answer", choices=tuple(ANSWERS)))


def read_held(path: Path | str) -> frozenset[str]:
    """Return the sessions named in a CSV file with the one column session_id; ``InputError`` as above."""
    frame = _read(path, Cells(name="session_id", once=("each session once", _AGAIN)))
    return frozenset(frame["session_id"])


def _read(path: Path | str, *columns: Cells) -> pl.DataFrame:
    _, frame, faults = read_list(path, columns)
    if faults:
        raise InputError(faults)
    return frame.sort(columns[0].name)
