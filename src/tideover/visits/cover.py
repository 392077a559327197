"""Cover on the strike day: what a pool can hold or keep waiting in each hour (formulation 14 to 16)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import polars as pl

from tideover.chance import beta_binomial_quantile, binomial_quantile
from tideover.nouns import Policy, Scenario
from tideover.nouns.share import WorkingShare
from tideover.visits.book import Book
from tideover.visits.intervals import Ints, keep, reserves, units_of

COVER_BINS = {
    "pool_id": pl.String(),
    "date": pl.Date(),
    "hour": pl.Int64(),
    "stand": pl.Int64(),
    "standby": pl.Int64(),
}


def posts_worked(scenario: Scenario, policy: Policy) -> pl.DataFrame:
    """Return the pools with stand_posts (low quantile of the posts worked), standby_posts (to the mean).

    Where it is known what is held, the posts that it is worth, and none for standby (formulation 30).
    """
    rows = []
    held = _held_posts(scenario)
    for pool in scenario.pools.sort("pool_id", "date").iter_rows(named=True):
        if (pool["pool_id"], pool["date"]) in held:
            posts = pool["posts"] * held[pool["pool_id"], pool["date"]]
            rows.append({**pool, "stand_posts": int(posts), "standby_posts": 0})
            continue
        low = worked_quantile(policy.stand_quantile, pool["posts"], pool["working"])
        mean = int(np.floor(pool["posts"] * pool["working_share"] + 1e-9))
        rows.append({**pool, "stand_posts": low, "standby_posts": max(0, mean - low)})
    more = {"stand_posts": pl.Int64(), "standby_posts": pl.Int64()}
    return pl.DataFrame(rows, schema={**scenario.pools.schema, **more})


def _held_posts(scenario: Scenario) -> dict[tuple[str, date], Fraction]:
    """Return the part of the scheduled minutes that is held, by pool and date where it is known."""
    by = ["pool_id", "date"]
    held = scenario.known.group_by(by).agg(pl.col("held_minutes").sum())
    whole = scenario.cover.group_by(by).agg(pl.col("scheduled_minutes").sum())
    rows = held.join(whole, on=by).select(*by, "held_minutes", "scheduled_minutes").iter_rows()
    return {(pool, day): Fraction(part, all_) if all_ else Fraction(0) for pool, day, part, all_ in rows}


def worked_quantile(probability: float, posts: int, working: str) -> int:
    """Return the quantile of the posts worked in a pool of ``posts`` with the share ``working`` as stated."""
    share = WorkingShare.of(working)
    if share.certain:
        return binomial_quantile(probability, posts, float(working))
    return beta_binomial_quantile(probability, posts, *beta_shapes(share))


def beta_shapes(share: WorkingShare) -> tuple[Fraction, Fraction]:
    """Return the shapes of the beta distribution of a share that is stated as a range (formulation 14).

    Its standard deviation is (high - low) / 3.25; with mean and deviation the shapes follow. Source: Perry
    and Greig 1975, who fit the 5th and 95th percentile and the most likely value of beta distributions.
    """
    variance = (4 * (share.high - share.low) / 13) ** 2
    size = share.mean * (1 - share.mean) / variance - 1
    return share.mean * size, (1 - share.mean) * size


def cover_bins(scenario: Scenario, policy: Policy, book: Book, *, reserve: bool = True) -> pl.DataFrame:
    """Return pool_id, date, hour, stand, standby: units of cover in each hour, before pins are taken out."""
    pools = posts_worked(scenario, policy)
    hours = (
        scenario.cover.group_by("pool_id", "date", "hour")
        .agg(pl.col("scheduled_minutes").sum())
        .join(pools, on=["pool_id", "date"])
        .sort("pool_id", "date", "hour")
    )
    if hours.is_empty():
        return pl.DataFrame(schema=COVER_BINS)
    give_up = _reserved(scenario, policy, book) if reserve else {}
    parts = []
    known = scenario.known.select("pool_id", "date", "hour", "held_minutes")
    hours = hours.join(known, on=["pool_id", "date", "hour"], how="left", maintain_order="left")
    for (pool, day), part in hours.group_by("pool_id", "date", maintain_order=True):
        if part["held_minutes"].null_count():
            stand = _units(part, "stand_posts", book.unit)
        else:
            stand = np.diff(part["held_minutes"].cum_sum().to_numpy() // book.unit, prepend=0)
        stand = keep(stand, give_up.get((pool, day), 0), 1)
        standby = _units(part, "standby_posts", book.unit)
        parts.append(
            part.select("pool_id", "date", "hour", pl.Series("stand", stand), pl.Series("standby", standby))
        )
    return pl.concat(parts)


def _units(hours: pl.DataFrame, posts: str, unit: int) -> Ints:
    """Return whole units by hour that add up to what ``posts`` of the pool's posts hold, rounded down."""
    reached = hours["scheduled_minutes"].cum_sum().to_numpy() * hours[posts].to_numpy()
    units: Ints = np.diff(reached // (hours["posts"].to_numpy() * unit), prepend=0)
    return units


def _reserved(scenario: Scenario, policy: Policy, book: Book) -> dict[tuple[object, ...], int]:
    """Return the units that each (pool, date) keeps for urgent visits still to come at its clinics."""
    wanted = reserves(scenario, policy, book, scenario.strike_dates)
    joined = scenario.members.join(wanted, on=["clinic_id", "date"]).sort("pool_id", "date", "clinic_id")
    sums = joined.group_by("pool_id", "date", maintain_order=True).agg(pl.col("minutes").sum())
    return {(pool, day): units_of(minutes, book.unit) for pool, day, minutes in sums.iter_rows()}
