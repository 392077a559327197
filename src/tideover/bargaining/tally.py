"""Many packages over the same people: how many lose more than a part of their pay, and the worst change."""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True)
def _one(number, anchor, added, first, sizes, before, loss, made):  # type: ignore[no-untyped-def]
    """Write losers and worst change of the package of this number."""
    rest, pay = np.int64(number), anchor.copy()
    for place in range(sizes.size):
        issue = sizes.size - 1 - place
        pay += added[first[issue] + rest % sizes[issue]]
        rest //= sizes[issue]
    losers, worst = 0, np.inf if pay.size else 0.0
    for i in range(pay.size):
        change = (pay[i] - before[i]) / before[i]
        losers += change < loss
        worst = min(worst, change)
    made[0], made[1] = losers, worst


@nb.njit(cache=True, parallel=True, nogil=True)
def tallied(anchor, added, first, sizes, before, loss):  # type: ignore[no-untyped-def]
    """Return losers and worst change of every package: (packages, 2); the last issue runs fastest.

    A clinician's pay is ``anchor`` (people,) and, for each issue, the row of ``added`` (options, people) of
    its option: issue k's rows are ``first[k]`` and the ``sizes[k]`` - 1 after it. ``before`` is pay now,
    above nought; who loses has a change below ``loss``.
    """
    count = 1
    for size in sizes:
        count *= size
    made = np.empty((count, 2))
    for number in nb.prange(count):
        _one(number, anchor, added, first, sizes, before, loss, made[number])
    return made
