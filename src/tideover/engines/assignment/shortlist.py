"""Each item's least regrets: what a pair costs above the least that the prices allow for its item."""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True)
def _enter(i, at, j, a, r, where, pair, regret):  # type: ignore[no-untyped-def]
    """Write an entry at place ``at`` of row i, then move it up to where its regret belongs."""
    while at > 0 and regret[i, at - 1] > r:
        regret[i, at] = regret[i, at - 1]
        where[i, at] = where[i, at - 1]
        pair[i, at] = pair[i, at - 1]
        at -= 1
    regret[i, at] = r
    where[i, at] = j
    pair[i, at] = a


@nb.njit(cache=True)
def shortlist(start, bins, cost, outside, size, price, units, first, keep):  # type: ignore[no-untyped-def]
    """Return (bin, pair, regret, chosen): each item's least regrets, (n, keep + 1) each.

    ``cost`` and ``outside`` are for a whole item, ``price`` (m,) per unit; ``units``, ``first`` are the flow.
    Rows are sorted by regret. The outside (bin -1, pair -1) is always on the list, and so is the bin that
    holds all units of the item in the flow: ``chosen`` (n,) is its place, -1 for items that are split.
    Unused entries have infinite regret.
    """
    n = size.size
    where = np.full((n, keep + 1), -1, np.int64)
    pair = np.full((n, keep + 1), -1, np.int64)
    regret = np.full((n, keep + 1), np.inf)
    chosen = np.full(n, -1, np.int64)
    for i in range(n):
        whole = units[first[i]]
        for t in range(first[i] + 1, first[i + 1]):
            if units[t] != whole:
                whole = -2
        low = outside[i]
        for a in range(start[i], start[i + 1]):
            low = min(low, cost[a] + size[i] * price[bins[a]])
        held = 0
        for a in range(start[i], start[i + 1]):
            if bins[a] == whole:
                _enter(i, 0, whole, a, cost[a] + size[i] * price[whole] - low, where, pair, regret)
                held = 1
                break
        for a in range(start[i], start[i + 1]):
            if bins[a] == whole:
                continue
            r = cost[a] + size[i] * price[bins[a]] - low
            if held < keep:
                at = held
                held += 1
            elif r < regret[i, keep - 1] and where[i, keep - 1] != whole:
                at = keep - 1
            else:
                continue
            _enter(i, at, bins[a], a, r, where, pair, regret)
        # the outside is always on the list, so that every item can be placed
        _enter(i, held, -1, -1, outside[i] - low, where, pair, regret)
        for at in range(held + 1):
            if where[i, at] == whole:
                chosen[i] = at
                break
    return where, pair, regret, chosen
