"""Sessions for a book that has none: one pooled team for each clinic and day, sized from its own daily volume."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

import polars as pl

from tideover.nouns import Note


@dataclass(frozen=True)
class TeamRule:
    """How a pooled team is sized and when it works.

    The capacity of a day is the ``quantile`` of the clinic's booked minutes over the days on which it has visits: the
    smallest daily volume that at least this share of its days does not exceed. ``hours`` are the times from and to
    which the team works (``None``: from the clinic's earliest start to its latest end, in whole hours).
    """

    quantile: float = 0.9
    hours: tuple[time, time] | None = None
    slot_minutes: int = 15
    unit: str | None = None


def pooled_sessions(visits: pl.DataFrame, rule: TeamRule) -> pl.DataFrame:
    """Return a session (columns of the schema) for each clinic and day in ``visits`` (clinic_id, start, minutes).

    Its ``open_minutes`` are the day's capacity; its posts, at least 1, are as many as that needs in the hours of
    the session. Days without a visit at a clinic get no session: whether it is open then is not known.
    """
    days = (
        visits.drop_nulls(["clinic_id", "start", "minutes"])
        .with_columns(date=pl.col("start").dt.date(), end=pl.col("start") + pl.duration(minutes="minutes"))
        .group_by("clinic_id", "date")
        .agg(
            pl.col("minutes").sum(),
            _clock(pl.col("start")).min().alias("from"),
            _clock(pl.col("end")).max().alias("to"),
        )
        .sort("clinic_id", "date")
    )
    midnight = pl.col("date").cast(pl.Datetime("us"))
    first, last = _hours(rule)
    return (
        days.with_columns(
            open=_quantile(pl.col("minutes"), rule.quantile).over("clinic_id"), first=first, last=last
        )
        .with_columns(
            posts=(pl.col("open") / (pl.col("last") - pl.col("first"))).ceil().cast(pl.Int64).clip(1)
        )
        .select(
            session_id=pl.col("clinic_id") + "/" + pl.col("date").dt.to_string("%Y-%m-%d"),
            clinic_id="clinic_id",
            start=midnight + pl.duration(minutes="first"),
            end=midnight + pl.duration(minutes="last"),
            posts="posts",
            unit=pl.lit(rule.unit, pl.String),
            slot_minutes=pl.lit(rule.slot_minutes, pl.Int64),
            open_minutes=pl.col("open").cast(pl.Int64),
        )
    )


def _clock(moment: pl.Expr) -> pl.Expr:
    return moment.dt.hour().cast(pl.Int64) * 60 + moment.dt.minute()


def _hours(rule: TeamRule) -> tuple[pl.Expr, pl.Expr]:
    """Return the first and the last minute of the day on which the team works."""
    if rule.hours is not None:
        first, last = (clock.hour * 60 + clock.minute for clock in rule.hours)
        return pl.lit(first), pl.lit(last)
    earliest, latest = pl.col("from").min().over("clinic_id"), pl.col("to").max().over("clinic_id")
    return earliest // 60 * 60, pl.min_horizontal((latest + 59) // 60 * 60, 24 * 60 - 1)


def _quantile(volume: pl.Expr, quantile: float) -> pl.Expr:
    """Return the smallest value that at least ``quantile`` of the values do not exceed (no interpolation)."""
    place = (volume.len() * quantile - 1e-9).ceil().cast(pl.Int64).clip(1) - 1
    return volume.sort().gather(place).first()


def team_notes(rule: TeamRule, sessions: pl.DataFrame) -> list[Note]:
    """Return the notes that say how the sessions were derived."""
    hours = "the clinic's own hours in the book"
    if rule.hours is not None:
        hours = f"{rule.hours[0]:%H:%M} to {rule.hours[1]:%H:%M}, as stated, not in the source"
    capacity = (
        f"One pooled team for each clinic and day with visits, since the source has no sessions; the day's capacity is "
        f"quantile {rule.quantile:g} of the clinic's booked minutes a day over all days of the book, those after the "
        f"as-of date among them; hours are {hours}; posts are as many as that capacity needs"
    )
    return [Note("derived", "sessions", capacity, sessions.height)]
