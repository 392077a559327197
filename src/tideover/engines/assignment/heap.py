"""A binary heap over two arrays, keys and nodes, for kernels; how many are in it is the caller's to keep."""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True, inline="always")
def push(keys, nodes, count, key, node):  # type: ignore[no-untyped-def]
    """Put a node in; return how many there are. There must be room: see ``longer``."""
    at = count
    while at > 0:
        up = (at - 1) >> 1
        if keys[up] <= key:
            break
        keys[at] = keys[up]
        nodes[at] = nodes[up]
        at = up
    keys[at] = key
    nodes[at] = node
    return count + 1


@nb.njit(cache=True, inline="always")
def pop(keys, nodes, count):  # type: ignore[no-untyped-def]
    """Take out the node of the least key, which stands first; return how many are left."""
    count -= 1
    key = keys[count]
    node = nodes[count]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= count:
            break
        if down + 1 < count and keys[down + 1] < keys[down]:
            down += 1
        if keys[down] >= key:
            break
        keys[at] = keys[down]
        nodes[at] = nodes[down]
        at = down
    keys[at] = key
    nodes[at] = node
    return count


@nb.njit(cache=True)
def longer(keys, nodes):  # type: ignore[no-untyped-def]
    """Return both arrays with twice the room."""
    return np.concatenate((keys, np.empty_like(keys))), np.concatenate((nodes, np.empty_like(nodes)))
