"""The assignment problem: items of whole sizes to bins of whole capacities, with costs in levels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numba as nb
import numpy as np
import numpy.typing as npt

#: Whole numbers in 32 bits, or in 64 where they need it.
Narrow = npt.NDArray[np.int32] | npt.NDArray[np.int64]
_NARROW = np.iinfo(np.int32)
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def _narrow(numbers: npt.ArrayLike) -> Narrow:
    """Return whole numbers in 32 bits, or in 64 where one of them needs it."""
    given = np.asarray(numbers)
    wide = given if given.dtype == np.int32 else given.astype(np.int64, copy=False)
    fits = not wide.size or (wide.min() >= _NARROW.min and wide.max() <= _NARROW.max)
    return np.ascontiguousarray(wide, np.int32) if fits else np.ascontiguousarray(wide, np.int64)


@nb.njit(cache=True)
def _all_fit(size, capacity, start, bins):  # type: ignore[no-untyped-def]
    for i in range(size.size):
        for a in range(start[i], start[i + 1]):
            if size[i] > capacity[bins[a]]:
                return False
    return True


class TooLargeError(ValueError):
    """The costs of a problem are too large to be ordered in levels by whole numbers that stay exact."""


@nb.njit(cache=True)
def _without(start, bins, cost, banned):  # type: ignore[no-untyped-def]
    left = np.zeros(start.size, np.int64)
    for i in range(start.size - 1):
        left[i + 1] = left[i]
        for a in range(start[i], start[i + 1]):
            left[i + 1] += not banned[a]
    new_bins = np.empty(left[-1], bins.dtype)
    new_cost = np.empty((cost.shape[0], left[-1]), cost.dtype)
    for level in range(-1, cost.shape[0]):
        at = 0
        for a in range(bins.size):
            if not banned[a]:
                if level < 0:
                    new_bins[at] = bins[a]
                else:
                    new_cost[level, at] = cost[level, a]
                at += 1
    return left, new_bins, new_cost


@dataclass(frozen=True)
class Problem:
    """Items that each go to one bin or stay outside, at least cost, level by level.

    n items, m bins, z allowed pairs, L levels; whole numbers. ``bin`` is kept in 32 bits, ``cost`` too where
    that is wide enough: there may be many millions of pairs. All else is int64.

    - ``size`` (n,): units that an item takes, at least 1.
    - ``capacity`` (m,): units that a bin holds, at least 0.
    - ``start`` (n + 1,) and ``bin`` (z,): item i may go to ``bin[start[i]:start[i + 1]]``, each bin once.
    - ``cost`` (L, z): cost of each pair, level 0 first; ``outside`` (L, n): cost of staying outside.

    Raises ``ValueError`` if the shapes do not fit together, a size is below 1, a number is negative or an
    item is larger than a bin that it may go to.
    """

    size: Ints
    capacity: Ints
    start: Ints
    bin: Narrow
    cost: Narrow
    outside: Ints

    def __post_init__(self) -> None:
        for name in ("size", "capacity", "start", "outside"):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=np.int64))
        for name in ("bin", "cost"):
            object.__setattr__(self, name, _narrow(getattr(self, name)))
        n, z = self.size.size, self.bin.size
        shapes = (
            self.start.shape == (n + 1,)
            and self.cost.shape[1:] == (z,)
            and self.outside.shape == (self.cost.shape[0], n)
        )
        if not shapes or self.start[0] != 0 or self.start[-1] != z or (np.diff(self.start) < 0).any():
            raise ValueError("sizes, pairs and costs of an assignment problem do not fit together")
        for array in (self.size - 1, self.capacity, self.bin, self.cost, self.outside):
            if array.size and array.min() < 0:
                raise ValueError("sizes must be positive; capacities, bins and costs must not be negative")
        if z and (
            self.bin.max() >= self.capacity.size
            or not _all_fit(self.size, self.capacity, self.start, self.bin)
        ):
            raise ValueError("a pair names a bin that does not exist or is too small for its item")

    @property
    def items(self) -> Ints:
        """The item of each pair, (z,)."""
        return np.repeat(np.arange(self.size.size), np.diff(self.start))

    def without(self, banned: Bools) -> Problem:
        """Return the problem without the pairs that ``banned`` (z,) marks."""
        start, bins, cost = _without(self.start, self.bin, self.cost, banned)
        return Problem(self.size, self.capacity, start, bins, cost, self.outside)

    @property
    def levels(self) -> int:
        """The number of levels."""
        return int(self.cost.shape[0])


@dataclass(frozen=True)
class Level:
    """One level of a solution: the weights of its combined cost, what the plan costs, and what is proven.

    ``price`` (n,) are the integer prices that give ``bound`` by the knapsack relaxation with ``weights`` over
    the levels up to this one. ``first_come`` is the cost of the plan in which items choose in turn.
    """

    weights: tuple[int, ...]
    cost: int
    bound: int
    first_come: int
    price: Ints

    @property
    def gap(self) -> int:
        """Cost minus bound."""
        return self.cost - self.bound


@dataclass(frozen=True)
class Solution:
    """Where each item goes: ``pair`` (n,) is an index into the problem's pairs, or -1 for outside.

    ``total_bound`` is the bound of the weighted sum of all levels, by the prices of the last one. ``rents``
    (m',) are the prices of a unit of each piece of the bins, by which a solution is mended.
    """

    pair: Ints
    levels: tuple[Level, ...]
    total_bound: int
    rents: Floats = field(default_factory=lambda: np.zeros(0), repr=False, compare=False)
