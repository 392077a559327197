"""The plan without planning: items choose one after the other."""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.assignment.problem import Ints
from tideover.engines.assignment.rows import Rows


def first_come(rows: Rows) -> Ints:
    """Return the problem's pair of each item, (n,) or -1: each takes its cheapest bin that still has room."""
    entry = _first_come(rows.start, rows.bin, rows.cost, rows.outside, rows.size, rows.capacity)
    pair: Ints = np.full(entry.size, -1, np.int64)
    pair[entry >= 0] = rows.origin[entry[entry >= 0]]  # there may be no pair at all
    return pair


@nb.njit(cache=True)
def _first_come(start, bins, cost, outside, size, capacity):  # type: ignore[no-untyped-def]
    free = capacity.copy()
    entry = np.full(size.size, -1, np.int64)
    for i in range(size.size):
        for a in range(start[i], start[i + 1]):
            if cost[a] >= outside[i]:
                break
            if free[bins[a]] >= size[i]:
                free[bins[a]] -= size[i]
                entry[i] = a
                break
    return entry
