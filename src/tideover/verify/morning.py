"""The morning: the cover that a plan says is known, as far as it can be checked; formulation (30)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from tideover.disruptions import with_known_cover
from tideover.errors import InputError
from tideover.nouns import Scenario
from tideover.nouns.scenario import KNOWN
from tideover.readers import read_held
from tideover.verify.verdict import Findings

#: Fewer posts than this say too much of persons.
FEWEST_POSTS = 10


def on_morning(
    scenario: Scenario, facts: Mapping[str, Any], held: Path | None, findings: Findings
) -> tuple[Scenario, date | None]:
    """Return the scenario with the cover that the plan says is known, and the date of that morning.

    Without ``held``, the minutes are taken as the plan states them, up to what was scheduled. With it (the
    file of the sessions that will be held, by whoever has it), they are summed again.
    """
    said = facts["morning"]
    if said is None:
        if held is not None:
            findings.add(
                "morning", "plan.json, morning: found nothing; expected a morning, as --held was given"
            )
        return scenario, None
    day = min(scenario.strike_dates, default=None)
    if not findings.compare("morning", "plan.json, morning.date", said["date"], str(day)) or day is None:
        return scenario, None
    small = scenario.pools.filter((pl.col("date") == day) & (pl.col("posts") < FEWEST_POSTS))
    where = f"pools with fewer than {FEWEST_POSTS} posts on {day}"
    findings.compare("morning", where, small["pool_id"].to_list(), [])
    rows = [(row["pool_id"], day, row["hour"], row["held_minutes"]) for row in said["held"]]
    known = pl.DataFrame(rows, schema=KNOWN, orient="row")
    _check_minutes(scenario, known, day, findings)
    if held is not None:
        _check_sums(scenario, known, held, findings)
    return scenario.replace(known=known), day


def _check_minutes(scenario: Scenario, known: pl.DataFrame, day: date, findings: Findings) -> None:
    planned = scenario.cover.filter(pl.col("date") == day)
    most = {(pool, hour): minutes for pool, _, hour, minutes in planned.iter_rows()}
    found = sorted((pool, hour) for pool, _, hour, _ in known.iter_rows())
    findings.compare("morning", "plan.json, morning.held, pools and hours", found, sorted(most))
    for pool, _, hour, minutes in known.iter_rows():
        if not 0 <= minutes <= most.get((pool, hour), minutes):
            where = f"plan.json, morning.held, {pool}, hour {hour}"
            findings.add("morning", f"{where}: found {minutes} minutes; expected at most {most[pool, hour]}")


def _check_sums(scenario: Scenario, known: pl.DataFrame, held: Path, findings: Findings) -> None:
    try:
        again = with_known_cover(scenario, read_held(held)).known
    except InputError as error:
        for fault in error.faults:
            findings.add("morning", f"sessions held: {fault}")
        return
    expected = {(pool, hour): minutes for pool, _, hour, minutes in again.iter_rows()}
    for pool, _, hour, minutes in known.sort("pool_id", "hour").iter_rows():
        where = f"plan.json, morning.held, {pool}, hour {hour}"
        findings.compare("morning", where, minutes, expected.get((pool, hour)))
