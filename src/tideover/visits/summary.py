"""What the plan states beside its decisions: counts, pools, hours, safe cover, levels, visits still to come."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from tideover.engines.assignment import Level, Solution
from tideover.nouns import Policy, Scenario
from tideover.nouns.plan import MOVED
from tideover.visits.book import Book
from tideover.visits.cover import cover_bins, posts_worked
from tideover.visits.intervals import open_intervals
from tideover.visits.problem import StrikeDay

SCOPE = (
    "given these sites: the bound is over all assignments of the affected visits to the open intervals and the "
    "cover of this scenario; which sites open and where posts outside the unit work is not decided here"
)
#: Length of a session in the count of safe cover, in minutes: half a clinic day.
SESSION_MINUTES = 240
URGENT_TO = 2


def summary(
    scenario: Scenario, policy: Policy, book: Book, day: StrikeDay, decisions: pl.DataFrame
) -> dict[str, Any]:
    """Return the facts of the plan that follow from its decisions, as plain JSON values."""
    cover = cover_bins(scenario, policy, book)
    return {
        "as_of": str(book.as_of),
        "unit_minutes": book.unit,
        "window": [str(book.first), str(book.last)],
        "counts": counts(decisions),
        "minimum_safe_cover": safe_cover(decisions),
        "pools": _pools(scenario, policy),
        "hours": _hours(decisions, cover),
        "terms": {term: int(decisions[term].sum()) for term in policy.terms},
        "problem": {"bins": int(day.problem.capacity.size), "pairs": int(day.problem.bin.size)},
        "scope": SCOPE,
        "later": later(scenario, policy, book, decisions, cover),
    }


def counts(decisions: pl.DataFrame) -> dict[str, int]:
    """Return how many booked visits there are, and what becomes of them."""
    option = decisions["option"]
    return {
        "booked": decisions.height,
        "affected": int(decisions["affected"].sum()),
        "stand": int((option == "stand").sum()),
        "standby": int((option == "standby").sum()),
        "moved": int(option.is_in(list(MOVED)).sum()),
        "video": int((option == "video").sum()),
        "urgent_care": int((option == "urgent_care").sum()),
        "waitlist": int((option == "waitlist").sum()),
        "unsafe_urgent": unsafe_urgent(decisions).height,
    }


def unsafe_urgent(decisions: pl.DataFrame) -> pl.DataFrame:
    """Return the urgent visits (urgency 1 or 2) that are held after their safe-by date or not placed."""
    late = pl.col("new_start").dt.date() > pl.col("safe_by")
    return decisions.filter((pl.col("urgency") <= URGENT_TO) & (pl.col("new_start").is_null() | late))


def safe_cover(decisions: pl.DataFrame) -> dict[str, Any]:
    """Return the extra half-day sessions by pool that would hold the urgent visits that are unsafe now."""
    unsafe = unsafe_urgent(decisions).with_columns(pl.col("start").dt.date().alias("date"))
    by_pool = [
        {
            "pool_id": pool,
            "date": str(day),
            "visits": visits,
            "minutes": minutes,
            "sessions": math.ceil(minutes / SESSION_MINUTES),
        }
        for pool, day, visits, minutes in unsafe.group_by("pool_id", "date")
        .agg(pl.len(), pl.col("minutes").sum())
        .sort("pool_id", "date")
        .iter_rows()
    ]
    method = (
        f"whole sessions of {SESSION_MINUTES} minutes that hold the urgent visits this plan leaves unsafe, pool by "
        "pool: enough, and perhaps more than the fewest"
    )
    return {"sessions": sum(row["sessions"] for row in by_pool), "by_pool": by_pool, "method": method}


def _pools(scenario: Scenario, policy: Policy) -> list[dict[str, Any]]:
    clinics = scenario.members.group_by("pool_id", "date").agg(pl.col("clinic_id").sort().alias("clinics"))
    pools = (
        posts_worked(scenario, policy)
        .join(clinics, on=["pool_id", "date"], how="left")
        .sort("pool_id", "date")
    )
    return [row | {"date": str(row["date"])} for row in pools.iter_rows(named=True)]


def _hours(decisions: pl.DataFrame, cover: pl.DataFrame) -> list[dict[str, Any]]:
    by = ["date", "hour"]
    visits = decisions.with_columns(
        pl.col("start").dt.date().alias("date"), pl.col("start").dt.hour().cast(pl.Int64).alias("hour")
    )
    seen = visits.group_by(by).agg(
        pl.len().cast(pl.Int64).alias("booked"),
        pl.col("affected").sum().cast(pl.Int64),
        (pl.col("option") == "stand").sum().cast(pl.Int64).alias("stand"),
        (pl.col("option") == "standby").sum().cast(pl.Int64).alias("standby"),
    )
    units = cover.group_by(by).agg(pl.col("stand").sum().alias("stand_units"))
    table = seen.join(units, on=by, how="full", coalesce=True).sort(by)
    table = table.with_columns(pl.exclude(by).fill_null(0))
    return [row | {"date": str(row["date"])} for row in table.iter_rows(named=True)]


def levels(policy: Policy, solution: Solution, decisions: pl.DataFrame, book: Book) -> dict[str, Any]:
    """Return cost, bound and gap of every level, pinned visits included on both sides."""
    pinned = decisions.join(book.pinned, on="visit_id", how="semi")
    fixed = [int(sum(pinned[term].sum() for term in terms)) for terms in policy.levels]
    rows = [
        _level(terms, level, fixed[at])
        for at, (terms, level) in enumerate(zip(policy.levels, solution.levels, strict=True))
    ]
    last = solution.levels[-1]
    own = sum(w * level.cost for w, level in zip(last.weights, solution.levels, strict=True))
    extra = sum(w * cost for w, cost in zip(last.weights, fixed, strict=True))
    cost, bound = own + extra, solution.total_bound + extra
    return {"levels": rows, "cost": cost, "bound": bound, "gap": _share(cost, bound)}


def _level(terms: tuple[str, ...], level: Level, fixed: int) -> dict[str, Any]:
    cost, bound = level.cost + fixed, level.bound + fixed
    return {
        "name": "+".join(terms),
        "terms": list(terms),
        "weights": list(level.weights),
        "cost": cost,
        "bound": bound,
        "gap": cost - bound,
        "gap_share": _share(cost, bound),
        "first_come": level.first_come + fixed,
    }


def _share(cost: int, bound: int) -> float:
    return (cost - bound) / cost if cost > bound else 0.0


def later(
    scenario: Scenario, policy: Policy, book: Book, decisions: pl.DataFrame, cover: pl.DataFrame
) -> dict[str, Any] | None:
    """Return how many of the visits that the book gained after the as-of date the plan's room would hold.

    Counted in units, most urgent first: on strike dates in struck sessions against the pool's cover (reserve
    and what is left), elsewhere against the free intervals of the clinic and date. ``None`` if the book ends at
    the as-of date.
    """
    unseen = scenario.network.visits.join(book.seen, on="visit_id", how="anti").with_columns(
        pl.col("start").dt.date().alias("date")
    )
    unseen = unseen.filter(pl.col("date").is_between(book.as_of, book.last, closed="right"))
    if unseen.is_empty():
        return None
    struck = unseen.join(scenario.lost, on="session_id").filter(
        (pl.col("from") <= pl.col("start")) & (pl.col("start") < pl.col("until"))
    )
    others = unseen.join(struck, on="visit_id", how="anti")
    whole = cover_bins(scenario, policy, book, reserve=False)
    room = whole.group_by("pool_id", "date").agg(pl.col("stand").sum().alias("room"))
    held = decisions.filter(pl.col("affected") & (pl.col("option") == "stand")).with_columns(
        pl.col("start").dt.date().alias("date")
    )
    strike_day = _met(
        struck, room, _used(held, ["pool_id", "date"], book.unit), ["pool_id", "date"], book.unit
    )
    gaps = open_intervals(scenario, policy, book, reserve=False)
    room = gaps.group_by("clinic_id", "date").agg(pl.col("units").sum().alias("room"))
    moved = decisions.filter(pl.col("affected") & ~pl.col("option").is_in(["stand", "standby", "waitlist"]))
    moved = moved.select(
        pl.col("new_clinic_id").alias("clinic_id"), pl.col("new_start").dt.date().alias("date"), "minutes"
    )
    other_days = _met(
        others, room, _used(moved, ["clinic_id", "date"], book.unit), ["clinic_id", "date"], book.unit
    )
    return {"strike_day": strike_day, "other_days": other_days}


def _used(visits: pl.DataFrame, by: list[str], unit: int) -> pl.DataFrame:
    return visits.group_by(by).agg((pl.col("minutes") // unit).sum().alias("used"))


def _met(
    visits: pl.DataFrame, room: pl.DataFrame, used: pl.DataFrame, by: list[str], unit: int
) -> dict[str, int]:
    left = room.join(used, on=by, how="left").with_columns(
        (pl.col("room") - pl.col("used").fill_null(0)).alias("left")
    )
    size = (pl.col("minutes") + unit - 1) // unit
    queue = visits.sort("urgency", "booked_on", "visit_id").with_columns(
        size.cum_sum().over(by).alias("reached")
    )
    queue = queue.join(left, on=by, how="left").with_columns(pl.col("left").fill_null(0))
    met = queue.filter(pl.col("reached") <= pl.col("left")).height
    return {"visits": visits.height, "met": met, "not_met": visits.height - met}
