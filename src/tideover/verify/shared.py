"""A shared instance, checked by itself: capacity, each item once, cost and bound by level.

Nothing here knows a visit, a rule or a date. What the numbers stand for cannot be checked; ``SCOPE`` says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tideover.verify.bound import Level
from tideover.verify.facts import Figures, check_totals
from tideover.verify.files import read_parquet, sha256_of
from tideover.verify.shape import LEVELS, NUMBER, Each, Maybe, misfits
from tideover.verify.tables import (
    TABLES,
    Tables,
    arrays,
    check_capacity,
    chosen_costs,
    fit,
    relaxed_value,
    table_columns,
)
from tideover.verify.verdict import Findings

WARNING = (
    "Names are gone, anonymity is not: sizes, points and allowed pairs can point at a patient for whoever "
    "knows something of the day. Keep and pass on the folder as health data."
)
SCOPE = (
    "Made again from the shared tables: each item once and on an allowed pair, sizes within capacities, the "
    "posts sent, the cost of every level from the chosen pairs, the bound of every level from the prices. "
    "Cannot be checked without the book: that sizes, costs, posts, capacities and allowed pairs follow from "
    "it and from the rules, that no pair, bin or visit was left out or added, the forecast behind the "
    "reserve, the working share, the cost of pinned visits, that no patient is in two places at once, and "
    "anything else that the plan's folder says. Whoever holds the book can write the instance again "
    "with the same salt and compare the fingerprints."
)

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
    "levels": LEVELS,
    "cost": int,
    "bound": int,
    "gap": Maybe(NUMBER),
    "scope": str,
    "cannot_be_checked": str,
    "warning": str,
    "files": Each(str),
}


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
    if len(whole) < len(TABLES) or not fit(whole, len(levels), findings):
        return None
    return _check_tables(arrays(whole, len(levels)), levels, facts, findings)


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


def _check_tables(
    tables: Tables, levels: Sequence[Level], facts: Mapping[str, Any], findings: Findings
) -> Figures | None:
    too_large = tables.size[tables.item] > tables.widest[tables.bin]
    if too_large.any():
        number = int(np.argmax(too_large))
        findings.add(
            "capacity",
            f"pairs.parquet: found item {tables.item[number]} in bin {tables.bin[number]}, too small for it; "
            "expected only pairs that fit",
        )
    check_capacity(tables, findings)
    costs = chosen_costs(tables, findings)
    _check_counts(tables, facts, findings)
    if costs is None:
        return None
    pinned = facts["pinned"]["cost"]
    whole = [cost + fixed for cost, fixed in zip(costs, pinned, strict=True)]
    relaxed = [relaxed_value(tables, number, level.weights) for number, level in enumerate(levels)]
    return check_totals(facts, levels, (whole, pinned), relaxed, findings)


def _check_counts(tables: Tables, facts: Mapping[str, Any], findings: Findings) -> None:
    kinds = [tables.kind[number] if number >= 0 else "waitlist" for number in tables.chosen.tolist()]
    expected = {"items": len(kinds), "elsewhere": kinds.count("open")}
    expected |= {kind: kinds.count(kind) for kind in ("stand", "standby", "waitlist")}
    for name, number in expected.items():
        findings.compare("counts", f"plan.json, counts.{name}", facts["counts"][name], number)
