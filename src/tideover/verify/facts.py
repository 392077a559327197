"""The figures of ``plan.json``: counts, pools, hours, totals, and cost, bound and gap of every level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any

from tideover.nouns.plan import MOVED
from tideover.verify.bound import Level
from tideover.verify.case import IN_A_SESSION, Case
from tideover.verify.cover import Cover, pools
from tideover.verify.decisions import Decision
from tideover.verify.verdict import Findings


@dataclass(frozen=True)
class Figures:
    """Cost, bound and gap of the whole plan: the last level's weighted sum."""

    cost: int
    bound: int
    gap: float | None


def check_frame(case: Case, facts: Mapping[str, Any], findings: Findings) -> None:
    """Check the unit, the window and the pools."""
    findings.compare("unit", "plan.json, unit_minutes", facts["unit_minutes"], case.unit)
    window = [case.first.isoformat(), case.last.isoformat()]
    findings.compare("window", "plan.json, window", facts["window"], window)
    expected = {(p.pool_id, p.date.isoformat()): p for p in pools(case)}
    found = {(row["pool_id"], row["date"]): row for row in facts["pools"]}
    findings.compare("pools", "plan.json, pools", sorted(found), sorted(expected))
    for key in sorted(found.keys() & expected.keys()):
        row, pool = found[key], expected[key]
        for name in ("posts", "working", "stand_posts", "standby_posts"):
            findings.compare("pools", f"plan.json, pool {key[0]}, {name}", row[name], getattr(pool, name))
        share = float(row["working_share"])
        findings.compare("pools", f"plan.json, pool {key[0]}, working_share", share, pool.working_share)
        members = sorted(row["clinics"])
        findings.compare("pools", f"plan.json, pool {key[0]}, clinics", members, list(pool.clinics))


def check_counts(
    case: Case, decisions: Sequence[Decision], facts: Mapping[str, Any], findings: Findings
) -> None:
    """Check the counts of visits by what happens to them."""
    options = [decision.option for decision in decisions]
    expected = {
        "booked": len(case.visits),
        "affected": sum(visit.affected for visit in case.visits.values()),
        "moved": sum(option in MOVED for option in options),
        "unsafe_urgent": sum(_unsafe(decision) for decision in decisions if decision.visit.urgency <= 2),
    }
    expected |= {
        name: options.count(name)
        for name in ("stand", "another_site", "standby", "video", "urgent_care", "waitlist")
    }
    for name, number in expected.items():
        findings.compare("counts", f"plan.json, counts.{name}", facts["counts"][name], number)


def _unsafe(decision: Decision) -> bool:
    held = decision.start if decision.option in IN_A_SESSION else decision.visit.start
    return decision.option == "waitlist" or held.date() > decision.visit.safe_by


def check_hours(
    decisions: Sequence[Decision], cover: Sequence[Cover], facts: Mapping[str, Any], findings: Findings
) -> None:
    """Check the table of hours: booked visits by what happens to them, and the units on which they stand."""
    expected: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for decision in decisions:
        hour = expected[decision.visit.day.isoformat(), decision.visit.start.hour]
        hour["booked"] += 1
        hour["affected"] += decision.visit.affected
        hour["stand"] += decision.option == "stand"
        hour["standby"] += decision.option == "standby"
    for one in cover:
        if one.option == "stand":
            expected[one.date.isoformat(), one.hour]["stand_units"] += one.units
    found = {(row["date"], row["hour"]): row for row in facts["hours"]}
    for key in sorted(found.keys() | expected.keys()):
        for name in ("booked", "affected", "stand_units", "stand", "standby"):
            where = f"plan.json, hours, {key[0]} at {key[1]}, {name}"
            findings.compare("hours", where, found.get(key, {}).get(name, 0), expected[key][name])


def check_terms(
    case: Case, decisions: Sequence[Decision], facts: Mapping[str, Any], findings: Findings
) -> None:
    """Check the total of every cost term."""
    totals = {term: sum(d.points[term] for d in decisions) for term in case.policy.terms}
    findings.compare("terms", "plan.json, terms", sorted(facts["terms"]), sorted(totals))
    for term in sorted(totals.keys() & facts["terms"].keys()):
        findings.compare("terms", f"plan.json, terms.{term}", facts["terms"][term], totals[term])


def levels_of(case: Case, facts: Mapping[str, Any], findings: Findings) -> list[Level] | None:
    """Return the levels with the plan's weights, or ``None`` where names, terms or weights do not fit."""
    ordered = case.policy.levels
    if not findings.compare("levels", "plan.json, number of levels", len(facts["levels"]), len(ordered)):
        return None
    fits, made = True, []
    for number, (row, terms) in enumerate(zip(facts["levels"], ordered, strict=True)):
        where, weights = f"plan.json, levels[{number}]", row["weights"]
        fits &= findings.compare("levels", f"{where}.name", row["name"], "+".join(terms))
        fits &= findings.compare("levels", f"{where}.terms", row["terms"], list(terms))
        if len(weights) != number + 1 or min(weights) < 1:
            findings.add(
                "levels", f"{where}.weights: found {weights}; expected {number + 1} numbers, all at least 1"
            )
            fits = False
        weight_of = {term: weight for level, weight in zip(ordered, weights, strict=False) for term in level}
        made.append(Level(tuple(terms), tuple(weights), weight_of))
    return made if fits else None


def check_levels(
    rows: Sequence[Mapping[str, Any]],
    levels: Sequence[Level],
    decided: tuple[Sequence[int], Sequence[int]],
    relaxed: Sequence[int],
    findings: Findings,
) -> None:
    """Check cost, bound and gap of every level; formulation (17).

    ``decided`` are the points of every level, of all decisions and of the pinned ones alone.
    """
    costs, pinned = decided
    for number, level in enumerate(levels):
        *before, own = level.weights
        rest = relaxed[number] + _sum(pinned, level.weights) - _sum(costs, before)
        bound = max(pinned[number], -(-rest // own))  # rounded up
        where, row = f"plan.json, levels[{number}]", rows[number]
        findings.compare("levels", f"{where}.cost", row["cost"], costs[number])
        findings.compare("levels", f"{where}.bound", row["bound"], bound)
        findings.compare("levels", f"{where}.gap", row["gap"], costs[number] - bound)
        _compare_shares(f"{where}.gap_share", row["gap_share"], _share(costs[number], bound), findings)


def check_whole(
    facts: Mapping[str, Any],
    last: Level,
    decided: tuple[Sequence[int], Sequence[int]],
    relaxed: int,
    findings: Findings,
) -> Figures:
    """Check cost, bound and gap of the plan, and return them; formulation (18)."""
    cost, pinned = (_sum(points, last.weights) for points in decided)
    bound = max(relaxed + pinned, pinned)
    gap = _share(cost, bound)
    findings.compare("levels", "plan.json, cost", facts["cost"], cost)
    findings.compare("levels", "plan.json, bound", facts["bound"], bound)
    _compare_shares("plan.json, gap", facts["gap"], gap, findings)
    return Figures(cost, bound, gap)


def decided_points(
    case: Case, decisions: Sequence[Decision], levels: Sequence[Level]
) -> tuple[list[int], list[int]]:
    """Return the points of every level: of all decisions, and of the pinned ones alone."""
    pinned = [decision for decision in decisions if decision.visit.visit_id in case.pins]
    of_all, of_pinned = (
        [sum(decision.points[term] for decision in some for term in level.terms) for level in levels]
        for some in (decisions, pinned)
    )
    return of_all, of_pinned


def check_totals(
    facts: Mapping[str, Any],
    levels: Sequence[Level],
    decided: tuple[Sequence[int], Sequence[int]],
    relaxed: Sequence[int],
    findings: Findings,
) -> Figures:
    """Check cost, bound and gap of every level and of the whole, and return those of the whole.

    ``decided`` are the points of every level, of all decisions and of the pinned ones alone; ``relaxed`` is
    B_l of every level without the pinned ones.
    """
    check_levels(facts["levels"], levels, decided, relaxed, findings)
    return check_whole(facts, levels[-1], decided, relaxed[-1], findings)


def _sum(values: Sequence[int], weights: Sequence[int]) -> int:
    return sum(weight * value for weight, value in zip(weights, values, strict=False))


def _share(cost: int, bound: int) -> float | None:
    if cost == bound:
        return 0.0
    return (cost - bound) / cost if cost else None


def _compare_shares(where: str, found: float | None, expected: float | None, findings: Findings) -> None:
    if found is None or expected is None:
        if found is not expected:
            findings.add("levels", f"{where}: found {found}; expected {expected}")
    elif not isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12):
        findings.add("levels", f"{where}: found {found}; expected {expected}")
