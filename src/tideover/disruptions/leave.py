"""Leave: sessions that are known not to be held, for whatever reason, and that nobody covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from tideover.disruptions._kind import DISRUPTIONS
from tideover.disruptions._stretches import date_faults, held_sessions, lost_rows, named, taken
from tideover.errors import Fault, InputError
from tideover.nouns.change import RecordedChange
from tideover.nouns.fields import Dates, Hours, Names
from tideover.nouns.network import Network
from tideover.nouns.scenario import LOST, Scenario


@DISRUPTIONS.register("leave")
@dataclass(frozen=True, kw_only=True)
class Leave(RecordedChange):
    """Sessions not held on some dates; the reason is never asked for, and nothing of it is kept.

    | key | meaning | left out |
    |---|---|---|
    | dates | the dates, each by itself | required |
    | clinicians | posts whose sessions are not held | those of all, if clinics are named |
    | clinics | sites at which they are not held | all, if clinicians are named |
    | hours | stretch of the day, the same on every date | the whole day |

    A leave may not take a session of a post that is struck on that date, whatever the hours: it would
    record who is absent on the day of a strike. Applying the strike refuses it: see
    ``docs/decisions/0002-leave.md``.
    """

    dates: Dates
    clinicians: Names = ()
    clinics: Names = ()
    hours: Hours = "00:00-24:00"

    kind: ClassVar[str] = "leave"
    rank: ClassVar[int] = 10

    def conflicts(self) -> list[Fault]:
        """Return a fault if neither clinicians nor clinics are named."""
        if self.clinicians or self.clinics:
            return []
        remedy = "Name the posts, or the clinics that hold no session at all."
        return [self.fault("clinicians", "neither clinicians nor clinics", "one of them", remedy)]

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the stretches lost; ``InputError`` for unknown names or no session."""
        network = scenario.network
        faults = self._unknown(network) + date_faults(type(self), network, self.dates)
        if faults:
            raise InputError(faults)
        at = named("clinician_id", self.clinicians) & named("clinic_id", self.clinics)
        sessions = held_sessions(network).filter(pl.col("date").is_in(list(self.dates)) & at)
        left, notes = taken(self, self.hours, scenario, sessions)
        lost = lost_rows(left, self.kind, pl.lit(None))
        return scenario.replace(
            lost=pl.concat([scenario.lost, lost]).sort(*LOST), notes=(*scenario.notes, *notes)
        )

    @classmethod
    def examples(cls, network: Network) -> list[Self]:
        """Return a clinician's leave for a day, and a clinic's while a session is held, late in the book."""
        held = held_sessions(network).sort("start", "session_id", descending=[True, False])
        own = held.filter(pl.col("clinician_id").is_not_null()).head(1)
        clinicians = [
            cls(dates=(day,), clinicians=(clinician,))
            for day, clinician in own.select("date", "clinician_id").iter_rows()
        ]
        first = held.head(1).select("date", "clinic_id", pl.col("start", "end").dt.strftime("%H:%M"))
        return clinicians + [
            cls(dates=(day,), clinics=(clinic,), hours=f"{start}-{end}")
            for day, clinic, start, end in first.iter_rows()
        ]

    def _unknown(self, network: Network) -> list[Fault]:
        return [
            *self.unknown("clinicians", self.clinicians, set(network.clinicians["clinician_id"])),
            *self.unknown("clinics", self.clinics, set(network.clinics["clinic_id"])),
        ]
