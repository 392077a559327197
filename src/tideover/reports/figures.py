"""The charts of the report, each with the table of its numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
from markupsafe import Markup

from tideover.reports import svg, words
from tideover.reports.book import Book, outcomes, outcomes_by
from tideover.reports.parts import OUTCOMES, PLACES, Figure, Table, legend, parts_of
from tideover.reports.svg import Bar, Part

_WIDE, _NARROW = 824, 350
#: Outcomes of visits that keep their time.
_KEEP = ("stand", "another_site", "standby")
#: More days than this are shown by week.
_MOST_DAYS = 45


def _both(draw: Callable[..., Markup], bars: Sequence[Bar], key: str, **more: Any) -> tuple[Markup, Markup]:
    wide = {name.removeprefix("wide_"): each for name, each in more.items() if not name.startswith("narrow_")}
    slim = {name.removeprefix("narrow_"): each for name, each in more.items() if not name.startswith("wide_")}
    return draw(bars, key=f"{key}-w", width=_WIDE, **wide), draw(bars, key=f"{key}-n", width=_NARROW, **slim)


def _used(tallies: Sequence[Mapping[str, int]], kinds: Sequence[str] = OUTCOMES) -> list[str]:
    return [kind for kind in kinds if any(tally.get(kind, 0) for tally in tallies)]


def by_urgency(seen: Book, key: str) -> Figure:
    """Return what happens to the affected visits, by urgency."""
    affected = seen.visits.filter("affected")
    found = outcomes_by(affected, "urgency")
    used = _used(list(found.values()))
    bars = [
        Bar(f"Urgency {level}", parts_of(tally), f"of {words.count(sum(tally.values()))}")
        for level, tally in found.items()
    ]
    late = dict(affected.group_by("urgency").agg(pl.col("late_after").sum()).iter_rows())
    heads = ("Urgency", "Affected", *(words.OPTION_WORDS[kind].capitalize() for kind in used), "Unsafe")
    rows = [_urgency_row(str(level), tally, used, late[level]) for level, tally in found.items()]
    if len(found) > 1:
        rows.append(_urgency_row("All", outcomes(affected), used, sum(late.values())))
    wide, narrow = _both(
        svg.stacked_bars, bars, key,
        title="What happens to the affected visits, by urgency",
        desc="One bar for each urgency class, most urgent on top; its parts are shares of the class.",
        wide_label_width=92, narrow_label_width=76,
    )  # fmt: skip
    table = Table("Affected visits by urgency (1 is most urgent)", heads, tuple(rows))
    return Figure(_named("By urgency", seen), wide, narrow, table, legend(used))


def _urgency_row(name: str, tally: Mapping[str, int], used: Sequence[str], late: int) -> tuple[str, ...]:
    cells = [words.count(sum(tally.values())), *(words.count(tally[kind]) for kind in used)]
    # Only classes 1 and 2 are urgent; for the others the question is not asked.
    return (name, *cells, words.count(late) if name in ("1", "2", "All") else "\u2013")


def _named(words_: str, seen: Book) -> str:
    return f"{words_}, {words.day(seen.dates[0])}" if len(seen.dates) == 1 else words_


def by_hour(seen: Book, date: dt.date) -> Figure:
    """Return the hours of one date: what is booked, what stands, and what can be counted on.

    The scale is hours of work (visit minutes / 60), since visits differ in length. Counted on are the visits
    in sessions that are not lost, and the cover for the others.
    """
    here = seen.on(date).visits
    rows = [_hour(hour, part, _cover(seen, date, hour)) for (hour,), part in _parts(here, "hour")]
    bars = [Bar(row[0][:2], row[1], mark=row[2]) for row in rows]
    wide, narrow = _both(
        svg.columns, bars, f"hours-{date}",
        title=f"Hour by hour on {words.day(date)}",
        desc="Hours of booked visits that start in each hour: what stands, what is seen at another site, "
        "what is on standby, what does not keep its time. The line is what can be counted on.",
        unit="hours of booked visits",
    )  # fmt: skip
    heads = (
        "Hour",
        "Booked visits",
        "Stand",
        "At another site",
        "On standby",
        "Do not keep their time",
        "Counted on",
    )
    table = Table(
        f"Visits (and hours of visits) that start in each hour of {words.day(date)}",
        heads,
        tuple(row[3] for row in rows),
    )
    names = [(kind, words.OPTION_WORDS[kind]) for kind in _used([outcomes(here)], _KEEP)]
    names.append(("booked", "do not keep their time"))
    return Figure(
        _named("Hour by hour", seen.on(date)), wide, narrow, table,
        (*((svg.swatch(fill), text) for fill, text in names), (svg.level_swatch(), "can be counted on")),
        table_folded=True,
    )  # fmt: skip


def _parts(visits: pl.DataFrame, key: str) -> Any:
    return visits.sort(key).group_by(key, maintain_order=True)


def _cover(seen: Book, date: dt.date, hour: int) -> float | None:
    units = [
        row["stand_units"] for row in seen.facts["hours"] if row["date"] == str(date) and row["hour"] == hour
    ]
    return sum(units) * seen.facts["unit_minutes"] / 60 if units else None


def _hour(hour: int, part: pl.DataFrame, cover: float | None) -> tuple[str, tuple[Part, ...], Any, Any]:
    kept = [part.filter(pl.col("outcome") == name) for name in _KEEP]
    gone = part.filter(~pl.col("outcome").is_in(_KEEP))
    kinds = (*zip(_KEEP, kept, strict=True), ("booked", gone))
    drawn = tuple(Part(fill, _hours(visits), fill) for fill, visits in kinds)
    counted = None if cover is None else cover + _hours(part.filter(~pl.col("affected")))
    name = f"{hour:02}:00"
    cells = (f"{words.count(each.height)} ({_hours(each):,.1f} h)" for each in (part, *kept, gone))
    return name, drawn, counted, (name, *cells, words.UNKNOWN if counted is None else f"{counted:,.1f} h")


def _hours(visits: pl.DataFrame) -> float:
    return float(visits["minutes"].sum()) / 60


def by_share(seen: Book) -> Figure | None:
    """Return the same plan for working shares from 0 to 60 %, this plan among them where it has one share."""
    rows = [dict(row) for row in seen.facts["shares"]]
    if not rows:
        return None
    chosen = {float(pool["working_share"]) for pool in seen.facts["pools"]}
    mine = chosen.pop() if len(chosen) == 1 else None
    if mine is not None and not any(abs(row["working_share"] - mine) < 1e-9 for row in rows):
        rows.append({**seen.facts["counts"], "working_share": mine})
    rows.sort(key=lambda row: row["working_share"])
    return _shares(rows, mine)


def _shares(rows: list[dict[str, Any]], mine: float | None) -> Figure:
    used = _used(rows)
    here = [mine is not None and abs(row["working_share"] - mine) < 1e-9 for row in rows]
    bars = [
        Bar(
            words.working(row["working_share"]).replace(words.GAP, ""),
            parts_of(row),
            "this plan" if mark else "",
        )
        for row, mark in zip(rows, here, strict=True)
    ]
    wide, narrow = _both(
        svg.columns, bars, "shares",
        title="The plan for other working shares",
        desc="One column for each share of posts that is worked; its parts are the visits that stand, wait "
        "on standby, move or are left without a date.",
        unit="booked visits", wide_height=280, narrow_height=260,
    )  # fmt: skip
    heads = ("Posts worked", *(words.OPTION_WORDS[kind].capitalize() for kind in used), "Urgent and unsafe")
    cells = tuple(
        (
            words.working(row["working_share"]) + (" (this plan)" if mark else ""),
            *(words.count(row[kind]) for kind in used),
            words.count(row["unsafe_urgent"]),
        )
        for row, mark in zip(rows, here, strict=True)
    )
    return Figure(
        "Other working shares",
        wide,
        narrow,
        Table("The plan by share of posts worked", heads, cells),
        legend(used),
    )


def by_new_date(seen: Book) -> Figure | None:
    """Return to which dates (weeks, where there are many) the visits move that do not keep their time."""
    gone = seen.visits.filter(pl.col("option").is_in(PLACES))
    if gone.is_empty():
        return None
    days = _axis(gone["new_date"].unique().to_list(), seen.strike_dates)
    weekly = len(days) > _MOST_DAYS
    slot = pl.col("new_date").dt.truncate("1w") if weekly else pl.col("new_date")
    tallies = _tallies(gone.with_columns(slot.alias("slot")))
    slots = sorted({day - dt.timedelta(days=day.weekday()) for day in days}) if weekly else days
    used = _used(list(tallies.values()), PLACES)
    bars = [
        Bar(
            f"{slot.day}/{slot.month}",
            parts_of(tallies.get(slot, {}), PLACES),
            band=_struck(slot, weekly, seen),
        )
        for slot in slots
    ]
    wide, narrow = _both(
        svg.columns, bars, "dates",
        title="Where the moved visits go, by " + ("week" if weekly else "date"),
        desc="Visits with a new time, by the date on which it is; the strike is marked.",
        unit="visits received (day/month" + (", week from Monday)" if weekly else ")"),
    )  # fmt: skip
    heads = (
        "Week from" if weekly else "New date",
        "Visits",
        *(words.OPTION_WORDS[k].capitalize() for k in used),
    )
    rows = tuple(
        (
            words.short_day(slot),
            words.count(sum(tally.values())),
            *(words.count(tally.get(k, 0)) for k in used),
        )
        for slot, tally in sorted(tallies.items())
    )
    return Figure(
        "New dates",
        wide,
        narrow,
        Table("Visits with a new time", heads, rows),
        legend(used),
        table_folded=True,
    )


def _tallies(gone: pl.DataFrame) -> dict[dt.date, dict[str, int]]:
    found: dict[dt.date, dict[str, int]] = {}
    for slot, option, number in gone.group_by("slot", "option").len().iter_rows():
        found.setdefault(slot, {})[option] = number
    return found


def _axis(new: list[dt.date], strike: list[dt.date]) -> list[dt.date]:
    """Return every day from first to last; days of the weekend only where they hold a visit or a strike."""
    held = {*new, *strike}
    first, last = min(held), max(held)
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5 or day in held]


def _struck(slot: dt.date, weekly: bool, seen: Book) -> str:  # noqa: FBT001
    last = slot + dt.timedelta(days=6 if weekly else 0)
    return "strike" if any(slot <= day <= last for day in seen.strike_dates) else ""
