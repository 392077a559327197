"""Pinned visits: decisions that stay, checked against the same rules (R1 to R11)."""

from __future__ import annotations

import numpy as np
import polars as pl

from tideover.errors import Fault, InputError
from tideover.nouns import Policy, Scenario
from tideover.nouns.plan import DECISIONS
from tideover.visits.book import IN_SESSION, Book
from tideover.visits.cover import cover_bins
from tideover.visits.facts import Facts, gather_facts
from tideover.visits.intervals import open_intervals
from tideover.visits.rules import (
    OPEN,
    POST_RULES,
    SITE_RULES,
    STAND,
    STANDBY,
    WAITLIST,
    Choices,
    may_wait,
    points,
)

_KIND = {"stand": STAND, "standby": STANDBY, "waitlist": WAITLIST} | dict.fromkeys(IN_SESSION, OPEN)


def check_pins(scenario: Scenario, policy: Policy, book: Book) -> None:
    """Raise ``InputError`` with every pin that cannot be kept, and why."""
    if book.pinned.is_empty():
        return
    faults = [*_missing(scenario, book)]
    if not faults:
        faults = [*_broken_rules(scenario, policy, book), *_no_room(scenario, policy, book)]
    if faults:
        raise InputError(faults)


def pinned_decisions(scenario: Scenario, policy: Policy, book: Book) -> pl.DataFrame:
    """Return the decisions of the pinned visits, with the points of every term."""
    pinned, facts, session = _pinned(scenario, policy, book)
    held = scenario.network.sessions.select(
        pl.col("session_id").alias("pin_session_id"),
        pl.col("clinic_id").alias("pin_clinic_id"),
        pl.col("clinician_id").alias("pin_clinician_id"),
    )
    pinned = pinned.join(held, on="pin_session_id", how="left", maintain_order="left")
    moves = pl.col("pin_option").is_in(list(IN_SESSION))
    kept = pl.col("pin_option").is_in(["stand", "standby"])
    made = pinned.with_columns(
        pl.col("pin_option").alias("option"),
        *(
            pl.when(moves).then(f"pin_{name}").when(kept).then(name).alias(f"new_{name}")
            for name in ("clinic_id", "session_id", "start")
        ),
        pl.when(moves).then("pin_clinician_id").alias("new_clinician_id"),
    )
    terms = {term: np.zeros(pinned.height, np.int64) for term in policy.terms}
    dates = np.where(
        session >= 0, facts.session_date[session] if session.size and facts.session_date.size else 0, 0
    )
    kind = np.array([_KIND[option] for option in pinned["pin_option"]], np.int64)
    dates = np.select([kind == OPEN, kind == WAITLIST], [dates, facts.last + 1], facts.visit_date)
    for which in (STAND, STANDBY, OPEN, WAITLIST):
        chosen = np.flatnonzero(kind == which)
        for name, values in points(facts, Choices(chosen, session[chosen], dates[chosen], which)).items():
            terms[name][chosen] = values
    made = made.with_columns(pl.Series(name, values) for name, values in terms.items())
    return made.select(*DECISIONS, *policy.terms)


def _pinned(scenario: Scenario, policy: Policy, book: Book) -> tuple[pl.DataFrame, Facts, np.ndarray]:  # type: ignore[type-arg]
    """Return the pinned visits, their facts, and each one's row among the facts' sessions (-1: none)."""
    pinned = book.pinned
    used = pinned.select(pl.col("pin_session_id").alias("session_id")).drop_nulls().unique()
    sessions = scenario.network.sessions.join(used, on="session_id", how="semi").sort("session_id")
    facts = gather_facts(scenario, policy, book, pinned, sessions)
    row = {session: at for at, session in enumerate(sessions["session_id"])}
    return pinned, facts, np.array([row.get(s, -1) for s in pinned["pin_session_id"]], np.int64)


def _fault(visit: str, column: str, found: str, expected: str) -> Fault:
    return Fault("pins", None, column, f"visit {visit}: {found}", expected, "Take this pin out or change it.")


def _missing(scenario: Scenario, book: Book) -> list[Fault]:
    known = set(scenario.network.sessions["session_id"])
    faults = []
    for row in book.pinned.filter(pl.col("pin_option").is_in(list(IN_SESSION))).iter_rows(named=True):
        if row["pin_session_id"] not in known:
            faults.append(_fault(row["visit_id"], "session_id", repr(row["pin_session_id"]), "a session"))
        elif row["pin_start"] is None:
            faults.append(_fault(row["visit_id"], "start", "nothing", "the time at which the visit starts"))
    return faults


def _broken_rules(scenario: Scenario, policy: Policy, book: Book) -> list[Fault]:
    pinned, facts, session = _pinned(scenario, policy, book)
    faults = []
    moved = np.flatnonzero(session >= 0)
    for name, rule in {**SITE_RULES, **POST_RULES}.items():
        for at in moved[~rule(facts, moved, session[moved])]:
            faults.append(
                _fault(pinned["visit_id"][int(at)], "session_id", f"rule {name} broken", "a kept rule")
            )
    waiting = np.flatnonzero((pinned["pin_option"] == "standby").to_numpy())
    for at in waiting[~may_wait(facts, waiting)]:
        faults.append(
            _fault(pinned["visit_id"][int(at)], "option", "standby", "a less urgent visit (may_wait)")
        )
    return faults


def _no_room(scenario: Scenario, policy: Policy, book: Book) -> list[Fault]:
    """Return the pins whose place has no room: outside free gaps, or more in the cover than it holds."""
    bare = Book(book.as_of, book.seen, book.booked, book.pins.clear(), book.unit, book.first, book.last)
    gaps = open_intervals(scenario, policy, bare, reserve=False)
    by_session = {key[0]: part for key, part in gaps.group_by("session_id")}
    taken: dict[tuple[str, int], list[tuple[object, object]]] = {}
    faults = []
    for row in book.pinned.sort("pin_start", "visit_id").iter_rows(named=True):
        if row["pin_option"] in IN_SESSION and not _seat(row, by_session, taken, book.unit):
            expected = "a free stretch of an open session inside the window of new dates"
            faults.append(_fault(row["visit_id"], "start", str(row["pin_start"]), expected))
    return faults + _cover_overrun(scenario, policy, book)


def _seat(row: dict, by_session: dict, taken: dict, unit: int) -> bool:  # type: ignore[type-arg]
    """Take room for a pinned visit in the first gap of its session that holds it at its time."""
    start = row["pin_start"]
    end = start + pl.Series([row["minutes"] * 60_000_000]).cast(pl.Duration("us"))[0]
    gaps = by_session.get(row["pin_session_id"])
    for gap in () if gaps is None else gaps.iter_rows(named=True):
        until = gap["start"] + pl.Series([gap["units"] * unit * 60_000_000]).cast(pl.Duration("us"))[0]
        busy = taken.setdefault((gap["session_id"], gap["lane"]), [])
        if gap["start"] <= start and end <= until and all(end <= a or b <= start for a, b in busy):
            busy.append((start, end))
            return True
    return False


def _cover_overrun(scenario: Scenario, policy: Policy, book: Book) -> list[Fault]:
    by = ["pool_id", "date", "hour"]
    pinned = book.pinned.with_columns(pl.col("start").dt.hour().cast(pl.Int64).alias("hour"))
    cover = cover_bins(scenario, policy, book)
    faults = []
    for option in ("stand", "standby"):
        wanted = (
            pinned.filter(pl.col("pin_option") == option)
            .group_by(by, maintain_order=True)
            .agg((pl.col("minutes") // book.unit).sum().alias("size"), pl.col("visit_id").first())
        )
        held = wanted.join(cover, on=by, how="left", nulls_equal=True).with_columns(
            pl.col(option).fill_null(0)
        )
        for row in held.filter(pl.col("size") > pl.col(option)).iter_rows(named=True):
            found = f"{row['size']} units pinned to {option} in {row['pool_id']}, {row['date']}, hour {row['hour']}"
            faults.append(
                _fault(row["visit_id"], "option", found, f"at most the {row[option]} units of cover there")
            )
    return faults
