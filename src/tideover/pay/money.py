"""Whole cents: products and sums of exact numbers, rounded once, by the offer's own rule, over many people.

Where doubles hold every product exactly it is done in one loop; where it fits into 64 bits, in whole numbers.
Elsewhere a double tells on which side of a half of a cent almost every amount lies, and whatever is too near
a half to be told is done again in whole numbers of any size. So the result is exact, and as fast as floating
point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from tideover.pay.kernels import divided, largest, multiplied

Ints = np.ndarray[Any, np.dtype[np.int64]]
#: An amount: the product of whole numbers of each person, times one exact number.
Part = tuple[tuple[Ints, ...], Fraction]
#: Doubles below this hold every whole number and its half.
_EXACT = 2.0**51
#: Whole numbers below this may be doubled in 64 bits.
_WIDE = 2**61
_TOO_LARGE = "an amount is too large to be held in cents"
#: Each multiplication of doubles errs by at most this part of its result.
_SLIP = 2.0**-52


def rounded(
    parts: Sequence[Part], mode: str, divisor: Ints | None = None, *, into: Ints | None = None
) -> Ints:
    """Return the sum of ``parts`` (over ``divisor``, positive, if given) rounded; halves go by ``mode``.

    ``half_even`` sends a half to the even number, ``half_up`` away from nought. The result is in the array
    ``into``, if that is given. Raises ``OverflowError`` for amounts of 2**51 or more.
    Law: equals the same sum done with fractions, person by person.

    >>> rounded([((np.array([13500]),), Fraction(103, 1000))], "half_up").tolist()
    [1391]
    """
    if not parts:
        raise ValueError("nothing to sum")
    common = math.lcm(*(scale.denominator for _, scale in parts))
    scales = [scale.numerator * (common // scale.denominator) for _, scale in parts]
    reach = _reach(parts, scales)
    if divisor is None and 2 * common < _EXACT and reach < _EXACT:
        return _in_loops([arrays for arrays, _ in parts], scales, common, mode, into)
    if divisor is None and common < _WIDE and reach < _WIDE:
        found = _whole([(a, scale) for (a, _), scale in zip(parts, scales, strict=True)], common, mode)
    else:
        found = _doubles(parts, mode, divisor)
    if into is None:
        return found
    into[:] = found
    return into


def _reach(parts: Sequence[Part], scales: Sequence[int]) -> int:
    """Return what no sum of the products, and no product within it, is beyond."""
    reach = 0
    for (arrays, _), scale in zip(parts, scales, strict=True):
        product = abs(scale)
        for array in arrays:
            product *= max(int(largest(array)), 1)
        reach += product
    return reach


def _in_loops(
    parts: Sequence[tuple[Ints, ...]], scales: Sequence[int], below: int, mode: str, into: Ints | None
) -> Ints:
    """Return the rounded sum of products over ``below``, all of which are exact in doubles."""
    even = mode == "half_even"
    made = np.empty(parts[0][0].size, np.int64) if into is None else into
    if len(parts) > 1:
        products = [reduce(np.multiply, arrays) * scale for arrays, scale in zip(parts, scales, strict=True)]
        divided(reduce(np.add, products), 1, below, even, made)
    elif len(parts[0]) > 1:
        *others, last = parts[0]
        multiplied(reduce(np.multiply, others), last, scales[0], below, even, made)
    else:
        divided(parts[0][0], scales[0], below, even, made)
    return made


def _whole(parts: Sequence[tuple[tuple[Ints, ...], int]], below: int, mode: str) -> Ints:
    """Return the rounded sum of products over ``below``, in whole numbers of 64 bits."""
    total = reduce(np.add, (reduce(np.multiply, arrays) * scale for arrays, scale in parts))
    found: Ints = total // below
    twice = (total - found * below) * 2
    odd = (found & 1) == 1 if mode == "half_even" else total >= 0
    found += (twice > below) | ((twice == below) & odd)
    if found.size and max(int(found.max()), -int(found.min())) >= _EXACT:
        raise OverflowError(_TOO_LARGE)
    return found


def _doubles(parts: Sequence[Part], mode: str, divisor: Ints | None) -> Ints:
    """Return the rounded sum by doubles, and by whole numbers of any size where these leave a doubt."""
    size = max((array.size for arrays, _ in parts for array in arrays), default=0)
    total, reach = np.zeros(size), np.zeros(size)
    for arrays, scale in parts:
        product = np.full(size, _double(scale))
        for array in arrays:
            product *= array
        total += product
        reach += np.abs(product)
    if divisor is not None:
        total /= divisor
        reach /= divisor
    if size and reach.max() >= _EXACT:
        raise OverflowError(_TOO_LARGE)
    low = np.floor(total)
    rest = total - low
    found = low.astype(np.int64) + (rest > 0.5)
    slack = reach * _SLIP * (8 + 4 * len(parts)) + _SLIP
    doubtful = np.flatnonzero(np.abs(rest - 0.5) <= slack)
    if doubtful.size:
        found[doubtful] = _in_full(parts, mode, divisor, doubtful)
    return found


def _double(scale: Fraction) -> float:
    return scale.numerator / scale.denominator


def _in_full(parts: Sequence[Part], mode: str, divisor: Ints | None, rows: Ints) -> Ints:
    """Return the amounts of ``rows`` by whole numbers of any size; equal rows are done once."""
    columns = [array[rows] for arrays, _ in parts for array in arrays]
    if divisor is not None:
        columns.append(divisor[rows])
    cases, place = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    common = math.lcm(*(scale.denominator for _, scale in parts))
    done = []
    for case in cases.tolist():
        values = iter(case)
        above = sum(
            math.prod(next(values) for _ in arrays) * (scale.numerator * (common // scale.denominator))
            for arrays, scale in parts
        )
        done.append(_halves(above, common * (next(values) if divisor is not None else 1), mode))
    return np.array(done, np.int64)[place.ravel()]


def _halves(above: int, below: int, mode: str) -> int:
    whole, rest = divmod(abs(above), below)
    up = 2 * rest > below or (2 * rest == below and (mode == "half_up" or whole % 2 == 1))
    return (whole + up) * (1 if above >= 0 else -1)


def to_cents(amount: Fraction, mode: str) -> int:
    """Return one exact amount in whole cents."""
    return _halves(amount.numerator, amount.denominator, mode)
