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
from tideover.visits.days import CLASSES, StrikeDays, seen, strike_days

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

    ``InputError`` where no posts are struck: then nothing is left to chance here; and for figures of
    ``chances`` out of their bounds.
    """
    if scenario.pools.is_empty():
        expected, remedy = "a plan with struck posts", "Try the days of a plan of a strike."
        raise InputError([Fault("plan.json", None, "changes", "no strike", expected, remedy)])
    days = strike_days(scenario, policy, open_book(scenario, policy, as_of), decisions)
    result = try_days(days, chances, workers)
    return outlook(days, result), result


def outlook(days: StrikeDays, result: DaysResult) -> dict[str, Any]:
    """Return what the tried days say, as plain JSON values."""
    dates = days.pools["date"].unique().sort().to_list()
    walk_ins = float(days.booked.sum()) * result.chances.walk_ins / 100
    return {
        "chances": asdict(result.chances),
        "expected_late_bookings": round(float(days.late.sum()), 3),
        "expected_walk_ins": round(walk_ins, 3),
        "dates": [_of_date(days, result.rows.filter(pl.col("date") == day), day) for day in dates],
        "worst_pools": _worst(result),
    }


def _of_date(days: StrikeDays, rows: pl.DataFrame, day: date) -> dict[str, Any]:
    lost = rows["urgent_lost"].value_counts().sort("urgent_lost")
    return {
        "date": str(day),
        "posts": int(days.pools.filter(pl.col("date") == day)["posts"].sum()),
        "working_share": _spread(rows["working_share"]),
        "measures": {name: {**_spread(rows[name]), "days": int((rows[name] > 0).sum())} for name in COUNTS},
        "urgent_lost": [{"visits": visits, "days": number} for visits, number in lost.iter_rows()],
        "night_before": [_night_before(days, rows, day, percentile) for percentile in PERCENTILES],
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


def _night_before(days: StrikeDays, rows: pl.DataFrame, day: date, percentile: int) -> dict[str, Any]:
    """Return what is to be told that evening, were it known that as many posts as at this percentile work.

    Every pool then has the same share of its minutes, and exactly the visits of the plan come.
    """
    here = (days.pools["date"] == day).to_numpy()
    posts = int(rows["posts"].sort()[_rank(rows.height, percentile)])
    of_all = int(days.posts[here].sum())
    present = np.ones((1, days.pool.size), np.bool_)
    nobody = np.zeros((1, *days.reach.shape, CLASSES), np.int64)
    found = seen(days, days.reach[None] * posts // of_all, present, nobody)
    names = {
        "stand": "stand_due",
        "call_off": "stand_lost",
        "standby_in": "standby_held",
        "standby_out": "standby_lost",
        "urgent_out": "urgent_lost",
        "free_minutes": "idle_minutes",
    }
    sums = {name: int(found[count][0, here].sum()) for name, count in names.items()}
    sums["stand"] -= sums["call_off"]
    return {"percentile": percentile, "posts": posts, "share": round(posts / of_all, 4), **sums}


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
