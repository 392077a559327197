"""Small cells are left empty, so that no number on the scorecard is about a handful of people."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

#: Cells about fewer people than this are suppressed.
FEWEST_PEOPLE = 11


def suppressed(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``rows`` with small cells emptied: people, before, after and difference null, suppressed true.

    A cell (one measure, group and member) is suppressed

    1. if it is about 1 to 10 people;
    2. and, smallest first, as many further cells of the same measure and group as are needed that at
       least two are suppressed and together are about 11 people or more: else the total less the visible
       cells would give the hidden one back.

    A cell about nobody has no value and stays. Where ``people`` is null the row is about sessions, not
    people, and stays. Law: every suppressed set of a group has at least two cells and 11 people, unless
    the whole group is suppressed.
    """
    ordered = rows.with_row_index("place").sort("measure", "group", "people", "member", nulls_last=True)
    marks = [
        mark
        for _, part in ordered.group_by("measure", "group", maintain_order=True)
        for mark in hidden_cells(part["people"].to_list())
    ]
    marked = ordered.with_columns(pl.Series("suppressed", marks, pl.Boolean)).sort("place").drop("place")
    hidden = ("people", "before", "after", "difference")
    return marked.with_columns(
        pl.when(~pl.col("suppressed")).then(pl.col(name)).alias(name) for name in hidden
    )


def hidden_cells(people: Sequence[int | None]) -> list[bool]:
    """Return for each cell of one total, smallest first, whether it is suppressed: by 1, 2 and the law."""
    if not any(count is not None and 0 < count < FEWEST_PEOPLE for count in people):
        return [False] * len(people)
    marks, hidden, together = [], 0, 0
    for count in people:
        small = count is not None and 0 < count < FEWEST_PEOPLE
        short = bool(count) and (hidden < 2 or together < FEWEST_PEOPLE)
        marks.append(small or short)
        if small or short:
            hidden, together = hidden + 1, together + (count or 0)
    return marks
