"""The command that says how near care is before and after, and for whom it is further away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from tideover.access import PEOPLE, Asked
from tideover.cases import policy_under, reading_facts
from tideover.cases.access import (
    GROUPS,
    AccessResult,
    access_travel,
    dated,
    run_access,
    with_county_types,
)
from tideover.claims import Reading, read_ledger, read_reading
from tideover.cli.say import progress, say, say_json, show
from tideover.cli.travel import stated_travel
from tideover.cli.words import SYNTHETIC, note_lines, plain, reading_line
from tideover.errors import Fault, InputError, attempt
from tideover.nouns import Policy, Travel
from tideover.nouns.fields import suggestion
from tideover.readers import check_target, read_counties, read_network, read_toml
from tideover.reports.access import (
    GROUP_WORDS,
    MARK,
    OUTPUTS,
    cells,
    headline,
    measure_words,
    shown_moves,
    spread_rows,
    write_access,
)
from tideover.reports.words import plural

_COMMAND_LINE = "command line"
_KINDS = ("primary", "urgent_care", "hospital")
#: Rows of a group that the terminal shows; the page and the files have all.
_SHOWN = 12


@dataclass(frozen=True)
class AccessAsked:
    """What ``tideover access`` was asked for."""

    network: Path
    before: date | None = None
    on: date | None = None
    close: tuple[str, ...] = ()
    people: str = PEOPLE[0]
    by: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("primary",)
    counties: Path | None = None
    policy: Path | None = None
    travel: str | None = None
    travel_cache: Path | None = None
    out: Path | None = None
    reading: str = "literature"


def access(asked: AccessAsked, *, as_json: bool) -> int:
    """Print access before and after; write the folder where one is asked for."""
    if asked.out is not None:
        check_target(asked.out, MARK, OUTPUTS)
    with progress(6) as report:
        report("reading")
        result = _run(asked, report)
        if asked.out is not None:
            report(f"writing {asked.out}")
            write_access(result, asked.out)
    if as_json:
        rows = result.rows.filter(result.rows["group"].is_in(["all", *asked.by])).to_dicts()
        out = None if asked.out is None else str(asked.out)
        say_json(result.facts | {"rows": rows, "moved": shown_moves(result).to_dicts(), "out": out})
        return 0
    for line in access_lines(result, asked.by):
        say(line)
    if asked.out is not None:
        say()
        say(f"Written to {asked.out}; all of it may go round: no person, no cell about fewer than 11 people.")
        show(f"{asked.out / 'report.html'}")
    return 0


def _run(asked: AccessAsked, report: Callable[[str], None]) -> AccessResult:
    """Read everything and measure; ``InputError`` has the faults of all files and options together."""
    faults = [
        *_choices("--by", asked.by, GROUPS),
        *_choices("--people", (asked.people,), PEOPLE),
        *_choices("--kind", asked.kinds, _KINDS),
    ]

    network = attempt(faults, lambda: read_network(asked.network))
    reading = attempt(faults, lambda: read_reading(asked.reading, read_ledger()))
    policy = None if reading is None else attempt(faults, partial(_policy, asked.policy, reading))
    counties = None if asked.counties is None else attempt(faults, partial(read_counties, asked.counties))
    source = attempt(faults, partial(stated_travel, asked.travel, asked.travel_cache, network))
    changed = (
        None
        if network is None
        else attempt(faults, partial(dated, network, asked.close, asked.before, asked.on))
    )
    if faults or changed is None or policy is None or reading is None:
        raise InputError(faults)
    after, before, on = changed
    if counties is not None:
        after = with_county_types(after, counties)
    if source is not None:
        found = source if isinstance(source, Travel) else access_travel(after, asked.people, source, report)
        after = after.replace(travel=found, notes=(*after.notes, *found.notes))
    question = Asked(before, on, asked.people, asked.kinds)
    result = run_access(after, after, question, policy, GROUPS, report)
    return replace(result, facts=result.facts | {"reading": reading_facts(reading, reading.asked)})


def _policy(path: Path | None, reading: Reading) -> Policy:
    """Return the policy of a file, else what ``reading`` takes of the claims, for what access heeds."""
    return policy_under(
        reading, {} if path is None else read_toml(path), path or Path("policy.toml"), "access"
    )


def _choices(option: str, given: tuple[str, ...], known: tuple[str, ...]) -> list[Fault]:
    return [
        Fault(_COMMAND_LINE, None, option, repr(one), f"one of {', '.join(known)}", suggestion(one, known))
        for one in given
        if one not in known
    ]


def access_lines(result: AccessResult, by: tuple[str, ...]) -> list[str]:
    """Return what a reader needs: the dates, everybody, how evenly, the groups that were asked for."""
    facts = result.facts
    lines = [SYNTHETIC, ""] if facts["synthetic"] else []
    lines += [plain(headline(facts)), ""]
    for key, verb in (("closed", "Closes"), ("opened", "Opens")):
        if facts[key]:
            lines.append(f"{verb}: {', '.join(facts[key])}.")
    people = "patients" if facts["people"] == "patients" else "people"
    clinics = facts["clinics"]
    open_then = plural(clinics["before"], "clinic")
    lines.append(
        f"Before: {open_then} open on {facts['before_on']}. After: {clinics['after']} on "
        f"{facts['on']}. {facts['counted']:,} {people} at {facts['points']:,} places."
    )
    lines += ["", _heading("Everybody")]
    names = measure_words(result.problem.policy)
    whole = result.rows.filter(pl.col("group") == "all").iter_rows(named=True)
    lines += [_line(names[row["measure"]], *cells(row)) for row in whole]
    lines += ["", _heading("How evenly")]
    lines += [_line(*row) for row in spread_rows(facts)]
    for group in by:
        lines += ["", *_group_lines(result, group)]
    lines += ["", *reading_line(facts)]
    notes = note_lines(result.problem.notes)
    return [*lines, *(["", "Notes", *notes] if notes else [])]


def _heading(text: str) -> str:
    return f"{text:<48}{'before':>8}{'after':>8}{'difference':>14}"


def _line(text: str, before: str, after: str, difference: str) -> str:
    return f"  {text:<46}{plain(before):>8}{plain(after):>8}{plain(difference):>14}"


def _group_lines(result: AccessResult, group: str) -> list[str]:
    """Return minutes to the nearest clinic by member, those with the largest difference first."""
    rows = result.rows.filter(pl.col("group") == group, pl.col("measure") == "nearest_minutes")
    if rows.is_empty():
        return [f"By {GROUP_WORDS[group]}: the network says nothing about it."]
    ordered = (
        rows
        if group in {"deprivation", "age", "car"}
        else rows.sort("difference", descending=True, nulls_last=True)
    )
    shown = list(ordered.head(_SHOWN).iter_rows(named=True))
    lines = [_heading(f"Minutes to the nearest, by {GROUP_WORDS[group]}")]
    lines += [_line(_member(row), *cells(row)) for row in shown]
    if rows.height > _SHOWN:
        lines.append(f"  and {rows.height - _SHOWN:,} more; --json or --out has all.")
    return lines


def _member(row: dict[str, Any]) -> str:
    return f"{row['member']} ({'fewer than 11' if row['people'] is None else format(row['people'], ',')})"
