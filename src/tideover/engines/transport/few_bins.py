"""A plan made cheaper a few bins at a time: what these hold is planned anew, by HiGHS.

A neighbourhood is two to four bins that want the same items. Of the items in them those may move, and only to
the options, that cost least above their best at the prices; the rest stays where it is. That is a small
integer program, begun from the plan. It ends by nodes, not by seconds, so that the same plan always
becomes the same better one. Which bins come next is drawn with a fixed seed, the likelier the more they
compete; bins that were solved to the end are not tried again until something in them has moved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tideover.engines.transport.options import Shortlist
from tideover.engines.transport.problem import Floats, Ints

if TYPE_CHECKING:
    import highspy

#: Bins of neighbourhoods in turn, options that items may change to, and nodes of the search.
BINS, OPTIONS, NODES = (2, 3, 4), 100, 60
#: Neighbourhoods that are tried, and in vain at most, one after the other.
ROUNDS, IN_VAIN, SEED = 32, 12, 20
#: Bins compete for an item that asks at most what this share of items (of 50 for each bin) asks to move.
CONTESTED, LOOKED_AT = 0.2, 50
_SOLVER: dict[str, bool | int | float] = {
    "output_flag": False,
    "threads": 1,
    "mip_max_nodes": NODES,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-6,
}


@dataclass(frozen=True)
class Values:
    """Each item's options: ``node`` (n, K + 1), the last of them outside, and ``value`` at the prices.

    ``best`` (n,): the least of these values. Options that do not exist have value infinity.
    """

    node: Ints
    value: Floats
    best: Floats

    @classmethod
    def of(cls, listed: Shortlist, price: Floats) -> Values:
        """Return the values of the listed options at the prices of bins (m,)."""
        real = listed.code >= 0
        paid = listed.cost + listed.size[:, None] * price[listed.code]
        value = np.column_stack([np.where(real, paid, np.inf), listed.outside])
        outside = np.full(listed.size.size, price.size)
        return cls(np.column_stack([listed.code, outside]).astype(np.int64), value, value.min(axis=1))


@dataclass(frozen=True)
class Program:
    """A small integer program: option c lets movable item ``item`` [c] be at ``node`` [c], at ``cost`` [c].

    ``who``: the movable items; the first of an item's options is where it is. ``room``: of each bin of
    ``bins`` for movable items.
    """

    who: Ints
    item: Ints
    node: Ints
    cost: Floats
    bins: Ints
    room: Ints


def replanned(
    listed: Shortlist, capacity: Ints, price: Floats, node: Ints, enough: Callable[[int], bool]
) -> Ints:
    """Return nodes (n,), bins or m for outside, that cost no more than ``node`` and are within capacity.

    ``enough``: told what has been saved, says whether to stop.
    """
    m = capacity.size
    values, size = Values.of(listed, price), listed.size.astype(np.int64)
    rivals = _rivals(values, m)
    chance = np.random.default_rng(SEED)
    node, saved, vain = node.copy(), 0, 0
    settled: set[tuple[int, ...]] = set()
    for go in range(ROUNDS):
        bins = _drawn(rivals, BINS[go % len(BINS)], chance)
        if tuple(bins) in settled:
            vain += 1
        else:
            program = _program(values, size, capacity, price, node, bins)
            won, ended = _improve(program, size, node)
            saved += won
            vain = 0 if won else vain + 1
            if won:
                settled = {known for known in settled if not set(known) & set(bins)}
            if ended:
                settled.add(tuple(bins))
        if vain >= IN_VAIN or enough(saved):
            break
    return node


def _rivals(values: Values, m: int) -> Floats:
    """Return (m, m) how many items hardly care which of two bins they are in, and a little for every pair."""
    second = np.partition(values.value, 1, axis=1)[:, 1] - values.best
    near = np.argsort(second, kind="stable")[: LOOKED_AT * m]
    regret = values.value[near] - values.best[near, None]
    least = np.quantile(second[near], CONTESTED, method="lower")
    item, option = np.nonzero(np.isfinite(regret) & (regret <= least))
    wants = np.zeros((near.size, m + 1))
    wants[item, values.node[near[item], option]] = 1.0
    found = wants[:, :m].T @ wants[:, :m]
    np.fill_diagonal(found, 0.0)
    return np.asarray(found + 1e-3)


def _drawn(rivals: Floats, many: int, chance: np.random.Generator) -> Ints:
    """Return the bins of a neighbourhood, ascending."""
    m = rivals.shape[0]
    bins = [int(chance.integers(m))]
    while len(bins) < min(many, m):
        weight = rivals[bins].sum(axis=0)
        weight[bins] = 0.0
        bins.append(int(chance.choice(m, p=weight / weight.sum())))
    return np.sort(bins)


def _program(values: Values, size: Ints, capacity: Ints, price: Floats, node: Ints, bins: Ints) -> Program:
    """Return the program of these bins: the OPTIONS cheapest changes of what they hold, or is outside."""
    m = capacity.size
    inside = np.zeros(m + 1, np.bool_)
    inside[bins] = inside[m] = True
    near = np.flatnonzero(inside[node])
    at = values.node[near] == node[near, None]
    at &= np.isfinite(values.value[near])
    known = at.any(axis=1)
    near, at = near[known], at[known]
    regret = values.value[near] - values.best[near, None]
    regret[at | ~inside[values.node[near]]] = np.inf
    cheap = np.argsort(regret, axis=None, kind="stable")[:OPTIONS]
    row, option = np.unravel_index(cheap[np.isfinite(regret.flat[cheap])], regret.shape)
    movable = np.unique(row)
    who = near[movable]
    item = np.concatenate([np.arange(who.size), np.searchsorted(movable, row)])
    to = np.concatenate([node[who], values.node[near[row], option]])
    own = values.value[who, at[movable].argmax(axis=1)]
    paid = np.concatenate([own, values.value[near[row], option]])
    cost = paid - np.append(price, 0.0)[to] * size[who[item]] - values.best[who[item]]
    stays = np.ones(node.size, np.bool_)
    stays[who] = False
    load = np.bincount(node[stays], size[stays], m + 1)[:m]
    return Program(who, item, to, cost, bins, capacity[bins] - load[bins].astype(np.int64))


def _improve(program: Program, size: Ints, node: Ints) -> tuple[int, bool]:
    """Move the items of the program in ``node`` if that saves; return what it saves and whether it is all."""
    import highspy  # noqa: PLC0415 -- a third of a second to load, seldom needed

    if not program.who.size:
        return 0, True
    solver = _model(program, size[program.who])
    solver.run()
    ended = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    chosen = np.flatnonzero(np.asarray(solver.getSolution().col_value) > 0.5)
    if chosen.size != program.who.size or np.unique(program.item[chosen]).size != chosen.size:
        return 0, False
    to = np.empty(program.who.size, np.int64)
    to[program.item[chosen]] = program.node[chosen]
    load = np.array([size[program.who[to == b]].sum() for b in program.bins])
    now = float(program.cost[: to.size].sum())
    saved = round(now - float(program.cost[chosen].sum()))
    if saved <= 0 or (load > program.room).any():  # a solver's tolerances are not ours
        return 0, ended
    node[program.who] = to
    return saved, ended


def _model(program: Program, size: Ints) -> highspy.Highs:
    """Return HiGHS with the program, begun from where the items are. ``size``: of the movable items."""
    import highspy  # noqa: PLC0415 -- a third of a second to load, seldom needed

    z, n = program.item.size, program.who.size
    row = np.searchsorted(program.bins, program.node)
    limited = row < program.bins.size
    entries = 1 + limited
    start = np.concatenate([[0], np.cumsum(entries)])
    index, value = np.empty(start[-1], np.int32), np.ones(start[-1])
    index[start[:-1]] = program.item
    index[start[:-1][limited] + 1] = n + row[limited]
    value[start[:-1][limited] + 1] = size[program.item[limited]]
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = z, n + program.bins.size
    lp.col_cost_ = program.cost * (1000.0 / max(float(np.abs(program.cost).max()), 1.0))
    lp.col_lower_, lp.col_upper_ = np.zeros(z), np.ones(z)
    lp.row_lower_ = np.concatenate([np.ones(n), np.full(program.bins.size, -highspy.kHighsInf)])
    lp.row_upper_ = np.concatenate([np.ones(n), program.room.astype(np.float64)])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = start, index, value
    lp.integrality_ = [highspy.HighsVarType.kInteger] * z
    solver = highspy.Highs()
    for name, option in _SOLVER.items():
        solver.setOptionValue(name, option)
    solver.passModel(lp)
    known = highspy.HighsSolution()
    known.col_value = [1.0] * n + [0.0] * (z - n)
    solver.setSolution(known)
    return solver
