"""Who works where and when, as counts: sites by strike date, and clinicians' days around the strike."""

from __future__ import annotations

import datetime as dt

import polars as pl

from tideover.nouns import Scenario
from tideover.nouns.plan import MOVED

ROLES = ("nurse", "medical_assistant")
#: Options that keep the booked time, seen by whoever works.
_UNDER_COVER = ("stand", "standby", "another_site")
#: Options that put the visit into another session than the booked one.
_ELSEWHERE = (*MOVED, "video", "urgent_care")


def site_days(
    scenario: Scenario, sessions: pl.DataFrame, visits: pl.DataFrame, days: tuple[dt.date, ...]
) -> pl.DataFrame:
    """Return one row for each site and strike date with sessions before any change.

    Columns: clinic_id, date; posts_before, posts_after and hours_before, hours_after (of clinicians: all, and
    expected to work: those that are not struck or away, and the pool's working share of those that are);
    visits_before, visits_after (booked; standing, on standby or received); nurse, medical_assistant
    (full-time posts of the site, null where the network does not say). Support staff count as present:
    whoever covers them is not known to the model.
    """
    here = sessions.filter(pl.col("date").is_in(days))
    by = ["clinic_id", "date"]
    pools = scenario.members.join(scenario.pools, on=["pool_id", "date"])
    share = pools.group_by(by).agg(pl.col("working_share").mean())
    teams = here.group_by(*by, "team").agg(
        pl.col("posts").max(),
        pl.col("struck").any(),
        pl.col("gone").all(),
        pl.col("added").all(),
        (pl.col("open_before").sum() / 60).alias("hours"),
        (pl.col("open_after").sum() / 60).alias("left"),
        pl.col("received").sum(),
    )
    works = teams.join(share, on=by, how="left").with_columns(
        pl.when(pl.col("struck"))
        .then("working_share")
        .when(pl.col("gone"))
        .then(0.0)
        .otherwise(1.0)
        .alias("w")
    )
    rows = works.group_by(by).agg(
        pl.col("posts").filter(~pl.col("added")).sum().cast(pl.Float64).alias("posts_before"),
        (pl.col("posts") * pl.col("w")).sum().alias("posts_after"),
        pl.col("hours").sum().alias("hours_before"),
        (pl.col("left") + pl.col("struck") * (pl.col("hours") - pl.col("left")) * pl.col("w"))
        .sum()
        .alias("hours_after"),
        pl.col("received").sum(),
    )
    booked = visits.group_by(by).agg(pl.len().alias("visits_before"))
    under_cover = visits.filter(pl.col("option").is_in(_UNDER_COVER))
    seen_at = pl.col("new_clinic_id").alias("clinic_id")
    kept = under_cover.group_by(seen_at, "date").agg(pl.len().alias("kept"))
    # No booked visit at a site on a date is a true nought.
    rows = rows.join(booked, on=by, how="left").join(kept, on=by, how="left")
    rows = rows.with_columns(pl.col("visits_before", "kept").fill_null(0))
    rows = rows.with_columns((pl.col("kept") + pl.col("received")).alias("visits_after"))
    return rows.drop("kept", "received").join(_support(scenario), on="clinic_id", how="left")


def _support(scenario: Scenario) -> pl.DataFrame:
    staff = scenario.network.support_staff
    return staff.group_by("clinic_id").agg(
        pl.col("fte").filter(pl.col("role") == role).first().alias(role) for role in ROLES
    )


def clinician_days(
    scenario: Scenario, decisions: pl.DataFrame, as_of: dt.date, last: dt.date
) -> pl.DataFrame:
    """Return one row for each clinician and date with visits, after ``as_of`` and up to ``last``.

    Columns: clinician_id, date, longest (daily_minutes); first, last (of the visits), minutes and past
    (minutes outside the visit's session), each with _before and _after, null where there is no visit. Visits
    that stand in struck sessions count only before: who holds them is not known. Teams are left out.
    """
    seen = scenario.network.visits.filter(pl.col("booked_on").is_null() | (pl.col("booked_on") <= as_of))
    columns = ("session_id", "start", "minutes")
    left = seen.join(decisions.filter("affected"), on="visit_id", how="anti").select(columns)
    moved = decisions.filter(pl.col("option").is_in(_ELSEWHERE))
    new = moved.select(
        pl.col("new_session_id").alias("session_id"), pl.col("new_start").alias("start"), "minutes"
    )
    between = pl.col("date").is_between(as_of, last, closed="right")
    before = _days(scenario, seen.select(columns), "before")
    after = _days(scenario, pl.concat([left, new]), "after")
    by = ["clinician_id", "date"]
    longest = scenario.network.clinicians.select("clinician_id", pl.col("daily_minutes").alias("longest"))
    rows = before.join(after, on=by, how="full", coalesce=True).filter(between)
    return rows.join(longest, on="clinician_id", how="left").sort(by)


def _days(scenario: Scenario, visits: pl.DataFrame, when: str) -> pl.DataFrame:
    hours = scenario.network.sessions.filter(pl.col("clinician_id").is_not_null())
    hours = hours.select("session_id", "clinician_id", opens="start", closes="end")
    end = pl.col("start") + pl.duration(minutes=pl.col("minutes"))
    past = (
        pl.max_horizontal(end - pl.col("closes"), pl.duration()).dt.total_minutes()
        + pl.max_horizontal(pl.col("opens") - pl.col("start"), pl.duration()).dt.total_minutes()
    )
    held = visits.join(hours, on="session_id")
    return held.group_by("clinician_id", pl.col("opens").dt.date().alias("date")).agg(
        pl.col("start").min().alias(f"first_{when}"),
        end.max().alias(f"last_{when}"),
        pl.col("minutes").sum().alias(f"minutes_{when}"),
        past.sum().alias(f"past_{when}"),
    )


def nights(days: pl.DataFrame, when: str) -> pl.Series:
    """Return the hours from the last visit of a day to the first of the next, of every night."""
    held = days.drop_nulls(f"first_{when}").select("clinician_id", "date", f"first_{when}", f"last_{when}")
    evening = held.with_columns(pl.col("date") + pl.duration(days=1)).drop(f"first_{when}")
    pairs = evening.join(held.drop(f"last_{when}"), on=["clinician_id", "date"])
    hours = (pl.col(f"first_{when}") - pl.col(f"last_{when}")).dt.total_minutes() / 60
    return pairs.select(hours.alias("hours"))["hours"]
