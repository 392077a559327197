"""What patients were told before, and the room that is kept for it (formulation 20 to 25)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from tideover.nouns import Policy, Scenario
from tideover.visits.book import PINS, TIME, Book
from tideover.visits.facts import gather_facts
from tideover.visits.intervals import bookable_minutes, free_stretches, in_service
from tideover.visits.rules import POST_RULES, SITE_RULES

Row = dict[str, Any]
Span = tuple[datetime, datetime, str]  # start, end, visit_id


def keep_room(scenario: Scenario, policy: Policy, book: Book, *, pin_all: bool = False) -> Book:
    """Return the book with room kept for what patients were told, as pins or as places of their own.

    ``pin_all`` pins every place that can be kept, as on the morning (formulation 23, 30).
    """
    if book.booked["told_as"].max() in (None, 0):
        return book
    told = book.booked.filter(pl.col("told_as") == TIME).join(book.pins, on="visit_id", how="anti")
    told = told.sort("urgency", "visit_id")
    kept = told.filter(_can_be_kept(scenario, policy, book, told))
    often = pl.col("told_times") >= policy.told_at_most
    stays = kept.filter((pl.col("told_answer") == "accepted").fill_null(value=False) | often | pin_all)
    pins = stays.select(
        "visit_id",
        pl.lit("own_clinician").alias("option"),  # any option in a session; what it is called follows from it
        pl.col("told_session_id").alias("session_id"),
        pl.col("told_start").alias("start"),
    )
    places = _places(kept.join(stays, on="visit_id", how="anti"))
    book = replace(book, pins=pl.concat([book.pins, pins.select(*PINS)]).sort("visit_id"), kept=places)
    gone = told.join(kept, on="visit_id", how="anti").select("visit_id")
    return replace(book, gone=gone, free_again=_free_again(scenario, book))


def _places(told: pl.DataFrame) -> pl.DataFrame:
    place = {"session_id": "told_session_id", "start": "told_start"}
    return told.select("visit_id", **{name: pl.col(of) for name, of in place.items()}, minutes="minutes")


def _can_be_kept(scenario: Scenario, policy: Policy, book: Book, told: pl.DataFrame) -> pl.Series:
    """Return for each row of ``told``, in their order, whether its place can be kept (formulation 23)."""
    alone = _fits_alone(scenario, policy, book, told)
    if not alone.any():
        return alone
    room = _Room(scenario, book, told.filter(alone))
    kept = [bool(fits) and room.take(row) for fits, row in zip(alone, _places_of(told), strict=True)]
    return pl.Series(kept, dtype=pl.Boolean)


def _places_of(told: pl.DataFrame) -> Iterator[Row]:
    columns = ("visit_id", "patient_id", "told_session_id", "told_start", "minutes")
    return told.select(columns).iter_rows(named=True)


def _fits_alone(scenario: Scenario, policy: Policy, book: Book, told: pl.DataFrame) -> pl.Series:
    """Return whether session, clinic, stretch and rules let each visit keep its place, all others aside."""
    network = scenario.network
    named = told.select(session_id="told_session_id").unique()
    sessions = network.sessions.join(named, on="session_id", how="semi").sort("session_id")
    clinics = network.clinics.select(pl.col("clinic_id").alias("at"), "opens_on", "closes_on")
    held = sessions.select(pl.col("session_id").alias("told_session_id"), pl.col("clinic_id").alias("at"))
    where = told.join(held, on="told_session_id", how="left", maintain_order="left")
    where = where.join(clinics, on="at", how="left", maintain_order="left")
    is_open = where.select(
        (pl.col("at").is_not_null() & in_service(pl.col("told_start").dt.date())).fill_null(value=False)
    ).to_series()
    end = pl.col("told_start") + pl.duration(minutes=pl.col("minutes"))
    inside = told.join(
        free_stretches(scenario, sessions), left_on="told_session_id", right_on="session_id"
    ).filter(pl.col("from") <= pl.col("told_start"), end <= pl.col("until"))
    fits = is_open & told["visit_id"].is_in(inside["visit_id"].implode())
    if not fits.any():
        return fits
    facts = gather_facts(scenario, policy, book, told, sessions)
    row = {session: at for at, session in enumerate(sessions["session_id"])}
    at = np.flatnonzero(fits.to_numpy())
    session = np.array([row[name] for name in told["told_session_id"].gather(at)], np.int64)
    right = np.ones(at.size, np.bool_)
    for rule in (*SITE_RULES.values(), *POST_RULES.values()):
        right &= rule(facts, at, session)
    allowed = np.zeros(told.height, np.bool_)
    allowed[at[right]] = True
    return pl.Series(allowed)


@dataclass(frozen=True)
class _Limits:
    posts: int
    minutes: int
    clinician: str | None
    longest: int | None


class _Room:
    """The sessions that visits were told, filling up: who is there when, and what the limits are."""

    def __init__(self, scenario: Scenario, book: Book, told: pl.DataFrame) -> None:
        network = scenario.network
        wanted = told.select(session_id="told_session_id").unique()
        sessions = network.sessions.join(wanted, on="session_id", how="semi").sort("session_id")
        bookable = bookable_minutes(sessions, free_stretches(scenario, sessions))
        longest = dict(network.clinicians.select("clinician_id", "daily_minutes").iter_rows())
        columns = ("session_id", "posts", "bookable", "clinician_id")
        self._limits = {
            name: _Limits(posts, minutes, clinician, longest.get(clinician))
            for name, posts, minutes, clinician in sessions.join(bookable, on="session_id")
            .select(columns)
            .iter_rows()
        }
        self._spans: dict[str, list[Span]] = defaultdict(list)
        self._days: dict[tuple[str, date], int] = defaultdict(int)
        self._own: dict[tuple[str, str, date], int] = defaultdict(int)
        self._enter(network, book)
        self._of_patient = _visits_of(book, told)

    def _enter(self, network: Any, book: Book) -> None:
        """Enter what occupies these sessions, and the days of their clinicians."""
        people = {limits.clinician for limits in self._limits.values()} - {None}
        held = network.sessions.filter(
            pl.col("session_id").is_in(list(self._limits)) | pl.col("clinician_id").is_in(list(people))
        ).select("session_id", "clinician_id")
        there = book.occupying.join(held, on="session_id")
        columns = ("visit_id", "session_id", "clinician_id", "start", "minutes")
        for visit, session, clinician, start, minutes in there.select(columns).iter_rows():
            if session in self._limits:
                self._spans[session].append((start, start + timedelta(minutes=minutes), visit))
            if clinician is not None:
                self._days[clinician, start.date()] += minutes
                self._own[visit, clinician, start.date()] += minutes

    def take(self, row: Row) -> bool:
        """Enter the visit at its place if it fits there, and return whether it does."""
        session, start, visit = row["told_session_id"], row["told_start"], row["visit_id"]
        end = start + timedelta(minutes=row["minutes"])
        limits, here = self._limits[session], self._spans[session]
        others = [span for span in here if span[2] != visit]
        minutes = sum((last - first) // timedelta(minutes=1) for first, last, _ in others)
        day = (limits.clinician or "", start.date())
        own = self._own.get((visit, *day), 0)
        fits = (
            most_at_once(others, start, end) + 1 <= limits.posts
            and minutes + row["minutes"] <= limits.minutes
            and (limits.longest is None or self._days[day] - own + row["minutes"] <= limits.longest)
            and not any(a < end and start < b for a, b in self._of_patient.get(visit, ()))
        )
        if fits:
            here.append((start, end, ""))
            self._days[day] += row["minutes"]
        return fits


def most_at_once(spans: list[Span], start: datetime, end: datetime) -> int:
    """Return how many of ``spans`` hold at the busiest moment from ``start`` to ``end``."""
    near = [(a, b) for a, b, _ in spans if a < end and start < b]
    moments = [max(a, start) for a, _ in near]
    return max((sum(a <= moment < b for a, b in near) for moment in moments), default=0)


def _visits_of(book: Book, told: pl.DataFrame) -> Mapping[str, list[tuple[datetime, datetime]]]:
    """Return for each visit of ``told`` when its patient has other visits that nothing affects."""
    others = book.seen.filter(~pl.col("affected")).select(
        "patient_id", other="visit_id", begin="start", length="minutes"
    )
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    both = told.drop_nulls("patient_id").join(others, on="patient_id")
    both = both.filter(pl.col("visit_id") != pl.col("other"))
    for visit, begin, length in both.select("visit_id", "begin", "length").iter_rows():
        found[visit].append((begin, begin + timedelta(minutes=length)))
    return found


def _free_again(scenario: Scenario, book: Book) -> pl.DataFrame:
    """Return the visit_id of released visits whose booked place is free (formulation 24)."""
    released = book.free.filter(~pl.col("affected") & (pl.col("date") > book.as_of)).select(
        "visit_id", "session_id", "start", "minutes", "told_on"
    )
    posts = dict(scenario.network.sessions.select("session_id", "posts").iter_rows())
    there: dict[str, list[Span]] = defaultdict(list)
    asked = released.select("session_id").unique()
    here = book.occupying.join(asked, on="session_id", how="semi")
    for visit, session, start, minutes in here.iter_rows():
        there[session].append((start, start + timedelta(minutes=minutes), visit))
    booked: dict[str, list[tuple[date | None, Span]]] = defaultdict(list)
    columns = ("visit_id", "session_id", "start", "minutes", "booked_on")
    then = book.seen.filter(~pl.col("affected")).join(asked, on="session_id", how="semi").select(columns)
    for visit, session, start, minutes, day in then.iter_rows():
        booked[session].append((day, (start, start + timedelta(minutes=minutes), visit)))
    free = []
    for visit, session, start, minutes, told_on in released.iter_rows():
        end = start + timedelta(minutes=minutes)
        before = [span for day, span in booked[session] if day is None or day <= told_on]
        if _no_fuller(there[session], before, posts[session], start, end):
            free.append(visit)
    return pl.DataFrame({"visit_id": free}, schema={"visit_id": pl.String()})


def _no_fuller(
    now: list[Span],
    then: list[Span],
    posts: int,
    start: datetime,
    end: datetime,
) -> bool:
    """Return whether at every moment there are at most ``posts`` visits now, or no more than there were."""
    moments = {start, *(a for a, _, _ in now if start < a < end)}
    moments |= {b for _, b, _ in now if start < b < end}
    for moment in moments:
        count, was = (sum(a <= moment < b for a, b, _ in spans) for spans in (now, then))
        if count > posts and count > was:
            return False
    return True
