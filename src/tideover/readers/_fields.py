"""One field of a mapping: the cells of an export turned into the cells of a table."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import polars as pl

from tideover.errors import Fault
from tideover.readers._kind import RawTable
from tideover.readers._mapping import Field
from tideover.readers._types import typed
from tideover.schema import Column


def field_values(export: RawTable, source: Field, column: Column) -> tuple[pl.Series, list[Fault]]:
    """Return the values of ``column`` for each row of the export, in the column's type, and the faults.

    In this order: texts that mean empty; the value map; the value for empty cells; the date format; the slug;
    then the schema's own type and bounds. Faults speak of the export's column and line.
    """
    cells, faults = _cells(export, source, column)
    shown = replace(export, frame=pl.DataFrame({column.column: cells}))
    values, wrong = typed(shown, column)
    heading = source.column if source.column is not None else f"[{column.column}]"
    return values, faults + [replace(fault, column=heading) for fault in wrong]


def _cells(export: RawTable, source: Field, column: Column) -> tuple[pl.Series, list[Fault]]:
    rows = export.frame.height
    if source.column is None:
        return _constant(source.value, rows), []
    cells = export.frame[source.column]
    if source.empty:
        cells = cells.set(cells.is_in(list(source.empty)), None)
    faults: list[Fault] = []
    if source.values or source.otherwise is not None:
        cells, faults = _mapped(export, source, cells)
    if source.missing is not None:
        cells = cells.fill_null(as_text(source.missing))
    if source.format is not None:
        cells, wrong = _dated(export, source, cells, column)
        faults = faults + wrong
    if source.slug:
        cells, wrong = _slugs(export, source, cells)
        faults = faults + wrong
    return cells, faults


def as_text(value: object) -> str:
    """Return a TOML value as a cell of text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _constant(value: object, rows: int) -> pl.Series:
    return pl.Series([as_text(value)], dtype=pl.String).new_from_index(0, rows)


def _mapped(export: RawTable, source: Field, cells: pl.Series) -> tuple[pl.Series, list[Fault]]:
    """Return the cells under the value map; one that it does not name is a fault, or what otherwise says."""
    known = {old: as_text(new) for old, new in source.values.items()}
    other = None if source.otherwise is None else as_text(source.otherwise)
    made = cells.replace_strict(known, default=None, return_dtype=pl.String)
    unnamed = made.is_null() & cells.is_not_null()
    if other is not None:
        return made.set(unnamed, other), []
    expected = "one of " + ", ".join(repr(key) for key in known)
    remedy = "Add the value to the mapping's values, or state otherwise = ..."
    return made, export.where(unnamed, source.column, expected, remedy)


def _dated(
    export: RawTable, source: Field, cells: pl.Series, column: Column
) -> tuple[pl.Series, list[Fault]]:
    """Return the moments in ISO form (a day, a time or text, as the column is) by the stated format."""
    form = source.format or ""
    timed = bool(re.search(r"%[HIMScTR]", form))
    try:
        if timed:
            moments = cells.str.to_datetime(form, strict=False).cast(pl.Datetime("us"))
        else:
            moments = cells.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    except pl.exceptions.PolarsError:
        moments = pl.Series([None] * len(cells), dtype=pl.Datetime("us"))
    wrong = moments.is_null() & cells.is_not_null()
    remedy = "Mend the cell, or the format in the mapping."
    faults = export.where(wrong, source.column, f"a time written as {form}", remedy)
    if column.type == "string":
        return moments.dt.to_string("%Y-%m-%dT%H:%M:%S"), faults
    return moments.dt.date() if column.type == "date" else moments, faults


def _slugs(export: RawTable, source: Field, cells: pl.Series) -> tuple[pl.Series, list[Fault]]:
    """Return identifiers made of the cells' words; two texts that would get the same one are a fault."""
    texts = sorted(cells.drop_nulls().unique().to_list())
    made: dict[str, str] = {}
    clash = []
    for text in texts:
        name = slug(text)
        if name in made.values() or not name:
            clash.append(text)
        made[text] = name
    expected = "a text that differs from the others in letters or digits"
    remedy = "Use the column as it is (slug = false), or map the values."
    faults = export.where(cells.is_in(clash), source.column, expected, remedy) if clash else []
    return cells.replace_strict(made, default=None, return_dtype=pl.String), faults


def slug(text: str) -> str:
    """Return ``text`` in small letters and digits joined by hyphens, without accents.

    >>> slug("São Pedro II")
    'sao-pedro-ii'
    """
    plain = "".join(c if unicodedata.category(c) != "Mn" else "" for c in unicodedata.normalize("NFD", text))
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def plain(name: str, kind: str) -> Column:
    """Return a column that the schema does not know, of a type that it does."""
    return Column(name, kind, "", "no", "", "", "", "no", "", "", "")
