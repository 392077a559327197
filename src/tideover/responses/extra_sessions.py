"""Extra sessions: a team from outside every unit sees patients at a site for some hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tideover.errors import InputError
from tideover.nouns.fields import ChosenNames
from tideover.nouns.network import Network
from tideover.nouns.scenario import Scenario
from tideover.responses._kind import RESPONSES
from tideover.responses._sessions import AddedSessions


@RESPONSES.register("extra_sessions")
@dataclass(frozen=True, kw_only=True)
class ExtraSessions(AddedSessions):
    """Sessions in person at ``clinics``, with ``posts`` at each of them on every date.

    | key | meaning | left out |
    |---|---|---|
    | clinics | sites at which they are held | required |
    | dates | the dates, each by itself | required |
    | hours | stretch of the day, the same on every date | required |
    | posts | clinicians side by side at each site | 1 |
    | slot_minutes | length of a booking slot | 15 |
    """

    clinics: ChosenNames

    kind: ClassVar[str] = "extra_sessions"

    @classmethod
    def examples(cls, network: Network) -> list[Self]:
        """Return one morning of two posts at the first clinic."""
        return cls._examples(network, network.clinics)

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the sessions; ``InputError`` for unknown clinics or dates of closure."""
        faults = self.unknown("clinics", self.clinics, set(scenario.network.clinics["clinic_id"]))
        if faults:
            raise InputError(faults)
        return self.added(scenario, self.clinics, "in_person")
