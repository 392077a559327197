"""The decisions as the report reads them: one row per visit with date, hour and outcome; then counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from tideover.nouns import Plan, Scenario
from tideover.nouns.plan import MOVED
from tideover.reports.parts import OUTCOMES

#: Sites with fewer patients than this are shown together, as on the scorecard.
FEWEST_PEOPLE = 11
URGENT_TO = 2


@dataclass(frozen=True)
class Book:
    """What the report counts: the decisions with date, hour, outcome and lateness, and the plan's facts."""

    visits: pl.DataFrame
    facts: Mapping[str, Any]
    scenario: Scenario

    @property
    def dates(self) -> list[dt.date]:
        """Every date on which a visit of the plan is booked."""
        return sorted(self.visits["date"].unique().to_list())

    @property
    def strike_dates(self) -> list[dt.date]:
        """The dates on which posts are struck; where none are, the dates of the plan."""
        return list(self.scenario.strike_dates) or self.dates

    def on(self, date: dt.date) -> Book:
        """Return the book of one date."""
        return Book(self.visits.filter(pl.col("date") == date), self.facts, self.scenario)

    @property
    def as_of(self) -> dt.date:
        """The last day whose bookings the plan has seen."""
        return dt.date.fromisoformat(self.facts["as_of"])


def book(plan: Plan, scenario: Scenario) -> Book:
    """Return the book of ``plan``."""
    outcome = pl.when(pl.col("option").is_in(MOVED)).then(pl.lit("moved")).otherwise("option")
    date, new = pl.col("start").dt.date(), pl.col("new_start").dt.date()
    urgent = pl.col("urgency") <= URGENT_TO
    visits = plan.decisions.with_columns(
        date.alias("date"),
        pl.col("start").dt.hour().alias("hour"),
        outcome.alias("outcome"),
        new.alias("new_date"),
        (new - date).dt.total_days().abs().alias("days"),
        pl.coalesce("patient_id", "visit_id").alias("person"),
        pl.col("visit_id").is_in(plan.to_tell["visit_id"].implode()).alias("to_tell"),
        (urgent & (date > pl.col("safe_by"))).fill_null(value=False).alias("late_before"),
        (urgent & ((pl.col("option") == "waitlist") | (new > pl.col("safe_by"))))
        .fill_null(value=False)
        .alias("late_after"),
    )
    return Book(visits, plan.facts, scenario)


def outcomes(visits: pl.DataFrame) -> dict[str, int]:
    """Return how many of ``visits`` have each outcome; every outcome is a key."""
    found = dict(visits.group_by("outcome").len().iter_rows())
    return {name: int(found.get(name, 0)) for name in OUTCOMES}


def outcomes_by(visits: pl.DataFrame, *keys: str) -> dict[Any, dict[str, int]]:
    """Return the outcomes for each value of ``keys``, sorted; a single key is not wrapped in a tuple."""
    parts = visits.sort(keys).group_by(keys, maintain_order=True)
    return {key[0] if len(keys) == 1 else key: outcomes(part) for key, part in parts}


def site_names(scenario: Scenario) -> dict[str, str]:
    """Return the name of each clinic, its identifier where it has none."""
    named = scenario.network.clinics.select("clinic_id", pl.coalesce("name", "clinic_id").alias("name"))
    return dict(named.iter_rows())


def few_people(visits: pl.DataFrame) -> list[str]:
    """Return the sites shown together: those with few patients, and as many more as hide each of them."""
    people = visits.group_by("clinic_id").agg(pl.col("person").n_unique()).sort("person", "clinic_id")
    chosen: list[str] = []
    together = 0
    for site, number in people.iter_rows():
        alone = bool(chosen) and (len(chosen) < 2 or together < FEWEST_PEOPLE)
        if number < FEWEST_PEOPLE or alone:
            chosen.append(site)
            together += number
    return chosen
