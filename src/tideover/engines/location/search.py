"""From a bound and a plan to a proof: the problem is split until each part is shown to hold nothing better.

A part closes some facilities, opens some, forbids some pairs and places some items. Its bound is the
Lagrangian one of ``relaxation``, with prices of its own; whatever would push the bound above the cost looked
for is ruled out before the part is split.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np

from tideover.engines.location.knapsack import cells
from tideover.engines.location.problem import Bools, Floats, Ints, LocationProblem, cost_of
from tideover.engines.location.relaxation import ascend, margins

#: Steps of the ascent for a part of the search, and how often a part is looked at before it is split.
STEPS = 60
ROUNDS = 3
#: A facility is decided before any item as long as it was open in this share of the steps, and closed in it.
DOUBT = 0.1
#: What facilities took (m, n), and how often each was open (m,), on average over the steps of an ascent.
Taken = tuple[Floats, Floats]


@dataclass
class Part:
    """What is decided in one part of the search; see ``relaxation`` for the arrays."""

    allowed: Bools
    room: Ints
    state: Any
    to: Ints
    price: Floats
    bound: float

    @property
    def arrays(self) -> tuple[Any, ...]:
        """Return the arrays in the order in which the kernels take them."""
        return self.allowed, self.room, self.state, self.to

    def copy(self) -> Part:
        """Return a part that may be changed alone."""
        return Part(
            self.allowed.copy(),
            self.room.copy(),
            self.state.copy(),
            self.to.copy(),
            self.price.copy(),
            self.bound,
        )


class Tree:
    """The search of one problem: the best plan so far, and what finds or rules out better ones."""

    def __init__(self, problem: LocationProblem) -> None:
        n, m = problem.cost.shape
        self.problem = problem
        self.cost = np.ascontiguousarray(problem.cost.T)
        self.size = np.ascontiguousarray(problem.size.T)
        self.data = (self.cost, self.size, problem.opening)
        largest = float(np.abs(self.cost[np.isfinite(self.cost)]).max(initial=1e-6))
        self.grid = 2.0 ** (30 - math.ceil(math.log2(largest)))
        length = cells(n, int(problem.capacity.max()))
        self.table, self.back = np.empty(length), np.empty(length)
        self.value = np.inf
        self.choice = np.full(n, -1, np.int64)
        self.open = np.zeros(m, bool)
        self.nodes = 0
        self.step = problem.step
        self.tiny = self.step * 1e-6 if self.step else largest * 1e-9

    def root(self) -> Part:
        """Return the part in which only that is decided which the problem decides."""
        state = np.where(self.problem.opens, 1, np.where(self.problem.closes, -1, 0)).astype(np.int8)
        allowed = np.isfinite(self.cost) & (self.size <= self.problem.capacity[:, None])
        price = np.where(allowed, self.cost, np.inf).min(axis=0)
        price[~np.isfinite(price)] = 0.0
        to = np.full(self.cost.shape[1], -1, np.int64)
        return Part(allowed, self.problem.capacity.copy(), state, to, price, -np.inf)

    def offer(self, opened: Bools, choice: Ints) -> float:
        """Return what a plan costs (infinity if it is none), and keep it if it is the best so far."""
        value = cost_of(self.problem, opened, choice)
        if value < self.value:
            self.value, self.open, self.choice = value, opened.copy(), choice.copy()
        return value

    def reach(self, part: Part) -> tuple[int, int] | None:
        """Draw the plain conclusions; return the fewest and most free facilities to open, None if no plan."""
        count = -1 if self.problem.count is None else self.problem.count
        low, high = settle(part.arrays, self.size, count)
        return None if low > high else (int(low), int(high))

    def placed(self, part: Part) -> float:
        """Return the cost of the items that the part has placed."""
        item = np.flatnonzero(part.to >= 0)
        return float(self.cost[part.to[item], item].sum())

    def raised(self, part: Part, aim: float, steps: int) -> Taken | None:
        """Raise the part's bound towards ``aim``; return what facilities took, or None if it is done with."""
        reach = self.reach(part)
        if reach is None:
            part.bound = np.inf
            return None
        mean, often = np.zeros(self.cost.shape), np.zeros(self.cost.shape[0])
        at = self.placed(part)
        bound, whole, take, chosen = ascend(
            part.price, aim - at, steps, self.grid, self.data, part.arrays, reach, self.table, mean, often
        )
        part.bound = max(part.bound, bound + at)
        if whole:
            choice = np.where(part.to >= 0, part.to, (take & chosen[:, None]).argmax(axis=0))
            if self.offer(chosen, choice) <= bound + at + self.tiny:
                return None
        return None if part.bound > aim + self.tiny else (mean, often)

    def pruned(self, part: Part, aim: float) -> int | None:
        """Rule out what would cost more than ``aim``; return how much that was, None if it is everything."""
        reach = self.reach(part)
        if reach is None:
            return None
        m = part.room.size
        pair, shut, opened = np.full(self.cost.shape, np.inf), np.empty(m), np.empty(m)
        margins(part.price, self.data, part.arrays, reach, self.table, self.back, pair, shut, opened)
        limit = aim - self.placed(part) + self.tiny
        must = (part.state == 0) & (shut > limit)
        never = (part.state == 0) & (opened > limit)
        if (must & never).any():
            return None
        part.state[must], part.state[never] = 1, -1
        gone = part.allowed & ((pair > limit) | never[:, None])
        part.allowed[gone] = False
        return int(gone.sum() + must.sum() + never.sum())

    def examine(self, part: Part, aim: float) -> tuple[Part, Part] | None:
        """Return the two parts into which the part is split, or None if it is done with.

        Done with: nothing in it costs less than the best plan so far, or nothing in it costs at most ``aim``.
        """
        self.nodes += 1
        taken = None
        for _ in range(ROUNDS):
            taken = self.raised(part, aim, STEPS)
            if taken is None:
                return None
            before = int(part.allowed.sum())
            gone = self.pruned(part, aim)
            if gone is None:
                return None
            if gone <= 0.1 * before:
                break
        return None if taken is None else self.split(part, taken)

    def split(self, part: Part, taken: Taken) -> tuple[Part, Part] | None:
        """Return two parts that leave nothing out, the likelier first: by a facility, else by a pair."""
        mean, often = taken
        first, second = part.copy(), part
        doubt = np.where(part.state == 0, np.minimum(often, 1.0 - often), -1.0)
        j = int(doubt.argmax())
        if doubt[j] > DOUBT:
            first.state[j], second.state[j] = (1, -1) if often[j] >= 0.5 else (-1, 1)
            return first, second
        item = np.flatnonzero(part.to < 0)
        if not item.size:
            return None
        share = np.where(part.allowed, mean, -1.0)[:, item]
        at = int(share.max(axis=0).argmin())
        i, j = int(item[at]), int(share[:, at].argmax())
        if share[j, at] < 0.0:
            return None
        first.allowed[:, i] = False
        first.allowed[j, i] = True
        second.allowed[j, i] = False
        return first, second


@nb.njit(cache=True)
def settle(part, size, count):  # type: ignore[no-untyped-def]
    """Place items with one way left, forbid what no longer fits; return the fewest and the most that open.

    Of the free facilities. (1, 0) if no plan is left. ``count`` is that of the problem, or -1.
    """
    allowed, room, state, to = part
    m, n = size.shape
    changed = True
    while changed:
        changed = False
        opened = 0
        free = 0
        for j in range(m):
            opened += state[j] == 1
            free += state[j] == 0
        if count >= 0 and (opened > count or opened + free < count):
            return 1, 0
        if count >= 0 and free > 0 and (opened == count or opened + free == count):
            for j in range(m):
                if state[j] == 0:
                    state[j] = -1 if opened == count else 1
            free = 0
        for i in range(n):
            if to[i] >= 0:
                continue
            ways = 0
            last = -1
            for j in range(m):
                if allowed[j, i] and (state[j] < 0 or size[j, i] > room[j]):
                    allowed[j, i] = False
                if allowed[j, i]:
                    ways += 1
                    last = j
            if ways == 0:
                return 1, 0
            if ways == 1:
                to[i] = last
                room[last] -= size[last, i]
                allowed[last, i] = False
                state[last] = 1
                changed = True
    return _enough(allowed, room, state, to, size, count)


@nb.njit(cache=True)
def _enough(allowed, room, state, to, size, count):  # type: ignore[no-untyped-def]
    m, n = size.shape
    need = 0
    for i in range(n):
        if to[i] < 0:
            least = np.iinfo(np.int64).max
            for j in range(m):
                if allowed[j, i]:
                    least = min(least, size[j, i])
            need += least
    opened = 0
    free = np.empty(m, np.int64)
    number = 0
    for j in range(m):
        if state[j] == 1:
            need -= room[j]
            opened += 1
        elif state[j] == 0:
            free[number] = room[j]
            number += 1
    high = number if count < 0 else count - opened
    rooms = np.sort(free[:number])
    low = 0
    while need > 0 and low < number:
        need -= rooms[number - 1 - low]
        low += 1
    if need > 0 or low > high:
        return 1, 0
    return (low if count < 0 else high), high
