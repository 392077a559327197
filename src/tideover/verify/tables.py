"""The tables of a shared instance: their form, what is chosen in them, and the bound from their prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tideover.verify.bound import LARGEST, Items, best_value, worth_of_posts
from tideover.verify.instance import BIN_KINDS, cost_columns
from tideover.verify.sites import most_gained
from tideover.verify.verdict import Findings

Ints = NDArray[np.int64]

#: The tables of an instance with the columns that do not depend on the number of levels.
TABLES: Mapping[str, dict[str, pl.DataType]] = {
    "items": {"item": pl.Int64(), "size": pl.Int64()},
    "bins": {"bin": pl.Int64(), "kind": pl.String(), "capacity": pl.Int64()},
    "pairs": {"item": pl.Int64(), "bin": pl.Int64()},
    "chosen": {"item": pl.Int64(), "bin": pl.Int64()},
    "prices": {"level": pl.Int64(), "item": pl.Int64(), "price": pl.Int64()},
    "teams": {"team": pl.Int64(), "posts": pl.Int64()},
    "sites": {"site": pl.Int64(), "team": pl.Int64(), "posts": pl.Int64()},
    "rooms": {"site": pl.Int64(), "posts": pl.Int64(), "bin": pl.Int64(), "units": pl.Int64()},
}
_WITH_COSTS = ("items", "pairs")
#: No unit is below a minute and no visit or interval above a day of a thousand posts.
_MOST_UNITS = 1_440_000


@dataclass(frozen=True)
class Team:
    """Posts that are sent to sites. Of each site: the units of its bins with every number it may get."""

    posts: int
    sites: Sequence[tuple[Sequence[int], Mapping[int, Sequence[int]]]]


@dataclass(frozen=True)
class Tables:
    """The tables as arrays; items and bins are numbered from 0. ``chosen`` is -1 on the wait-list.

    ``capacity`` is as the posts were sent, ``widest`` the most that any number of posts gives a bin.
    """

    size: Ints
    waiting: Sequence[Ints]
    kind: Sequence[str]
    capacity: Ints
    item: Ints
    bin: Ints
    cost: Sequence[Ints]
    chosen: Ints
    prices: Sequence[Ints]
    teams: Sequence[Team]
    widest: Ints


def table_columns(name: str, levels: int) -> dict[str, pl.DataType]:
    """Return the columns of a table of an instance with that many levels."""
    costs = cost_columns(levels) if name in _WITH_COSTS else []
    return {**TABLES[name], **dict.fromkeys(costs, pl.Int64())}


def fit(frames: Mapping[str, pl.DataFrame], levels: int, findings: Findings) -> bool:
    """Whether every cell is filled and points at something; chosen bins may be empty: the wait-list."""
    before = len(findings)
    items, bins, pairs, chosen, prices, teams, sites, rooms = (frames[name] for name in TABLES)
    if _empty(frames, findings):
        return False
    for frame, key, name in (
        (items, "item", "items"),
        (bins, "bin", "bins"),
        (chosen, "item", "chosen"),
        (teams, "team", "teams"),
        (sites, "site", "sites"),
    ):
        numbers = range(items.height if key == "item" else frame.height)
        if frame[key].to_list() != list(numbers):
            findings.add("tables", f"{name}.parquet: found {key} numbers that are not 0, 1, 2 ..., each once")
    _within(pairs["item"], items.height, "pairs.parquet, item", findings)
    _within(pairs["bin"], bins.height, "pairs.parquet, bin", findings)
    _within(chosen["bin"].drop_nulls(), bins.height, "chosen.parquet, bin", findings)
    _within(items["size"], _MOST_UNITS + 1, "items.parquet, size", findings, least=1)
    _within(bins["capacity"], _MOST_UNITS + 1, "bins.parquet, capacity", findings)
    if not bins["kind"].is_in(BIN_KINDS).all():
        findings.add("tables", f"bins.parquet, kind: found others than {', '.join(BIN_KINDS)}")
    place = pairs["item"] * bins.height + pairs["bin"]  # in order, so that no pair can be there twice
    if not bool((place.diff().drop_nulls() > 0).all()):
        findings.add("tables", "pairs.parquet: found pairs out of order; expected each once, by item and bin")
    for name in _WITH_COSTS:
        for column in cost_columns(levels):
            _within(frames[name][column], LARGEST, f"{name}.parquet, {column}", findings)
    every = pl.int_range(levels * items.height, eager=True)
    found = prices.sort("level", "item").select(pl.col("level") * items.height + pl.col("item")).to_series()
    if len(found) != len(every) or not (found == every).all():
        findings.add("tables", "prices.parquet: found not exactly one price for each item at each level")
    _fit_rooms(bins, teams, sites, rooms, findings)
    return len(findings) == before


def _empty(frames: Mapping[str, pl.DataFrame], findings: Findings) -> bool:
    """Whether a cell is empty that may not be; then nothing else can be asked of the tables."""
    before = len(findings)
    for name, frame in frames.items():
        columns = [column for column in frame.columns if (name, column) != ("chosen", "bin")]
        if sum(frame.select(columns).null_count().row(0)):
            findings.add("tables", f"{name}.parquet: found empty cells; expected none")
    return len(findings) > before


def _fit_rooms(
    bins: pl.DataFrame, teams: pl.DataFrame, sites: pl.DataFrame, rooms: pl.DataFrame, findings: Findings
) -> None:
    """Every site's bins have their units for every number of posts, once; those sent are among them."""
    before = len(findings)
    _within(sites["team"], teams.height, "sites.parquet, team", findings)
    _within(rooms["site"], sites.height, "rooms.parquet, site", findings)
    _within(rooms["bin"], bins.height, "rooms.parquet, bin", findings)
    for frame, name in ((teams, "teams"), (sites, "sites"), (rooms, "rooms")):
        _within(frame["posts"], _MOST_UNITS + 1, f"{name}.parquet, posts", findings)
    _within(rooms["units"], _MOST_UNITS + 1, "rooms.parquet, units", findings)
    if len(findings) > before:
        return
    of_site = rooms.group_by("site").agg(pl.col("posts").n_unique(), pl.col("bin").n_unique(), pl.len())
    whole = (of_site["posts"] * of_site["bin"] == of_site["len"]).all()
    if not whole or rooms.select("site", "posts", "bin").is_duplicated().any():
        findings.add("tables", "rooms.parquet: found not each bin of a site once with each number of posts")
    stand = rooms.join(bins, on="bin", how="left")
    if rooms.select("site", "bin").unique()["bin"].is_duplicated().any() or (stand["kind"] != "stand").any():
        findings.add("tables", "rooms.parquet: found a bin of two sites, or one on which nobody stands")
    if rooms.filter((pl.col("posts") == 0) & (pl.col("units") > 0)).height:
        findings.add("tables", "rooms.parquet: found units at a site without posts; expected none")
    sent = stand.join(sites.select("site", "posts"), on=["site", "posts"], how="semi")
    if sent["site"].n_unique() != sites.height:
        findings.add("tables", "sites.parquet: found posts that are not among those of rooms.parquet")
    for number, held, units in sent.select("bin", "capacity", "units").sort("bin").iter_rows():
        findings.compare("capacity", f"bins.parquet, capacity of bin {number}", held, units)
    used = dict(sites.group_by("team").agg(pl.col("posts").sum()).iter_rows())
    for team, posts in teams.select("team", "posts").iter_rows():
        if used.get(team, 0) > posts:
            findings.add(
                "capacity",
                f"sites.parquet: found {used[team]} posts sent by team {team}; expected at most {posts}",
            )


def _within(values: pl.Series, end: int, where: str, findings: Findings, least: int = 0) -> None:
    wrong = values.filter((values < least) | (values >= end))
    if len(wrong):
        findings.add("tables", f"{where}: found {wrong[0]}; expected {least} to {end - 1}")


def arrays(frames: Mapping[str, pl.DataFrame], levels: int) -> Tables:
    """Return the tables as arrays; they must fit (``fit``)."""
    items, bins, pairs, chosen, prices, teams, sites, rooms = (frames[name] for name in TABLES)
    names = cost_columns(levels)
    ordered = prices.sort("level", "item")["price"].to_numpy().reshape(levels, items.height)
    return Tables(
        size=items["size"].to_numpy(),
        waiting=[items[name].to_numpy() for name in names],
        kind=bins["kind"].to_list(),
        capacity=bins["capacity"].to_numpy(),
        item=pairs["item"].to_numpy(),
        bin=pairs["bin"].to_numpy(),
        cost=[pairs[name].to_numpy() for name in names],
        chosen=chosen["bin"].fill_null(-1).to_numpy(),
        prices=list(ordered),
        teams=_teams(teams, sites, rooms),
        widest=_widest(bins, rooms),
    )


def _teams(teams: pl.DataFrame, sites: pl.DataFrame, rooms: pl.DataFrame) -> list[Team]:
    whose: list[list[tuple[Sequence[int], Mapping[int, Sequence[int]]]]] = [[] for _ in range(teams.height)]
    of_site = rooms.sort("site", "posts", "bin").partition_by("site", as_dict=True)
    for site, team in sites.select("site", "team").iter_rows():
        bins = of_site[(site,)]["bin"].unique().sort().to_list()
        by_posts = of_site[(site,)].group_by("posts", maintain_order=True).agg("units")
        whose[team].append((bins, dict(by_posts.iter_rows())))
    return [Team(posts, held) for posts, held in zip(teams["posts"].to_list(), whose, strict=True)]


def _widest(bins: pl.DataFrame, rooms: pl.DataFrame) -> Ints:
    most = rooms.group_by("bin").agg(pl.col("units").max())
    found = bins.join(most, on="bin", how="left", maintain_order="left")
    widest: Ints = found.select(pl.max_horizontal("capacity", "units")).to_series().to_numpy()
    return widest


def check_capacity(tables: Tables, findings: Findings) -> None:
    """Check that no bin holds more than it may with the posts as sent."""
    placed = tables.chosen >= 0
    load = np.bincount(tables.chosen[placed], tables.size[placed], minlength=len(tables.capacity))
    for number in np.flatnonzero(load > tables.capacity):
        findings.add(
            "capacity",
            f"chosen.parquet: found {load[number]:.0f} units in bin {number}; "
            f"expected at most {tables.capacity[number]}",
        )


def chosen_costs(tables: Tables, findings: Findings) -> list[int] | None:
    """Return the cost of the chosen pairs by level, or ``None`` if one of them is not an allowed pair."""
    held = tables.chosen[tables.item] == tables.bin
    placed = set(tables.item[held].tolist())
    expected = set(np.flatnonzero(tables.chosen >= 0).tolist())
    for item in sorted(expected - placed):
        findings.add(
            "chosen",
            f"chosen.parquet: found item {item} in bin {tables.chosen[item]}; expected an allowed pair",
        )
    if expected != placed:
        return None
    waits = tables.chosen < 0
    return [
        sum(cost[held].tolist()) + sum(waiting[waits].tolist())
        for cost, waiting in zip(tables.cost, tables.waiting, strict=True)
    ]


def relaxed_value(tables: Tables, number: int, weights: Sequence[int]) -> int:
    """Return B_l of the items: the sum of p' less the best of every bin's knapsack; formulation (17).

    The bins of sites go in together, with the best posts of all.
    """
    waiting = _weighted(tables.waiting, weights)
    least = np.minimum(tables.prices[number].astype(waiting.dtype), waiting)
    profit = least[tables.item] - _weighted(tables.cost, weights)
    kept = np.flatnonzero(np.asarray(profit > 0, np.bool_))
    kept = kept[np.argsort(tables.bin[kept], kind="stable")]
    sizes, profits, bins = tables.size[tables.item[kept]], profit[kept], tables.bin[kept]
    edges = [*np.flatnonzero(np.diff(bins, prepend=-1)).tolist(), len(bins)]
    items: dict[int, Items] = {}
    for start, end in pairwise(edges):
        things = zip(sizes[start:end].tolist(), profits[start:end].tolist(), strict=True)
        items[int(bins[start])] = list(things)
    at_sites = 0
    for team in tables.teams:
        worth = [worth_of_posts(rooms, [items.pop(one, []) for one in held]) for held, rooms in team.sites]
        at_sites += most_gained(team.posts, worth)
    in_bins = sum(best_value(things, int(tables.capacity[one])) for one, things in items.items())
    return int(sum(least.tolist())) - in_bins - at_sites


def _weighted(costs: Sequence[Ints], weights: Sequence[int]) -> NDArray[Any]:
    """Return the weighted sum of the first costs; in Python's own integers where 64 bits could overflow."""
    used = costs[: len(weights)]
    largest = sum(weight * int(cost.max(initial=0)) for weight, cost in zip(weights, used, strict=True))
    kind = np.int64 if largest < LARGEST else object
    total = np.zeros(len(used[0]), kind)
    for weight, cost in zip(weights, used, strict=True):
        total = total + cost.astype(kind) * weight
    return total
