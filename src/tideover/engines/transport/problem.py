"""The transport problem: many whole items, few large bins, one cost for each pair."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Narrow = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

#: A cost that stands for "this item may not go to this bin".
FORBIDDEN = int(np.iinfo(np.int32).max)
#: The largest cost of staying outside, either sign: sums over many items stay exact in 64 bits.
LARGEST_OUTSIDE = 2**50


@nb.njit(cache=True)
def _each_once(start, bins, m):  # type: ignore[no-untyped-def]
    seen = np.full(m, -1, np.int64)
    for i in range(start.size - 1):
        for a in range(start[i], start[i + 1]):
            if seen[bins[a]] == i:
                return False
            seen[bins[a]] = i
    return True


@dataclass(frozen=True)
class TransportProblem:
    """Items that each go whole to one bin or stay outside, at least cost, no bin above its capacity.

    n items, m bins; whole numbers throughout.

    - ``size`` (n,) int32: units that an item takes, at least 1. ``capacity`` (m,) int64: units of a bin.
    - ``outside`` (n,) int64: cost of leaving an item outside; between -2**50 and 2**50.
    - ``cost`` (n, m) int32: cost of each pair; ``FORBIDDEN`` where there is no such pair. Or None.
    - ``start`` (n + 1,) int64, ``bin`` (z,) int32, ``pair_cost`` (z,) int32: the pairs of item i are
      ``start[i]:start[i + 1]``, each bin once. Without ``cost`` these are all the pairs there are; beside
      ``cost`` they are exceptions that replace its entries.
    - ``group`` (m,) int32, optional: bin j costs what column ``group[j]`` of ``cost`` says, which then is
      (n, groups): many bins at one place, without a wide table.

    Raises ``ValueError`` if shapes do not fit together or a number is out of its range.
    """

    size: Narrow
    capacity: Ints
    outside: Ints
    cost: Narrow | None = None
    start: Ints | None = None
    bin: Narrow | None = None
    pair_cost: Narrow | None = None
    group: Narrow | None = None

    def __post_init__(self) -> None:
        for name in ("size", "capacity", "outside", "cost", "start", "bin", "pair_cost", "group"):
            given = getattr(self, name)
            if given is not None:
                wide = name in {"capacity", "outside", "start"}
                object.__setattr__(self, name, _as(name, given, np.int64 if wide else np.int32))
        n = self.size.size
        if self.size.shape != (n,) or self.outside.shape != (n,) or self.capacity.ndim != 1:
            raise ValueError("size and outside need one number for each item, capacity one for each bin")
        if (n and self.size.min() < 1) or (self.capacity.size and self.capacity.min() < 0):
            raise ValueError("sizes must be at least 1 and capacities at least 0")
        if n and max(abs(int(self.outside.min())), abs(int(self.outside.max()))) > LARGEST_OUTSIDE:
            raise ValueError("the cost of staying outside must lie between -2**50 and 2**50")
        self._check_table()
        self._check_pairs()

    def _check_table(self) -> None:
        n, m = self.size.size, self.capacity.size
        if self.cost is None:
            if self.start is None or self.group is not None:
                raise ValueError("give a table of costs, or pairs; groups only beside a table")
            return
        columns = m if self.group is None else self.cost.shape[-1]
        if self.cost.shape != (n, columns):
            raise ValueError(f"the table of costs has shape {self.cost.shape}, expected ({n}, {columns})")
        if self.group is not None:
            inside = not m or (self.group.min() >= 0 and self.group.max() < columns)
            if self.group.shape != (m,) or not inside:
                raise ValueError("group needs one column of the table for each bin")

    def _check_pairs(self) -> None:
        if self.start is None or self.bin is None or self.pair_cost is None:
            if not (self.start is self.bin is self.pair_cost is None):
                raise ValueError("start, bin and pair_cost come together")
            return
        n, m, z = self.size.size, self.capacity.size, self.bin.size
        fits = self.start.shape == (n + 1,) and self.bin.shape == self.pair_cost.shape == (z,)
        if not fits or self.start[0] != 0 or self.start[-1] != z or (np.diff(self.start) < 0).any():
            raise ValueError("start, bin and pair_cost do not fit together")
        if z and (self.bin.min() < 0 or self.bin.max() >= m):
            raise ValueError("a pair names a bin that does not exist")
        if z and not _each_once(self.start, self.bin, m):
            raise ValueError("an item names a bin twice")

    @property
    def arrays(self) -> tuple[Narrow, Narrow, Ints, Narrow, Narrow]:
        """Return cost (n, g), group (m,), start, bin, pair_cost, none of them None: what kernels take."""
        n, m = self.size.size, self.capacity.size
        if self.cost is None:
            table, group = np.empty((n, 0), np.int32), np.full(m, -1, np.int32)
        else:
            table = self.cost
            group = np.arange(m, dtype=np.int32) if self.group is None else self.group
        if self.start is None or self.bin is None or self.pair_cost is None:
            nothing = np.empty(0, np.int32)
            return table, group, np.zeros(n + 1, np.int64), nothing, nothing
        return table, group, self.start, self.bin, self.pair_cost


def _as(name: str, given: npt.ArrayLike, kind: type[np.int32 | np.int64]) -> npt.NDArray[np.int32 | np.int64]:
    found = np.asarray(given)
    if found.dtype != kind and found.size:
        if found.dtype.kind not in "iu":
            raise ValueError(f"{name} must be whole numbers, found {found.dtype}")
        info = np.iinfo(kind)
        if int(found.min()) < info.min or int(found.max()) > info.max:
            raise ValueError(f"{name} must fit {info.bits} bits")
    return np.ascontiguousarray(found, kind)


@dataclass(frozen=True)
class TransportSolution:
    """Where each item goes: ``choice`` (n,) int32, -1 for outside; what that costs, and what is proven.

    ``price`` (m,) int64, at least 0 for each unit of size, gives ``bound`` by ``lower_bound``.
    """

    choice: Narrow
    cost: int
    bound: int
    price: Ints

    @property
    def gap(self) -> float:
        """Cost less bound, as a share of the cost (0.0 where they are equal)."""
        return (self.cost - self.bound) / max(abs(self.cost), 1)
