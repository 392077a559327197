"""A plan of whole items of one unit or two, by the exchange of slots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np

from tideover.engines.assignment.ascent import near_pairs
from tideover.engines.assignment.knapsack import relax
from tideover.engines.assignment.problem import Floats, Ints, Narrow
from tideover.engines.assignment.rows import Pieces, Rows
from tideover.engines.assignment.slots import begin, entries, exchange, fill, lay_out, search_room, steer

#: What an exchange may cost, round after round over the bins that want other items, of what rooms cost.
_WARMTH = (0.0, 0.0, 0.2, 0.1, 0.05, 0.0, 0.0)
#: Rounds begin anew until so many exchanges were tried.
_TRIES = 4_000
#: How near a whole number counts as one.
_WHOLE = 1e-6

#: Rows as the kernels take them: start, bin, cost, outside, size, and how many bins there are.
Given = tuple[Ints, Narrow, Ints, Ints, Ints, int]


@dataclass(frozen=True)
class Slots:
    """The rows with a plan of slots: what ``slots.py`` works on."""

    rows: Rows
    given: Given
    state: tuple[Ints, ...]
    room: tuple[Ints, ...]
    by_bin: tuple[Ints, Ints, Ints]

    @property
    def total(self) -> int:
        """Cost of the plan."""
        return int(self.state[8][0])

    @property
    def parts(self) -> tuple[Given, tuple[Ints, ...], tuple[Ints, ...], tuple[Ints, Ints, Ints]]:
        """What the kernels take."""
        return self.given, self.state, self.room, self.by_bin


def slots_of(rows: Rows, pieces: Pieces, flow: tuple[Ints, Ints, Floats], price: Ints, margin: int) -> Slots:
    """Return the plan of slots next to a ``flow``: (piece of each unit, first unit of each item, prices).

    ``price`` (n,) are item prices: pairs that cost more than ``margin`` above them are not looked at where
    a slot is filled.
    """
    m = rows.capacity.size
    near = near_pairs(rows.start, rows.bin, rows.cost, price, margin, m)
    given = (rows.start, rows.bin, rows.cost, rows.outside, rows.size, m)
    state, room = lay_out(rows.size, rows.capacity), search_room(rows.size.size, m)
    units, first, prices = flow
    begin(units, first, pieces.owner, given, state)
    whole = np.rint(prices).astype(np.int64)
    single = np.where(pieces.single >= 0, pieces.single, np.arange(m))
    state[7][:m], state[7][m:] = whole[single], 2 * whole[:m]
    free = rows.capacity - state[6][:m] - 2 * state[6][m:]
    found = Slots(rows, given, state, room, near[3:])
    fill(free, given, state, room, near[3:])
    return found


def improved(slots: Slots, reach: int, enough: Callable[[Slots], bool]) -> Ints:
    """Exchange slots in rounds until the plan is good ``enough``, no bin gains or enough was tried.

    Some rounds let exchanges stand that cost a little, a share of ``reach``, more in every turn. Returns
    the entry of its row that each item (n,) had in the best plan, -1 outside.
    """
    best, found, tried = slots.total, entries_of(slots), 0
    for turn in count(1):
        for share in _WARMTH:
            if enough(slots):
                return entries_of(slots)
            wanting = _wanting(slots)
            exchange(wanting, round(turn * share * reach), *slots.parts)
            tried += wanting.size
            if slots.total < best:
                best, found = slots.total, entries_of(slots)
            if wanting.size == 0:
                return found
        if tried >= _TRIES:
            break
    return found


def steered(slots: Slots, large: Floats, small: Floats) -> None:
    """Exchange slots until each bin has as many large ones as ``large`` (m,) says, where that is whole."""
    whole = np.rint(large)
    wanted = np.where(np.abs(large - whole) < _WHOLE, whole, -1).astype(np.int64)
    steer(wanted, np.ceil(small - _WHOLE).astype(np.int64), *slots.parts)


def entries_of(slots: Slots) -> Ints:
    """Return the entry of its row that each item (n,) has, -1 outside."""
    entry: Ints = entries(slots.given, slots.state)
    return entry


def _wanting(slots: Slots) -> Ints:
    """Return the bins that would take other items at the prices of the slots, those that gain most first."""
    rows = slots.rows
    at, paid, price, opened = slots.state[0], slots.state[1], slots.state[7], slots.state[6]
    asked = np.minimum(paid + np.where(at >= 0, price[np.maximum(at, 0)], 0), rows.outside)
    gained = relax(rows.start, rows.bin, rows.cost, rows.size, rows.capacity, asked)[2]
    worth = np.where(opened > 0, opened * price, 0)
    more = gained - worth.reshape(2, -1).sum(axis=0)
    order: Ints = np.argsort(-more, kind="stable")
    wanting: Ints = order[more[order] > 0]
    return wanting
