"""The forecast of visits still to come, by additive pick-up of the booking curve; formulation (12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import polars as pl

from tideover.verify.case import Case, struck_dates


def weekdays(start: date, end: date) -> int:
    """Return the number of Mondays to Fridays in ``[start, end)``, 0 when it ends before it starts."""
    return max(0, int(np.busday_count(start, end)))


class Reserve:
    """Expected minutes still to come at a clinic on a date; every mean is an exact fraction."""

    def __init__(self, case: Case) -> None:
        self._as_of = case.as_of
        self._case = case
        self._strike_dates = struck_dates(case.scenario)
        start = case.as_of - timedelta(days=case.policy.history_days)
        history = case.seen.filter(pl.col("start").dt.date().is_between(start, case.last))
        self._dates = _dates_of(case, history)
        self._all = _booked_minutes(history)
        self._urgent = _booked_minutes(history.filter(pl.col("urgency") <= case.policy.reserve_to_urgency))
        self._found: dict[tuple[int, int, str | None], Sequence[date]] = {}

    def still_to_come(self, day: date) -> int:
        """Return L(day): leads below it are still to come, 0 up to the as-of date."""
        return weekdays(self._as_of + timedelta(days=1), day) + 1 if day > self._as_of else 0

    def minutes(self, clinic_id: str, day: date) -> Fraction:
        """Return E(clinic, day) in minutes; on strike dates of its employer only for urgent visits."""
        employer = self._case.employer(clinic_id)
        struck = day in self._strike_dates.get(employer, ())
        booked = (self._urgent if struck else self._all).get(clinic_id, {})
        expected = Fraction(0)
        leads = self.still_to_come(day)
        for lead, by_date in booked.items():
            dates = self._dates_for(lead, day, employer) if lead < leads else ()
            if dates:
                expected += Fraction(sum(by_date.get(d, 0) for d in dates), len(dates))
        return expected

    def _dates_for(self, lead: int, day: date, employer: str | None) -> Sequence[date]:
        key = (lead, day.weekday(), employer)
        if key not in self._found:
            dates = self._dates.get(employer, [])
            observed = [d for d in dates if lead >= self.still_to_come(d)]
            alike = [d for d in observed if d.weekday() == day.weekday()]
            self._found[key] = alike if len(alike) >= 2 else observed
        return self._found[key]


def _dates_of(case: Case, history: pl.DataFrame) -> dict[str | None, list[date]]:
    """Return the dates of visits at clinics of each employer, sorted."""
    found: dict[str | None, set[date]] = defaultdict(set)
    for clinic_id, day in history.select("clinic_id", pl.col("start").dt.date()).unique().iter_rows():
        found[case.employer(clinic_id)].add(day)
    return {employer: sorted(days) for employer, days in found.items()}


def _booked_minutes(history: pl.DataFrame) -> dict[str, dict[int, dict[date, int]]]:
    """Return minutes by clinic, lead and date of the visits whose booking day is known."""
    known = (
        history.filter(pl.col("booked_on").is_not_null())
        .group_by("clinic_id", "booked_on", pl.col("start").dt.date().alias("day"))
        .agg(pl.col("minutes").sum())
    )
    found: dict[str, dict[int, dict[date, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for clinic_id, booked_on, day, minutes in known.iter_rows():
        found[clinic_id][weekdays(booked_on, day)][day] += minutes
    return found
