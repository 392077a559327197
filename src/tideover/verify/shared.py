"""A shared instance, checked by itself: capacity, each item once, cost and bound by level.

Nothing here knows a visit, a rule or a date. What the numbers stand for cannot be checked; ``SCOPE`` says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tideover.verify.bound import LARGEST, Level, best_value
from tideover.verify.facts import Figures, check_totals
from tideover.verify.files import read_parquet, sha256_of
from tideover.verify.instance import BIN_KINDS, cost_columns
from tideover.verify.shape import NUMBER, Each, Maybe, misfits
from tideover.verify.verdict import Findings

Ints = NDArray[np.int64]

WARNING = (
    "Names are gone, anonymity is not: sizes, points and allowed pairs can point at a patient for whoever "
    "knows something of the day. Keep and pass on the folder as health data."
)
SCOPE = (
    "Made again from the shared tables: each item once and on an allowed pair, sizes within capacities, the "
    "cost of every level from the chosen pairs, the bound of every level from the prices. "
    "Cannot be checked without the book: that sizes, costs, capacities and allowed pairs follow from it and "
    "from the rules, that no pair, bin or visit was left out or added, the forecast behind the reserve, the "
    "working share, the cost of pinned visits, that no patient is in two places at once, and anything else "
    "that the plan's folder says. Whoever holds the book can write the instance again with the same salt and "
    "compare the fingerprints."
)

#: The tables of an instance with the columns that do not depend on the number of levels.
TABLES: Mapping[str, dict[str, pl.DataType]] = {
    "items": {"item": pl.Int64(), "size": pl.Int64()},
    "bins": {"bin": pl.Int64(), "kind": pl.String(), "capacity": pl.Int64()},
    "pairs": {"item": pl.Int64(), "bin": pl.Int64()},
    "chosen": {"item": pl.Int64(), "bin": pl.Int64()},
    "prices": {"level": pl.Int64(), "item": pl.Int64(), "price": pl.Int64()},
}
_WITH_COSTS = ("items", "pairs")
#: No unit is below a minute and no visit or interval above a day of a thousand posts.
_MOST_UNITS = 1_440_000

#: What ``plan.json`` of a shared instance looks like.
SHAPE = {
    "tideover": str,
    "kind": str,
    "synthetic": bool,
    "of_plan": str,
    "unit_minutes": int,
    "policy": {"weights": Each(int), "levels": [[str]]},
    "counts": {"items": int, "stand": int, "standby": int, "elsewhere": int, "waitlist": int},
    "pinned": {"visits": int, "cost": [int]},
    "levels": [
        {
            "name": str,
            "terms": [str],
            "weights": [int],
            "cost": int,
            "bound": int,
            "gap": int,
            "gap_share": Maybe(NUMBER),
        }
    ],
    "cost": int,
    "bound": int,
    "gap": Maybe(NUMBER),
    "scope": str,
    "cannot_be_checked": str,
    "warning": str,
    "files": Each(str),
}


@dataclass(frozen=True)
class _Tables:
    """The tables as arrays; items and bins are numbered from 0. ``chosen`` is -1 on the wait-list."""

    size: Ints
    waiting: Sequence[Ints]
    kind: Sequence[str]
    capacity: Ints
    item: Ints
    bin: Ints
    cost: Sequence[Ints]
    chosen: Ints
    prices: Sequence[Ints]


def table_columns(name: str, levels: int) -> dict[str, pl.DataType]:
    """Return the columns of a table of an instance with that many levels."""
    costs = cost_columns(levels) if name in _WITH_COSTS else []
    return {**TABLES[name], **dict.fromkeys(costs, pl.Int64())}


def check_shared(folder: Path, facts: Any, findings: Findings) -> Figures | None:
    """Check a shared instance and return its figures as recomputed, ``None`` where that cannot be done."""
    for sentence in misfits(facts, SHAPE, "plan.json"):
        findings.add("plan.json", sentence)
    if len(findings):
        return None
    if not 1 <= facts["unit_minutes"] <= 480:
        findings.add("unit", f"plan.json, unit_minutes: found {facts['unit_minutes']}; expected 1 to 480")
    tables = sorted(f"{name}.parquet" for name in TABLES)
    findings.compare("files", "plan.json, files", sorted(facts["files"]), tables)
    for name, digest in sorted(facts["files"].items()):
        findings.compare("files", f"{name}, SHA-256", sha256_of(folder / Path(name).name), digest)
    levels = _levels(facts, findings)
    if levels is None:
        return None
    frames = {}
    for name in TABLES:
        digest = facts["files"].get(f"{name}.parquet")
        columns = table_columns(name, len(levels))
        frames[name] = read_parquet(folder / f"{name}.parquet", columns, digest, findings)
    whole = {name: frame for name, frame in frames.items() if frame is not None}
    if len(whole) < len(TABLES) or not _fit(whole, len(levels), findings):
        return None
    return _check_tables(_arrays(whole, len(levels)), levels, facts, findings)


def _levels(facts: Mapping[str, Any], findings: Findings) -> list[Level] | None:
    made, before = [], len(findings)
    ordered = facts["policy"]["levels"]
    terms = [term for level in ordered for term in level]
    if not ordered or sorted(terms) != sorted(facts["policy"]["weights"]):
        findings.add("levels", "plan.json, policy: found levels that do not hold each weight's term once")
    findings.compare("levels", "plan.json, number of levels", len(facts["levels"]), len(ordered))
    findings.compare("levels", "plan.json, pinned.cost", len(facts["pinned"]["cost"]), len(ordered))
    if not all(cost >= 0 for cost in facts["pinned"]["cost"]):
        findings.add("levels", "plan.json, pinned.cost: found a cost below 0; expected none")
    for number, row in enumerate(facts["levels"]):
        where, weights = f"plan.json, levels[{number}]", row["weights"]
        if number < len(ordered):
            findings.compare("levels", f"{where}.terms", row["terms"], ordered[number])
            findings.compare("levels", f"{where}.name", row["name"], "+".join(ordered[number]))
        if len(weights) != number + 1 or min(weights) < 1:
            findings.add(
                "levels", f"{where}.weights: found {weights}; expected {number + 1} numbers, all at least 1"
            )
        made.append(Level(tuple(row["terms"]), tuple(weights), {}))
    return made if len(findings) == before else None


def _fit(frames: Mapping[str, pl.DataFrame], levels: int, findings: Findings) -> bool:
    """Whether every cell is filled and points at something; chosen bins may be empty: the wait-list."""
    before = len(findings)
    items, bins, pairs, chosen, prices = (frames[name] for name in TABLES)
    for name, frame in frames.items():
        columns = [column for column in frame.columns if (name, column) != ("chosen", "bin")]
        if sum(frame.select(columns).null_count().row(0)):
            findings.add("tables", f"{name}.parquet: found empty cells; expected none")
    for frame, key, name in ((items, "item", "items"), (bins, "bin", "bins"), (chosen, "item", "chosen")):
        numbered = frame[key].to_list() == list(range(items.height if key == "item" else bins.height))
        if not numbered:
            findings.add("tables", f"{name}.parquet: found {key} numbers that are not 0, 1, 2 ..., each once")
    _within(pairs["item"], items.height, "pairs.parquet, item", findings)
    _within(pairs["bin"], bins.height, "pairs.parquet, bin", findings)
    _within(chosen["bin"].drop_nulls(), bins.height, "chosen.parquet, bin", findings)
    _within(items["size"], _MOST_UNITS + 1, "items.parquet, size", findings, least=1)
    _within(bins["capacity"], _MOST_UNITS + 1, "bins.parquet, capacity", findings, least=1)
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
    return len(findings) == before


def _within(values: pl.Series, end: int, where: str, findings: Findings, least: int = 0) -> None:
    wrong = values.filter((values < least) | (values >= end))
    if len(wrong):
        findings.add("tables", f"{where}: found {wrong[0]}; expected {least} to {end - 1}")


def _arrays(frames: Mapping[str, pl.DataFrame], levels: int) -> _Tables:
    items, bins, pairs, chosen, prices = (frames[name] for name in TABLES)
    names = cost_columns(levels)
    ordered = prices.sort("level", "item")["price"].to_numpy().reshape(levels, items.height)
    return _Tables(
        size=items["size"].to_numpy(),
        waiting=[items[name].to_numpy() for name in names],
        kind=bins["kind"].to_list(),
        capacity=bins["capacity"].to_numpy(),
        item=pairs["item"].to_numpy(),
        bin=pairs["bin"].to_numpy(),
        cost=[pairs[name].to_numpy() for name in names],
        chosen=chosen["bin"].fill_null(-1).to_numpy(),
        prices=list(ordered),
    )


def _check_tables(
    tables: _Tables, levels: Sequence[Level], facts: Mapping[str, Any], findings: Findings
) -> Figures | None:
    too_large = tables.size[tables.item] > tables.capacity[tables.bin]
    if too_large.any():
        number = int(np.argmax(too_large))
        findings.add(
            "capacity",
            f"pairs.parquet: found item {tables.item[number]} in bin {tables.bin[number]}, too small for it; "
            "expected only pairs that fit",
        )
    _check_capacity(tables, findings)
    costs = _chosen_costs(tables, findings)
    _check_counts(tables, facts, findings)
    if costs is None:
        return None
    pinned = facts["pinned"]["cost"]
    whole = [cost + fixed for cost, fixed in zip(costs, pinned, strict=True)]
    relaxed = [_relaxed(tables, number, level.weights) for number, level in enumerate(levels)]
    return check_totals(facts, levels, (whole, pinned), relaxed, findings)


def _check_capacity(tables: _Tables, findings: Findings) -> None:
    placed = tables.chosen >= 0
    load = np.bincount(tables.chosen[placed], tables.size[placed], minlength=len(tables.capacity))
    for number in np.flatnonzero(load > tables.capacity):
        findings.add(
            "capacity",
            f"chosen.parquet: found {load[number]:.0f} units in bin {number}; "
            f"expected at most {tables.capacity[number]}",
        )


def _chosen_costs(tables: _Tables, findings: Findings) -> list[int] | None:
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


def _check_counts(tables: _Tables, facts: Mapping[str, Any], findings: Findings) -> None:
    kinds = [tables.kind[number] if number >= 0 else "waitlist" for number in tables.chosen.tolist()]
    expected = {"items": len(kinds), "elsewhere": kinds.count("open")}
    expected |= {kind: kinds.count(kind) for kind in ("stand", "standby", "waitlist")}
    for name, number in expected.items():
        findings.compare("counts", f"plan.json, counts.{name}", facts["counts"][name], number)


def _relaxed(tables: _Tables, number: int, weights: Sequence[int]) -> int:
    """Return B_l of the items: the sum of p' less the best of every bin's knapsack; formulation (17)."""
    waiting = _weighted(tables.waiting, weights)
    least = np.minimum(tables.prices[number].astype(waiting.dtype), waiting)
    profit = least[tables.item] - _weighted(tables.cost, weights)
    kept = np.flatnonzero(np.asarray(profit > 0, np.bool_))
    kept = kept[np.argsort(tables.bin[kept], kind="stable")]
    sizes, profits, bins = tables.size[tables.item[kept]], profit[kept], tables.bin[kept]
    edges = [*np.flatnonzero(np.diff(bins, prepend=-1)).tolist(), len(bins)]
    in_bins = 0
    for start, end in pairwise(edges):
        things = list(zip(sizes[start:end].tolist(), profits[start:end].tolist(), strict=True))
        in_bins += best_value(things, int(tables.capacity[bins[start]]))
    return int(sum(least.tolist())) - in_bins


def _weighted(costs: Sequence[Ints], weights: Sequence[int]) -> NDArray[Any]:
    """Return the weighted sum of the first costs; in Python's own integers where 64 bits could overflow."""
    used = costs[: len(weights)]
    largest = sum(weight * int(cost.max(initial=0)) for weight, cost in zip(weights, used, strict=True))
    kind = np.int64 if largest < LARGEST else object
    total = np.zeros(len(used[0]), kind)
    for weight, cost in zip(weights, used, strict=True):
        total = total + cost.astype(kind) * weight
    return total
