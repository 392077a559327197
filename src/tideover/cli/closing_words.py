"""The words of ``tideover close``: what a planner reads, and what a program gets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from tideover.cases.closing import ClosingResult
from tideover.cli.words import SYNTHETIC, reading_line
from tideover.reports.closing import VISITS, headline, lacking, moved, proof
from tideover.reports.closing_tables import TERM_WORDS
from tideover.reports.words import plural

#: Receiving clinics that the terminal shows; the page has all.
_SHOWN = 8


def closing_json(result: ClosingResult, out: Path) -> dict[str, Any]:
    """Return the figures of a closing as plain JSON values."""
    facts = result.facts
    counts = facts["counts"]
    return {
        **{name: counts[name] for name in ("patients", "households", "placed", "unplaced")},
        **{name: facts[name] for name in ("cost", "bound", "gap", "levels", "terms", "scope", "shortfall")},
        "moves": facts["choices"][facts["chosen"]],
        "visits": None if result.visits is None else dict(result.visits.plan.facts["counts"]),
        "reading": facts["reading"],
        "out": str(out),
    }


def closing_lines(result: ClosingResult, out: Path) -> list[str]:
    """Return what a planner reads after clinics were closed."""
    facts = result.facts
    found = [SYNTHETIC, ""] if facts["network"]["synthetic"] else []
    found += [headline(facts), "", *reading_line(facts)]
    counts = facts["counts"]
    found += [
        f"  {counts['patients']:>9,}  patients, {plural(counts['households'], 'household')}, need a place",
        f"  {counts['placed']:>9,}  have one",
        f"  {counts['unplaced']:>9,}  have none",
        "",
    ]
    found += [f"  - {sentence}" for sentence in (*lacking(facts), *moved(facts))]
    found += ["", "What it costs, in points: fewer are better"]
    found += [f"  {facts['terms'][name]:>9,}  {text}" for name, text in TERM_WORDS.items()]
    found += [f"  {facts['cost']:>9,}  in all", f"  {proof(facts)}", ""]
    found += _receivers(result)
    if result.visits is not None:
        found += ["", *_visits(result)]
    found += [f"  - {note['text']} ({note['rows']:,})" for note in facts["notes"] if note["rows"]]
    return [
        *found,
        "",
        f"Written to {out}",
        "  report.html        the page to read first; holds counts, no persons",
        "  transfers.parquet  where each person goes; letters.parquet: what to write to whom",
        "  load.parquet       receiving clinics and posts, before and after",
        "  plan.json          inputs, costs and bounds; duals.parquet proves them",
        "All but the report are personal health data: written for you alone to read.",
    ]


def _receivers(result: ClosingResult) -> list[str]:
    rows = result.load.filter(pl.col("level") == "clinic").with_columns(
        (pl.col("panel_after") - pl.col("panel_before")).alias("more")
    )
    rows = rows.filter(pl.col("more") > 0).sort("more", "clinic_id", descending=[True, False])
    heads = f"  {'receiving most':<28}{'people':>8}{'patients per full-time post':>30}"
    lines = [
        f"  {row['clinic_id'][:27]:<28}{row['more']:>8,.0f}"
        f"{_per(row['panel_per_fte_before']):>20} to {_per(row['panel_per_fte_after'])}"
        for row in rows.head(_SHOWN).iter_rows(named=True)
    ]
    return [heads, *lines] if lines else []


def _per(value: float | None) -> str:
    return "none" if value is None else f"{value:,.0f}"


def _visits(result: ClosingResult) -> list[str]:
    assert result.visits is not None  # noqa: S101 -- asked before
    counts = result.visits.plan.facts["counts"]
    moved = counts["affected"] - counts["stand"] - counts["waitlist"]
    said = (
        f"Of the visits booked at what closes, {counts['affected']:,} cannot be held there: {moved:,} move, "
        f"{counts['waitlist']:,} are left without a date. Their plan is in {VISITS}."
    )
    return [said]
