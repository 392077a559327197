"""Urgent care: urgent-care sites hold more hours than their book has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import polars as pl

from tideover.errors import InputError
from tideover.nouns.fields import Names
from tideover.nouns.network import Network
from tideover.nouns.scenario import Scenario
from tideover.responses._kind import RESPONSES
from tideover.responses._sessions import AddedSessions


@RESPONSES.register("urgent_care")
@dataclass(frozen=True, kw_only=True)
class UrgentCare(AddedSessions):
    """Sessions at urgent-care sites, with ``posts`` at each of them on every date.

    | key | meaning | left out |
    |---|---|---|
    | clinics | urgent-care sites | all of them |
    | dates | the dates, each by itself | required |
    | hours | stretch of the day, the same on every date | required |
    | posts | clinicians side by side at each site | 1 |
    | slot_minutes | length of a booking slot | 15 |
    """

    clinics: Names = ()

    kind: ClassVar[str] = "urgent_care"

    @classmethod
    def examples(cls, network: Network) -> list[Self]:
        """Return one morning of two posts at the first urgent-care site."""
        return cls._examples(network, network.clinics.filter(pl.col("kind") == "urgent_care"))

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the sessions; ``InputError`` for sites that are no urgent care."""
        kinds = dict(scenario.network.clinics.select("clinic_id", "kind").iter_rows())
        sites = sorted(clinic for clinic, kind in kinds.items() if kind == "urgent_care")
        faults = self.unknown("clinics", self.clinics, kinds)
        faults += [
            self.fault("clinics", f"{clinic!r}, of kind {kinds[clinic]}", "urgent-care sites", _other(sites))
            for clinic in self.clinics
            if clinic in kinds and clinic not in sites
        ]
        if not sites and not faults:
            faults = [self.fault(None, "a network without urgent-care sites", "at least one", _other(sites))]
        if faults:
            raise InputError(faults)
        return self.added(scenario, self.clinics or sites, "in_person")


def _other(sites: list[str]) -> str:
    if sites:
        return f"Urgent-care sites are: {', '.join(sites[:8])}. Use extra_sessions for other sites."
    return "Use extra_sessions for other sites."
