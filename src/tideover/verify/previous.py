"""The plan that another follows: whether the log of what was told fits it, while its folder is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tideover.errors import InputError
from tideover.nouns.told import TOLD
from tideover.readers import read_previous
from tideover.verify.files import sha256_of
from tideover.verify.verdict import Findings


def check_previous(folder: Path, facts: Mapping[str, Any], log: pl.DataFrame, findings: Findings) -> None:
    """Check that the previous plan is the one of which ``plan.json`` has the SHA-256, and the log against it.

    Every row of the log must be one of its log, answers aside, or what it was to tell. Nothing is checked
    where its folder is not there any more, or where this plan took its place.
    """
    said = facts["previous"]
    if said is None:
        return
    place = Path(said["folder"])
    if not (place / "plan.json").is_file() or place.resolve() == folder.resolve():
        return
    where = f"previous plan {place}, SHA-256 of plan.json"
    if not findings.compare("previous plan", where, sha256_of(place / "plan.json"), said["sha256"]):
        return
    try:
        before = read_previous(place)
    except InputError as error:
        for fault in error.faults:
            findings.add("previous plan", str(fault))
        return
    findings.compare("previous plan", "plan.json, previous.as_of", said["as_of"], before.facts["as_of"])
    same = [name for name in TOLD if name != "answer"]
    planned = before.decisions.join(before.calls, on="visit_id", how="semi").select(
        "visit_id",
        "option",
        booked_start="start",
        clinic_id="new_clinic_id",
        session_id="new_session_id",
        start="new_start",
    )
    new = log.join(before.told.select(same), on=same, how="anti", nulls_equal=True)
    strange = new.join(planned, on=planned.columns, how="anti", nulls_equal=True)
    for visit in strange["visit_id"].unique().sort():
        findings.add(
            "previous plan",
            f"told.parquet, visit {visit}: found what the previous plan neither told nor was to tell",
        )
