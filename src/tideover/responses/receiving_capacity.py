"""Receiving capacity: clinics that take patients in get posts, hours, rooms or openings for clinicians."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from tideover import schema
from tideover.errors import Fault, InputError
from tideover.nouns.change import RecordedChange
from tideover.nouns.fields import ChosenNames, Count, FullTime, Longer
from tideover.nouns.network import Network
from tideover.nouns.scenario import Scenario
from tideover.responses._kind import RESPONSES


@RESPONSES.register("receiving_capacity")
@dataclass(frozen=True, kw_only=True)
class ReceivingCapacity(RecordedChange):
    """What each of ``clinics`` gets, so that its panels have room for more patients.

    | key | meaning | left out |
    |---|---|---|
    | clinics | sites that get it, each of them all of it | required |
    | fte | full-time posts more, new physicians without a panel | none |
    | longer_hours | share by which posts there work longer; target and cap of panels grow alike | none |
    | openings | posts that are free for clinicians of closing clinics | none |
    | rooms | exam rooms more, where its rooms are known | none |

    It makes room in panels. Sessions on dates of the book are another response: ``extra_sessions``.
    """

    clinics: ChosenNames
    fte: FullTime = 0.0
    longer_hours: Longer = 0.0
    openings: Count = 0
    rooms: Count = 0

    kind: ClassVar[str] = "receiving_capacity"
    rank: ClassVar[int] = 55
    touches: ClassVar[frozenset[str]] = frozenset({"clinics", "clinicians"})

    def conflicts(self) -> list[Fault]:
        """Return a fault if nothing is given."""
        if self.fte or self.longer_hours or self.openings or self.rooms:
            return []
        expected = "at least one of fte, longer_hours, openings and rooms"
        return [self.fault(None, "nothing that is given", expected, "State what the clinics get.")]

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with it; ``InputError`` for unknown or closing clinics."""
        network = scenario.network
        closes = dict(network.clinics.select("clinic_id", "closes_on").iter_rows())
        faults = self.unknown("clinics", self.clinics, closes)
        faults += [
            self.fault("clinics", f"{name!r}, which closes on {closes[name]}", "clinics that stay open",
                       "Leave it out.")
            for name in self.clinics if closes.get(name) is not None
        ]  # fmt: skip
        if faults:
            raise InputError(faults)
        mine = pl.col("clinic_id").is_in(list(self.clinics))
        clinics = network.clinics.with_columns(
            pl.when(mine & (self.rooms > 0))
            .then(pl.col("rooms") + self.rooms)
            .otherwise("rooms")
            .alias("rooms"),
            pl.when(mine & (self.openings > 0))
            .then(pl.col("openings").fill_null(0) + self.openings)
            .otherwise("openings")
            .alias("openings"),
        )
        return scenario.replace(
            network=network.replace(clinics=clinics, clinicians=self._posts(network, mine))
        )

    @classmethod
    def examples(cls, network: Network) -> list[Self]:
        """Return posts, longer hours, openings and rooms at the first clinic that stays open."""
        stay = network.clinics.filter(pl.col("closes_on").is_null())["clinic_id"].sort().head(1).to_list()
        return [cls(clinics=tuple(stay), fte=1.5, longer_hours=0.1, openings=1, rooms=3)] if stay else []

    def _posts(self, network: Network, mine: pl.Expr) -> pl.DataFrame:
        longer = 1 + self.longer_hours
        sizes = (
            pl.when(mine & pl.col(name).is_not_null())
            .then((pl.col(name) * longer).floor().cast(pl.Int64))
            .otherwise(name)
            .alias(name)
            for name in ("panel_target", "panel_cap")
        )
        fte = pl.when(mine).then(pl.col("fte") * longer).otherwise("fte").alias("fte")
        posts = network.clinicians.with_columns(*sizes, fte) if self.longer_hours else network.clinicians
        rows = self._new_posts(set(posts["clinician_id"]))
        if not rows:
            return posts
        return pl.concat([posts, schema.complete("clinicians", pl.DataFrame(rows))], how="diagonal")

    def _new_posts(self, taken: set[str]) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for clinic in self.clinics:
            left, number = round(self.fte, 6), 0
            for _ in range(math.ceil(left)):
                number += 1
                while f"{self.kind}-{clinic}-{number}" in taken:
                    number += 1
                name = f"{self.kind}-{clinic}-{number}"
                rows.append({"clinician_id": name, "clinic_id": clinic, "fte": min(1.0, left)})
                left = round(left - 1, 6)
        return rows
