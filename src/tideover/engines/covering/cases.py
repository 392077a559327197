"""Proof of a lower bound on the number of packs: prices, in cases that leave nothing out."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from tideover.engines.covering.problem import Covering, Ints


@dataclass(frozen=True)
class Leaf:
    """A case that prices decide: of each item, of each shelf by the unit, of each split on the way here.

    All are whole numbers of at least 0.
    """

    price: Ints
    rate: Ints
    toll: tuple[int, ...]


@dataclass(frozen=True)
class Split:
    """Two cases that leave nothing out: at most ``at`` packs of the kinds in ``form``, or more than that."""

    form: tuple[int, ...]
    at: int
    most: Case
    more: Case


Case = Leaf | Split


@dataclass(frozen=True)
class Side:
    """One side of a split: at most ``at`` packs of ``form``, or (``more``) at least ``at + 1``."""

    form: tuple[int, ...]
    at: int
    more: bool


def bound_of(covering: Covering, case: Case, above: tuple[Side, ...] = ()) -> float:
    """Return the number of packs that ``case`` proves to be needed; infinite where no number will do.

    With prices p of the items, r of the shelves and q of the sides (at least k, or at most k), let p' be the
    lesser of p and the cheapest way of the item, sum_s take_s r_s; and let c_t = sum_s room_ts r_s, plus q of
    each side "at least" and minus q of each side "at most" that names kind t. Then

        sum p' - sum_bins (best knapsack by p') + sum of q k over "at least" - sum of q k over "at most"
            <= sum_t c_t n_t <= (sum n) max c_t

    for all numbers n of packs that let every item in. A split proves the lesser of its two sides.
    """
    if isinstance(case, Split):
        most, more = (Side(case.form, case.at, way) for way in (False, True))
        return min(
            bound_of(covering, case.most, (*above, most)), bound_of(covering, case.more, (*above, more))
        )
    return _leaf_bound(covering, case, above)


def _leaf_bound(covering: Covering, leaf: Leaf, above: tuple[Side, ...]) -> float:
    price = _least_prices(covering, leaf)
    each = covering.room @ leaf.rate
    value = int(price.sum()) - _held_by_bins(covering, price)
    for side, toll in zip(above, leaf.toll, strict=True):
        sign = 1 if side.more else -1
        value += sign * toll * (side.at + side.more)
        each[list(side.form)] += sign * toll
    if value <= 0:
        return 0
    dearest = int(each.max(initial=0))
    return -(-value // dearest) if dearest > 0 else math.inf


def _least_prices(covering: Covering, leaf: Leaf) -> Ints:
    ways = np.zeros(covering.way_item.size, np.int64)
    np.add.at(ways, covering.take_way, covering.take * leaf.rate[covering.take_shelf])
    price: Ints = leaf.price.copy()
    np.minimum.at(price, covering.way_item, ways)
    return price


def _held_by_bins(covering: Covering, price: Ints) -> int:
    items: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for item, at in zip(covering.item.tolist(), covering.bin.tolist(), strict=True):
        if price[item] > 0:
            items[at].append((int(covering.size[item]), int(price[item])))
    return sum(_knapsack(inside, int(covering.capacity[at])) for at, inside in items.items())


def _knapsack(items: list[tuple[int, int]], capacity: int) -> int:
    """Return the greatest price of (size, price) items that fit."""
    if sum(size for size, _ in items) <= capacity:
        return sum(price for _, price in items)
    best = np.zeros(capacity + 1, np.int64)
    for size, price in items:
        if size <= capacity:
            best[size:] = np.maximum(best[size:], best[: best.size - size] + price)
    return int(best[-1])
