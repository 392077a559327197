"""The command ``run``: all results of a case in one folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tideover.cases import NETWORK, Case, CaseResult, Turning, read_case, run_case, turning_of
from tideover.claims import Reading, read_ledger, read_reading
from tideover.cli.commands import DEFAULT_READING, say_verdicts
from tideover.cli.say import progress, say, say_json, show
from tideover.cli.trying import worker_faults
from tideover.cli.words import SYNTHETIC, plain
from tideover.errors import Fault, InputError, attempt
from tideover.reports.case import lead
from tideover.reports.case_folder import case_folder, check_case_target, write_case
from tideover.reports.offer_words import sentence
from tideover.reports.words import plural
from tideover.verify import verify

#: The case that the demo runs.
DEMO = "twin-cities-2025"


@dataclass(frozen=True)
class RunAsked:
    """What is asked of ``run``: the case by name or path, the folder, the reading by name or path."""

    case: str
    out: Path
    reading: str
    all_readings: bool = False
    workers: int = 2


def run(asked: RunAsked, *, as_json: bool) -> int:
    """Run a case and write its folder."""
    faults = worker_faults(asked.workers)
    if faults:
        raise InputError(faults)
    check_case_target(asked.out)  # now, not after the work
    with progress() as report:
        result, turning, facts = made(asked, report)
    if as_json:
        say_json({**facts, "out": str(asked.out)})
        return 0
    for line in lines(result, turning, asked.out):
        say(line)
    say("Check every plan in it with:")
    show(f"tideover verify {asked.out}")
    return 0


def demo(out: Path, reading: str = DEFAULT_READING, *, as_json: bool) -> int:
    """Run the shipped case, and check every plan in it."""
    check_case_target(out)
    with progress() as report:
        result, turning, facts = made(RunAsked(DEMO, out, reading), report)
        report("checking every plan again")
        verdicts = verify(out)
    ok = bool(verdicts) and all(verdict.ok for verdict in verdicts)
    if as_json:
        say_json({**facts, "out": str(out), "verified": ok})
        return int(not ok)
    for line in lines(result, turning, out):
        say(line)
    say()
    say_verdicts(verdicts)
    say()
    say("Open in a browser:")
    show(f"{out / 'index.html'}", f"link {(out / 'index.html').resolve().as_uri()}")
    return int(not ok)


def made(asked: RunAsked, report: Any) -> tuple[CaseResult, Turning | None, Mapping[str, Any]]:
    """Run the case and write its folder; return the result, what turns on it, and what ``run.json`` holds."""
    case, reading = _read(asked)
    with case_folder(asked.out) as draft:
        source = str(asked.out / NETWORK)
        result = run_case(case, reading, draft, source, report)
        turning = turning_of(result, draft, asked.workers, report) if asked.all_readings else None
        facts = write_case(result, draft, turning, report)
    return result, turning, facts


def _read(asked: RunAsked) -> tuple[Case, Reading]:
    """Return the case and the reading; ``InputError`` has the faults of both together."""
    faults: list[Fault] = []
    case = attempt(faults, lambda: read_case(asked.case))
    ledger = read_ledger() if case is None else case.ledger
    reading = attempt(faults, lambda: read_reading(asked.reading, ledger))
    if case is not None and case.networks and asked.all_readings:
        remedy = "Run it under one reading after the other: --reading."
        expected = "a case with one network"
        faults.append(Fault("command line", None, "--all-readings", "several networks", expected, remedy))
    if case is None or reading is None or faults:
        raise InputError(faults)
    return case, reading


def lines(result: CaseResult, turning: Turning | None, out: Path) -> list[str]:
    """Return what a planner reads after a case was run."""
    found = [SYNTHETIC, ""] if result.network.synthetic else []
    found += [result.case.title, f"Reading {result.reading.id}: {result.reading.title}", ""]
    # plans of several networks differ in what is lent and when: say which each is
    found += [
        f"{one.stage.title}: {plain(lead(one))}" if result.case.networks else plain(lead(one))
        for one in result.outcomes
    ]
    if result.offers is not None:
        found += [plain(sentence(one, result.offers)) for one in result.offers.outcomes]
    every = [answer for name in result.results for answer in result.rests_on(name)]
    asked = list({answer.claim.id: answer for answer in every}.values())
    disputed = [answer for answer in asked if answer.claim.disputed]
    number = f"{len(disputed)} {'is' if len(disputed) == 1 else 'are'} disputed:"
    told = number if disputed else "none is disputed."
    found += ["", f"It rests on {plural(len(asked), 'claim')}, of which {told}"]
    found += [f"  - {a.claim.question} Taken: {a.entry.says(a.claim.unit)}." for a in disputed]
    found += [f"  - {note.text}" for note in result.inputs.notes]
    if turning is not None:
        found += [line for stage in turning.titles for line in _turns(turning, stage)]
    return [*found, "", f"Written to {out}: open {out / 'index.html'} first"]


def _turns(turning: Turning, stage: str) -> list[str]:
    """Return which conclusions hold under all readings, and which flip with whom."""
    found = ["", f"{turning.titles[stage]}: every reading, and each claim answered otherwise by itself"]
    for one in turning.conclusions(stage):
        holds = {v.reading.id: one.holds(v.figures[stage]) for v in turning.readings if not v.fault}
        yes = [name for name, answer in holds.items() if answer]
        told = "holds under all" if len(yes) == len(holds) else "holds under none" if not yes else ""
        told = told or f"flips: holds under {', '.join(yes)} only"
        claims = turning.flips_with(stage, one)
        more = f"; by itself it turns on {', '.join(claims)}" if claims else "; no claim by itself flips it"
        found.append(f"  - {one.sentence}: {told}{more}.")
    matter = turning.disputed_that_matter(stage)
    found.append(
        f"{plural(len(matter), 'disputed claim')} can change a figure: {', '.join(matter)}."
        if matter
        else "No dispute affects this."
    )
    return found
