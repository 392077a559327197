"""What a closing does to whom: measures before and after, by group, with small cells left empty."""

from __future__ import annotations

import polars as pl

from tideover.impact.groups import AGE_BANDS, UNKNOWN
from tideover.impact.suppress import suppressed
from tideover.nouns import Network

#: What is measured of people who need a new place, and its unit.
MEASURES = {
    "minutes": "minute",
    "beyond_standard": "share",
    "own_clinician": "share",
    "no_place": "share",
}
#: The groups by which it is told; those of which the network says nothing are left out.
GROUPS = ("clinic", "age", "language", "car")


def people_rows(network: Network, transfers: pl.DataFrame, limit: pl.Series) -> pl.DataFrame:
    """Return measure, group, member, people, before, after, difference, suppressed: of those who must move.

    ``transfers`` has a row for each person, ``limit`` the longest journey in minutes that the standard of
    each allows. ``minutes`` is the journey from home to the clinic, a mean over those for whom it is known
    both times; ``people`` counts those. Cells about 1 to 10 people are empty.
    """
    people = transfers.with_columns(limit.alias("limit")).join(
        network.patients.select("patient_id", "birth_year", "language", "has_car"),
        on="patient_id",
        how="left",
        maintain_order="left",
    )
    people = people.with_columns(*_measured(), *_members())
    known = [
        group
        for group in ("all", *GROUPS)
        if (people[f"in:{group}"] != UNKNOWN).any()  # a group of which nothing is known says nothing
    ]
    return suppressed(pl.concat(_rows(people, group, name) for group in known for name in MEASURES))


def _measured() -> list[pl.Expr]:
    own = pl.col("clinician_id").is_not_null()
    return [
        pl.col("minutes_before").alias("minutes:before"),
        pl.col("minutes_after").alias("minutes:after"),
        (pl.col("minutes_before") > pl.col("limit")).alias("beyond_standard:before"),
        (pl.col("minutes_after") > pl.col("limit")).alias("beyond_standard:after"),
        pl.when(own).then(1).alias("own_clinician:before"),
        pl.when(own).then(pl.col("clinician_id").eq_missing("new_clinician_id")).alias("own_clinician:after"),
        pl.lit(0).alias("no_place:before"),
        pl.col("new_clinic_id").is_null().alias("no_place:after"),
    ]  # fmt: skip


def _members() -> list[pl.Expr]:
    age = pl.col("on").dt.year() - pl.col("birth_year")
    bands = pl.coalesce(pl.when(age >= least).then(pl.lit(name)) for least, name in reversed(AGE_BANDS))
    car = pl.when("has_car").then(pl.lit("car")).when(~pl.col("has_car")).then(pl.lit("no car"))
    own = {"clinic": pl.col("clinic_id"), "age": bands, "language": pl.col("language"), "car": car}
    cells = {"all": pl.lit("all"), **own}
    return [cell.fill_null(UNKNOWN).alias(f"in:{group}") for group, cell in cells.items()]


def _rows(people: pl.DataFrame, group: str, name: str) -> pl.DataFrame:
    before, after = (pl.col(f"{name}:{when}").cast(pl.Float64) for when in ("before", "after"))
    known = people.select(
        pl.col(f"in:{group}").alias("member"), before.alias("before"), after.alias("after")
    ).drop_nulls()
    made = known.group_by("member").agg(
        pl.len().cast(pl.Int64).alias("people"), pl.col("before").mean(), pl.col("after").mean()
    )
    return made.select(
        pl.lit(name).alias("measure"),
        pl.lit(group).alias("group"),
        "member",
        "people",
        "before",
        "after",
        (pl.col("after") - pl.col("before")).alias("difference"),
    ).sort("member")
