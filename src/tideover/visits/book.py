"""Which visits the plan is about: seen, affected, booked, pinned, told (formulation 1 to 6, 20 to 22)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from tideover.errors import Fault, InputError
from tideover.nouns import Policy, Scenario
from tideover.nouns.plan import OPTIONS
from tideover.nouns.told import TOLD, nothing_told

#: Pins of this kind put a visit into a session; the others name no session.
IN_SESSION = ("own_clinician", "another_clinician", "another_clinic", "video", "urgent_care")

#: What a pin may say; where posts are sent is the plan's to choose, so no visit is pinned to another site.
PINNABLE = tuple(option for option in OPTIONS if option != "another_site")

PINS = {"visit_id": pl.String(), "option": pl.String(), "session_id": pl.String(), "start": pl.Datetime("us")}

#: Room that is kept at the place that a patient was told.
KEPT = {"visit_id": pl.String(), "session_id": pl.String(), "start": pl.Datetime("us"), "minutes": pl.Int64()}
#: What a patient was told last, where it counts: nothing, a time, to wait, the booked time, to expect a call,
#: the booked time at another site.
NEVER, TIME, WAIT, AS_BOOKED, OPEN_END, AT_SITE = range(6)


@dataclass(frozen=True)
class Book:
    """The book as it stood on the as-of date, and what the strike does to it.

    ``seen`` is the visits known by then, each with date, affected, pool_id, safe_by, own clinician, employer
    and what was told last (``told_as`` says whether it counts); ``booked`` those of them that the plan is
    about, those that it may assign marked ``movable``; ``unit`` is in minutes; ``first`` and ``last`` bound
    the new dates; ``pins`` holds the pinned visits with the columns of ``PINS``, ``asked`` those that whoever
    plans pinned. ``log`` is what patients were told; ``kept`` holds the open places that are kept for it,
    ``gone`` the visits whose place cannot be kept, ``free_again`` the released visits that may stand.
    """

    as_of: date
    seen: pl.DataFrame
    booked: pl.DataFrame
    pins: pl.DataFrame
    unit: int
    first: date
    last: date
    asked: frozenset[str] = frozenset()
    log: pl.DataFrame = field(default_factory=nothing_told)
    kept: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=KEPT))
    gone: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"visit_id": pl.String()}))
    free_again: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"visit_id": pl.String()}))

    @cached_property
    def free(self) -> pl.DataFrame:
        """The affected and released visits without a pin: those that are to be assigned."""
        return self.booked.filter("movable").join(self.pins, on="visit_id", how="anti")

    @cached_property
    def pinned(self) -> pl.DataFrame:
        """The visits with a pin, with the pin's columns as pin_option, pin_session_id, pin_start."""
        pins = self.pins.rename({name: f"pin_{name}" for name in PINS if name != "visit_id"})
        return self.booked.filter("movable").join(pins, on="visit_id").sort("visit_id")

    @cached_property
    def occupying(self) -> pl.DataFrame:
        """What holds room in sessions: seen, unaffected visits, visits pinned into one, and kept places."""
        columns = ("visit_id", "session_id", "start", "minutes")
        moved = self.pinned.filter(pl.col("pin_option").is_in(list(IN_SESSION))).select(
            "visit_id",
            pl.col("pin_session_id").alias("session_id"),
            pl.col("pin_start").alias("start"),
            "minutes",
        )
        staying = self.seen.filter(~pl.col("affected")).select(columns)
        return pl.concat([staying, moved, self.kept.select(columns)])


def open_book(
    scenario: Scenario,
    policy: Policy,
    as_of: date,
    pins: pl.DataFrame | None = None,
    log: pl.DataFrame | None = None,
    morning: date | None = None,
) -> Book:
    """Return the book of ``scenario`` as of ``as_of``; ``pins`` has the columns of ``PINS``.

    ``log`` (columns of ``TOLD``) is what patients were told; ``morning`` the date that is decided for good.
    Raises ``InputError`` if the as-of date is not before the last date on which a session is lost (unless
    patients were told something), or if pins name visits that are not affected, options that do not exist,
    or a visit twice.
    """
    pins = pl.DataFrame(schema=PINS) if pins is None else pins.select(*PINS)
    lost = scenario.lost["from"].dt.date().to_list() or scenario.strike_dates
    log = nothing_told() if log is None else log.select(*TOLD)
    if lost and as_of >= max(lost) and log.is_empty():
        raise InputError([_too_late(as_of, max(lost))])
    seen = _seen(scenario, policy, as_of).join(_told(log), on="visit_id", how="left")
    seen = _what_counts(seen, morning)
    booked = _booked(seen, scenario, as_of)
    affected = booked.filter("movable")
    faults = _pin_faults(pins, affected)
    if faults:
        raise InputError(faults)
    return Book(
        as_of=as_of,
        seen=seen,
        booked=booked,
        pins=pins.sort("visit_id"),
        unit=math.gcd(*affected["minutes"].unique().to_list()) or 1,
        first=as_of + timedelta(days=policy.contact_lead_days),
        last=max(lost, default=as_of) + timedelta(days=policy.horizon_days),
        asked=frozenset(pins["visit_id"]),
        log=log,
    )


def _told(log: pl.DataFrame) -> pl.DataFrame:
    """Return the last row of each visit of the log, and how many there are."""
    last = log.sort("visit_id", "number").group_by("visit_id", maintain_order=True).last()
    return last.select(
        "visit_id",
        pl.col("number").alias("told_times"),
        pl.col("as_of").alias("told_on"),
        pl.col("booked_session_id").alias("told_from_session_id"),
        pl.col("booked_start").alias("told_from_start"),
        pl.col("option").alias("told_option"),
        pl.col("clinic_id").alias("told_clinic_id"),
        pl.col("session_id").alias("told_session_id"),
        pl.col("start").alias("told_start"),
        pl.col("answer").alias("told_answer"),
    )


def _what_counts(seen: pl.DataFrame, morning: date | None) -> pl.DataFrame:
    """Return ``seen`` with ``told_as``: what the last row of the log says, where it counts (21)."""
    counts = (
        pl.col("told_option").is_not_null()
        & pl.col("session_id").eq_missing(pl.col("told_from_session_id"))
        & (pl.col("start") == pl.col("told_from_start"))
    )
    waits = pl.col("told_option") == "standby"
    over = waits & (pl.col("date") == morning) if morning else pl.lit(value=False)
    as_booked = pl.col("session_id").eq_missing(pl.col("told_session_id")) & (
        pl.col("told_start") == pl.col("start")
    )
    declined = (pl.col("told_answer") == "declined").fill_null(value=False)
    said = (
        pl.when(declined | over | (pl.col("told_option") == "waitlist"))
        .then(OPEN_END)
        .when(waits)
        .then(WAIT)
        .when(pl.col("told_option") == "another_site")
        .then(AT_SITE)
        .when(as_booked)
        .then(AS_BOOKED)
        .otherwise(TIME)
    )
    return seen.with_columns(
        pl.when(counts).then(said).otherwise(NEVER).cast(pl.Int64).alias("told_as"),
        pl.col("told_times").fill_null(0),
    )


def _booked(seen: pl.DataFrame, scenario: Scenario, as_of: date) -> pl.DataFrame:
    """Return the visits that the plan is about, those that it assigns marked (formulation 3, 21, 22)."""
    timed = pl.col("told_as") == TIME
    waiting = (pl.col("told_as") == OPEN_END) & pl.col("affected")
    elsewhere = pl.col("told_as").is_in([TIME, WAIT, OPEN_END, AT_SITE])
    struck = scenario.struck_days().with_columns(pl.lit(value=True).alias("struck"))
    seen = seen.join(struck, on=["clinic_id", "date"], how="left")
    about = pl.col("affected") | pl.col("struck").fill_null(value=False) | elsewhere
    held = timed & (pl.col("told_start").dt.date() <= as_of)
    over = (pl.col("date") <= as_of) & ~timed & ~waiting
    found = seen.filter(about & ~over & ~held.fill_null(value=False))
    return found.with_columns((pl.col("affected") | timed).alias("movable")).drop("struck").sort("visit_id")


def _too_late(as_of: date, last: date) -> Fault:
    expected = f"a date before the last on which sessions are lost, {last}"
    remedy = "Give an earlier as-of date, or the previous plan, so that whoever waits for a date is planned."
    return Fault("--as-of", None, None, str(as_of), expected, remedy)


def _seen(scenario: Scenario, policy: Policy, as_of: date) -> pl.DataFrame:
    network = scenario.network
    known = pl.col("booked_on").is_null() | (pl.col("booked_on") <= as_of)
    tolerance = pl.duration(
        days=pl.col("urgency").replace_strict(dict(enumerate(policy.safe_days, 1)), return_dtype=pl.Int64)
    )
    visits = network.visits.filter(known).with_columns(pl.col("start").dt.date().alias("date"))
    visits = visits.with_columns(pl.coalesce("safe_by", pl.col("date") + tolerance).alias("safe_by"))
    own = network.patients.select("patient_id", pl.col("clinician_id").alias("panel_of"))
    held = network.sessions.select("session_id", pl.col("clinician_id").alias("booked_with"))
    visits = visits.join(own, on="patient_id", how="left").join(held, on="session_id", how="left")
    visits = visits.join(network.clinics.select("clinic_id", "employer"), on="clinic_id", how="left")
    visits = visits.with_columns(pl.coalesce("panel_of", "booked_with").alias("own_clinician_id")).drop(
        "panel_of"
    )
    lost = (
        visits.select("visit_id", "session_id", "start")
        .join(scenario.lost, on="session_id")
        .filter((pl.col("from") <= pl.col("start")) & (pl.col("start") < pl.col("until")))
        .select("visit_id", "pool_id", pl.lit(value=True).alias("affected"))
    )
    return visits.join(lost, on="visit_id", how="left").with_columns(
        pl.col("affected").fill_null(value=False)
    )


def _pin_faults(pins: pl.DataFrame, affected: pl.DataFrame) -> list[Fault]:
    known = set(affected["visit_id"])
    remedy = "Pin only visits that the strike or a leave affects, as of the as-of date."
    faults = [
        Fault("pins", None, "visit_id", repr(visit), "an affected visit", remedy)
        for visit in sorted(set(pins["visit_id"]) - known)
    ]
    twice = pins.filter(pl.col("visit_id").is_duplicated())["visit_id"].unique()
    faults += [
        Fault("pins", None, "visit_id", repr(visit), "each visit once", "Keep one of its pins.")
        for visit in sorted(twice)
    ]
    expected = ", ".join(PINNABLE)
    return faults + [
        Fault("pins", None, "option", f"visit {visit}: {option!r}", expected, "Name one of these.")
        for visit, option in pins.sort("visit_id").select("visit_id", "option").iter_rows()
        if option not in PINNABLE
    ]
