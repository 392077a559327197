"""What became of the visits of a plan, from a CSV file, checked row by row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

import polars as pl

from tideover.errors import Fault, InputError
from tideover.readers._kind import RawTable
from tideover.readers._lists import Cells, read_list

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
    columns = (
        Cells(name="visit_id", once=("each visit once", "Keep the row that is true.")),
        Cells(name="outcome", choices=tuple(outcomes)),
        Cells(name="date", type="date", filled=False),
    )
    raw, rows, faults = read_list(path, columns)
    faults = faults or _facts(raw, rows, known, as_of)
    if faults:
        raise InputError(faults)
    return rows.sort("visit_id")


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
