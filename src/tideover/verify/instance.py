"""The instance of a confirmed plan without people: sizes, costs by level, allowed pairs, capacities, prices.

Everything comes from what ``verify`` made again from the inputs, nothing from the planner: an instance can be
written only of a plan that was confirmed, and its pairs are those of the second code.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tideover.verify.bins import Cover, Interval
from tideover.verify.bound import Level, may_cover
from tideover.verify.case import IN_A_SESSION, Case, Visit
from tideover.verify.decisions import Decision
from tideover.verify.pairs import Board
from tideover.verify.places import laid
from tideover.verify.rules import points

Ints = NDArray[np.int64]
#: What a bin is, as the shared instance calls it.
BIN_KINDS = ("open", "stand", "standby")


@dataclass(frozen=True)
class Confirmed:
    """A plan that was found right, with what was made again on the way.

    ``prices`` maps visit_id to p_v for each level.
    """

    facts: Mapping[str, Any]
    case: Case
    decisions: Sequence[Decision]
    intervals: Sequence[Interval]
    cover: Sequence[Cover]
    levels: Sequence[Level]
    prices: Sequence[Mapping[str, int]]


@dataclass(frozen=True)
class Instance:
    """The tables of an instance; see ``shared.TABLES`` for their columns. ``pinned`` is cost by level."""

    tables: Mapping[str, pl.DataFrame]
    pinned_visits: int
    pinned: tuple[int, ...]


def cost_columns(levels: int) -> list[str]:
    """Return the names of the columns that hold the cost of each level: ``cost_0``, ``cost_1`` ..."""
    return [f"cost_{number}" for number in range(levels)]


def instance(plan: Confirmed, salt: bytes) -> Instance:
    """Return the instance of ``plan`` with rows numbered by ``salt``.

    Items are the affected visits without a pin, bins the open intervals and the units of cover, each
    numbered in the order of the HMAC-SHA-256 of what it is under ``salt``: without the salt, the order of
    rows says nothing. Costs are whole points of the policy's weights, one column for each level.
    """
    item_of = _salted({visit.visit_id: visit.visit_id for visit in plan.case.free_visits}, salt)
    open_of = _salted_bins(plan, salt)
    items, pairs = _items_and_pairs(plan, item_of, open_of)
    tables = {
        "items": items,
        "bins": _bins(plan, open_of),
        "pairs": pairs,
        "chosen": _chosen(plan, item_of, open_of),
        "prices": _prices(plan, item_of),
    }
    pinned = [d for d in plan.decisions if d.visit.visit_id in plan.case.pins]
    cost = tuple(sum(_by_level(plan.levels, d.points)[n] for d in pinned) for n in range(len(plan.levels)))
    return Instance(tables, len(pinned), cost)


def _salted(names: Mapping[Any, str], salt: bytes) -> dict[Any, int]:
    """Return a row number for each key, in the order of the salted digests of their names."""
    digest = {key: hmac.new(salt, name.encode(), hashlib.sha256).digest() for key, name in names.items()}
    return {key: number for number, key in enumerate(sorted(digest, key=lambda key: digest[key]))}


def _salted_bins(plan: Confirmed, salt: bytes) -> dict[Any, int]:
    """Return the row number of each bin: open intervals by their place in the list, cover by itself."""
    names: dict[Any, str] = {
        place: f"open\n{i.session_id}\n{i.lane}\n{i.start.isoformat()}"
        for place, i in enumerate(plan.intervals)
    }
    names |= {c: f"{c.option}\n{c.pool_id}\n{c.date.isoformat()}\n{c.hour}" for c in plan.cover}
    return _salted(names, salt)


def _by_level(levels: Sequence[Level], of_terms: Mapping[str, Any]) -> list[Any]:
    return [sum(of_terms[term] for term in level.terms) for level in levels]


def _items_and_pairs(
    plan: Confirmed, item_of: Mapping[str, int], bin_of: Mapping[Any, int]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    case, names = plan.case, cost_columns(len(plan.levels))
    board = Board(case, plan.intervals)
    row_of = np.array([bin_of[place] for place in range(len(plan.intervals))], np.int64)
    at_hour = defaultdict(list)
    for cover in plan.cover:
        at_hour[cover.pool_id, cover.date, cover.hour].append(cover)
    items, blocks = [], []
    for visit in sorted(case.free_visits, key=lambda v: item_of[v.visit_id]):
        item, size = item_of[visit.visit_id], case.size(visit)
        waiting = _by_level(plan.levels, points(case, visit, "waitlist", None, visit.day))
        items.append((item, size, *waiting))
        rows = board.allowed(visit)
        costs = _by_level(plan.levels, board.points(visit, rows))
        here = at_hour.get((case.cover_pool(visit), visit.day, visit.start.hour), [])
        covers = list(_covers(plan, visit, here))
        bins = np.concatenate([row_of[rows], [bin_of[cover] for cover, _ in covers]]).astype(np.int64)
        both = [
            np.concatenate([in_rows, [in_cover[n] for _, in_cover in covers]])
            for n, in_rows in enumerate(costs)
        ]
        order = np.argsort(bins, kind="stable")
        blocks.append((np.full(len(bins), item), bins[order], *(cost[order] for cost in both)))
    columns = [np.concatenate(parts) for parts in zip(*blocks, strict=True)] if blocks else []
    heads = ["item", "bin", *names]
    found = dict(zip(heads, columns, strict=True)) if columns else {}
    pairs = pl.DataFrame(found, schema=dict.fromkeys(heads, pl.Int64()))
    shape = dict.fromkeys(["item", "size", *names], pl.Int64())
    return pl.DataFrame(items, schema=shape, orient="row"), pairs


def _covers(plan: Confirmed, visit: Visit, here: Sequence[Cover]) -> Iterator[tuple[Cover, list[int]]]:
    for cover in here:
        if plan.case.size(visit) <= cover.units and may_cover(plan.case, visit, cover.option):
            yield cover, _by_level(plan.levels, points(plan.case, visit, cover.option, None, visit.day))


def _bins(plan: Confirmed, bin_of: Mapping[Any, int]) -> pl.DataFrame:
    rows = [(bin_of[place], "open", interval.units) for place, interval in enumerate(plan.intervals)]
    rows += [(bin_of[cover], cover.option, cover.units) for cover in plan.cover]
    shape = {"bin": pl.Int64(), "kind": pl.String(), "capacity": pl.Int64()}
    return pl.DataFrame(sorted(rows), schema=shape, orient="row")


def _chosen(plan: Confirmed, item_of: Mapping[str, int], bin_of: Mapping[Any, int]) -> pl.DataFrame:
    """Return the bin of every item; of the open intervals of a session any that a laying of it uses."""
    of_hour = {(c.pool_id, c.date, c.hour, c.option): c for c in plan.cover}
    rows: list[tuple[int, int | None]] = []
    by_session = defaultdict(list)
    for decision in plan.decisions:
        visit = decision.visit
        if visit.visit_id not in item_of:
            continue
        if decision.option in IN_A_SESSION and decision.session:
            by_session[decision.session["session_id"]].append(decision)
        elif decision.option == "waitlist":
            rows.append((item_of[visit.visit_id], None))
        else:
            cover = of_hour[plan.case.cover_pool(visit), visit.day, visit.start.hour, decision.option]
            rows.append((item_of[visit.visit_id], bin_of[cover]))
    places = defaultdict(list)
    for place, interval in enumerate(plan.intervals):
        places[interval.session_id].append(place)
    for session_id, decisions in by_session.items():
        open_here = [plan.intervals[place] for place in places[session_id]]
        found = laid(plan.case, open_here, decisions)
        if found is None:  # it was confirmed, so that this search came to an end before
            raise ValueError(f"session {session_id}: its visits cannot be laid on its open intervals")
        rows += [(item_of[visit], bin_of[places[session_id][at]]) for visit, at in found.items()]
    shape = {"item": pl.Int64(), "bin": pl.Int64()}
    return pl.DataFrame(sorted(rows, key=lambda row: row[0]), schema=shape, orient="row")


def _prices(plan: Confirmed, item_of: Mapping[str, int]) -> pl.DataFrame:
    rows = [
        (level, item_of[visit], price)
        for level, of_level in enumerate(plan.prices)
        for visit, price in of_level.items()
    ]
    shape = {"level": pl.Int64(), "item": pl.Int64(), "price": pl.Int64()}
    return pl.DataFrame(sorted(rows), schema=shape, orient="row")
