"""The command ``run``: all results of a case in one folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tideover.cases import NETWORK, CaseResult, read_case, run_case
from tideover.claims import read_reading
from tideover.cli.say import progress, say, say_json, show
from tideover.cli.words import SYNTHETIC, plain
from tideover.errors import Fault, InputError
from tideover.reports.case import lead
from tideover.reports.case_folder import case_folder, check_case_target, write_case
from tideover.reports.words import plural


@dataclass(frozen=True)
class RunAsked:
    """What is asked of ``run``: the case by name or path, the folder, the reading by name or path."""

    case: str
    out: Path
    reading: str


def run(asked: RunAsked, *, as_json: bool) -> int:
    """Run a case and write its folder."""
    check_case_target(asked.out)  # now, not after the work
    with progress() as report:
        result, facts = made(asked, report)
    if as_json:
        say_json({**facts, "out": str(asked.out)})
        return 0
    for line in lines(result, asked.out):
        say(line)
    say("Check every plan in it with:")
    show(f"tideover verify {asked.out}")
    return 0


def made(asked: RunAsked, report: Any) -> tuple[CaseResult, Mapping[str, Any]]:
    """Run the case and write its folder; return the result and what ``run.json`` holds."""
    case = read_case(asked.case)
    faults: list[Fault] = []
    try:
        reading = read_reading(asked.reading, case.ledger)
    except InputError as error:
        faults += error.faults
    if faults:
        raise InputError(faults)
    with case_folder(asked.out) as draft:
        source = str(asked.out / NETWORK)
        result = run_case(case, reading, draft, source, report)
        facts = write_case(result, draft, report=report)
    return result, facts


def lines(result: CaseResult, out: Path) -> list[str]:
    """Return what a planner reads after a case was run."""
    found = [SYNTHETIC, ""] if result.network.synthetic else []
    found += [result.case.title, f"Reading {result.reading.id}: {result.reading.title}", ""]
    found += [plain(lead(outcome)) for outcome in result.outcomes]
    asked = result.rests_on("days" if "days" in result.case.results else "plan")
    disputed = [answer for answer in asked if answer.claim.disputed]
    found += ["", f"It rests on {plural(len(asked), 'claim')}, of which {len(disputed)} are disputed:"]
    found += [f"  - {a.claim.question} Taken: {a.entry.says(a.claim.unit)}." for a in disputed]
    found += [f"  - {note.text}" for note in result.inputs.notes]
    return [*found, "", f"Written to {out}: open {out / 'index.html'} first"]
