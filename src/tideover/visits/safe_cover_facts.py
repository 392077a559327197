"""What a plan states of its minimum safe cover, as plain JSON values: what is asked for, and the proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from tideover.engines.covering import Case, Leaf, least
from tideover.visits.book import IN_SESSION
from tideover.visits.facts import Ints
from tideover.visits.packs import SESSION_MINUTES, URGENT_TO, Pack
from tideover.visits.problem import StrikeDay
from tideover.visits.scarce import Group, Scarce, Urgent, Way

METHOD = (
    f"the fewest sessions of {SESSION_MINUTES} minutes, by pool, date, hours and role, with which every "
    f"visit of urgency 1 to {URGENT_TO} has a safe place: in a session that holds it in its booked hour, or "
    "where the plan may put it anyhow; less urgent visits make way, and posts stay where the plan sends them"
)


@dataclass(frozen=True)
class Held:
    """Sessions asked for, and the visits (rows of the day) that they hold, where and by which roles.

    ``places`` are the bins of the day that hold the others.
    """

    sessions: Mapping[Pack, int]
    rows: Ints
    ways: Mapping[int, Way]
    places: Mapping[int, int]


def bounds_of(urgent: Urgent, part: Scarce, held: Held) -> Iterator[dict[str, Any]]:
    """Yield the bound of a part (it counts in the sum) and, where it has several groups, of each alone."""
    yield _bound(urgent, part, sum(held.sessions.values()), counts=True)
    if len(part.groups) > 1:
        for group in part.groups:
            own = sum(n for pack, n in held.sessions.items() if (pack.pool_id, pack.date) == group)
            yield _bound(urgent, urgent.alone(part, group), own, counts=False)


def _bound(urgent: Urgent, part: Scarce, enough: int, *, counts: bool) -> dict[str, Any]:
    number, case = least(part.covering, enough)
    names = urgent.day.visits["visit_id"].gather(part.rows).to_list()
    groups = [[pool, str(day)] for pool, day in part.groups]
    return {"groups": groups, "counts": counts, "sessions": number, "case": _case(case, names, part)}


def _case(case: Case, names: list[str], part: Scarce) -> dict[str, Any]:
    if isinstance(case, Leaf):
        prices = {name: price for name, price in zip(names, case.price.tolist(), strict=True) if price}
        rates = [
            shelf._asdict() | {"date": str(shelf.date), "roles": list(shelf.roles), "rate": rate}
            for shelf, rate in zip(part.shelves, case.rate.tolist(), strict=True)
            if rate
        ]
        return {"prices": prices, "rates": rates, "tolls": list(case.toll)}
    return {
        "of": [part.packs[kind].name for kind in case.form],
        "at": case.at,
        "most": _case(case.most, names, part),
        "more": _case(case.more, names, part),
    }


def places_of(
    kept: pl.DataFrame, again: pl.DataFrame, day: StrikeDay, held: Held
) -> Iterator[dict[str, Any]]:
    """Yield where each of the visits ``kept`` safe is held with the sessions."""
    names = day.visits["visit_id"]
    ways = {names[row]: way for row, way in held.ways.items()}
    for row in again.join(kept, on="visit_id", how="semi").sort("visit_id").iter_rows(named=True):
        clinic, roles = ways.get(row["visit_id"], (None, ()))
        moved = row["option"] in IN_SESSION
        yield {
            "visit_id": row["visit_id"],
            "option": "safe_cover" if roles else row["option"],
            "clinic_id": clinic if roles else row["new_clinic_id"],
            "roles": list(roles),
            "session_id": row["new_session_id"] if moved else None,
            "start": row["new_start"].isoformat() if moved else None,
        }


def facts_of(
    lacking: pl.DataFrame,
    sessions: Mapping[Pack, int],
    bound: int,
    alone: Mapping[tuple[str, str], int],
    not_helped: int,
) -> dict[str, Any]:
    """Return what is asked for, by pool and date: ``lacking`` are the visits left unsafe that it helps.

    ``bound`` is that of all groups together, ``alone`` those of single groups.
    """
    need: dict[Group, tuple[int, int]] = {
        (pool, day): (visits, minutes)
        for pool, day, visits, minutes in lacking.group_by("pool_id", "date")
        .agg(pl.len(), pl.col("minutes").sum())
        .iter_rows()
    }
    groups = sorted({*need, *((pack.pool_id, pack.date) for pack in sessions)})
    total = sum(sessions.values())
    return {
        "sessions": total,
        "lower_bound": bound,
        "proven": bound == total,
        "session_minutes": SESSION_MINUTES,
        "by_pool": [_of_group(group, need.get(group, (0, 0)), sessions, alone) for group in groups],
        "not_helped": not_helped,
        "method": METHOD,
    }


def _of_group(
    group: Group, need: tuple[int, int], sessions: Mapping[Pack, int], alone: Mapping[tuple[str, str], int]
) -> dict[str, Any]:
    own = {pack: n for pack, n in sessions.items() if (pack.pool_id, pack.date) == group}
    return {
        "pool_id": group[0],
        "date": str(group[1]),
        "visits": need[0],
        "minutes": need[1],
        "sessions": sum(own.values()),
        "lower_bound": alone.get((group[0], str(group[1])), 0),
        "by_role": [
            {
                "clinic_id": pack.clinic_id,
                "roles": list(pack.roles),
                "start": f"{pack.hour:02}:00",
                "end": f"{pack.hours.stop:02}:00",
                "sessions": n,
            }
            for pack, n in sorted(own.items())
        ],
    }


def with_it(decisions: pl.DataFrame) -> dict[str, int]:
    """Return what becomes of the booked visits with the sessions, in a plan that puts urgent visits first."""
    option = decisions["option"]
    named = {name: int((option == name).sum()) for name in ("stand", "standby", "waitlist")}
    return {"unsafe_urgent": unsafe_urgent(decisions).height, **named}


def unsafe_urgent(decisions: pl.DataFrame) -> pl.DataFrame:
    """Return the urgent visits (urgency 1 or 2) that are held after their safe-by date or not placed."""
    late = pl.col("new_start").dt.date() > pl.col("safe_by")
    return decisions.filter((pl.col("urgency") <= URGENT_TO) & (pl.col("new_start").is_null() | late))
