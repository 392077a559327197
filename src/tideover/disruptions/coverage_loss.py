"""Coverage loss: patients of a payer who lose their cover, and come less often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from tideover.disruptions._kind import DISRUPTIONS
from tideover.errors import Fault, InputError
from tideover.nouns.change import RecordedChange
from tideover.nouns.fields import Name, PartOf
from tideover.nouns.network import Network
from tideover.nouns.scenario import Scenario

WITHOUT = "none"


@DISRUPTIONS.register("coverage_loss")
@dataclass(frozen=True, kw_only=True)
class CoverageLoss(RecordedChange):
    """Patients of a payer who lose cover, such as Medicaid's or that bought with an expired credit.

    | key | meaning | left out |
    |---|---|---|
    | payer | whose patients | required |
    | share | part of this payer's patients who lose cover | required |
    | to | the payer that they have then | `none`: without cover |
    | visits_kept | part of their visits that they still make | 1: all of them |

    Their share of the patients goes to the other payer; both groups' work for a patient is then their
    members' mean. It concerns money alone: no booked visit is cancelled, and no plan asks who pays.
    """

    payer: Name
    share: PartOf
    to: Name = WITHOUT
    visits_kept: PartOf = 1.0

    kind: ClassVar[str] = "coverage_loss"
    rank: ClassVar[int] = 2
    touches: ClassVar[frozenset[str]] = frozenset({"payers"})

    def conflicts(self) -> list[Fault]:
        """Return the fault of patients who go from a payer to the same."""
        if self.payer != self.to:
            return []
        return [self.fault("to", repr(self.to), "another payer", "Name whom they have then.")]

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the patients moved; ``InputError`` for payers that the table lacks."""
        network = scenario.network
        known = set(network.payers["payer"])
        faults = self.unknown("payer", [self.payer], known) + self.unknown("to", [self.to], known)
        if faults:
            raise InputError(faults)
        rows = network.payers.rows_by_key("payer", named=True, unique=True)
        left, taken = rows[self.payer], rows[self.to]
        gone = left["share_of_patients"] * self.share
        use = gone * left["relative_use"] * self.visits_kept
        whole = taken["share_of_patients"] + gone
        mean = (taken["share_of_patients"] * taken["relative_use"] + use) / whole if whole else 1.0
        named = pl.col("payer")
        payers = network.payers.with_columns(
            pl.when(named == self.payer)
            .then(pl.lit(left["share_of_patients"] - gone))
            .when(named == self.to)
            .then(pl.lit(whole))
            .otherwise("share_of_patients")
            .alias("share_of_patients"),
            pl.when(named == self.to).then(pl.lit(mean)).otherwise("relative_use").alias("relative_use"),
        )
        return scenario.replace(network=network.replace(payers=payers))

    @classmethod
    def examples(cls, network: Network) -> list[Self]:
        """Return a loss of the first payer with cover, all visits kept or two thirds of them."""
        names = network.payers["payer"].sort().to_list()
        covered = [name for name in names if name != WITHOUT][:1] if WITHOUT in names else []
        return [cls(payer=name, share=0.2, visits_kept=kept) for name in covered for kept in (1.0, 0.67)]
