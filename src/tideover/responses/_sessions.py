"""Sessions that a response adds: pooled teams outside every unit, so that no strike counts on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar, Self

import polars as pl

from tideover import schema
from tideover.errors import Fault, InputError
from tideover.nouns.change import RecordedChange
from tideover.nouns.fields import Dates, Hours, Posts, SlotMinutes, span
from tideover.nouns.network import Network
from tideover.nouns.scenario import Scenario

#: How far from the book a date of a response may lie before it is taken for a slip.
DAYS_FROM_BOOK = 366


@dataclass(frozen=True, kw_only=True)
class AddedSessions(RecordedChange):
    """What every response that adds sessions states: dates, hours, posts side by side, length of a slot.

    The added sessions have no clinician: they are a pooled team of ``posts`` at each site, in no unit.
    Responses come after disruptions (rank), so that what is added is not struck, whatever is struck.
    """

    dates: Dates
    hours: Hours
    posts: Posts = 1
    slot_minutes: SlotMinutes = 15

    rank: ClassVar[int] = 60
    touches: ClassVar[frozenset[str]] = frozenset({"sessions"})

    def conflicts(self) -> list[Fault]:
        """Return faults if the hours run to midnight or do not hold one slot."""
        first, last = span(self.hours)
        if last >= 24 * 60:
            remedy = "A session ends on the day it starts: end it before midnight."
            return [self.fault("hours", self.hours, "an end up to 23:59", remedy)]
        if last - first < self.slot_minutes:
            found, expected = f"{last - first} minutes", f"room for a slot of {self.slot_minutes}"
            return [self.fault("hours", found, expected, "Lengthen the hours or shorten the slots.")]
        return []

    @classmethod
    def _examples(cls, network: Network, clinics: pl.DataFrame) -> list[Self]:
        """Return two posts in the morning of the book's first date at the first open one of ``clinics``."""
        days = network.sessions["start"].dt.date().unique().sort().head(1)
        day = pl.lit(days.first())
        opened = pl.col("opens_on").is_null() | (pl.col("opens_on") <= day)
        closed = (pl.col("closes_on") <= day).fill_null(value=False)
        names = clinics.filter(opened & ~closed)["clinic_id"].sort().head(1)
        facts = {"dates": days.to_list(), "hours": "08:00-12:00", "posts": 2, "clinics": names.to_list()}
        return [cls.from_facts(facts)] if days.len() and names.len() else []

    def added(self, scenario: Scenario, clinics: Sequence[str], mode: str) -> Scenario:
        """Return the scenario with a session at each of ``clinics`` on each date.

        ``InputError`` for dates far from the book or on which a clinic is closed. Every table but
        ``sessions`` is shared. Identifiers follow from kind, clinic, date and hour, and number equal ones.
        """
        faults = self._far_dates(scenario.network) + self._closed(scenario.network, clinics)
        if faults:
            raise InputError(faults)
        old = scenario.network.sessions
        taken = set(old["session_id"])
        rows = [self._session(clinic, day, mode, taken) for clinic in sorted(clinics) for day in self.dates]
        new = schema.complete("sessions", pl.DataFrame(rows))
        sessions = pl.concat([old, new], how="diagonal")
        return scenario.replace(network=scenario.network.replace(sessions=sessions))

    def _session(self, clinic: str, day: date, mode: str, taken: set[str]) -> dict[str, object]:
        midnight = datetime.combine(day, time())
        first, last = (midnight + timedelta(minutes=minute) for minute in span(self.hours))
        name = f"{self.kind}-{clinic}-{first:%Y-%m-%d-%H%M}"
        session_id, number = name, 1
        while session_id in taken:
            number += 1
            session_id = f"{name}-{number}"
        return {
            "session_id": session_id,
            "clinic_id": clinic,
            "start": first,
            "end": last,
            "mode": mode,
            "posts": self.posts,
            "slot_minutes": self.slot_minutes,
        }

    def _far_dates(self, network: Network) -> list[Fault]:
        book: list[date] = network.sessions["start"].dt.date().unique().sort().to_list()
        if not book:
            return []
        first, last = book[0], book[-1]
        return [
            self.fault("dates", str(day), f"a date near the book, {first} to {last}", "Correct the date.")
            for day in self.dates
            if (first - day).days > DAYS_FROM_BOOK or (day - last).days > DAYS_FROM_BOOK
        ]

    def _closed(self, network: Network, clinics: Sequence[str]) -> list[Fault]:
        known = network.clinics.filter(pl.col("clinic_id").is_in(list(clinics))).sort("clinic_id")
        return [
            self.fault("dates", f"{day}, on which {clinic} is closed", "dates of service", "Leave it out.")
            for clinic, opens, closes in known.select("clinic_id", "opens_on", "closes_on").iter_rows()
            for day in self.dates
            if (opens is not None and day < opens) or (closes is not None and day >= closes)
        ]
