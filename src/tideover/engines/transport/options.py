"""An item's options as codes, and shortlists of those that matter at given prices.

A code below m is a bin; code m + k is "any bin of column k", where bins share a column. Options that
replace an entry of the table at a higher cost are left to the exact passes of ``pricing``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np

from tideover.engines.transport.problem import FORBIDDEN, Floats, Ints, Narrow, TransportProblem


@dataclass(frozen=True)
class Shortlist:
    """Options of some items: ``code`` and ``cost`` (items, K), -1 where there are fewer; cheapest first.

    ``size`` and ``outside`` are those items' own; ``share`` is their part of all units.
    """

    code: Narrow
    cost: Narrow
    size: Narrow
    outside: Ints
    share: float


@nb.njit(cache=True)
def _shortlist(items, size, cost, group, shared, start, bins, pair_cost, price, code, kept):  # type: ignore[no-untyped-def]
    """Write the cheapest options of each of ``items`` at the prices of codes into ``code`` and ``kept``."""
    columns = cost.shape[1]
    m = group.size
    most = code.shape[1]
    found = np.empty(most)
    for at in range(items.size):
        i = items[at]
        s = size[i]
        count = 0
        first, last = start[i], start[i + 1]
        for o in range(columns + last - first):
            if o < columns:
                c = cost[i, o]
                option = m + o if shared else o
                dull = c == FORBIDDEN
                if not shared and not dull:
                    for a in range(first, last):
                        dull = dull or bins[a] == o
            else:
                a = first + o - columns
                option = bins[a]
                c = pair_cost[a]
                dull = c == FORBIDDEN or (shared and c >= cost[i, group[option]])
            if dull:
                continue
            value = c + s * price[option]
            if count == most and value >= found[count - 1]:
                continue
            if count < most:
                count += 1
            k = count - 1
            while k > 0 and found[k - 1] > value:
                found[k] = found[k - 1]
                code[at, k] = code[at, k - 1]
                kept[at, k] = kept[at, k - 1]
                k -= 1
            found[k] = value
            code[at, k] = option
            kept[at, k] = c
        for k in range(count, most):
            code[at, k] = -1
            kept[at, k] = 0


@dataclass(frozen=True)
class Codes:
    """What the codes of a problem are made of: bins, and columns where several bins share one.

    A *resource* is something that has a capacity and a price: a bin or, with shared columns, also all bins of
    a column together. A code's price is the sum of its resources'.
    """

    problem: TransportProblem

    @property
    def shared(self) -> bool:
        """Whether bins share columns."""
        return self.problem.group is not None and self.problem.cost is not None

    @property
    def capacity(self) -> Floats:
        """Capacity of each resource."""
        own = self.problem.capacity.astype(np.float64)
        if not self.shared:
            return own
        table, group, *_ = self.problem.arrays
        return np.concatenate([own, np.bincount(group, own, table.shape[1])])

    def price(self, resource: Floats) -> Floats:
        """Return the price of each code, given that of each resource."""
        if not self.shared:
            return resource
        m = self.problem.capacity.size
        return np.concatenate([resource[:m] + resource[m:][self.problem.arrays[1]], resource[m:]])

    def gathered(self, load: Floats) -> Floats:
        """Return what each resource carries, given what each code does (first axis of ``load``)."""
        if not self.shared:
            return load
        m = self.problem.capacity.size
        out = load.copy()
        np.add.at(out, m + self.problem.arrays[1], load[:m])
        return out

    def shortlist(self, items: Ints, most: int, resource: Floats) -> Shortlist:
        """Return the ``most`` cheapest options of each of these items at the prices of resources."""
        p = self.problem
        table, group, start, bins, pair_cost = p.arrays
        widest = int(np.diff(start).max(initial=0)) + table.shape[1]
        shape = (items.size, max(1, min(most, widest)))
        code, cost = np.empty(shape, np.int32), np.empty(shape, np.int32)
        _shortlist(
            items, p.size, table, group, self.shared, start, bins, pair_cost, self.price(resource), code, cost
        )  # fmt: skip
        whole = items.size == p.size.size
        size = p.size if whole else p.size[items]
        share = 1.0 if whole else float(size.sum(dtype=np.int64) / p.size.sum(dtype=np.int64))
        return Shortlist(code, cost, size, p.outside if whole else p.outside[items], share)
