"""The book as a whole: what no table shows alone. The list of checks first, then one function for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from tideover import schema
from tideover.errors import Fault
from tideover.readers._crowding import beyond_posts, overbooked, with_sessions
from tideover.readers._kind import RawTable
from tideover.readers._payers import payer_faults


@dataclass(frozen=True)
class Loaded:
    """A table of the folder: as its file has it, and typed, row for row."""

    raw: RawTable
    frame: pl.DataFrame


Tables = Mapping[str, Loaded]


def check_book(tables: Tables) -> list[Fault]:
    """Return the faults between tables; rows whose own cells are at fault are passed over."""
    return [fault for check in CHECKS for fault in check(tables)]


def references(tables: Tables) -> list[Fault]:
    """Return the cells that name a row which does not exist."""
    faults = []
    for table, loaded in tables.items():
        for column in schema.tables()[table]:
            if column.refers_to and column.column in loaded.raw.frame.columns:
                faults += _unknown_keys(tables, loaded, column)
    return faults


def _unknown_keys(tables: Tables, loaded: Loaded, column: schema.Column) -> list[Fault]:
    target, key = column.refers_to.split(".")
    if target not in tables:
        return _no_such_table(loaded, column, target)
    other = tables[target]
    if not other.raw.whole or key not in other.raw.frame.columns:
        return []
    known = other.frame[key].drop_nulls().unique()
    wrong = ~loaded.frame[column.column].is_in(known.implode())
    expected = f"one of the {len(known):,} in {other.raw.file}"
    return loaded.raw.where(wrong, column.column, expected, f"Add it to {other.raw.file} or mend the cell.")


def _no_such_table(loaded: Loaded, column: schema.Column, target: str) -> list[Fault]:
    """Return the fault of naming rows of a table that the folder lacks; patients may be only named."""
    named = loaded.frame[column.column].is_not_null()
    if target == "patients" or not named.any():
        return []
    remedy = f"Add {target}.csv, or leave the column out."
    return loaded.raw.where(named, column.column, f"a table {target} in the folder", remedy)


def coordinates(tables: Tables) -> list[Fault]:
    """Return the rows with only one of latitude and longitude."""
    faults = []
    for name in ("clinics", "patients"):
        if name in tables and {"lat", "lon"} & set(tables[name].raw.frame.columns):
            faults += _half_a_place(tables[name])
    return faults


def _half_a_place(loaded: Loaded) -> list[Fault]:
    cells = loaded.raw.frame
    faults = []
    for axis, other in (("lat", "lon"), ("lon", "lat")):
        if other not in cells.columns:
            continue
        lacking = cells[other].is_not_null()
        if axis in cells.columns:
            lacking &= cells[axis].is_null()
        column = axis if axis in cells.columns else other
        faults += loaded.raw.where(lacking, column, f"{axis} where {other} is given", "Give both or neither.")
    return faults


def clinic_dates(tables: Tables) -> list[Fault]:
    """Return the clinics that close before they open."""
    clinics = tables["clinics"]
    if "closes_on" not in clinics.raw.frame.columns:
        return []
    wrong = clinics.frame["closes_on"] <= clinics.frame["opens_on"]
    return clinics.raw.where(wrong, "closes_on", "a day after opens_on", "Mend one of the two dates.")


def session_times(tables: Tables) -> list[Fault]:
    """Return the sessions that end before they start, or not on the day on which they start."""
    if "sessions" not in tables:
        return []
    raw, frame = tables["sessions"].raw, tables["sessions"].frame
    if "end" not in raw.frame.columns:
        return []
    backwards = frame["end"] <= frame["start"]
    faults = raw.where(backwards, "end", "a time after the session's start", "Mend one of the two times.")
    over = (frame["end"].dt.date() != frame["start"].dt.date()) & ~backwards
    return faults + raw.where(over, "end", "a time on the day of the start", "Split the session at midnight.")


def sessions_of_one_clinician(tables: Tables) -> list[Fault]:
    """Return the sessions that start while the same clinician still has another one."""
    if "sessions" not in tables:
        return []
    raw, frame = tables["sessions"].raw, tables["sessions"].frame
    owned = frame.with_row_index("row").filter(
        pl.all_horizontal(pl.col("clinician_id", "start", "end").is_not_null()),
        pl.col("end") > pl.col("start"),
    )
    group = pl.col("clinician_id").rank("dense")
    crowded = beyond_posts(owned.select("row", "start", "end", group=group, posts=pl.lit(1)))
    expected = "a time when the clinician has no other session"
    return raw.at(crowded.tolist(), "start", expected, "Nobody works two sessions at once: mend one of them.")


def visits_without_session(tables: Tables) -> list[Fault]:
    """Return the visits that name no session although the network has sessions."""
    if "sessions" not in tables:
        return []
    raw = tables["visits"].raw
    if not raw.frame.columns:
        return []
    if "session_id" not in raw.frame.columns:
        expected = "a column session_id, since the network has sessions"
        remedy = "Name each visit's session, or remove the table sessions."
        return [Fault(raw.file, 1, "session_id", "no such column", expected, remedy)]
    wrong = raw.frame["session_id"].is_null()
    return raw.where(
        wrong, "session_id", "a session, since the network has sessions", "Name the visit's session."
    )


def visits_in_session(tables: Tables) -> list[Fault]:
    """Return the visits at another clinic than their session, or not within its time."""
    if "sessions" not in tables:
        return []
    raw, held = tables["visits"].raw, _held(tables)
    elsewhere = held["clinic_id"] != held["session_clinic_id"]
    faults = []
    if "clinic_id" in raw.frame.columns:
        faults = raw.where(
            elsewhere, "clinic_id", "the clinic of the visit's session", "Mend the clinic or the session."
        )
    outside = (held["start"] < held["session_start"]) | (_ends(held) > held["session_end"])
    if "start" in raw.frame.columns:
        remedy = "Mend the start, the minutes or the session."
        faults += raw.where(outside, "start", "a visit that lies within its session", remedy)
    return faults


def visits_on_one_day(tables: Tables) -> list[Fault]:
    """Return the visits that do not end on the day on which they start."""
    raw, visits = tables["visits"].raw, tables["visits"].frame
    if "start" not in raw.frame.columns:
        return []
    over = _ends(visits).dt.offset_by("-1us").dt.date() != visits["start"].dt.date()
    return raw.where(
        over, "start", "a visit that ends on the day of its start", "Mend the start or the minutes."
    )


def booked_twice(tables: Tables) -> list[Fault]:
    """Return the visits that start when all posts of their clinician's session are taken."""
    if "sessions" not in tables:
        return []
    crowded = overbooked(tables["visits"].frame, tables["sessions"].frame, pooled=False)
    expected = "a start at which the clinician is free"
    remedy = "The clinician is booked twice at this time: move one of the visits or name another session."
    raw = tables["visits"].raw
    return raw.at(crowded.tolist(), "start", expected, remedy) if "start" in raw.frame.columns else []


CHECKS: tuple[Callable[[Tables], list[Fault]], ...] = (
    references,
    coordinates,
    clinic_dates,
    session_times,
    sessions_of_one_clinician,
    visits_without_session,
    visits_in_session,
    visits_on_one_day,
    booked_twice,
    payer_faults,
)


def _held(tables: Tables) -> pl.DataFrame:
    return with_sessions(tables["visits"].frame, tables["sessions"].frame)


def _ends(visits: pl.DataFrame) -> pl.Series:
    return visits.select(pl.col("start") + pl.duration(minutes="minutes")).to_series()
