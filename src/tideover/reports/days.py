"""Tried days in words and pictures: how often urgent visits are not seen, and the night before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tideover.reports import svg, words
from tideover.reports.parts import Figure, Table
from tideover.reports.svg import Bar, Part

_WIDE, _NARROW = 824, 350
#: More columns than this are joined into wider ones: on a wide screen, and on a narrow one.
_MOST_WIDE, _MOST_NARROW = 12, 5
_NAMES = {
    "posts": "Posts worked",
    "stand_due": "Visits that stand and whose patient comes",
    "stand_lost": "Visits that stand, not seen",
    "standby_held": "Standby visits seen",
    "standby_lost": "Standby visits not seen",
    "absent": "No-shows",
    "extra": "Booked later or walking in",
    "extra_lost": "Booked later or walking in, not seen",
    "urgent_due": "Urgent visits, of the book or later",
    "urgent_lost": "Urgent visits not seen",
    "urgent_last_day": "Urgent visits not seen and safe on no later day",
    "idle_minutes": "Minutes worked with nobody due",
}
_NIGHT = (
    ("stand", "stand", "stand"),
    ("call_off", "waitlist", "call off"),
    ("standby_in", "moved", "standby: may come"),
    ("standby_waits", "standby", "standby: waits for the morning"),
    ("standby_out", "booked", "standby: call off"),
)


@dataclass(frozen=True)
class DayPage:
    """What a page says about the tried days of one date."""

    heading: str
    sentences: tuple[str, ...]
    night: Figure
    lost: Figure
    measures: Table


def day_pages(found: Mapping[str, Any]) -> list[DayPage]:
    """Return the parts of the page for each date of the strike."""
    return [
        DayPage(
            words.day(dt.date.fromisoformat(one["date"])),
            tuple(sentences(found, one)),
            _night(one),
            _lost(found, one),
            _measures(found, one),
        )
        for one in found["dates"]
    ]


def sentences(found: Mapping[str, Any], one: Mapping[str, Any]) -> list[str]:
    """Return what the tried days of one date say, the most pressing first, then the night before."""
    posts = one["measures"]["posts"]
    few, _, many = one["night_before"]
    span = f"{words.count(posts['p05'])} to {words.count(posts['p95'])} of {words.count(one['posts'])}"
    return [
        _urgent(one["measures"], found["chances"]["days"]),
        f"Visits told to stand and not seen: {_often(one['measures']['stand_lost'])}.",
        f"On nine days in ten {span} posts are worked.",
        f"The night before, if few posts are worked ({words.count(few['posts'])}): {_evening(few)}.",
        f"The night before, if many are ({words.count(many['posts'])}): {_evening(many)}.",
    ]


def _urgent(measures: Mapping[str, Any], days: int) -> str:
    lost, due = measures["urgent_lost"], measures["urgent_due"]["mean"]
    if not lost["days"]:
        return f"Every urgent visit is seen on each of {words.count(days)} tried days."
    share = words.share(lost["days"] / days)
    return (
        f"On {words.count(lost['days'])} of {words.count(days)} tried days ({share}) "
        f"at least one urgent visit is not seen: {_often(lost, due)}."
    )


def _often(row: Mapping[str, Any], due: float | None = None) -> str:
    if not row["days"]:
        return "none on any day"
    whole = "" if due is None else f" of {_number(due)}"
    many = f"{words.count(row['p95'])} or more on one day in twenty"
    return f"{_number(row['mean'])}{whole} a day in the mean, {many}"


def _evening(night: Mapping[str, Any]) -> str:
    off, waits = night["call_off"], night["standby_in"] + night["standby_waits"] + night["standby_out"]
    told = [f"call off {words.plural(off, 'visit')} told to stand" if off else "all that stand can be seen"]
    if night["urgent_out"]:
        urgent = words.plural(night["urgent_out"], "urgent visit")
        told.append(f"find room elsewhere for {urgent}, booked or still to come")
    if waits:
        said = f"{words.count(night['standby_in'])} of {words.count(waits)} on standby may come"
        out = f" and {words.count(night['standby_out'])} must be called off" if night["standby_out"] else ""
        told.append(said + out)
    if night["free_minutes"] >= 60:
        told.append(f"{words.plural(night['free_minutes'] // 60, 'hour')} of work can take visits back")
    return "; ".join(told)


def assumed(found: Mapping[str, Any]) -> str:
    """Return in one sentence what was assumed of the days."""
    chances = found["chances"]
    missing = [name for name, key in (("no-shows", "no_shows"), ("walk-ins", "walk_ins")) if not chances[key]]
    told = [f"{_number(found['expected_late_bookings'])} visits still to be booked, as the book forecasts"]
    if chances["no_shows"]:
        told.append(f"{words.working(chances['no_shows'])} no-shows")
    if chances["walk_ins"]:
        told.append(f"{_number(found['expected_walk_ins'])} walk-ins, counted as urgency 2")
    left_out = f" Nobody stated {' or '.join(missing)}: they are left out." if missing else ""
    return f"Expected beside the book: {words.listed(told)}.{left_out}"


def _number(value: float) -> str:
    return f"{value:,.1f}" if value < 100 else words.count(value)


def _night(one: Mapping[str, Any]) -> Figure:
    names = {5: "few", 50: "middle", 95: "many"}
    bars = [
        Bar(
            f"{names[night['percentile']]}: {words.count(night['posts'])} posts",
            tuple(Part(fill, night[key], text) for key, fill, text in _NIGHT),
            f"{words.count(night['free_minutes'] / 60)} h free",
        )
        for night in one["night_before"]
    ]
    more: dict[str, Any] = {
        "title": "The night before, if few, middling or many posts are worked",
        "desc": "One bar for each: the visits of the plan that can still stand, those to call off, standby.",
        "label_width": round(7.1 * max(len(bar.label) for bar in bars)) + 14,
    }
    key = f"night-{one['date']}"
    heads = ("Posts worked", *(text.capitalize() for _, _, text in _NIGHT), "Hours of work left")
    rows = tuple(
        (
            f"{words.count(n['posts'])} of {words.count(one['posts'])} ({n['percentile']}th percentile)",
            *(words.count(n[key]) for key, _, _ in _NIGHT),
            words.count(n["free_minutes"] / 60),
        )
        for n in one["night_before"]
    )
    return Figure(
        "The night before",
        svg.stacked_bars(bars, key=f"{key}-w", width=_WIDE, **more),
        svg.stacked_bars(bars, key=f"{key}-n", width=_NARROW, **more),
        Table("The night before", heads, rows),
        tuple((svg.swatch(fill), text) for _, fill, text in _NIGHT),
        table_folded=True,
    )


def _lost(found: Mapping[str, Any], one: Mapping[str, Any]) -> Figure:
    more: dict[str, Any] = {
        "title": "Urgent visits not seen on a day",
        "desc": "How many of the tried days leave so many urgent visits unseen.",
        "unit": f"days of {words.count(found['chances']['days'])}, by urgent visits not seen",
        "height": 230,
    }
    key = f"lost-{one['date']}"
    wide, narrow = (
        [Bar(label, (Part("waitlist" if label != "0" else "stand", days, label),), words.count(days))
         for label, days in _bins(one["urgent_lost"], most)]
        for most in (_MOST_WIDE, _MOST_NARROW)
    )  # fmt: skip
    rows = tuple((bar.label, words.count(bar.total)) for bar in wide)
    return Figure(
        "Urgent visits not seen",
        svg.columns(wide, key=f"{key}-w", width=_WIDE, **more),
        svg.columns(narrow, key=f"{key}-n", width=_NARROW, **more),
        Table("Tried days", ("Urgent visits not seen", "Days"), rows),
        ((svg.swatch("stand"), "every urgent visit seen"), (svg.swatch("waitlist"), "some not seen")),
        table_folded=True,
    )


def _bins(counts: Sequence[Mapping[str, int]], columns: int) -> list[tuple[str, int]]:
    """Return the days by urgent visits not seen: none, then counts, joined to at most so many columns."""
    most = max(row["visits"] for row in counts)
    wide = next(
        w for power in range(10) for w in (10**power, 2 * 10**power, 5 * 10**power) if w * columns >= most
    )
    found = [("0", sum(row["days"] for row in counts if row["visits"] == 0))]
    for low in range(1, most + 1, wide):
        high = low + wide - 1
        label = str(low) if wide == 1 else f"{low}\u2013{high}"
        found.append((label, sum(row["days"] for row in counts if low <= row["visits"] <= high)))
    return found


def _measures(found: Mapping[str, Any], one: Mapping[str, Any]) -> Table:
    days = found["chances"]["days"]
    rows = [
        (
            _NAMES[name],
            _number(row["mean"]),
            *(words.count(row[at]) for at in ("p05", "p50", "p95")),
            words.share(row["days"] / days),
        )
        for name, row in one["measures"].items()
    ]
    heads = ("A day's figure", "Mean", "5th percentile", "Median", "95th percentile", "Days with any")
    return Table("What a day brings", heads, tuple(rows))


def worst(found: Mapping[str, Any], names: Mapping[str, str]) -> Table | None:
    """Return the pools in which most is not seen, by the name of the first site, where any is."""
    if not found["worst_pools"]:
        return None
    rows = tuple(
        (
            names.get(row["pool_id"], row["pool_id"]),
            words.short_day(dt.date.fromisoformat(row["date"])),
            words.count(row["posts"]),
            words.share(row["urgent_days"] / found["chances"]["days"]),
            f"{row['urgent_lost_mean']:,.2f}",
            f"{row['stand_lost_mean']:,.2f}",
        )
        for row in found["worst_pools"]
    )
    heads = ("Pool", "Date", "Posts", "Days with an urgent visit not seen", "Urgent not seen a day",
             "Standing not seen a day")  # fmt: skip
    return Table("Pools in which most is not seen", heads, rows, frozenset({0, 1}))
