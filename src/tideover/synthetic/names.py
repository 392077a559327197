"""Names of places that do not exist: a made-up town for each site, so that no real clinic is meant."""

from __future__ import annotations

import numpy as np

from tideover.synthetic.draws import Floats

_FIRST = (
    "Alder", "Amber", "Antler", "Aspen", "Badger", "Basswood", "Bluestem", "Bobolink", "Bur Oak", "Butternut",
    "Cattail", "Chickadee", "Clover", "Copper", "Coulee", "Crane", "Fern", "Flint", "Goldenrod", "Granite",
    "Heron", "Hickory", "Ironwood", "Juniper", "Kestrel", "Lark", "Linden", "Loon", "Lupine", "Marten",
    "Meadow", "Milkweed", "Otter", "Pelican", "Quarry", "Sandpiper", "Sedge", "Sumac", "Tamarack", "Thistle",
)  # fmt: skip
_SECOND = (
    "Bend", "Bluff", "Bridge", "Brook", "Corner", "Creek", "Crossing", "Dale", "Ferry", "Glen",
    "Grove", "Harbor", "Hill", "Hollow", "Junction", "Lake", "Landing", "Mills", "Point", "Prairie",
    "Ridge", "Run", "Springs", "Valley",
)  # fmt: skip
MOST = len(_FIRST) * len(_SECOND)


def town_names(uniform: Floats) -> list[str]:
    """Return a name for each number in [0, 1), all different (at most ``MOST``).

    Neighbouring names share neither half as long as there are first halves left.
    """
    second = np.floor(uniform * len(_SECOND)).astype(np.int64).tolist()
    used: set[str] = set()
    names = []
    for number, start in enumerate(second):
        first = _FIRST[number * 7 % len(_FIRST)]
        tries = (f"{first} {_SECOND[(start + step) % len(_SECOND)]}" for step in range(len(_SECOND)))
        names.append(next(name for name in tries if name not in used))
        used.add(names[-1])
    return names
