"""The safe cover as a table that two sides could sign: cover.csv for both, cover.html to print and sign."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from tideover.impact import FEWEST_PEOPLE
from tideover.impact.suppress import hidden_cells
from tideover.reports import words
from tideover.reports.pages import draw_page
from tideover.reports.parts import Table

FEW = f"fewer than {FEWEST_PEOPLE}"
#: A count that would give away one of fewer people, with what else is known.
WITHHELD = "withheld"
#: How many rows a page holds beside what else is on it.
_ROWS = 16
_ROLES = {"physician": "physician", "pa": "PA", "np": "NP"}

Row = dict[str, Any]


def unsafe_visits(facts: Mapping[str, Any]) -> list[str]:
    """Return how many urgent visits have no safe time, for each row of the safe cover; small ones in words.

    Where the total would give a small one back, others are withheld too.
    """
    counts = [int(row["visits"]) for row in facts["minimum_safe_cover"]["by_pool"]]
    ordered = sorted(range(len(counts)), key=lambda at: counts[at])
    marks = dict(zip(ordered, hidden_cells([counts[at] for at in ordered]), strict=True))
    return [
        (FEW if counts[at] < FEWEST_PEOPLE else WITHHELD) if marks[at] else str(counts[at])
        for at in range(len(counts))
    ]


def cover_rows(facts: Mapping[str, Any]) -> list[Row]:
    """Return one row for each pool, date, half day and set of roles: what is asked, what one more is worth.

    ``visits`` is in words where it is small, and ``at_least`` and ``at_most`` (by level) are then empty; they
    are empty as well where the plan states no worth, on a morning.
    """
    cover, worth = facts["minimum_safe_cover"], facts.get("worth") or {"sessions": []}
    groups = {
        (row["pool_id"], row["date"]): (row, unsafe)
        for row, unsafe in zip(cover["by_pool"], unsafe_visits(facts), strict=True)
    }
    asked: dict[tuple[str, ...], int] = defaultdict(int)
    for (pool_id, day), (group, _) in groups.items():
        for one in group["by_role"]:
            asked[pool_id, day, one["start"], one["end"], *one["roles"]] += one["sessions"]
    valued = {
        (row["pool_id"], row["date"], row["start"], row["end"], *row["roles"]): row
        for row in worth["sessions"]
    }
    shown = _visits_shown(worth["sessions"])
    rows = []
    for key in sorted({*asked, *valued}):
        pool_id, day, start, end, *roles = key
        group, unsafe = groups.get((pool_id, day), ({}, "0"))
        one = valued.get(key)
        visits = shown[key] if one else ""
        figures = one if one and visits != FEW else {"at_least": None, "at_most": None}
        rows.append(
            {
                "pool_id": pool_id,
                "date": day,
                "start": start,
                "end": end,
                "roles": _either([_ROLES.get(role, role) for role in roles]),
                "sessions_asked": asked.get(key, 0),
                "pool_sessions_asked": group.get("sessions", 0),
                "pool_lower_bound": group.get("lower_bound", 0),
                "pool_unsafe_visits": unsafe,
                "visits": visits,
                "at_least": figures["at_least"],
                "at_most": figures["at_most"],
            }
        )
    return rows


def _either(names: Sequence[str]) -> str:
    return " or ".join([part for part in (", ".join(names[:-1]), names[-1]) if part])


def _visits_shown(sessions: Sequence[Mapping[str, Any]]) -> dict[tuple[str, ...], str]:
    """Return how many visits each session may hold, in words where it is small.

    Sets of roles lie within each other: a count that differs a little from another's is withheld.
    """
    found: dict[tuple[str, ...], str] = {}
    known: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row in sorted(sessions, key=lambda row: -int(row["visits"])):
        when = row["pool_id"], row["date"], row["start"], row["end"]
        number = int(row["visits"])
        if any(0 < abs(number - other) < FEWEST_PEOPLE for other in known[when]):
            found[*when, *row["roles"]] = FEW if 0 < number < FEWEST_PEOPLE else WITHHELD
        else:
            found[*when, *row["roles"]] = FEW if 0 < number < FEWEST_PEOPLE else str(number)
            known[when].append(number)
    return found


def cover_table(facts: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows as a flat table, a column for each level's worth; no identifier of a person or post."""
    names = [level["name"] for level in facts["levels"]]
    schema: dict[str, Any] = dict.fromkeys(
        ("pool_id", "date", "start", "end", "roles", "pool_unsafe_visits", "visits"), pl.String()
    )
    schema |= dict.fromkeys(("sessions_asked", "pool_sessions_asked", "pool_lower_bound"), pl.Int64())
    order = (
        *("pool_id", "date", "start", "end", "roles", "sessions_asked"),
        *("pool_sessions_asked", "pool_lower_bound", "pool_unsafe_visits", "visits"),
    )
    flat = []
    for row in cover_rows(facts):
        points = {
            f"{side}_{name}": None if row[side] is None else row[side][at]
            for at, name in enumerate(names)
            for side in ("at_least", "at_most")
        }
        flat.append({name: row[name] for name in order} | points)
    sides = [f"{side}_{name}" for name in names for side in ("at_least", "at_most")]
    types = {name: schema[name] for name in order} | dict.fromkeys(sides, pl.Int64())
    return pl.DataFrame(flat, schema=types)


def cover_page(facts: Mapping[str, Any], table_sha256: str) -> str:
    """Return the page to print and sign; it holds counts only, and names cover.csv by its SHA-256."""
    cover = facts["minimum_safe_cover"]
    as_of, name = dt.date.fromisoformat(facts["as_of"]), facts["network"]["name"] or "Clinic network"
    rows = cover_rows(facts)
    dates = sorted({dt.date.fromisoformat(pool["date"]) for pool in facts["pools"]})
    first = sorted(rows, key=lambda row: (not row["sessions_asked"], _worth_first(row), row["pool_id"]))
    shown = first[: max(_ROWS, sum(row["sessions_asked"] > 0 for row in rows))]
    levels = _levels(facts, rows)
    return draw_page(
        "cover.html",
        synthetic=facts["network"]["synthetic"],
        dateline=f"{name} \u00b7 book as of {words.plain_day(as_of)}",
        title=f"Safe cover for {words.days(dates)}" if dates else "Safe cover",
        headline=_headline(cover),
        dates=dates,
        rows=_table(facts, shown, levels),
        left=len(rows) - len(shown),
        only=_common_roles(rows),
        levels=levels,
        cover=cover,
        worth=facts.get("worth"),
        version=facts["tideover"],
        table_sha256=table_sha256,
        few=FEWEST_PEOPLE,
        words=words,
    )


def _worth_first(row: Row) -> list[int]:
    return [-points for points in row["at_least"]] if row["at_least"] is not None else [1]


def _headline(cover: Mapping[str, Any]) -> str:
    number, bound = int(cover["sessions"]), int(cover.get("lower_bound", 0))
    if not number:
        return "No further session is needed to keep urgent visits safe"
    more = words.plural(number, "half-day session")
    if bound == number:
        return f"{more} more would keep urgent visits safe; fewer would not do"
    return f"{more} more would keep urgent visits safe; at least {words.count(bound)} are needed"


def _levels(facts: Mapping[str, Any], rows: Sequence[Row]) -> list[tuple[int, str]]:
    """Return number and words of the levels on which some session may save anything."""
    some = [row["at_most"] for row in rows if row["at_most"] is not None]
    return [
        (at + 1, words.listed([words.term(term) for term in level["terms"]]))
        for at, level in enumerate(facts["levels"])
        if any(points[at] for points in some)
    ]


def _common_roles(rows: Sequence[Row]) -> str:
    """Return the roles that may hold any of the sessions, where these are the same for all."""
    roles = {row["roles"] for row in rows}
    return roles.pop() if len(roles) == 1 else ""


def _table(facts: Mapping[str, Any], rows: Sequence[Row], levels: Sequence[tuple[int, str]]) -> Table:
    several = len({pool["date"] for pool in facts["pools"]}) > 1
    with_roles = not _common_roles(rows)
    cells = []
    for row in rows:
        points = [_points(row, number - 1) for number, _ in levels]
        when = f"{row['start']}\u2013{row['end']}"
        cells.append(
            (
                row["pool_id"],
                *([words.short_day(dt.date.fromisoformat(row["date"]))] if several else []),
                when,
                *([row["roles"]] if with_roles else []),
                words.count(row["sessions_asked"]),
                words.count(row["pool_sessions_asked"]),
                words.count(row["pool_lower_bound"]),
                row["pool_unsafe_visits"],
                row["visits"],
                *points,
            )
        )
    heads = (
        *("Pool", *(["Date"] if several else []), "Half day", *(["Roles"] if with_roles else [])),
        *("Asked here", "Asked of pool", "Proved needed", "Urgent, not safe", "Visits it may hold"),
        *(f"Worth, level\u00a0{number}" for number, _ in levels),
    )
    text = frozenset(range(2 + several + with_roles))
    return Table("Safe cover asked for, and what one session more is worth", heads, tuple(cells), text)


def _points(row: Row, level: int) -> str:
    if row["at_least"] is None:
        return ""
    least, most = row["at_least"][level], row["at_most"][level]
    return words.count(least) if least == most else f"{words.count(least)}\u2013{words.count(most)}"
