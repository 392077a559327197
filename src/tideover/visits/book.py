"""Which visits the plan is about: seen, affected, booked, pinned (formulation 1 to 6)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tideover.errors import Fault, InputError
from tideover.nouns import Policy, Scenario

#: Pins of this kind put a visit into a session; the others name no session.
IN_SESSION = ("own_clinician", "another_clinician", "another_clinic", "video", "urgent_care")

PINS = {"visit_id": pl.String(), "option": pl.String(), "session_id": pl.String(), "start": pl.Datetime("us")}


@dataclass(frozen=True)
class Book:
    """The book as it stood on the as-of date, and what the strike does to it.

    ``seen`` is the visits known by then, each with date, affected, pool_id, safe_by and own clinician;
    ``booked`` those of them that the plan is about; ``unit`` is in minutes; ``first`` and ``last`` bound the new
    dates; ``pins`` holds the pinned visits with the columns of ``PINS``.
    """

    as_of: date
    seen: pl.DataFrame
    booked: pl.DataFrame
    pins: pl.DataFrame
    unit: int
    first: date
    last: date

    @property
    def affected(self) -> pl.DataFrame:
        """The affected visits without a pin: those that are to be assigned."""
        return self.booked.filter("affected").join(self.pins, on="visit_id", how="anti")

    @property
    def pinned(self) -> pl.DataFrame:
        """The affected visits with a pin, with the pin's columns as pin_option, pin_session_id, pin_start."""
        pins = self.pins.rename({name: f"pin_{name}" for name in PINS if name != "visit_id"})
        return self.booked.filter("affected").join(pins, on="visit_id").sort("visit_id")

    @property
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

    Raises ``InputError`` if the as-of date is not before every strike date, or a pin names a visit that is not
    affected.
    """
    pins = pl.DataFrame(schema=PINS) if pins is None else pins.select(*PINS)
    dates = scenario.strike_dates
    if dates and as_of >= dates[0]:
        found, expected = str(as_of), f"a date before the first strike date, {dates[0]}"
        raise InputError([Fault("--as-of", None, None, found, expected, "Give an earlier as-of date.")])
    seen = _seen(scenario, policy, as_of)
    booked = seen.filter(pl.col("affected") | pl.col("date").is_in(dates)).sort("visit_id")
    affected = booked.filter("affected")
    _check_pins(pins, affected)
    last = scenario.lost["from"].dt.date().max() or (dates[-1] if dates else as_of)
    return Book(
        as_of=as_of,
        seen=seen,
        booked=booked,
        pins=pins.sort("visit_id"),
        unit=math.gcd(*affected["minutes"].unique().to_list()) or 1,
        first=as_of + timedelta(days=policy.contact_lead_days),
        last=last + timedelta(days=policy.horizon_days),  # type: ignore[operator]
    )


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


def _check_pins(pins: pl.DataFrame, affected: pl.DataFrame) -> None:
    strangers = pins.join(affected, on="visit_id", how="anti")["visit_id"].to_list()
    remedy = "Pin only visits that the strike or a leave affects, as of the as-of date."
    faults = [
        Fault("pins", None, "visit_id", repr(visit), "an affected visit", remedy)
        for visit in sorted(strangers)
    ]
    if faults:
        raise InputError(faults)
