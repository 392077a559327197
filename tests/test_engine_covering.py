"""The fewest packs, by brute force; and proofs that hold for any prices."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tideover.engines.covering import Covering, Leaf, Split, fewest, least
from tideover.engines.covering.cases import bound_of

SEEDS = st.integers(0, 10_000)


def covering_of(
    items: list[int],
    bins: list[int],
    pairs: list[tuple[int, int]],
    ways: list[dict[int, int]],
    room: list[list[int]],
) -> Covering:
    """Return the problem of ``items`` (sizes), ``bins`` (capacities), and one way by shelves for each."""
    takes = [(way, shelf, take) for way, taken in enumerate(ways) for shelf, take in taken.items()]
    kinds = range(len(room))
    forms = [tuple(kinds), *((kind,) for kind in kinds)]
    return Covering(
        size=np.array(items, np.int64),
        capacity=np.array(bins, np.int64),
        item=np.array([item for item, _ in pairs], np.int64),
        bin=np.array([at for _, at in pairs], np.int64),
        way_item=np.arange(len(items)),
        take_way=np.array([way for way, _, _ in takes], np.int64),
        take_shelf=np.array([shelf for _, shelf, _ in takes], np.int64),
        take=np.array([take for _, _, take in takes], np.int64),
        room=np.array(room, np.int64),
        rank=np.arange(len(room)),
        forms=tuple(dict.fromkeys(forms)),
    )


def random_covering(seed: int) -> Covering:
    """Return a small problem: up to five items, two bins, three shelves and three kinds of pack."""
    rng = np.random.default_rng(seed)
    items = rng.integers(1, 8, rng.integers(1, 6)).tolist()
    bins = rng.integers(2, 12, rng.integers(0, 3)).tolist()
    pairs = [
        (item, at)
        for item, at in product(range(len(items)), range(len(bins)))
        if items[item] <= bins[at] and rng.random() < 0.5
    ]
    room = np.triu(np.tril(np.full((3, 3), 6)), -1) + np.diag([6, 6], 1)
    ways = []
    for size in items:
        first = int(rng.integers(0, 3))
        ways.append({first: min(6, size)} | ({first + 1: size - 6} if size > 6 and first < 2 else {}))
    return covering_of(items, bins, pairs, ways, room.tolist())


def brute(covering: Covering) -> int:
    """Return the least number of packs by trying every way to hold the items, and every number of packs."""
    places = [[*covering.bin[covering.item == item].tolist(), -1] for item in range(covering.size.size)]
    best = math.inf
    for chosen in product(*places):
        filled = [
            sum(int(s) for s, p in zip(covering.size, chosen, strict=True) if p == b)
            for b in range(covering.capacity.size)
        ]
        if any(f > c for f, c in zip(filled, covering.capacity.tolist(), strict=True)):
            continue
        need = np.zeros(covering.room.shape[1], np.int64)
        for way, shelf, take in zip(covering.take_way, covering.take_shelf, covering.take, strict=True):
            need[shelf] += take if chosen[covering.way_item[way]] == -1 else 0
        most = 7
        for numbers in product(range(most), repeat=covering.kinds):
            if sum(numbers) < best and (np.array(numbers) @ covering.room >= need).all():
                best = sum(numbers)
    return int(best)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_the_fewest_packs_are_those_of_brute_force(seed):
    """The answer is that of trying everything, every item has its place, and the bound holds."""
    covering = random_covering(seed)
    found, truth = fewest(covering), brute(covering)
    assert found.count.sum() == truth
    bound, case = least(covering, truth)
    assert bound <= truth
    assert min(bound_of(covering, case), truth) == bound
    check_places(covering, found.count, found.place)


def check_places(covering: Covering, count: np.ndarray, place: np.ndarray) -> None:
    """Assert that every item is in a bin or way of its own, and that bins and shelves hold what is there."""
    bins = covering.capacity.size
    used, taken = np.zeros(bins, np.int64), np.zeros(covering.room.shape[1], np.int64)
    allowed = set(zip(covering.item.tolist(), covering.bin.tolist(), strict=True))
    for item, at in enumerate(place.tolist()):
        if at < bins:
            assert (item, at) in allowed
            used[at] += covering.size[item]
        else:
            assert covering.way_item[at - bins] == item
            own = covering.take_way == at - bins
            np.add.at(taken, covering.take_shelf[own], covering.take[own])
    assert (used <= covering.capacity).all()
    assert (taken <= count @ covering.room).all()


@settings(max_examples=60, deadline=None)
@given(SEEDS, SEEDS)
def test_any_prices_prove_no_more_than_is_true(seed, other):
    """Whatever whole prices, rates, tolls and splits are written down, the bound is at most the truth."""
    covering = random_covering(seed)
    rng = np.random.default_rng(other)

    def leaf(tolls: int) -> Leaf:
        price = rng.integers(0, 60, covering.size.size)
        rate = rng.integers(0, 12, covering.room.shape[1])
        return Leaf(price, rate, tuple(rng.integers(0, 40, tolls).tolist()))

    form = covering.forms[int(rng.integers(0, len(covering.forms)))]
    case = Split(form, int(rng.integers(0, 3)), leaf(1), Split((0,), 1, leaf(2), leaf(2)))
    truth = brute(covering)
    assert bound_of(covering, case) <= truth
    assert bound_of(covering, leaf(0)) <= truth


def test_a_split_proves_what_prices_alone_do_not():
    """Two shelves that no pack has both need a bit over one pack each: 2.4 packs by prices, four in truth."""
    covering = covering_of([7, 7], [], [], [{0: 7}, {1: 7}], [[6, 0], [0, 6]])
    assert fewest(covering).count.tolist() == [2, 2]
    root = least(covering, 3)
    assert root[0] == 3
    bound, case = least(covering, 4)
    assert (bound, isinstance(case, Split)) == (4, True)


def test_of_equals_the_least_rank_is_taken():
    """One pack of either kind would do: the one of lower rank is brought."""
    covering = covering_of([3], [], [], [{0: 3}], [[6], [6]])
    assert fewest(covering).count.tolist() == [1, 0]


def test_an_item_that_may_go_nowhere_is_refused():
    """No pack has room on the only shelf of the item."""
    with pytest.raises(ValueError, match="nowhere"):
        fewest(covering_of([3], [], [], [{0: 3}], [[0]]))


def test_the_same_problem_gives_the_same_answer():
    """The search counts its nodes and never the time."""
    covering = random_covering(7)
    one, other = fewest(covering), fewest(covering)
    assert (one.place == other.place).all()
    assert (one.count == other.count).all()
