"""Who is booked when: visits beside their sessions, and those for which no post is free."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from tideover.nouns import Note

#: What is found in every book anew; such a note that was stored with the tables may be out of date.
OVERBOOKED = "Visits that start when all posts of their pooled team are taken; kept as booked"
LATE = "Visits booked after the day on which they are held; kept as the source has them"
FOUND_ANEW = (OVERBOOKED, LATE)


def with_sessions(visits: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Return the visits, row for row, with their session's clinic, clinician, times and posts behind them."""
    facts = sessions.with_row_index("session").select(
        "session",
        "session_id",
        session_clinic_id="clinic_id",
        session_clinician_id="clinician_id",
        session_start="start",
        session_end="end",
        posts="posts",
    )
    return visits.select("session_id", "clinic_id", "start", "minutes").join(
        facts.filter(pl.col("session_id").is_first_distinct()),
        on="session_id",
        how="left",
        maintain_order="left",
    )


def overbooked(visits: pl.DataFrame, sessions: pl.DataFrame, *, pooled: bool) -> np.ndarray:
    """Return the rows of the visits beyond the posts of their session: of pooled teams, or of clinicians."""
    held = with_sessions(visits, sessions).with_columns(end=pl.col("start") + pl.duration(minutes="minutes"))
    whose = (
        pl.col("session_clinician_id").is_null() if pooled else pl.col("session_clinician_id").is_not_null()
    )
    known = pl.all_horizontal(pl.col("session_start", "start", "end", "posts").is_not_null())
    chosen = held.with_row_index("row").filter(known, whose)
    return beyond_posts(chosen.select("row", "start", "end", "posts", group="session"))


def beyond_posts(stays: pl.DataFrame) -> np.ndarray:
    """Return the rows that begin when all posts are taken, sorted.

    ``stays`` has the columns row, group (a number), start, end and posts. In order of start (then row), a
    stay is beyond if, with it, more stays of its group are under way than there are posts; a stay that ends
    at a start is over. What is under way is counted as starts less ends: two sorts and one search in all.
    """
    minutes = stays.select(
        (pl.col("start", "end").to_physical() // 60_000_000 + 2**35) + pl.col("group").cast(pl.Int64) * 2**36
    )
    order = np.argsort(minutes["start"].to_numpy(), kind="stable")
    starts, ends = minutes["start"].to_numpy()[order], np.sort(minutes["end"].to_numpy())
    under_way = np.arange(1, len(starts) + 1) - np.searchsorted(ends, starts, side="right")
    beyond = order[under_way > stays["posts"].to_numpy()[order]]
    return np.sort(stays["row"].to_numpy()[beyond]).astype(np.int64)


def book_notes(tables: Mapping[str, pl.DataFrame]) -> list[Note]:
    """Return what a reader should know about a book that is not at fault."""
    visits, notes = tables["visits"], []
    if crowded := len(overbooked(visits, tables["sessions"], pooled=True)):
        notes.append(Note("found", "visits.start", OVERBOOKED, crowded))
    if late := int((visits["booked_on"] > visits["start"].dt.date()).sum()):
        notes.append(Note("found", "visits.booked_on", LATE, late))
    return notes
