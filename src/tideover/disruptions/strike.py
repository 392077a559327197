"""Strike: on its dates the posts that it covers cannot be counted on, but for a share that is worked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Self

import polars as pl

from tideover.disruptions._kind import DISRUPTIONS
from tideover.disruptions._pools import FEWEST_POSTS, cover_rows, pooled
from tideover.disruptions._stretches import (
    date_faults,
    held_sessions,
    lost_rows,
    named,
    taken,
)
from tideover.errors import Fault, InputError
from tideover.nouns.change import RecordedChange
from tideover.nouns.fields import Dates, Hours, Names, OptionalDate, Roles, SiteKinds, Working
from tideover.nouns.network import Network, Note
from tideover.nouns.scenario import COVER, LOST, MEMBERS, POOLS, Scenario
from tideover.nouns.share import WorkingShare


@DISRUPTIONS.register("strike")
@dataclass(frozen=True, kw_only=True)
class Strike(RecordedChange):
    """A strike of posts: which, when, and what share of them is expected to be worked.

    | key | meaning | left out |
    |---|---|---|
    | dates | the dates, each by itself | required |
    | working | share of the struck posts that is worked, 0 to 1: a number, or a range | required |
    | hours | stretch of the day, the same on every date | the whole day |
    | units | bargaining units whose posts are struck | every post that a unit covers |
    | roles | only clinicians of these roles; a pooled team counts as every role | all |
    | site_kinds | only at sites of these kinds | all |
    | clinics | only at these clinics | all |
    | employers | only at clinics of these employers | all |
    | notice_on | date on which notice was given | unknown |

    A range such as ``"0.15..0.25..0.40"`` says: between 15 % and 40 % on nine days in ten, most likely 25 %.
    The share is then beta distributed and one for the whole strike: every pool and date has the same.
    Where no post of the network is covered by a unit, every post is struck, and a note says so.
    The share applies to pools of at least ten posts (``_pools.grouped``). Only with ``working`` 0, which is
    planning as if nobody worked and says nothing of anybody, may all struck posts of a date be fewer.
    Where two strikes take the same stretch, it belongs to the one whose facts sort first.
    No leave may be stated for the posts of a strike on its dates: see ``docs/decisions/0002-leave.md``.
    """

    dates: Dates
    working: Working
    hours: Hours = "00:00-24:00"
    units: Names = ()
    roles: Roles = ()
    site_kinds: SiteKinds = ()
    clinics: Names = ()
    employers: Names = ()
    notice_on: OptionalDate = None

    kind: ClassVar[str] = "strike"
    rank: ClassVar[int] = 20

    def conflicts(self) -> list[Fault]:
        """Return a fault if notice was given after the strike began."""
        if self.notice_on is None or self.notice_on <= self.dates[0]:
            return []
        expected = f"a date up to the first of the strike, {self.dates[0]}"
        return [self.fault("notice_on", str(self.notice_on), expected, "Correct one of the two dates.")]

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the struck stretches lost, and their pools, members and cover added.

        ``InputError`` for unknown names, dates without sessions, nothing struck, too few posts to pool, or
        posts of the strike on leave on its dates.
        """
        units = _units(_of_employers(scenario.network, self.employers))
        faults = self._unknown(scenario.network, units)
        book = _of_employers(scenario.network, self.employers)
        faults += date_faults(type(self), book, self.dates)
        if faults:
            raise InputError(faults)
        sessions = held_sessions(scenario.network).filter(self._is_struck(units))
        faults = self._on_leave(scenario, sessions)
        if faults:
            raise InputError(faults)
        left, notes = taken(self, self.hours, scenario, sessions)
        scenario = scenario.replace(notes=(*scenario.notes, *notes))
        return self._with(scenario, left.join(sessions, on="session_id"), units)

    @classmethod
    def examples(cls, network: Network) -> list[Self]:
        """Return strikes planned as if nobody worked: the first day, and the first 17 hours of a day."""
        covered = held_sessions(network).filter(named("unit", sorted(_units(network))))
        early = covered.filter(pl.col("start").dt.hour() < 17)
        return [
            cls(dates=(day,), working=0.0, hours=hours, notice_on=day - timedelta(days=10))
            for sessions, hours in ((covered, "00:00-24:00"), (early, "00:00-17:00"))
            for day in sessions["date"].unique().sort().head(1)
        ]

    def _with(self, scenario: Scenario, struck: pl.DataFrame, units: set[str]) -> Scenario:
        places = pooled(struck, frozenset(scenario.pools["pool_id"]))
        pools = places.group_by("pool_id", "date").agg(pl.col("posts").sum())
        share = WorkingShare.of(self.working)
        pools = pools.with_columns(working_share=pl.lit(float(share.mean)), working=pl.lit(str(self.working)))
        pools = pools.select(*POOLS)
        if share.mean > 0 and (pools["posts"] < FEWEST_POSTS).any():
            raise InputError(self._too_few(pools))
        struck = struck.join(places.drop("posts"), on=["date", "clinic_id"])
        lost = lost_rows(struck, self.kind, pl.col("pool_id"))
        return scenario.replace(
            lost=pl.concat([scenario.lost, lost]).sort(*LOST),
            pools=pl.concat([scenario.pools, pools]).sort(*POOLS),
            members=pl.concat([scenario.members, places.select(*MEMBERS)]).sort(*MEMBERS),
            cover=pl.concat([scenario.cover, cover_rows(struck)]).sort(*COVER),
            notes=(*scenario.notes, *self._notes(struck, places, units)),
        )

    def _is_struck(self, units: set[str]) -> pl.Expr:
        # a unit's posts; or those of any unit; or, where the network knows of none, every post
        covered = named("unit", self.units or sorted(units))
        in_role = pl.col("clinician_id").is_null() | named("role", self.roles)
        at = named("clinic_id", self.clinics) & named("site_kind", self.site_kinds)
        at = at & named("employer", self.employers)
        return pl.col("date").is_in(list(self.dates)) & covered & in_role & at

    def _unknown(self, network: Network, units: set[str]) -> list[Fault]:
        faults = self.unknown("clinics", self.clinics, set(network.clinics["clinic_id"]))
        known = set(network.clinics["employer"].drop_nulls())
        faults += self.unknown("employers", self.employers, known)
        if units or not self.units:
            return faults + self.unknown("units", self.units, units)
        remedy = "Leave the units out to strike every post, or name the unit that covers each post."
        return [
            *faults,
            self.fault("units", ", ".join(self.units), "a network whose posts name units", remedy),
        ]

    def _on_leave(self, scenario: Scenario, sessions: pl.DataFrame) -> list[Fault]:
        away = scenario.lost.filter(pl.col("cause") == "leave").join(sessions, on="session_id")
        expected = "no leave of struck posts on a date of the strike: it would record who is absent that day"
        remedy = (
            "Leave the date out of the leave: these posts count in their pool, and the working share says "
            "how many posts are worked, for whatever reason the others are not."
        )
        return [
            Fault("changes", None, "leave.dates", str(day), expected, remedy)
            for day in away["date"].unique().sort()
        ]

    def _too_few(self, pools: pl.DataFrame) -> list[Fault]:
        remedy = (
            "Let the strike cover more posts of the employer on that date, or state a share of 0 for it, "
            "which plans as if nobody worked."
        )
        small = pools.filter(pl.col("posts") < FEWEST_POSTS).sort("date")
        expected = f"at least {FEWEST_POSTS}: of fewer, a working share would be a statement about persons"
        return [
            self.fault("working", f"{posts} struck posts in all on {day}", expected, remedy)
            for day, posts in small.select("date", "posts").iter_rows()
        ]

    def _notes(self, struck: pl.DataFrame, places: pl.DataFrame, units: set[str]) -> Iterator[Note]:
        about = self.kind
        if not units:
            text = "No post of the network is covered by a unit, so every post is taken as struck."
            yield Note("assumed", about, text, struck["session_id"].n_unique())
        teams = struck.filter(pl.col("clinician_id").is_null())["session_id"].n_unique()
        if self.roles and teams:
            yield Note("assumed", about, "Pooled teams count as every role, so they are struck too.", teams)
        idle = sorted(set(self.dates) - set(struck["date"]))
        if idle:
            text = f"No struck post has a session on {', '.join(map(str, idle))}."
            yield Note("found", about, text)
        if self.notice_on is not None:
            days = (self.dates[0] - self.notice_on).days
            yield Note(
                "found", about, f"Notice was given on {self.notice_on}, {days} days before the strike."
            )
        yield from _pool_notes(struck, places)


def _of_employers(network: Network, employers: Sequence[str]) -> Network:
    """Return ``network`` with the sessions at clinics of ``employers``, and who holds them, alone."""
    if not employers:
        return network
    sites = network.clinics.filter(named("employer", employers))
    sessions = network.sessions.join(sites, on="clinic_id", how="semi")
    holders = network.clinicians.join(sessions, on="clinician_id", how="semi")
    return network.replace(sessions=sessions, clinicians=holders)


def _units(network: Network) -> set[str]:
    teams = network.sessions.filter(pl.col("clinician_id").is_null())
    return {*network.clinicians["unit"].drop_nulls(), *teams["unit"].drop_nulls()}


def _pool_notes(struck: pl.DataFrame, places: pl.DataFrame) -> Iterator[Note]:
    small = places.filter(pl.col("posts") < FEWEST_POSTS).select("clinic_id").unique()
    sites = struck.select("clinic_id", (pl.col("lat") + pl.col("lon")).alias("place")).unique("clinic_id")
    placed = small.join(sites.drop_nulls("place"), on="clinic_id", how="semi").height
    few = f"fewer than {FEWEST_POSTS} struck posts"
    if placed:
        yield Note("derived", "pools", f"Clinics with {few} are pooled with the nearest ones.", placed)
    if small.height > placed:
        text = f"Clinics with {few} and no coordinates are pooled together: none is known to be near another."
        yield Note("assumed", "pools", text, small.height - placed)
