"""What became of the visits of a plan, from a CSV file, checked row by row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

import polars as pl

from tideover import schema
from tideover.errors import Fault, InputError
from tideover.readers._kind import RawTable
from tideover.readers._policy import unknown_columns
from tideover.readers._text import read_text
from tideover.readers._types import typed

_COLUMNS = {"visit_id": ("string", "key"), "outcome": ("string", "yes"), "date": ("date", "no")}
#: Outcomes that need the date on which they are.
_DATED = ("held", "moved")


def read_happened(
    path: Path | str, outcomes: Collection[str], known: Collection[str], as_of: date
) -> pl.DataFrame:
    """Return visit_id, outcome and date (null where none is needed) of the rows in a CSV file.

    ``outcomes`` may stand in it, ``known`` are the visits of the plan, made ``as_of``. ``InputError`` has
    every fault: unknown columns, outcomes and visits, visits twice, dates that are missing, superfluous or
    before the plan.
    """
    path = Path(path)
    try:
        raw = read_text(path.name, path.read_bytes())
    except OSError as error:
        fault = Fault(path.name, None, None, error.strerror or str(error), "a file", "Check the path.")
        raise InputError([fault]) from error
    faults, values = list(raw.faults), []
    if raw.frame.columns or raw.whole:
        faults += unknown_columns(raw, list(_COLUMNS))
        for name, (kind, required) in _COLUMNS.items():
            series, wrong = _column(raw, name, kind, required, outcomes)
            values.append(series)
            faults += wrong
    if not faults:
        faults = _facts(raw, pl.DataFrame(values), known, as_of)
    if faults:
        raise InputError(faults)
    return pl.DataFrame(values).sort("visit_id")


def _column(
    raw: RawTable, name: str, kind: str, required: str, outcomes: Collection[str]
) -> tuple[pl.Series, list[Fault]]:
    choices = ";".join(outcomes) if name == "outcome" else ""
    column = schema.Column(name, kind, "", required, "", choices, "", "no", "", "", "")
    if name not in raw.frame.columns:
        empty = pl.Series(name, [None] * raw.frame.height, column.dtype)
        missing = Fault(raw.file, 1, name, "no such column", f"a column {name}", "Add the column.")
        return empty, [missing]
    series, faults = typed(raw, column)
    if required != "no":
        faults += raw.where(raw.frame[name].is_null(), name, "a value", "Fill the cell or remove the row.")
    if required == "key":
        again = ~series.is_first_distinct() & series.is_not_null()
        faults += raw.where(again, name, "each visit once", "Keep the row that is true.")
    return series, faults


def _facts(raw: RawTable, rows: pl.DataFrame, known: Collection[str], as_of: date) -> list[Fault]:
    dated = rows["outcome"].is_in(_DATED)
    strange = ~rows["visit_id"].is_in(list(known))
    remedy = "Keep only visits of this plan, by its visit_id."
    faults = raw.where(strange, "visit_id", "a visit of the plan", remedy)
    missing = dated & rows["date"].is_null()
    faults += raw.where(missing, "date", "the date on which it was held, or the new one", "Fill the cell.")
    extra = ~dated & rows["date"].is_not_null()
    faults += raw.where(
        extra, "date", f"a date only where the outcome is {' or '.join(_DATED)}", "Empty the cell."
    )
    early = rows["date"] < as_of
    return faults + raw.where(
        early, "date", f"a date from {as_of}, when the plan was made", "Correct the date."
    )
