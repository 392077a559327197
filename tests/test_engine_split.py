"""Sharing units out among rows, and knapsacks of every room, against brute force."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tideover.engines.assignment import best_split, gains_by_room

VALUES = st.lists(st.lists(st.integers(-2, 9), min_size=3, max_size=3), min_size=1, max_size=4)


@given(VALUES, st.integers(0, 6))
def test_best_split_is_the_best_of_all(rows, total):
    """No other split that is allowed is worth more, and the one returned is worth what it says."""
    value = np.array([[0, *row] for row in rows])
    worth, chosen = best_split(value, total)
    allowed = [
        sum(value[row, units] for row, units in enumerate(split))
        for split in itertools.product(range(4), repeat=len(rows))
        if sum(split) <= total and all(value[row, units] >= 0 for row, units in enumerate(split))
    ]
    assert worth == max(allowed)
    assert worth == sum(value[row, units] for row, units in enumerate(chosen))
    assert chosen.sum() <= total
    assert all(value[row, units] >= 0 for row, units in enumerate(chosen))


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(-3, 9)), max_size=6), st.integers(0, 9))
def test_gains_by_room_are_the_best_subsets(items, most):
    """For every room the gain is that of the best subset that fits."""
    size, gain = (np.array([item[k] for item in items], np.int64) for k in (0, 1))
    found = gains_by_room(size, gain, most)
    for room in range(most + 1):
        subsets = itertools.chain.from_iterable(
            itertools.combinations(range(len(items)), k) for k in range(len(items) + 1)
        )
        assert found[room] == max(
            sum(items[i][1] for i in subset) for subset in subsets if sum(items[i][0] for i in subset) <= room
        )


def test_ties_leave_the_first_rows_with_less():
    """Of two splits that are worth the same the one with fewer units in the first row is returned."""
    value = np.array([[0, 5, 5], [0, 5, 5]])
    assert best_split(value, 1)[1].tolist() == [0, 1]
    assert best_split(value, 4)[1].tolist() == [1, 1]
