"""Prices that raise the bound: Newton steps on the softened dual, then single steps in whole numbers.

The dual is concave and piecewise linear; its slope in a price is load less capacity. It is softened: an item
whose options differ by less than a few widths of a *band* for a unit is shared among them, so that slopes
and curvature exist even where many items tie, and the band is narrowed as the prices settle.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numba as nb
import numpy as np

from tideover.engines.transport.options import Codes, Shortlist
from tideover.engines.transport.problem import Floats, Ints

#: Bands get narrower by this factor; tries to shorten a Newton step.
NARROWER, TRIES = 0.2, 6
#: A band has not settled when the slopes that are left are more than this share of all units.
UNSETTLED = 2e-3
#: Options further than this many bands from the best have no share in an item.
FAR = 12.0
#: The first steps move no price by more than this many bands.
TRUST = 8.0


class Limits(NamedTuple):
    """When a band is done: after so many Newton steps, or with little left to climb.

    Steps that their trust cuts short do not count: prices may be far away.

    - ``slope``: the slopes that are left are this share of all units.
    - ``gain``: a step gains this share of the bound.
    """

    steps: int
    slope: float
    gain: float


class Softened(Protocol):
    """A bound as a function of prices, softened by a band: what ``settle`` climbs."""

    units: float
    limits: Limits

    def at(self, price: Floats, band: float) -> tuple[float, Floats, Floats]:
        """Return the soft bound at prices, its slopes (load less capacity) and its curvature."""


@nb.njit(cache=True)
def _look(code, cost, size, outside, price, band, load, tie):  # type: ignore[no-untyped-def]
    """Return the sum of the items' softened least costs; add shares to load and curvature to tie."""
    beyond = price.size
    total = 0.0
    most = code.shape[1]
    where = np.empty(most + 1, np.int64)
    value = np.empty(most + 1)
    for i in range(size.size):
        s = float(size[i])
        soft = s * band
        best = float(outside[i])
        where[0], value[0] = beyond, best
        count = 1
        for k in range(most):
            if code[i, k] < 0:
                break
            v = cost[i, k] + s * price[code[i, k]]
            if v < best + FAR * soft:
                where[count], value[count] = code[i, k], v
                count += 1
                best = min(best, v)
        near = 0
        mass = 0.0
        for k in range(count):
            if value[k] < best + FAR * soft:
                where[near] = where[k]
                value[near] = np.exp((best - value[k]) / soft)
                mass += value[near]
                near += 1
        total += best
        if near == 1:
            load[where[0]] += s
            continue
        total -= soft * np.log(mass)
        bend = s / band
        for k in range(near):
            value[k] /= mass
            load[where[k]] += s * value[k]
            tie[where[k], where[k]] += bend * value[k]
        for k in range(near):
            for other in range(near):
                tie[where[k], where[other]] -= bend * value[k] * value[other]
    return total


@nb.njit(cache=True)
def _typical(code, cost, size, outside):  # type: ignore[no-untyped-def]
    """Return the mean difference of best and second best for a unit, all prices zero."""
    total = 0.0
    count = 0
    for i in range(size.size):
        if code[i, 0] >= 0:
            second = float(outside[i])
            if code.shape[1] > 1 and code[i, 1] >= 0:
                second = min(second, float(cost[i, 1]))
            total += abs(second - min(float(cost[i, 0]), float(outside[i]))) / size[i]
            count += 1
    return total / max(count, 1)


class Dual:
    """The bound as a function of resource prices, over shortlists."""

    limits = Limits(steps=8, slope=2e-5, gain=1e-8)

    def __init__(self, codes: Codes, listed: Shortlist) -> None:
        self.codes, self.listed = codes, listed
        self.capacity = codes.capacity * listed.share
        self.units = float(listed.size.sum(dtype=np.int64))

    def at(self, price: Floats, band: float) -> tuple[float, Floats, Floats]:
        """Return the soft bound at resource prices, its slopes (load less capacity) and its curvature."""
        short, codes = self.listed, self.codes
        each = codes.price(price)
        load, tie = np.zeros(each.size + 1), np.zeros((each.size + 1, each.size + 1))
        value = _look(short.code, short.cost, short.size, short.outside, each, band, load, tie)
        curve = codes.gathered(codes.gathered(tie[:-1, :-1]).T)
        return value - float(price @ self.capacity), codes.gathered(load[:-1]) - self.capacity, curve

    def typical(self) -> float:
        """Return a typical difference of two options for a unit: a first width of the band."""
        short = self.listed
        return float(max(_typical(short.code, short.cost, short.size, short.outside), 0.1))


def direction(price: Floats, slope: Floats, curve: Floats, trust: float) -> Floats:
    """Return the Newton step of prices at least 0, no price by more than ``trust``."""
    free = (price > 0) | (slope > 0)
    step = np.zeros(price.size)
    if not free.any():
        return step
    part = curve[np.ix_(free, free)]
    diagonal = np.diag(part)
    floor = 1e-6 * float(diagonal.mean()) + np.abs(slope[free]) / trust * 1e-2 + 1e-9
    step[free] = np.linalg.solve(part + np.diag(floor), slope[free])
    return np.clip(step, -trust, trust)


def _left(price: Floats, slope: Floats) -> float:
    """Return the units of slope that prices of at least 0 could still follow."""
    return float(np.abs(slope[(price > 0) | (slope > 0)]).sum())


def settle(dual: Softened, price: Floats, band: float, trust: float) -> tuple[Floats, Floats, float]:
    """Return prices at which the dual of this band is nearly flat, its slopes there, and the trust.

    No step moves a price by more than ``trust``, which doubles where a step uses it up.
    """
    limits = dual.limits
    value, slope, curve = dual.at(price, band)
    steps = 0
    while steps < limits.steps:
        if _left(price, slope) <= limits.slope * dual.units:
            break
        step = direction(price, slope, curve, trust)
        for shorter in range(TRIES):
            moved = np.maximum(price + step * 0.4**shorter, 0.0)
            found = dual.at(moved, band)
            if found[0] > value:
                break
        gained = found[0] - value
        if gained <= limits.gain * abs(value):
            break
        if np.abs(moved - price).max() > 0.9 * trust:
            trust *= 2.0
        else:
            steps += 1
        price, (value, slope, curve) = moved, found
    return price, slope, trust


def raised(dual: Dual, price: Floats, band: float, narrowest: float) -> Floats:
    """Return resource prices with a higher bound than ``price``; the band narrows from ``band`` on.

    Where a band is too narrow to settle in (many items tie), the prices of the wider one are returned.
    """
    trust = TRUST * band
    while True:
        wider = price
        price, slope, trust = settle(dual, price, band, trust)
        if _left(price, slope) > UNSETTLED * dual.units and wider.any():
            return wider
        if band <= narrowest:
            return price
        band = max(band * NARROWER, narrowest)


@nb.njit(cache=True)
def _step_gains(code, cost, size, outside, price, by, up, down):  # type: ignore[no-untyped-def]
    """Add to up[j] and down[j] what items' least costs change by if code j's price alone moves by ``by``."""
    most = code.shape[1]
    for i in range(size.size):
        s = np.int64(size[i])
        best = outside[i]
        a = -1
        second = best
        for k in range(most):
            j = code[i, k]
            if j < 0:
                break
            v = cost[i, k] + s * price[j]
            if v < best:
                second = best
                best, a = v, j
            elif a >= 0 and v < second:
                second = v
        if a >= 0:
            up[a] += min(s * by, second - best)
        for k in range(most):
            j = code[i, k]
            if j < 0:
                break
            less = min(by, price[j])
            v = cost[i, k] + s * (price[j] - less)
            if v < best:
                down[j] += v - best


def stepped(listed: Shortlist, capacity: Ints, price: Ints, rounds: int) -> Ints:
    """Return whole prices of bins at which no step of one price alone raises the bound over the shortlists.

    Steps go from an eighth of the largest price down to 1, ``rounds`` at most in all.
    """
    price = price.copy()
    by = 1 << max(int(price.max(initial=0)).bit_length() - 3, 0)
    while rounds > 0:
        rounds -= 1
        up, down = np.zeros(price.size, np.int64), np.zeros(price.size, np.int64)
        _step_gains(listed.code, listed.cost, listed.size, listed.outside, price, by, up, down)
        up -= by * capacity
        down += np.minimum(by, price) * capacity
        best = np.maximum(up, down)
        at = int(best.argmax()) if best.size else -1
        if at < 0 or best[at] <= 0:
            if by <= 1:
                break
            by //= 2
            continue
        price[at] += by if up[at] >= down[at] else -min(by, int(price[at]))
    return price
