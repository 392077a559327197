"""Generated assignment instances with the structure of a strike day: clinics, clinicians, dates, pools."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tideover.engines.assignment import Problem

Ints = npt.NDArray[np.int64]


class Intervals(NamedTuple):
    """Intervals by clinician: whose they are, days from the strike, and how many bins are before theirs."""

    who: Ints
    date: Ints
    covers: int


def strike_day(
    visits: int = 10_000,
    intervals: int = 48_000,
    pairs: int = 1_950_000,
    *,
    free_over_demand: float | None = None,
    clinics: int = 60,
    seed: int = 1,
) -> Problem:
    """Return a strike day of ``visits`` affected visits of 1 or 2 units.

    ``free_over_demand`` sets the free units (intervals of 1 to 3 units and strike-day cover together) over
    the demanded units; without it ``intervals`` intervals are made. Clinics of ten clinicians, twenty
    dates; every visit may take its hour's strike-day cover, its own clinician's intervals, and some of her
    colleagues' and of three nearby clinics'. Levels: days past safe-by, not placed, burden.
    """
    rng = np.random.default_rng(seed)
    clinicians, dates, hours = 10 * clinics, 20, 9
    size = rng.choice([1, 2], visits, p=[0.5, 0.5]).astype(np.int64)
    own = rng.integers(0, clinicians, visits)
    hour = rng.integers(0, hours, visits)
    urgency = rng.choice(6, visits, p=[0.02, 0.08, 0.2, 0.3, 0.25, 0.15])
    weight = np.array([100, 50, 20, 10, 5, 2])[urgency]
    safe = np.array([0, 1, 7, 14, 28, 56])[urgency]

    pool = (own // 10) * hours + hour
    cover = np.floor(np.bincount(pool, weights=size, minlength=clinics * hours) * 0.2).astype(np.int64)
    if free_over_demand is None:
        amount = intervals - clinics * hours
    else:
        amount = round((free_over_demand * size.sum() - cover.sum()) / 1.9)
    capacity = np.concatenate([cover, rng.choice([1, 2, 3], amount, p=[0.35, 0.4, 0.25])])
    who = np.sort(rng.integers(0, clinicians, amount))
    date = rng.integers(-5, dates - 5, amount)
    date[date >= 0] += 1
    place = rng.uniform(0, 60, (clinics, 2))
    apart = np.ceil(np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))).astype(np.int64)
    near = np.argsort(apart, axis=1)[:, :4]

    free = Intervals(who, date, clinics * hours)
    per_visit = -(-pairs * 7 // (6 * visits))  # some drawn intervals are too short for the visit
    item, bins = _pairs(rng, own, pool, free, near, per_visit)
    fits = capacity[bins] >= size[item]  # some drawn intervals are too short
    item, bins = item[fits], bins[fits]
    cost = _costs(item, bins, free, own, weight, safe, apart)
    outside = np.stack(
        [weight * np.maximum(0, dates + 1 - safe), np.ones(visits, np.int64), weight * (dates + 1) + 40]
    )
    start = np.concatenate([[0], np.cumsum(np.bincount(item, minlength=visits))])
    return Problem(size=size, capacity=capacity, start=start, bin=bins, cost=cost, outside=outside)


def _pairs(
    rng: np.random.Generator, own: Ints, pool: Ints, intervals: Intervals, near: Ints, per_visit: int
) -> tuple[Ints, Ints]:
    """Return the items and bins of the pairs: the hour's cover, the own intervals, some of others."""
    first = np.searchsorted(intervals.who, np.arange(10 * len(near) + 1))
    of_clinic = np.searchsorted(intervals.who // 10, np.arange(len(near) + 1))
    rows = []
    for v in range(own.size):
        clinic = own[v] // 10
        mine = np.arange(first[own[v]], first[own[v] + 1])
        pool_of_others = np.concatenate([np.arange(of_clinic[c], of_clinic[c + 1]) for c in near[clinic]])
        want = max(per_visit - mine.size + 10, 0)
        others = rng.choice(pool_of_others, min(want, pool_of_others.size), replace=False)
        found = np.union1d(mine, others) + intervals.covers
        rows.append(np.concatenate([[pool[v]], found]).astype(np.int32))
    item = np.repeat(np.arange(own.size, dtype=np.int32), [len(r) for r in rows])
    return item, np.concatenate(rows)


def _costs(
    item: Ints, bins: Ints, intervals: Intervals, own: Ints, weight: Ints, safe: Ints, apart: Ints
) -> Ints:
    """Return the points (3, pairs) of each pair: days past safe-by, not placed, burden."""
    cost = np.empty((3, item.size), np.int32)
    for part in np.array_split(np.arange(item.size), max(1, item.size // 1_000_000)):
        v, j = item[part], bins[part]
        is_cover = j < intervals.covers
        at = np.where(is_cover, 0, j - intervals.covers)
        who, urgent = intervals.who[at], weight[v]
        days = np.where(is_cover, 0, intervals.date[at])
        journey = np.where(is_cover, 0, apart[own[v] // 10, who // 10])
        cost[0, part], cost[1, part] = urgent * np.maximum(0, days - safe[v]), 0
        cost[2, part] = urgent * np.abs(days) + 60 * (~is_cover & (who != own[v])) + 2 * journey
        cost[2, part] += 40 * ~is_cover
    return cost
