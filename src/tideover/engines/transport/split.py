"""Groups that may be split among bins (people of an area, say), over more pairs than anyone would store.

The pairs are asked for: ``cheapest(price, most)`` lists each group's cheapest bins at given prices, over all
pairs. Prices rise by Newton steps on the softened dual, whose shares are themselves a plan (split groups are
allowed), and the listing at the last prices proves the bound over all pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numba as nb
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from tideover.engines.transport.pricing import total
from tideover.engines.transport.problem import Floats, Ints, Narrow

#: Each group's cheapest bins at prices (m,), least first: bins (n, most), -1 where fewer; costs of a unit.
Cheapest = Callable[[Ints, int], tuple[Narrow, Narrow]]
#: Bins listed for each group in a round, and kept of all; rounds; Newton steps in one, tries of a step, and
#: how far one goes (in bands).
LISTED, KEPT, ROUNDS, STEPS, TRIES, TRUST = 20, 44, 30, 30, 12, 8.0
#: First and last width of the band as a share of a usual cost, and how fast it narrows.
WIDEST, NARROWEST, NARROWER = 2.0, 2e-5, 0.3
#: Listed bins further than so many bands have no share; slopes that may be left, as a share of all units.
FAR, LEAST_SLOPE = 14.0, 1e-5


@dataclass(frozen=True)
class SplitSolution:
    """Units of each group in each listed bin: ``flow`` (n, K) with ``bin`` (n, K), and ``outside`` (n,).

    ``price`` (m,) for a unit proves ``bound`` over all pairs: the sum over groups of units x min(outside,
    least cost + price), less the sum of prices x capacities.
    """

    bin: Narrow
    flow: Ints
    outside: Ints
    cost: int
    bound: int
    price: Ints

    @property
    def gap(self) -> float:
        """Cost less bound, as a share of the cost."""
        return (self.cost - self.bound) / max(abs(self.cost), 1)


@nb.njit(cache=True)
def _shares(code, cost, units, outside, price, band, load, share):  # type: ignore[no-untyped-def]
    """Write each group's soft shares among its listed bins; return the softened sum of least costs."""
    soft_total = 0.0
    for i in range(units.size):
        best = float(outside[i])
        for k in range(code.shape[1]):
            if code[i, k] >= 0:
                best = min(best, cost[i, k] + price[code[i, k]])
        mass = np.exp((best - outside[i]) / band)
        for k in range(code.shape[1]):
            share[i, k] = 0.0
            if code[i, k] >= 0:
                v = cost[i, k] + price[code[i, k]]
                if v < best + FAR * band:
                    share[i, k] = np.exp((best - v) / band)
                    mass += share[i, k]
        soft_total += units[i] * (best - band * np.log(mass))
        for k in range(code.shape[1]):
            if share[i, k] > 0.0:
                share[i, k] /= mass
                load[code[i, k]] += units[i] * share[i, k]
    return soft_total


class _Soft:
    """The softened dual over one listing."""

    def __init__(self, units: Ints, capacity: Ints, outside: Ints, code: Narrow, cost: Narrow) -> None:
        self.units, self.capacity, self.outside, self.code, self.cost = units, capacity, outside, code, cost
        self.share = np.empty(code.shape)

    def at(self, price: Floats, band: float) -> tuple[float, Floats]:
        """Return the value and its slopes; ``share`` holds the shares of the last call."""
        load = np.zeros(price.size)
        value = _shares(self.code, self.cost, self.units, self.outside, price, band, load, self.share)
        return value - float(price @ self.capacity), load - self.capacity

    def step(self, price: Floats, slope: Floats, band: float) -> Floats:
        """Return the Newton step at the last call's shares."""
        rows, at = np.nonzero(self.share)
        shape = (self.units.size, price.size)
        held = sp.csr_matrix((self.share[rows, at], (rows, self.code[rows, at])), shape)
        weighted = sp.diags(self.units / band) @ held
        curve = sp.diags(np.asarray(weighted.sum(axis=0)).ravel()) - held.T @ weighted
        free = np.flatnonzero((price > 0) | (slope > 0))
        part = curve.tocsc()[free][:, free]
        part = part + sp.diags(1e-7 * part.diagonal() + 1e-3 + np.abs(slope[free]) / (200.0 * band) * 1e-2)
        step = np.zeros(price.size)
        options = {"SymmetricMode": True}
        solver = splu(part.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options)
        step[free] = solver.solve(slope[free])
        return step


def _settled(soft: _Soft, price: Floats, band: float, least: float) -> Floats:
    """Return prices at which the softened dual is nearly flat: slopes of at most ``least`` units in all."""
    value, slope = soft.at(price, band)
    trust = TRUST * band
    for _ in range(STEPS):
        if np.abs(slope[(price > 0) | (slope > 0)]).sum() <= least:
            break
        step = soft.step(price, slope, band)
        for _ in range(TRIES):
            moved = np.maximum(price + np.clip(step, -trust, trust), 0.0)
            found = soft.at(moved, band)
            if found[0] > value:
                break
            trust = 0.3 * min(trust, float(np.abs(step).max()))
        if found[0] <= value:
            break
        price, (value, slope) = moved, found
        trust *= 2.0
    return price


@nb.njit(cache=True)
def _whole_flows(units, share, code, flow, left):  # type: ignore[no-untyped-def]
    """Round shares to whole units: the rest of each group goes where it has most, outside included."""
    for i in range(units.size):
        rest = units[i]
        inside = 0.0
        most = -1
        for k in range(code.shape[1]):
            flow[i, k] = int(units[i] * share[i, k])
            rest -= flow[i, k]
            inside += share[i, k]
            if share[i, k] > 0 and (most < 0 or share[i, k] > share[i, most]):
                most = k
        if most >= 0 and share[i, most] > 1.0 - inside:
            flow[i, most] += rest
            rest = 0
        left[i] = rest


@nb.njit(cache=True)
def _relieve(code, cost, outside, price, budget, flow, left, free):  # type: ignore[no-untyped-def]
    """Move units out of overfull bins to where room is, at a regret of at most ``budget`` for a unit."""
    for i in range(outside.size):
        for k in range(code.shape[1]):
            if flow[i, k] == 0 or free[code[i, k]] >= 0:
                continue
            here = cost[i, k] + price[code[i, k]]
            while flow[i, k] > 0 and free[code[i, k]] < 0:
                to = -1
                least = here + budget
                for other in range(code.shape[1]):
                    j = code[i, other]
                    if j >= 0 and free[j] > 0 and cost[i, other] + price[j] < least:
                        to, least = other, cost[i, other] + price[j]
                amount = min(flow[i, k], -free[code[i, k]])
                if to < 0:
                    if outside[i] > least:
                        break
                    left[i] += amount
                else:
                    amount = min(amount, free[code[i, to]])
                    flow[i, to] += amount
                    free[code[i, to]] -= amount
                flow[i, k] -= amount
                free[code[i, k]] += amount


def _plan(soft: _Soft, price: Floats, band: float) -> tuple[Ints, Ints]:
    """Return whole flows (n, K) and units left outside (n,), no bin above its capacity."""
    soft.at(price, band)
    flow, left = np.zeros(soft.code.shape, np.int64), np.zeros(soft.units.size, np.int64)
    _whole_flows(soft.units, soft.share, soft.code, flow, left)
    load = np.bincount(soft.code[flow > 0], flow[flow > 0], price.size).astype(np.int64)
    free = soft.capacity - load
    budget = max(band, 1.0)
    while (free < 0).any():
        _relieve(soft.code, soft.cost, soft.outside, price, budget, flow, left, free)
        budget *= 4.0
    return flow, left


def solve_split(
    units: Ints,
    capacity: Ints,
    outside: Ints,
    cheapest: Cheapest,
    *,
    gap: float = 0.0002,
    progress: Callable[[str], None] | None = None,
) -> SplitSolution:
    """Return flows at most ``gap`` above a bound over all pairs, where that is reached in a few rounds.

    units (n,) and capacity (m,) whole, outside (n,) the cost of a unit left outside, ``cheapest`` as above:
    its listing at the final prices is what the bound rests on.
    """
    units, capacity, outside = (np.ascontiguousarray(a, np.int64) for a in (units, capacity, outside))
    price = np.zeros(capacity.size)
    if not capacity.size or not units.sum():
        return _nobody(units, capacity, outside)
    best: SplitSolution | None = None
    code, cost = cheapest(np.zeros(capacity.size, np.int64), LISTED)
    usual = max(float(np.average(np.minimum(cost[:, 0], outside), weights=units)), 1.0)
    band = WIDEST * usual
    for turn in range(ROUNDS):
        soft = _Soft(units, capacity, outside, code, cost)
        near = band <= max(10.0 * gap, 5.0 * NARROWEST) * usual or turn == ROUNDS - 1
        price = _settled(soft, price, band, (LEAST_SLOPE if near else 1e-3) * float(units.sum()))
        if near:
            found = _found(soft, price, band, cheapest)
            best = found if best is None or found.gap < best.gap else best
            if progress:
                progress(f"round {turn + 1}: gap {found.gap:.4%}, {int(found.outside.sum())} units outside")
            if best.gap <= gap:
                break
        before, _ = soft.at(price, band)
        code, cost = _joined(price, code, cost, *cheapest(np.rint(price).astype(np.int64), LISTED))
        after, _ = _Soft(units, capacity, outside, code, cost).at(price, band)
        if progress:
            progress(
                f"round {turn + 1}: band {band / usual:.3%} of a usual cost, new pairs {before - after:,.0f}"
            )
        if before - after <= band * float(units.sum()):
            band = max(band * NARROWER, NARROWEST * usual)
    return best or _nobody(units, capacity, outside)


def _nobody(units: Ints, capacity: Ints, outside: Ints) -> SplitSolution:
    cost = total(units * outside)
    empty = np.empty((units.size, 0), np.int32)
    return SplitSolution(empty, empty.astype(np.int64), units, cost, cost, np.zeros(capacity.size, np.int64))


@nb.njit(cache=True)
def _join(price, code, cost, more, more_cost, new_code, new_cost):  # type: ignore[no-untyped-def]
    most = new_code.shape[1]
    value = np.empty(most)
    for i in range(code.shape[0]):
        count = 0
        for k in range(code.shape[1] + more.shape[1]):
            old = k < code.shape[1]
            j = code[i, k] if old else more[i, k - code.shape[1]]
            if j < 0:
                continue
            c = cost[i, k] if old else more_cost[i, k - code.shape[1]]
            known = False
            for other in range(count):
                known = known or new_code[i, other] == j
            v = c + price[j]
            if known or (count == most and v >= value[most - 1]):
                continue
            at = count if count < most else most - 1
            count = min(count + 1, most)
            while at > 0 and value[at - 1] > v:
                value[at] = value[at - 1]
                new_code[i, at] = new_code[i, at - 1]
                new_cost[i, at] = new_cost[i, at - 1]
                at -= 1
            value[at], new_code[i, at], new_cost[i, at] = v, j, c
        for k in range(count, most):
            new_code[i, k] = -1
            new_cost[i, k] = 0


def _joined(
    price: Floats, code: Narrow, cost: Narrow, more: Narrow, more_cost: Narrow
) -> tuple[Narrow, Narrow]:
    """Return both listings as one, each group's cheapest ``KEPT`` at these prices."""
    shape = (code.shape[0], min(KEPT, code.shape[1] + more.shape[1]))
    joined = np.empty(shape, np.int32), np.empty(shape, np.int32)
    _join(price, code, cost, more, more_cost, *joined)
    return joined


def _found(soft: _Soft, price: Floats, band: float, cheapest: Cheapest) -> SplitSolution:
    """Return the plan of these prices and what they prove over all pairs, rounded to whole numbers."""
    flow, left = _plan(soft, price, band)
    whole = np.rint(price).astype(np.int64)
    near, costs = cheapest(whole, 1)
    least = np.where(near[:, 0] >= 0, costs[:, 0] + whole[near[:, 0]], soft.outside)
    charged = sum(p * c for p, c in zip(whole.tolist(), soft.capacity.tolist(), strict=True))
    bound = total(soft.units * np.minimum(least, soft.outside)) - charged
    paid = total((flow * soft.cost).sum(axis=1) + left * soft.outside)
    return SplitSolution(soft.code, flow, left, paid, bound, whole)
