"""What a pool holds in each hour of its strike day, on posts that are sure and on standby; (14), (15)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from tideover.verify.bins import give_up, whole_units
from tideover.verify.case import Case
from tideover.verify.posts import low_quantile
from tideover.verify.reserve import Reserve


@dataclass(frozen=True)
class Cover:
    """The units of one hour of a pool's strike day on which visits stand, or wait on standby.

    ``clinic_id`` is the site at which visits stand; empty for the pool as a whole, and for standby.
    """

    pool_id: str
    date: date
    hour: int
    option: str
    units: int
    clinic_id: str | None = None


@dataclass(frozen=True)
class Pool:
    """The posts of a pool on one date, split into those on which visits stand and those for standby."""

    pool_id: str
    date: date
    posts: int
    working_share: float
    working: str
    stand_posts: int
    standby_posts: int
    clinics: tuple[str, ...]


def pools(case: Case) -> list[Pool]:
    """Return the pools with their posts for standing and for standby, by (date, pool_id); (14)."""
    clinics = defaultdict(set)
    for row in case.scenario.members.iter_rows(named=True):
        clinics[row["pool_id"], row["date"]].add(row["clinic_id"])
    found = []
    for row in case.scenario.pools.sort("date", "pool_id").iter_rows(named=True):
        posts, share = row["posts"], row["working_share"]
        known = _known(case, row["pool_id"], row["date"])
        stand = low_quantile(case.policy.stand_quantile, posts, row["working"])
        standby = max(0, math.floor(posts * share + 1e-9) - stand)
        if known is not None:
            of_pool = case.scenario.cover.filter(pool_id=row["pool_id"], date=row["date"])
            whole = sum(of_pool["scheduled_minutes"])
            stand, standby = (posts * sum(known.values()) // whole if whole else 0), 0
        members = tuple(sorted(clinics[row["pool_id"], row["date"]]))
        found.append(Pool(row["pool_id"], row["date"], posts, share, row["working"], stand, standby, members))
    return found


def stand_units(case: Case, pool: Pool, reserve: Reserve | None) -> dict[int, int]:
    """Return the stand units of each hour of the pool, in order; ``None`` for no reserve; (15)."""
    scheduled = _scheduled(case, pool)
    known = _known(case, pool.pool_id, pool.date)
    if known is None:
        units = _hourly_units(list(scheduled.values()), pool.stand_posts, pool.posts * case.unit)
    else:
        units = _hourly_units([known.get(hour, 0) for hour in scheduled], 1, case.unit)
    if reserve is not None:
        expected = sum((reserve.minutes(clinic, pool.date) for clinic in pool.clinics), Fraction(0))
        units = give_up(units, whole_units(expected, case.unit), 1)
    return dict(zip(scheduled, units, strict=True))


def cover(case: Case, reserve: Reserve) -> list[Cover]:
    """Return the units of every pool, date and hour, sites and pins left aside; (15)."""
    found = []
    for pool in pools(case):
        scheduled = _scheduled(case, pool)
        waiting = _hourly_units(list(scheduled.values()), pool.standby_posts, pool.posts * case.unit)
        standby = dict(zip(scheduled, waiting, strict=True))
        for option, by_hour in (("stand", stand_units(case, pool, reserve)), ("standby", standby)):
            found += [Cover(pool.pool_id, pool.date, h, option, n) for h, n in by_hour.items() if n]
    return found


def _scheduled(case: Case, pool: Pool) -> dict[int, int]:
    rows = case.scenario.cover.filter(pool_id=pool.pool_id, date=pool.date).sort("hour")
    return dict(rows.select("hour", "scheduled_minutes").iter_rows())


def _known(case: Case, pool_id: str, day: date) -> dict[int, int] | None:
    """Return the minutes of each hour that are held, where that is known; (30)."""
    rows = case.scenario.known.filter(pool_id=pool_id, date=day)
    return None if rows.is_empty() else dict(rows.select("hour", "held_minutes").iter_rows())


def _hourly_units(minutes: Sequence[int], posts: int, whole: int) -> list[int]:
    so_far, before, units = 0, 0, []
    for scheduled in minutes:
        so_far += scheduled
        now = so_far * posts // whole
        units.append(now - before)
        before = now
    return units


def pinned_units(case: Case, option: str) -> dict[tuple[str, date, int, str], int]:
    """Return the units that visits pinned to ``option`` take, by pool, date, hour and booked clinic."""
    taken: dict[tuple[str, date, int, str], int] = defaultdict(int)
    for pin in case.pins.values():
        visit = case.visits.get(pin.visit_id)
        if visit and visit.pool_id is not None and pin.option == option:
            taken[visit.pool_id, visit.day, visit.start.hour, visit.clinic_id] += case.size(visit)
    return taken


def standby_left(case: Case, whole: Sequence[Cover]) -> list[Cover]:
    """Return the standby bins of ``whole`` without what pinned visits take, never below 0; (16)."""
    used: dict[tuple[str, date, int], int] = defaultdict(int)
    for (pool_id, day, hour, _), units in pinned_units(case, "standby").items():
        used[pool_id, day, hour] += units
    left = [
        replace(one, units=max(0, one.units - used[one.pool_id, one.date, one.hour]))
        for one in whole
        if one.option == "standby"
    ]
    return [one for one in left if one.units]
