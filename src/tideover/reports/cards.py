"""The tables of the scorecard: each concern for the whole network, and patients by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from tideover.impact import all_measures
from tideover.nouns import Scorecard
from tideover.reports import words
from tideover.reports.parts import Table

#: Groups with more members than this are written with their members down.
_MOST_ACROSS = 7
#: What stands in a cell that is withheld.
_WITHHELD = "\u00b7"


def concern(card: Scorecard, which: str) -> Table:
    """Return the measures of one concern for the whole network: before, after, difference."""
    rows = card.rows.filter((pl.col("group") == "all") & (pl.col("concern") == which))
    cells = tuple(_measure(row) for row in rows.iter_rows(named=True))
    heads = ("Measure", "Before", "After", "Difference", "Better")
    return Table(f"Measures for {which}", heads, cells, frozenset({0, 4}))


def meanings() -> Table:
    """Return what each registered measure counts."""
    rows = tuple((measure.title, measure.description) for measure in all_measures())
    return Table("What each measure counts", ("Measure", "Meaning"), rows, frozenset({0, 1}))


def _measure(row: Mapping[str, Any]) -> tuple[str, ...]:
    unit = row["unit"]
    name = words.titled(row)
    if row["suppressed"]:
        return (name, *["fewer than 11 people"] * 3, row["better"])
    if row["not_measured"]:
        return (name, f"{words.UNKNOWN}: {row['not_measured']}", "", "", row["better"])
    numbers = (
        words.value(row["before"], unit),
        words.value(row["after"], unit),
        words.difference(row["difference"], unit),
    )
    return (name, *numbers, row["better"])


def group_tables(card: Scorecard, names: Mapping[str, str]) -> list[Table]:
    """Return one table for each group of patients, with before and after in one cell."""
    rows = card.rows.filter(pl.col("concern") == "patients")
    groups = [group for group in rows["group"].unique(maintain_order=True) if group != "all"]
    return [_group(rows.filter(pl.col("group") == group), group, names) for group in groups]


def staff_by_site(card: Scorecard, names: Mapping[str, str]) -> Table | None:
    """Return the measures of staff by site, small sites withheld; ``None`` where there is nothing to show."""
    rows = card.rows.filter((pl.col("concern") != "patients") & (pl.col("group") == "clinic"))
    if rows["suppressed"].all():
        return None
    table = _group(rows, "clinic", names)
    heads = tuple("Posts" if head == "People" else head for head in table.heads)
    renamed = tuple(("Posts", *row[1:]) if row[0] == "People" else row for row in table.rows)
    return Table("Staff on the strike day, by site", heads, renamed)


def _group(rows: pl.DataFrame, group: str, names: Mapping[str, str]) -> Table:
    cells = {(row["title"], row["member"]): row for row in rows.iter_rows(named=True)}
    titles = rows["title"].unique(maintain_order=True).to_list()
    members = rows["member"].unique(maintain_order=True).to_list()
    labels = [names.get(member, member) if group == "clinic" else member for member in members]
    people = [_people([cells[title, member] for title in titles]) for member in members]
    caption = f"By {group.replace('_', ' ')}"
    if len(members) <= _MOST_ACROSS:
        lines = [(title, *(_pair(cells[title, member]) for member in members)) for title in titles]
        return Table(caption, ("Measure", *labels), (("People", *people), *lines))
    columns = zip(labels, people, members, strict=True)
    down = [
        (name, count, *(_pair(cells[title, member]) for title in titles)) for name, count, member in columns
    ]
    return Table(caption, ("", "People", *titles), tuple(down))


def _people(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return how many people a member has; measures that know less about them count fewer."""
    counts = [row["people"] for row in cells if row["people"] is not None]
    return words.count(max(counts)) if counts else _WITHHELD


def _pair(row: Mapping[str, Any]) -> str:
    if row["suppressed"]:
        return _WITHHELD
    if row["not_measured"]:
        return words.UNKNOWN
    before, after = words.value(row["before"], row["unit"]), words.value(row["after"], row["unit"])
    return after if row["before"] == 0 or before == after else f"{before}\u00a0\u2192\u00a0{after}"
