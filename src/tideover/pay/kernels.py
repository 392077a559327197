"""Loops over clinicians, compiled by Numba: products rounded once, decimals in units, equal rows."""

from __future__ import annotations

import numba as nb
import numpy as np

#: A double so large that its last bit is worth one: whole numbers below 2**51 are added to it, and taken
#: from its bits, without loss. So they are exact in doubles, of which a processor reckons several at once.
_LARGE = 6755399441055744.0
_BITS = np.int64(0x4338000000000000)


@nb.njit(cache=True, inline="always")
def _double(whole):  # type: ignore[no-untyped-def]
    """Return a whole number below 2**51 as a double."""
    return np.int64(whole + _BITS).view(np.float64) - _LARGE


@nb.njit(cache=True, inline="always")
def _nearest(amount, below, over, even):  # type: ignore[no-untyped-def]
    """Return ``amount`` / ``below`` rounded, both whole and below 2**51; ``over`` is 1 / ``below``.

    The quotient's floor is off by one at most, which its remainder tells. No branch depends on amounts.
    """
    found = np.floor(amount * over)
    rest = amount - found * below
    found += (1.0 if rest >= below else 0.0) - (1.0 if rest < 0.0 else 0.0)
    twice = 2.0 * (amount - found * below)
    away = found - 2.0 * np.floor(found * 0.5) if even else (1.0 if amount >= 0.0 else 0.0)
    found += (1.0 if twice > below else 0.0) + (away if twice == below else 0.0)
    return np.float64(found + _LARGE).view(np.int64) - _BITS


@nb.njit(cache=True, nogil=True)
def divided(amounts, scale, below, even, made):  # type: ignore[no-untyped-def]
    """Write ``amounts`` x ``scale`` / ``below`` into ``made``, rounded; halves to even, or away from nought.

    Products, and twice ``below``, must be below 2**51.
    """
    over, times, under = 1.0 / below, float(scale), float(below)
    for i in range(amounts.size):
        made[i] = _nearest(_double(amounts[i]) * times, under, over, even)


@nb.njit(cache=True, nogil=True)
def multiplied(ones, others, scale, below, even, made):  # type: ignore[no-untyped-def]
    """Write ``ones`` x ``others`` x ``scale`` / ``below`` into ``made``, rounded as ``divided`` does."""
    over, times, under = 1.0 / below, float(scale), float(below)
    for i in range(ones.size):
        made[i] = _nearest(_double(ones[i]) * _double(others[i]) * times, under, over, even)


@nb.njit(cache=True, nogil=True)
def in_units(cells, unit):  # type: ignore[no-untyped-def]
    """Return decimals in whole units, ``unit`` of which are one."""
    made = np.empty(cells.size, np.int64)
    for i in range(cells.size):
        made[i] = np.int64(np.rint(cells[i] * unit))
    return made


@nb.njit(cache=True, nogil=True)
def over(amounts, unit, per, low, width):  # type: ignore[no-untyped-def]
    """Return what of ``amounts`` x ``unit`` is over ``per`` x ``low``, but no more than ``per`` x ``width``.

    A ``width`` below nought is no limit.
    """
    made = np.empty(amounts.size, np.int64)
    for i in range(amounts.size):
        part = max(amounts[i] * unit - per[i] * low, 0)
        made[i] = part if width < 0 else min(part, per[i] * width)
    return made


@nb.njit(cache=True, nogil=True)
def largest(amounts):  # type: ignore[no-untyped-def]
    """Return the largest of ``amounts`` without their signs; of nothing, nought."""
    low, high = np.int64(0), np.int64(0)
    for i in range(amounts.size):
        low, high = min(low, amounts[i]), max(high, amounts[i])
    return max(high, -low)


@nb.njit(cache=True, nogil=True)
def refined(keys, values, low, width):  # type: ignore[no-untyped-def]
    """Change ``keys`` so that they tell ``values`` (``low`` and above, ``width`` of them) apart, too."""
    for i in range(keys.size):
        keys[i] = keys[i] * width + values[i] - low


@nb.njit(cache=True, nogil=True)
def alike(keys, space):  # type: ignore[no-untyped-def]
    """Return one row of each set of equal ``keys`` (below ``space``), and the place of every row's set."""
    known = np.full(space, -1, np.int32)
    member, example = np.empty(keys.size, np.int64), np.empty(min(space, keys.size), np.int64)
    count = np.int32(0)
    for i in range(keys.size):
        place = known[keys[i]]
        if place < 0:
            place = count
            known[keys[i]] = place
            example[place] = i
            count += 1
        member[i] = place
    return example[:count], member
