"""The frontier of all packages of additive issues, without listing the packages.

A package takes one option on each issue; a side's utility is the sum of its utilities of the options, added
in the order of the issues. If of two part-packages over the same issues one is at least as good for both
sides, it stays so whatever is added (floating-point addition never turns an order round), so that the worse
one can be dropped at once. Issue by issue, the frontier so far is merged with the issue's options:

1. F(0) is the empty package. An issue's own options that another option beats are dropped.
2. F(k) is the frontier of all sums of a point of F(k-1) and an option of issue k. For each option these sums
   are in order already, so that one merge by falling utility of the first side finds F(k).

The result equals the frontier of the whole list of packages to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba as nb
import numpy as np

from tideover.engines.frontier.frontier import Floats, Frontier, Ints, checked, kept_rows

#: A frontier of more points than this on the way is refused: 24 bytes each, for each issue.
MOST_HELD = 5_000_000


def frontier_of_issues(a: Sequence[Floats], b: Sequence[Floats]) -> Frontier:
    """Return the frontier of all packages; ``a[k]``, ``b[k]`` are both sides' utilities of issue k's options.

    Raises ``ValueError`` for no issue, an issue without options, or values that are no number;
    ``MemoryError`` where the frontier grows past ``MOST_HELD`` points.
    """
    if not a or len(a) != len(b):
        raise ValueError("both sides need utilities for each of at least one issue")
    points_a, points_b = np.zeros(1), np.zeros(1)
    steps: list[tuple[Ints, Ints]] = []
    for of_a, of_b in zip(a, b, strict=True):
        option_a, option_b = checked(of_a, of_b)
        kept = kept_rows(option_a, option_b)
        if points_a.size * kept.size > MOST_HELD:
            raise MemoryError(f"more than {MOST_HELD:,} part-packages may stand on the frontier")
        points_a, points_b, parent, taken = _merged(points_a, points_b, option_a[kept], option_b[kept])
        steps.append((parent, kept[taken]))
    return Frontier(points_a, points_b, _choices(steps))


def _choices(steps: list[tuple[Ints, Ints]]) -> Ints:
    """Return for each point of the last frontier which option it takes on each issue."""
    rows = np.arange(steps[-1][0].size)
    found = []
    for parent, taken in reversed(steps):
        found.append(taken[rows])
        rows = parent[rows]
    return np.stack(found[::-1], axis=1)


@nb.njit(cache=True)
def _merged(a, b, option_a, option_b):  # type: ignore[no-untyped-def]
    """Return the frontier of all sums: utilities, the point and the option that each comes from."""
    points, options = a.size, option_a.size
    out_a, out_b = np.empty(points * options), np.empty(points * options)
    parent, taken = np.empty(points * options, np.int64), np.empty(points * options, np.int64)
    at = np.zeros(options, np.int64)
    found, best = 0, -np.inf
    while True:
        chosen, high, wide = -1, -np.inf, -np.inf
        for option in range(options):
            row = at[option]
            while row < points and b[row] + option_b[option] <= best:
                row += 1  # beaten by what is found already
            at[option] = row
            if row == points:
                continue
            one, other = a[row] + option_a[option], b[row] + option_b[option]
            if one > high or (one == high and other > wide):
                chosen, high, wide = option, one, other
        if chosen < 0:
            return out_a[:found].copy(), out_b[:found].copy(), parent[:found].copy(), taken[:found].copy()
        if found > 0 and out_a[found - 1] == high:
            found -= 1  # two sums that rounding has made equal for the first side
        out_a[found], out_b[found] = high, wide
        parent[found], taken[found] = at[chosen], chosen
        best = wide
        found += 1
