"""The tables of the report that have no chart: sites, levels, pools, policy, changes, files."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from tideover import schema
from tideover.reports import svg, words
from tideover.reports.book import Book, few_people, outcomes, site_names
from tideover.reports.cover import unsafe_visits
from tideover.reports.parts import Cell, Table, parts_of

_ELSEWHERE = ("another_site", "another_clinic", "urgent_care", "own_clinician", "another_clinician", "video")


def sites(seen: Book) -> Table:
    """Return the sites, the most affected first; those with fewer than 11 patients are one row, and so are
    those that only receive visits.
    """
    names, received = site_names(seen.scenario), _received(seen)
    small = few_people(seen.visits)
    label = pl.when(pl.col("clinic_id").is_in(small)).then(pl.lit(None)).otherwise("clinic_id")
    parts = seen.visits.with_columns(label.alias("site")).group_by("site")
    rows = [(site, part, outcomes(part)) for (site,), part in parts]
    rows.sort(key=lambda row: (row[0] is None, -int(row[1]["affected"].sum()), names.get(str(row[0]), "")))
    most = max((part.height for site, part, _ in rows if site), default=0)
    cells = []
    for site, part, tally in rows:
        name = f"{words.plural(len(small), 'small site')} together" if site is None else names.get(site, site)
        came = sum(received.get(each, 0) for each in small) if site is None else received.get(site, 0)
        cells.append(_site_row(name, part, tally, came, most if site else 0))
    booked = set(seen.visits["clinic_id"])
    others = sum(number for site, number in received.items() if site not in booked)
    if others:
        cells.append(("Sites where no visit was booked", "", *["0"] * 6, words.count(others)))
    heads = (
        "Site",
        "Its visits",
        "Affected",
        "Stand",
        "At another site",
        "On standby",
        "Move",
        "No date",
        "Received",
    )
    return Table("Site by site, the most affected first", heads, tuple(cells), frozenset({0, 1}))


def _site_row(name: str, part: pl.DataFrame, tally: dict[str, int], came: int, most: int) -> tuple[Cell, ...]:
    move = tally["moved"] + tally["video"] + tally["urgent_care"]
    kept = (tally["stand"], tally["another_site"], tally["standby"])
    numbers = (int(part["affected"].sum()), *kept, move, tally["waitlist"], came)
    told = ", ".join(f"{words.count(n)} {words.OPTION_WORDS[k]}" for k, n in tally.items() if n)
    # Many small sites together would dwarf the others on one scale.
    drawing = svg.bar(parts_of(tally), most, f"{name}: {told}", width=140) if most else ""
    return (name, drawing, *(words.count(number) for number in numbers))


def _received(seen: Book) -> dict[str, int]:
    """Return how many visits booked at another site each clinic receives."""
    came = seen.visits.filter(
        pl.col("option").is_in(_ELSEWHERE) & (pl.col("new_clinic_id") != pl.col("clinic_id"))
    )
    return dict(came.group_by("new_clinic_id").len().iter_rows())


def by_date(seen: Book) -> Table | None:
    """Return the outcomes by booked date, where the plan has several."""
    if len(seen.dates) < 2:
        return None
    rows = []
    for date in seen.dates:
        here = seen.on(date).visits
        late = int(here["late_after"].sum())
        rows.append((words.day(date), *map(words.count, (here.height, *outcomes(here).values(), late))))
    heads = (
        "Booked on",
        "Booked",
        "Stand",
        "At another site",
        "On standby",
        "Move",
        "By video",
        "Urgent care",
        "No date",
        "Unsafe",
    )
    return Table("The plan by booked date", heads, tuple(rows))


def levels(facts: Mapping[str, Any]) -> Table:
    """Return the levels of the plan with cost, bound, gap and what first-come re-booking would give."""
    rows = []
    for number, level in enumerate(facts["levels"], start=1):
        what = words.listed([words.term(name) for name in level["terms"]])
        cells = (level["cost"], level["bound"])
        rows.append(
            (
                f"{number}. {what[0].upper()}{what[1:]}",
                *map(words.count, cells),
                _gap(level),
                _first_come(level),
            )
        )
    heads = ("Made as small as possible, in this order", "This plan", "No plan can have less than", "Gap",
             "First come, first served")  # fmt: skip
    return Table("Points by level; fewer are better", heads, tuple(rows))


def _gap(level: Mapping[str, Any]) -> str:
    if level["gap"] == 0:
        return "none"
    share = level["gap_share"]
    return words.count(level["gap"]) + ("" if share is None else f" ({words.share(share, 2)})")


def _first_come(level: Mapping[str, Any]) -> str:
    return words.UNKNOWN if level.get("first_come") is None else words.count(level["first_come"])


def level_sentences(facts: Mapping[str, Any]) -> list[str]:
    """Return how good each level is, in plain words."""
    told, dearer = [], False
    for number, level in enumerate(facts["levels"], start=1):
        what = words.listed([words.term(name) for name in level["terms"]])
        told.append(f"Level {number} ({what}): {_how_good(level)}{_against(level, dearer=dearer)}.")
        dearer = dearer or (level.get("first_come") or 0) > level["cost"]
    return told


def _how_good(level: Mapping[str, Any]) -> str:
    if level["gap"] == 0:
        return "proved best"
    saved = f"at most {words.count(level['gap'])} of {words.plural(level['cost'], 'point')} could be saved"
    return saved if level["gap_share"] is None else f"{saved} ({words.share(level['gap_share'], 2)})"


def _against(level: Mapping[str, Any], *, dearer: bool) -> str:
    """Return what first-come re-booking would give; ``dearer`` if it is worse on an earlier level."""
    first, cost = level.get("first_come"), level["cost"]
    if first is None:
        return ""
    if first == cost:
        return "; re-booking first come, first served would reach the same"
    side = "more" if first > cost else "fewer"
    price = ", at the price of an earlier level" if dearer and first < cost else ""
    points = words.plural(abs(first - cost), "point")
    return f"; re-booking first come, first served would have {points} {side}{price}"


def safe_cover(facts: Mapping[str, Any]) -> Table | None:
    """Return the minimum safe cover by pool and date, small counts withheld; ``None`` without any."""
    need = facts["minimum_safe_cover"]
    if not need["by_pool"]:
        return None
    rows = tuple(
        (
            row["pool_id"] or "no pool",
            _date(row["date"]),
            visits,
            words.count(row["minutes"]) if visits.isdigit() else "\u00b7",
            words.count(row["sessions"]),
        )
        for row, visits in zip(need["by_pool"], unsafe_visits(facts), strict=True)
    )
    heads = ("Pool", "Date", "Urgent visits without a safe time", "Minutes", "Sessions needed")
    return Table("Minimum safe cover", heads, rows, frozenset({0, 1}))


def pools(seen: Book) -> Table:
    """Return the pools of struck posts: never a person; at least ten posts wherever any is counted on."""
    names = site_names(seen.scenario)
    rows = []
    for pool in seen.facts["pools"]:
        posts = map(words.count, (pool["posts"], pool["stand_posts"], pool["standby_posts"]))
        place = pool_sites(pool, names)
        rows.append((pool["pool_id"], _date(pool["date"]), words.stated(pool["working"]), *posts, place))
    heads = ("Pool", "Date", "Working share", "Posts", "Visits stand on", "Further, for standby", "Sites")
    return Table("Pools of struck posts", heads, tuple(rows), frozenset({0, 1, 6}))


def pool_sites(pool: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return the sites of a pool by their names, the first three of many."""
    where = [names.get(site, site) for site in pool["clinics"]]
    return ", ".join(where) if len(where) <= 3 else f"{', '.join(where[:3])} and {len(where) - 3} more"


def later(facts: Mapping[str, Any]) -> Table | None:
    """Return how visits booked after the as-of date fared against the reserve, where the book knows any."""
    if not facts["later"]:
        return None
    parts = (
        ("In struck sessions", facts["later"]["strike_day"]),
        ("In other sessions", facts["later"]["other_days"]),
    )
    rows = tuple(
        (name, *map(words.count, (part["visits"], part["met"], part["not_met"])))
        for name, part in parts
        if part
    )
    heads = ("Booked after the as-of date", "Visits", "Met by reserve and free time", "Not met")
    return Table("Visits that were still to come", heads, rows)


def policy(facts: Mapping[str, Any]) -> Table:
    """Return every choice of the policy for booked visits, with its unit and meaning."""
    rows = []
    for key in schema.policy_keys():
        if not key.serves("visits"):
            continue
        value: Any = facts["policy"]
        for step in key.key.split("."):
            value = value[step]
        rows.append((key.key, _choice(key.type, value), key.unit, key.description))
    return Table(
        "Choices of the policy", ("Key", "Value", "Unit", "Meaning"), tuple(rows), frozenset({0, 1, 2, 3})
    )


def _date(text: str) -> str:
    return words.short_day(dt.date.fromisoformat(str(text)))


def _choice(kind: str, value: Any) -> str:
    if value in ("", {}, None):
        return "none"
    if kind == "levels":
        return ", then ".join(" + ".join(level) for level in value)
    if kind == "integers":
        return ", ".join(str(each) for each in value)
    if kind == "scope":
        return "; ".join(f"{visit}: {', '.join(roles)}" for visit, roles in value.items())
    return str(value)


def changes(facts: Mapping[str, Any]) -> Table:
    """Return the changes that were applied: the strike and whatever answers it."""
    rows = tuple(
        (
            str(change["kind"]).replace("_", " "),
            "; ".join(_fact(k, v) for k, v in change.items() if _stated(k, v)),
        )
        for change in facts["changes"]
    )
    return Table("What was changed", ("Change", "As stated"), rows, frozenset({0, 1}))


def _stated(key: str, value: Any) -> bool:
    return key != "kind" and value not in (None, "", [], {})


def _fact(key: str, value: Any) -> str:
    if isinstance(value, list | tuple):
        value = ", ".join(str(each) for each in value)
    elif isinstance(value, dict):
        value = json.dumps(value, sort_keys=True)
    return f"{key.replace('_', ' ')}: {value}"


def files(facts: Mapping[str, Any]) -> Table:
    """Return the input files with their SHA-256, and that of the policy."""
    rows = [
        *sorted(facts["network"]["files"].items()),
        ("policy (as written in plan.json)", facts["policy_sha256"]),
    ]
    return Table("Inputs and their SHA-256", ("Input", "SHA-256"), tuple(rows), frozenset({0, 1}))
