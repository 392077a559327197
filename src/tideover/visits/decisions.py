"""What is decided for each visit: a row of ``DECISIONS`` with the points of every cost term."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from tideover.nouns import Policy
from tideover.nouns.plan import DECISIONS
from tideover.visits.book import IN_SESSION, TIME, Book
from tideover.visits.facts import Facts, Ints
from tideover.visits.rules import (
    ELSEWHERE,
    OPEN,
    STAND,
    STANDBY,
    WAITLIST,
    Choices,
    keeps_continuity,
    points,
)

_NAMES = {STAND: "stand", STANDBY: "standby", WAITLIST: "waitlist", ELSEWHERE: "another_site"}


@dataclass(frozen=True)
class Chosen:
    """What was chosen for each of n visits: the kind of bin, and where it is an open session, which and when.

    ``session`` (n,) is a row of the sessions or -1; ``start`` (n) is null where there is no session.
    ``clinic`` (n,) is the code of the clinic at which cover is elsewhere, else -1.
    """

    kind: Ints
    session: Ints
    start: pl.Series
    clinic: Ints


def decide(facts: Facts, visits: pl.DataFrame, sessions: pl.DataFrame, chosen: Chosen) -> pl.DataFrame:
    """Return one decision for each row of ``visits``; ``facts`` are those of ``visits`` and ``sessions``."""
    held = sessions.select(
        pl.int_range(pl.len()).alias("row"),
        pl.col("session_id").alias("new_session_id"),
        pl.col("clinic_id").alias("new_clinic_id"),
        pl.col("clinician_id").alias("new_clinician_id"),
    )
    options = option_names(facts, chosen.kind, chosen.session)
    rows = visits.with_columns(
        pl.Series("option", options, pl.String),
        pl.Series("row", chosen.session),
        pl.Series("new_start", chosen.start, pl.Datetime("us")),
        *(pl.Series(name, values) for name, values in points_of(facts, chosen).items()),
    )
    rows = rows.join(held, on="row", how="left", maintain_order="left")
    kept = (pl.col("told_as") == TIME) & (pl.col("told_session_id") == pl.col("new_session_id"))
    kept &= pl.col("told_start") == pl.col("new_start")
    again = pl.when(kept.fill_null(value=False)).then(0).otherwise("told_again")
    rows = rows.with_columns(again.cast(pl.Int64).alias("told_again"))
    stays = pl.col("option").is_in(["stand", "standby"])
    elsewhere = pl.col("option") == "another_site"
    named = pl.Series("site", facts.clinic_ids, pl.String).gather(np.maximum(chosen.clinic, 0))
    booked = [
        pl.when(stays).then("session_id").otherwise("new_session_id").alias("new_session_id"),
        pl.when(stays)
        .then("clinic_id")
        .when(elsewhere)
        .then(named)
        .otherwise("new_clinic_id")
        .alias("new_clinic_id"),
        pl.when(stays | elsewhere).then("start").otherwise("new_start").alias("new_start"),
    ]
    again = stays & ~pl.col("affected")  # its session is held again, by whoever it was booked with
    with_whom = pl.when(again).then("booked_with").otherwise("new_clinician_id").alias("new_clinician_id")
    return rows.with_columns(*booked, with_whom).select(*DECISIONS, *facts.policy.terms)


def option_names(facts: Facts, kind: Ints, session: Ints) -> list[str]:
    """Return the name of each visit's option: of an open session the first that holds, as the README says."""
    names = np.array([_NAMES.get(one, "") for one in kind.tolist()], dtype=object)
    at = np.flatnonzero(kind == OPEN)
    who = session[at]
    clinic, booked = facts.session_clinic[who], facts.visit_clinic[at]
    urgent_care = (facts.clinic_kind[clinic] == facts.urgent_care) & (clinic != booked)
    own = keeps_continuity(facts, at, who)
    first = [facts.session_video[who], urgent_care, own, clinic == booked]
    option = ["video", "urgent_care", "own_clinician", "another_clinician"]
    names[at] = np.select(first, option, "another_clinic")
    found: list[str] = names.tolist()
    return found


def points_of(facts: Facts, chosen: Chosen) -> dict[str, Ints]:
    """Return the points of every term for what was chosen, in the order of the levels."""
    kind, session = chosen.kind, chosen.session
    day = np.where(kind == WAITLIST, facts.last + 1, facts.visit_date)
    held = kind == OPEN
    day[held] = facts.session_date[session[held]]
    found = {term: np.zeros(kind.size, np.int64) for term in facts.policy.terms}
    for which in (STAND, STANDBY, OPEN, WAITLIST, ELSEWHERE):
        at = np.flatnonzero(kind == which)
        choices = Choices(at, session[at], day[at], which, chosen.clinic[at])
        for term, values in points(facts, choices).items():
            found[term][at] = values
    return found


def untouched(book: Book, policy: Policy) -> pl.DataFrame:
    """Return the decisions for booked visits that nothing affects: they stand and cost nothing."""
    kept = book.booked.filter(~pl.col("movable")).with_columns(
        pl.lit("stand").alias("option"),
        pl.col("clinic_id").alias("new_clinic_id"),
        pl.col("session_id").alias("new_session_id"),
        pl.col("booked_with").alias("new_clinician_id"),
        pl.col("start").alias("new_start"),
        *(pl.lit(0, pl.Int64).alias(term) for term in policy.terms),
    )
    return kept.select(*DECISIONS, *policy.terms)


def clashes(decisions: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Return visit_id, visit_id_other, free of visits of one patient that overlap (R12): the first gives way.

    Two that both keep their booked time may overlap. Of two others that one gives way that is free to move,
    that is newly placed rather than at its kept place, that sorts later. ``free`` is false where neither is:
    both are pinned or unaffected.
    """
    columns = ("visit_id", "patient_id", "minutes", "new_start", "new")
    placed = decisions.with_columns(pl.col("option").is_in(list(IN_SESSION)).alias("new")).select(columns)
    others = book.seen.join(decisions, on="visit_id", how="anti")
    others = others.select(
        "visit_id",
        "patient_id",
        "minutes",
        pl.col("start").alias("new_start"),
        pl.lit(value=False).alias("new"),
    )
    held = pl.concat([placed, others]).drop_nulls(["patient_id", "new_start"])
    held = held.join(book.free.select("visit_id", free=pl.lit(value=True)), on="visit_id", how="left")
    held = held.with_columns(
        pl.col("free").fill_null(value=False),
        (pl.col("new_start") + pl.duration(minutes=pl.col("minutes"))).alias("until"),
    )
    kept = book.kept.select("visit_id", pl.col("start").alias("new_start"), kept=pl.lit(value=True))
    held = held.join(kept, on=["visit_id", "new_start"], how="left")
    yielding = 2 * pl.col("free") + pl.col("new") - pl.col("kept").fill_null(value=False)
    held = held.with_columns(yielding.alias("rank"))
    moved = held.join(held.filter("new").select("patient_id").unique(), on="patient_id", how="semi")
    later = pl.col("visit_id") > pl.col("visit_id_other")
    same = pl.col("rank") == pl.col("rank_other")
    gives_way = (pl.col("rank") > pl.col("rank_other")) | (same & later)
    pairs = moved.join(moved, on="patient_id", suffix="_other").filter(
        pl.col("new") | pl.col("new_other"),
        pl.col("visit_id") != pl.col("visit_id_other"),
        pl.col("new_start") < pl.col("until_other"),
        pl.col("new_start_other") < pl.col("until"),
    )
    return (
        pairs.filter(gives_way)
        .select("visit_id", "visit_id_other", "free")
        .sort("visit_id", "visit_id_other")
    )
