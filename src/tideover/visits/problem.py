"""The strike day as an assignment problem: visits to open intervals and to cover (formulation 9 to 16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numba as nb
import numpy as np
import polars as pl

from tideover.engines.assignment import Problem
from tideover.nouns import Policy, Scenario
from tideover.visits.again import kept_intervals, with_told
from tideover.visits.book import Book
from tideover.visits.facts import Bools, Facts, Ints, gather_facts
from tideover.visits.intervals import open_intervals
from tideover.visits.rules import (
    ELSEWHERE,
    OPEN,
    POST_RULES,
    SITE_RULES,
    STAND,
    STANDBY,
    WAITLIST,
    Choices,
    Rule,
    choice_points,
    kind_suits,
    may_wait,
    near_enough,
    same_employer,
)
from tideover.visits.sites import Desk, cover_rows, desks_of


@dataclass(frozen=True)
class Pairs:
    """Allowed pairs: item and bin of each, and its cost by level (levels, pairs)."""

    item: Ints
    bin: Ints
    cost: Ints


@dataclass(frozen=True)
class OpenDay:
    """What a strike day is whatever share is worked: visits, open intervals, and the pairs of both.

    Items are the rows of ``visits``, in booking order; ``session_of`` (intervals) is the row of ``sessions``.
    """

    facts: Facts
    visits: pl.DataFrame
    size: Ints
    intervals: pl.DataFrame
    sessions: pl.DataFrame
    session_of: Ints
    pairs: Sequence[Pairs]


@dataclass(frozen=True)
class StrikeDay:
    """The problem with what its numbers stand for.

    Bins are first the rows of ``opened.intervals``, then the stand units of the rows of ``cover``, then their
    standby units; last, booked places that are free again. ``posts`` are the posts of the sites of each of
    ``desks``; before they are chosen (``None``), stand bins are as wide as any choice makes them.
    """

    problem: Problem
    opened: OpenDay
    cover: pl.DataFrame
    desks: tuple[Desk, ...]
    posts: tuple[Ints, ...] | None = None

    @property
    def facts(self) -> Facts:
        """The facts of the visits and the sessions."""
        return self.opened.facts

    @property
    def visits(self) -> pl.DataFrame:
        """The visits, one row for each item."""
        return self.opened.visits

    @property
    def intervals(self) -> pl.DataFrame:
        """The open intervals: the first bins."""
        return self.opened.intervals

    @property
    def session_of(self) -> Ints:
        """The row of ``opened.sessions`` of each interval."""
        return self.opened.session_of

    @property
    def first_stand(self) -> int:
        """The number of the first stand bin."""
        return self.opened.intervals.height

    def kind(self, items: Ints, bins: Ints) -> tuple[Ints, Ints]:
        """Return the kind of each choice, and the code of the clinic where it is ELSEWHERE, else -1."""
        edges = self.first_stand + np.array([0, 1, 2]) * self.cover.height
        kind = np.array([OPEN, STAND, STANDBY, STAND])[np.searchsorted(edges, bins, side="right")]
        in_cover = (bins >= edges[0]) & (bins < edges[1])
        at = np.append(clinic_codes(self.opened.facts, self.cover), -1)
        clinic = at[np.where(in_cover, bins - edges[0], self.cover.height)]
        elsewhere = in_cover & (clinic != self.opened.facts.visit_clinic[items])
        return np.where(elsewhere, ELSEWHERE, kind), np.where(elsewhere, clinic, -1)

    def sent(self, posts: tuple[Ints, ...]) -> StrikeDay:
        """Return the day with the posts of each desk sent to its sites (s,): the stand bins are as wide."""
        capacity = self.problem.capacity.copy()
        for desk, chosen in zip(self.desks, posts, strict=True):
            for site, number in enumerate(chosen.tolist()):
                capacity[self.first_stand + desk.rows[site]] = desk.room(number, site)
        small = _too_small(self.problem.size, capacity, self.problem.start, self.problem.bin)
        problem = replace(self.problem.without(small), capacity=capacity)
        return replace(self, problem=problem, posts=posts)


def clinic_codes(facts: Facts, cover: pl.DataFrame) -> Ints:
    """Return the code of the clinic of each row of the cover, -1 for those of all sites."""
    codes = {clinic: code for code, clinic in enumerate(facts.clinic_ids)}
    return np.array([codes.get(clinic, -1) for clinic in cover["clinic_id"].to_list()], np.int64)


@nb.njit(cache=True)
def _too_small(size, capacity, start, bins):  # type: ignore[no-untyped-def]
    found = np.zeros(bins.size, np.bool_)
    for i in range(size.size):
        for a in range(start[i], start[i + 1]):
            found[a] = capacity[bins[a]] < size[i]
    return found


def open_day(
    scenario: Scenario,
    policy: Policy,
    book: Book,
    site_rules: Mapping[str, Rule] = SITE_RULES,
    post_rules: Mapping[str, Rule] = POST_RULES,
) -> OpenDay:
    """Return the affected and released visits without a pin, the open intervals, and the pairs of both."""
    visits = book.free.sort("booked_on", "start", "visit_id", nulls_last=False)
    kept = kept_intervals(scenario, book)
    intervals = pl.concat([open_intervals(scenario, policy, book), kept])
    sessions = scenario.network.sessions.join(
        intervals.select("session_id").unique(), on="session_id", how="semi"
    )
    sessions = sessions.sort("session_id")
    facts = gather_facts(scenario, policy, book, visits, sessions)
    size = visits["minutes"].to_numpy() // book.unit
    session_of = sessions["session_id"].search_sorted(intervals["session_id"]).to_numpy().astype(np.int64)
    bins = session_of, intervals["units"].to_numpy(), intervals["lent"].to_numpy()
    pairs = list(_open_pairs(facts, size, bins, site_rules, post_rules))
    return OpenDay(facts, visits, size, intervals, sessions, session_of, pairs)


def build(scenario: Scenario, policy: Policy, book: Book, opened: OpenDay | None = None) -> StrikeDay:
    """Return the problem of the affected and released visits without a pin; posts are not sent yet.

    ``opened`` is the same day at another working share, if it is there already.
    """
    opened = opened or open_day(scenario, policy, book)
    desks = desks_of(scenario, policy, book)
    cover = cover_rows(scenario, policy, book, desks)
    offset = opened.intervals.height
    capacity = np.concatenate([opened.intervals["units"], cover["stand"], cover["standby"]]).astype(np.int64)
    parts = [*opened.pairs, *_cover_pairs(opened, cover, offset)]
    problem = _assemble(opened.facts, opened.size, capacity, parts)
    problem = with_told(problem, opened.facts, opened.visits, opened.intervals, cover, book)
    return StrikeDay(problem, opened, cover, tuple(desks))


def _open_pairs(
    facts: Facts,
    size: Ints,
    bins: tuple[Ints, Ints, Bools],
    site_rules: Mapping[str, Rule],
    post_rules: Mapping[str, Rule],
) -> Iterator[Pairs]:
    """Yield the allowed pairs of visits and intervals, one clinic and mode at a time.

    ``bins``: the session of each interval, its units, and whether other employers' visits may take it.
    """
    session_of, units, lent = bins
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
        if "own_employer" in post_rules:
            fits &= lent[interval] | same_employer(facts, visit, session)[pair]
        pair, interval = pair[fits], interval[fits]
        yield Pairs(visit[pair].astype(np.int32), interval.astype(np.int32), _narrow(cost)[:, pair])


def _cover_pairs(opened: OpenDay, cover: pl.DataFrame, offset: int) -> Iterator[Pairs]:
    """Yield the pairs of visits with the cover of their pool, date and hour: stand, elsewhere, standby."""
    by = ["pool_id", "date", "hour"]
    facts, size = opened.facts, opened.size
    own = opened.visits.select(
        "pool_id", "date", pl.col("start").dt.hour().cast(pl.Int64).alias("hour")
    ).with_row_index("v")
    rows = cover.with_columns(pl.Series("clinic", clinic_codes(facts, cover))).with_row_index("bin")
    found = own.join(rows, on=by).sort("v", "bin")
    visit, row, clinic = (found[name].to_numpy().astype(np.int64) for name in ("v", "bin", "clinic"))
    at_home = clinic == facts.visit_clinic[visit]
    may_go = near_enough(facts, visit, clinic) & kind_suits(facts, visit, clinic)
    for kind, column, may in (
        (STAND, "stand", at_home),
        (ELSEWHERE, "stand", ~at_home & (clinic >= 0) & may_go),
        (STANDBY, "standby", may_wait(facts, visit)),
    ):
        kept = np.flatnonzero(may & (size[visit] <= found[column].to_numpy()))
        chosen = visit[kept]
        choices = Choices(chosen, np.full(chosen.size, -1), facts.visit_date[chosen], kind, clinic[kept])
        first = offset + (cover.height if column == "standby" else 0)
        cost = _narrow(choice_points(facts, choices))
        yield Pairs(chosen.astype(np.int32), (row[kept] + first).astype(np.int32), cost)


def _narrow(cost: Ints) -> Ints:
    """Return costs in 32 bits where that is wide enough: there may be many millions."""
    wide = cost.size and cost.max() > np.iinfo(np.int32).max
    return cost if wide else cost.astype(np.int32)


def _assemble(facts: Facts, size: Ints, capacity: Ints, parts: list[Pairs]) -> Problem:
    count = np.zeros(size.size, np.int64)
    for part in parts:
        count += np.bincount(part.item, minlength=size.size)
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(count)])
    waiting = np.arange(size.size)
    choices = Choices(waiting, np.full(size.size, -1), np.full(size.size, facts.last + 1), WAITLIST)
    wide = any(part.cost.dtype == np.int64 and part.cost.size for part in parts)
    bins = np.empty(start[-1], np.int32)
    cost = np.empty((len(facts.policy.levels), bins.size), np.int64 if wide else np.int32)
    fill = start[:-1].copy()
    for part in parts:
        _place(part.item, part.bin, part.cost, fill, bins, cost)
    return Problem(
        size=size, capacity=capacity, start=start, bin=bins, cost=cost, outside=choice_points(facts, choices)
    )


@nb.njit(cache=True)
def _place(item, bins, cost, fill, to_bin, to_cost):  # type: ignore[no-untyped-def]
    """Write pairs behind those that their items have; ``fill`` (n,) is where each item's next goes."""
    for a in range(item.size):
        at = fill[item[a]]
        fill[item[a]] += 1
        to_bin[at] = bins[a]
        for level in range(cost.shape[0]):
            to_cost[level, at] = cost[level, a]
