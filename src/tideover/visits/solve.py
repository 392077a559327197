"""The plan: solve the problem, give every visit its place and time, and state what was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import count as turns

import numpy as np
import polars as pl

from tideover.engines.assignment import Solution, TooLargeError, mend, solve
from tideover.errors import Fault, InputError
from tideover.nouns import Plan, Policy, Scenario
from tideover.visits.book import Book, open_book
from tideover.visits.decisions import Chosen, clashes, decide, untouched
from tideover.visits.facts import Bools
from tideover.visits.joint import Sending, Sent, solve_jointly, with_joint_bounds
from tideover.visits.morning import Ready, make_ready
from tideover.visits.pins import pinned_decisions
from tideover.visits.problem import OpenDay, StrikeDay, build, open_day
from tideover.visits.retold import groups_to_tell, retold, told_counts
from tideover.visits.rules import OPEN, WAITLIST
from tideover.visits.safe_cover import safe_cover
from tideover.visits.summary import counts, levels, summary
from tideover.visits.told import keep_room
from tideover.visits.worth import worth_of_sessions

#: Rounds of planning again with offending pairs forbidden, before a whole day is forbidden to a visit.
ROUNDS = 10


@dataclass(frozen=True)
class Prepared:
    """What a plan needs that no working share changes: the book with kept room, visits, intervals, pairs.

    ``ready`` is more of it for a morning, ``None`` before.
    """

    book: Book
    opened: OpenDay
    ready: Ready | None = None


def prepare(
    scenario: Scenario,
    policy: Policy,
    as_of: date,
    pins: pl.DataFrame | None = None,
    told: pl.DataFrame | None = None,
    *,
    ahead: bool = False,
) -> Prepared:
    """Return the strike day of ``scenario`` without its cover.

    ``pins`` (visit_id, option, session_id, start) are decisions that stay; ``told`` (columns of ``TOLD``) is
    what patients were told before. A date of which it is known what will be held (``scenario.known``) is
    decided for good: it is its morning. What is prepared serves for any other sessions held; ``ahead``
    plans once before, so that ``first_answer`` is there at once. Raises ``InputError`` if the as-of date is
    too late.
    """
    morning = max(scenario.known["date"].to_list(), default=None)
    book = open_book(scenario, policy, as_of, pins, told, morning)
    book = keep_room(scenario, policy, book, pin_all=morning is not None)
    opened = open_day(scenario, policy, book)
    ready = None if morning is None else make_ready(scenario, policy, book, opened, ahead=ahead)
    return Prepared(book, opened, ready)


def plan_strike_day(
    scenario: Scenario,
    policy: Policy,
    as_of: date,
    pins: pl.DataFrame | None = None,
    told: pl.DataFrame | None = None,
    prepared: Prepared | None = None,
) -> Plan:
    """Return the plan of the strike in ``scenario``, with prices that prove its bounds.

    ``pins`` and ``told`` as in ``prepare``, or ``prepared`` what that returned. Raises ``InputError`` if the
    as-of date is too late, a pin cannot be kept, or the policy's weights are too large to be ordered. The
    plan's facts lack what only whoever runs it knows: the network's files, the changes, the plan for other
    working shares.
    """
    prepared = prepared or prepare(scenario, policy, as_of, pins, told)
    book, ready = prepared.book, prepared.ready
    sending, sent, solution, decisions = _planned(scenario, policy, prepared)
    solution = with_joint_bounds(solution, sending, sent.tried, ready.whole if ready else None)
    day, known = sent.day, ready.facts if ready else {}
    facts = summary(scenario, policy, book, day, decisions, known) | levels(policy, solution, decisions, book)
    kept = pl.concat([pinned_decisions(scenario, policy, book), untouched(book, policy)])

    def replan(another: StrikeDay) -> pl.DataFrame:
        """Return the decisions of another strike day of the same book."""
        return _without_clashes(another, book, kept, solve(another.problem))[1]

    def whole() -> StrikeDay:
        """Return the strike day with every pair that is allowed, under the posts of this plan."""
        # a morning that was made ready leaves out pairs that a bound must not
        return build(scenario, policy, book, prepared.opened).sent(day.posts or ()) if ready else day

    cover, proof = safe_cover(scenario, policy, book, (day, whole), decisions, replan)
    again = retold(decisions, book)
    facts |= {"minimum_safe_cover": cover, "safe_cover_proof": proof, "told": told_counts(again)}
    facts["worth"] = None
    if ready is None:
        bounds = [sending.bound(level.weights, level.price) for level in solution.levels]
        facts["worth"] = worth_of_sessions(policy, book, day, (decisions, solution, bounds), cover)
    plan = Plan(decisions, _prices(day, solution), facts, book.log, again)
    groups = groups_to_tell(plan.to_tell, policy, as_of)
    return replace(plan, facts={**plan.facts, "decide_by": groups})


def first_answer(scenario: Scenario, policy: Policy, prepared: Prepared) -> Plan:
    """Return a morning's decisions, prices and bounds, and whom to tell: what cannot wait.

    Of the plan's facts it has only the levels, ``counts``, ``told`` and ``decide_by``; ``plan_strike_day``
    gives the others, the minimum safe cover above all, which takes longer.
    """
    book, ready = prepared.book, prepared.ready
    sending, sent, solution, decisions = _planned(scenario, policy, prepared)
    solution = with_joint_bounds(solution, sending, sent.tried, ready.whole if ready else None)
    again = retold(decisions, book)
    facts = {"as_of": str(book.as_of), "counts": counts(decisions), "told": told_counts(again)}
    facts |= levels(policy, solution, decisions, book)
    plan = Plan(decisions, _prices(sent.day, solution), facts, book.log, again)
    groups = groups_to_tell(plan.to_tell, policy, book.as_of)
    return replace(plan, facts={**facts, "decide_by": groups})


def counts_at_share(scenario: Scenario, policy: Policy, prepared: Prepared) -> dict[str, int]:
    """Return the counts of the plan of ``scenario``: a plan's ``counts`` without all the rest."""
    return counts(_planned(scenario, policy, prepared)[3])


def _planned(
    scenario: Scenario, policy: Policy, prepared: Prepared
) -> tuple[Sending, Sent, Solution, pl.DataFrame]:
    """Return the day with its posts sent, the solution without clashes, and all decisions."""
    book, opened, ready = prepared.book, prepared.opened, prepared.ready
    kept = ready.kept if ready else None
    if kept is None:
        kept = pl.concat([pinned_decisions(scenario, policy, book), untouched(book, policy)])
    try:
        sending = Sending(build(scenario, policy, book, ready.short if ready else opened))
        sent = solve_jointly(sending, ready.start if ready else None)
        solution, decisions = _without_clashes(sent.day, book, kept, sent.solution)
    except TooLargeError as error:
        remedy = "Use smaller weights, or put more of the cost terms on one level."
        raise InputError(
            [Fault("policy", None, "weights", str(error), "weights that fit", remedy)]
        ) from error
    return sending, sent, solution, decisions


def _without_clashes(
    day: StrikeDay, book: Book, kept: pl.DataFrame, solution: Solution
) -> tuple[Solution, pl.DataFrame]:
    """Return the solution in which no patient is in two places at once (R12), and all decisions.

    Every round forbids at least one pair more, so that the rounds come to an end.
    """
    banned = np.zeros(day.problem.bin.size, np.bool_)
    opened = day.opened
    row = {visit: at for at, visit in enumerate(opened.visits["visit_id"])}
    for turn in turns():
        decided = decide(opened.facts, opened.visits, opened.sessions, _chosen(day, solution, book))
        decisions = pl.concat([decided, kept]).sort("visit_id")
        clashing = clashes(decisions, book)["visit_id"].unique().sort()
        if clashing.is_empty():
            break
        for visit in clashing:
            _forbid(day, banned, row[visit], int(solution.pair[row[visit]]), whole_day=turn >= ROUNDS)
        solution = mend(day.problem, solution, banned)
    return solution, decisions


def _forbid(day: StrikeDay, banned: Bools, item: int, pair: int, *, whole_day: bool) -> None:
    """Forbid a pair to its item; with ``whole_day``, all open intervals of its date with it."""
    banned[pair] = True
    chosen = int(day.problem.bin[pair])
    if whole_day and chosen < day.first_stand:
        own = np.arange(day.problem.start[item], day.problem.start[item + 1])
        own = own[day.problem.bin[own] < day.first_stand]
        date_of = day.facts.session_date[day.session_of]
        banned[own[date_of[day.problem.bin[own]] == date_of[chosen]]] = True


def _chosen(day: StrikeDay, solution: Solution, book: Book) -> Chosen:
    """Return what the solution chooses; visits in one interval start one after the other, in their order."""
    size = solution.pair.size
    bins = np.full(size, -1, np.int64)
    inside = solution.pair >= 0
    bins[inside] = day.problem.bin[solution.pair[inside]]
    found, clinic = day.kind(np.arange(size), bins)
    kind = np.where(inside, found, WAITLIST)
    held = np.flatnonzero(kind == OPEN)
    session = np.full(size, -1, np.int64)
    session[held] = day.session_of[bins[held]]
    begin = day.intervals["start"].dt.timestamp("us").to_list()
    starts: list[int | None] = [None] * size
    used: dict[int, int] = {}
    for item, at in zip(held.tolist(), bins[held].tolist(), strict=True):
        before = used.get(at, 0)
        starts[item] = begin[at] + before * book.unit * 60_000_000
        used[at] = before + int(day.problem.size[item])
    times = pl.Series(starts, dtype=pl.Int64).cast(pl.Datetime("us"))
    return Chosen(kind, session, times, np.where(inside, clinic, -1))


def _prices(day: StrikeDay, solution: Solution) -> pl.DataFrame:
    parts = [
        pl.DataFrame(
            {
                "level": np.full(day.visits.height, at),
                "visit_id": day.visits["visit_id"],
                "price": level.price,
            }
        )
        for at, level in enumerate(solution.levels)
    ]
    schema = {"level": pl.Int64(), "visit_id": pl.String(), "price": pl.Int64()}
    return pl.concat([part.cast(schema) for part in parts]).sort("level", "visit_id")  # type: ignore[arg-type]
