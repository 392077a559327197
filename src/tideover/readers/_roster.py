"""A roster: read alone from a file, or from a network's folder with what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from tideover.errors import Fault, InputError
from tideover.nouns import Network
from tideover.nouns.roster import Roster
from tideover.readers._book import Loaded, references
from tideover.readers._kind import RawTable
from tideover.readers._package import read_package
from tideover.readers._payers import payer_faults
from tideover.readers._tables import check_table
from tideover.readers._text import read_text
from tideover.readers.parquet_tables import read_parquet_bytes

#: Tables of a network that a roster is read with, where they are there.
WITH = ("roster", "clinics", "clinicians", "support_staff")
#: Tables without which nothing can be said of a network's money.
MONEY = ("roster", "clinics", "payers", "support_staff")
#: A word with a capital, then another: "Jane Doe", "Doe, Jane", "Dr. J. Doe".
_LIKE_A_NAME = r"^(\p{Lu}[\p{L}'\x{2019}.-]*[ ,]+)+\p{Lu}[\p{L}'\x{2019}.-]*$"
_OWNER = "Give each post an identifier that names nobody; keep the list of who is who elsewhere."


def read_roster(path: Path | str) -> Roster:
    """Return the roster in a CSV or Parquet file, or in a network's folder (with its support staff).

    Raises ``InputError`` with every fault: those of any table, rows without role or FTE, identifiers that
    read like names, clinicians and clinics that the folder's tables do not have.
    """
    place = Path(path)
    raws = _folder(place) if place.is_dir() else {"roster": _file(place)}
    if "roster" not in raws:
        remedy = "Add roster.csv (see docs/tables.md), or name the roster's file."
        raise InputError([Fault(str(place), None, None, "no roster", "the table roster", remedy)])
    faults, tables = [], {}
    for name, raw in raws.items():
        frame, wrong = check_table(name, raw)
        tables[name] = Loaded(raw, frame)
        faults += wrong
    faults += _names(tables["roster"])
    faults += references(tables) if place.is_dir() else []
    table = tables["roster"].frame
    if not faults and table.is_empty():
        faults.append(Fault(raws["roster"].file, None, None, "no rows", "at least one", "Export it again."))
    if faults:
        raise InputError(faults)
    package = read_package(place)[0] if place.is_dir() else None
    return Roster(
        table,
        _support(tables),
        package.synthetic if package else False,
        (package.name if package else "") or place.resolve().stem,
        str(place),
        {raw.file: raw.sha256 for raw in raws.values()},
    )


def read_books(folder: Path | str) -> Network:
    """Return what a network's money needs: roster, clinics, payers, staff; no visit, no patient.

    Raises ``InputError`` with every fault: a table that is lacking, and those that ``read_roster`` finds.
    """
    place = Path(folder)
    if not place.is_dir():
        found = "a file" if place.exists() else "no such folder"
        raise InputError([Fault(str(place), None, None, found, "a network's folder", "Name the folder.")])
    raws = _folder(place, (*WITH, "payers"))
    faults, tables = [], {}
    for name, raw in raws.items():
        frame, wrong = check_table(name, raw)
        tables[name] = Loaded(raw, frame)
        faults += wrong
    for name in MONEY:
        if name not in raws:
            found, remedy = "no such table", f"Add {name}.csv (see docs/tables.md)."
            faults.append(Fault(str(place), None, name, found, f"the table {name}", remedy))
    faults += [*references(tables), *payer_faults(tables)]
    if faults:
        raise InputError(list(dict.fromkeys(faults)))
    package = read_package(place)[0]
    return Network.of(
        {name: loaded.frame for name, loaded in tables.items()},
        synthetic=package.synthetic,
        name=package.name or place.resolve().name,
        source=str(place),
        files={raw.file: raw.sha256 for raw in raws.values()},
    )


def _folder(place: Path, wanted: Sequence[str] = WITH) -> dict[str, RawTable]:
    found = {}
    for table in wanted:
        paths = [place / f"{table}.{form}" for form in ("csv", "parquet")]
        there = [path for path in paths if path.is_file()]
        if len(there) > 1:
            text = f"the table {table} in {there[1].name} too"
            fault = Fault(there[0].name, None, None, text, "the table once", "Remove one of the two files.")
            raise InputError([fault])
        if there:
            found[table] = _file(there[0])
    return found


def _file(path: Path) -> RawTable:
    try:
        data = path.read_bytes()
    except OSError as error:
        expected = "a roster in CSV or Parquet, or a network's folder"
        fault = Fault(str(path), None, None, error.strerror or str(error), expected, "Check the path.")
        raise InputError([fault]) from error
    if path.suffix == ".parquet":
        return read_parquet_bytes(path.name, data)
    return read_text(path.name, data)


def _names(roster: Loaded) -> list[Fault]:
    """Return the identifiers that read like names of people."""
    like = roster.frame["clinician_id"].str.contains(_LIKE_A_NAME)
    return roster.raw.where(like, "clinician_id", "an identifier, not a person's name", _OWNER)


def _support(tables: dict[str, Loaded]) -> dict[tuple[str, str], float] | None:
    if "support_staff" not in tables:
        return None
    held = tables["support_staff"].frame.group_by("clinic_id", "role").agg(pl.col("fte").sum())
    return {(clinic, role): fte for clinic, role, fte in held.sort("clinic_id", "role").iter_rows()}
