"""Sharing whole units out among rows of values: a multiple-choice knapsack, exact by dynamic programming."""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.assignment.problem import Ints


def gains_by_room(size: Ints, gain: Ints, most: int) -> Ints:
    """Return the best total gain of items in every room of 0 to ``most`` units, (most + 1,).

    ``size``, ``gain`` (n,) are integers, sizes at least 1; items that gain nothing are left out.
    """
    best: Ints = _gains_by_room(size, gain, most)
    return best


@nb.njit(cache=True)
def _gains_by_room(size, gain, most):  # type: ignore[no-untyped-def]
    best = np.zeros(most + 1, np.int64)
    for i in range(size.size):
        if gain[i] <= 0:
            continue
        for room in range(most, size[i] - 1, -1):
            best[room] = max(best[room], best[room - size[i]] + gain[i])
    return best


def best_split(value: Ints, total: int) -> tuple[int, Ints]:
    """Return the greatest sum of one value of each row, and the columns (rows,) that give it.

    ``value`` (rows, columns): what a row is worth with that many units; negative where it may not have them.
    With none (column 0) it is worth nothing, and that is always allowed. The columns chosen add up to at
    most ``total``. Among splits of one worth the first rows have as few units as possible.
    """
    reach = np.zeros((value.shape[0] + 1, total + 1), np.int64)
    for row in range(value.shape[0] - 1, -1, -1):
        reach[row] = reach[row + 1]
        for units in range(1, min(total, value.shape[1] - 1) + 1):
            if value[row, units] >= 0:
                with_units = value[row, units] + reach[row + 1, : total + 1 - units]
                reach[row, units:] = np.maximum(reach[row, units:], with_units)
    chosen = np.zeros(value.shape[0], np.int64)
    left = total
    for row in range(value.shape[0]):
        for units in range(min(left, value.shape[1] - 1) + 1):
            worth = value[row, units] if units else 0
            if worth >= 0 and worth + reach[row + 1, left - units] == reach[row, left]:
                chosen[row] = units
                left -= units
                break
    return int(reach[0, total]), chosen
