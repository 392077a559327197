"""What clinics that stay open weigh beside journeys, where somebody states what an hour weighs; (C11)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tideover.nouns import Network
from tideover.panels.problem import Bools, Ints

_MINUTES = 60


@dataclass(frozen=True)
class Upkeep:
    """Fixed costs of clinics in dollars a year, and in minutes of journey at a stated rate.

    ``per_hour``: dollars a year that weigh as much as one hour added to journeys. ``cost`` (m,): dollars a
    year of each clinic that may close, 0 of the others; ``minutes`` (m,): the same in whole minutes.
    """

    per_hour: float
    cost: tuple[float, ...]
    minutes: Ints

    @classmethod
    def of(cls, network: Network, clinics: Sequence[str], may: Bools, per_hour: float) -> Upkeep:
        """Return what these clinics cost at this rate; each that ``may`` close states what it costs."""
        stated = dict(network.clinics.select("clinic_id", "fixed_cost_per_year").iter_rows())
        cost = tuple(float(stated[name]) if may[at] else 0.0 for at, name in enumerate(clinics))
        minutes = [math.floor(round(_MINUTES * one / per_hour, 6) + 0.5) for one in cost]
        return cls(per_hour, cost, np.array(minutes, np.int64))

    def saved(self, closed: Sequence[int]) -> float:
        """Return what these clinics cost a year."""
        return math.fsum(self.cost[at] for at in closed)

    def left(self, closed: Sequence[int]) -> float:
        """Return what those that may close and stay open cost a year."""
        return math.fsum(one for at, one in enumerate(self.cost) if at not in closed)
