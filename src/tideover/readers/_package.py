"""``datapackage.json``: a Frictionless Data Package of the tables, with Tideover's own facts beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tideover import schema
from tideover.errors import Fault
from tideover.nouns import Network, Note

PACKAGE = "datapackage.json"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TIMES = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M"}


@dataclass(frozen=True)
class Package:
    """What the tables cannot say themselves: name, notes, and whether all of it is made up."""

    name: str = ""
    synthetic: bool = False
    notes: tuple[Note, ...] = ()


def read_package(folder: Path) -> tuple[Package, str, list[Fault]]:
    """Return the facts in ``datapackage.json``, its SHA-256 (empty without the file), and its faults."""
    path = folder / PACKAGE
    if not path.is_file():
        return Package(), "", []
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        return Package(), digest, [_fault(None, str(error), "JSON", "Remove the file or write it again.")]
    facts = content.get("tideover", {}) if isinstance(content, dict) else None
    if not isinstance(facts, dict):
        return (
            Package(),
            digest,
            [_fault("tideover", type(content).__name__, "an object", "Write the file again.")],
        )
    return _facts(facts, digest)


def _facts(facts: Mapping[str, Any], digest: str) -> tuple[Package, str, list[Fault]]:
    faults = []
    remedy = "Write the file again."
    for key, kind in (("name", str), ("synthetic", bool), ("notes", list)):
        if not isinstance(facts.get(key, kind()), kind):
            faults.append(_fault(f"tideover.{key}", repr(facts[key])[:60], f"a {kind.__name__}", remedy))
    notes = [] if faults else [_note(note) for note in facts.get("notes", [])]
    if None in notes:
        faults.append(_fault("tideover.notes", "a note", "kind, about, text and rows", remedy))
    if faults:
        return Package(), digest, faults
    known = tuple(note for note in notes if note is not None)
    return Package(facts.get("name", ""), facts.get("synthetic", False), known), digest, []


def _note(note: object) -> Note | None:
    match note:
        case {"kind": str(kind), "about": str(about), "text": str(text), "rows": None | int() as rows}:
            return Note(kind, about, text, rows)
    return None


def _fault(key: str | None, found: str, expected: str, remedy: str) -> Fault:
    return Fault(PACKAGE, None, key, found, expected, remedy)


def package_of(network: Network, form: str, tables: Mapping[str, pl.DataFrame]) -> str:
    """Return the text of ``datapackage.json`` for ``tables`` of ``network`` written in ``form``."""
    notes = [note.as_dict() for note in network.notes]
    content = {
        "$schema": _PROFILE,
        "name": "tideover-network",
        "title": network.name,
        "sources": [
            {"title": file, "hash": f"sha256:{digest}"} for file, digest in sorted(network.files.items())
        ],
        "resources": [_resource(name, frame, form) for name, frame in tables.items()],
        "tideover": {"name": network.name, "synthetic": network.synthetic, "notes": notes},
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _resource(table: str, frame: pl.DataFrame, form: str) -> dict[str, Any]:
    columns = schema.tables()[table]
    fields = [_field(column) for column in columns]
    fields += [
        {"name": name, "type": "string"} for name in frame.columns if name.startswith(schema.GROUP_PREFIX)
    ]
    keys = [
        {
            "fields": [column.column],
            "reference": dict(zip(("resource", "fields"), _target(column), strict=True)),
        }
        for column in columns
        if column.refers_to
    ]
    return {
        "name": table,
        "path": f"{table}.{form}",
        "format": form,
        "mediatype": "text/csv" if form == "csv" else "application/vnd.apache.parquet",
        "schema": {"fields": fields, "primaryKey": schema.keys(table), "foreignKeys": keys},
    }


def _target(column: schema.Column) -> tuple[str, list[str]]:
    table, key = column.refers_to.split(".")
    return table, [key]


def _field(column: schema.Column) -> dict[str, Any]:
    made: dict[str, Any] = {"name": column.column, "type": column.type, "description": column.description}
    if column.type in _TIMES:
        made["format"] = _TIMES[column.type]
    if column.type == "list":
        made |= {"delimiter": ";", "itemType": "string"}
    rules: dict[str, Any] = {"required": True} if column.required != "no" else {}
    if column.limits is not None:
        cast = int if column.type == "integer" else float
        rules |= {"minimum": cast(column.limits[0]), "maximum": cast(column.limits[1])}
    if column.choices:
        rules["enum"] = list(column.choices)
    return made | ({"constraints": rules} if rules else {})
