"""Several employers' networks as one, the dispute of each, and what makes plans of them comparable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from tideover import schema
from tideover.cases.strike import default_as_of
from tideover.errors import Fault, InputError
from tideover.nouns import Network, Note, Policy, Scenario
from tideover.synthetic import Recipe

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
