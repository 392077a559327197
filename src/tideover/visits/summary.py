"""What the plan states beside its decisions: counts, pools, hours, safe cover, levels, later visits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl

from tideover.engines.assignment import Level, Solution
from tideover.nouns import Policy, Scenario
from tideover.nouns.plan import MOVED
from tideover.travel import counts as journey_counts
from tideover.visits.book import IN_SESSION, Book
from tideover.visits.cover import cover_bins, posts_worked
from tideover.visits.intervals import open_intervals
from tideover.visits.licences import kept_from_video
from tideover.visits.problem import StrikeDay
from tideover.visits.safe_cover_facts import unsafe_urgent

SCOPE = (
    "sites, posts and visits together: the bound is over all ways to send the posts of each pool to its "
    "sites, and all assignments of the affected visits to the open intervals and the cover of this scenario; "
    "posts outside the unit work where their sessions are"
)


def summary(
    scenario: Scenario,
    policy: Policy,
    book: Book,
    day: StrikeDay,
    decisions: pl.DataFrame,
    known: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the facts of the plan that follow from its decisions, as plain JSON values.

    ``known`` are those that are there already.
    """
    cover = cover_bins(scenario, policy, book)
    return {
        "as_of": str(book.as_of),
        "unit_minutes": book.unit,
        "window": [str(book.first), str(book.last)],
        "counts": counts(decisions),
        "pools": _pools(scenario, policy),
        "sites": _sites(day),
        "hours": _hours(decisions, cover),
        "terms": {term: int(decisions[term].sum()) for term in policy.terms},
        "problem": {"bins": int(day.problem.capacity.size), "pairs": int(day.problem.bin.size)},
        "scope": SCOPE,
        **(known or _slow(scenario, policy, book, day, decisions)),
    }


def _slow(
    scenario: Scenario, policy: Policy, book: Book, day: StrikeDay, decisions: pl.DataFrame
) -> dict[str, Any]:
    return {
        "travel": journey_counts(scenario.network, decisions, policy),
        "kept_from_video": kept_from_video(day),
        "later": later(scenario, policy, book, decisions),
    }


def counts(decisions: pl.DataFrame) -> dict[str, int]:
    """Return how many booked visits there are, and what becomes of them."""
    option = decisions["option"]
    return {
        "booked": decisions.height,
        "affected": int(decisions["affected"].sum()),
        "stand": int((option == "stand").sum()),
        "another_site": int((option == "another_site").sum()),
        "standby": int((option == "standby").sum()),
        "moved": int(option.is_in(list(MOVED)).sum()),
        "video": int((option == "video").sum()),
        "urgent_care": int((option == "urgent_care").sum()),
        "waitlist": int((option == "waitlist").sum()),
        "unsafe_urgent": unsafe_urgent(decisions).height,
    }


def _pools(scenario: Scenario, policy: Policy) -> list[dict[str, Any]]:
    clinics = scenario.members.group_by("pool_id", "date").agg(pl.col("clinic_id").sort().alias("clinics"))
    pools = (
        posts_worked(scenario, policy)
        .join(clinics, on=["pool_id", "date"], how="left")
        .sort("pool_id", "date")
    )
    return [row | {"date": str(row["date"])} for row in pools.iter_rows(named=True)]


def _sites(day: StrikeDay) -> list[dict[str, Any]]:
    """Return how many posts each site gets, how many outside the pool work there, and whether it opens."""
    rows = []
    for desk, sent in zip(day.desks, day.posts or (), strict=True):
        for site, posts in zip(desk.sites.iter_rows(named=True), sent.tolist(), strict=True):
            rows.append(
                {
                    "pool_id": desk.pool_id,
                    "date": str(desk.date),
                    "clinic_id": site["clinic_id"],
                    "posts": posts,
                    "outside": site["outside"],
                    "fewest": site["fewest"],
                    "opens": posts > 0 or site["outside"] >= site["fewest"],
                }
            )
    return rows


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
    cost, bound = own + extra, max(0, solution.total_bound) + extra
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
    scenario: Scenario, policy: Policy, book: Book, decisions: pl.DataFrame
) -> dict[str, dict[str, int]] | None:
    """Return how many of the visits that the book gained after the as-of date the plan's room would hold.

    Counted in units, most urgent first, until the first that does not fit: in struck sessions against the
    pool's cover of the day, elsewhere against the free intervals of the clinic and date; the reserve and what
    else the plan left free. ``None`` if the book gained none up to the last new date.
    """
    day = pl.col("start").dt.date().alias("date")
    unseen = scenario.network.visits.join(book.seen, on="visit_id", how="anti").with_columns(day)
    unseen = unseen.filter(pl.col("date").is_between(book.as_of, book.last, closed="right"))
    if unseen.is_empty():
        return None
    struck = unseen.join(scenario.lost, on="session_id").filter(
        (pl.col("from") <= pl.col("start")) & (pl.col("start") < pl.col("until"))
    )
    others = unseen.join(struck, on="visit_id", how="anti")
    in_pool, at_clinic = ["pool_id", "date"], ["clinic_id", "date"]
    cover = cover_bins(scenario, policy, book, reserve=False).select(*in_pool, pl.col("stand").alias("room"))
    held = decisions.filter(
        pl.col("affected") & pl.col("option").is_in(["stand", "another_site"])
    ).with_columns(day)
    # no visit moves to a date before the first new one, but what is booked later must fit there too
    whole = replace(book, first=book.as_of + timedelta(days=1))
    gaps = open_intervals(scenario, policy, whole, reserve=False)
    gaps = gaps.select(*at_clinic, pl.col("units").alias("room"))
    # pinned visits and kept places are not among the gaps, so they take nothing from them
    moved = decisions.filter(pl.col("option").is_in(list(IN_SESSION))).join(
        book.pins, on="visit_id", how="anti"
    )
    kept = book.kept.select(pl.col("session_id").alias("new_session_id"), pl.col("start").alias("new_start"))
    moved = moved.join(kept, on=["new_session_id", "new_start"], how="anti")
    moved = moved.select(
        pl.col("new_clinic_id").alias("clinic_id"), pl.col("new_start").dt.date().alias("date"), "minutes"
    )
    return {
        "strike_day": _met(struck, _left(cover, held, in_pool, book.unit), in_pool, book.unit),
        "other_days": _met(others, _left(gaps, moved, at_clinic, book.unit), at_clinic, book.unit),
    }


def _left(room: pl.DataFrame, taken: pl.DataFrame, by: list[str], unit: int) -> pl.DataFrame:
    """Return the units by ``by`` that ``taken`` visits leave of ``room``."""
    whole = room.group_by(by).agg(pl.col("room").sum())
    used = taken.group_by(by).agg((pl.col("minutes") // unit).sum().alias("used"))
    left = (pl.col("room") - pl.col("used").fill_null(0)).alias("left")
    return whole.join(used, on=by, how="left").select(*by, left)


def _met(visits: pl.DataFrame, left: pl.DataFrame, by: list[str], unit: int) -> dict[str, int]:
    size = (pl.col("minutes") + unit - 1) // unit
    queue = visits.sort("urgency", "booked_on", "visit_id")
    queue = queue.with_columns(size.cum_sum().over(by).alias("reached")).join(left, on=by, how="left")
    met = queue.filter(pl.col("reached") <= pl.col("left")).height
    return {"visits": visits.height, "met": met, "not_met": visits.height - met}
