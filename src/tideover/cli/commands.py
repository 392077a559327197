"""What each command does, once its words are understood."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from tideover.cases import (
    WORKING_SHARES,
    Chances,
    StrikeResult,
    chances_under,
    reading_facts,
    run_strike,
)
from tideover.claims import Reading, read_ledger, read_reading
from tideover.cli import words
from tideover.cli.again import (
    Known,
    Since,
    again_of,
    called_off,
    check_travel,
    dates_of,
    policy_of,
    previous_changes,
    read_since,
)
from tideover.cli.say import complain, fault_rows, progress, say, say_faults, say_json, show
from tideover.cli.travel import stated_travel, with_travel
from tideover.disruptions import DISRUPTIONS
from tideover.disruptions.strike import Strike
from tideover.engines.assignment.flow import solve_flow
from tideover.errors import Fault, InputError, attempt
from tideover.nouns import Network, Policy, Scenario, Travel
from tideover.nouns.change import RecordedChange, read_changes
from tideover.readers import (
    check_network,
    check_network_target,
    check_target,
    read_network,
    read_pins,
    write_network,
)
from tideover.readers import import_csv as read_export
from tideover.reports import MARK, OUTPUTS, write_strike
from tideover.responses import RESPONSES
from tideover.verify import Verdict
from tideover.verify import verify as verify_plans

if TYPE_CHECKING:
    from tideover.travel.service import Service

#: The options of ``strike`` that state the key of a change under another name.
_OPTIONS = {"dates": "on", "units": "unit", "roles": "role", "site_kinds": "site-kind", "clinics": "clinic",
            "notice_on": "notice"}  # fmt: skip
_COMMAND_LINE = "command line"
#: Whose word is taken of each claim where nobody says.
DEFAULT_READING = "literature"


@dataclass(frozen=True)
class StrikeFiles:
    """Where the files of a strike run are: the folders, and three files that may be left out."""

    network: Path
    out: Path
    changes: Path | None = None
    policy: Path | None = None
    pins: Path | None = None
    days: int = 1000
    travel: str | None = None
    travel_cache: Path | None = None
    since: Since = field(default_factory=Since)
    reading: str = DEFAULT_READING


@dataclass
class Inputs:
    """What was read for a strike run, and every fault that was found on the way."""

    network: Network
    changes: list[RecordedChange]
    policy: Policy
    pins: pl.DataFrame | None
    travel: Travel | Service | None
    known: Known
    called_off: list[RecordedChange]
    reading: Reading
    chances: Chances | None


def check(network: Path, *, as_json: bool) -> int:
    """Say every fault of a network folder; return 1 if there is one."""
    faults = check_network(network)
    if as_json:
        say_json({"ok": not faults, "faults": fault_rows(faults)})
    if faults:
        say_faults(faults, after="")
    elif not as_json:
        _say_network(read_network(network), "No faults. ")
    return int(bool(faults))


def _say_network(network: Network, opening: str = "") -> None:
    say(opening + words.size_of(network))
    for line in words.note_lines(network.notes):
        say(line)


def import_csv(file: Path, mapping: Path, out: Path, *, as_json: bool) -> int:
    """Write the network that an export holds."""
    check_network_target(out)
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
    _say_network(network)
    say()
    say(f"Written to {out}: personal health data, for you alone to read.")
    say("Plan a strike day on it with:")
    show(f"tideover strike {out} --on DATE --working SHARE --out PLAN")
    return 0


def strike(stated: dict[str, Any], as_of: date | None, files: StrikeFiles, *, as_json: bool) -> int:
    """Plan a strike and write the plan folder."""
    result = _run(stated, as_of, files)
    if as_json:
        say_json(words.strike_json(result, files.out))
        return 0
    for line in words.strike_lines(result, files.out):
        say(line)
    say("Check it with:")
    show(f"tideover verify {files.out}")
    return 0


def _run(stated: dict[str, Any], as_of: date | None, files: StrikeFiles) -> StrikeResult:
    check_target(files.out, MARK, OUTPUTS)  # now, not after the work
    with progress(len(WORKING_SHARES) + 5) as report:
        report("reading")
        found = _inputs(stated, files)
        first = "planning" if _compiled() else "compiling the solver, only this once"
        tell = partial(_tell, report, first)
        try:
            network = with_travel(found.network, found.changes, found.travel, report)
            again = again_of(found.known, network, as_of)
            result = run_strike(
                network,
                found.changes,
                found.policy,
                as_of,
                found.pins,
                tell,
                again=again,
                held=found.known.held,
                called_off=found.called_off,
                chance=files.since.chance,
                chances=found.chances,
                reading=reading_facts(found.reading, found.reading.asked),
            )
        except InputError as error:
            raise InputError(_as_options(error.faults, files)) from error
        report(f"writing {files.out}")
        write_strike(result, files.out)
    return result


def _tell(report: Callable[[str], None], first: str, text: str) -> None:
    report(first if text == "planning" else text)


def _compiled() -> bool:
    """Whether the solver was compiled on this machine before; the first time takes about half a minute."""
    return any(Path(str(solve_flow.stats.cache_path)).glob("*solve_flow*.nbi"))


def _inputs(stated: dict[str, Any], files: StrikeFiles) -> Inputs:
    """Read everything; ``InputError`` has the faults of all of it together."""
    faults: list[Fault] = []

    network = attempt(faults, lambda: read_network(files.network))
    since = attempt(faults, lambda: read_since(files.since))
    known = since or Known(None, None, None)
    others = attempt(faults, lambda: more_changes(files.changes))
    # without the previous plan, what is left out cannot be told from what it would have said
    planned = attempt(faults, lambda: _changes(stated, files, known, network, others)) if since else None
    reading = attempt(faults, lambda: read_reading(files.reading, read_ledger()))
    policy = (
        None if reading is None else attempt(faults, lambda: policy_of(files.policy, known.previous, reading))
    )
    pins = None if files.pins is None else attempt(faults, partial(read_pins, files.pins))
    changes, off = planned or ([], [])
    attempt(faults, partial(check_travel, files.travel, known.previous))
    travel = attempt(faults, partial(stated_travel, files.travel, files.travel_cache, network))
    if faults and network is not None and changes:
        attempt(
            faults, lambda: Scenario.of(network, changes)
        )  # whether they fit the network, in the same report
    if faults or network is None or policy is None or reading is None:
        raise InputError(_as_options(faults, files))
    tried = None if files.days == 0 else chances_under(reading, {"days": files.days})
    return Inputs(network, changes, policy, pins, travel, known, off, reading, tried)


def _changes(
    stated: dict[str, Any],
    files: StrikeFiles,
    known: Known,
    network: Network | None,
    others: list[RecordedChange] | None,
) -> tuple[list[RecordedChange], list[RecordedChange]] | None:
    """Return the changes of the run and the strikes that are called off; ``None`` where others lack them."""
    dates = dates_of(stated["dates"], network)
    if known.previous is None or (dates and not files.since.called_off):
        own = Strike.from_facts(stated | {"dates": dates}, _COMMAND_LINE)
        return None if others is None else ([own, *others], [])
    changes = previous_changes(known.previous, others if files.changes else None)
    return called_off(changes, dates) if files.since.called_off else (changes, [])


def _as_options(faults: Iterable[Fault], files: StrikeFiles) -> list[Fault]:
    """Return the faults with those of the strike that the command line states under its options' names."""
    stated = {_COMMAND_LINE} | ({"changes"} if files.changes is None else set())
    return [_as_option(fault) if fault.file in stated else fault for fault in faults]


def _as_option(fault: Fault) -> Fault:
    key = (fault.column or "").removeprefix("strike").removeprefix(".").removeprefix("--")
    option = f"--{_OPTIONS.get(key, key)}" if key else fault.column
    return replace(fault, file=_COMMAND_LINE, column=option)


def more_changes(path: Path | None) -> list[RecordedChange]:
    """Return the changes in a TOML file, none without one; ``InputError`` with every fault."""
    if path is None:
        return []
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
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


def verify(
    folder: Path, network: Path | None, travel: Path | None, held: Path | None, *, as_json: bool
) -> int:
    """Check the plans in a folder again; return 1 if one differs or there is none."""
    with progress() as report:
        report(f"checking {folder}")
        verdicts = verify_plans(folder, network, travel, held)
    ok = bool(verdicts) and all(verdict.ok for verdict in verdicts)
    if as_json:
        say_json({"ok": ok, "plans": [verdict.as_dict() for verdict in verdicts]})
    else:
        say_verdicts(verdicts)
    if not verdicts:
        complain(f"{folder}: no plan.json in it or below; name the folder that a plan was written to.")
    return int(not ok)


def say_verdicts(verdicts: list[Verdict]) -> None:
    """Say of each plan whether it is confirmed, and what differs."""
    for verdict in verdicts:
        for line in words.verdict_lines(verdict):
            say(line, "" if verdict.ok else "red")
