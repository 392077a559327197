"""The points of a frontier that bargaining theory names, and the zone that both prefer to no deal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tideover.engines.frontier.frontier import Floats, Frontier, Ints

#: Products and shares within this part of the best count as equal: then the more equal shares win.
_EQUAL = 1e-12


@dataclass(frozen=True)
class Points:
    """Rows of a frontier; ``None`` for the three points where no outcome is good enough for both sides.

    - ``zone``: rows at which neither side has less than without a deal, upwards.
    - ``nash``: the largest product of both gains over no deal.
    - ``kalai_smorodinsky``: the largest lesser share of the gain that each side has at its own best point
      of the zone.
    - ``egalitarian``: the largest lesser gain.
    """

    zone: Ints
    nash: int | None
    kalai_smorodinsky: int | None
    egalitarian: int | None


def named_points(frontier: Frontier, no_deal: tuple[float, float]) -> Points:
    """Return the zone of agreement and the named points, gains counted from ``no_deal`` (a, b).

    For a finite set of outcomes each rule is taken over the frontier's points, not over mixtures of them.
    Ties: the point at which the lesser share of the best gains is larger, then the first.
    Law: Nash and Kalai-Smorodinsky stay when a side's utilities and its no-deal value are multiplied by a
    positive number or moved by a constant; the egalitarian point compares the sides' own units.
    """
    gain_a, gain_b = frontier.a - no_deal[0], frontier.b - no_deal[1]
    zone = np.flatnonzero((gain_a >= 0) & (gain_b >= 0)).astype(np.int64)
    if not zone.size:
        return Points(zone, None, None, None)
    one, other = gain_a[zone], gain_b[zone]
    lesser = np.minimum(_shares(one), _shares(other))
    places = (
        _best(scores, lesser) for scores in (_shares(one) * _shares(other), lesser, np.minimum(one, other))
    )
    nash, smorodinsky, equal = (int(zone[place]) for place in places)
    return Points(zone, nash, smorodinsky, equal)


def _shares(gains: Floats) -> Floats:
    """Return gains as shares of the best one; where nobody gains anything, ones."""
    best = gains.max()
    return gains / best if best > 0 else np.ones_like(gains)


def _best(scores: Floats, lesser: Floats) -> int:
    top = scores.max()
    equal = scores >= top - abs(top) * _EQUAL
    return int(np.argmax(np.where(equal, lesser, -np.inf)))
