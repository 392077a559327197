"""Prices read off a plan: a unit of room is worth the cheapest chain of moves that would free it."""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.transport.options import Shortlist
from tideover.engines.transport.problem import Floats, Ints


@nb.njit(cache=True)
def _dearer(code, cost, size, outside, node, least):  # type: ignore[no-untyped-def]
    """Write into least[a, b] what it costs a unit at least to go from node a to node b."""
    m = least.shape[0] - 1
    for i in range(size.size):
        a = node[i]
        here = float(outside[i])
        listed = a == m
        for k in range(code.shape[1]):
            if code[i, k] == a:
                here = float(cost[i, k])
                listed = True
        if not listed:
            continue
        s = size[i]
        least[a, m] = min(least[a, m], (outside[i] - here) / s)
        for k in range(code.shape[1]):
            b = code[i, k]
            if b < 0:
                break
            least[a, b] = min(least[a, b], (cost[i, k] - here) / s)


@nb.njit(cache=True)
def _worth(least, price, free):  # type: ignore[no-untyped-def]
    """Lower ``price`` until no move is better than staying; return whether that came to an end."""
    nodes = price.size
    for _ in range(nodes + 2):
        changed = False
        for a in range(nodes):
            if free[a]:
                continue
            for b in range(nodes):
                if least[a, b] + price[b] < price[a] - 1e-9:
                    price[a] = max(least[a, b] + price[b], 0.0)
                    changed = price[a] > 0.0 or changed
        if not changed:
            return True
    return False


def worth_of(listed: Shortlist, capacity: Ints, node: Ints, spare: int) -> Floats | None:
    """Return prices (m,) at which nobody in the plan would rather be elsewhere; None where there are none.

    Bins with at least ``spare`` units free cost nothing. By chains: the price of a full bin is the least that
    a unit in it would pay to move on to where room is free, or outside.
    """
    m = capacity.size
    load = np.bincount(node, listed.size, m + 1)[:m]
    free = np.append(capacity - load >= spare, True)
    least = np.full((m + 1, m + 1), np.inf)
    _dearer(listed.code, listed.cost, listed.size, listed.outside, node, least)
    most = float(np.abs(least[np.isfinite(least)]).max(initial=0.0)) * (m + 1) + 1.0
    price = np.where(free, 0.0, most)
    ended = bool(_worth(least, price, free))
    # a bin that nobody is in, yet without room, needs no price beyond what keeps everybody out
    return np.where(price >= most, 0.0, price)[:m] if ended else None
