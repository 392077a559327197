"""Planning again in the assignment problem: kept room, places that are free again, R13 and R14 (23 to 25)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from tideover.engines.assignment import Problem
from tideover.nouns import Scenario
from tideover.visits.book import AS_BOOKED, AT_SITE, NEVER, TIME, Book
from tideover.visits.facts import Bools, Facts, Ints
from tideover.visits.rules import STAND, Choices, choice_points


def kept_intervals(scenario: Scenario, book: Book) -> pl.DataFrame:
    """Return the places that are kept for somebody as open intervals, with the columns of those, by visit_id.

    ``lane`` is -1; they are ``lent`` where their session is, whatever the share.
    """
    posts = scenario.network.sessions.select("session_id", "clinic_id", "clinician_id")
    rows = book.kept.join(posts, on="session_id", how="left").sort("visit_id")
    return rows.select(
        "session_id",
        pl.lit(-1, pl.Int64).alias("lane"),
        "clinic_id",
        "clinician_id",
        pl.col("start").dt.date().alias("date"),
        "start",
        (pl.col("minutes") // book.unit).alias("units"),
        pl.col("session_id").is_in(scenario.lent["session_id"].unique().implode()).alias("lent"),
    )


def with_told(
    problem: Problem,
    facts: Facts,
    visits: pl.DataFrame,
    intervals: pl.DataFrame,
    cover: pl.DataFrame,
    book: Book,
) -> Problem:
    """Return the problem as what patients were told leaves it; the same one where nobody was told anything.

    ``intervals`` are the first bins, the kept places last among them; a bin to stand for each row of
    ``cover`` follows, and as many to wait. Bins are added behind: one for each visit of ``book.free_again``,
    in their order, to stand.
    """
    if book.log.is_empty():
        return problem
    own = _own_places(problem, visits, intervals, book)
    allowed = own | ~(
        _offered_before(problem, visits, intervals, book)
        | _declined_sites(problem, visits, intervals.height, cover, book)
        | _too_soon(problem, intervals, book)
        | _no_waiting_again(problem, facts, visits, intervals.height + cover.height, book)
    )
    told = problem.items[own]
    cost = problem.cost.copy()
    at = next(number for number, level in enumerate(facts.policy.levels) if "told_again" in level)
    cost[at, own] -= facts.visit_told_times[told] * facts.policy.weights["told_again"]
    return _with_homes(replace(problem, cost=cost).without(~allowed), facts, visits, book)


def _own_places(problem: Problem, visits: pl.DataFrame, intervals: pl.DataFrame, book: Book) -> Bools:
    """Return which pairs put a visit where room is kept for it."""
    first = intervals.height - book.kept.height
    names = np.append(book.kept.sort("visit_id")["visit_id"].to_numpy(), "").astype(object)
    kept = (problem.bin >= first) & (problem.bin < intervals.height)
    at = np.where(kept, problem.bin - first, book.kept.height)
    mine: Bools = kept & (names[at] == visits["visit_id"].to_numpy().astype(object)[problem.items])
    return mine


def _offered_before(problem: Problem, visits: pl.DataFrame, intervals: pl.DataFrame, book: Book) -> Bools:
    """Return which pairs offer a session again: the one told last, or one that was declined (R13)."""
    counts = book.booked.filter(pl.col("told_as") != NEVER)
    last = counts.select("visit_id", session_id="told_session_id")
    declined = book.log.filter(pl.col("answer") == "declined").select("visit_id", "session_id")
    barred = pl.concat([last, declined]).drop_nulls().unique()
    sessions = intervals.select(pl.col("session_id").unique().sort()).with_row_index("session")
    rows = barred.join(visits.select("visit_id").with_row_index("visit"), on="visit_id").join(
        sessions, on="session_id"
    )
    codes = rows["visit"].to_numpy().astype(np.int64) * sessions.height + rows["session"].to_numpy()
    of_bin = sessions["session_id"].search_sorted(intervals["session_id"]).to_numpy().astype(np.int64)
    is_open = problem.bin < intervals.height
    session = np.append(of_bin, 0)[np.where(is_open, problem.bin, of_bin.size)]
    again: Bools = is_open & np.isin(problem.items * sessions.height + session, codes)
    return again


def _declined_sites(
    problem: Problem, visits: pl.DataFrame, first: int, cover: pl.DataFrame, book: Book
) -> Bools:
    """Return which pairs offer cover at another site that the patient declined (R13)."""
    log = book.log.filter((pl.col("answer") == "declined") & (pl.col("option") == "another_site"))
    declined = log.select("visit_id", "clinic_id").unique()
    own = visits.select("visit_id", own="clinic_id").with_row_index("visit")
    sites = cover.select("clinic_id").with_row_index("row")
    rows = (
        declined.join(own, on="visit_id")
        .join(sites, on="clinic_id")
        .filter(pl.col("clinic_id") != pl.col("own"))
    )
    codes = rows["visit"].to_numpy().astype(np.int64) * cover.height + rows["row"].to_numpy()
    in_cover = (problem.bin >= first) & (problem.bin < first + cover.height)
    barred: Bools = in_cover & np.isin(problem.items * cover.height + (problem.bin - first), codes)
    return barred


def _too_soon(problem: Problem, intervals: pl.DataFrame, book: Book) -> Bools:
    """Return which pairs are with an interval on a date outside D0 to D1: a place kept for somebody else."""
    outside = ~intervals["date"].is_between(book.first, book.last).to_numpy()
    found: Bools = np.append(outside, np.zeros(problem.capacity.size - outside.size, np.bool_))[problem.bin]
    return found


def _no_waiting_again(problem: Problem, facts: Facts, visits: pl.DataFrame, first: int, book: Book) -> Bools:
    """Return which pairs put a visit on standby that has a time, or whose patient declined to wait (R14)."""
    declined = book.log.filter((pl.col("answer") == "declined") & (pl.col("option") == "standby"))
    unwilling = visits["visit_id"].is_in(declined["visit_id"].implode()).to_numpy()
    barred = unwilling | np.isin(facts.visit_told_as, (TIME, AS_BOOKED, AT_SITE))
    found: Bools = (problem.bin >= first) & barred[problem.items]
    return found


def _with_homes(problem: Problem, facts: Facts, visits: pl.DataFrame, book: Book) -> Problem:
    """Return the problem with a bin to stand for each released visit whose booked place is free again."""
    rows = visits.with_row_index("row").join(book.free_again, on="visit_id").sort("visit_id")
    who: Ints = rows["row"].to_numpy().astype(np.int64)
    if not who.size:
        return problem
    cost = choice_points(facts, Choices(who, np.full(who.size, -1), facts.visit_date[who], STAND))
    bins = problem.capacity.size + np.arange(who.size)
    item = np.concatenate([problem.items, who])
    order = np.argsort(item, kind="stable")
    count = np.bincount(item, minlength=problem.size.size)
    return Problem(
        size=problem.size,
        capacity=np.concatenate([problem.capacity, problem.size[who]]),
        start=np.concatenate([np.zeros(1, np.int64), np.cumsum(count)]),
        bin=np.concatenate([problem.bin, bins])[order],
        cost=np.concatenate([problem.cost, cost], axis=1)[:, order],
        outside=problem.outside,
    )
