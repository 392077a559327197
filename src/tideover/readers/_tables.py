"""One table against the schema: its columns, the types of its cells, its keys."""

from __future__ import annotations

import csv
import difflib
import re
from functools import cache
from importlib.resources import files

import polars as pl

from tideover import schema
from tideover.errors import Fault
from tideover.readers._kind import RawTable, quoted
from tideover.readers._types import typed
from tideover.schema import GROUP_PREFIX

_PERSON = "identifies or reaches a person and belongs in no plan"
_DISPUTE = (
    "speaks of a person's part in the dispute: membership, intention and presence are stored for nobody"
)


@cache
def _words() -> dict[str, str]:
    """Return the words that make a column unwelcome, and whether they speak of a person or of the dispute."""
    with (files(__package__) / "unwelcome.csv").open(encoding="utf-8") as lines:
        return {row["word"]: row["about"] for row in csv.DictReader(lines)}


def check_table(table: str, raw: RawTable) -> tuple[pl.DataFrame, list[Fault]]:
    """Return ``table`` typed and complete, row for row as in the file, and every fault of its own.

    Faults: columns that are personal, unknown or missing; cells of the wrong type or out of bounds; empty
    cells in columns that need a value; keys given twice. A cell with a fault is null.
    """
    columns = {column.column: column for column in schema.tables()[table]}
    faults = list(raw.faults)
    if not raw.frame.columns and not raw.whole:
        return schema.empty(table), faults
    faults += _headings(raw, columns)
    made = {}
    for name in raw.frame.columns:
        if name in columns:
            made[name], wrong = typed(raw, columns[name])
            faults += wrong
        elif name.startswith(GROUP_PREFIX):
            made[name], wrong = typed(raw, _group(name))
            faults += wrong
    frame = schema.complete(table, pl.DataFrame(made))
    faults += _missing_cells(raw, columns)
    faults += _twice(raw, schema.keys(table), frame)
    return frame, faults


def _group(name: str) -> schema.Column:
    return schema.Column(name, "string", "", "no", "", "", "", "no", "", "", "Group on the scorecard")


def _headings(raw: RawTable, columns: dict[str, schema.Column]) -> list[Fault]:
    faults = []
    for name in raw.frame.columns:
        if name not in columns:
            faults += unwelcome(raw.file, name) or _unknown(raw.file, name, list(columns))
    for name, column in columns.items():
        if column.required != "no" and name not in raw.frame.columns:
            remedy = f"Add it: {column.description}."
            faults.append(Fault(raw.file, 1, name, "no such column", f"a column {name}", remedy))
    return faults


def unwelcome(file: str, name: str) -> list[Fault]:
    """Return the fault of a column that names, reaches or exposes a person, or nothing."""
    bare = re.sub(r"[^a-z]", "", name.removeprefix(GROUP_PREFIX).lower())
    trimmed = re.sub(r"^(patient|clinician|provider|home|person|staff)s?(?=.)", "", bare)
    about = {_words()[word] for word in (bare, trimmed) if word in _words()}
    if not about:
        return []
    if "dispute" in about:
        remedy = f"Remove the column: it {_DISPUTE}. State a working share instead."
        return [
            Fault(file, 1, name, "a column about a person's part in the dispute", "no such column", remedy)
        ]
    return [
        Fault(
            file,
            1,
            name,
            "a column of personal data",
            "identifiers only",
            f"Remove the column: it {_PERSON}.",
        )
    ]


def _unknown(file: str, name: str, known: list[str]) -> list[Fault]:
    if name.startswith(GROUP_PREFIX) and len(name) > len(GROUP_PREFIX):
        return []
    remedy = nearest(name, known) or f"Remove it, or name it {GROUP_PREFIX}... to use it as a group."
    return [Fault(file, 1, name, f"the unknown column {quoted(name)}", "a column of the schema", remedy)]


def nearest(name: str, known: list[str]) -> str:
    """Return the question whether the nearest of ``known`` was meant, or an empty text when none is near."""
    close = difflib.get_close_matches(name.lower(), known, n=1)
    return f"Did you mean {close[0]}?" if close else ""


def _missing_cells(raw: RawTable, columns: dict[str, schema.Column]) -> list[Fault]:
    faults = []
    for name, column in columns.items():
        if column.required != "no" and name in raw.frame.columns:
            cells = raw.frame[name]
            empty = cells.is_null()
            if cells.dtype == pl.String:
                empty = empty | (cells == "")
            faults += raw.where(
                empty, name, f"a value: {column.description}", "Fill the cell or remove the row."
            )
    return faults


def _twice(raw: RawTable, keys: list[str], frame: pl.DataFrame) -> list[Fault]:
    """Return the rows whose key an earlier row has; keys with a fault of their own are passed over."""
    if not keys or not set(keys) <= set(raw.frame.columns) or frame.is_empty():
        return []
    key = frame.select(keys)
    whole = key.to_series() if len(keys) == 1 else key.to_struct()
    if whole.n_unique() == frame.height:
        return []
    again = ~whole.is_first_distinct()
    known = key.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    expected = "each " + " and ".join(keys) + " once"
    return raw.where(again & known, keys[-1], expected, "Remove the row or give it a key of its own.")
