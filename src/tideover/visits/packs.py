"""Sessions of safe cover: half days that could be worked, by pool, hours and roles (S1, S2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import NamedTuple

import polars as pl

from tideover import schema
from tideover.nouns import Policy, Scenario

#: Length of a session of safe cover, in clock hours: half a clinic day.
SESSION_HOURS = 4
SESSION_MINUTES = 60 * SESSION_HOURS
#: The least urgent class that safe cover is for.
URGENT_TO = 2


class Shelf(NamedTuple):
    """An hour of the sessions of one set of roles at one site of a pool on a date."""

    pool_id: str
    date: date
    clinic_id: str
    hour: int
    roles: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Pack:
    """A session of safe cover: a pool on a date, a site, the hour at which it starts, who may hold it."""

    pool_id: str
    date: date
    clinic_id: str
    hour: int
    roles: tuple[str, ...]

    @property
    def hours(self) -> range:
        """The clock hours in which it is worked."""
        return range(self.hour, self.hour + SESSION_HOURS)

    @property
    def name(self) -> str:
        """The session in one word, as the proof names it."""
        return f"{self.pool_id}|{self.date}|{self.clinic_id}|{self.hour:02}|{'+'.join(self.roles)}"

    @property
    def shelves(self) -> list[Shelf]:
        """The hours of it."""
        return [Shelf(self.pool_id, self.date, self.clinic_id, hour, self.roles) for hour in self.hours]


def starts(scenario: Scenario) -> dict[tuple[str, date], list[int]]:
    """Return the hours at which a session may start, by (pool_id, date).

    From the first hour in which the pool was to hold visits to the last from which the session ends with it.
    """
    hours = scenario.cover.group_by("pool_id", "date").agg(
        pl.col("hour").min().alias("first"), pl.col("hour").max().alias("last")
    )
    found = {}
    for pool, day, first, last in hours.sort("pool_id", "date").iter_rows():
        found[pool, day] = starts_of([first, last])
    return found


def starts_of(hours: Sequence[int]) -> list[int]:
    """Return the hours at which a session may start where a pool was to hold visits in ``hours``."""
    first, end = min(hours), max(hours) + 1
    return list(range(first, max(first, end - SESSION_HOURS) + 1))


def all_roles() -> tuple[str, ...]:
    """Return every role of the schema, sorted."""
    column = next(each for each in schema.tables()["clinicians"] if each.column == "role")
    return tuple(sorted(column.choices))


def role_sets(kinds: Iterable[str | None], policy: Policy) -> dict[tuple[str, ...], frozenset[str | None]]:
    """Return the sets of roles that may be asked, each with those of ``kinds`` that all of them may see.

    Of the sets that may see the same kinds only the largest is asked: whoever of them holds the session, it
    is as good. A set that may see none of them is not asked.
    """
    roles, seen = all_roles(), frozenset(kinds)
    largest: dict[frozenset[str | None], tuple[str, ...]] = {}
    for number in range(len(roles), 0, -1):
        for some in combinations(roles, number):
            may = frozenset(kind for kind in seen if all(_may_see(role, kind, policy.scope) for role in some))
            if may and may not in largest:
                largest[may] = some
    return {some: may for may, some in largest.items()}


def _may_see(role: str, kind: str | None, scope: Mapping[str, tuple[str, ...]]) -> bool:
    return kind is None or kind not in scope or role in scope[kind]
