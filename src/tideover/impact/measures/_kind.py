"""What a measure is, the register of all, and the two ways in which most are computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from tideover.impact.groups import column
from tideover.impact.view import View
from tideover.registry import Registry

#: From a view and the name of a group to one row per member: member, people, before, after.
Values = Callable[[View, str], pl.DataFrame]
#: From a view to the value before and the value after; ``None`` where there is nothing to measure.
Pair = Callable[[View], tuple[float | None, float | None]]


@dataclass(frozen=True)
class Measure:
    """One line of the scorecard.

    ``title`` uses words that a clinic manager and a steward both use; ``better`` says which direction is
    wished for, whoever wishes it; ``missing`` is what is said where nothing could be measured; ``rank``
    orders the measures of one concern on pages; ``by_date`` is true if clinicians' or network's values
    make sense for each strike date alone, ``by_site`` if for each site alone.
    """

    name: str
    title: str
    unit: str
    better: Literal["lower", "higher"]
    concern: Literal["patients", "clinicians", "network"]
    rank: int
    description: str
    missing: str
    values: Values
    by_date: bool = False
    by_site: bool = False


MEASURES: Registry[Measure] = Registry("measure", "tideover.impact.measures")


def register(measure: Measure) -> Measure:
    """Enter ``measure`` in the register under its own name, and return it."""
    return MEASURES.register(measure.name)(measure)


def of_visits(before: pl.Expr, after: pl.Expr, *, among: pl.Expr | None = None) -> Values:
    """Return values by group that aggregate the visits of each member.

    ``before`` and ``after`` are aggregations over the columns of ``View.visits``; ``among`` restricts the
    visits that count. A member none of whose visits count keeps its row, with nobody and no values.
    """

    def values(view: View, group: str) -> pl.DataFrame:
        """Return a row for each member of ``group`` that has visits, whether or not they count."""
        rows = view.visits.with_columns(pl.col(column(group)).alias("member"))
        counted = rows if among is None else rows.filter(among)
        found = counted.group_by("member").agg(
            pl.col("person").n_unique().alias("people"), before.alias("before"), after.alias("after")
        )
        members = rows.select("member").unique()
        # Nobody is a true nought: the count of people whose visits could be measured.
        return members.join(found, on="member", how="left").with_columns(pl.col("people").fill_null(0))

    return values


def of_days(pair: Pair) -> Values:
    """Return values for the whole plan (group ``all``) or for each strike date (group ``date``).

    The rows are about sessions and sites, not about people: ``people`` is null.
    """

    def values(view: View, group: str) -> pl.DataFrame:
        """Return the pair of the whole plan, or one row for each strike date."""
        parts = {"all": view} if group == "all" else {str(day): view.on(day) for day in view.days}
        pairs = [pair(part) for part in parts.values()]
        return pl.DataFrame(
            {
                "member": list(parts),
                "people": [None] * len(parts),
                "before": [before for before, _ in pairs],
                "after": [after for _, after in pairs],
            },
            schema={"member": pl.String, "people": pl.Int64, "before": pl.Float64, "after": pl.Float64},
        )

    return values


def of_sites(before: pl.Expr, after: pl.Expr) -> Values:
    """Return values that aggregate ``View.site_days``: for all, for each strike date, or for each clinic.

    Rows for a clinic are about its clinicians' posts: ``people`` counts them, so that small sites are
    suppressed; the others are about the network, and ``people`` is null.
    """

    def values(view: View, group: str) -> pl.DataFrame:
        """Return the site days of each member of ``group``; all of none is one row without values."""
        member = {
            "all": pl.lit("all"),
            "date": pl.col("date").cast(pl.String),
            "clinic": pl.col("clinic_id"),
        }[group]
        posts = pl.col("posts_before").max().ceil() if group == "clinic" else pl.lit(None)
        rows = view.site_days.group_by(member.alias("member")).agg(
            posts.cast(pl.Int64).alias("people"), before.alias("before"), after.alias("after")
        )
        if rows.is_empty() and group == "all":
            return rows.clear().vstack(
                pl.DataFrame([("all", None, None, None)], schema=rows.schema, orient="row")
            )
        return rows

    return values


def ratio(above: pl.Expr, below: pl.Expr) -> pl.Expr:
    """Return the sum of ``above`` over the sum of ``below``; null where there is nothing below."""
    return pl.when(below.sum() > 0).then(above.sum() / below.sum())


def per_post(role: str) -> tuple[pl.Expr, pl.Expr]:
    """Return full-time posts of ``role`` for each clinician's post, before and after, at sites that say."""
    stated = pl.col(role).is_not_null()
    before, after = (
        ratio(pl.col(role).filter(stated), pl.col(f"posts_{when}").filter(stated))
        for when in ("before", "after")
    )
    return before, after


def chosen(*options: str) -> pl.Expr:
    """Return the number of visits for which the plan chose one of ``options``."""
    return pl.col("option").is_in(options).sum()


def none() -> pl.Expr:
    """Return the count of something that does not exist in the book without a strike: truly none."""
    return pl.lit(0)
