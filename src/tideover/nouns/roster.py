"""A roster: one row for each clinician's post, and what of the network an offer's cost needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class Roster:
    """The table ``roster``, complete as the schema says.

    ``support`` is the FTE of support staff by (clinic_id, role), ``None`` where nothing is known of it.
    ``synthetic`` is true where the people are made up. ``files`` maps each input file to its SHA-256.
    """

    table: pl.DataFrame
    support: Mapping[tuple[str, str], float] | None = None
    synthetic: bool = False
    name: str = ""
    source: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
