"""Which sessions a disruption touches, and the stretches of them that nobody has lost before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import polars as pl

from tideover.errors import Fault
from tideover.nouns.change import RecordedChange, span
from tideover.nouns.network import Network
from tideover.nouns.scenario import LOST, Scenario, merged

Stretch = tuple[datetime, datetime]


def held_sessions(network: Network) -> pl.DataFrame:
    """Return the sessions with the date they are on, and the role and unit of the post that holds them.

    ``unit`` is the clinician's, or for a pooled team the session's; ``role`` is empty for a pooled team;
    ``site_kind``, ``lat`` and ``lon`` are those of the clinic. Sorted by session_id.
    """
    posts = network.clinicians.select("clinician_id", "role", pl.col("unit").alias("post_unit"))
    sites = network.clinics.select("clinic_id", pl.col("kind").alias("site_kind"), "lat", "lon")
    unit = pl.when(pl.col("clinician_id").is_null()).then("unit").otherwise("post_unit")
    return (
        network.sessions.join(posts, on="clinician_id", how="left")
        .join(sites, on="clinic_id", how="left")
        .with_columns(pl.col("start").dt.date().alias("date"), unit.alias("unit"))
        .drop("post_unit")
        .sort("session_id")
    )


def stretches_left(scenario: Scenario, sessions: pl.DataFrame, hours: str) -> pl.DataFrame:
    """Return the stretches (session_id, from, until) of ``sessions`` within ``hours`` that are not lost yet.

    Law: no stretch overlaps another of its session, nor a row of ``scenario.lost``.
    """
    gone: dict[str, list[Stretch]] = {}
    for session_id, start, end in merged(scenario.lost).iter_rows():
        gone.setdefault(session_id, []).append((start, end))
    first, last = (timedelta(minutes=minute) for minute in span(hours))
    rows = []
    for session_id, start, end in sessions.select("session_id", "start", "end").iter_rows():
        midnight = datetime.combine(start.date(), time())
        within = max(start, midnight + first), min(end, midnight + last)
        rows += [(session_id, *stretch) for stretch in _without(within, gone.get(session_id, []))]
    columns = {name: LOST[name] for name in ("session_id", "from", "until")}
    return pl.DataFrame(rows, schema=columns, orient="row")


def _without(stretch: Stretch, gone: Sequence[Stretch]) -> list[Stretch]:
    left, (low, high) = [], stretch
    for start, end in gone:  # sorted and disjoint, as ``merged`` returns them
        if start < high and end > low:
            if start > low:
                left.append((low, start))
            low = end
    return [*left, (low, high)] if low < high else left


def lost_rows(stretches: pl.DataFrame, cause: str, pool_id: pl.Expr) -> pl.DataFrame:
    """Return ``stretches`` as rows of ``LOST``; ``pool_id`` may use their columns."""
    made = stretches.with_columns(pl.lit(cause).alias("cause"), pool_id.cast(pl.String).alias("pool_id"))
    return made.select(*LOST)


def date_faults(cls: type[RecordedChange], network: Network, dates: Sequence[date]) -> list[Fault]:
    """Return a fault for each of ``dates`` on which the network holds no session."""
    open_on = set(network.sessions["start"].dt.date().unique().to_list())
    if not open_on:
        return [cls.fault("dates", "a network without sessions", "a book of sessions", "Give its sessions.")]
    book = f"the book runs from {min(open_on)} to {max(open_on)}"
    return [
        cls.fault(
            "dates",
            f"{day}, on which the network has no sessions",
            f"dates of the book ({book})",
            "Leave the date out." if min(open_on) < day < max(open_on) else "Correct the date.",
        )
        for day in dates
        if day not in open_on
    ]


def nothing_lost(cls: type[RecordedChange], sessions: pl.DataFrame) -> Fault:
    """Return the fault of a disruption that takes nothing: of ``sessions`` no stretch was left."""
    if sessions.is_empty():
        found, remedy = "no session that it concerns", "Widen the dates or the other limits."
    else:
        found = f"{sessions.height} sessions outside its hours, or lost already by another change"
        remedy = "Widen the hours, or state what is lost only once."
    return cls.fault(None, found, "at least one session", remedy)


def named(column: str, names: Sequence[str]) -> pl.Expr:
    """Return the filter that ``column`` is one of ``names``; no limit where there are none."""
    return pl.col(column).is_in(list(names)).fill_null(value=False) if names else pl.lit(value=True)
