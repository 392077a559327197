"""Short lists that go with a network or a plan: CSV files of a few columns, with every fault at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tideover.errors import Fault, InputError
from tideover.readers._kind import RawTable
from tideover.readers._tables import nearest
from tideover.readers._text import read_text
from tideover.readers._types import typed
from tideover.schema import Column


@dataclass(frozen=True, kw_only=True)
class Cells:
    """What a column of a short list holds: values of ``type``, of ``choices`` where there are some.

    ``filled``: every row has one. ``needed``: the column must be there. ``once``, where each value may stand
    in one row only: what is expected, and what to do.
    """

    name: str
    type: str = "string"
    choices: tuple[str, ...] = ()
    filled: bool = True
    needed: bool = True
    once: tuple[str, str] | None = None

    def read(self, raw: RawTable) -> tuple[pl.Series, list[Fault]]:
        """Return the values, null where a cell is wrong or there is no such column, and the faults."""
        required = "yes" if self.filled else "no"
        column = Column(self.name, self.type, "", required, "", ";".join(self.choices), "", "no", "", "", "")
        if self.name not in raw.frame.columns:
            fault = Fault(
                raw.file, 1, self.name, "no such column", f"a column {self.name}", "Add the column."
            )
            empty = pl.Series(self.name, [None] * raw.frame.height, column.dtype)
            return empty, [fault] if self.needed else []
        series, faults = typed(raw, column)
        if self.filled:
            empty = raw.frame[self.name].is_null()
            faults += raw.where(empty, self.name, "a value", "Fill the cell or remove the row.")
        if self.once:
            again = ~series.is_first_distinct() & series.is_not_null()
            faults += raw.where(again, self.name, *self.once)
        return series, faults


def read_list(path: Path | str, columns: Sequence[Cells]) -> tuple[RawTable, pl.DataFrame, list[Fault]]:
    """Return the file as it stands, its ``columns`` in the order of its rows, and the faults.

    With faults the columns are not to be used. ``InputError`` if there is no such file.
    """
    path = Path(path)
    try:
        raw = read_text(path.name, path.read_bytes())
    except OSError as error:
        fault = Fault(path.name, None, None, error.strerror or str(error), "a file", "Check the path.")
        raise InputError([fault]) from error
    faults, values = list(raw.faults), []
    if raw.frame.columns or raw.whole:
        faults += unknown_columns(raw, [column.name for column in columns])
        for column in columns:
            series, wrong = column.read(raw)
            values.append(series)
            faults += wrong
    return raw, pl.DataFrame(values), faults


def unknown_columns(raw: RawTable, known: list[str]) -> list[Fault]:
    """Return a fault for each column of ``raw`` that is not ``known``, with the nearest one that is."""
    expected = "one of " + ", ".join(known)
    return [
        Fault(raw.file, 1, name, "an unknown column", expected, nearest(name, known) or "Remove the column.")
        for name in raw.frame.columns
        if name not in known
    ]
