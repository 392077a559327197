"""Posts, sites and visits together: posts sent where prices say, and the bound over all ways to send them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np

from tideover.engines.assignment import (
    Level,
    Solution,
    elsewhere,
    item_bound,
    level_bound,
    lowest,
    solve,
    weights_of,
)
from tideover.visits.facts import Ints
from tideover.visits.problem import StrikeDay

#: How often posts are sent anew by the prices that the last sending gave.
ROUNDS = 3


@dataclass(frozen=True)
class Sending:
    """A strike day before posts are sent, its pairs with stand bins apart from all others."""

    day: StrikeDay

    @cached_property
    def stands(self) -> Ints:
        """The pairs with stand bins of sites."""
        bins = self.day.problem.bin
        return np.flatnonzero((bins >= self.stand_bins.start) & (bins < self.stand_bins.stop))

    @property
    def stand_bins(self) -> range:
        """The stand bins of sites."""
        return range(self.day.first_stand, self.day.first_stand + self.day.cover.height)

    @cached_property
    def _whose(self) -> Ints:
        start = self.day.problem.start
        found: Ints = np.searchsorted(start, self.stands, side="right") - 1
        return found

    def gain(self, weights: tuple[int, ...], price: Ints) -> tuple[int, tuple[Ints, ...]]:
        """Return what visits gain in stand bins at ``price`` at most, and the posts of each desk for it."""
        problem = self.day.problem
        chosen = np.asarray(weights, np.int64)
        cost = chosen @ problem.cost[: chosen.size, self.stands].astype(np.int64)
        lower = np.minimum(price, chosen @ problem.outside[: chosen.size])
        gains = lower[self._whose] - cost
        rows = problem.bin[self.stands] - self.day.first_stand
        some = np.flatnonzero(gains > 0)
        some = some[np.argsort(rows[some], kind="stable")]
        edges = np.searchsorted(rows[some], np.arange(self.day.cover.height + 1))
        size = problem.size[self._whose]
        total, posts = 0, []
        for desk in self.day.desks:
            held = [[some[edges[row] : edges[row + 1]] for row in site] for site in desk.rows.tolist()]
            worth, sent = desk.best([[(size[at], gains[at]) for at in hours] for hours in held])
            total += worth
            posts.append(sent)
        return total, tuple(posts)

    def raised(self, level: Level) -> Level:
        """Return ``level`` with cover priced by what else there is, at the rents of its prices.

        Where a site that opens has room to spare, its visits have no price, though the post might have gone
        to another site: without the cover they would have to pay what ``elsewhere`` says.
        """
        problem = self.day.problem
        in_cover = np.zeros(problem.size.size, np.bool_)
        in_cover[self._whose] = True
        most = np.maximum(level.price, elsewhere(problem, level.weights, level.price, self.stand_bins))
        return replace(level, price=np.where(in_cover, most, level.price))

    def bound(self, weights: tuple[int, ...], price: Ints, whole: Sending | None = None) -> int:
        """Return the bound of ``price`` for the weighted sum, however posts are sent (17).

        ``whole`` is the day with all pairs, where this one has only some of those with open intervals.
        """
        others = item_bound((whole or self).day.problem, weights, price, (whole or self).stand_bins)
        return others - self.gain(weights, price)[0]


@dataclass(frozen=True)
class Sent:
    """A day with its posts sent, its plan, and the plans that were tried on the way."""

    day: StrikeDay
    solution: Solution
    tried: tuple[Solution, ...]

    @property
    def costs(self) -> list[int]:
        """The plan's cost in each level."""
        return [level.cost for level in self.solution.levels]


#: Weights and prices of a plan, by which posts are sent.
Start = tuple[tuple[int, ...], Ints]


def start_of(sending: Sending) -> Start:
    """Return the weights and prices of the plan of this day, to send posts by on a day much like it."""
    last = sending.raised(solve_jointly(sending).tried[-1].levels[-1])
    return last.weights, last.price


def solve_jointly(sending: Sending, start: Start | None = None) -> Sent:
    """Return the plan of the day with its posts sent.

    Posts go first where visits would lose most that could not stand, whatever others need; then where they
    would at the rents of the plan before, for as long as that gives a better plan. With ``start`` they go
    once, by the prices of a plan that there is already.
    """
    if start is not None:
        return _sent(sending, *start)
    weights = weights_of(sending.day.problem)[-1]
    best = _sent(sending, weights, lowest(sending.day.problem, weights, sending.stand_bins))
    for _ in range(ROUNDS - 1 if sending.day.desks else 0):
        last = sending.raised(best.tried[-1].levels[-1])
        other = _sent(sending, last.weights, last.price, best)
        if other.costs >= best.costs:
            return replace(best, tried=other.tried)
        best = other
    return best


def _sent(sending: Sending, weights: tuple[int, ...], price: Ints, before: Sent | None = None) -> Sent:
    """Return the plan with posts sent by ``price``; ``before`` where they are sent as in its plan."""
    wanted = zip(sending.day.desks, sending.gain(weights, price)[1], strict=True)
    posts = tuple(desk.filled(sent) for desk, sent in wanted)
    if before is not None and all(map(np.array_equal, posts, before.day.posts or ())):
        return before
    day = sending.day.sent(posts)
    solution = solve(day.problem)
    return Sent(day, solution, (*(before.tried if before else ()), solution))


def with_joint_bounds(
    solution: Solution, sending: Sending, tried: tuple[Solution, ...], whole: Sending | None = None
) -> Solution:
    """Return ``solution`` with the bounds that hold however posts are sent, by the best prices tried.

    ``whole`` as in ``Sending.bound``.
    """
    if not sending.day.desks and whole is None:
        return solution
    costs = [level.cost for level in solution.levels]
    others = [*tried, *(() if any(solution is one for one in tried) else (solution,))]
    levels, total = [], 0
    for at, level in enumerate(solution.levels):
        if not level.cost and at + 1 < len(costs):
            levels.append(level)  # nothing costs less, whatever is proven
            continue
        proven = []
        known = [other.levels[at] for other in others]
        for one in chain(known, map(sending.raised, known)):
            total = sending.bound(one.weights, one.price, whole)
            proven.append((level_bound(total, one.weights, costs), total, one))
            if proven[-1][0] >= level.cost:
                break
        bound, total, stated = max(proven, key=lambda one: one[0])
        levels.append(replace(level, weights=stated.weights, bound=bound, price=stated.price))
    return replace(solution, levels=tuple(levels), total_bound=total)
