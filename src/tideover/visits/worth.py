"""What one more session would be worth: at least by who would stand in it, at most by prices (W1 to W4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from tideover.engines.assignment import Solution, gains_by_room
from tideover.nouns import Policy
from tideover.visits.book import IN_SESSION, Book
from tideover.visits.extra import standing_points
from tideover.visits.facts import Bools, Ints
from tideover.visits.packs import SESSION_HOURS, SESSION_MINUTES, role_sets, starts_of
from tideover.visits.problem import StrikeDay
from tideover.visits.rules import kind_suits, near_enough
from tideover.visits.sites import Desk, staffed_with_one_more

METHOD = (
    f"one more session of {SESSION_MINUTES} minutes, held at the site of the pool where it saves most: at "
    "least what the visits save that would then stand, all others as planned; at most what the prices leave "
    "open that prove the plan's bound"
)


@dataclass(frozen=True)
class _Spot:
    """A site of a pool on a date, and the visits (rows) that may stand there in some session.

    ``saved`` (levels, v) are the points that each saves by it; ``gain`` (v,) their weighted sum, 0 for who
    may not be held; ``room`` (levels, v) is what each gains at most at the prices of each level.
    """

    clinic_id: str
    rows: Ints
    saved: Ints
    gain: Ints
    room: Ints


@dataclass(frozen=True)
class _Session:
    """The hours of a session and the visits (a mask of all rows) that those who hold it may see."""

    hour: int
    seen: Bools


def worth_of_sessions(
    policy: Policy,
    book: Book,
    day: StrikeDay,
    plan: tuple[pl.DataFrame, Solution, Sequence[int]],
    cover: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what one more session saves, by pool, date, half day and roles, as plain JSON values.

    ``plan`` are its decisions, its solution, and B_l of each level by the solution's prices (17); ``cover``
    is its minimum safe cover.
    """
    board = _Board(policy, book, day, *plan)
    hours = {
        (row["pool_id"], row["date"]): {int(one["start"][:2]) for one in row["by_role"]}
        for row in cover["by_pool"]
    }
    rows = [
        row
        for desk, posts in zip(day.desks, day.posts or (), strict=True)
        for row in board.of_desk(desk, posts, hours.get((desk.pool_id, str(desk.date)), set()))
    ]
    rows.sort(key=lambda row: (row["pool_id"], row["date"], row["start"], row["roles"]))
    names = ["+".join(level) for level in policy.levels]
    return {"session_minutes": SESSION_MINUTES, "levels": names, "sessions": rows, "method": METHOD}


@dataclass(frozen=True)
class _Board:
    """A plan, and what each of its visits costs now."""

    policy: Policy
    book: Book
    day: StrikeDay
    decisions: pl.DataFrame
    solution: Solution
    bounds: Sequence[int]

    def of_desk(self, desk: Desk, posts: Ints, more: set[int]) -> Iterator[dict[str, Any]]:
        """Yield the worth of every session of a pool on a date; ``more`` are further hours to start at."""
        visits = self.day.visits
        own = (visits["pool_id"] == desk.pool_id) & (visits["date"] == desk.date) & visits["affected"]
        mine = own.fill_null(value=False).to_numpy()
        sites = staffed_with_one_more(desk, posts)
        if not mine.any() or not sites:
            return
        spots = [self._spot(site, np.flatnonzero(mine)) for site in sites]
        first, *others = starts_of(desk.hours.tolist())
        for roles, may in role_sets(visits.filter(pl.Series(mine))["kind"].to_list(), self.policy).items():
            seen = np.array([kind in may for kind in visits["kind"].to_list()], np.bool_)
            for hour in sorted({first, *others[-1:], *more}):
                found = self._worth(_Session(hour, seen), spots)
                when = {"start": f"{hour:02}:00", "end": f"{hour + SESSION_HOURS:02}:00"}
                whose = {"pool_id": desk.pool_id, "date": str(desk.date), "roles": list(roles)}
                yield whose | when | found

    def _spot(self, clinic_id: str, rows: Ints) -> _Spot:
        facts = self.day.facts
        site = facts.clinic_ids.index(clinic_id)
        there = np.full(rows.size, site)
        rows = rows[near_enough(facts, rows, there) & kind_suits(facts, rows, there)]
        rows = rows[~self._declined(clinic_id)[rows] | (facts.visit_clinic[rows] == site)]
        cost = standing_points(self.day, rows, np.full(rows.size, site))
        saved = self._now[:, rows] - cost
        weights = np.asarray(self.solution.levels[-1].weights, np.int64)
        room = np.zeros_like(saved)
        for at, level in enumerate(self.solution.levels):
            some = np.asarray(level.weights, np.int64)
            price = np.minimum(level.price[rows], some @ self.day.problem.outside[: at + 1, rows])
            room[at] = price - some @ cost[: at + 1]
        return _Spot(clinic_id, rows, saved, np.where(self._moved_too[rows], 0, weights @ saved), room)

    def _worth(self, session: _Session, spots: Sequence[_Spot]) -> dict[str, Any]:
        best = max(spots, key=lambda spot: self._most(session, spot, spot.gain))
        held = np.concatenate([self._fullest(best, own, units) for own, units in self._hours(session, best)])
        saved = [int(points) for points in best.saved[:, held].sum(axis=1)]
        levels = range(len(self.bounds))
        room = [max(self._most(session, spot, spot.room[level]) for spot in spots) for level in levels]
        may: set[int] = set()
        for spot in spots:
            for own, units in self._hours(session, spot):
                may.update(spot.rows[own][self.day.problem.size[spot.rows[own]] <= units].tolist())
        return {
            "clinic_id": best.clinic_id,
            "visits": len(may),
            "at_least": saved,
            "at_most": self._at_most(room, saved),
            "held": sorted(self.day.visits["visit_id"].gather(best.rows[held]).to_list()),
        }

    def _at_most(self, room: Sequence[int], saved: Sequence[int]) -> list[int]:
        """Return the most that can be saved on each level by plans that save ``saved`` on those before."""
        found, costs = [], [level.cost for level in self.solution.levels]
        for at, level in enumerate(self.solution.levels):
            whole = sum(w * cost for w, cost in zip(level.weights, costs, strict=False))
            before = sum(w * less for w, less in zip(level.weights[:-1], saved, strict=False))
            found.append(min(costs[at], (whole - self.bounds[at] + room[at] - before) // level.weights[-1]))
        return found

    def _most(self, session: _Session, spot: _Spot, gain: Ints) -> int:
        """Return the most that visits with these gains (v,) gain in the session at a site."""
        size = self.day.problem.size[spot.rows]
        return sum(
            int(gains_by_room(size[own], gain[own], units)[-1]) for own, units in self._hours(session, spot)
        )

    def _fullest(self, spot: _Spot, own: Ints, units: int) -> Ints:
        """Return which visits of an hour (``own``, places in ``spot``) gain most together."""
        size = self.day.problem.size[spot.rows]
        best: list[tuple[int, list[int]]] = [(0, [])] * (units + 1)
        # of each size, no more can be of use than fit, those that gain most
        for one in np.unique(size[own]).tolist():
            same = own[(size[own] == one) & (spot.gain[own] > 0)]
            for item in same[np.argsort(-spot.gain[same], kind="stable")][: units // one].tolist():
                for left in range(units, one - 1, -1):
                    before, held = best[left - one]
                    if before + int(spot.gain[item]) > best[left][0]:
                        best[left] = (before + int(spot.gain[item]), [*held, item])
        return np.array(best[units][1], np.int64)

    def _hours(self, session: _Session, spot: _Spot) -> Iterator[tuple[Ints, int]]:
        """Yield for each hour the places in ``spot`` of the visits that may stand in it, and its units."""
        seen = session.seen[spot.rows]
        for at in range(SESSION_HOURS):
            units = 60 * (at + 1) // self.book.unit - 60 * at // self.book.unit
            yield np.flatnonzero(seen & (self._hour[spot.rows] == session.hour + at)), units

    @cached_property
    def _now(self) -> Ints:
        """The points of each visit by level in the plan, (levels, visits)."""
        names = self.day.visits.select("visit_id")
        own = names.join(self.decisions, on="visit_id", how="left", maintain_order="left")
        sums = [own.select(pl.sum_horizontal(*terms)).to_series().to_numpy() for terms in self.policy.levels]
        return np.stack(sums).astype(np.int64)

    @cached_property
    def _hour(self) -> Ints:
        found: Ints = self.day.visits["start"].dt.hour().to_numpy().astype(np.int64)
        return found

    @cached_property
    def _moved_too(self) -> Bools:
        """Which visits are of a patient with another visit that the plan puts into an open interval."""
        moved = self.decisions.filter(pl.col("option").is_in(list(IN_SESSION))).select(
            "visit_id", "patient_id"
        )
        both = self.day.visits.select("visit_id", "patient_id").join(
            moved.drop_nulls("patient_id"), on="patient_id", suffix="_moved"
        )
        barred = both.filter(pl.col("visit_id") != pl.col("visit_id_moved"))["visit_id"]
        found: Bools = self.day.visits["visit_id"].is_in(barred.implode()).to_numpy()
        return found

    def _declined(self, clinic_id: str) -> Bools:
        """Return which visits' patients declined to be seen at a site (R13)."""
        log = self.book.log.filter(
            pl.col("answer") == "declined",
            pl.col("option") == "another_site",
            pl.col("clinic_id") == clinic_id,
        )
        found: Bools = self.day.visits["visit_id"].is_in(log["visit_id"].implode()).to_numpy()
        return found
