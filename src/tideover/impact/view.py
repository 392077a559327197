"""The view that every measure reads: one row per booked visit of the plan, one row per session.

The view is the only place that looks into scenario, plan and policy; a measure then is one short expression.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import polars as pl

from tideover.impact.groups import with_groups
from tideover.impact.journeys import with_journeys
from tideover.impact.staffing import clinician_days, site_days
from tideover.nouns import Plan, Policy, Scenario
from tideover.nouns.plan import MOVED
from tideover.nouns.scenario import merged

#: Options that put the visit into another session than the booked one.
ELSEWHERE = (*MOVED, "video", "urgent_care")
#: Least urgent class that counts as urgent.
URGENT_TO = 2


@dataclass(frozen=True)
class View:
    """What measures see of a plan.

    ``visits`` has one row per booked visit of the plan: the decisions, and

    - ``date`` booked day; ``person`` the patient (the visit, where the book names no patient);
    - ``days_later`` whole days from the booked to the new day, negative when earlier; on the wait-list the
      day after the window counts, so the true wait is at least that;
    - ``unsafe_before``, ``unsafe_after`` urgent (1-2) and held past the safe-by date, or without a date;
    - ``kept_before``, ``kept_after`` with the patient's own clinician; null where nobody can know;
    - ``added_minutes`` of journey; null where a place is unknown;
    - one column ``in:GROUP`` per group of the scorecard.

    ``sessions`` has one row per session: ``team`` (the clinician, or the pooled team of the site), ``date``,
    ``posts``, ``open_before`` and ``open_after`` (bookable minutes without and with what is lost; cover not
    counted), ``booked_before`` and ``booked_after`` (minutes of seen visits), ``received`` (visits that
    the plan brings), ``added`` (a response gives it; it has nothing open before), ``struck`` (some of it
    is lost to a pool) and ``gone`` (all of it is lost without cover). ``days`` are the dates on which
    posts are struck (or sessions lost), ``window`` the first and last new date. ``site_days`` and
    ``clinician_days`` are those of ``staffing``.
    """

    visits: pl.DataFrame
    sessions: pl.DataFrame
    groups: tuple[str, ...]
    days: tuple[dt.date, ...]
    window: tuple[dt.date, dt.date]
    scenario: Scenario
    policy: Policy
    site_days: pl.DataFrame
    clinician_days: pl.DataFrame

    def on(self, day: dt.date) -> View:
        """Return the view of one strike date: its visits, and all sessions."""
        visits = self.visits.filter(pl.col("date") == day)
        here = self.site_days.filter(pl.col("date") == day)
        return replace(self, visits=visits, days=(day,), site_days=here)

    def at(self, employer: str) -> View:
        """Return the view of one employer: patients booked at its sites, its sessions, its strike dates."""
        sites = self.scenario.network.clinics.filter(employer=employer).select("clinic_id")
        members = self.scenario.members.join(sites, on="clinic_id", how="semi")
        by = ["pool_id", "date"]
        own = {
            name: getattr(self.scenario, name).join(members, on=by, how="semi") for name in ("pools", "cover")
        }
        days = tuple(sorted(members["date"].unique()))
        booked = self.visits.join(sites, on="clinic_id", how="semi")
        people = self.scenario.network.sessions.join(sites, on="clinic_id", how="semi")
        return replace(
            self,
            visits=booked.filter(pl.col("date").is_in(days) | pl.col("affected")),
            sessions=self.sessions.join(sites, on="clinic_id", how="semi"),
            days=days,
            scenario=self.scenario.replace(members=members, **own),
            site_days=self.site_days.join(sites, on="clinic_id", how="semi").filter(
                pl.col("date").is_in(days)
            ),
            clinician_days=self.clinician_days.join(people, on="clinician_id", how="semi"),
        )

    def day_sessions(self) -> pl.DataFrame:
        """Return the sessions on the strike dates."""
        return self.sessions.filter(pl.col("date").is_in(self.days))

    def receiving_days(self) -> pl.DataFrame:
        """Return the days of clinicians and teams that receive visits, with sums over their sessions."""
        sums = pl.col("open_before", "open_after", "booked_before", "booked_after", "received").sum()
        return self.sessions.group_by("team", "date").agg(sums).filter(pl.col("received") > 0)

    def _posts(self) -> pl.DataFrame:
        posts = self.day_sessions().group_by("team", "date")
        return posts.agg(
            pl.col("posts").max(),
            pl.col("struck").any(),
            pl.col("gone").all(),
            pl.col("added").all(),
        )

    def posts_before(self) -> float:
        """Return the posts that were to work on the strike dates, each counted once a day."""
        return float(self._posts().filter(~pl.col("added"))["posts"].sum())

    def posts_after(self) -> float:
        """Return the posts expected to work: those not struck or away, and a share of the struck."""
        free = self._posts().filter(~pl.col("struck") & ~pl.col("gone"))["posts"].sum()
        pools = self.scenario.pools.filter(pl.col("date").is_in(self.days))
        return float(free) + float(pools.select((pl.col("posts") * pl.col("working_share")).sum()).item())

    def cover_minutes(self) -> float:
        """Return the minutes that the struck posts are expected to hold on the strike dates."""
        cover = self.scenario.cover.filter(pl.col("date").is_in(self.days))
        joined = cover.join(self.scenario.pools, on=["pool_id", "date"], how="left")
        return float(joined.select((pl.col("scheduled_minutes") * pl.col("working_share")).sum()).item())


def view(scenario: Scenario, plan: Plan, policy: Policy) -> View:
    """Return the view of ``plan`` for ``scenario``; the as-of date and the window are those of the plan.

    ``policy`` says how journeys are reckoned, and what support and rest are held to.
    """
    as_of = dt.date.fromisoformat(plan.facts["as_of"])
    first, last = (dt.date.fromisoformat(day) for day in plan.facts["window"])
    sessions = _sessions(scenario, plan.decisions, as_of)
    visits = _outcomes(plan.decisions, last + dt.timedelta(days=1))
    visits = _continuity(visits, scenario)
    visits = with_journeys(visits, scenario.network, policy)
    visits, groups = with_groups(visits, scenario.network)
    days = _days(scenario)
    return View(
        visits,
        sessions,
        groups,
        days,
        (first, last),
        scenario,
        policy,
        site_days(scenario, sessions, visits, days),
        clinician_days(scenario, plan.decisions, as_of, last),
    )


def _days(scenario: Scenario) -> tuple[dt.date, ...]:
    if scenario.pools.height:
        return tuple(scenario.strike_dates)
    return tuple(sorted(scenario.lost["from"].dt.date().unique().to_list()))


def _outcomes(decisions: pl.DataFrame, after_window: dt.date) -> pl.DataFrame:
    date, urgent = pl.col("start").dt.date(), pl.col("urgency") <= URGENT_TO
    new = pl.col("new_start").dt.date()
    held = pl.col("option") != "waitlist"
    return decisions.with_columns(
        date.alias("date"),
        pl.coalesce("patient_id", pl.concat_str(pl.lit("visit "), "visit_id")).alias("person"),
        (pl.when(held).then(new).otherwise(pl.lit(after_window)) - date).dt.total_days().alias("days_later"),
        (urgent & (date > pl.col("safe_by"))).alias("unsafe_before"),
        (urgent & (~held | (new > pl.col("safe_by")))).alias("unsafe_after"),
    )


def _continuity(visits: pl.DataFrame, scenario: Scenario) -> pl.DataFrame:
    """Add kept_before and kept_after.

    | own clinician       | decision                          | kept after                             |
    |---------------------|-----------------------------------|----------------------------------------|
    | any                 | wait-list                         | no: nobody yet                         |
    | any                 | at another site of the pool       | unknown: any working post may see them |
    | any                 | not affected                      | as before                              |
    | a clinician         | stands or stands by under cover   | unknown: any working post may see them |
    | the site's team     | stands or stands by under cover   | yes: the team of the same site         |
    | a clinician         | elsewhere                         | yes, if it is that clinician           |
    | the site's team     | elsewhere                         | yes, if it is a team at the same site  |
    """
    network = scenario.network
    seen_by = network.sessions.select("session_id", pl.col("clinician_id").alias("booked_with"))
    own = network.patients.select("patient_id", pl.col("clinician_id").alias("panel"))
    rows = visits.join(seen_by, on="session_id", how="left").join(own, on="patient_id", how="left")
    mine, new, option = pl.coalesce("panel", "booked_with"), pl.col("new_clinician_id"), pl.col("option")
    before = mine.is_null() | pl.col("booked_with").eq_missing(mine)
    same_team = new.is_null() & (pl.col("new_clinic_id") == pl.col("clinic_id"))
    after = (
        pl.when(option == "waitlist")
        .then(statement=False)
        .when(option == "another_site")
        .then(None)
        .when(~pl.col("affected") & (option == "stand"))
        .then(before)
        .when(mine.is_null())
        .then(same_team)
        .when(option.is_in(["stand", "standby"]))
        .then(None)
        .otherwise(new.eq_missing(mine))
    )
    return rows.with_columns(before.alias("kept_before"), after.alias("kept_after")).drop(
        "panel", "booked_with"
    )


def _sessions(scenario: Scenario, decisions: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    seen = scenario.network.visits.filter(pl.col("booked_on").is_null() | (pl.col("booked_on") <= as_of))
    booked = _minutes(seen, "session_id", "booked_before")
    left = _minutes(decisions.filter("affected"), "session_id", "left")
    moved = decisions.filter(pl.col("option").is_in(ELSEWHERE))
    came = _minutes(moved, "new_session_id", "came").rename({"new_session_id": "session_id"})
    count = moved.group_by(pl.col("new_session_id").alias("session_id")).agg(pl.len().alias("received"))
    rows = _open(scenario)
    for more in (booked, left, came, count):
        rows = rows.join(more, on="session_id", how="left")
    # No visit in a session is a true nought, not something unknown.
    rows = rows.with_columns(pl.col("booked_before", "left", "came", "received").fill_null(0))
    after = pl.col("booked_before") - pl.col("left") + pl.col("came")
    return rows.with_columns(after.alias("booked_after")).drop("left", "came")


def _minutes(visits: pl.DataFrame, key: str, name: str) -> pl.DataFrame:
    return visits.drop_nulls(key).group_by(key).agg(pl.col("minutes").sum().alias(name))


def _open(scenario: Scenario) -> pl.DataFrame:
    length = (pl.col("end") - pl.col("start")).dt.total_minutes()
    rows = scenario.network.sessions.select(
        "session_id",
        "clinic_id",
        pl.coalesce("clinician_id", pl.concat_str(pl.lit("team of "), "clinic_id")).alias("team"),
        pl.col("start").dt.date().alias("date"),
        "posts",
        length.alias("length"),
        pl.coalesce("open_minutes", length * pl.col("posts")).cast(pl.Float64).alias("open_before"),
    )
    gone = (
        merged(scenario.lost)
        .group_by("session_id")
        .agg((pl.col("until") - pl.col("from")).dt.total_minutes().sum().alias("lost_minutes"))
    )
    pooled = scenario.lost.filter(pl.col("pool_id").fill_null("") != "")["session_id"].unique()
    rows = rows.join(gone, on="session_id", how="left").with_columns(pl.col("lost_minutes").fill_null(0))
    before = (scenario.before or scenario.network).sessions["session_id"]
    added = ~pl.col("session_id").is_in(before.implode())
    share = 1 - pl.col("lost_minutes") / pl.col("length")
    struck = pl.col("session_id").is_in(pooled.implode())
    return rows.with_columns(
        pl.when(added).then(0.0).otherwise("open_before").alias("open_before"),
        (pl.col("open_before") * share).alias("open_after"),
        added.alias("added"),
        struck.alias("struck"),
        (~struck & (pl.col("lost_minutes") >= pl.col("length"))).alias("gone"),
    ).drop("length", "lost_minutes")
