"""The covering problem: items that need a place in bins that are there, or on shelves that packs bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Covering:
    """Items that each go into one bin, or onto shelves in one way; how many packs to bring is to be chosen.

    n items, m bins, s shelves, w ways, t kinds of pack; everything is int64.

    - ``size`` (n,): what an item takes, at least 1; ``capacity`` (m,): what a bin holds.
    - ``item``, ``bin`` (z,): the pairs of an item and a bin that may hold it.
    - ``way_item`` (w,): the item of each way of being held on shelves; ``take_way``, ``take_shelf``, ``take``
      (y,): what a way takes of which shelf.
    - ``room`` (t, s): what one pack of each kind adds to each shelf.
    - ``rank`` (t,): of plans with equally few packs, the one with the least sum of ranks is taken.
    - ``forms``: sets of kinds (each a tuple of rows of ``room``) whose number is split on in a proof, the
      most telling first.

    An item that may go nowhere at all makes the problem infeasible.
    """

    size: Ints
    capacity: Ints
    item: Ints
    bin: Ints
    way_item: Ints
    take_way: Ints
    take_shelf: Ints
    take: Ints
    room: Ints
    rank: Ints
    forms: tuple[tuple[int, ...], ...]

    @property
    def kinds(self) -> int:
        """The number of kinds of pack."""
        return int(self.room.shape[0])
