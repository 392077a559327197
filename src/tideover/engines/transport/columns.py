"""Bins that share a column: plan by column first, then share each column's items out among its bins."""

from __future__ import annotations

import numba as nb
import numpy as np

from tideover.engines.transport.options import Codes, Shortlist
from tideover.engines.transport.problem import FORBIDDEN, Floats, Ints, Narrow, TransportProblem
from tideover.engines.transport.repair import nearest

#: Whoever is outside is tried in every bin once more where they are this few.
MOST_LEFT = 20_000


@nb.njit(cache=True)
def _by_column(code, cost, size, group, extra, refused, columns, new_code, new_cost, own):  # type: ignore[no-untyped-def]
    """Write options by column: the cheaper of any bin (own -1) and a bin of its own, unless refused."""
    m = group.size
    at = np.full(columns, -1, np.int64)
    for i in range(size.size):
        count = 0
        for k in range(code.shape[1]):
            j = code[i, k]
            if j < 0:
                break
            if j < m and refused[i] == j:
                continue
            column = group[j] if j < m else j - m
            c = cost[i, k] + (round(size[i] * extra[j]) if j < m else 0)
            if at[column] < 0:
                at[column] = count
                new_code[i, count] = column
                new_cost[i, count] = c
                own[i, count] = j if j < m else -1
                count += 1
            elif c < new_cost[i, at[column]]:
                new_cost[i, at[column]] = c
                own[i, at[column]] = j if j < m else -1
        for k in range(count):
            at[new_code[i, k]] = -1
        for k in range(count, code.shape[1]):
            new_code[i, k] = -1
            new_cost[i, k] = 0


def by_column(codes: Codes, listed: Shortlist, resource: Floats) -> tuple[Shortlist, Narrow]:
    """Return all items' options by column, at the prices of resources, and the own bin (or -1) of each.

    Where more want a bin of their own than it holds, those are refused who are least hurt for a unit.
    """
    p = codes.problem
    m = p.capacity.size
    node = nearest(listed, codes.price(resource))
    refused = np.full(node.size, -1, np.int64)
    load = np.bincount(node, listed.size, max(m, int(node.max()) + 1)).astype(np.int64)
    for j in np.flatnonzero(load[:m] > p.capacity):
        inside = np.flatnonzero(node == j)
        here = np.where(listed.code[inside] == j, listed.cost[inside], 0).sum(axis=1)
        hurt = (p.arrays[0][inside, p.arrays[1][j]] - here) / listed.size[inside]
        inside = inside[np.argsort(-hurt, kind="stable")]
        refused[inside[np.cumsum(listed.size[inside], dtype=np.int64) > p.capacity[j]]] = j
    code, cost, own = np.empty_like(listed.code), np.empty_like(listed.cost), np.empty_like(listed.code)
    columns = p.arrays[0].shape[1]
    _by_column(
        listed.code, listed.cost, listed.size, p.arrays[1], resource[:m], refused, columns, code, cost, own
    )  # fmt: skip
    return Shortlist(code, cost, listed.size, listed.outside, listed.share), own


@nb.njit(cache=True)
def _share_out(order, node, wish, size, cost, group, start, bins, pair_cost, member, first, free, choice):  # type: ignore[no-untyped-def]
    """Place items in bins of their column: who wishes for one, who is better off in one, the rest by room."""
    for turn in range(3):
        for i in order:
            k = node[i]
            if choice[i] >= 0 or k < 0:
                continue
            table = cost[i, k]
            to = -1
            if turn == 0:
                if wish[i] >= 0 and free[wish[i]] >= size[i]:
                    to = wish[i]
            elif turn == 1:
                least = table
                for a in range(start[i], start[i + 1]):
                    j = bins[a]
                    if group[j] == k and pair_cost[a] < least and free[j] >= size[i]:
                        to, least = j, pair_cost[a]
            elif table != FORBIDDEN:
                for e in range(first[k], first[k + 1]):
                    j = member[e]
                    if free[j] >= size[i] and (to < 0 or free[j] > free[to]):
                        plain = True
                        for a in range(start[i], start[i + 1]):
                            plain = plain and bins[a] != j
                        if plain:
                            to = j
            if to >= 0:
                choice[i] = to
                free[to] -= size[i]


@nb.njit(cache=True)
def _last(left, size, outside, cost, group, start, bins, pair_cost, free, choice):  # type: ignore[no-untyped-def]
    """Place whoever found no bin in the column planned where it costs least, or leave the item outside."""
    row = np.empty(group.size, np.int64)
    for i in left:
        for j in range(group.size):
            row[j] = cost[i, group[j]]
        for a in range(start[i], start[i + 1]):
            row[bins[a]] = pair_cost[a]
        best = outside[i]
        for j in range(group.size):
            if row[j] != FORBIDDEN and row[j] < best and free[j] >= size[i]:
                best = row[j]
                choice[i] = j
        if choice[i] >= 0:
            free[choice[i]] -= size[i]


@nb.njit(cache=True)
def _wishes(code, own, node, wish):  # type: ignore[no-untyped-def]
    for i in range(node.size):
        wish[i] = -1
        for k in range(code.shape[1]):
            if code[i, k] == node[i]:
                wish[i] = own[i, k]


def share_out(problem: TransportProblem, listed: Shortlist, own: Narrow, node: Ints) -> Narrow:
    """Return the bin of each item, given its column (or the number of columns, for outside).

    ``listed`` and ``own`` as ``by_column`` gives them.
    """
    wish = np.empty(node.size, np.int64)
    _wishes(listed.code, own, node, wish)
    table, group, start, bins, pair_cost = problem.arrays
    columns = table.shape[1]
    free = problem.capacity.copy()
    choice = np.full(node.size, -1, np.int32)
    order = np.argsort(-problem.size, kind="stable")
    member = np.argsort(group, kind="stable")
    first = np.searchsorted(group[member], np.arange(columns + 1))
    planned = np.where(node == columns, -1, node)
    _share_out(
        order, planned, wish, problem.size, table, group, start, bins, pair_cost, member, first, free, choice
    )  # fmt: skip
    left = order[choice[order] < 0]
    if left.size > MOST_LEFT:
        left = left[planned[left] >= 0]
    _last(left, problem.size, problem.outside, table, group, start, bins, pair_cost, free, choice)
    return choice
