"""One facility alone: the items it would take for given prices, and what each of them is worth to it.

What fits is found by dynamic programming over the units of room, in a flat array of cells that is handed in.
Where the cells do not suffice, sizes and room are counted in larger units, both rounded down: this only lets
more in, so that bounds stay bounds.
"""

from __future__ import annotations

import numba as nb
import numpy as np

#: At most so many cells of dynamic programming: 32 MiB.
CELLS = 4_000_000


def cells(n: int, room: int) -> int:
    """Return how many cells suffice for ``n`` items and ``room`` units, at most ``CELLS``."""
    return int(min(CELLS, max(4 * (n + 2), (n + 2) * (room + 1))))


@nb.njit(cache=True)
def unit_of(k, room, length):  # type: ignore[no-untyped-def]
    """Return in how many units of room ``k`` items are counted so that ``length`` cells suffice."""
    unit = 1
    while (k + 1) * (room // unit + 1) > length:
        unit += 1
    return unit


@nb.njit(cache=True)
def table_of(gain, size, k, room, table):  # type: ignore[no-untyped-def]
    """Write the best gain of the first t items in q units to ``table[t * (room + 1) + q]``."""
    wide = room + 1
    table[:wide] = 0.0
    for t in range(k):
        old = table[t * wide : (t + 1) * wide]
        new = table[(t + 1) * wide : (t + 2) * wide]
        s = min(size[t], wide)
        p = gain[t]
        new[:s] = old[:s]
        for q in range(s, wide):
            a = old[q]
            b = old[q - s] + p
            new[q] = a if a > b else b


@nb.njit(cache=True)
def best(gain, size, k, room, table, taken):  # type: ignore[no-untyped-def]
    """Return the best gain of ``k`` items that fit into ``room``; ``taken`` (k,) says which."""
    total = 0
    value = 0.0
    for t in range(k):
        total += size[t]
        value += gain[t]
        taken[t] = True
    if total <= room:
        return value
    unit = unit_of(k, room, table.size)
    room //= unit
    small = size[:k] // unit
    table_of(gain, small, k, room, table)
    wide = room + 1
    q = room
    for t in range(k - 1, -1, -1):
        taken[t] = table[(t + 1) * wide + q] != table[t * wide + q]
        if taken[t]:
            q -= small[t]
    return table[k * wide + room]


@nb.njit(cache=True)
def with_and_without(gain, size, k, room, table, back, included, excluded):  # type: ignore[no-untyped-def]
    """Write the best gain with each of ``k`` items in, and with it out, to ``included`` and ``excluded``.

    ``included`` is -inf where the item is larger than ``room``. ``back`` holds as many cells as ``table``.
    """
    unit = unit_of(k, room, table.size)
    room //= unit
    small = size[:k] // unit
    wide = room + 1
    table_of(gain, small, k, room, table)
    table_of(gain[:k][::-1].copy(), small[::-1].copy(), k, room, back)
    for t in range(k):
        before = table[t * wide : (t + 1) * wide]
        after = back[(k - 1 - t) * wide : (k - t) * wide]
        out = -np.inf
        for q in range(wide):
            value = before[q] + after[room - q]
            out = value if value > out else out
        excluded[t] = out
        inside = -np.inf
        left = room - small[t]
        for q in range(left + 1):
            value = before[q] + after[left - q]
            inside = value if value > inside else inside
        included[t] = inside + gain[t]
