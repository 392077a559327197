"""A series of pay by year that a user brings: CSV with the columns year and pay."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tideover.errors import Fault, InputError
from tideover.readers._kind import RawTable
from tideover.readers._text import read_text

_COLUMNS = ("year", "pay")


def read_series(path: Path | str) -> dict[int, float]:
    """Return pay by year from a CSV file, in the order of years.

    Raises ``InputError`` with every fault: a file that cannot be read, columns missing, years that are no
    whole numbers or given twice, pay that is no positive number.
    """
    place = Path(path)
    try:
        raw = read_text(place.name, place.read_bytes())
    except OSError as error:
        found = error.strerror or str(error)
        fault = Fault(str(place), None, None, found, "a CSV file with year and pay", "Check the path.")
        raise InputError([fault]) from error
    faults = list(raw.faults)
    for column in _COLUMNS:
        if not faults and column not in raw.frame.columns:
            faults.append(Fault(raw.file, 1, column, "no such column", f"a column {column}", "Add it."))
    if faults:
        raise InputError(faults)
    years = raw.frame["year"].cast(pl.Int64, strict=False)
    pay = raw.frame["pay"].cast(pl.Float64, strict=False)
    pay = pay.set((~pay.is_finite()).fill_null(value=False), None)
    faults = _cells(raw, years, pay)
    if faults:
        raise InputError(faults)
    return dict(sorted(zip(years.to_list(), pay.to_list(), strict=True)))


def _cells(raw: RawTable, years: pl.Series, pay: pl.Series) -> list[Fault]:
    faults = raw.where(years.is_null(), "year", "a whole number such as 1978", "Mend the cell.")
    faults += raw.where(
        years.is_not_null() & ~years.is_first_distinct(), "year", "each year once", "Keep one of the rows."
    )
    faults += raw.where(
        pay.is_null() | (pay <= 0), "pay", "a positive number", "Mend the cell, or remove the row."
    )
    if raw.frame.is_empty():
        faults.append(Fault(raw.file, None, None, "no rows", "at least one year", "Export it again."))
    return faults
