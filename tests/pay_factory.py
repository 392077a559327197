"""Small rosters and offers for the tests of pay: written as a person would write them, read as files are."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tideover import schema
from tideover.nouns.offer import Offer
from tideover.nouns.payroll import Payroll
from tideover.nouns.roster import Roster
from tideover.pay import KINDS, payroll
from tideover.readers import read_offer

START, END = dt.date(2026, 1, 1), dt.date(2028, 12, 31)
#: A row with every column that any term needs.
ROW = {
    "role": "physician",
    "clinic_id": "C1",
    "step": 1,
    "fte": 1.0,
    "base_salary": 200_000.0,
    "work_rvu_per_year": 4_800.0,
    "panel": 1_500,
    "quality_share": 0.75,
    "paid_hours_per_week": 40.0,
    "after_hours_per_week": 7.0,
    "call_shifts_per_year": 12.0,
    "sick_hours_per_year": 16.0,
    "pto_hours_per_year": 120.0,
    "retirement_share": 0.05,
    "health_cover": "family",
    "birth_year": 1985,
    "debt": 150_000.0,
}


def roster(*rows: Mapping[str, Any], **common: Any) -> pl.DataFrame:
    """Return a roster of these rows, each completed by ``common`` and then by ``ROW``."""
    made = [
        {"clinician_id": f"K{number:04}", **ROW, **common, **row} for number, row in enumerate(rows, start=1)
    ]
    return schema.complete("roster", pl.DataFrame(made))


def toml(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {toml(part)}" for name, part in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(part) for part in value) + "]"
    return str(value)


def offer_text(
    terms: Sequence[Mapping[str, Any]],
    *,
    name: str = "An offer",
    start: dt.date = START,
    end: dt.date = END,
    mode: str = "half_even",
    at: str = "line",
    more: str = "",
) -> str:
    """Return the text of an offer's file."""
    lines = [f'name = "{name}"', 'currency = "USD"', more, "[period]", f"start = {start}", f"end = {end}"]
    lines += ["[rounding]", f'mode = "{mode}"', f'at = "{at}"']
    for term in terms:
        lines.append("[[term]]")
        lines += [f"{key} = {toml(value)}" for key, value in term.items()]
    return "\n".join(lines) + "\n"


def offer_of(*terms: Mapping[str, Any], **facts: Any) -> Offer:
    """Return the offer of these terms, read from a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "offer.toml"
        path.write_text(offer_text(terms, **facts), encoding="utf-8")
        return read_offer(path, KINDS)


def paid(people: pl.DataFrame, *terms: Mapping[str, Any], support: Any = None, **facts: Any) -> Payroll:
    """Return the payroll of these people under an offer of these terms."""
    return payroll(people, offer_of(*terms, **facts), support)


def as_roster(people: pl.DataFrame, **facts: Any) -> Roster:
    """Return these people as a roster that was read."""
    return Roster(people, **facts)


SALARY = {"kind": "base_salary"}
