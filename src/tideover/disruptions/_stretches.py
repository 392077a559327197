"""Which sessions a disruption touches, and the stretches of them that are not lost yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import polars as pl

from tideover.errors import Fault, InputError
from tideover.nouns.change import RecordedChange
from tideover.nouns.fields import span
from tideover.nouns.network import Network, Note
from tideover.nouns.scenario import LOST, Scenario, merged

Stretch = tuple[datetime, datetime]
#: What is found where a disruption concerns nothing of the network.
NO_SESSION = "no session that it concerns"


def held_sessions(network: Network) -> pl.DataFrame:
    """Return the sessions with the date they are on, and the role and unit of the post that holds them.

    ``unit`` is the clinician's, or for a pooled team the session's; ``role`` is empty for a pooled team;
    ``site_kind``, ``employer``, ``lat`` and ``lon`` are those of the clinic. Sorted by session_id.
    """
    posts = network.clinicians.select("clinician_id", "role", pl.col("unit").alias("post_unit"))
    sites = network.clinics.select("clinic_id", pl.col("kind").alias("site_kind"), "employer", "lat", "lon")
    unit = pl.when(pl.col("clinician_id").is_null()).then("unit").otherwise("post_unit")
    return (
        network.sessions.join(posts, on="clinician_id", how="left")
        .join(sites, on="clinic_id", how="left")
        .with_columns(pl.col("start").dt.date().alias("date"), unit.alias("unit"))
        .drop("post_unit")
        .sort("session_id")
    )


def stretches(sessions: pl.DataFrame, hours: str, lost: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the stretches (session_id, from, until) of ``sessions`` within ``hours``, less ``lost``.

    Law: no stretch overlaps another of its session, nor a row of ``lost``.
    """
    gone: dict[str, list[Stretch]] = {}
    for session_id, start, end in merged(lost).iter_rows() if lost is not None else ():
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


def taken(
    change: RecordedChange, hours: str, scenario: Scenario, sessions: pl.DataFrame
) -> tuple[pl.DataFrame, list[Note]]:
    """Return the stretches of ``sessions`` that ``change`` takes, and a note if others have some of them.

    ``InputError`` if there is nothing within ``hours``, lost before or not.
    """
    whole = stretches(sessions, hours)
    if whole.is_empty():
        raise InputError([_nothing(type(change), sessions)])
    left = stretches(sessions, hours, scenario.lost)
    before = whole["session_id"].n_unique() - _untouched(whole, left)
    text = "Sessions of which another change takes a part already; that part is counted once."
    return left, [Note("found", change.kind, text, before)] if before else []


def _untouched(whole: pl.DataFrame, left: pl.DataFrame) -> int:
    return whole.join(left, on=["session_id", "from", "until"], how="semi").height


def lost_rows(left: pl.DataFrame, cause: str, pool_id: pl.Expr) -> pl.DataFrame:
    """Return the stretches ``left`` as rows of ``LOST``; ``pool_id`` may use their columns."""
    made = left.with_columns(pl.lit(cause).alias("cause"), pool_id.cast(pl.String).alias("pool_id"))
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


def _nothing(cls: type[RecordedChange], sessions: pl.DataFrame) -> Fault:
    if sessions.is_empty():
        found, remedy = NO_SESSION, "Widen the dates or the other limits."
    else:
        found, remedy = f"only sessions outside its hours ({sessions.height})", "Widen the hours."
    return cls.fault(None, found, "at least one session", remedy)


def named(column: str, names: Sequence[str]) -> pl.Expr:
    """Return the filter that ``column`` is one of ``names``; no limit where there are none."""
    return pl.col(column).is_in(list(names)).fill_null(value=False) if names else pl.lit(value=True)
