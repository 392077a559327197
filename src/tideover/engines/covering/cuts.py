"""What the linear program of a covering problem does not see of whole items in bins.

Each row is true of every whole answer. It gives better prices; the proof stands without it, since ``cases``
asks of each bin what its best knapsack is.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from scipy.sparse import csr_array

from tideover.engines.covering.problem import Covering, Ints

#: Bins with more pairs of a large and a small item than this get no rows of their own.
_PAIRS = 2_000


def filled(covering: Covering) -> Ints:
    """Return for each bin the most that any of its items together take of it: at most its capacity."""
    found = covering.capacity.copy()
    for at, pairs in _by_bin(covering).items():
        reach = 1  # bit k is set where some items take k together
        full = (1 << (int(covering.capacity[at]) + 1)) - 1
        for size in covering.size[covering.item[pairs]].tolist():
            reach |= (reach << size) & full
        found[at] = reach.bit_length() - 1
    return found


def one_of(covering: Covering) -> csr_array:
    """Return rows over the item-bin pairs of which a whole answer uses at most one.

    No two items of more than half a bin fit, nor any of them beside an item that they leave no room for.
    """
    rows: list[int] = []
    columns: list[int] = []
    number = 0
    for at, pairs in _by_bin(covering).items():
        size = covering.size[covering.item[pairs]]
        large = 2 * size > covering.capacity[at]
        sets = [pairs[large]]
        if large.sum() * (~large).sum() <= _PAIRS:
            sets += [
                np.append(pairs[large & (size + own > covering.capacity[at])], pair)
                for pair, own in zip(pairs[~large].tolist(), size[~large].tolist(), strict=True)
            ]
        for some in sets:
            if some.size > 1:
                rows += [number] * some.size
                columns += some.tolist()
                number += 1
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(number, covering.item.size))


def _by_bin(covering: Covering) -> dict[int, Ints]:
    pairs: dict[int, list[int]] = defaultdict(list)
    for pair, at in enumerate(covering.bin.tolist()):
        pairs[at].append(pair)
    return {at: np.array(some, np.int64) for at, some in pairs.items()}
