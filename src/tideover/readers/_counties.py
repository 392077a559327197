"""Counties as the standard of access needs them: their people and their land, from a file."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tideover.errors import Fault, InputError
from tideover.readers._lists import unknown_columns
from tideover.readers._text import read_text
from tideover.readers._types import typed
from tideover.schema import Column

#: Name, type and bounds of the columns, all of them needed.
_COLUMNS = {
    "county_fips": ("string", ""),
    "population": ("integer", "0..100000000"),
    "land_square_miles": ("number", "0.001..1000000"),
}


def read_counties(path: Path | str) -> pl.DataFrame:
    """Return county_fips, population and land_square_miles (land without water) of a CSV file, by county.

    ``InputError`` has every fault: unknown or missing columns, empty or wrong cells, a county twice.
    """
    file = Path(path)
    try:
        raw = read_text(file.name, file.read_bytes())
    except OSError as error:
        fault = Fault(file.name, None, None, error.strerror or str(error), "a file", "Check the path.")
        raise InputError([fault]) from error
    faults = list(raw.faults)
    found = {}
    if raw.frame.columns or raw.whole:
        faults += unknown_columns(raw, list(_COLUMNS))
        for name, (kind, bounds) in _COLUMNS.items():
            if name not in raw.frame.columns:
                faults.append(Fault(raw.file, 1, name, "no such column", f"a column {name}", "Add it."))
                continue
            column = Column(name, kind, "", "yes", "", bounds, "", "no", "", "", "")
            found[name], wrong = typed(raw, column)
            faults += wrong
            faults += raw.where(raw.frame[name].is_null(), name, "a value", "Fill the cell.")
        if "county_fips" in found:
            again = ~found["county_fips"].is_first_distinct() & found["county_fips"].is_not_null()
            faults += raw.where(again, "county_fips", "each county once", "Remove all but one of the rows.")
    if faults:
        raise InputError(faults)
    return pl.DataFrame(found).sort("county_fips")
