"""``close --rank`` and ``close --choose``: where a set of closings stands, and which would do least harm."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from tideover.cases import policy_under, reading_facts
from tideover.cases.choosing import ChoosingResult, run_choice, run_rank
from tideover.claims import read_ledger, read_reading
from tideover.cli.choosing_words import choosing_json, choosing_lines
from tideover.cli.say import progress, say, say_json, show
from tideover.cli.travel import stated_travel
from tideover.errors import Fault, InputError, attempt
from tideover.nouns import Network, Policy, Travel
from tideover.panels.choice import most_sets
from tideover.panels.problem import receiving_clinics
from tideover.readers import check_target, read_network, read_toml
from tideover.reports.choice import MARKS, outputs, write_choosing

_COMMAND_LINE = "command line"
_RATES = (1.0, 1e9)
T = TypeVar("T")


@dataclass(frozen=True)
class ChoosingAsked:
    """What ``close`` was asked about a choice: the set to rank, or how many to choose; and the files.

    ``also`` names options of a plan that were given beside it, which mean nothing here.
    """

    network: Path
    out: Path | None = None
    rank: tuple[str, ...] = ()
    choose: int | None = None
    keep: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    measure: str | None = None
    objective: str | None = None
    seconds: float | None = None
    money_per_hour: float | None = None
    policy: Path | None = None
    reading: str = "literature"
    travel: str | None = None
    travel_cache: Path | None = None
    also: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """``rank`` or ``choice``."""
        return "rank" if self.choose is None else "choice"

    @property
    def announced(self) -> tuple[str, ...]:
        """The set to rank: those named, else the clinics of which is asked what each costs."""
        return self.rank or self.why


def choosing(asked: ChoosingAsked, *, as_json: bool) -> int:
    """Rank or choose closings; write a folder where one is asked for."""
    if asked.out is not None:
        check_target(asked.out, MARKS[asked.kind], outputs(asked.kind))  # now, not after the work
    with progress() as report:
        report("reading")
        result = _run(asked, report)
        if asked.out is not None:
            report(f"writing {asked.out}")
            write_choosing(result, asked.out)
    if as_json:
        say_json(choosing_json(result, asked.out))
        return 0
    for line in choosing_lines(result, asked.out):
        say(line)
    if asked.out is not None:
        say("Check it with:")
        show(f"tideover verify {asked.out}")
    return 0


def _run(asked: ChoosingAsked, report: Callable[[str], None]) -> ChoosingResult:
    faults: list[Fault] = []

    network = attempt(faults, partial(read_network, asked.network))
    reading = attempt(faults, lambda: read_reading(asked.reading, read_ledger()))
    policy: Policy | None = None
    if reading is not None:
        stated = {} if asked.policy is None else attempt(faults, partial(read_toml, asked.policy))
        if stated is not None:
            path = asked.policy or Path("policy.toml")
            policy = attempt(faults, lambda: policy_under(reading, stated, path, "panels"))
    matrix = attempt(faults, partial(stated_travel, asked.travel, asked.travel_cache, network))
    faults += option_faults(asked)
    if network is not None:
        faults += clinic_faults(asked, network)
    if faults or network is None or policy is None or reading is None:
        raise InputError(faults)
    if matrix is not None and not isinstance(matrix, Travel):
        from tideover.cases.travel import network_travel

        matrix = network_travel(network, matrix, report)
    if matrix is not None:
        network = network.replace(travel=matrix, notes=(*network.notes, *matrix.notes))
    facts = reading_facts(reading, reading.asked)
    if asked.choose is None:
        measure = asked.measure or "minutes"
        return run_rank(network, policy, asked.announced, measure, asked.keep, asked.why, facts, report)
    return run_choice(
        network, policy, asked.choose, asked.objective or "minutes", asked.keep, asked.why, facts,
        60.0 if asked.seconds is None else asked.seconds, asked.money_per_hour, report,
    )  # fmt: skip


def option_faults(asked: ChoosingAsked) -> list[Fault]:
    """Return what is wrong with the options alone: those that do not go together, names said twice."""
    faults = []
    if asked.rank and asked.choose is not None:
        faults.append(_fault("--choose", "--rank beside it", "one of the two", "Ask for one at a time."))
    for option, given, needs in (
        ("--measure", asked.measure is not None and asked.choose is not None, "--rank or --why"),
        ("--objective", asked.objective is not None and asked.choose is None, "--choose"),
        ("--seconds", asked.seconds is not None and asked.choose is None, "--choose"),
        ("--money-per-hour", asked.money_per_hour is not None and asked.choose is None, "--choose"),
    ):
        if given:
            other = "--choose" if asked.choose is not None else "--rank"
            faults.append(_fault(option, f"{option} with {other}", f"it with {needs}", "Leave it out."))
    faults += [
        _fault(option, f"{option} beside --{'rank' if asked.choose is None else 'choose'}",
               "options of a ranking or a choice", "Leave it out: closings in steps count as their union.")
        for option in asked.also
    ]  # fmt: skip
    if asked.seconds is not None and not 0 <= asked.seconds < float("inf"):
        faults.append(
            _fault("--seconds", str(asked.seconds), "seconds of at least 0", "State how long it may take.")
        )
    faults += _rate_faults(asked)
    for option, names in (("--rank", asked.rank), ("--keep", asked.keep), ("--why", asked.why)):
        faults += [
            _fault(option, f"{name!r} {names.count(name)} times", "each clinic once", "Name it once.")
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]
    return faults


def _rate_faults(asked: ChoosingAsked) -> list[Fault]:
    rate, faults = asked.money_per_hour, []
    if rate is not None and not _RATES[0] <= rate <= _RATES[1]:
        remedy = "State what one hour weighs, in dollars a year, or leave it out: then costs do not count."
        expected = f"dollars from {_RATES[0]:,.0f} to {_RATES[1]:,.0f}"
        faults.append(_fault("--money-per-hour", str(rate), expected, remedy))
    if rate is not None and asked.choose is not None and asked.objective not in (None, "minutes"):
        found = f"--money-per-hour with --objective {asked.objective}"
        remedy = "Leave out one of the two: an hour is made of minutes."
        faults.append(_fault("--money-per-hour", found, "it with --objective minutes", remedy))
    return faults


def _cost_faults(asked: ChoosingAsked, network: Network, may: Sequence[str]) -> list[Fault]:
    """Return each clinic that may close and states no fixed cost, where these are to count."""
    if asked.money_per_hour is None or asked.choose is None:
        return []
    cost = dict(network.clinics.select("clinic_id", "fixed_cost_per_year").iter_rows())
    remedy = "State it in the network's clinics, 0 where it costs nothing, or keep it open with --keep."
    return [
        Fault("clinics", None, "fixed_cost_per_year", f"nothing for {name!r}", "dollars a year", remedy)
        for name in may
        if cost[name] is None and name not in asked.keep
    ]


def clinic_faults(asked: ChoosingAsked, network: Network) -> list[Fault]:
    """Return what is wrong with the clinics named, their number and their costs, in this network."""
    may = receiving_clinics(network)
    kinds = dict(network.clinics.select("clinic_id", "kind").iter_rows())
    faults = _cost_faults(asked, network, may)
    for option, names in (("--rank", asked.rank), ("--keep", asked.keep), ("--why", asked.why)):
        for name in dict.fromkeys(names):
            if name in may:
                continue
            if name not in kinds:
                found, remedy = f"{name!r}", f"Name clinics by clinic_id; the first are {', '.join(may[:3])}."
            elif kinds[name] != "primary":
                found, remedy = (
                    f"{name!r}, of kind {kinds[name]}",
                    "Only primary care is closed or kept here.",
                )
            else:
                found, remedy = f"{name!r}, which closes already", "The network closes it: leave it out."
            faults.append(_fault(option, found, "a primary-care clinic without a date of closing", remedy))
    both = (
        [name for name in dict.fromkeys(asked.announced) if name in asked.keep]
        if asked.choose is None
        else []
    )
    faults += [
        _fault(
            "--keep", f"{name!r}, which is to close, too", "clinics that stay open", "Name it in one of them."
        )
        for name in both
    ]
    return faults or _number_faults(asked, len([name for name in may if name not in asked.keep]), len(may))


def _number_faults(asked: ChoosingAsked, may: int, there: int) -> list[Fault]:
    count = len(asked.announced) if asked.choose is None else asked.choose
    option = "--rank" if asked.choose is None else "--choose"
    most = min(may, there - 1)
    if not 1 <= count <= most:
        found = "every clinic" if count == there else str(count)
        remedy = "At least one clinic must stay open to take people in."
        return [_fault(option, found, f"1 to {most} of {may} clinics that may close", remedy)]
    measure = asked.measure or "minutes"
    if asked.choose is None and math.comb(may, count) > most_sets(measure):
        remedy = "Name clinics that stay open with --keep, or rank fewer."
        expected = f"at most {most_sets(measure):,} sets by {measure}"
        return [
            _fault(option, f"{math.comb(may, count):,} sets of {count} of {may} clinics", expected, remedy)
        ]
    return []


def _fault(option: str, found: str, expected: str, remedy: str) -> Fault:
    return Fault(_COMMAND_LINE, None, option, found, expected, remedy)
