"""What each command does, once its words are understood."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tideover.cases import StrikeResult, run_strike
from tideover.cli import words
from tideover.cli.say import err, fault_rows, progress, say, say_faults, say_json
from tideover.disruptions import DISRUPTIONS
from tideover.disruptions.strike import Strike
from tideover.errors import Fault, InputError
from tideover.nouns.change import RecordedChange, read_changes
from tideover.readers import (
    check_network,
    example_folder,
    read_network,
    read_pins,
    read_policy,
    write_network,
)
from tideover.readers import import_csv as read_export
from tideover.reports import OUTPUTS, write_strike
from tideover.responses import RESPONSES
from tideover.verify import verify as verify_plans

#: The strike day of the example: a Tuesday, planned as of the day after a ten-day notice.
DEMO = {"dates": (date(2026, 3, 10),), "working": 0.25, "notice_on": date(2026, 2, 27)}


@dataclass(frozen=True)
class StrikeFiles:
    """Where the files of a strike run are: network and output folders, and three files that may be missing."""

    network: Path
    out: Path
    changes: Path | None = None
    policy: Path | None = None
    pins: Path | None = None


def check(network: Path, *, as_json: bool) -> int:
    """Say every fault of a network folder; return 1 if there is one."""
    faults = check_network(network)
    if as_json:
        say_json({"ok": not faults, "faults": fault_rows(faults)})
    elif not faults:
        read = read_network(network)
        say(f"No faults. {words.size_of(read)}")
        for note in read.notes:
            say("  " + words.note(note))
    if faults:
        say_faults(faults)
    return int(bool(faults))


def import_csv(file: Path, mapping: Path, out: Path, *, as_json: bool) -> int:
    """Write the network that an export holds."""
    with progress() as report:
        report(f"reading {file.name}")
        network = read_export(file, mapping)
        report(f"writing {out}")
        write_network(network, out)
    if as_json:
        notes = [note.as_dict() for note in network.notes]
        rows = {name: table.height for name, table in network.tables().items()}
        say_json({"out": str(out), "tables": rows, "notes": notes})
        return 0
    say(f"{words.size_of(network)}")
    for note in network.notes:
        say("  " + words.note(note))
    say(f"Written to {out}")
    return 0


def strike(stated: dict[str, Any], as_of: date | None, files: StrikeFiles, *, as_json: bool) -> int:
    """Plan a strike and write the plan folder."""
    result = _run(stated, as_of, files)
    if as_json:
        say_json(words.strike_json(result, files.out))
    else:
        for line in words.strike_lines(result, files.out, OUTPUTS):
            say(line)
    return 0


def _run(stated: dict[str, Any], as_of: date | None, files: StrikeFiles) -> StrikeResult:
    with progress() as report:
        report("reading")
        network, changes, policy, pins = _inputs(stated, files)
        result = run_strike(network, changes, policy, _day(as_of), pins, report)
        report(f"writing {files.out}")
        write_strike(result, files.out)
    return result


def _inputs(stated: dict[str, Any], files: StrikeFiles) -> tuple[Any, list[RecordedChange], Any, Any]:
    """Read everything, and report the faults of all of it together."""
    stated = stated | {"dates": tuple(_day(d) for d in stated["dates"]), "notice_on": _day(stated.get("notice_on"))}
    faults: list[Fault] = []
    found = []
    for read in (
        lambda: read_network(files.network),
        lambda: [Strike.from_facts(stated, "command line"), *_more_changes(files.changes)],
        lambda: read_policy(files.policy),
        lambda: None if files.pins is None else read_pins(files.pins),
    ):
        try:
            found.append(read())
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    network, changes, policy, pins = found
    return network, changes, policy, pins  # type: ignore[return-value]


def _day(value: date | None) -> date | None:
    # the command line reads a date as a moment
    return value.date() if isinstance(value, datetime) else value


def _more_changes(path: Path | None) -> list[RecordedChange]:
    if path is None:
        return []
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        found = str(error).splitlines()[0]
        fault = Fault(path.name, None, None, found, "a TOML file with [[change]] tables", "Correct the file.")
        raise InputError([fault]) from error
    strangers = [
        Fault(path.name, None, key, "an unknown key", "change", "Write each change as a [[change]] table.")
        for key in stated
        if key != "change"
    ]
    if strangers:
        raise InputError(strangers)
    return read_changes(stated.get("change", []), DISRUPTIONS, RESPONSES, file=path.name)


def verify(folder: Path, network: Path | None, *, as_json: bool) -> int:
    """Check the plans in a folder again; return 1 if one differs or there is none."""
    with progress() as report:
        report(f"checking {folder}")
        verdicts = verify_plans(folder, network)
    ok = bool(verdicts) and all(verdict.ok for verdict in verdicts)
    if as_json:
        say_json({"ok": ok, "plans": [verdict.as_dict() for verdict in verdicts]})
        return int(not ok)
    if not verdicts:
        err.print(f"{folder}: no plan.json in it or below; name the folder that a plan was written to", style="bold red")
    for verdict in verdicts:
        for line in words.verdict_lines(verdict):
            say(line)
    return int(not ok)


def demo(out: Path, *, as_json: bool) -> int:
    """Plan the example's strike day and check the plan."""
    files = StrikeFiles(example_folder("tiny"), out)
    result = _run(DEMO, None, files)
    verdicts = verify_plans(out)
    ok = all(verdict.ok for verdict in verdicts)
    if as_json:
        say_json(words.strike_json(result, out) | {"verified": ok})
        return int(not ok)
    for line in words.strike_lines(result, out, OUTPUTS):
        say(line)
    for verdict in verdicts:
        for line in words.verdict_lines(verdict):
            say(line)
    say(f"Open {(out / 'report.html').resolve().as_uri()} in a browser.")
    return int(not ok)



