"""The morning: sessions that will be held, turned at once into minutes of pools; they are kept nowhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

import polars as pl

from tideover.disruptions._pools import FEWEST_POSTS, cover_rows
from tideover.errors import Fault, InputError
from tideover.nouns.scenario import KNOWN, Scenario


def with_known_cover(scenario: Scenario, held: Collection[str]) -> Scenario:
    """Return ``scenario`` with the cover of its first strike date known: what its ``held`` sessions hold.

    Only the sums of whole pools, by hour, enter it (formulation 30). ``InputError`` lists every session that
    is unknown, on another date or not struck, and pools of that date with fewer than ten posts: of these a
    sum would be a statement about persons.
    """
    day = min(scenario.strike_dates, default=None)
    if day is None:
        remedy = "Leave the file out: every session is held."
        raise InputError([_fault("no strike date", "a date on which posts are struck", remedy)])
    faults = [*_small_pools(scenario, day), *_strangers(scenario, held, day)]
    if faults:
        raise InputError(faults)
    times = scenario.network.sessions.select("session_id", "start", "end", "posts", "open_minutes")
    stretches = scenario.lost.filter(pl.col("session_id").is_in(list(held)) & (pl.col("pool_id") != ""))
    rows = cover_rows(stretches.join(times, on="session_id").with_columns(date=pl.lit(day)))
    by = ["pool_id", "date", "hour"]
    hours = scenario.cover.filter(pl.col("date") == day).select(by).unique()
    known = hours.join(rows, on=by, how="left").sort(by)
    known = known.select(*by, pl.col("scheduled_minutes").fill_null(0).alias("held_minutes"))
    return scenario.replace(known=known.select(*KNOWN))


def _fault(found: str, expected: str, remedy: str) -> Fault:
    return Fault("--held", None, "session_id", found, expected, remedy)


def _small_pools(scenario: Scenario, day: date) -> Iterator[Fault]:
    small = scenario.pools.filter((pl.col("date") == day) & (pl.col("posts") < FEWEST_POSTS))
    for pool, posts in small.sort("pool_id").select("pool_id", "posts").iter_rows():
        expected = f"pools of at least {FEWEST_POSTS} posts: of fewer, their minutes would speak of persons"
        yield _fault(f"{posts} posts in {pool} on {day}", expected, "Let the strike cover more posts.")


def _strangers(scenario: Scenario, held: Collection[str], day: date) -> Iterator[Fault]:
    dates = dict(scenario.network.sessions.select("session_id", pl.col("start").dt.date()).iter_rows())
    struck = set(scenario.lost.filter(pl.col("pool_id") != "")["session_id"])
    for name in sorted(held):
        if name not in dates:
            yield _fault(repr(name), "a session of the network", "Correct it or take the row out.")
        elif dates[name] != day:
            expected = f"a session of {day}, the first strike date after the as-of date"
            yield _fault(f"{name!r}, on {dates[name]}", expected, "Take the row out.")
        elif name not in struck:
            yield _fault(f"{name!r}", "a struck session", "Take the row out: it is held in any case.")
