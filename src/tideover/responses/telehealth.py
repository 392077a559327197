"""Telehealth: a team from outside every unit sees patients by video, and a site answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tideover.errors import InputError
from tideover.nouns.fields import ChosenNames
from tideover.nouns.network import Network
from tideover.nouns.scenario import Scenario
from tideover.responses._kind import RESPONSES
from tideover.responses._sessions import AddedSessions


@RESPONSES.register("telehealth")
@dataclass(frozen=True, kw_only=True)
class Telehealth(AddedSessions):
    """Video sessions for which ``clinics`` answer, with ``posts`` for each of them on every date.

    | key | meaning | left out |
    |---|---|---|
    | clinics | sites that answer for them; their state is that of the licence | required |
    | dates | the dates, each by itself | required |
    | hours | stretch of the day, the same on every date | required |
    | posts | clinicians side by side for each site | 1 |
    | slot_minutes | length of a booking slot | 15 |
    """

    clinics: ChosenNames

    kind: ClassVar[str] = "telehealth"

    @classmethod
    def examples(cls, network: Network) -> list[Self]:
        """Return one morning of two posts by video, answered for by the first clinic."""
        return cls._examples(network, network.clinics)

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the sessions; ``InputError`` for unknown clinics or dates of closure."""
        faults = self.unknown("clinics", self.clinics, set(scenario.network.clinics["clinic_id"]))
        if faults:
            raise InputError(faults)
        return self.added(scenario, self.clinics, "video")
