"""The Pareto frontier of outcomes of two sides, from a list of evaluated outcomes."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Frontier:
    """Outcomes that no other outcome beats: every other is worse for one side or equal for both.

    - ``a``, ``b`` (f,): both sides' utilities; ``a`` falls and ``b`` rises strictly.
    - ``choices`` (f, k): of each point the option taken on each of k issues; of a list of outcomes its row.

    Of outcomes that are equal for both sides one stands for all.
    """

    a: Floats
    b: Floats
    choices: Ints

    def __len__(self) -> int:
        return int(self.a.size)


def frontier_of_outcomes(a: Floats, b: Floats) -> Frontier:
    """Return the frontier of n evaluated outcomes, utilities ``a`` and ``b`` (n,), by one sort and one sweep.

    Nothing is asked of how the utilities came about: they need not be sums over issues. Of equal outcomes
    the first one stands. Raises ``ValueError`` for no outcome, unequal lengths or values that are no number.
    """
    rows = kept_rows(*checked(a, b))
    return Frontier(np.asarray(a, float)[rows], np.asarray(b, float)[rows], rows[:, None])


def checked(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return both arrays as finite doubles of equal length, at least one; else raise ``ValueError``."""
    left, right = np.asarray(a, float), np.asarray(b, float)
    if left.ndim != 1 or left.shape != right.shape or not left.size:
        raise ValueError("both sides need one utility for each of at least one outcome")
    if not (np.isfinite(left).all() and np.isfinite(right).all()):
        raise ValueError("every utility must be a finite number")
    return left, right


def kept_rows(a: Floats, b: Floats) -> Ints:
    """Return the rows that nothing beats, ``a`` falling; of equal rows the first."""
    order = np.lexsort((-b, -a))  # stable: of equal rows the first one comes first
    kept: Ints = order[_rising(b[order])].astype(np.int64)
    return kept


@nb.njit(cache=True)
def _rising(b):  # type: ignore[no-untyped-def]
    """Return which of the values are above all before them."""
    kept = np.zeros(b.size, np.bool_)
    best = -np.inf
    for row in range(b.size):
        if b[row] > best:
            best = b[row]
            kept[row] = True
    return kept
