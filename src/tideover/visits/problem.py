"""The strike day as an assignment problem: visits to open intervals and to cover (formulation 9 to 16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from tideover.engines.assignment import Problem
from tideover.nouns import Policy, Scenario
from tideover.visits.again import kept_intervals, with_told
from tideover.visits.book import Book
from tideover.visits.cover import cover_bins
from tideover.visits.facts import Facts, Ints, gather_facts
from tideover.visits.intervals import open_intervals
from tideover.visits.rules import (
    OPEN,
    POST_RULES,
    SITE_RULES,
    STAND,
    STANDBY,
    WAITLIST,
    Choices,
    Rule,
    choice_points,
    may_wait,
)


@dataclass(frozen=True)
class StrikeDay:
    """The problem with what its numbers stand for.

    Items are the rows of ``visits``, in booking order. Bins are first the rows of ``intervals``, then the
    stand units of the rows of ``cover``, then their standby units; the columns of ``cover`` already lack what
    pins take; last, booked places that are free again. ``session_of`` (intervals) is the row of ``sessions``.
    """

    problem: Problem
    facts: Facts
    visits: pl.DataFrame
    intervals: pl.DataFrame
    sessions: pl.DataFrame
    session_of: Ints
    cover: pl.DataFrame

    def bin_kind(self, bins: Ints) -> Ints:
        """Return OPEN, STAND or STANDBY for each bin."""
        edges = self.intervals.height + np.array([0, 1, 2]) * self.cover.height
        return np.array([OPEN, STAND, STANDBY, STAND])[np.searchsorted(edges, bins, side="right")]


def build(
    scenario: Scenario,
    policy: Policy,
    book: Book,
    site_rules: Mapping[str, Rule] = SITE_RULES,
    post_rules: Mapping[str, Rule] = POST_RULES,
) -> StrikeDay:
    """Return the problem of the affected and released visits without a pin."""
    visits = book.free.sort("booked_on", "start", "visit_id", nulls_last=False)
    kept = kept_intervals(scenario.network.sessions, book)
    intervals = pl.concat([open_intervals(scenario, policy, book), kept])
    sessions = scenario.network.sessions.join(
        intervals.select("session_id").unique(), on="session_id", how="semi"
    )
    sessions = sessions.sort("session_id")
    facts = gather_facts(scenario, policy, book, visits, sessions)
    cover = _less_pins(cover_bins(scenario, policy, book), book)
    size = visits["minutes"].to_numpy() // book.unit
    session_of = sessions["session_id"].search_sorted(intervals["session_id"]).to_numpy().astype(np.int64)
    capacity = np.concatenate([intervals["units"], cover["stand"], cover["standby"]]).astype(np.int64)
    parts = [
        *_open_pairs(facts, size, intervals["units"].to_numpy(), session_of, site_rules, post_rules),
        *_cover_pairs(facts, size, visits, cover, intervals.height),
    ]
    problem = _assemble(facts, size, capacity, parts)
    problem = with_told(problem, facts, visits, intervals, cover.height, book)
    return StrikeDay(problem, facts, visits, intervals, sessions, session_of, cover)


def _less_pins(cover: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Take the units of visits that are pinned to stand or to standby out of the cover."""
    by = ["pool_id", "date", "hour"]
    pinned = book.pinned.with_columns(
        pl.col("start").dt.hour().cast(pl.Int64).alias("hour"), (pl.col("minutes") // book.unit).alias("size")
    )
    for option in ("stand", "standby"):
        taken = pinned.filter(pl.col("pin_option") == option).group_by(by).agg(pl.col("size").sum())
        left = (pl.col(option) - pl.col("size").fill_null(0)).clip(lower_bound=0)
        cover = (
            cover.join(taken, on=by, how="left", maintain_order="left")
            .with_columns(left.alias(option))
            .drop("size")
        )
    return cover


@dataclass(frozen=True)
class _Pairs:
    item: Ints
    bin: Ints
    cost: Ints


def _open_pairs(
    facts: Facts,
    size: Ints,
    units: Ints,
    session_of: Ints,
    site_rules: Mapping[str, Rule],
    post_rules: Mapping[str, Rule],
) -> Iterator[_Pairs]:
    """Yield the allowed pairs of visits and intervals, one clinic and mode at a time."""
    everyone = np.arange(size.size)
    by_session = np.argsort(session_of, kind="stable")
    first = np.searchsorted(session_of[by_session], np.arange(facts.session_clinic.size + 1))
    groups = 2 * facts.session_clinic + facts.session_video
    for group in np.unique(groups):
        sessions = np.flatnonzero(groups == group)
        visits = everyone
        for rule in site_rules.values():
            visits = visits[rule(facts, visits, np.full(visits.size, sessions[0]))]
        visit, session = np.repeat(visits, sessions.size), np.tile(sessions, visits.size)
        for rule in post_rules.values():
            kept = rule(facts, visit, session)
            visit, session = visit[kept], session[kept]
        dates = facts.session_date[session]
        cost = choice_points(facts, Choices(visit, session, dates, OPEN))
        count = first[session + 1] - first[session]
        pair = np.repeat(np.arange(visit.size), count)
        at = np.arange(pair.size) - np.repeat(np.cumsum(count) - count, count)
        interval = by_session[first[session][pair] + at]
        fits = size[visit[pair]] <= units[interval]
        pair, interval = pair[fits], interval[fits]
        yield _Pairs(visit[pair], interval, cost[:, pair])


def _cover_pairs(
    facts: Facts, size: Ints, visits: pl.DataFrame, cover: pl.DataFrame, offset: int
) -> Iterator[_Pairs]:
    """Yield the pairs of visits with the cover of their own pool, date and hour: stand, then standby."""
    by = ["pool_id", "date", "hour"]
    own = visits.select(
        "pool_id", "date", pl.col("start").dt.hour().cast(pl.Int64).alias("hour")
    ).with_row_index("v")
    found = own.join(cover.with_row_index("bin"), on=by).sort("v")
    visit, row = found["v"].to_numpy().astype(np.int64), found["bin"].to_numpy().astype(np.int64)
    for kind, units, may, first in (
        (STAND, found["stand"].to_numpy(), np.ones(visit.size, np.bool_), offset),
        (STANDBY, found["standby"].to_numpy(), may_wait(facts, visit), offset + cover.height),
    ):
        kept = may & (size[visit] <= units)
        chosen = visit[kept]
        choices = Choices(chosen, np.full(chosen.size, -1), facts.visit_date[chosen], kind)
        yield _Pairs(chosen, row[kept] + first, choice_points(facts, choices))


def _assemble(facts: Facts, size: Ints, capacity: Ints, parts: list[_Pairs]) -> Problem:
    item = np.concatenate([part.item for part in parts])
    order = np.argsort(item, kind="stable")
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(item, minlength=size.size))])
    waiting = np.arange(size.size)
    choices = Choices(waiting, np.full(size.size, -1), np.full(size.size, facts.last + 1), WAITLIST)
    return Problem(
        size=size,
        capacity=capacity,
        start=start,
        bin=np.concatenate([part.bin for part in parts])[order],
        cost=np.concatenate([part.cost for part in parts], axis=1)[:, order],
        outside=choice_points(facts, choices),
    )
