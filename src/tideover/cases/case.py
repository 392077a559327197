"""A case: a dispute as one runnable file, with its network, scenarios, timeline and claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from tideover.cases.days import Chances
from tideover.cases.several import Part, moved
from tideover.cases.stated import Asked, answered, unheld_roles
from tideover.claims import Answer, Ledger, Reading
from tideover.disruptions import DISRUPTIONS
from tideover.errors import Fault, InputError, attempt
from tideover.nouns import Note, Policy
from tideover.nouns.change import RecordedChange, read_changes
from tideover.readers import stated_policy
from tideover.responses import RESPONSES
from tideover.schema import policy_keys
from tideover.synthetic import Recipe, check_recipe

#: What may be made beside the plans, and what it is.
RESULTS = {
    "days": "how the strike may go, tried on many days under chance",
    "shares": "the same strike at other working shares",
    "sites": "which sites open and which are paused",
}
#: The claim on which a figure of the tried days rests where the case does not state it.
_DAYS = {"days": "days-tried", "no_shows": "no-shows", "walk_ins": "walk-ins"}
#: The parts of a case that are answered one after the other.
PARTS = ("network", "plan", "days", "transfers", "timeline")
#: What is planned for a scenario: booked visits, or where the patients of closing clinics go.
PLANS = ("visits", "transfers")


@dataclass(frozen=True)
class Event:
    """A date of the timeline: when, what, and claims whose answers are told behind it."""

    date: date | Asked
    text: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """A scenario of a case: its name, its title, and its changes as they are stated.

    ``plan`` is one of ``PLANS``; ``results`` (of ``RESULTS``) are made for it, of those of the case. ``on``
    says of networks with disputes of their own when these begin here, where that is another date.
    """

    id: str
    title: str
    changes: tuple[Mapping[str, Any], ...]
    plan: str = PLANS[0]
    results: tuple[str, ...] = tuple(RESULTS)
    on: Mapping[str, Any] = field(default_factory=dict)

    @property
    def closes(self) -> bool:
        """Whether the plan says where the patients of closing clinics go."""
        return self.plan == "transfers"

    @property
    def part(self) -> str:
        """The part of the case (of ``PARTS``) to which what is asked for its plan belongs."""
        return "transfers" if self.closes else "plan"


def part_of(stage: Stage) -> str:
    """Return the name of what one scenario alone asks: the policy of its plan, and its changes."""
    return f"scenario {stage.id}"


@dataclass(frozen=True)
class OffersStated:
    """The offers that a case compares on its network's roster: files, or names of shipped ones."""

    offers: tuple[Path, ...]
    current: Path | None = None
    comparator: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """A dispute as it is stated in a file; what a claim answers is left open until a reading is chosen.

    The network is either the ``folder`` of one or the ``recipe`` of a synthetic one, or those of several
    ``networks``, each with a dispute of its own that is part of every scenario. The scenario in which
    nothing happens is part of every case and not among ``stages``. ``unknown`` tells what cannot be known.
    """

    id: str
    title: str
    about: str
    file: str
    ledger: Ledger
    folder: Path | None = None
    recipe: Mapping[str, Any] | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    days: Mapping[str, Any] = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    events: tuple[Event, ...] = ()
    results: tuple[str, ...] = tuple(RESULTS)
    unknown: tuple[str, ...] = ()
    offers: OffersStated | None = None
    networks: tuple[Part, ...] = ()

    def under(self, reading: Reading) -> Inputs:
        """Return the inputs that ``reading`` makes of the case, with every answer that each part asked for.

        Raises ``InputError`` with every fault of answers that do not fit together.
        """
        inputs, faults = self.gathered(reading)
        if inputs is None or faults:
            raise InputError(faults)
        return inputs

    def gathered(self, reading: Reading) -> tuple[Inputs | None, list[Fault]]:
        """Return the inputs, and every fault of answers that do not fit together.

        With faults of scenarios or days the inputs hold the others, so that these can be looked at as well;
        without a network or a policy there are none.
        """
        faults: list[Fault] = []
        inputs = attempt(faults, lambda: self._under(reading, faults))
        return inputs, faults

    def _under(self, reading: Reading, faults: list[Fault]) -> Inputs:
        readings = {part: reading.fresh() for part in PARTS}
        recipe = None if self.recipe is None else recipe_under(readings["network"], self.recipe)
        networks = tuple(
            part.made_of(None if part.recipe is None else recipe_under(readings["network"], part.recipe))
            for part in self.networks
        )
        policy = policy_under(readings["plan"], self.policy, Path(self.file))
        transfers = None
        if any(stage.closes for stage in self.stages):
            transfers = policy_under(readings["transfers"], self.policy, Path(self.file), "panels")
        changes, notes = {}, []
        asked: dict[str, tuple[Answer, ...]] = {}
        for number, stage in enumerate(self.stages, start=1):
            part = reading.fresh()
            stated = [*self._disputes(stage, part), *(answered(change, "", part) for change in stage.changes)]
            found = _changes(stated, Path(self.file).name, f"scenario[{number}]", faults)
            if found is not None:
                changes[stage.id] = found
            notes += unheld_roles(stage.changes, reading)
            asked[part_of(stage)] = (*readings[stage.part].asked, *part.asked)
        chances = chances_under(readings["days"], answered(self.days, "", readings["days"], numbers=True))
        faults += chances.faults()
        for event in self.events:
            answered(event.date, "date", readings["timeline"])
            for claim in event.also:
                readings["timeline"].ask(claim)
        asked |= {part: readings[part].asked for part in PARTS}
        for stage in self.stages:
            asked[stage.part] = (*asked[stage.part], *asked[part_of(stage)])
        notes = list(dict.fromkeys(notes))
        return Inputs(recipe, self.folder, policy, changes, chances, asked, tuple(notes), transfers, networks)

    def _disputes(self, stage: Stage, reading: Reading) -> Iterator[dict[str, Any]]:
        """Yield the strikes of the networks in a scenario, each at its own employer and on its date there."""
        for part in self.networks:
            on = answered(stage.on.get(part.id), "on", reading)
            for change in part.changes:
                yield {**moved(answered(change, "", reading), on), "employers": [part.id]}


@dataclass(frozen=True)
class Inputs:
    """What a reading makes of a case: network, policy, changes by scenario, chances, and what was asked.

    ``transfers`` is the policy of where patients of closing clinics go, if a scenario of the case asks it.
    """

    recipe: Recipe | None
    folder: Path | None
    policy: Policy
    changes: Mapping[str, tuple[RecordedChange, ...]]
    chances: Chances
    asked: Mapping[str, tuple[Answer, ...]]
    notes: tuple[Note, ...] = ()
    transfers: Policy | None = None
    networks: tuple[Part, ...] = ()

    @property
    def made(self) -> bool:
        """Whether the network is made for the case, and written with its results."""
        return self.recipe is not None or bool(self.networks)

    def rests_on(self, *parts: str) -> tuple[Answer, ...]:
        """Return the answers on which these parts rest, each claim once, in the order of asking."""
        found = {answer.claim.id: answer for part in parts for answer in self.asked[part]}
        return tuple(found.values())


def recipe_under(reading: Reading, stated: Mapping[str, Any]) -> Recipe:
    """Return the recipe of a synthetic network as ``reading`` answers it; ``InputError`` if it cannot be."""
    recipe = Recipe(**answered(stated, "", reading, numbers=True))
    check_recipe(recipe)
    return recipe


def _changes(
    stated: Sequence[Mapping[str, Any]], file: str, place: str, faults: list[Fault]
) -> tuple[RecordedChange, ...] | None:
    """Return the changes of a scenario, or ``None`` after noting every fault of them."""
    try:
        return tuple(read_changes(stated, DISRUPTIONS, RESPONSES, file=file))
    except InputError as error:
        faults += [replace(one, column=f"{place}.{one.column or 'change'}") for one in error.faults]
        return None


def policy_under(reading: Reading, stated: Mapping[str, Any], path: Path, room: str = "visits") -> Policy:
    """Return the policy: what is ``stated``, else what ``reading`` takes of the claims, else the defaults.

    Only keys that ``room`` heeds are asked of the reading.
    """
    chosen = dict(answered(dict(stated), "", reading, numbers=True))
    for key in policy_keys():
        if key.claim != "choice" and key.serves(room) and key.key not in chosen:
            number = reading.ask(key.claim).number
            chosen[key.key] = round(number) if key.type == "integer" else number
    return stated_policy(chosen, path)


def chances_under(reading: Reading, stated: Mapping[str, Any]) -> Chances:
    """Return what is assumed of tried days: what is ``stated``, else what ``reading`` takes of the claims."""
    values = dict(stated)
    for name, claim in _DAYS.items():
        if name not in values:
            number = reading.ask(claim).number
            values[name] = round(number) if name == "days" else number
    return Chances(**values)
