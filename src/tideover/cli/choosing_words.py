"""The words of ``close --rank`` and ``close --choose``: what a planner reads, and what a program gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tideover.cases.choosing import UNITS, ChoosingResult
from tideover.cli.words import SYNTHETIC, reading_line
from tideover.reports.choice import UNIT_WORDS, dollars, headline, names_of, sentences


def choosing_json(result: ChoosingResult, out: Path | None) -> dict[str, Any]:
    """Return the figures of a rank or a choice as plain JSON values."""
    left_out = ("network", "policy", "policy_sha256", "notes", "tideover")
    facts = {name: value for name, value in result.facts.items() if name not in left_out}
    return {**facts, "out": None if out is None else str(out)}


def choosing_lines(result: ChoosingResult, out: Path | None) -> list[str]:
    """Return what a planner reads of a rank or a choice."""
    facts, names = result.facts, names_of(result)
    found = [SYNTHETIC, ""] if facts["network"]["synthetic"] else []
    found += [headline(facts), "", *reading_line(facts)]
    if result.kind == "rank":
        found += _rank_lines(facts)
    else:
        found += [f"  {names[name]}" for name in facts["clinics"]]
        found += [
            "",
            *(_money_lines(facts) if facts["money"] else [f"  {facts['cost']:>12,}  {facts['unit']}"]),
        ]
        found += [f"  {facts['bound']:>12,}  no choice can cost less"]
        found += [f"  {facts['people']:>12,}  people change clinic; {facts['seconds']:.1f} s of search"]
    found += ["", *(f"  - {one}" for one in sentences(facts, names)), f"  - {facts['scope']}"]
    for one in facts["why"]:
        found += ["", *_why_lines(one, names)]
    if out is None:
        return [*found, "", "Nothing was written: --out DIR writes a page and what verify checks."]
    return [
        *found,
        "",
        f"Written to {out}",
        "  report.html  the page to read; holds counts, no persons",
        *(["  placed.parquet  where each person goes: for you alone to read"] if result.tables else []),
    ]


def _money_lines(facts: Mapping[str, Any]) -> list[str]:
    money = facts["money"]
    yearly, rate = dollars(money["open_per_year"]), dollars(money["per_hour"])
    return [
        f"  {money['harm']:>12,}  {UNITS[facts['objective']]}",
        f"  {money['standing']:>12,}  for clinics left open: {yearly} a year, an hour at {rate}",
        f"  {facts['cost']:>12,}  both together",
    ]


def _rank_lines(facts: Mapping[str, Any]) -> list[str]:
    def row(label: str, cost: float, clinics: Sequence[str] | None) -> str:
        """Return a line of the table: a set of clinics and what closing it costs."""
        which = "" if clinics is None else ", ".join(clinics)
        return f"  {label:<9}{cost:>10,.0f}  {which}"

    return [
        f"  {'':<9}{UNIT_WORDS[facts['measure']]}",
        row("best", facts["best"]["cost"], facts["best"]["clinics"]),
        row("this set", facts["cost"], facts["announced"]),
        row("median", facts["median"], None),
        row("worst", facts["worst"]["cost"], facts["worst"]["clinics"]),
        "",
        f"  Rank {facts['rank']:,} of {facts['of']:,}, in {facts['seconds']:.2f} s.",
        f"  It counts {facts['unit']}.",
    ]


def _why_lines(one: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    place = one["rank"]
    stands = f", number {place['rank']} of {place['of']} closings of one clinic" if place else ""
    found = [
        f"{names[one['clinic_id']]} alone: {one['people']:,} people, {one['minutes']:,} minutes more{stands}",
        f"  {'mean minutes; beyond standard':<32}{'people':>8}" + f"{'before':>9}{'after':>7}" * 2,
    ]
    rows = pl.DataFrame(one["groups"], infer_schema_length=None)
    for (group, member), part in rows.group_by("group", "member", maintain_order=True):
        cells = {row["measure"]: row for row in part.iter_rows(named=True)}
        near, far = cells["minutes"], cells["beyond"]
        label = f"{group}: {member}"[:31]
        if near["people"] is None:
            found.append(f"  {label:<32}withheld: a small group")
            continue
        figures = (
            _one(near["before"], 9),
            _one(near["after"], 7),
            _share(far["before"], 9),
            _share(far["after"], 7),
        )
        found.append(f"  {label:<32}{near['people']:>8,}{''.join(figures)}")
    return found


def _one(value: float | None, width: int) -> str:
    return f"{'-' if value is None else format(value, '.1f'):>{width}}"


def _share(value: float | None, width: int) -> str:
    return f"{'-' if value is None else format(100 * value, '.0f') + ' %':>{width}}"
