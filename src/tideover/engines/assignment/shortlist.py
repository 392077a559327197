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


@nb.njit(cache=True, inline="always")
def _asked(i, a, part, bins, cost, size, single, price):  # type: ignore[no-untyped-def]
    """Return (piece, cost with price) of part 0 or 1 of pair a; piece -1 where there is no such part."""
    j = bins[a]
    if part == 0:
        j = np.int64(j) if size[i] > 1 or single[j] < 0 else single[j]
    else:
        j = np.int64(-1) if size[i] > 1 or single[j] < 0 else np.int64(j)
    return j, cost[a] + size[i] * price[j] if j >= 0 else np.inf


@nb.njit(cache=True)
def shortlist(start, bins, cost, outside, size, single, price, units, first, keep):  # type: ignore[no-untyped-def]
    """Return (piece, pair, regret, chosen): each item's least regrets, (n, keep + 1) each.

    ``cost`` and ``outside`` are for a whole item, rows sorted by cost; ``single`` as in ``Pieces``; ``price``
    (m',) is per unit; ``units``, ``first`` are the flow. The result's rows are sorted by regret. The outside
    (piece -1, pair -1) is always on the list, and so is the piece that holds all units of the item in the
    flow: ``chosen`` (n,) is its place, -1 for items that are split. Unused entries have infinite regret.
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
        low = float(outside[i])
        for a in range(start[i], start[i + 1]):
            if cost[a] >= low:
                break
            for part in range(2):
                low = min(low, _asked(i, a, part, bins, cost, size, single, price)[1])
        held = 0
        for a in range(start[i], start[i + 1]):
            if whole < 0 or held == 1:
                break
            for part in range(2):
                j, asks = _asked(i, a, part, bins, cost, size, single, price)
                if j == whole:
                    _enter(i, 0, whole, a, asks - low, where, pair, regret)
                    held = 1
        for a in range(start[i], start[i + 1]):
            if held == keep and cost[a] - low >= regret[i, keep - 1]:
                break
            for part in range(2):
                j, asks = _asked(i, a, part, bins, cost, size, single, price)
                if j < 0 or j == whole:
                    continue
                if held < keep:
                    at = held
                    held += 1
                elif asks - low < regret[i, keep - 1] and where[i, keep - 1] != whole:
                    at = keep - 1
                else:
                    continue
                _enter(i, at, j, a, asks - low, where, pair, regret)
        # the outside is always on the list, so that every item can be placed
        _enter(i, held, -1, -1, outside[i] - low, where, pair, regret)
        for at in range(held + 1):
            if where[i, at] == whole:
                chosen[i] = at
                break
    return where, pair, regret, chosen
