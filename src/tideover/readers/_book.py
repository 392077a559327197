"""The book as a whole: what no table shows alone. The list of checks first, then one function for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from tideover import schema
from tideover.errors import Fault
from tideover.nouns import Note
from tideover.readers._kind import RawTable


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
    raw, held = tables["visits"].raw, with_sessions(tables)
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


def booked_twice(tables: Tables) -> list[Fault]:
    """Return the visits that start when all posts of their clinician's session are taken."""
    if "sessions" not in tables:
        return []
    crowded = overbooked(tables, pooled=False)
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
    booked_twice,
)


def with_sessions(tables: Tables) -> pl.DataFrame:
    """Return the visits, row for row, with their session's clinic, clinician, times and posts behind them."""
    sessions = (
        tables["sessions"]
        .frame.with_row_index("session")
        .select(
            "session",
            "session_id",
            session_clinic_id="clinic_id",
            session_clinician_id="clinician_id",
            session_start="start",
            session_end="end",
            posts="posts",
        )
    )
    visits = tables["visits"].frame.select("session_id", "clinic_id", "start", "minutes")
    return visits.join(
        sessions.filter(pl.col("session_id").is_first_distinct()),
        on="session_id",
        how="left",
        maintain_order="left",
    )


def _ends(visits: pl.DataFrame) -> pl.Series:
    return visits.select(pl.col("start") + pl.duration(minutes="minutes")).to_series()


def overbooked(tables: Tables, *, pooled: bool) -> np.ndarray:
    """Return the rows of the visits beyond the posts of their session: of pooled teams, or of clinicians."""
    held = with_sessions(tables).with_columns(end=pl.col("start") + pl.duration(minutes="minutes"))
    whose = (
        pl.col("session_clinician_id").is_null() if pooled else pl.col("session_clinician_id").is_not_null()
    )
    known = pl.all_horizontal(pl.col("session_start", "start", "end", "posts").is_not_null())
    chosen = held.with_row_index("row").filter(known, whose)
    return beyond_posts(chosen.select("row", "start", "end", "posts", group="session"))


def beyond_posts(stays: pl.DataFrame) -> np.ndarray:
    """Return the rows that begin when all posts are taken, sorted.

    ``stays`` has the columns row, group (a number), start, end and posts. In order of start (then row), a
    stay is beyond if, with it, more stays of its group are under way than there are posts; a stay that ends at
    a start is over. What is under way is counted as starts less ends, with two sorts and one search in all.
    """
    minutes = stays.select(
        (pl.col("start", "end").to_physical() // 60_000_000 + 2**35) + pl.col("group").cast(pl.Int64) * 2**36
    )
    order = np.argsort(minutes["start"].to_numpy(), kind="stable")
    starts, ends = minutes["start"].to_numpy()[order], np.sort(minutes["end"].to_numpy())
    under_way = np.arange(1, len(starts) + 1) - np.searchsorted(ends, starts, side="right")
    beyond = order[under_way > stays["posts"].to_numpy()[order]]
    return np.sort(stays["row"].to_numpy()[beyond]).astype(np.int64)


def book_notes(tables: Tables) -> list[Note]:
    """Return what a reader should know about a book that is not at fault."""
    notes = []
    if "sessions" in tables and len(rows := overbooked(tables, pooled=True)):
        text = "Visits that start when all posts of their pooled team are taken; kept as booked"
        notes.append(Note("found", "visits.start", text, len(rows)))
    visits = tables["visits"].frame
    if late := int((visits["booked_on"] > visits["start"].dt.date()).sum()):
        text = "Visits booked after the day on which they are held; kept as the source has them"
        notes.append(Note("found", "visits.booked_on", text, late))
    return notes
