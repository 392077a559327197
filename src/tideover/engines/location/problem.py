"""The location problem: which facilities open, and to which of them each item goes whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LocationProblem:
    """Items that each go whole to one open facility with room, at least cost.

    n items, m facilities.

    - ``cost`` (n, m): what item i costs at facility j; ``inf`` where it may not go. Any finite sign.
    - ``size`` (n,) or (n, m): whole units that the item takes there, at least 0.
    - ``capacity`` (m,): whole units that an open facility holds, at least 0.
    - ``fixed`` (m,): what opening it costs; none unless given.
    - ``count``: exactly so many facilities open (they may stand empty); as many as pay off if None.
    - ``forced_open``, ``forced_closed`` (m,): facilities that are open, or closed, in every plan.

    Raises ``ValueError`` if the shapes do not fit together, there is no item or no facility, a size or a
    capacity is negative, a facility is forced both ways, or ``count`` cannot be met.
    """

    cost: Floats
    size: Ints
    capacity: Ints
    fixed: Floats | None = None
    count: int | None = None
    forced_open: Bools | None = None
    forced_closed: Bools | None = None

    def __post_init__(self) -> None:
        cost = np.ascontiguousarray(self.cost, np.float64)
        if cost.ndim != 2 or not cost.size:
            raise ValueError("a location problem needs costs (n, m) of at least one item and one facility")
        n, m = cost.shape
        size = np.asarray(self.size)
        size = size[:, None] if size.ndim == 1 else size
        own = {
            "cost": cost,
            "size": np.ascontiguousarray(np.broadcast_to(size, (n, m)), np.int64),
            "capacity": np.ascontiguousarray(self.capacity, np.int64),
            "fixed": np.zeros(m) if self.fixed is None else np.ascontiguousarray(self.fixed, np.float64),
            "forced_open": _mask(self.forced_open, m),
            "forced_closed": _mask(self.forced_closed, m),
        }
        for name, array in own.items():
            object.__setattr__(self, name, array)
        self._check(n, m)

    def _check(self, n: int, m: int) -> None:
        for name in ("capacity", "fixed", "forced_open", "forced_closed"):
            if getattr(self, name).shape != (m,):
                raise ValueError(f"{name} of a location problem must have one number for each facility")
        if np.isnan(self.cost).any() or (self.cost == -np.inf).any() or not np.isfinite(self.opening).all():
            raise ValueError("costs of a location problem must be numbers; only a pair may cost infinity")
        if (self.size < 0).any() or (self.capacity < 0).any():
            raise ValueError("sizes and capacities of a location problem must be at least 0")
        if (self.opens & self.closes).any():
            raise ValueError("a facility of a location problem is forced both open and closed")
        if self.count is not None and not self.opens.sum() <= self.count <= m - self.closes.sum():
            raise ValueError("count of a location problem does not fit the facilities that are forced")

    @property
    def opening(self) -> Floats:
        """The fixed cost of each facility (m,)."""
        return self.fixed if self.fixed is not None else np.zeros(self.capacity.size)

    @property
    def opens(self) -> Bools:
        """The facilities that are forced open (m,)."""
        return _mask(self.forced_open, self.capacity.size)

    @property
    def closes(self) -> Bools:
        """The facilities that are forced closed (m,)."""
        return _mask(self.forced_closed, self.capacity.size)

    @property
    def step(self) -> float:
        """A number of which every plan's cost is a whole multiple: their greatest common divisor, or 0.

        0 stands for no such number: some cost is not whole.
        """
        numbers = np.concatenate([self.cost[np.isfinite(self.cost)], self.opening])
        if (numbers != np.round(numbers)).any() or np.abs(numbers).sum() >= 2.0**52:
            return 0.0
        return float(max(1, np.gcd.reduce(np.abs(numbers).astype(np.int64))))


@dataclass(frozen=True)
class LocationSolution:
    """The best plan found, and a bound that no plan can beat.

    - ``open`` (m,), ``choice`` (n,): the facilities that open, and the one of each item (-1 where no plan
      was found).
    - ``cost``: of the plan, infinite if none was found; ``bound``: no plan costs less (infinite if the
      search showed that there is none).
    - ``proven``: cost and bound are as near as was asked; at gap 0 the plan is an optimum.
    - ``multipliers`` (n,) and ``root``: prices of the items, and the bound that they alone prove:
      ``lagrangian_bound(problem, multipliers) == root``. Where ``bound`` is above it, ``searched`` is true:
      the rest comes from the search, and running it again is the proof.
    - ``nodes``: parts into which the search split the problem; ``seconds``: how long it all took.
    """

    open: Bools
    choice: Ints
    cost: float
    bound: float
    proven: bool
    multipliers: Floats
    root: float
    searched: bool
    nodes: int
    seconds: float

    @property
    def feasible(self) -> bool:
        """Whether a plan was found."""
        return bool(np.isfinite(self.cost))

    @property
    def gap(self) -> float:
        """What the plan may cost above the optimum, as a share of its cost; infinite without a plan."""
        if not self.feasible:
            return np.inf
        return max(0.0, self.cost - self.bound) / max(abs(self.cost), 1e-12)


def cost_of(problem: LocationProblem, opened: Bools, choice: Ints) -> float:
    """Return what a plan costs, or infinity if it is none: summed up anew from the problem.

    ``opened`` (m,) are the facilities that open, ``choice`` (n,) the facility of each item.
    """
    n, m = problem.cost.shape
    if (choice < 0).any() or (choice >= m).any() or not opened[choice].all():
        return np.inf
    if (problem.opens & ~opened).any() or (problem.closes & opened).any():
        return np.inf
    if problem.count is not None and int(opened.sum()) != problem.count:
        return np.inf
    used = np.zeros(m, np.int64)
    np.add.at(used, choice, problem.size[np.arange(n), choice])
    if (used > problem.capacity).any():
        return np.inf
    return float(problem.cost[np.arange(n), choice].sum() + problem.opening[opened].sum())


def _mask(given: Bools | None, m: int) -> Bools:
    return np.zeros(m, bool) if given is None else np.ascontiguousarray(given, bool)
