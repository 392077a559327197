"""Cells to values: each column in the type that the schema names, and a fault for each cell that is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import polars as pl

from tideover.errors import Fault
from tideover.readers._kind import RawTable
from tideover.schema import Column

#: A date outside these years is a slip of the pen.
YEARS = (1990, 2100)
#: Clinics may be older than their books.
CLINIC_YEARS = (1850, 2100)

_EXPECTED = {
    "string": "text without control characters",
    "integer": "a whole number",
    "number": "a finite number with a decimal point",
    "boolean": "true or false",
    "date": "a date such as 2026-03-10",
    "datetime": "a local time such as 2026-03-10T08:30, on the whole minute, without a zone",
    "list": "texts separated by semicolons",
}


def typed(raw: RawTable, column: Column) -> tuple[pl.Series, list[Fault]]:
    """Return the values of ``column`` in its type, null where a cell is not of it, and the faults.

    A cell outside the bounds, the choices or the years is a fault too, and becomes null, so that no later
    check trips over it again.
    """
    cells = raw.frame[column.column]
    if isinstance(cells.dtype, (pl.Categorical, pl.Enum)):
        cells = cells.cast(pl.String)
    if cells.dtype == pl.Null:
        cells = cells.cast(pl.String)
    if not _holds(cells.dtype, column.type):
        return pl.Series(column.column, [None] * len(cells), column.dtype), [
            _wrong_type(raw, column, cells.dtype)
        ]
    values = cells if raw.plain and column.type == "string" else _PARSERS[column.type](cells)
    values = values.cast(column.dtype).alias(column.column)
    faults = raw.where(
        values.is_null() & _given(cells), column.column, _EXPECTED[column.type], _remedy(column)
    )
    outside, expected = _outside(values, column)
    if outside is not None:
        faults += raw.where(outside, column.column, expected, "Mend the cell.")
        values = values.zip_with(~outside.fill_null(value=False), pl.Series([None], dtype=column.dtype))
    return values, faults


def _given(cells: pl.Series) -> pl.Series:
    if isinstance(cells.dtype, pl.List):
        return cells.is_not_null() & (cells.list.len() > 0)
    return cells.is_not_null() & (cells != "") if cells.dtype == pl.String else cells.is_not_null()


def _holds(dtype: pl.DataType, kind: str) -> bool:
    """Return whether a column of ``dtype`` may hold values of ``kind``; text is parsed, as in CSV."""
    return dtype == pl.String or _NATIVE[kind](dtype)


_NATIVE: dict[str, Callable[[pl.DataType], bool]] = {
    "string": lambda _: False,
    "integer": lambda dtype: dtype.is_integer(),
    "number": lambda dtype: dtype.is_integer() or dtype.is_float(),
    "boolean": lambda dtype: dtype == pl.Boolean,
    "date": lambda dtype: dtype == pl.Date,
    "datetime": lambda dtype: isinstance(dtype, pl.Datetime) and dtype.time_zone is None,
    "list": lambda dtype: dtype == pl.List(pl.String),
}


def _wrong_type(raw: RawTable, column: Column, dtype: pl.DataType) -> Fault:
    remedy = "Write the column in the type that the schema names."
    return Fault(raw.file, 1, column.column, f"a column of type {dtype}", _EXPECTED[column.type], remedy)


def _remedy(column: Column) -> str:
    return "Mend the cell." if column.required != "no" else "Mend the cell, or leave it empty."


def _text(cells: pl.Series) -> pl.Series:
    """Return text; empty text is null, and so is text with control characters, which no identifier has."""
    wrong = cells.str.contains(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]") | (cells == "")
    return cells.set(wrong.fill_null(value=False), None) if wrong.any() else cells


def _integer(cells: pl.Series) -> pl.Series:
    return cells.cast(pl.Int64, strict=False)


def _number(cells: pl.Series) -> pl.Series:
    values = cells.cast(pl.Float64, strict=False)
    return values.set((~values.is_finite()).fill_null(value=False), None)


def _boolean(cells: pl.Series) -> pl.Series:
    if cells.dtype == pl.Boolean:
        return cells
    words = cells.str.to_lowercase()
    true = words == "true"
    return true.set(~(true | (words == "false")).fill_null(value=True), None)


def _date(cells: pl.Series) -> pl.Series:
    return cells if cells.dtype == pl.Date else cells.str.to_date("%Y-%m-%d", strict=False)


def _datetime(cells: pl.Series) -> pl.Series:
    """Return the times; with seconds or a space instead of the T only where the usual form does not fit."""
    if cells.dtype != pl.String:
        return _on_the_minute(cells.cast(pl.Datetime("us")))
    values = cells.str.to_datetime("%Y-%m-%dT%H:%M", strict=False)
    for form in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"):
        if values.null_count() == cells.null_count():
            break
        values = values.fill_null(_on_the_minute(cells.str.to_datetime(form, strict=False)))
    return values


def _on_the_minute(values: pl.Series) -> pl.Series:
    uneven = values.to_physical() % 60_000_000 != 0
    return values.set(uneven.fill_null(value=False), None)


def _list(cells: pl.Series) -> pl.Series:
    """Return the parts without spaces around them; a list of nothing is null."""
    parts = cells.str.split(";") if cells.dtype == pl.String else cells
    parts = parts.list.eval(pl.element().str.strip_chars().replace("", None).drop_nulls())
    return parts.set((parts.list.len() == 0).fill_null(value=False), None)


_PARSERS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "list": _list,
}


def _outside(values: pl.Series, column: Column) -> tuple[pl.Series | None, str]:
    """Return which values the schema does not allow, and what it does."""
    if column.limits is not None:
        low, high = column.limits
        times = "x " if column.unit[:1].isdigit() else ""
        unit = f" {times}{column.unit}" if column.unit else ""
        return (values < low) | (values > high), f"{low:g} to {high:g}{unit}"
    if column.choices:
        return ~values.is_in(list(column.choices)), " or ".join(column.choices)
    if column.type in {"date", "datetime"}:
        first, last = CLINIC_YEARS if column.column in {"opens_on", "closes_on"} else YEARS
        moment = date if column.type == "date" else datetime
        outside = (values < moment(first, 1, 1)) | (values >= moment(last + 1, 1, 1))
        return outside, f"a day in the years {first} to {last}"
    return None, ""
