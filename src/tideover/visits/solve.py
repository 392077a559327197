"""The plan: solve the problem, give every visit its place and time, and state what was done."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from tideover.engines.assignment import Solution, solve
from tideover.nouns import Plan, Policy, Scenario
from tideover.nouns.plan import DECISIONS
from tideover.visits.book import Book, open_book
from tideover.visits.facts import Ints
from tideover.visits.pins import check_pins, pinned_decisions
from tideover.visits.problem import StrikeDay, build
from tideover.visits.rules import OPEN, STAND, STANDBY, WAITLIST, Choices, keeps_continuity, points
from tideover.visits.summary import levels, summary

#: Rounds of planning again with offending pairs forbidden, before a whole day is forbidden to a visit.
ROUNDS = 10


def plan_strike_day(
    scenario: Scenario, policy: Policy, as_of: date, pins: pl.DataFrame | None = None
) -> Plan:
    """Return the plan of the strike in ``scenario``, with prices that prove its bounds.

    ``pins`` (visit_id, option, session_id, start) are decisions that stay. Raises ``InputError`` if the as-of
    date is too late or a pin cannot be kept. The plan's facts lack what only whoever runs it knows: the
    network's files, the changes, the plan for other working shares.
    """
    book = open_book(scenario, policy, as_of, pins)
    day = build(scenario, policy, book)
    check_pins(scenario, policy, book)
    solution, decisions = _without_clashes(day, book)
    everything = [decisions, pinned_decisions(scenario, policy, book), _untouched(book, policy)]
    decisions = pl.concat(everything).sort("visit_id")
    prices = _prices(day, solution)
    facts = summary(scenario, policy, book, day, decisions) | levels(policy, solution, decisions, book)
    return Plan(decisions, prices, facts)


def _without_clashes(day: StrikeDay, book: Book) -> tuple[Solution, pl.DataFrame]:
    """Return the solution in which no patient is in two places at once (R12), and its decisions."""
    banned: np.ndarray[Any, np.dtype[np.bool_]] | None = None
    for turn in range(10 * ROUNDS):
        solution = solve(day.problem, banned)
        decisions = _decisions(day, solution, book)
        clashing = _clashes(decisions, book)
        if not clashing:
            break
        banned = np.zeros(day.problem.bin.size, np.bool_) if banned is None else banned
        row = {visit: at for at, visit in enumerate(day.visits["visit_id"])}
        for visit in clashing:
            _forbid(day, banned, row[visit], solution.pair[row[visit]], whole_day=turn >= ROUNDS)
    return solution, decisions


def _forbid(day: StrikeDay, banned: Any, item: int, pair: int, *, whole_day: bool) -> None:
    banned[pair] = True
    chosen = int(day.problem.bin[pair])
    if whole_day and chosen < day.intervals.height:
        own = np.arange(day.problem.start[item], day.problem.start[item + 1])
        bins = day.problem.bin[own]
        open_bins = bins < day.intervals.height
        dates = day.facts.session_date[day.session_of[bins[open_bins]]]
        same = dates == day.facts.session_date[day.session_of[chosen]]
        banned[own[open_bins][same]] = True


def _clashes(decisions: pl.DataFrame, book: Book) -> list[str]:
    """Return visits with a new time that overlaps another visit of their patient: one of each two."""
    minutes = pl.duration(minutes=pl.col("minutes"))
    placed = decisions.filter(pl.col("patient_id").is_not_null() & pl.col("new_start").is_not_null())
    placed = placed.select(
        "visit_id",
        "patient_id",
        pl.col("new_start").alias("from"),
        (pl.col("new_start") + minutes).alias("until"),
        (~pl.col("option").is_in(["stand", "standby"])).alias("new"),
    )
    kept = book.occupying.join(book.seen.select("visit_id", "patient_id"), on="visit_id")
    kept = kept.filter(pl.col("patient_id").is_not_null()).select(
        "visit_id",
        "patient_id",
        pl.col("start").alias("from"),
        (pl.col("start") + minutes).alias("until"),
        pl.lit(value=False).alias("new"),
    )
    both = pl.concat([placed, kept])
    moved = both.filter("new")
    pairs = moved.join(both, on="patient_id", suffix="_other").filter(
        pl.col("visit_id") != pl.col("visit_id_other"),
        pl.col("from") < pl.col("until_other"),
        pl.col("from_other") < pl.col("until"),
        # of two that both move, the one that sorts later gives way
        ~pl.col("new_other") | (pl.col("visit_id") > pl.col("visit_id_other")),
    )
    return sorted(pairs["visit_id"].unique().to_list())


def _choice_rows(day: StrikeDay, solution: Solution) -> tuple[Ints, Ints, Ints, Ints]:
    """Return (bin, kind, session, date) of each visit's choice; bin and session are -1 where there is none."""
    pair = solution.pair
    inside = pair >= 0
    bins = np.where(inside, day.problem.bin[np.maximum(pair, 0)] if day.problem.bin.size else -1, -1)
    kind = np.where(inside, day.bin_kind(bins), WAITLIST)
    is_open = kind == OPEN
    session = np.full(bins.size, -1, np.int64)
    session[is_open] = day.session_of[bins[is_open]]
    dates = np.where(kind == WAITLIST, day.facts.last + 1, day.facts.visit_date)
    dates[is_open] = day.facts.session_date[session[is_open]]
    return bins, kind, session, dates


def _decisions(day: StrikeDay, solution: Solution, book: Book) -> pl.DataFrame:
    """Return the decisions for the visits of the problem, one row each, with the points of every term."""
    bins, kind, session, dates = _choice_rows(day, solution)
    visits = np.arange(bins.size)
    option = _options(day, kind, session)
    terms = {}
    for which in (STAND, STANDBY, OPEN, WAITLIST):
        chosen = kind == which
        found = points(day.facts, Choices(visits[chosen], session[chosen], dates[chosen], which))
        for name, values in found.items():
            terms.setdefault(name, np.zeros(bins.size, np.int64))[chosen] = values
    where = (
        day.sessions.select("session_id", "clinic_id", "clinician_id")[np.maximum(session, 0)]
        if (day.sessions.height)
        else pl.DataFrame(schema={n: pl.String() for n in ("session_id", "clinic_id", "clinician_id")}).clear(
            bins.size
        )
    )
    place = where.rename({name: f"place_{name}" for name in where.columns})
    is_open, kept = pl.lit(pl.Series(kind == OPEN)), pl.lit(pl.Series((kind == STAND) | (kind == STANDBY)))
    made = day.visits.hstack(place).with_columns(pl.Series("option", option), _starts(day, bins, book))
    made = made.with_columns(
        *(
            pl.when(is_open)
            .then(f"place_{name}")
            .when(kept)
            .then(name if name != "clinician_id" else None)
            .alias(f"new_{name}")
            for name in ("clinic_id", "session_id")
        ),
        pl.when(is_open).then("place_clinician_id").alias("new_clinician_id"),
        pl.when(is_open).then("new_start").when(kept).then("start").alias("new_start"),
    )
    return made.with_columns(pl.Series(name, terms[name]) for name in book_terms(day)).select(
        *DECISIONS, *book_terms(day)
    )


def book_terms(day: StrikeDay) -> list[str]:
    """Return the names of the cost terms in the order of the policy's levels."""
    return day.facts.policy.terms


def _options(day: StrikeDay, kind: Ints, session: Ints) -> list[str]:
    facts = day.facts
    visits = np.arange(kind.size)
    names = np.select(
        [kind == STAND, kind == STANDBY, kind == WAITLIST], ["stand", "standby", "waitlist"], ""
    ).astype(object)
    chosen = np.flatnonzero(kind == OPEN)
    if chosen.size:
        at, who = visits[chosen], session[chosen]
        clinic = facts.session_clinic[who]
        urgent = (facts.clinic_kind[clinic] == facts.urgent_care) & (
            facts.clinic_kind[facts.visit_clinic[at]] != facts.urgent_care
        )
        names[chosen] = np.select(
            [
                facts.session_video[who],
                urgent,
                keeps_continuity(facts, at, who),
                clinic == facts.visit_clinic[at],
            ],
            ["video", "urgent_care", "own_clinician", "another_clinician"],
            "another_clinic",
        )
    found: list[str] = names.tolist()
    return found


def _starts(day: StrikeDay, bins: Ints, book: Book) -> pl.Series:
    """Return the start of each visit in its interval: one after the other, in the order of the visits."""
    begin = day.intervals["start"].dt.timestamp("us").to_numpy()
    used: dict[int, int] = {}
    starts: list[int | None] = []
    for item, at in enumerate(bins.tolist()):
        if 0 <= at < begin.size:
            before = used.get(at, 0)
            starts.append(int(begin[at]) + before * book.unit * 60_000_000)
            used[at] = before + int(day.problem.size[item])
        else:
            starts.append(None)
    return pl.Series("new_start", starts, dtype=pl.Int64).cast(pl.Datetime("us"))


def _untouched(book: Book, policy: Policy) -> pl.DataFrame:
    """Return the decisions for booked visits that nothing affects: they stand and cost nothing."""
    rest = book.booked.filter(~pl.col("affected"))
    kept = rest.with_columns(
        pl.lit("stand").alias("option"),
        pl.col("clinic_id").alias("new_clinic_id"),
        pl.col("session_id").alias("new_session_id"),
        pl.col("booked_with").alias("new_clinician_id"),
        pl.col("start").alias("new_start"),
        *(pl.lit(0, pl.Int64).alias(term) for term in policy.terms),
    )
    return kept.select(*DECISIONS, *policy.terms)


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
