"""A matrix of journeys: how long each takes from where patients start, and where no way leads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from tideover import schema
from tideover.nouns.network import Note

#: The columns of a matrix of journeys; their meaning is in ``schema/travel.csv``.
MATRIX: dict[str, pl.DataType] = {
    column.column: pl.Int64() if column.column == "minutes" else column.dtype for column in schema.travel()
}
#: The ways in which a row may say where its journey starts: exactly one of them in each row.
STARTS = (("patient_id",), ("area_id",), ("lat", "lon"), ("from_clinic_id",))
#: Places are the same if they agree to this part of a degree (five decimals, about a metre).
PLACES_PER_DEGREE = 100_000
#: What stands for the minutes of a journey of unknown length, and for one to which no way leads.
UNKNOWN, UNREACHABLE = -1, -2


@dataclass(frozen=True)
class Travel:
    """Journeys that were measured elsewhere: a matrix from a file, or what a service answered.

    ``rows`` has the columns of ``MATRIX``: where the journey starts (one of ``STARTS``), the clinic, whole
    minutes (null: unknown), and whether any way leads there. Each pair is there at most once.
    ``source`` is ``file`` or ``service``, ``name`` the file's name or the service's address, ``sha256`` that
    of the file.
    """

    source: str
    name: str
    rows: pl.DataFrame
    sha256: str | None = None
    notes: tuple[Note, ...] = ()


def matrix(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``rows`` with every column of a matrix, whole minutes and places to five decimals.

    Columns that are missing are empty; minutes are rounded to nine decimals and then up.
    """
    made = rows.select(
        pl.col(name) if name in rows.columns else pl.lit(None).alias(name) for name in MATRIX
    ).with_columns(pl.col("reachable").fill_null(value=True))
    places = (pl.col(name).map_batches(_to_place, return_dtype=pl.Float64) for name in ("lat", "lon"))
    minutes = pl.col("minutes").cast(pl.Float64).round(9).ceil()
    return made.with_columns(*places, minutes).cast(MATRIX)  # type: ignore[arg-type]


def _to_place(degrees: pl.Series) -> pl.Series:
    # divided by NumPy: Polars multiplies by the inverse, which turns 45 into 45.00000000000001
    codes = place_codes(degrees.cast(pl.Float64)).cast(pl.Float64).to_numpy()
    return pl.Series(degrees.name, codes / PLACES_PER_DEGREE, nan_to_null=True)


def place_codes(degrees: pl.Series) -> pl.Series:
    """Return each coordinate as a whole number of hundred-thousandths of a degree; null stays null."""
    known = degrees.is_not_null()
    codes = np.rint(degrees.fill_null(0.0).to_numpy() * PLACES_PER_DEGREE).astype(np.int64)
    return pl.Series(degrees.name, codes).zip_with(known, pl.Series([None], dtype=pl.Int64))
