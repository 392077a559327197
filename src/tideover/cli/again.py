"""What a strike run takes from the plan before it, and from what became known since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from tideover.cases import Again, follow, policy_under
from tideover.claims import Reading
from tideover.disruptions import DISRUPTIONS
from tideover.disruptions.strike import Strike
from tideover.errors import Fault, InputError, attempt
from tideover.nouns import Network, Policy
from tideover.nouns.change import RecordedChange, read_changes
from tideover.readers import Previous, read_answers, read_held, read_previous, read_toml, stated_policy
from tideover.responses import RESPONSES

COMMAND_LINE = "command line"
#: A range of dates longer than this is taken for a slip of the pen.
LONGEST = 366


@dataclass(frozen=True)
class Since:
    """Where the previous plan is and what became known since, as stated on the command line."""

    previous: Path | None = None
    answers: Path | None = None
    held: Path | None = None
    called_off: bool = False
    chance: float | None = None


@dataclass(frozen=True)
class Known:
    """The same, read: the previous plan, the answers, and the sessions that will be held."""

    previous: Previous | None
    answers: pl.DataFrame | None
    held: frozenset[str] | None


def read_since(since: Since) -> Known:
    """Read what ``since`` names; ``InputError`` has the faults of all of it together."""
    faults = list(_misfits(since))
    previous = None if since.previous is None else attempt(faults, partial(read_previous, since.previous))
    answers = None if since.answers is None else attempt(faults, partial(read_answers, since.answers))
    held = None if since.held is None else attempt(faults, partial(read_held, since.held))
    if faults:
        raise InputError(faults)
    return Known(previous, answers, held)


def _misfits(since: Since) -> Iterable[Fault]:
    named = {"--answers": since.answers is not None, "--called-off": since.called_off}
    for option, given in named.items():
        if given and since.previous is None:
            expected = "--previous as well: the plan that patients were told of"
            yield Fault(COMMAND_LINE, None, option, "no previous plan", expected, "Name its folder.")
    if since.held is not None and since.called_off:
        expected = "one of the two: a strike that is called off has no morning to plan"
        yield Fault(COMMAND_LINE, None, "--held", "--called-off as well", expected, "Leave one out.")
    if since.chance is not None and not 0 <= since.chance <= 1:
        found, expected = str(since.chance), "a number from 0 to 1"
        yield Fault(COMMAND_LINE, None, "--called-off-chance", found, expected, "A tenth is written 0.1.")


def dates_of(stated: Iterable[date | tuple[date, date]], network: Network | None) -> tuple[date, ...]:
    """Return the dates that are stated: each by itself, and of each range those with sessions in the book.

    ``InputError`` for a range that runs backwards, is too long, or holds no session.
    """
    held = set() if network is None else set(network.sessions["start"].dt.date().unique())
    days: set[date] = set()
    faults = []
    for one in stated:
        first, last = one if isinstance(one, tuple) else (one, one)
        length = (last - first).days + 1
        if not 1 <= length <= LONGEST:
            expected = f"a range that runs forward, of at most {LONGEST} days"
            faults.append(_range_fault(first, last, f"{length} days", expected))
            continue
        span = {first + timedelta(days=number) for number in range(length)}
        found = span & held if length > 1 and network is not None else span
        if not found:
            faults.append(_range_fault(first, last, "no session", "a range with sessions of the book"))
        days |= found
    if faults:
        raise InputError(faults)
    return tuple(sorted(days))


def _range_fault(first: date, last: date, found: str, expected: str) -> Fault:
    return Fault(COMMAND_LINE, None, "--on", f"{first}..{last}: {found}", expected, "Correct the range.")


def previous_changes(previous: Previous, others: Sequence[RecordedChange] | None) -> list[RecordedChange]:
    """Return the changes of the previous plan; ``others`` take the place of those that are no strikes."""
    changes = read_changes(previous.facts["changes"], DISRUPTIONS, RESPONSES, file=previous.folder)
    strikes = [change for change in changes if isinstance(change, Strike)]
    rest = [change for change in changes if not isinstance(change, Strike)]
    return [*strikes, *(rest if others is None else others)]


def check_travel(stated: str | None, previous: Previous | None) -> None:
    """Raise ``InputError`` if the previous plan went by journeys that this run does not state."""
    before = {"source": "distance"} if previous is None else previous.facts["travel"]
    if stated is None and before["source"] != "distance":
        expected = f"the journeys that the previous plan went by: {before['name']}"
        remedy = "Name the file or the service, or write --travel distance to go by distance from now on."
        raise InputError([Fault(COMMAND_LINE, None, "--travel", "nothing", expected, remedy)])


def called_off(
    changes: Sequence[RecordedChange], dates: Sequence[date]
) -> tuple[list[RecordedChange], list[RecordedChange]]:
    """Return the changes that stay and the strikes that do not take place: on ``dates``, without any on all.

    ``InputError`` for dates on which no strike was planned for.
    """
    strikes = [change for change in changes if isinstance(change, Strike)]
    planned = {day for strike in strikes for day in strike.dates}
    strange = sorted(set(dates) - planned)
    if strange or not strikes:
        found = ", ".join(map(str, strange)) or "no strike"
        expected = (
            f"dates of the strike in the previous plan: {', '.join(map(str, sorted(planned))) or 'none'}"
        )
        fault = Fault(COMMAND_LINE, None, "--on", found, expected, "Correct the dates or leave them out.")
        raise InputError([fault])
    gone = set(dates) or planned
    stay: list[RecordedChange] = [change for change in changes if not isinstance(change, Strike)]
    off: list[RecordedChange] = []
    for strike in strikes:
        for chosen, part in ((stay, set(strike.dates) - gone), (off, set(strike.dates) & gone)):
            if part:
                chosen.append(replace(strike, dates=tuple(sorted(part))))
    return stay, off


def policy_of(path: Path | None, previous: Previous | None, reading: Reading) -> Policy:
    """Return the policy in a file, or of the previous plan; what is not stated is asked of ``reading``."""
    if path is not None or previous is None:
        return policy_under(reading, {} if path is None else read_toml(path), path or Path("policy.toml"))
    return stated_policy(previous.facts["policy"], Path(previous.folder) / "plan.json")


def again_of(known: Known, network: Network, as_of: date | None) -> Again | None:
    """Return what patients were told by the as-of date, if there is a previous plan."""
    return None if known.previous is None else follow(known.previous, network, as_of, known.answers)
