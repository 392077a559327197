"""A matrix of journeys from a file, checked against the schema and against the network that it is for."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import polars as pl

from tideover import schema
from tideover.errors import Fault, InputError
from tideover.nouns import Network, Note, Travel
from tideover.nouns.travel import STARTS, matrix
from tideover.readers._kind import RawTable, quoted
from tideover.readers._lists import unknown_columns
from tideover.readers._text import read_text
from tideover.readers._types import typed

_NETWORK = {"patient_id": "patients", "area_id": "areas", "from_clinic_id": "clinics", "clinic_id": "clinics"}
_STARTS_TEXT = "one start: patient_id, area_id, lat with lon, or from_clinic_id"


def read_travel(path: Path | str, network: Network | None = None) -> Travel:
    """Return the matrix of journeys in a CSV or Parquet file (columns: ``schema/travel.csv``).

    With ``network``, rows about patients, areas or clinics that it does not hold are counted in a note; a
    matrix that leads to none of its clinics is a fault. Raises ``InputError`` with every fault: what cannot
    be read, unknown or missing columns, wrong cells, rows with no start or several, minutes where no way
    leads, pairs that are there twice.
    """
    raw = _raw(Path(path))
    faults = list(raw.faults)
    if raw.frame.columns or raw.whole:
        frame, wrong = _typed(raw)
        faults += wrong or _row_faults(raw, frame)
        if not faults and network is not None:
            faults += _foreign(raw, frame, network)
    if faults:
        raise InputError(faults)
    notes = () if network is None else tuple(_unused(raw.file, frame, network))
    return Travel("file", raw.file, matrix(frame), raw.sha256, notes)


def is_travel(path: Path | str) -> bool:
    """Return whether the file has the heading of a matrix of journeys, and no other."""
    try:
        heading = _raw(Path(path)).frame.columns
    except InputError:
        return False
    return {"clinic_id", "minutes"} <= set(heading) <= {column.column for column in schema.travel()}


def _raw(path: Path) -> RawTable:
    try:
        data = path.read_bytes()
    except OSError as error:
        remedy = "Check the path; the address of a service begins with http:// or https://."
        fault = Fault(path.name, None, None, error.strerror or str(error), "a matrix of journeys", remedy)
        raise InputError([fault]) from error
    if path.suffix.lower() != ".parquet":
        return read_text(path.name, data)
    digest = hashlib.sha256(data).hexdigest()
    try:
        return RawTable(path.name, digest, pl.read_parquet(io.BytesIO(data)))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        first = str(error).partition("\n")[0]
        fault = Fault(path.name, None, None, quoted(first), "a Parquet file", "Write the file again.")
        return RawTable(path.name, digest, pl.DataFrame(), (fault,), whole=False)


def _typed(raw: RawTable) -> tuple[pl.DataFrame, list[Fault]]:
    columns = {column.column: column for column in schema.travel()}
    faults = unknown_columns(raw, list(columns))
    made = {}
    for name, column in columns.items():
        if name in raw.frame.columns:
            made[name], wrong = typed(raw, column)
            faults += wrong
        else:
            made[name] = pl.Series(name, [None] * raw.frame.height, column.dtype)
    for name in ("clinic_id", "minutes"):
        if name not in raw.frame.columns:
            remedy = f"Add it: {columns[name].description}."
            faults.append(Fault(raw.file, 1, name, "no such column", f"a column {name}", remedy))
    if not any(set(start) <= set(raw.frame.columns) for start in STARTS):
        remedy = "Add where the journeys start."
        faults.append(Fault(raw.file, 1, None, "no column of a start", _STARTS_TEXT, remedy))
    if raw.frame.is_empty():
        faults.append(Fault(raw.file, None, None, "no rows", "at least one journey", "Export it again."))
    return pl.DataFrame(made), faults


def _row_faults(raw: RawTable, frame: pl.DataFrame) -> list[Fault]:
    """Return the rows that say too little, too much, or what an earlier row has said."""
    remedy = "Mend or remove the row."
    starts = pl.sum_horizontal(pl.all_horizontal(pl.col(start).is_not_null()) for start in STARTS)
    half = pl.col("lat").is_null() != pl.col("lon").is_null()
    wrong = frame.select((starts != 1) | half).to_series()
    faults = raw.where(wrong, None, _STARTS_TEXT, remedy)
    empty = frame["clinic_id"].is_null()
    faults += raw.where(empty, "clinic_id", "the clinic to which the journey leads", remedy)
    beyond = frame["minutes"].is_not_null() & ~frame["reachable"].fill_null(value=True)
    faults += raw.where(beyond, "minutes", "no minutes where reachable is false", remedy)
    key = matrix(frame).select(*(name for start in STARTS for name in start), "clinic_id")
    if not faults and key.n_unique() < key.height:
        again = ~key.to_struct().is_first_distinct()
        faults += raw.where(again, "clinic_id", "each pair of start and clinic once", remedy)
    return faults


def _foreign(raw: RawTable, frame: pl.DataFrame, network: Network) -> list[Fault]:
    """Return the fault of a matrix that leads to no clinic of the network."""
    known = network.clinics["clinic_id"]
    if frame["clinic_id"].is_in(known.implode()).any():
        return []
    found = f"journeys to {quoted(frame['clinic_id'][0])} and others, none of which is known"
    expected = f"journeys to clinics of the network, such as {quoted(known[0])}"
    return [Fault(raw.file, None, "clinic_id", found, expected, "Use the network's own identifiers.")]


def _unused(file: str, frame: pl.DataFrame, network: Network) -> list[Note]:
    """Return a note for each column that names what the network does not hold."""
    notes = []
    for name, table in _NETWORK.items():
        key = name.removeprefix("from_")
        known = getattr(network, table)[key]
        strange = int((frame[name].is_not_null() & ~frame[name].is_in(known.implode())).sum())
        if strange:
            text = f"Journeys in {file} whose {name} is not in the network's {table}; not used"
            notes.append(Note("found", f"travel.{name}", text, strange))
    return notes
