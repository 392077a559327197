"""Departure: posts that are no longer held from a date on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from tideover.disruptions._kind import DISRUPTIONS
from tideover.disruptions._stretches import held_sessions, lost_rows, named, stretches
from tideover.errors import Fault, InputError
from tideover.nouns.change import RecordedChange
from tideover.nouns.fields import ChosenNames, Day, Flag
from tideover.nouns.network import Network
from tideover.nouns.scenario import LOST, Scenario


@DISRUPTIONS.register("departure")
@dataclass(frozen=True, kw_only=True)
class Departure(RecordedChange):
    """Posts that end on a date; why, nobody is asked.

    | key | meaning | left out |
    |---|---|---|
    | clinicians | the posts | required |
    | on | first day on which they are not held | required |
    | panel_follows | true: their patients go with them and out of the network | false: their patients stay |

    Their sessions from that day on are lost, without cover. Patients who stay need another clinician.
    """

    clinicians: ChosenNames
    on: Day
    panel_follows: Flag = False

    kind: ClassVar[str] = "departure"
    rank: ClassVar[int] = 6
    touches: ClassVar[frozenset[str]] = frozenset({"clinicians"})

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the posts ended; ``InputError`` if one is unknown or ends already."""
        network = scenario.network
        ends = dict(network.clinicians.select("clinician_id", "leaves_on").iter_rows())
        faults: list[Fault] = self.unknown("clinicians", self.clinicians, ends)
        faults += [
            self.fault("clinicians", f"{name!r}, whose post ends on {ends[name]} already", "each post once",
                       "Name it in one departure.")
            for name in self.clinicians if ends.get(name) is not None
        ]  # fmt: skip
        if faults:
            raise InputError(faults)
        mine = named("clinician_id", self.clinicians)
        posts = network.clinicians.with_columns(
            pl.when(mine).then(pl.lit(self.on)).otherwise("leaves_on").alias("leaves_on"),
            pl.when(mine).then(pl.lit(self.panel_follows)).otherwise("panel_follows").alias("panel_follows"),
        )
        sessions = held_sessions(network).filter(mine & (pl.col("date") >= self.on))
        lost = lost_rows(stretches(sessions, "00:00-24:00", scenario.lost), self.kind, pl.lit(None))
        return scenario.replace(
            network=network.replace(clinicians=posts), lost=pl.concat([scenario.lost, lost]).sort(*LOST)
        )

    @classmethod
    def examples(cls, network: Network) -> list[Self]:
        """Return the first clinician's departure on the book's last date, her panel staying or following."""
        names = network.clinicians["clinician_id"].sort().head(1).to_list()
        days = network.sessions["start"].dt.date().unique().sort().tail(1).to_list()
        return [
            cls(clinicians=(name,), on=day, panel_follows=follows)
            for name in names
            for day in days
            for follows in (False, True)
        ]
