"""The command that tries a finished plan on many days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tideover.cases import Chances, DaysResult, chances_under, reading_facts, run_days
from tideover.claims import read_ledger, read_reading
from tideover.cli.say import progress, say, say_json
from tideover.cli.words import SYNTHETIC, days_lines, plain
from tideover.errors import Fault, InputError
from tideover.readers import check_target
from tideover.reports import DAYS_MARK, DAYS_OUTPUTS, write_days
from tideover.reports.days import assumed
from tideover.verify.check import confirm

#: More processes than this help nobody.
MOST_WORKERS = 64


@dataclass(frozen=True)
class DaysFiles:
    """Where the files of a run over many days are."""

    plan: Path
    out: Path | None = None
    network: Path | None = None


def days(files: DaysFiles, stated: Mapping[str, Any], name: str, workers: int, *, as_json: bool) -> int:
    """Verify a plan and try it on many days; write them where an output folder is named.

    What is not ``stated`` is taken from the reading of this ``name``.
    """
    reading = read_reading(name, read_ledger())
    chances = chances_under(reading, {key: value for key, value in stated.items() if value is not None})
    faults = chances.faults() + worker_faults(workers)
    if not (files.plan / "plan.json").is_file():
        found = "no plan.json" if files.plan.is_dir() else "no folder"
        remedy = "Name the folder that strike wrote."
        faults.append(Fault(str(files.plan), None, None, found, "a plan folder", remedy))
    if faults:
        raise InputError(faults)
    if files.out is not None:
        check_target(files.out, DAYS_MARK, DAYS_OUTPUTS)  # now, not after the work
    facts, outlook, result = _tried(files, chances, workers)
    outlook["reading"] = reading_facts(reading, reading.asked)
    if files.out is not None:
        write_days(facts, outlook, result, files.out)
    if as_json:
        say_json({**outlook, "out": None if files.out is None else str(files.out)})
        return 0
    _say_days(facts, outlook, files)
    return 0


def _tried(
    files: DaysFiles, chances: Chances, workers: int
) -> tuple[Mapping[str, Any], dict[str, Any], DaysResult]:
    with progress(2) as report:
        report("checking the plan")
        verdict, plan = confirm(files.plan, files.network)
        if plan is None:
            remedy = "Make the plan again, or name its network with --network."
            raise InputError(
                [
                    Fault(str(files.plan), None, None, text, "a plan that verify confirms", remedy)
                    for text in verdict.differences or ("a shared instance without visits",)
                ]
            )
        report(f"trying {chances.days:,} days")
        case = plan.case
        decisions = pl.read_parquet(files.plan / "decisions.parquet")
        outlook, result = run_days(case.scenario, case.policy, case.as_of, decisions, chances, workers)
    return plan.facts, outlook, result


def worker_faults(workers: int) -> list[Fault]:
    """Return a fault for a number of processes out of bounds."""
    if 1 <= workers <= MOST_WORKERS:
        return []
    remedy = "State how many processors there are, or leave it out."
    return [Fault("--workers", None, None, str(workers), f"1 to {MOST_WORKERS}", remedy)]


def _say_days(facts: Mapping[str, Any], found: Mapping[str, Any], files: DaysFiles) -> None:
    if facts["network"]["synthetic"]:
        say(SYNTHETIC)
        say()
    for line in days_lines(found)[1:]:
        say(line)
    say()
    say(plain(assumed(found)))
    say(f"Reading {found['reading']['id']}: {found['reading']['title']}.")
    if files.out is not None:
        say()
        say(f"Written to {files.out}: days.html to read, days.parquet with every day, days.json")
