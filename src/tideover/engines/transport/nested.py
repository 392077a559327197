"""Items in parts: an item goes whole to one place, and there each of its parts to a bin of that place.

So households go to clinics and their people to clinicians. A bin charges ``over`` for each unit beyond its
target and takes none beyond its cap. With a price for each bin every item chooses for itself, which gives a
bound that holds for places and bins together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from tideover.engines.transport.pricing import LARGEST, total
from tideover.engines.transport.problem import Floats, Ints

Bools = npt.NDArray[np.bool_]

#: A cost that stands for "this part may not go to this bin".
NEVER = 2**50


@dataclass(frozen=True)
class NestedProblem:
    """H items of n parts, m places with k bins: whole numbers throughout.

    - ``item`` (n,): the item of each part. ``size`` (n,): its units, at least 1. ``outside`` (n,): its cost
      without a bin.
    - ``may`` (H, m): the places where an item may go. ``way`` (n, m): cost of a part at a place.
    - ``kind`` (n,) and ``meet`` (kinds, k): cost of a part at a bin, ``NEVER`` where there is no such pair,
      and ``extra`` (n,) beside it; but at its ``own`` (n,) bin (-1: none) a part costs ``own_cost`` (n,).
    - ``place`` (k,): the place of each bin, rising. ``target`` and ``cap`` (k,): its units, target at most
      cap. ``over``: cost of a unit beyond the target.

    A plan is a bin for each part, or -1: all parts of an item are at one place where it may be, or none is.
    """

    item: Ints
    size: Ints
    outside: Ints
    may: Bools
    way: Ints
    kind: Ints
    meet: Ints
    extra: Ints
    own: Ints
    own_cost: Ints
    place: Ints
    target: Ints
    cap: Ints
    over: int

    def __post_init__(self) -> None:
        n, k = self.size.size, self.place.size
        each = ("item", "outside", "kind", "extra", "own", "own_cost")
        fits = all(getattr(self, name).shape == (n,) for name in each)
        fits = fits and self.target.shape == self.cap.shape == (k,) and self.meet.shape[1:] == (k,)
        if not fits or self.way.shape != (n, self.may.shape[1]):
            raise ValueError("the arrays of a problem of items in parts do not fit together")
        if (np.diff(self.place) < 0).any() or (self.target > self.cap).any() or (self.target < 0).any():
            raise ValueError("bins come by place, with targets of at least 0 and at most their caps")

    @cached_property
    def order(self) -> tuple[Ints, Ints]:
        """Return start (H + 1,) and the parts of all items, those of item h at ``start[h]:start[h + 1]``."""
        part = np.argsort(self.item, kind="stable").astype(np.int64)
        start = np.searchsorted(self.item[part], np.arange(self.may.shape[0] + 1))
        return start.astype(np.int64), part

    @cached_property
    def first(self) -> Ints:
        """Return where the bins of each place start (m + 1,)."""
        return np.searchsorted(self.place, np.arange(self.may.shape[1] + 1)).astype(np.int64)

    @property
    def parts(self) -> tuple[Any, ...]:
        """Return what kernels take of parts: start, part, size, outside, way, kind, extra, own, own_cost."""
        return (
            *self.order,
            self.size,
            self.outside,
            self.way,
            self.kind,
            self.extra,
            self.own,
            self.own_cost,
        )

    @property
    def bins(self) -> tuple[Any, ...]:
        """Return what kernels take of the bins: first, place, meet, target, cap, over."""
        return self.first, self.place, self.meet, self.target, self.cap, self.over


@nb.njit(cache=True)
def pays(i, k, parts, bins):  # type: ignore[no-untyped-def]
    """Return what part i pays at bin k beside its way, at least ``NEVER`` where it may not go."""
    _, _, _, _, _, kind, extra, own, own_cost = parts
    return own_cost[i] if own[i] == k else bins[2][kind[i], k] + extra[i]


@nb.njit(cache=True)
def item_at(h, j, price, parts, bins):  # type: ignore[no-untyped-def]
    """Return what item h costs at place j at least, at these prices; ``NEVER`` or more if it cannot."""
    start, part, size, _, way, _, _, _, _ = parts
    first = bins[0]
    whole = 0 * price[0]  # a zero of the type of prices
    for a in range(start[h], start[h + 1]):
        i = part[a]
        best = NEVER + 0 * price[0]
        for k in range(first[j], first[j + 1]):
            found = way[i, j] + pays(i, k, parts, bins) + size[i] * price[k]
            best = min(best, found)
        whole += best
    return whole


@nb.njit(cache=True)
def _values(price, may, parts, bins, value):  # type: ignore[no-untyped-def]
    start, part, _, outside, _, _, _, _, _ = parts
    for h in range(start.size - 1):
        best = 0
        for a in range(start[h], start[h + 1]):
            best += outside[part[a]]
        for j in range(may.shape[1]):
            if may[h, j]:
                best = min(best, item_at(h, j, price, parts, bins))
        value[h] = best


@nb.njit(cache=True)
def _nearest(price, may, parts, bins, at, regret):  # type: ignore[no-untyped-def]
    most = at.shape[1]
    for h in range(may.shape[0]):
        count = 0
        for j in range(may.shape[1]):
            if not may[h, j]:
                continue
            found = item_at(h, j, price, parts, bins)
            if found >= NEVER:
                continue
            if count == most and found >= regret[h, count - 1]:
                continue
            count = min(count + 1, most)
            q = count - 1
            while q > 0 and regret[h, q - 1] > found:
                regret[h, q], at[h, q] = regret[h, q - 1], at[h, q - 1]
                q -= 1
            regret[h, q], at[h, q] = found, j
        if count:
            regret[h, :count] -= regret[h, 0]


def nearest_places(problem: NestedProblem, price: Floats, most: int) -> tuple[Ints, Floats]:
    """Return each item's cheapest places at these prices (H, most), -1 for none, and their regrets.

    A regret is what a place costs more than the item's cheapest; infinite where there is no place.
    """
    shape = (problem.may.shape[0], min(most, problem.may.shape[1]))
    at, regret = np.full(shape, -1, np.int64), np.full(shape, np.inf)
    _nearest(np.asarray(price, np.float64), problem.may, problem.parts, problem.bins, at, regret)
    return at, regret


def least_at(problem: NestedProblem, price: Ints) -> Ints:
    """Return the least that each item would pay with these prices, outside or at a place (H,)."""
    value = np.empty(problem.may.shape[0], np.int64)
    _values(price, problem.may, problem.parts, problem.bins, value)
    return value


def nested_bound(problem: NestedProblem, price: Ints) -> int:
    """Return what no plan can cost less than, given whole prices (k,) of at least 0 for a unit in each bin.

    Sum over items of the least they would pay with these prices, less what the bins can take in by them:
    price x target + max(0, price - over) x (cap - target). Raises ``ValueError`` for prices out of range.
    """
    wide = np.ascontiguousarray(price, np.int64)
    if wide.shape != problem.place.shape or (wide.size and wide.min() < 0):
        raise ValueError("prices must be at least 0, one for each bin")
    if wide.size and problem.size.size and int(wide.max()) * int(problem.size.max()) > LARGEST:
        raise ValueError("a price times the largest size must stay below 2**61")
    if not wide.size:
        return total(problem.outside)
    value = least_at(problem, wide)
    rows = zip(wide.tolist(), problem.target.tolist(), problem.cap.tolist(), strict=True)
    charged: int = sum(p * t + max(0, p - problem.over) * (c - t) for p, t, c in rows)
    return total(value) - charged


def nested_cost(problem: NestedProblem, choice: Ints) -> int:
    """Return what a plan costs: ``choice`` (n,) is the bin of each part, or -1.

    Raises ``ValueError`` if a part is where it may not be, an item is in two places, or a bin above its cap.
    """
    inside = np.flatnonzero(choice >= 0)
    bins, items = choice[inside], problem.item[inside]
    at = problem.place[bins]
    where = np.full(problem.may.shape[0], -1, np.int64)
    where[items] = at
    load = np.bincount(bins, problem.size[inside], problem.place.size).astype(np.int64)
    mine = problem.own[inside] == bins
    met = np.where(
        mine, problem.own_cost[inside], problem.meet[problem.kind[inside], bins] + problem.extra[inside]
    )
    whole = np.bincount(items, minlength=where.size) == np.bincount(problem.item, minlength=where.size)
    if not whole[items].all():
        raise ValueError("a plan has an item of which some parts have no bin")
    if (where[items] != at).any() or not problem.may[items, at].all() or (met >= NEVER).any():
        raise ValueError("a plan puts a part where it may not be, or an item in two places")
    if (load > problem.cap).any():
        raise ValueError("a plan has a bin above its cap")
    beyond = int(np.maximum(load - problem.target, 0).sum()) * problem.over
    return beyond + total(problem.outside[choice < 0]) + total(problem.way[inside, at] + met)
