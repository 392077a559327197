"""The sentences of the command line, and the JSON that other programs rely on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tideover.cases import StrikeResult
from tideover.nouns import Network, Note
from tideover.verify import Verdict

_FILES = {
    "report.html": "the page to read first",
    "calls.csv": "who must be told, in what order, by when",
    "decisions.csv": "what happens to each booked visit (decisions.parquet: the same)",
    "scorecard.json": "before, after, difference, by group",
    "plan.json": "inputs, choices, costs and bounds; duals.parquet proves them",
}
SYNTHETIC = "Synthetic people, clinics, rosters, books and pay. Says nothing about any real organisation."


def size_of(network: Network) -> str:
    """Return one sentence about how large the network is."""
    visits = network.visits
    days = visits["start"].dt.date()
    name = f"{network.name}: " if network.name else ""
    return (
        f"{name}{visits.height:,} visits from {days.min()} to {days.max()} at {network.clinics.height:,} clinics, "
        f"{network.sessions.height:,} sessions, {network.patients.height:,} patients."
    )


def note(found: Note) -> str:
    """Return a note as a line."""
    rows = "" if found.rows is None else f" ({found.rows:,})"
    return f"{found.kind}: {found.about}{rows}: {found.text}"


def strike_json(result: StrikeResult, out: Path) -> dict[str, Any]:
    """Return the keys of ``strike --json``."""
    facts = result.plan.facts
    levels = [{key: level[key] for key in ("name", "cost", "bound", "first_come")} for level in facts["levels"]]
    return {
        **facts["counts"],
        "minimum_safe_cover": facts["minimum_safe_cover"],
        "cost": facts["cost"],
        "bound": facts["bound"],
        "gap": facts["gap"],
        "levels": levels,
        "later": facts["later"],
        "out": str(out),
    }


def strike_lines(result: StrikeResult, out: Path, files: Iterable[str]) -> list[str]:
    """Return what a planner reads after a run: the day, the numbers, the proof, the files."""
    facts = result.plan.facts
    count = facts["counts"]
    lines = [SYNTHETIC, ""] if facts["network"]["synthetic"] else []
    pools = facts["pools"]
    dates = sorted({pool["date"] for pool in pools})
    shares = sorted({pool["working_share"] for pool in pools})
    share = " and ".join(f"{value:.0%}" for value in shares)
    lines += [
        f"Strike on {', '.join(dates)}: {sum(p['posts'] for p in pools):,} struck posts, {share} of them worked; "
        f"planned as of {facts['as_of']}.",
        "",
        f"  {count['booked']:>7,}  visits booked, {count['affected']:,} of them in struck sessions",
    ]
    for key, text in _OUTCOMES:
        lines.append(f"  {count[key]:>7,}  {text}")
    lines += ["", _unsafe(facts), "", *_levels(facts)]
    lines += [*_later(facts), "", f"Written to {out}:"]
    lines += [f"  {name:<16} {text}" for name, text in _FILES.items() if name in set(files)]
    return [*lines, f"Check it with: tideover verify {out}"]


_OUTCOMES = (
    ("stand", "stand as booked"),
    ("standby", "wait on standby for the morning"),
    ("moved", "move to another time"),
    ("video", "are held by video"),
    ("urgent_care", "go to urgent care"),
    ("waitlist", "stay on the wait-list, without a date"),
)


def _unsafe(facts: dict[str, Any] | Any) -> str:
    unsafe = facts["counts"]["unsafe_urgent"]
    if not unsafe:
        return "No urgent visit (urgency 1 or 2) is held after its safe-by date."
    need = facts["minimum_safe_cover"]["sessions"]
    return f"{unsafe:,} urgent visits are held too late or not at all; {need:,} extra half-day sessions would hold them."


def _levels(facts: dict[str, Any] | Any) -> list[str]:
    lines = ["Level by level (points; no plan can cost less than the bound):"]
    for level in facts["levels"]:
        proof = "proven best" if level["gap"] == 0 else f"at most {level['gap_share']:.2%} above the best"
        name = level["name"] if len(level["terms"]) < 3 else f"burden of {len(level['terms'])} terms"
        lines.append(
            f"  {name:<20} cost {level['cost']:>10,}   bound {level['bound']:>10,}   {proof}; "
            f"first come, first served: {level['first_come']:,}"
        )
    return lines


def _later(facts: dict[str, Any] | Any) -> list[str]:
    later = facts["later"]
    if later is None:
        return []
    day, rest = later["strike_day"], later["other_days"]
    return [
        "",
        f"Booked after {facts['as_of']}, so unknown to the plan: {day['visits']:,} visits in struck sessions "
        f"({day['met']:,} fit the cover kept free, {day['not_met']:,} do not), {rest['visits']:,} on other days "
        f"({rest['met']:,} fit, {rest['not_met']:,} do not).",
    ]


def verdict_lines(verdict: Verdict) -> list[str]:
    """Return what a reader of a verdict needs: yes or no, why not, and how far it goes."""
    if verdict.ok:
        head = f"{verdict.path}: every rule, cost and bound was found again."
        return [head, f"  {verdict.scope}"]
    count = len(verdict.differences)
    return [f"{verdict.path}: {count} differences.", *(f"  - {text}" for text in verdict.differences), f"  {verdict.scope}"]
