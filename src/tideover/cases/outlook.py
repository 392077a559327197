"""What many tried days say: how often, how much, where, and what the night before looks like (D8, D9)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from tideover.cases.days import COUNTS, Chances, DaysResult, try_days
from tideover.errors import Fault, InputError
from tideover.nouns import Policy, Scenario
from tideover.visits.book import open_book
from tideover.visits.cover import worked_quantile
from tideover.visits.days import WALK_IN_CLASS, Bools, Ints, StrikeDays, minutes_worked, seen, strike_days

#: The days that are told of one by one: one in twenty is worse, the middle one, one in twenty is better.
PERCENTILES = (5, 50, 95)
#: Pools that are listed, the worst first.
WORST = 10


def run_days(
    scenario: Scenario,
    policy: Policy,
    as_of: date,
    decisions: pl.DataFrame,
    chances: Chances,
    workers: int = 1,
) -> tuple[dict[str, Any], DaysResult]:
    """Return what ``chances.days`` tried days of the plan ``decisions`` say, and the days themselves.

    ``InputError`` where no posts are struck or it is known what will be held, as chance has no say then; and
    for figures of ``chances`` out of their bounds.
    """
    if scenario.pools.is_empty():
        expected, remedy = "a plan with struck posts", "Try the days of a plan of a strike."
        raise InputError([Fault("plan.json", None, "changes", "no strike", expected, remedy)])
    if not scenario.known.is_empty():
        expected, remedy = "a plan before the morning", "Try the days of the plan that was made before."
        found = "sessions that are known to be held"
        raise InputError([Fault("plan.json", None, "morning", found, expected, remedy)])
    days = strike_days(scenario, policy, open_book(scenario, policy, as_of), decisions)
    result = try_days(days, chances, workers)
    return outlook(days, result, policy.stand_quantile), result


def outlook(days: StrikeDays, result: DaysResult, quantile: float) -> dict[str, Any]:
    """Return what the tried days say, as plain JSON values.

    ``quantile`` is the policy's: on so low a count of posts visits stand.
    """
    dates = days.pools["date"].unique().sort().to_list()
    walk_ins = float(days.booked.sum()) * result.chances.walk_ins / 100
    return {
        "chances": asdict(result.chances),
        "expected_late_bookings": round(float(days.late.sum()), 3),
        "expected_walk_ins": round(walk_ins, 3),
        "dates": [_of_date(days, result, day, quantile) for day in dates],
        "worst_pools": _worst(result),
    }


def _of_date(days: StrikeDays, result: DaysResult, day: date, quantile: float) -> dict[str, Any]:
    rows, here = result.rows.filter(pl.col("date") == day), (days.pools["date"] == day).to_numpy()
    lost = rows["urgent_lost"].value_counts().sort("urgent_lost")
    return {
        "date": str(day),
        "posts": int(days.posts[here].sum()),
        "working_share": _spread(rows["working_share"]),
        "measures": {name: {**_spread(rows[name]), "days": int((rows[name] > 0).sum())} for name in COUNTS},
        "urgent_lost": [{"visits": visits, "days": number} for visits, number in lost.iter_rows()],
        "night_before": [_night_before(days, result, here, at, quantile) for at in PERCENTILES],
    }


def _spread(values: pl.Series) -> dict[str, Any]:
    ordered = values.sort()
    found = {f"p{at:02}": ordered[_rank(ordered.len(), at)] for at in PERCENTILES}
    return {"mean": round(float(np.mean(values.to_numpy())), 4)} | {
        name: round(value, 4) if isinstance(value, float) else value for name, value in found.items()
    }


def _rank(number: int, percentile: int) -> int:
    """Return the place, from 0, of the first of ``number`` sorted values that ``percentile`` % reach."""
    return -(-number * percentile // 100) - 1


def _night_before(
    days: StrikeDays, result: DaysResult, here: Bools, percentile: int, quantile: float
) -> dict[str, Any]:
    """Return what is to be told that evening, were it known what share is worked (D9).

    ``here`` (P,) marks the pools of the date. Visits are held for sure on the low ``quantile`` of each pool's
    posts at that share, those on standby up to its mean.
    """
    rows = result.rows.filter(pl.col("date") == days.pools["date"].filter(pl.Series(here))[0])
    posts = int(rows["posts"].sort()[_rank(rows.height, percentile)])
    share = round(posts / int(days.posts[here].sum()), 4)
    low = np.array([worked_quantile(quantile, number, str(share)) for number in days.posts.tolist()])
    sure = _expected(days, result.chances, minutes_worked(days, low[None]), here)
    mean = _expected(days, result.chances, days.reach[None] * round(share * 10_000) // 10_000, here)
    standby = sure["standby_held"] + sure["standby_lost"]
    waits = max(0, mean["standby_held"] - sure["standby_held"])
    return {
        "percentile": percentile,
        "posts": posts,
        "share": share,
        "sure_posts": int(low[here].sum()),
        "stand": sure["stand_due"] - sure["stand_lost"],
        "call_off": sure["stand_lost"],
        "standby_in": sure["standby_held"],
        "standby_waits": waits,
        "standby_out": standby - sure["standby_held"] - waits,
        "urgent_out": sure["urgent_lost"],
        "free_minutes": sure["idle_minutes"],
    }


def _expected(days: StrikeDays, chances: Chances, worked: Ints, here: Bools) -> dict[str, int]:
    """Return the figures of the pools ``here`` if all of the plan come, and of others as many as expected."""
    mean = days.late.copy()
    mean[:, :, WALK_IN_CLASS - 1] += days.booked * chances.walk_ins / 100
    whole = np.floor(np.cumsum(mean, axis=1) + 0.5).astype(np.int64)
    extra = np.diff(whole, axis=1, prepend=0)
    found = seen(days, worked, np.ones((1, days.pool.size), np.bool_), extra[None])
    return {name: int(values[0, here].sum()) for name, values in found.items()}


def _worst(result: DaysResult) -> list[dict[str, Any]]:
    """Return the pools in which most urgent visits are not seen, and after them most visits that stand."""
    ordered = result.pools.filter((pl.col("urgent_lost") > 0) | (pl.col("stand_lost") > 0)).sort(
        "urgent_lost", "stand_lost", "date", "pool_id", descending=[True, True, False, False]
    )
    number = result.chances.days
    return [
        {
            "pool_id": row["pool_id"],
            "date": str(row["date"]),
            "posts": row["posts"],
            "urgent_days": row["urgent_days"],
            **{f"{name}_mean": round(row[name] / number, 4) for name in ("urgent_lost", "stand_lost")},
            "idle_minutes_mean": round(row["idle_minutes"] / number, 1),
        }
        for row in ordered.head(WORST).iter_rows(named=True)
    ]
