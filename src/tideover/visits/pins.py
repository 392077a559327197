"""Pinned visits: decisions that stay, checked against the same rules (formulation 19)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from tideover.errors import Fault, InputError
from tideover.nouns import Policy, Scenario
from tideover.visits.book import IN_SESSION, Book
from tideover.visits.cover import cover_bins
from tideover.visits.decisions import Chosen, clashes, decide, option_names, untouched
from tideover.visits.facts import Facts, Ints, gather_facts
from tideover.visits.intervals import bookable_minutes, free_stretches, in_service
from tideover.visits.rules import OPEN, POST_RULES, SITE_RULES, STAND, STANDBY, WAITLIST, may_wait
from tideover.visits.sites import desks_of

_KIND = {"stand": STAND, "standby": STANDBY, "waitlist": WAITLIST} | dict.fromkeys(IN_SESSION, OPEN)


def pinned_decisions(scenario: Scenario, policy: Policy, book: Book) -> pl.DataFrame:
    """Return the decisions of the pinned visits; ``InputError`` with every pin that cannot be kept."""
    if book.pinned.is_empty():
        return untouched(book, policy).clear()
    faults = list(_unknown(scenario, book))
    if faults:
        raise InputError(faults)
    sessions = _sessions(scenario, book)
    facts = gather_facts(scenario, policy, book, book.pinned, sessions)
    chosen = _chosen(book, sessions)
    decisions = decide(facts, book.pinned, sessions, chosen)
    if book.asked:  # the others are places of which it is known that they can be kept
        faults += _broken_rules(facts, book, chosen)
        faults += _no_room(scenario, book, sessions)
        overrun = list(_cover_overrun(scenario, policy, book))
        faults += overrun or _closed_sites(scenario, policy, book)
        faults += _two_places(decisions, book)
    if faults:
        raise InputError(faults)
    return decisions


def _moved(book: Book) -> pl.DataFrame:
    """Return the visits that whoever plans pinned into a session."""
    asked = pl.col("visit_id").is_in(list(book.asked))
    return book.pinned.filter(asked & pl.col("pin_option").is_in(list(IN_SESSION)))


def _sessions(scenario: Scenario, book: Book) -> pl.DataFrame:
    """Return the sessions that visits are pinned into, sorted."""
    into = book.pinned.filter(pl.col("pin_option").is_in(list(IN_SESSION)))
    used = into["pin_session_id"].unique().to_list()
    return scenario.network.sessions.filter(pl.col("session_id").is_in(used)).sort("session_id")


def _chosen(book: Book, sessions: pl.DataFrame) -> Chosen:
    kind = np.array([_KIND[option] for option in book.pinned["pin_option"]], np.int64)
    row = {session: at for at, session in enumerate(sessions["session_id"])}
    at = np.array([row.get(session, -1) for session in book.pinned["pin_session_id"]], np.int64)
    moves = pl.Series(kind == OPEN)
    start = book.pinned.select(pl.when(moves).then("pin_start")).to_series()
    return Chosen(kind, np.where(kind == OPEN, at, -1), start, np.full(kind.size, -1))


def _fault(visit: str, column: str, found: str, expected: str) -> Fault:
    return Fault("pins", None, column, f"visit {visit}: {found}", expected, "Take this pin out or change it.")


def _unknown(scenario: Scenario, book: Book) -> Iterator[Fault]:
    moved = _moved(book)
    known = scenario.network.sessions.select("session_id")
    strangers = moved.join(known, left_on="pin_session_id", right_on="session_id", how="anti")
    for visit, session in strangers.select("visit_id", "pin_session_id").sort("visit_id").iter_rows():
        yield _fault(visit, "session_id", repr(session or "nothing"), "a session of the network")
    for visit in moved.filter(pl.col("pin_start").is_null())["visit_id"]:
        yield _fault(visit, "start", "nothing", "the time at which the visit starts")


def _broken_rules(facts: Facts, book: Book, chosen: Chosen) -> Iterator[Fault]:
    """Yield the pins that break R2 to R7 or R9, or call what they do by another name."""
    visits = book.pinned["visit_id"].to_list()
    asked = book.pinned["visit_id"].is_in(list(book.asked)).to_numpy()
    moved = np.flatnonzero((chosen.kind == OPEN) & asked)
    for name, rule in {**SITE_RULES, **POST_RULES}.items():
        for at in moved[~rule(facts, moved, chosen.session[moved])]:
            sentence = (rule.__doc__ or "").rstrip(".")
            yield _fault(visits[at], "session_id", f"breaks the rule {name}", sentence)
    waiting = np.flatnonzero(chosen.kind == STANDBY)
    for at in waiting[~may_wait(facts, waiting)]:
        expected = f"an urgency from {facts.policy.standby_from_urgency}: less urgent visits only (may_wait)"
        yield _fault(visits[at], "option", f"standby with urgency {facts.visit_urgency[at]}", expected)
    names = option_names(facts, chosen.kind, chosen.session)
    for visit, found, name, ours in zip(visits, book.pinned["pin_option"], names, asked, strict=True):
        if ours and found != name:
            yield _fault(visit, "option", found, f"{name}, which is what a place in this session is")


def _no_room(scenario: Scenario, book: Book, sessions: pl.DataFrame) -> Iterator[Fault]:
    """Yield the pins that a person with the diary in hand could not keep; the reserve may be used up."""
    stretches = free_stretches(scenario, sessions)
    yield from _outside(scenario, book, sessions, stretches)
    minutes = dict(bookable_minutes(sessions, stretches).iter_rows())
    occupying = book.occupying.join(sessions, on="session_id", how="semi")
    held = occupying.partition_by("session_id", as_dict=True)
    pinned = _moved(book).partition_by("pin_session_id", as_dict=True)
    for session, posts in sessions.select("session_id", "posts").iter_rows():
        if (session,) not in pinned:
            continue
        here, booked = pinned[session,], held[session,]
        yield from _too_many_at_once(posts, here, booked)
        total, limit = booked["minutes"].sum(), minutes[session]
        if total > limit:
            visit = here.sort("pin_start", "visit_id")["visit_id"][-1]
            yield _fault(visit, "session_id", f"{total} minutes in session {session}", f"at most {limit}")
    yield from _long_days(scenario, book)


def _outside(
    scenario: Scenario, book: Book, sessions: pl.DataFrame, stretches: pl.DataFrame
) -> Iterator[Fault]:
    """Yield the pins on a date that cannot be booked, or outside the free stretches of their session."""
    clinics = scenario.network.clinics.select("clinic_id", "opens_on", "closes_on")
    places = sessions.select("session_id", pl.col("clinic_id").alias("place")).join(
        clinics, left_on="place", right_on="clinic_id"
    )
    moved = _moved(book).join(places, left_on="pin_session_id", right_on="session_id").sort("visit_id")
    day = pl.col("pin_start").dt.date()
    bookable = (day >= book.as_of) & (day <= book.last) & in_service(day)
    for visit, start in moved.filter(~bookable).select("visit_id", "pin_start").iter_rows():
        expected = f"a date from {book.as_of} to {book.last} on which the clinic is open"
        yield _fault(visit, "start", str(start), expected)
    end = pl.col("pin_start") + pl.duration(minutes=pl.col("minutes"))
    inside = moved.join(stretches, left_on="pin_session_id", right_on="session_id").filter(
        pl.col("from") <= pl.col("pin_start"), end <= pl.col("until")
    )
    outside = moved.join(inside, on="visit_id", how="anti")
    for visit, start, minutes in outside.select("visit_id", "pin_start", "minutes").iter_rows():
        expected = f"{minutes} minutes within a stretch of the session that is held"
        yield _fault(visit, "start", str(start), expected)


def _too_many_at_once(posts: int, here: pl.DataFrame, booked: pl.DataFrame) -> Iterator[Fault]:
    starts = _minutes(booked["start"])
    begun, ended = np.sort(starts), np.sort(starts + booked["minutes"].to_numpy())
    level = np.searchsorted(begun, begun, "right") - np.searchsorted(ended, begun, "right")
    first = _minutes(here["pin_start"])
    low, high = (np.searchsorted(begun, time) for time in (first, first + here["minutes"].to_numpy()))
    for visit, start, a, b in zip(here["visit_id"], here["pin_start"], low, high, strict=True):
        most = level[a:b].max()
        if most > posts:
            yield _fault(
                visit, "start", f"{most} visits at once from {start} in its session", f"at most {posts}"
            )


def _minutes(column: pl.Series) -> Ints:
    return column.dt.timestamp("us").to_numpy() // 60_000_000


def _long_days(scenario: Scenario, book: Book) -> Iterator[Fault]:
    """Yield a pin for each clinician and date whose visits take longer than her longest day."""
    by = ["clinician_id", "date"]
    sessions = scenario.network.sessions.select(
        "session_id", "clinician_id", pl.col("start").dt.date().alias("date")
    )
    booked = book.occupying.join(sessions, on="session_id").drop_nulls("clinician_id")
    days = booked.group_by(by).agg(pl.col("minutes").sum())
    pinned = booked.join(_moved(book), on="visit_id", how="semi").group_by(by).agg(pl.col("visit_id").max())
    longest = scenario.network.clinicians.select("clinician_id", "daily_minutes")
    over = pinned.join(days, on=by).join(longest, on="clinician_id").sort(by)
    for row in over.filter(pl.col("minutes") > pl.col("daily_minutes")).iter_rows(named=True):
        found = f"{row['minutes']} minutes on {row['date']} for the clinician of its session"
        yield _fault(row["visit_id"], "session_id", found, f"at most {row['daily_minutes']}")


def _closed_sites(scenario: Scenario, policy: Policy, book: Book) -> Iterator[Fault]:
    """Yield a pinned visit of each site that cannot get the posts which its pinned visits need."""
    standing = book.pinned.filter(pin_option="stand")
    if standing.is_empty():
        return
    for desk in desks_of(scenario, policy, book):
        here = standing.filter(pool_id=desk.pool_id, date=desk.date)
        for clinic in desk.short():
            visit = here.filter(clinic_id=clinic)["visit_id"].max()
            found = f"pinned to stand at {clinic} on {desk.date}, which cannot get the posts for it"
            expected = f"a site that may open, and room in the {desk.posts} posts of {desk.pool_id}"
            yield _fault(str(visit), "option", found, expected)


def _cover_overrun(scenario: Scenario, policy: Policy, book: Book) -> Iterator[Fault]:
    by = ["pool_id", "date", "hour"]
    pinned = book.pinned.with_columns(pl.col("start").dt.hour().cast(pl.Int64).alias("hour"))
    cover = cover_bins(scenario, policy, book, reserve=False)
    for option in ("stand", "standby"):
        wanted = pinned.filter(pl.col("pin_option") == option).group_by(by)
        size = (pl.col("minutes") // book.unit).sum().alias("size")
        held = wanted.agg(size, pl.col("visit_id").max()).join(cover, on=by, how="left").sort("visit_id")
        held = held.with_columns(pl.col(option).fill_null(0).alias("units"))
        for row in held.filter(pl.col("size") > pl.col("units")).iter_rows(named=True):
            place = f"{row['pool_id'] or 'no pool'}, {row['date']}, hour {row['hour']}"
            found = f"{row['size']} units pinned to {option} in {place}"
            expected = f"at most the {row['units']} units of cover there (own_cover)"
            yield _fault(row["visit_id"], "option", found, expected)


def _two_places(decisions: pl.DataFrame, book: Book) -> Iterator[Fault]:
    """Yield the pins that hold a patient in two places at once (R12)."""
    for visit, other, free in clashes(decisions, book).iter_rows():
        if not free:
            first, second = (visit, other) if visit in book.asked else (other, visit)
            expected = "one place at a time for each patient (one_place_at_a_time)"
            yield _fault(first, "start", f"the same time as visit {second} of the same patient", expected)
