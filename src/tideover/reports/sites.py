"""Which sites open on each strike date, with how many posts, and what becomes of their visits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from tideover.reports import words
from tideover.reports.book import Book, few_people, outcomes, site_names
from tideover.reports.parts import Table

_HEADS = ("Site", "Opens", "Posts sent", "Outside", "Needs", "Affected", "Stand", "At others", "From others",
          "On standby", "Move or no date")  # fmt: skip


def openings(seen: Book) -> list[Table]:
    """Return for each strike date which sites with struck posts open, the posts there, and their visits.

    Sites that open come first, then those with most affected visits; sites with fewer than 11 patients on
    the date are one row. Nothing where no posts are struck.
    """
    dates = sorted({row["date"] for row in seen.facts["sites"]})
    return [_of_date(seen, text) for text in dates]


def _of_date(seen: Book, text: str) -> Table:
    names, date = site_names(seen.scenario), dt.date.fromisoformat(text)
    visits = seen.on(date).visits
    found = [row for row in seen.facts["sites"] if row["date"] == text]
    small = set(few_people(visits))
    alone = [row for row in found if row["clinic_id"] not in small]
    alone.sort(key=lambda row: (not row["opens"], -_booked_at(visits, [row]).height, names[row["clinic_id"]]))
    rows = [(names[row["clinic_id"]], *_cells(visits, [row])) for row in alone]
    together = [row for row in found if row["clinic_id"] in small]
    if together:
        rows.append((f"{words.plural(len(together), 'small site')} together", *_cells(visits, together)))
    opens, posts = (sum(row[name] for row in found) for name in ("opens", "posts"))
    caption = (
        f"{words.day(date)}: {words.count(opens)} of {words.plural(len(found), 'site')} "
        f"{'opens' if opens == 1 else 'open'}, {words.plural(posts, 'post')} sent"
    )
    return Table(caption, _HEADS, tuple(rows), frozenset({0, 1}))


def _cells(visits: pl.DataFrame, sites: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the cells about one site, or about several together."""
    opens = sum(row["opens"] for row in sites)
    said = ("yes" if opens else "no") if len(sites) == 1 else f"{opens} of {len(sites)}"
    staff = (sum(row[name] for row in sites) for name in ("posts", "outside", "fewest"))
    own = _booked_at(visits, sites)
    count = outcomes(own)
    elsewhere = visits.filter(pl.col("outcome") == "another_site")
    came = elsewhere.filter(pl.col("new_clinic_id").is_in([row["clinic_id"] for row in sites])).height
    left = sum(count[name] for name in ("moved", "video", "urgent_care", "waitlist"))
    numbers = (*staff, own.height, count["stand"], count["another_site"], came, count["standby"], left)
    return (said, *map(words.count, numbers))


def _booked_at(visits: pl.DataFrame, sites: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return the affected visits that are booked at the sites."""
    return visits.filter(pl.col("affected") & pl.col("clinic_id").is_in([row["clinic_id"] for row in sites]))
