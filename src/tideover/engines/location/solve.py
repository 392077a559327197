"""From a location problem to a plan, a bound and, where it comes, the proof that they meet."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np

from tideover.engines.location.plans import plan_from
from tideover.engines.location.problem import Floats, LocationProblem, LocationSolution
from tideover.engines.location.relaxation import relax
from tideover.engines.location.search import Part, Tree

#: Steps of the first ascent, in batches between which the clock is read.
BATCHES, BATCH = 12, 60
#: Plans made before the search, and parts of the search between two more.
PLANS, PARTS = 4, 100
#: The first cost looked for lies this share of the way from bound to plan; a stage of few parts is easy.
STRIDE, EASY = 0.125, 40
_EXACT = 1e-9


def solve(problem: LocationProblem, seconds: float = 60.0, gap: float = 0.0) -> LocationSolution:
    """Return the best plan found within ``seconds`` and a bound that no plan can beat.

    Ends as soon as the plan costs at most the share ``gap`` above the optimum. At gap 0 and with time enough
    the plan is an optimum; where costs are not whole numbers, to one part in 10^9. The same plan and bound
    come out on every run that ends before its time is up. Raises ``ValueError`` if a limit is no number of at
    least 0.
    """
    if not (seconds >= 0 and math.isfinite(seconds) and 0 <= gap < 1):
        raise ValueError("solve needs finite seconds of at least 0 and a gap from 0 to below 1")
    return _Run(problem, seconds, gap).solution()


def lagrangian_bound(problem: LocationProblem, multipliers: Floats) -> float:
    """Return the bound that a price for each item (n,) proves: no plan costs less.

    Items that may go to one facility only are placed there first, and what no longer fits is forbidden. Then

        sum of prices + sum over the open j of (fixed_j - max sum over items i in j of (price_i - cost_ij)),

    where the items in j fit into its room, the least such sum over all choices of facilities that keep
    what is forced, ``count`` and, without a count, the fewest facilities whose room could hold everything.
    Infinite if these conclusions already leave no plan.
    """
    tree = Tree(problem)
    part = tree.root()
    reach = tree.reach(part)
    if reach is None:
        return np.inf
    m, n = tree.cost.shape
    price = np.ascontiguousarray(multipliers, np.float64)
    if price.shape != (n,):
        raise ValueError("a location bound needs one multiplier for each item")
    arrays = np.empty(m), np.zeros((m, n), bool), np.zeros(m, bool)
    return float(relax(price, tree.data, part.arrays, reach, tree.table, *arrays)) + tree.placed(part)


@dataclass
class _Stage:
    """How the next cost to look for is set: a share of the way from bound to plan."""

    stride: float = STRIDE

    def aim(self, bound: float, most: float, step: float) -> float:
        """Return a cost from ``bound`` to ``most``, a multiple of ``step`` where there is one."""
        way = self.stride * (most - bound)
        return min(most, bound + (math.floor(way / step) * step if step else way))

    def after(self, parts: int) -> None:
        """Go further each time: few long stages cost less than many short ones; most so where it was easy."""
        self.stride = min(1.0, self.stride * (2.0 if parts <= EASY else 1.5))


class _Run:
    def __init__(self, problem: LocationProblem, seconds: float, gap: float) -> None:
        self.began = time.perf_counter()
        self.ends = self.began + seconds
        self.problem, self.gap = problem, gap
        self.tree = Tree(problem)
        self.bound = -np.inf
        self.plans = 0
        self.pairs = np.isfinite(problem.cost)

    def solution(self) -> LocationSolution:
        """Return what the run has found when it ends."""
        tree = self.tree
        root = tree.root()
        if tree.reach(root) is None:
            root.bound = np.inf
        else:
            self.first(root)
        alone = self.up(root.bound)
        self.bound = alone
        if not self.ready():
            self.search(root)
        bound = min(self.bound, tree.value)
        return LocationSolution(
            open=tree.open,
            choice=tree.choice,
            cost=tree.value,
            bound=bound,
            proven=self.ready(),
            multipliers=root.price,
            root=lagrangian_bound(self.problem, root.price),
            searched=bound > alone,
            nodes=tree.nodes,
            seconds=time.perf_counter() - self.began,
        )

    def first(self, root: Part) -> None:
        """Make some plans, and the bound of the whole problem."""
        tree = self.tree
        for _ in range(PLANS):
            self.plan(None)
        for _ in range(BATCHES):
            before = root.bound
            taken = tree.raised(root, self.ceiling(), BATCH)
            if taken is None or self.late() or self.up(root.bound) >= tree.value:
                break
            self.narrowed(root)
            self.plan(taken[1])
            if root.bound - before <= 1e-4 * abs(root.bound):
                break

    def plan(self, often: Floats | None) -> None:
        """Try one more plan: from facilities that were often open, from the best plan, or from anywhere."""
        self.plans += 1
        found = plan_from(self.problem, often, self.pairs, self.plans)
        if found is None:
            found = plan_from(self.problem, often, np.isfinite(self.problem.cost), self.plans)
        if found is not None:
            self.tree.offer(*found)

    def narrowed(self, root: Part) -> None:
        """Look for plans from now on only among pairs that a better plan can have."""
        part = root.copy()
        if np.isfinite(self.tree.value) and self.tree.pruned(part, self.most()) is not None:
            self.pairs = part.allowed.T | (part.to[:, None] == np.arange(part.room.size))

    def search(self, root: Part) -> None:
        """Look for costs upwards from the bound until no better plan is left or the time is up.

        The lower the cost z that is looked for, the more is ruled out; a z without a plan is a bound.
        """
        tree, stage = self.tree, _Stage()
        while not self.ready() and not self.late():
            aim = stage.aim(self.bound, self.most(), tree.step)
            before = tree.nodes
            left = self.stage(root.copy(), aim)
            done = min(aim, self.most())
            reached = done + tree.step if left is None else min(left, done + tree.step)
            self.bound = max(self.bound, self.up(reached))
            if left is None and aim >= self.ceiling() and not np.isfinite(tree.value):
                self.bound = np.inf
            stage.after(tree.nodes - before)

    def stage(self, part: Part, aim: float) -> float | None:
        """Look for a plan of cost at most ``aim``; None when all is seen, or the bound of the rest."""
        tree = self.tree
        stack = [part]
        while stack:
            if self.late():
                return min(left.bound for left in stack)
            goal = min(aim, self.most())
            part = stack.pop()
            if part.bound > goal + tree.tiny:
                continue
            split = tree.examine(part, goal)
            if split is not None:
                stack += split[::-1]
            if tree.nodes % PARTS == 0:
                self.plan(None)
        return None

    def most(self) -> float:
        """Return the greatest cost at which a plan would still be news, a multiple of the step."""
        value, step = self.tree.value, self.tree.step
        if not np.isfinite(value):
            return self.ceiling()
        most = value - max(step, self.gap * abs(value), 0.0 if step else _EXACT * abs(value))
        return math.floor(most / step + _EXACT) * step if step else most

    def ceiling(self) -> float:
        """Return the best plan's cost, or what no plan can exceed."""
        tree = self.tree
        if np.isfinite(tree.value):
            return tree.value
        finite = np.where(np.isfinite(tree.cost), tree.cost, -np.inf).max(axis=0)
        return float(finite.sum() + np.maximum(self.problem.opening, 0.0).sum())

    def up(self, bound: float) -> float:
        """Return the least cost that a plan can have, seeing that it is at least ``bound``."""
        step = self.tree.step
        return math.ceil(bound / step - 1e-6) * step if step and np.isfinite(bound) else bound

    def ready(self) -> bool:
        """Whether plan and bound are as near as was asked, or it is shown that there is no plan."""
        value = self.tree.value
        if not np.isfinite(value):
            return self.bound == np.inf
        return value - self.bound <= max(self.gap, 2 * _EXACT) * abs(value)

    def late(self) -> bool:
        """Whether the time is up."""
        return time.perf_counter() >= self.ends
