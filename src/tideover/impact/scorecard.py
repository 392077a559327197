"""The scorecard: every registered measure, before and after, for all and by group."""

from __future__ import annotations

import polars as pl

from tideover.impact.measures._kind import MEASURES, Measure
from tideover.impact.suppress import suppressed
from tideover.impact.view import View, view
from tideover.nouns import Plan, Policy, Scenario, Scorecard

#: Whom a measure concerns, in the order of pages.
CONCERNS = ("patients", "clinicians", "network")


def scorecard(scenario: Scenario, plan: Plan, policy: Policy) -> Scorecard:
    """Return the scorecard of ``plan``: rows of measure, title, concern, unit, better, group, member, people,
    before, after, difference, suppressed, not_measured.

    *Before* is the book as it stands with no strike, *after* is the book under the plan; difference is after
    less before. Patients' measures come for all and for every group that the data has (see ``groups``);
    the others for all, by date where the plan has several, and measures of staff by clinic. What cannot be
    measured has null values and the reason in ``not_measured``; cells about fewer than 11 people are
    suppressed (see ``suppress``).
    Laws: a plan that changes nothing has no difference; the order of rows does not matter; a further group
    column changes no other number.
    """
    seen = view(scenario, plan, policy)
    parts = [rows_of(one, seen, group) for one in all_measures() for group in _groups(one, seen)]
    return Scorecard(suppressed(pl.concat(parts)))


def all_measures() -> list[Measure]:
    """Return every measure in the order of pages: patients, clinicians, network."""
    return sorted((MEASURES[name] for name in MEASURES), key=lambda m: (CONCERNS.index(m.concern), m.rank))


def _groups(measure: Measure, seen: View) -> tuple[str, ...]:
    if measure.concern == "patients":
        return seen.groups
    dates = ("date",) if measure.by_date and len(seen.days) > 1 else ()
    return ("all", *dates, *(("clinic",) if measure.by_site else ()))


def rows_of(measure: Measure, seen: View, group: str) -> pl.DataFrame:
    """Return the rows of one measure for the members of a group, nothing suppressed yet."""
    # Counts come unsigned, and unsigned counts have no negative difference.
    found = measure.values(seen, group).with_columns(pl.col("before", "after").cast(pl.Float64))
    empty = pl.col("before").is_null() | pl.col("after").is_null()
    return found.sort("member").select(
        pl.lit(measure.name).alias("measure"),
        pl.lit(measure.title).alias("title"),
        pl.lit(measure.concern).alias("concern"),
        pl.lit(measure.unit).alias("unit"),
        pl.lit(measure.better).alias("better"),
        pl.lit(group).alias("group"),
        pl.col("member").cast(pl.String),
        pl.col("people").cast(pl.Int64),
        "before",
        "after",
        (pl.col("after") - pl.col("before")).alias("difference"),
        pl.when(empty).then(pl.lit(measure.missing)).otherwise(pl.lit("")).alias("not_measured"),
    )
