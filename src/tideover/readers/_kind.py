"""What a reader is: it finds the tables of a folder and hands them over as they stand, with their faults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import polars as pl

from tideover.errors import Fault
from tideover.registry import Registry

#: Faults of one kind are shown one by one up to this many; the last one shown counts the others.
SHOWN = 3


@dataclass(frozen=True)
class RawTable:
    """One table as its file has it: cells not yet typed, and what is wrong with the file itself.

    ``frame`` holds text (from CSV) or the file's own types (from Parquet). ``lines`` gives the line of each
    row where it is not simply the row's number plus 2. ``whole`` is false where rows could not be read: then
    nothing is said about what other tables miss in it. ``plain`` is true where no cell can hold a control
    character.
    """

    file: str
    sha256: str
    frame: pl.DataFrame
    faults: tuple[Fault, ...] = ()
    whole: bool = True
    lines: np.ndarray | None = None
    plain: bool = False

    def line(self, row: int) -> int:
        """Return the line of the file on which ``row`` (from 0) starts; the heading is line 1."""
        return row + 2 if self.lines is None else int(self.lines[row])

    def at(self, rows: Iterable[int], column: str | None, expected: str, remedy: str) -> list[Fault]:
        """Return one fault for each of ``rows``, grouped when there are more than ``SHOWN``.

        Law: the ``times`` of the faults add up to the number of rows.
        """
        marked = list(rows)
        found = []
        for row in marked[:SHOWN]:
            value = "" if column is None else self.frame[column][row]
            found.append(Fault(self.file, self.line(row), column, quoted(value), expected, remedy))
        return grouped(found, len(marked))

    def where(self, bad: pl.Series, column: str | None, expected: str, remedy: str) -> list[Fault]:
        """Return the faults of the rows that ``bad`` marks; unknown counts as not marked."""
        rows = bad.fill_null(value=False).arg_true()
        return self.at(rows.to_list(), column, expected, remedy) if len(rows) else []


def grouped(shown: list[Fault], total: int) -> list[Fault]:
    """Return ``shown`` with the last fault standing for all those not shown."""
    if total <= len(shown):
        return shown
    last = shown[-1]
    rest = total - len(shown) + 1
    return [
        *shown[:-1],
        Fault(last.file, last.row, last.column, last.found, last.expected, last.remedy, rest),
    ]


def quoted(value: object, longest: int = 60) -> str:
    """Return ``value`` as a fault quotes it: cut when long, control characters escaped."""
    if value is None:
        return "nothing"
    text = str(value)
    text = text if len(text) <= longest else f"{text[:longest]}... ({len(text):,} characters)"
    return f"'{''.join(c if c.isprintable() else repr(c)[1:-1] for c in text)}'"


class Reader(Protocol):
    """Reads the tables of a folder that are in one form."""

    def matches(self, path: Path) -> bool:
        """Return whether ``path`` is a folder with a table in this form."""
        ...

    def read(self, path: Path) -> dict[str, RawTable]:
        """Return every table in this form, by name; one that cannot be read carries its faults.

        Raises only the project's own errors.
        """
        ...


READERS: Registry[Reader] = Registry("reader", "tideover.readers")
