"""A plan folder that a new plan follows: what was decided, who was to be told by when, what was told."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from tideover.errors import Fault, InputError
from tideover.nouns.plan import DECISIONS
from tideover.nouns.told import TOLD, nothing_told

_REMEDY = "Name the folder as Tideover wrote it."
CALLS = {"visit_id": pl.String(), "tell_by": pl.Datetime("us")}

T = TypeVar("T")


@dataclass(frozen=True)
class Previous:
    """The plan that a new one follows.

    ``sha256`` is that of its plan.json, ``facts`` what it says. ``decisions`` has the columns of
    ``DECISIONS``, ``calls`` visit_id and tell_by of whom it lists to be told, ``told`` is its log of what was
    told before (columns of ``TOLD``).
    """

    folder: str
    sha256: str
    facts: Mapping[str, Any]
    decisions: pl.DataFrame
    calls: pl.DataFrame
    told: pl.DataFrame


def read_previous(folder: Path | str) -> Previous:
    """Return the strike plan in ``folder``, each file checked against its SHA-256 in plan.json.

    ``InputError`` has every fault: no such folder, no plan, a file that is missing, altered or unreadable.
    """
    folder = Path(folder)
    content = _bytes(folder, "plan.json")
    facts = _facts(folder, content)
    follows = facts.get("previous") is not None
    names = ["decisions.parquet", "calls.csv", *(["told.parquet"] if follows else [])]
    faults = [fault for name in names for fault in _altered(folder, name, facts["files"].get(name))]
    if faults:
        raise InputError(faults)
    return Previous(
        folder=str(folder),
        sha256=hashlib.sha256(content).hexdigest(),
        facts=facts,
        decisions=_table(folder, "decisions.parquet", DECISIONS, pl.read_parquet),
        calls=_table(folder, "calls.csv", CALLS, _read_calls),
        told=_table(folder, "told.parquet", TOLD, pl.read_parquet) if follows else nothing_told(),
    )


def _fault(folder: Path, name: str, found: str, expected: str) -> Fault:
    return Fault(str(folder / name), None, None, found, expected, _REMEDY)


def _bytes(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        expected = f"a folder with {name}, as written by tideover strike"
        raise InputError([_fault(folder, name, error.strerror or str(error), expected)]) from error


def _facts(folder: Path, content: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError([_fault(folder, "plan.json", "no JSON", "a plan of tideover strike")]) from error
    said = facts if isinstance(facts, dict) else {}
    if said.get("kind") != "strike":
        found = f"the kind {said.get('kind')!r}"[:60]
        raise InputError([_fault(folder, "plan.json", found, "a plan of tideover strike")])
    shapes = {"as_of": str, "changes": list, "files": dict, "told": dict, "policy": dict}
    wrong = [name for name, kind in shapes.items() if not isinstance(said.get(name), kind)]
    try:
        date.fromisoformat(str(said.get("as_of")))
    except ValueError:
        wrong = ["as_of"]
    if wrong:
        found = f"no {', '.join(wrong)} in it"
        raise InputError([_fault(folder, "plan.json", found, "a plan of this version of tideover strike")])
    return said


def _altered(folder: Path, name: str, digest: object) -> list[Fault]:
    try:
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    except OSError as error:
        return [_fault(folder, name, error.strerror or str(error), "a file of the plan")]
    if found == digest:
        return []
    return [_fault(folder, name, "another SHA-256 than plan.json states", "the file that was planned")]


def _table(
    folder: Path, name: str, columns: Mapping[str, Any], read: Callable[[io.BytesIO], pl.DataFrame]
) -> pl.DataFrame:
    try:
        frame = read(io.BytesIO(_bytes(folder, name)))
    except (ValueError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        found = "a file that cannot be read"
        raise InputError([_fault(folder, name, found, "a file of the plan")]) from error
    wrong = [column for column, kind in columns.items() if frame.schema.get(column) != kind]
    if wrong:
        found = f"no column {', '.join(wrong)} of the right type"
        raise InputError([_fault(folder, name, found, "a file of the plan")])
    return frame.select(*columns)


def _read_calls(content: io.BytesIO) -> pl.DataFrame:
    frame = pl.read_csv(content, infer_schema=False)
    if "tell_by" not in frame.columns:
        return frame
    return frame.with_columns(pl.col("tell_by").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us"))
