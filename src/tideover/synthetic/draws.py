"""Draws: numbers from named streams of one seed, and shares turned into whole counts.

Only uniform numbers are drawn, and everything else is made of them by comparisons and sorts: what a library
does to make a normal or a binomial number may change from one version to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tideover import chance

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Draws:
    """The named streams of one seed; each name is drawn from once, so that a new name changes no other."""

    seed: int

    def uniform(self, name: str, *shape: int) -> Floats:
        """Return numbers in [0, 1) of this shape."""
        return chance.stream(self.seed, f"synthetic.{name}", 0).random(shape)

    def whole(self, name: str, low: int, high: int, size: int) -> Ints:
        """Return ``size`` whole numbers from ``low`` to ``high``, both included, each as likely."""
        return low + (self.uniform(name, size) * (high - low + 1)).astype(np.int64)

    def pick(self, name: str, shares: Sequence[float], size: int) -> Ints:
        """Return ``size`` indices of ``shares``, each as likely as its share says."""
        return picked(self.uniform(name, size), shares)

    def shuffled(self, name: str, values: Ints) -> Ints:
        """Return ``values`` in another order."""
        return values[np.argsort(self.uniform(name, values.size), kind="stable")]


def picked(uniform: Floats, shares: Sequence[float] | Floats) -> Ints:
    """Return for each number in [0, 1) the index into ``shares`` (any positive sum) that it falls on."""
    reach = np.cumsum(np.asarray(shares, np.float64))
    found = np.searchsorted(reach / reach[-1], uniform, side="right")
    return np.asarray(np.minimum(found, reach.size - 1), np.int64)


def whole_shares(weights: Sequence[float] | Floats, total: int, at_least: int = 0) -> Ints:
    """Return whole counts in proportion to ``weights`` that add up to ``total``, none under ``at_least``.

    Everyone gets ``at_least``; the rest is shared out by largest remainders (the first of equals).

    >>> whole_shares([5, 3, 2], 7).tolist()
    [4, 2, 1]
    """
    given = np.asarray(weights, np.float64)
    rest = total - at_least * given.size
    exact = np.round(given / given.sum() * rest, 9)
    counts = np.floor(exact).astype(np.int64)
    order = np.argsort(counts - exact, kind="stable")
    counts[order[: rest - int(counts.sum())]] += 1
    return np.asarray(counts + at_least, np.int64)
