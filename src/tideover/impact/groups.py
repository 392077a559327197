"""The groups of the scorecard: which the data has, and to which member of each a visit belongs."""

from __future__ import annotations

import polars as pl

from tideover.nouns import Network
from tideover.schema import GROUP_PREFIX

#: The member of visits about which the data says nothing.
UNKNOWN = "not known"
#: Age bands: first age and name.
AGE_BANDS = ((0, "0 to 17"), (18, "18 to 44"), (45, "45 to 64"), (65, "65 to 79"), (80, "80 and over"))


def column(group: str) -> str:
    """Return the name of the column that holds a visit's member of ``group``."""
    return f"in:{group}"


def with_groups(visits: pl.DataFrame, network: Network) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return ``visits`` with one string column per group, and the names of the groups.

    Always there: all, clinic, urgency. There when the data has them: date (if more than one), kind, language,
    payer, interpreter, has_car, age, and every group column of patients and visits. A group about which
    nothing is known for any visit is left out; visits without a value are members of ``not known``.
    """
    rows = _joined(visits, network)
    found = {
        "all": pl.lit("all"),
        "clinic": pl.col("clinic_id"),
        "urgency": pl.col("urgency").cast(pl.String),
    }
    found |= {name: cell for name, cell in _optional(rows).items() if _says_something(rows, name, cell)}
    made = [cell.fill_null(UNKNOWN).alias(column(name)) for name, cell in found.items()]
    extra = [name for name in rows.columns if name not in visits.columns]
    return rows.with_columns(made).drop(extra), tuple(found)


def _joined(visits: pl.DataFrame, network: Network) -> pl.DataFrame:
    own = ["language", "payer", "interpreter", "has_car", "birth_year", *_group_columns(network.patients)]
    people = network.patients.select("patient_id", *(pl.col(name).alias(f"patient:{name}") for name in own))
    book = network.visits.select(
        "visit_id",
        pl.col("kind").alias("visit:kind"),
        *(pl.col(name).alias(f"visit:{name}") for name in _group_columns(network.visits)),
    )
    return visits.join(people, on="patient_id", how="left").join(book, on="visit_id", how="left")


def _group_columns(table: pl.DataFrame) -> list[str]:
    return sorted(name for name in table.columns if name.startswith(GROUP_PREFIX))


def _optional(rows: pl.DataFrame) -> dict[str, pl.Expr]:
    cells = {
        "date": pl.col("date").cast(pl.String),
        "kind": pl.col("visit:kind"),
        "language": pl.col("patient:language"),
        "payer": pl.col("patient:payer"),
        "interpreter": _yes_no("patient:interpreter", "interpreter arranged", "none arranged"),
        "has_car": _yes_no("patient:has_car", "car", "no car"),
        "age": _age_band(),
    }
    groups = [
        name for name in rows.columns if name.startswith((f"patient:{GROUP_PREFIX}", f"visit:{GROUP_PREFIX}"))
    ]
    for name in groups:
        plain = name.split(":", 1)[1].removeprefix(GROUP_PREFIX)
        # A column of the same name in both tables is two groups, and each says where it is from.
        twice = f"patient:{GROUP_PREFIX}{plain}" in groups and f"visit:{GROUP_PREFIX}{plain}" in groups
        label = f"{plain} ({name.split(':')[0]})" if twice or plain in cells else plain
        cells[label] = pl.col(name)
    return cells


def _yes_no(name: str, yes: str, no: str) -> pl.Expr:
    return pl.when(pl.col(name)).then(pl.lit(yes)).when(~pl.col(name)).then(pl.lit(no))


def _age_band() -> pl.Expr:
    age = pl.col("date").dt.year() - pl.col("patient:birth_year")
    bands = [pl.when(age >= first).then(pl.lit(name)) for first, name in reversed(AGE_BANDS)]
    return pl.coalesce(bands)


def _says_something(rows: pl.DataFrame, name: str, cell: pl.Expr) -> bool:
    members = rows.select(cell.alias("member"))["member"].drop_nulls().n_unique()
    # The reader fills interpreter with "none arranged" and there always is a date: one value says nothing.
    return members > (1 if name in ("date", "interpreter") else 0)
