"""Prices of bins for items in parts: Newton steps on the softened dual.

An item is shared among its places, and a part among the bins of a place, where they differ by less than a few
widths of a band for a unit; so slopes and curvature exist. Bins that are alike to every part have one price;
parts that are alike to every bin are looked at once.
"""

from __future__ import annotations

from dataclasses import replace

import numba as nb
import numpy as np

from tideover.engines.transport.nested import NEVER, NestedProblem, nearest_places, nested_bound
from tideover.engines.transport.newton import FAR, TRUST, Limits, settle
from tideover.engines.transport.problem import Floats, Ints

#: Bands go from this share of the cost of a unit over target down to that one, by this factor.
WIDEST, NARROWEST, NARROWER = 0.05, 0.0003, 0.3
#: Places that an item chooses among while a band lasts.
NEAR = 8


def nested_prices(problem: NestedProblem, price: Ints) -> Ints:
    """Return whole prices (k,) that prove at least what ``price`` does."""
    merged, of = _merged(problem)
    if not merged.place.size or not merged.size.size:
        return price
    dual = _Dual(merged)
    lone = np.zeros(merged.place.size)
    lone[of] = price  # where they differ among bins that are alike, one of them
    usual = float(problem.over) or (float(np.median(price[price > 0])) if (price > 0).any() else 1.0)
    best, bound, band = price, nested_bound(problem, price), WIDEST * usual
    while band >= NARROWEST * usual:
        dual.near = nearest_places(merged, lone, NEAR)[0]
        lone = settle(dual, lone, band, TRUST * band)[0]
        whole = np.rint(lone).astype(np.int64)[of]
        found = nested_bound(problem, whole)
        if found > bound:
            best, bound = whole, found
        band *= NARROWER
    return best


def _merged(problem: NestedProblem) -> tuple[NestedProblem, Ints]:
    """Return the problem with bins that are alike as one, and which one each bin is (k,)."""
    lone = np.zeros(problem.place.size, np.int64)
    owned = np.unique(problem.own[problem.own >= 0])
    lone[owned] = owned + 1
    column = np.unique(problem.meet, axis=1, return_inverse=True)[1].ravel()
    keys = np.column_stack([problem.place, column, lone])
    _, one, of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    of = of.ravel().astype(np.int64)
    add = (np.bincount(of, units, one.size).astype(np.int64) for units in (problem.target, problem.cap))
    target, cap = add
    own = np.where(problem.own >= 0, of[problem.own], -1) if of.size else problem.own
    meet = np.ascontiguousarray(problem.meet[:, one])
    return replace(problem, place=problem.place[one], meet=meet, target=target, cap=cap, own=own), of


class _Dual:
    """The bound as a function of prices of bins, softened."""

    limits = Limits(steps=25, slope=5e-5, gain=1e-7)

    def __init__(self, problem: NestedProblem) -> None:
        p = self.problem = problem
        rows, row = np.unique(p.meet, axis=0, return_inverse=True)
        cost = np.where(p.own >= 0, p.own_cost, 0)
        keys = np.column_stack([row.ravel()[p.kind], p.size, p.extra, p.own, cost])
        kinds, alike = np.unique(keys, axis=0, return_inverse=True)
        #: Parts that are alike: their cost at each bin (kinds, k), size (kinds,), and whom each part is like.
        self.cost = (rows[kinds[:, 0]] + kinds[:, 2][:, None]).astype(np.float64)
        mine = np.flatnonzero(kinds[:, 3] >= 0)
        self.cost[mine, kinds[mine, 3]] = kinds[mine, 4]
        self.cost[self.cost >= NEVER] = np.inf
        self.size, self.alike = kinds[:, 1].astype(np.int64), alike.ravel().astype(np.int64)
        self.units = float(p.size.sum())
        #: The places that are looked at for each item (H, some), -1 where there are fewer.
        self.near = np.empty((p.may.shape[0], 0), np.int64)

    def at(self, price: Floats, band: float) -> tuple[float, Floats, Floats]:
        """Return the soft bound at these prices, its slopes (load less supply) and its curvature."""
        p, k = self.problem, price.size
        soft = np.empty((self.size.size, p.may.shape[1]))
        share = np.zeros((self.size.size, k))
        _meetings(self.cost, self.size, p.first, price, band, soft, share)
        weight, tie = np.zeros_like(soft), np.zeros((k, k))
        start, part = p.order
        value = _look(
            start,
            part,
            self.alike,
            p.size,
            p.outside,
            p.way,
            self.near,
            p.first,
            soft,
            share,
            band,
            weight,
            tie,
        )
        load = np.zeros(k)
        _gather(weight, share, self.size, p.first, band, load, tie)
        pressed = (price - p.over) / band
        part_open = 1.0 / (1.0 + np.exp(-np.clip(pressed, -40.0, 40.0)))
        beyond = (p.cap - p.target).astype(np.float64)
        value -= float(price @ p.target) + float(beyond @ (band * np.logaddexp(0.0, pressed)))
        tie[np.diag_indices(k)] += beyond * part_open * (1.0 - part_open) / band
        return value, load - p.target - beyond * part_open, tie


@nb.njit(cache=True)
def _meetings(cost, size, first, price, band, soft, share):  # type: ignore[no-untyped-def]
    """Write what a kind of part costs at a place, softened over its bins, and its share in each of them."""
    for c in range(size.size):
        width = size[c] * band
        for j in range(first.size - 1):
            best = np.inf
            for k in range(first[j], first[j + 1]):
                best = min(best, cost[c, k] + size[c] * price[k])
            soft[c, j] = best
            if best == np.inf:
                continue
            mass = 0.0
            for k in range(first[j], first[j + 1]):
                away = (cost[c, k] + size[c] * price[k] - best) / width
                if away < FAR:
                    share[c, k] = np.exp(-away)
                    mass += share[c, k]
            for k in range(first[j], first[j + 1]):
                share[c, k] /= mass
            soft[c, j] -= width * np.log(mass)


@nb.njit(cache=True)
def _look(start, part, alike, size, outside, way, places, first, soft, share, band, weight, tie):  # type: ignore[no-untyped-def]
    """Return the sum of the items' softened least costs; add up how many of a kind are where, and ties."""
    m = places.shape[1]
    value, near = np.empty(m + 1), np.empty(m + 1, np.int64)
    used = np.zeros((m + 1, share.shape[1]))
    total = 0.0
    for h in range(start.size - 1):
        units = 0
        best = 0.0
        for a in range(start[h], start[h + 1]):
            units += size[part[a]]
            best += outside[part[a]]
        width = units * band
        near[0], value[0] = -1, best
        count = 1
        for j in places[h]:
            if j < 0:
                break
            found = 0.0
            for a in range(start[h], start[h + 1]):
                found += way[part[a], j] + soft[alike[part[a]], j]
            if found < best + FAR * width:
                near[count], value[count] = j, found
                count += 1
                best = min(best, found)
        mass = 0.0
        left = 0
        for q in range(count):
            if value[q] < best + FAR * width:
                near[left], value[left] = near[q], np.exp((best - value[q]) / width)
                mass += value[left]
                left += 1
        total += best - width * np.log(mass)
        for q in range(left):
            value[q] /= mass
            if near[q] >= 0:
                for a in range(start[h], start[h + 1]):
                    weight[alike[part[a]], near[q]] += value[q]
        if left > 1:
            _tied(h, start, part, alike, size, first, share, near, value, left, width, used, tie)
    return total


@nb.njit(cache=True)
def _tied(h, start, part, alike, size, first, share, near, value, left, width, used, tie):  # type: ignore[no-untyped-def]
    """Add the curvature of an item that is shared among places."""
    for q in range(left):
        if near[q] < 0:
            continue
        for k in range(first[near[q]], first[near[q] + 1]):
            used[q, k] = 0.0
            for a in range(start[h], start[h + 1]):
                used[q, k] += size[part[a]] * share[alike[part[a]], k]
    for q in range(left):
        for other in range(left):
            if near[q] < 0 or near[other] < 0:
                continue
            both = ((value[q] if q == other else 0.0) - value[q] * value[other]) / width
            for k in range(first[near[q]], first[near[q] + 1]):
                if used[q, k] > 0.0:
                    for o in range(first[near[other]], first[near[other] + 1]):
                        tie[k, o] += both * used[q, k] * used[other, o]


@nb.njit(cache=True)
def _gather(weight, share, size, first, band, load, tie):  # type: ignore[no-untyped-def]
    """Add what kinds of parts bring to bins, and the curvature of sharing among the bins of a place."""
    for c in range(size.size):
        for j in range(first.size - 1):
            if weight[c, j] <= 0.0:
                continue
            bend = weight[c, j] * size[c] / band
            for k in range(first[j], first[j + 1]):
                load[k] += weight[c, j] * size[c] * share[c, k]
                tie[k, k] += bend * share[c, k]
                for o in range(first[j], first[j + 1]):
                    tie[k, o] -= bend * share[c, k] * share[c, o]
