"""What each table and each policy key means: read from the CSV files beside this module.

The readers, the checks, the generated data and the handbook all read the same rows, so that every meaning,
unit and bound is written once.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

#: Columns with this prefix may be added to any table; they serve only as groups on the scorecard.
GROUP_PREFIX = "group_"

_TYPES: dict[str, pl.DataType] = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
    "list": pl.List(pl.String()),
}


@dataclass(frozen=True)
class Column:
    """One column of a table: its type, unit, bounds, what it refers to and what it means.

    ``required`` is ``key``, ``yes`` or ``no``. ``bounds`` is ``low..high`` for numbers and
    ``a;b;c`` for strings that have only these values.
    """

    column: str
    type: str
    unit: str
    required: str
    default: str
    bounds: str
    refers_to: str
    identifies: str
    fhir_path: str
    claim: str
    description: str

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type that holds the column."""
        return _TYPES[self.type]

    @property
    def limits(self) -> tuple[float, float] | None:
        """The lowest and highest number allowed, or ``None``."""
        if ".." not in self.bounds:
            return None
        low, high = self.bounds.split("..")
        return float(low), float(high)

    @property
    def choices(self) -> tuple[str, ...]:
        """The only strings allowed, or an empty tuple when any is."""
        return tuple(self.bounds.split(";")) if self.type == "string" and self.bounds else ()

    @property
    def default_value(self) -> str | int | float | bool | None:
        """The value that stands where the source has none, or ``None``."""
        if self.default == "":
            return None
        if self.type == "integer":
            return int(self.default)
        if self.type == "number":
            return float(self.default)
        if self.type == "boolean":
            return self.default == "true"
        return self.default


@dataclass(frozen=True)
class PolicyKey:
    """One key of ``policy.toml``: its type, unit, default, bounds and meaning.

    ``claim`` is the claim of the ledger on which the default rests, or ``choice`` where it is a choice;
    ``rooms`` names the rooms that heed the key, separated by semicolons.
    """

    key: str
    type: str
    unit: str
    default: str
    bounds: str
    claim: str
    rooms: str
    description: str

    def serves(self, room: str) -> bool:
        """Whether ``room`` heeds the key."""
        return room in self.rooms.split(";")

    @property
    def limits(self) -> tuple[float, float] | None:
        """The lowest and highest number allowed, or ``None``."""
        if not self.bounds:
            return None
        low, high = self.bounds.split("..")
        return float(low), float(high)


@cache
def tables() -> dict[str, tuple[Column, ...]]:
    """Return the columns of every table, by table name, in the order in which they are written."""
    folder = files(__name__) / "tables"
    found = {}
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        with path.open(encoding="utf-8") as lines:
            found[path.name.removesuffix(".csv")] = tuple(Column(**row) for row in csv.DictReader(lines))
    return found


@cache
def travel() -> tuple[Column, ...]:
    """Return the columns of a matrix of journeys, a file beside the network, in order."""
    with (files(__name__) / "travel.csv").open(encoding="utf-8") as lines:
        return tuple(Column(**row) for row in csv.DictReader(lines))


@cache
def policy_keys() -> tuple[PolicyKey, ...]:
    """Return every key of ``policy.toml``, in order."""
    with (files(__name__) / "policy.csv").open(encoding="utf-8") as lines:
        return tuple(PolicyKey(**row) for row in csv.DictReader(lines))


def keys(table: str) -> list[str]:
    """Return the names of the columns that together identify a row of ``table``."""
    return [column.column for column in tables()[table] if column.required == "key"]


def empty(table: str) -> pl.DataFrame:
    """Return ``table`` without rows, with every column in its type."""
    return pl.DataFrame(schema={column.column: column.dtype for column in tables()[table]})


def complete(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return ``frame`` with every column of ``table``: missing columns and empty cells get the default.

    Group columns (prefix ``group_``) are kept behind the others; the order of rows is kept.
    """
    made = []
    for column in tables()[table]:
        if column.column in frame.columns:
            cell = pl.col(column.column).cast(column.dtype)
            if column.default_value is not None:
                cell = cell.fill_null(pl.lit(column.default_value, column.dtype))
        else:
            cell = pl.lit(column.default_value, column.dtype)
        made.append(cell.alias(column.column))
    groups = [pl.col(name).cast(pl.String) for name in frame.columns if name.startswith(GROUP_PREFIX)]
    return frame.select(*made, *groups) if frame.height else _empty_like(table, frame)


def _empty_like(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    groups = {name: pl.String() for name in frame.columns if name.startswith(GROUP_PREFIX)}
    return pl.DataFrame(schema={**empty(table).schema, **groups})
