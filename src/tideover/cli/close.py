"""The command ``close``: clinics that close, and where their patients go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from tideover.cases import policy_under, reading_facts
from tideover.cases.closing import ClosingResult, run_closing
from tideover.claims import Reading, read_ledger, read_reading
from tideover.cli.closing_words import closing_json, closing_lines
from tideover.cli.commands import more_changes
from tideover.cli.say import progress, say, say_json, show
from tideover.cli.travel import stated_travel, with_travel
from tideover.disruptions.closure import Closure
from tideover.errors import Fault, InputError, attempt
from tideover.nouns import Network, Policy, Scenario
from tideover.nouns.change import RecordedChange
from tideover.readers import check_target, read_network, read_toml
from tideover.reports.closing import MARK, OUTPUTS, write_closing

_COMMAND_LINE = "command line"
_OPTIONS = {"clinics": "--clinic", "on": "--on"}


@dataclass(frozen=True)
class CloseAsked:
    """What ``tideover close`` was asked for: the clinics with their dates in order, and the files."""

    network: Path
    out: Path
    clinics: tuple[str, ...] = ()
    on: tuple[date, ...] = ()
    changes: Path | None = None
    policy: Path | None = None
    reading: str = "literature"
    as_of: date | None = None
    visits: bool = False
    travel: str | None = None
    travel_cache: Path | None = None


def close(asked: CloseAsked, *, as_json: bool) -> int:
    """Plan the closing of clinics and write its folder."""
    check_target(asked.out, MARK, OUTPUTS, folders=True)  # now, not after the work
    with progress() as report:
        report("reading")
        result = _run(asked, report)
        report(f"writing {asked.out}")
        write_closing(result, asked.out)
    if as_json:
        say_json(closing_json(result, asked.out))
        return 0
    for line in closing_lines(result, asked.out):
        say(line)
    say("Check it with:")
    show(f"tideover verify {asked.out}")
    return 0


def _run(asked: CloseAsked, report: Callable[[str], None]) -> ClosingResult:
    faults: list[Fault] = []

    network = attempt(faults, partial(read_network, asked.network))
    own = attempt(faults, lambda: closures(asked.clinics, asked.on))
    others = attempt(faults, lambda: more_changes(asked.changes))
    reading = attempt(faults, lambda: read_reading(asked.reading, read_ledger()))
    policy = None if reading is None else attempt(faults, partial(_policy, asked.policy, reading))
    source = attempt(faults, partial(stated_travel, asked.travel, asked.travel_cache, network))
    changes = [*(own or []), *(others or [])]
    if network is not None and own is not None and others is not None:
        attempt(faults, partial(_fits, network, changes))
    elif network is not None and own is None and asked.clinics and asked.on:
        # what is wrong with the clinics themselves is told with how they were named
        each_once = Closure(clinics=tuple(dict.fromkeys(asked.clinics)), on=asked.on[0])
        attempt(faults, partial(_fits, network, [each_once]))
    if faults or network is None or policy is None or reading is None:
        raise InputError(map(_as_option, faults))
    network = with_travel(network, changes, source, report, closing=True)
    facts = reading_facts(reading, reading.asked)
    return run_closing(network, changes, policy, asked.as_of, facts, report, visits=asked.visits)


def _policy(path: Path | None, reading: Reading) -> Policy:
    stated = {} if path is None else read_toml(path)
    under = policy_under(reading, stated, path or Path("policy.toml"), "panels")
    # what the booked visits heed beside it is asked of the same reading
    return policy_under(reading, {**stated, **_asked_of(under)}, path or Path("policy.toml"))


def _asked_of(policy: Policy) -> dict[str, object]:
    from tideover.schema import policy_keys

    return {key.key: getattr(policy, key.key) for key in policy_keys() if key.rooms == "panels"}


def _fits(network: Network, changes: Sequence[RecordedChange]) -> None:
    if not changes:
        remedy = "Name a clinic with --clinic and its date with --on, or changes in a file."
        raise InputError(
            [Fault(_COMMAND_LINE, None, "--clinic", "no closing", "a clinic that closes", remedy)]
        )
    Scenario.of(network, changes)


def closures(clinics: Sequence[str], on: Sequence[date]) -> list[Closure]:
    """Return the closures that ``--clinic`` and ``--on`` state: one date for all, or one for each clinic.

    ``InputError`` if a clinic is named twice or the numbers do not fit together.
    """
    faults = [
        _stated("--clinic", f"{clinic!r} {clinics.count(clinic)} times", "each clinic once", "Name it once.")
        for clinic in dict.fromkeys(clinics)
        if clinics.count(clinic) > 1
    ]
    if clinics and len(on) not in {1, len(clinics)}:
        expected = f"one date for all, or {len(clinics)}: one for each clinic, in their order"
        faults.append(
            _stated("--on", f"{len(on)} dates", expected, "Give --on once, or once for each --clinic.")
        )
    if on and not clinics:
        faults.append(
            _stated("--clinic", "a date without a clinic", "a clinic", "Name the clinic that closes.")
        )
    if faults:
        raise InputError(faults)
    dates = on if len(on) == len(clinics) else [on[0]] * len(clinics) if clinics else []
    by_date: dict[date, list[str]] = {}
    for clinic, day in zip(clinics, dates, strict=True):
        by_date.setdefault(day, []).append(clinic)
    return [Closure(clinics=tuple(names), on=day) for day, names in sorted(by_date.items())]


def _stated(option: str, found: str, expected: str, remedy: str) -> Fault:
    return Fault(_COMMAND_LINE, None, option, found, expected, remedy)


def _as_option(fault: Fault) -> Fault:
    key = (fault.column or "").removeprefix("closure.")
    if fault.file == "changes" and key in _OPTIONS:
        return replace(fault, file=_COMMAND_LINE, column=_OPTIONS[key])
    return fault
