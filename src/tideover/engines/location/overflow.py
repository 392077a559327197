"""What overflows when facilities close and everything goes to the first of its own list that stays open.

Unlike a cost, this is no sum over items: what a facility receives from all of them counts, beyond its room.
So every set is looked at by itself, but only the items of its own facilities move.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numba as nb
import numpy as np

from tideover.engines.location.problem import Bools, Ints
from tideover.engines.location.rank import Ranking, number_of, ranking_of

#: More sets than this are not ranked by what overflows: each is looked at by itself.
MOST_OVERFLOWS = 5_000_000


@dataclass(frozen=True)
class Lists:
    """Items that move only if their own facility closes: sorted by ``own`` (g,), whole ``size`` (g,).

    ``first`` (m + 1,): the items of facility j are ``first[j]:first[j + 1]``. ``wish`` (g, w): other
    facilities in the order in which they are tried, -1 behind the last. ``room`` (m,): what each receives
    before it overflows.
    """

    first: Ints
    size: Ints
    wish: Ints
    room: Ints


def lists_of(own: Ints, size: Ints, wish: Ints, room: Ints) -> Lists:
    """Return the items sorted by their own facility, those with the same wishes as one; see ``Lists``."""
    keys, of = np.unique(np.column_stack([own, wish]), axis=0, return_inverse=True)
    summed = np.zeros(keys.shape[0], np.int64)
    np.add.at(summed, of.ravel(), size)
    first = np.searchsorted(keys[:, 0], np.arange(room.size + 1)).astype(np.int64)
    return Lists(first, summed, np.ascontiguousarray(keys[:, 1:], np.int64), np.asarray(room, np.int64))


def overflow_of(lists: Lists, sets: Ints) -> Ints:
    """Return what overflows in all when each of ``sets`` (s, k) closes, in units of size: (s,).

    Items of which no wish stays open go nowhere and overflow nothing. With k wishes or more in each list,
    ``k`` of them beside the own facility can be closed at most: no more are needed.
    """
    out = np.zeros(sets.shape[0], np.int64)
    _overflow(lists.first, lists.size, lists.wish, lists.room, np.ascontiguousarray(sets, np.int64), out)
    return out


def rank_of_overflow(lists: Lists, announced: Sequence[int], within: Bools, top: int = 10) -> Ranking:
    """Return where closing ``announced`` stands among all sets of as many of ``within`` by what overflows.

    ``ValueError`` if it names a facility twice or one that may not close, or there are too many sets.
    """
    candidates, count = np.flatnonzero(within), len(announced)
    number = number_of(announced, candidates)
    if math.comb(candidates.size, count) > MOST_OVERFLOWS:
        raise ValueError(f"at most {MOST_OVERFLOWS:,} sets can be ranked by what overflows")
    costs = np.empty(math.comb(candidates.size, count))
    _all_overflows(lists.first, lists.size, lists.wish, lists.room, candidates, count, costs)
    return ranking_of(costs, number, candidates, count, top)


@nb.njit(cache=True)
def _one(first, size, wish, room, chosen, closed, received):  # type: ignore[no-untyped-def]
    received[:] = 0
    for a in chosen:
        closed[a] = True
    for a in chosen:
        for g in range(first[a], first[a + 1]):
            for r in range(wish.shape[1]):
                j = wish[g, r]
                if j < 0:
                    break
                if not closed[j]:
                    received[j] += size[g]
                    break
    total = 0
    for j in range(room.size):
        if received[j] > room[j]:
            total += received[j] - room[j]
    for a in chosen:
        closed[a] = False
    return total


@nb.njit(cache=True)
def _overflow(first, size, wish, room, sets, out):  # type: ignore[no-untyped-def]
    closed = np.zeros(room.size, np.bool_)
    received = np.zeros(room.size, np.int64)
    for s in range(sets.shape[0]):
        out[s] = _one(first, size, wish, room, sets[s], closed, received)


@nb.njit(cache=True)
def _all_overflows(first, size, wish, room, candidates, count, costs):  # type: ignore[no-untyped-def]
    """Write the overflow of every set, in the order of the combinatorial number system."""
    closed = np.zeros(room.size, np.bool_)
    received = np.zeros(room.size, np.int64)
    at = np.arange(count)
    chosen = np.empty(count, np.int64)
    for number in range(costs.size):
        for b in range(count):
            chosen[b] = candidates[at[b]]
        costs[number] = _one(first, size, wish, room, chosen, closed, received)
        b = 0
        while b < count - 1 and at[b] + 1 == at[b + 1]:
            at[b] = b
            b += 1
        at[b] += 1
