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

from tideover.verify.bound import Bins, Level, Spot, spots, waiting_places
from tideover.verify.case import IN_A_SESSION, Case
from tideover.verify.cover import Cover
from tideover.verify.decisions import Decision
from tideover.verify.pairs import Board
from tideover.verify.places import CoverKey, cover_key, laid
from tideover.verify.rules import points
from tideover.verify.sites import Sent

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
    bins: Bins
    sent: Sent
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

    Items are the affected visits without a pin, bins the open intervals and the units of cover, teams the
    pools with the posts that they send to sites, each
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
        **_sites(plan, open_of, salt),
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
        for place, i in enumerate(plan.bins.intervals)
    }
    without_site = (one for of_hour in plan.bins.of_hour.values() for one in of_hour)
    names |= {c: f"{c.option}\n{c.pool_id}\n{c.date.isoformat()}\n{c.hour}" for c in without_site}
    for number, desk in enumerate(plan.bins.desks):
        whose = f"stand\n{desk.pool_id}\n{desk.date.isoformat()}"
        for at, site in enumerate(desk.sites):
            for hour, clock in enumerate(desk.hours):
                names[number, at, hour] = f"{whose}\n{clock}\n{site.clinic_id}"
    return _salted(names, salt)


def _by_level(levels: Sequence[Level], of_terms: Mapping[str, Any]) -> list[Any]:
    return [sum(of_terms[term] for term in level.terms) for level in levels]


def _items_and_pairs(
    plan: Confirmed, item_of: Mapping[str, int], bin_of: Mapping[Any, int]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    case, names = plan.case, cost_columns(len(plan.levels))
    board = Board(case, plan.bins.intervals)
    row_of = np.array([bin_of[place] for place in range(len(plan.bins.intervals))], np.int64)
    widest = {
        (number, at): desk.widest(site)
        for number, desk in enumerate(plan.bins.desks)
        for at, site in enumerate(desk.sites)
    }
    items, blocks = [], []
    for visit in sorted(case.free_visits, key=lambda v: item_of[v.visit_id]):
        item, size = item_of[visit.visit_id], case.size(visit)
        waiting = _by_level(plan.levels, points(case, visit, "waitlist", None, visit.day))
        items.append((item, size, *waiting))
        rows = board.allowed(visit)
        costs = _by_level(plan.levels, board.points(visit, rows))
        of_cover: dict[Any, dict[str, int]] = dict(waiting_places(case, plan.bins, visit))
        of_cover |= {
            spot: cost
            for spot, cost in spots(case, plan.bins, visit).items()
            if size <= widest[spot[:2]][spot[2]]
        }
        bins = np.concatenate([row_of[rows], [bin_of[one] for one in of_cover]]).astype(np.int64)
        in_cover = [_by_level(plan.levels, cost) for cost in of_cover.values()]
        both = [np.concatenate([in_rows, [cost[n] for cost in in_cover]]) for n, in_rows in enumerate(costs)]
        order = np.argsort(bins, kind="stable")
        blocks.append((np.full(len(bins), item), bins[order], *(cost[order] for cost in both)))
    columns = [np.concatenate(parts) for parts in zip(*blocks, strict=True)] if blocks else []
    heads = ["item", "bin", *names]
    found = dict(zip(heads, columns, strict=True)) if columns else {}
    pairs = pl.DataFrame(found, schema=dict.fromkeys(heads, pl.Int64()))
    shape = dict.fromkeys(["item", "size", *names], pl.Int64())
    return pl.DataFrame(items, schema=shape, orient="row"), pairs


def _bins(plan: Confirmed, bin_of: Mapping[Any, int]) -> pl.DataFrame:
    rows = [(bin_of[place], "open", interval.units) for place, interval in enumerate(plan.bins.intervals)]
    rows += [
        (bin_of[cover], cover.option, cover.units)
        for of_hour in plan.bins.of_hour.values()
        for cover in of_hour
    ]
    for (number, at, hour), room in _rooms(plan, sent_only=True):
        rows.append((bin_of[number, at, hour], "stand", room[1]))
    shape = {"bin": pl.Int64(), "kind": pl.String(), "capacity": pl.Int64()}
    return pl.DataFrame(sorted(rows), schema=shape, orient="row")


def _rooms(plan: Confirmed, *, sent_only: bool) -> Iterator[tuple[Spot, tuple[int, int]]]:
    """Yield the number of posts and the units that it gives, for each site and hour."""
    for number, desk in enumerate(plan.bins.desks):
        sent = plan.sent[desk.pool_id, desk.date]
        for at, site in enumerate(desk.sites):
            for posts in [sent[site.clinic_id]] if sent_only else site.numbers:
                for hour, units in enumerate(desk.room(site, posts)):
                    yield (number, at, hour), (posts, units)


def _sites(plan: Confirmed, bin_of: Mapping[Any, int], salt: bytes) -> dict[str, pl.DataFrame]:
    """Return the tables teams, sites and rooms: posts to send, posts sent, and what any number would give."""
    names = {
        number: f"team\n{desk.pool_id}\n{desk.date.isoformat()}"
        for number, desk in enumerate(plan.bins.desks)
    }
    team_of = _salted(names, salt)
    site_of = _salted(
        {
            (number, at): f"site\n{names[number]}\n{site.clinic_id}"
            for number, desk in enumerate(plan.bins.desks)
            for at, site in enumerate(desk.sites)
        },
        salt,
    )
    teams = [(team_of[number], desk.posts) for number, desk in enumerate(plan.bins.desks)]
    sites = [
        (site_of[number, at], team_of[number], plan.sent[desk.pool_id, desk.date][site.clinic_id])
        for number, desk in enumerate(plan.bins.desks)
        for at, site in enumerate(desk.sites)
    ]
    rooms = [
        (site_of[number, at], posts, bin_of[number, at, hour], units)
        for (number, at, hour), (posts, units) in _rooms(plan, sent_only=False)
    ]
    heads = {"teams": ("team", "posts"), "sites": ("site", "team", "posts")}
    heads |= {"rooms": ("site", "posts", "bin", "units")}
    rows: dict[str, list[tuple[int, ...]]] = {"teams": [*teams], "sites": [*sites], "rooms": [*rooms]}
    return {
        name: pl.DataFrame(sorted(rows[name]), schema=dict.fromkeys(head, pl.Int64()), orient="row")
        for name, head in heads.items()
    }


def _cover_by_key(plan: Confirmed) -> dict[CoverKey, Cover | Spot]:
    """Return the key in ``bin_of`` of every piece of cover."""
    found: dict[CoverKey, Cover | Spot] = {
        (one.pool_id, one.date, one.hour, one.option, ""): one
        for held in plan.bins.of_hour.values()
        for one in held
    }
    for number, desk in enumerate(plan.bins.desks):
        for at, site in enumerate(desk.sites):
            for hour, clock in enumerate(desk.hours):
                found[desk.pool_id, desk.date, clock, "stand", site.clinic_id] = number, at, hour
    return found


def _chosen(plan: Confirmed, item_of: Mapping[str, int], bin_of: Mapping[Any, int]) -> pl.DataFrame:
    """Return the bin of every item; of the open intervals of a session any that a laying of it uses."""
    in_cover = _cover_by_key(plan)
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
            rows.append((item_of[visit.visit_id], bin_of[in_cover[cover_key(plan.case, decision)]]))
    places = defaultdict(list)
    for place, interval in enumerate(plan.bins.intervals):
        places[interval.session_id].append(place)
    for session_id, decisions in by_session.items():
        open_here = [plan.bins.intervals[place] for place in places[session_id]]
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
