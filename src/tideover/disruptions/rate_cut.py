"""Rate cut: payers who pay less for the same work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from tideover.disruptions._kind import DISRUPTIONS
from tideover.disruptions._stretches import named
from tideover.errors import InputError
from tideover.nouns.change import RecordedChange
from tideover.nouns.fields import ChosenNames, PartOf
from tideover.nouns.network import Network
from tideover.nouns.scenario import Scenario

_RATES = ("rate_per_work_rvu", "rate_per_visit")


@DISRUPTIONS.register("rate_cut")
@dataclass(frozen=True, kw_only=True)
class RateCut(RecordedChange):
    """Payers who pay less for a work RVU or a visit; cuts of one payer multiply.

    | key | meaning | left out |
    |---|---|---|
    | payers | who pays less | required |
    | by | part of the rate that is cut | required |

    It concerns money alone: no visit changes.
    """

    payers: ChosenNames
    by: PartOf

    kind: ClassVar[str] = "rate_cut"
    rank: ClassVar[int] = 3
    touches: ClassVar[frozenset[str]] = frozenset({"payers"})

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with lower rates; ``InputError`` for payers that the table lacks."""
        network = scenario.network
        faults = self.unknown("payers", self.payers, set(network.payers["payer"]))
        if faults:
            raise InputError(faults)
        left = pl.when(named("payer", self.payers)).then(pl.lit(1 - self.by)).otherwise(pl.lit(1.0))
        payers = network.payers.with_columns(pl.col(rate) * left for rate in _RATES)
        return scenario.replace(network=network.replace(payers=payers))

    @classmethod
    def examples(cls, network: Network) -> list[Self]:
        """Return a cut of the first payer's rate, and one of all."""
        names = tuple(network.payers["payer"].sort())
        return [cls(payers=names[:1], by=0.1), cls(payers=names, by=0.25)] if names else []
