"""Sessions for a book that has none: one for each clinic, clinician or pooled team, and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

import polars as pl

from tideover.nouns import Note


@dataclass(frozen=True)
class TeamRule:
    """How derived sessions are timed, and how a pooled team is sized.

    The capacity of a pooled team is the ``quantile`` of its booked minutes a day, over the days on which it
    has visits: the smallest daily volume that at least this share of the days does not exceed (no
    interpolation). ``hours`` are the times from and to which a session lasts (``None``: from the clinic's
    earliest start to its latest end, in whole hours). ``unit`` is the bargaining unit that covers the teams,
    if any. ``order`` says in which order visits without a time of day are laid out: as they were ``booked``,
    or ``mixed`` by a fixed scramble of their identifiers.
    """

    quantile: float = 0.9
    hours: tuple[time, time] | None = None
    slot_minutes: int = 15
    unit: str | None = None
    order: str = "booked"


def derived_sessions(visits: pl.DataFrame, rule: TeamRule) -> pl.DataFrame:
    """Return the sessions that hold ``visits`` (clinic_id, clinician_id, start, minutes).

    One for each clinic, clinician and day; where no clinician is named, one for the clinic's pooled team: its
    ``open_minutes`` are the day's capacity, its posts, at least 1, as many as that needs in the session's
    hours. Days without a visit get no session: whether the clinic is open then is not known.
    """
    first, last = _hours(rule)
    pooled = pl.col("clinician_id").is_null()
    midnight = pl.col("date").cast(pl.Datetime("us"))
    return (
        _days(visits)
        .with_columns(open=_quantile(rule.quantile).over("clinic_id", "clinician_id"), first=first, last=last)
        .with_columns(
            posts=(pl.col("open") / (pl.col("last") - pl.col("first"))).ceil().cast(pl.Int64).clip(1)
        )
        .select(
            "clinic_id",
            "clinician_id",
            session_id=session_names(pl.col("date")),
            start=midnight + pl.duration(minutes="first"),
            end=midnight + pl.duration(minutes="last"),
            posts=pl.when(pooled).then("posts").otherwise(1),
            unit=pl.when(pooled).then(pl.lit(rule.unit, pl.String)),
            slot_minutes=pl.lit(rule.slot_minutes, pl.Int64),
            open_minutes=pl.when(pooled).then(pl.col("open").cast(pl.Int64)),
        )
    )


def session_names(date: pl.Expr) -> pl.Expr:
    """Return the identifiers of derived sessions from clinic_id, clinician_id and ``date``."""
    parts = [pl.col("clinic_id"), pl.col("clinician_id"), date.dt.to_string("%Y-%m-%d")]
    return pl.concat_str(parts, separator="/", ignore_nulls=True)


def _days(visits: pl.DataFrame) -> pl.DataFrame:
    """Return the booked minutes, earliest start and latest end of each clinic, clinician and day."""
    clock = pl.col("start").dt.hour().cast(pl.Int64) * 60 + pl.col("start").dt.minute()
    return (
        visits.drop_nulls(["clinic_id", "start", "minutes"])
        .with_columns(date=pl.col("start").dt.date(), clock=clock)
        .group_by("clinic_id", "clinician_id", "date")
        .agg(
            pl.col("minutes").sum(),
            pl.col("clock").min().alias("from"),
            (pl.col("clock") + pl.col("minutes")).max().alias("to"),
        )
        .sort("clinic_id", "clinician_id", "date")
    )


def _hours(rule: TeamRule) -> tuple[pl.Expr, pl.Expr]:
    """Return the first and the last minute of the day on which sessions are held."""
    if rule.hours is not None:
        first, last = (clock.hour * 60 + clock.minute for clock in rule.hours)
        return pl.lit(first, pl.Int64), pl.lit(last, pl.Int64)
    earliest, latest = pl.col("from").min().over("clinic_id"), pl.col("to").max().over("clinic_id")
    return earliest // 60 * 60, pl.min_horizontal((latest + 59) // 60 * 60, 24 * 60 - 1)


def _quantile(quantile: float) -> pl.Expr:
    """Return the smallest daily volume that at least ``quantile`` of the days do not exceed."""
    place = (pl.len() * quantile - 1e-9).ceil().cast(pl.Int64).clip(1) - 1
    return pl.col("minutes").sort().gather(place).first()


def team_notes(rule: TeamRule, sessions: pl.DataFrame) -> list[Note]:
    """Return the notes that say how the sessions were derived."""
    hours = "hours: the clinic's own in the book"
    if rule.hours is not None:
        hours = f"hours: {rule.hours[0]:%H:%M} to {rule.hours[1]:%H:%M}, as stated, not in the source"
    notes = [
        Note(
            "derived",
            "sessions",
            f"No sessions in the source: one a day was derived; {hours}",
            sessions.height,
        )
    ]
    pooled = sessions.filter(pl.col("clinician_id").is_null())
    if pooled.height:
        text = (
            "No clinician is named: one pooled team for each clinic and day with visits. Its capacity is "
            f"quantile {rule.quantile:g} of the clinic's booked minutes a day over all days of the book, "
            "so those after the as-of date are used too; it has as many posts as that needs. Days without "
            "visits get no session"
        )
        notes.append(Note("derived", "sessions.posts", text, pooled.height))
    return notes
