"""A network folder: its tables in whatever form, checked, completed, and with notes on what was derived."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tideover import schema
from tideover.errors import Fault, InputError
from tideover.nouns import Network, Note
from tideover.readers._book import Loaded, check_book
from tideover.readers._crowding import FOUND_ANEW, book_notes
from tideover.readers._kind import READERS, RawTable
from tideover.readers._package import PACKAGE, Package, read_package
from tideover.readers._tables import check_table
from tideover.readers._teams import TeamRule, derived_sessions, session_names, team_notes

#: Without these there is nothing to plan.
NEEDED = ("clinics", "visits")


def read_network(folder: Path | str) -> Network:
    """Return the network in ``folder``: every table checked and complete, every file hashed.

    ``folder`` holds one CSV or Parquet file for each table; clinics and visits are needed. Without a table of
    sessions, pooled teams are derived and a note says so; without one of patients, they are only named.
    Raises ``InputError`` with every fault found. Law: what ``write_network`` wrote comes back with equal
    tables.
    """
    loaded = _load(Path(folder))
    if loaded.faults:
        raise InputError(loaded.faults)
    return loaded.network()


def check_network(folder: Path | str) -> list[Fault]:
    """Return every fault of the network in ``folder``; an empty list means that it can be planned on."""
    return _load(Path(folder)).faults


@dataclass(frozen=True)
class _Folder:
    """A folder as read: its tables, the facts that are written beside them, and all faults."""

    path: str
    tables: dict[str, Loaded]
    package: Package
    files: dict[str, str]
    faults: list[Fault]
    notes: tuple[Note, ...] = ()

    def network(self) -> Network:
        """Return the network; only for a folder without faults."""
        tables = {name: loaded.frame for name, loaded in self.tables.items()}
        notes = list(self.notes)
        if "patients" not in tables and tables["visits"]["patient_id"].is_not_null().any():
            tables["patients"] = named_patients(tables["visits"])
            text = "Patients are known by their identifiers alone: no home, language or own clinician"
            notes.append(Note("derived", "patients", text, tables["patients"].height))
        if "sessions" not in tables:
            tables["sessions"], tables["visits"], made = with_teams(tables["visits"], TeamRule())
            notes += made
        notes += book_notes(tables)
        return Network.of(
            tables,
            notes=joined(self.package.notes, notes),
            synthetic=self.package.synthetic,
            name=self.package.name or Path(self.path).resolve().name,
            source=self.path,
            files=self.files,
        )


def with_teams(visits: pl.DataFrame, rule: TeamRule) -> tuple[pl.DataFrame, pl.DataFrame, list[Note]]:
    """Return derived sessions of pooled teams, the visits booked into them, and the notes that say so."""
    pooled = visits.with_columns(clinician_id=pl.lit(None, pl.String))
    sessions = derived_sessions(pooled, rule)
    names = pooled.select(session_id=session_names(pl.col("start").dt.date())).to_series()
    return sessions, visits.with_columns(names), team_notes(rule, sessions)


def named_patients(visits: pl.DataFrame) -> pl.DataFrame:
    """Return a table of patients that says no more than who the visits name, sorted."""
    return schema.complete("patients", visits.select(pl.col("patient_id").drop_nulls().unique().sort()))


def joined(stored: tuple[Note, ...], fresh: list[Note]) -> tuple[Note, ...]:
    """Return the stored notes, with a fresh count where there is one, and behind them those found anew."""
    found = {(note.kind, note.about, note.text): note for note in fresh}
    kept = {(note.kind, note.about, note.text): note for note in stored if note.text not in FOUND_ANEW}
    return tuple((kept | found).values())


def _load(folder: Path) -> _Folder:
    try:
        raws, faults = _raw_tables(folder)
        package, digest, more = read_package(folder)
    except OSError as error:
        fault = Fault(
            str(error.filename or folder),
            None,
            None,
            error.strerror or str(error),
            "a file that can be read",
            "Check that it is there and that you may read it.",
        )
        return _Folder(str(folder), {}, Package(), {}, [fault])
    faults += more
    tables = {}
    for name, raw in raws.items():
        frame, wrong = check_table(name, raw)
        tables[name] = Loaded(raw, frame)
        faults += wrong
    if set(NEEDED) <= set(tables):
        faults += check_book(tables)
    files = {raw.file: raw.sha256 for raw in raws.values()} | ({PACKAGE: digest} if digest else {})
    return _Folder(str(folder), tables, package, files, faults, tuple(_unread(folder)))


def _raw_tables(folder: Path) -> tuple[dict[str, RawTable], list[Fault]]:
    """Return each table from the form that the folder has it in; a table in two forms is a fault."""
    if not folder.is_dir():
        remedy = "Name the folder that holds the tables."
        return {}, [
            Fault(str(folder), None, None, "no such folder", "a folder with clinics and visits", remedy)
        ]
    raws: dict[str, RawTable] = {}
    faults = []
    for kind in READERS:
        reader = READERS[kind]
        for name, raw in (reader.read(folder) if reader.matches(folder) else {}).items():
            if name in raws:
                expected = f"the table {name} once"
                found = f"the table {name} in {raws[name].file} too"
                faults.append(Fault(raw.file, None, None, found, expected, "Remove one of the two files."))
            else:
                raws[name] = raw
    for name in NEEDED:
        if name not in raws:
            faults.append(_no_table(folder, name))
        elif raws[name].whole and raws[name].frame.is_empty():
            raw = raws[name]
            faults.append(
                Fault(raw.file, None, None, "no rows", f"at least one row of {name}", "Export it again.")
            )
    return {name: raws[name] for name in schema.tables() if name in raws}, faults


def _no_table(folder: Path, name: str) -> Fault:
    others = [path.name for path in folder.iterdir() if path.suffix in {".csv", ".parquet"}]
    close = difflib.get_close_matches(name, [other.rpartition(".")[0] for other in others], n=1)
    remedy = f"Did you mean {close[0]} to be {name}?" if close else "Every network needs clinics and visits."
    return Fault(f"{name}.csv", None, None, "no such file", f"the table {name} in CSV or Parquet", remedy)


def _unread(folder: Path) -> list[Note]:
    """Return a note for each table-like file that no table of the schema claims."""
    known = set(schema.tables())
    others = (
        sorted(
            path.name
            for path in folder.iterdir()
            if path.suffix in {".csv", ".parquet"} and path.stem not in known
        )
        if folder.is_dir()
        else []
    )
    return [Note("found", name, "This file is not a table of the schema and was not read") for name in others]
