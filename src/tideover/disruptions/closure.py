"""Closure: clinics that close for good on a date; nothing is ever offered there again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from tideover.disruptions._kind import DISRUPTIONS
from tideover.disruptions._stretches import held_sessions, lost_rows, named, stretches
from tideover.errors import Fault, InputError
from tideover.nouns.change import RecordedChange
from tideover.nouns.fields import ChosenNames, Day, Moves
from tideover.nouns.network import Network
from tideover.nouns.scenario import LOST, Scenario

_WHOLE_DAY = "00:00-24:00"


@DISRUPTIONS.register("closure")
@dataclass(frozen=True, kw_only=True)
class Closure(RecordedChange):
    """Clinics that close on a date, for good; clinics that close on other dates are closures of their own.

    | key | meaning | left out |
    |---|---|---|
    | clinics | sites that close | required |
    | on | first day without service | required |
    | moves | pairs: a clinician of these sites, and the clinic to which the post moves then | none moves |

    A closed clinic is a state of its own (``clinics.closes_on``): its sessions from that day on are lost,
    without cover, and no later change opens it again. The sessions of clinicians who move are held at the
    same times at the new clinic. At least one primary-care clinic must stay.
    """

    clinics: ChosenNames
    on: Day
    moves: Moves = ()

    kind: ClassVar[str] = "closure"
    rank: ClassVar[int] = 5
    touches: ClassVar[frozenset[str]] = frozenset({"clinics", "clinicians", "sessions"})

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the clinics closed and their later sessions lost or moved.

        ``InputError`` for unknown clinics or clinicians, clinics that close already or have not opened, moves
        that lead nowhere, or a network of which no clinic would stay.
        """
        network = scenario.network
        faults = self.unknown("clinics", self.clinics, set(network.clinics["clinic_id"]))
        faults = faults or [*self._closing_already(network), *self._all(network), *self._wrong_moves(network)]
        if faults:
            raise InputError(faults)
        closing = named("clinic_id", self.clinics)
        clinics = network.clinics.with_columns(
            pl.when(closing).then(pl.lit(self.on)).otherwise("closes_on").alias("closes_on")
        )
        sessions = held_sessions(network).filter(closing & (pl.col("date") >= self.on))
        left = stretches(sessions, _WHOLE_DAY, scenario.lost)
        lost = lost_rows(left, self.kind, pl.lit(None))
        changed = network.replace(clinics=clinics)
        if self.moves:
            changed = self._moved(changed, sessions)
        return scenario.replace(network=changed, lost=pl.concat([scenario.lost, lost]).sort(*LOST))

    @classmethod
    def examples(cls, network: Network) -> list[Self]:
        """Return the last clinic's closure on the book's last date, also with a clinician who moves."""
        open_ = _staying(network)
        days = network.sessions["start"].dt.date().unique().sort()
        if open_.len() < 2 or days.is_empty():
            return []
        at, on = open_[-1], days.to_list()[-1]
        own = network.clinicians.filter(pl.col("clinic_id") == at)["clinician_id"].sort().head(1).to_list()
        made = [cls(clinics=(at,), on=on)]
        return made + [cls(clinics=(at,), on=on, moves=((name, open_[0]),)) for name in own]

    def _moved(self, network: Network, sessions: pl.DataFrame) -> Network:
        """Return the network with the sessions of those who move at their new clinics too, and their home."""
        to = pl.DataFrame(self.moves, schema=["clinician_id", "to"], orient="row")
        new = network.sessions.join(sessions, on="session_id", how="semi", maintain_order="left")
        new = new.join(to, on="clinician_id", maintain_order="left").sort("session_id")
        new = new.with_columns(
            clinic_id=pl.col("to"), session_id=pl.lit("moved-") + pl.col("session_id")
        ).drop("to")
        posts = network.clinicians.join(to, on="clinician_id", how="left", maintain_order="left")
        posts = posts.with_columns(pl.coalesce("to", "clinic_id").alias("clinic_id")).drop("to")
        return network.replace(sessions=pl.concat([network.sessions, new]), clinicians=posts)

    def _closing_already(self, network: Network) -> list[Fault]:
        rows = network.clinics.filter(named("clinic_id", self.clinics)).sort("clinic_id")
        faults = []
        for clinic, opens, closes in rows.select("clinic_id", "opens_on", "closes_on").iter_rows():
            if closes is not None:
                found = f"{clinic!r}, which closes on {closes} already"
                faults.append(self.fault("clinics", found, "each clinic once", "Name it in one closure."))
            if opens is not None and opens >= self.on:
                found = f"{self.on}, when {clinic!r} has not opened"
                faults.append(self.fault("on", found, f"a date after {opens}", "Correct the date."))
        return faults

    def _all(self, network: Network) -> list[Fault]:
        stay = set(_staying(network))
        if not stay or stay - set(self.clinics):
            return []
        expected = "at least one primary-care clinic that stays open"
        return [self.fault("clinics", "every clinic that is open", expected, "Keep one of them open.")]

    def _wrong_moves(self, network: Network) -> list[Fault]:
        homes = dict(network.clinicians.select("clinician_id", "clinic_id").iter_rows())
        stay = set(_staying(network)) - set(self.clinics)
        faults = self.unknown("moves", [name for name, _ in self.moves], homes)
        faults += [
            self.fault("moves", f"{name!r}, of {homes[name]!r}", "clinicians of the clinics that close",
                       "Take the pair out.")
            for name, _ in self.moves if name in homes and homes[name] not in self.clinics
        ]  # fmt: skip
        faults += [
            self.fault("moves", f"{name!r} to {to!r}", "a primary-care clinic that stays open",
                       "Name another clinic.")
            for name, to in self.moves if to not in stay
        ]  # fmt: skip
        taken = set(network.sessions["session_id"])
        own = network.sessions.filter(pl.col("clinician_id").is_in([name for name, _ in self.moves]))
        if any(f"moved-{name}" in taken for name in own["session_id"]):
            remedy = "Rename the sessions."
            faults.append(self.fault("moves", "sessions named moved-...", "that name free", remedy))
        return faults


def _staying(network: Network) -> pl.Series:
    """Return the primary-care clinics without a date of closing, sorted."""
    stay = network.clinics.filter((pl.col("kind") == "primary") & pl.col("closes_on").is_null())
    return stay["clinic_id"].sort()
