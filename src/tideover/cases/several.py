"""Several employers' networks as one, the dispute of each, and what makes plans of them comparable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl

from tideover import schema
from tideover.cases.strike import default_as_of
from tideover.errors import Fault, InputError, attempt
from tideover.nouns import Network, Note, Policy, Scenario
from tideover.responses.mutual_aid import MutualAid
from tideover.synthetic import Recipe
from tideover.synthetic.recipe import FIRST, LAST, LIMITS

#: Tables that join; pay and payers are each employer's own and stay out.
JOINED = ("clinics", "clinicians", "support_staff", "sessions", "patients", "visits", "areas")


@dataclass(frozen=True)
class Part:
    """One employer's network within a case: its name, its folder or recipe, its dispute as stated."""

    id: str
    name: str
    folder: Path | None = None
    recipe: Any = None
    changes: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)

    def made_of(self, recipe: Recipe | None) -> Part:
        """Return the part with the recipe that a reading makes."""
        return replace(self, recipe=recipe)


@dataclass(frozen=True)
class Common:
    """What all plans of several networks share, so that they can be compared: as-of date, last lost date."""

    as_of: date
    last: date

    def policy(self, policy: Policy, scenario: Scenario) -> Policy:
        """Return ``policy`` with the horizon that ends on the same date in every scenario."""
        later = (self.last - _last_lost(scenario)).days
        return replace(policy, horizon_days=policy.horizon_days + later)


def common_of(scenarios: Iterable[Scenario | None]) -> Common | None:
    """Return what the plans of ``scenarios`` share; ``None`` where none of them has anything to plan.

    The as-of date is the first of those that each would have by itself.
    """
    found = [one for one in scenarios if one is not None]
    if not found:
        return None
    return Common(min(map(default_as_of, found)), max(map(_last_lost, found)))


def _last_lost(scenario: Scenario) -> date:
    days: list[date] = scenario.lost["from"].dt.date().to_list()
    return max(days)


def moved(change: Mapping[str, Any], on: date | None) -> dict[str, Any]:
    """Return a strike with its dates and notice moved so that it begins ``on``; as it is for ``None``.

    Dates that are none stay as they are, for the reader of changes to refuse.
    """
    given = change.get("dates")
    dates = [given] if isinstance(given, date) else given
    if (
        on is None
        or not isinstance(dates, list)
        or not all(isinstance(day, date) for day in dates)
        or not dates
    ):
        return dict(change)
    later = on - min(dates)
    shifted: dict[str, Any] = {"dates": [day + later for day in dates]}
    if isinstance(change.get("notice_on"), date):
        shifted["notice_on"] = change["notice_on"] + later
    return {**change, **shifted}


def count_from(where: str) -> Iterator[str]:
    """Yield the places of tables of one name: the first, the second and so on."""
    return (f"{where}[{number}]" for number in count(1))


def aid_faults(change: Mapping[str, Any], where: str, parts: Sequence[Part], file: str) -> list[Fault]:
    """Return the faults of room that is lent (a change ``mutual_aid``) that are seen without the networks.

    Values that are wrong by themselves, networks that the case does not have, and dates outside their books.
    Other changes have none here.
    """
    if change.get("kind") != MutualAid.kind:
        return []
    faults: list[Fault] = []
    attempt(faults, lambda: MutualAid.from_facts(change))
    known, named = sorted({part.id for part in parts}), change.get("employers")
    if not known:
        remedy = "State several [[network]], each with an id."
        faults.append(MutualAid.fault("employers", "a case with one network", "several networks", remedy))
    elif isinstance(named, list):
        faults += MutualAid.unknown("employers", [one for one in named if isinstance(one, str)], known)
    faults = [replace(one, file=file, column=f"{where}.{one.column}") for one in faults]
    return faults + outside_faults(change.get("dates"), f"{where}.mutual_aid.dates", parts, file)


def outside_faults(value: Any, where: str, parts: Sequence[Part], file: str) -> list[Fault]:
    """Return a fault for each date of ``value`` that lies outside the books of all ``parts``.

    Only books of recipes that state their start and weeks are known before the networks are made.
    """
    books = [_book(part.recipe) for part in parts]
    known = [book for book in books if book is not None]
    if len(known) < len(books) or not known:
        return []
    first, last = min(book[0] for book in known), max(book[1] for book in known)
    days = [day for day in (value if isinstance(value, list) else [value]) if type(day) is date]
    return [
        Fault(file, None, where, str(day), f"a date of the book, {first} to {last}", "Correct the date.")
        for day in days
        if not first <= day <= last
    ]


def _book(recipe: Any) -> tuple[date, date] | None:
    start, weeks = (recipe.get(key) if isinstance(recipe, Mapping) else None for key in ("start", "weeks"))
    if type(start) is not date or type(weeks) is not int or not FIRST <= start <= LAST:
        return None
    low, high = LIMITS["weeks"]
    return (start, start + timedelta(weeks=weeks, days=-1)) if low <= weeks <= high else None


def joined(parts: Sequence[tuple[Part, Network]]) -> Network:
    """Return the networks as one, every identifier behind its network's id (``north:clinic-7``).

    The column ``employer`` of the clinics holds the network's id. ``InputError`` for networks with a matrix
    of journeys, which knows the clinics of its own network alone.
    """
    faults = [
        Fault(part.id, None, "travel", "a matrix of journeys", "journeys by distance",
              "Take travel.parquet out of the folder: it knows no journeys to the other networks.")
        for part, network in parts if network.travel is not None
    ]  # fmt: skip
    if faults:
        raise InputError(faults)
    tables = {
        name: pl.concat(
            [_named(name, getattr(network, name), part.id) for part, network in parts], how="diagonal_relaxed"
        )
        for name in JOINED
    }
    owners = pl.col("clinic_id").str.split(":").list.first()
    names = {part.id: part.name for part, _ in parts}
    named = pl.concat_str(
        pl.coalesce("name", pl.col("clinic_id").str.split_exact(":", 1).struct.field("field_1")),
        pl.lit(" ("), owners.replace(names), pl.lit(")"),
    )  # fmt: skip
    tables["clinics"] = tables["clinics"].with_columns(owners.alias("employer"), named.alias("name"))
    notes = [
        replace(note, about=f"{part.id}: {note.about}") for part, network in parts for note in network.notes
    ]
    text = (
        f"{len(parts)} employers' networks as one: {', '.join(names.values())}. Pay and payers are left out."
    )
    return Network.of(
        tables,
        notes=(Note("derived", "clinics.employer", text), *notes),
        synthetic=any(network.synthetic for _, network in parts),
        name=" and ".join(names.values()),
    )


def _named(table: str, frame: pl.DataFrame, owner: str) -> pl.DataFrame:
    columns = [
        column.column
        for column in schema.tables()[table]
        if column.column.endswith("_id") and column.type == "string"
    ]
    return frame.with_columns(pl.concat_str(pl.lit(f"{owner}:"), name).alias(name) for name in columns)
