"""Which visits the plan is about: seen, affected, booked, pinned (formulation 1 to 6)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from tideover.errors import Fault, InputError
from tideover.nouns import Policy, Scenario
from tideover.nouns.plan import OPTIONS

#: Pins of this kind put a visit into a session; the others name no session.
IN_SESSION = ("own_clinician", "another_clinician", "another_clinic", "video", "urgent_care")

PINS = {"visit_id": pl.String(), "option": pl.String(), "session_id": pl.String(), "start": pl.Datetime("us")}


@dataclass(frozen=True)
class Book:
    """The book as it stood on the as-of date, and what the strike does to it.

    ``seen`` is the visits known by then, each with date, affected, pool_id, safe_by and own clinician;
    ``booked`` those of them that the plan is about; ``unit`` is in minutes; ``first`` and ``last`` bound the
    new dates; ``pins`` holds the pinned visits with the columns of ``PINS``.
    """

    as_of: date
    seen: pl.DataFrame
    booked: pl.DataFrame
    pins: pl.DataFrame
    unit: int
    first: date
    last: date

    @cached_property
    def affected(self) -> pl.DataFrame:
        """The affected visits without a pin: those that are to be assigned."""
        return self.booked.filter("affected").join(self.pins, on="visit_id", how="anti")

    @cached_property
    def pinned(self) -> pl.DataFrame:
        """The affected visits with a pin, with the pin's columns as pin_option, pin_session_id, pin_start."""
        pins = self.pins.rename({name: f"pin_{name}" for name in PINS if name != "visit_id"})
        return self.booked.filter("affected").join(pins, on="visit_id").sort("visit_id")

    @cached_property
    def occupying(self) -> pl.DataFrame:
        """What holds room in sessions: seen, unaffected visits and visits pinned into a session."""
        columns = ("visit_id", "session_id", "start", "minutes")
        moved = self.pinned.filter(pl.col("pin_option").is_in(list(IN_SESSION))).select(
            "visit_id",
            pl.col("pin_session_id").alias("session_id"),
            pl.col("pin_start").alias("start"),
            "minutes",
        )
        return pl.concat([self.seen.filter(~pl.col("affected")).select(columns), moved])


def open_book(scenario: Scenario, policy: Policy, as_of: date, pins: pl.DataFrame | None = None) -> Book:
    """Return the book of ``scenario`` as of ``as_of``; ``pins`` has the columns of ``PINS``.

    Raises ``InputError`` if the as-of date is not before every date on which a session is lost, or if pins
    name visits that are not affected, options that do not exist, or a visit twice.
    """
    pins = pl.DataFrame(schema=PINS) if pins is None else pins.select(*PINS)
    lost = scenario.lost["from"].dt.date().to_list() or scenario.strike_dates
    if lost and as_of >= min(lost):
        raise InputError([_too_late(as_of, min(lost))])
    seen = _seen(scenario, policy, as_of)
    on_strike_dates = pl.col("date").is_in(scenario.strike_dates)
    booked = seen.filter(pl.col("affected") | on_strike_dates).sort("visit_id")
    affected = booked.filter("affected")
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
    )


def _too_late(as_of: date, first: date) -> Fault:
    expected = f"a date before the first on which sessions are lost, {first}"
    remedy = "Give an earlier as-of date, or leave the dates that are over out of the changes."
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
    return faults + [
        Fault("pins", None, "option", f"visit {visit}: {option!r}", ", ".join(OPTIONS), "Name one of these.")
        for visit, option in pins.sort("visit_id").select("visit_id", "option").iter_rows()
        if option not in OPTIONS
    ]
