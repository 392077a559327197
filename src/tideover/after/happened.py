"""What was planned for each visit against what happened: one row for each kind of end, and by group."""

from __future__ import annotations

import polars as pl

#: What can be said of a visit afterwards. Only the first two have a date.
OUTCOMES = ("held", "moved", "no_show", "cancelled", "cancelled_by_clinic", "not_reached", "waiting")
#: The ends that the table tells apart; every visit has exactly one planned and one that happened (A7, A8).
MEASURES = {
    "held_as_planned": "Held on the planned date",
    "held_another_day": "Held on another date",
    "moved": "Given another date since",
    "without_date": "Without a date",
    "no_show": "Patient did not come",
    "cancelled": "Cancelled by the patient",
    "cancelled_by_clinic": "Cancelled by the clinic",
    "not_reached": "Patient could not be reached",
    "not_recorded": "Nothing recorded",
}
_GROUPS = ("option", "urgency", "clinic")


def compared(decisions: pl.DataFrame, happened: pl.DataFrame) -> pl.DataFrame:
    """Return planned and happened counts of each end, for all and by option, urgency and clinic.

    ``decisions`` has visit_id, patient_id, clinic_id, urgency, option, new_start; ``happened`` has visit_id,
    outcome (one of ``OUTCOMES``) and date (of holding, or the new one). Columns measure, group, member,
    people, before (planned), after (happened), difference. Law: over the measures, planned and happened
    both add up to the visits of the member.
    """
    ends = _ends(decisions.join(happened, on="visit_id", how="left"))
    parts = [_counts(ends.with_columns(pl.lit("all").alias("member")), "all")]
    names = {
        "option": pl.col("option"),
        "urgency": pl.col("urgency").cast(pl.String),
        "clinic": pl.col("clinic_id"),
    }
    parts += [_counts(ends.with_columns(names[group].alias("member")), group) for group in _GROUPS]
    return pl.concat(parts)


def _ends(rows: pl.DataFrame) -> pl.DataFrame:
    on_time = pl.col("date") == pl.col("new_start").dt.date()
    outcome = pl.col("outcome")
    happened = (
        pl.when(outcome.is_null())
        .then(pl.lit("not_recorded"))
        .when((outcome == "held") & on_time)
        .then(pl.lit("held_as_planned"))
        .when(outcome == "held")
        .then(pl.lit("held_another_day"))
        .when(outcome == "waiting")
        .then(pl.lit("without_date"))
        .otherwise(outcome)
    )
    planned = pl.when(pl.col("option") == "waitlist").then(pl.lit("without_date"))
    person = pl.coalesce("patient_id", pl.concat_str(pl.lit("visit "), "visit_id"))
    return rows.with_columns(
        planned.otherwise(pl.lit("held_as_planned")).alias("planned"),
        happened.alias("happened"),
        person.alias("person"),
    )


def _counts(ends: pl.DataFrame, group: str) -> pl.DataFrame:
    parts = []
    for measure in MEASURES:
        found = ends.group_by("member").agg(
            pl.col("person").n_unique().cast(pl.Int64).alias("people"),
            (pl.col("planned") == measure).sum().cast(pl.Float64).alias("before"),
            (pl.col("happened") == measure).sum().cast(pl.Float64).alias("after"),
        )
        parts.append(
            found.sort("member").with_columns(pl.lit(measure).alias("measure"), pl.lit(group).alias("group"))
        )
    rows = pl.concat(parts).with_columns((pl.col("after") - pl.col("before")).alias("difference"))
    return rows.select("measure", "group", "member", "people", "before", "after", "difference")
