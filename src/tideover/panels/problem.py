"""The inputs of a transfer as arrays: who needs a new clinic or clinician, and which posts have room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tideover.nouns import Network, Policy, Scenario
from tideover.travel import journeys

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

#: Panels are counted in tenths of a usual patient.
UNITS = 10


@dataclass(frozen=True)
class People:
    """The people who need a new clinic or clinician, one row each, by patient_id; formulation (1) to (5).

    ``rows`` has patient_id, household_id, clinic_id (the one before), clinician_id (own), on (the date),
    size (tenths), age (null: unknown), language, interpreter, payer, limit (minutes of the standard).
    ``before`` (n,) and ``minutes`` (n, m) are journeys to the clinic before and to each of ``clinics``, by
    clinic_id; codes of ``nouns.travel`` stand for unknown and unreachable ones. ``loads`` maps a clinician to
    the tenths of the panel that stays. ``homeless`` counts patients of nobody: without clinician and visits.
    """

    rows: pl.DataFrame
    clinics: tuple[str, ...]
    before: Ints
    minutes: Ints
    loads: Mapping[str, int]
    homeless: int


@dataclass(frozen=True)
class Receivers:
    """The posts that take people in: arrays in the order of (clinic, clinician_id); formulation (6) to (8).

    ``clinic`` (k,) is the row of ``People.clinics``; ``target`` and ``cap`` (k,) are tenths of a patient of
    room left up to the panel's target, and up to its cap.
    """

    rows: pl.DataFrame
    clinic: Ints
    target: Ints
    cap: Ints


def people_of(scenario: Scenario, policy: Policy) -> People:
    """Return who needs a new clinic or clinician under ``scenario``."""
    network = scenario.network
    rows, stay, homeless = movers(scenario)
    clinics = receiving_clinics(network)
    found = journeys(network, rows.select("patient_id", "clinic_id"), policy)
    codes = network.clinics["clinic_id"].sort()
    home = codes.search_sorted(rows["clinic_id"]).to_numpy().astype(np.int64)
    to = codes.search_sorted(pl.Series(clinics, dtype=pl.String)).to_numpy().astype(np.int64)
    rows = with_standard(network, rows, policy)
    loads = stay.group_by("clinician_id").agg(pl.col("size").sum()).drop_nulls()
    return People(
        rows,
        clinics,
        found.to(np.arange(rows.height), home),
        found.minutes[found.start][:, to],
        dict(loads.iter_rows()),
        homeless,
    )


def receiving_clinics(network: Network) -> tuple[str, ...]:
    """Return the primary-care clinics without a date of closing, sorted."""
    stay = network.clinics.filter((pl.col("kind") == "primary") & pl.col("closes_on").is_null())
    return tuple(stay["clinic_id"].sort())


def movers(scenario: Scenario) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Return the people who need a new place, clinician_id and size of all others, and who belong nowhere."""
    before = scenario.before or scenario.network
    ends = scenario.network.clinicians.select("clinician_id", "leaves_on", "panel_follows")
    closes = scenario.network.clinics.select("clinic_id", "closes_on")
    people = (
        clinic_of_each(before)
        .join(closes, on="clinic_id", how="left")
        .join(ends, on="clinician_id", how="left")
        .with_columns(pl.min_horizontal("closes_on", "leaves_on").alias("on"))
    )
    gone = pl.col("leaves_on").is_not_null() & pl.col("panel_follows").fill_null(value=False)
    moves = pl.col("on").is_not_null() & ~gone & pl.col("clinic_id").is_not_null()
    rows = people.filter(moves).sort("patient_id")
    age = (pl.col("on").dt.year() - pl.col("birth_year")).alias("age")
    kept = rows.select(
        "patient_id", "household_id", "clinic_id", "clinician_id", "on", "size", age, "language",
        "interpreter", "payer", "area_id",
    )  # fmt: skip
    homeless = people.filter(pl.col("clinic_id").is_null()).height
    return kept, people.filter(pl.col("on").is_null()).select("clinician_id", "size"), homeless


def clinic_of_each(network: Network) -> pl.DataFrame:
    """Return the patients with their ``clinic_id`` (null: nobody's) and ``size``; sentences (1) and (3)."""
    homes = network.clinicians.select("clinician_id", own_clinic="clinic_id")
    size = (pl.col("risk_weight") * UNITS + 0.5).floor().cast(pl.Int64)
    return (
        network.patients.with_columns(pl.max_horizontal(size, 1).alias("size"))
        .join(homes, on="clinician_id", how="left")
        .join(_by_visits(network), on="patient_id", how="left")
        .with_columns(pl.coalesce("own_clinic", "seen_at").alias("clinic_id"))
    )


def _by_visits(network: Network) -> pl.DataFrame:
    """Return for each patient without an own clinician the primary-care clinic of the first booked visit."""
    without = network.patients.filter(pl.col("clinician_id").is_null()).select("patient_id")
    sites = network.clinics.filter(pl.col("kind") == "primary").select("clinic_id")
    seen = network.visits.join(without, on="patient_id", how="semi").join(sites, on="clinic_id", how="semi")
    first = seen.sort("start", "visit_id").unique("patient_id", keep="first", maintain_order=True)
    return first.select("patient_id", seen_at="clinic_id")


def with_standard(network: Network, rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return ``rows`` with ``limit``, the minutes of the standard where each lives (5), and no area."""
    limits = {
        kind: getattr(policy, f"adequacy_{kind}_minutes")
        for kind in ("large_metro", "metro", "micro", "rural", "ceac")
    }
    limit = (
        pl.col("county_type")
        .replace_strict(limits, default=policy.adequacy_minutes, return_dtype=pl.Int64)
        .alias("limit")
    )
    areas = network.areas.select("area_id", "county_type")
    joined = rows.join(areas, on="area_id", how="left", maintain_order="left")
    return joined.with_columns(limit).drop("county_type", "area_id")


def receivers_of(scenario: Scenario, people: People, policy: Policy, moves: Mapping[str, str]) -> Receivers:
    """Return the posts that take people in, with those of closing clinics that ``moves`` sends to others."""
    posts = scenario.network.clinicians.filter(pl.col("leaves_on").is_null())
    to = pl.col("clinician_id").replace_strict(dict(moves) or {"": ""}, default=None, return_dtype=pl.String)
    posts = posts.with_columns(pl.coalesce(to, "clinic_id").alias("clinic_id"))
    posts = posts.filter(pl.col("clinic_id").is_in(list(people.clinics))).sort("clinic_id", "clinician_id")
    load = np.array([people.loads.get(name, 0) for name in posts["clinician_id"]], np.int64)
    target, cap = panel_units(posts, policy)
    clinic = pl.Series(people.clinics, dtype=pl.String).search_sorted(posts["clinic_id"])
    return Receivers(
        posts,
        clinic.to_numpy().astype(np.int64),
        np.maximum(target - load, 0),
        np.maximum(cap - load, 0),
    )


def panel_units(posts: pl.DataFrame, policy: Policy) -> tuple[Ints, Ints]:
    """Return target and cap of each post's panel in tenths of a patient: what is stated, else the norm."""
    norm = ((pl.col("fte") * (UNITS * size)).round(6).floor().cast(pl.Int64) for size in
            (policy.panel_per_full_time, policy.panel_cap_per_full_time))  # fmt: skip
    stated = (pl.col(name) * UNITS for name in ("panel_target", "panel_cap"))
    whole = posts.select(
        pl.coalesce(one, other).alias(name)
        for one, other, name in zip(stated, norm, ("target", "cap"), strict=True)
    )
    target = whole["target"].to_numpy().astype(np.int64)
    return target, np.maximum(whole["cap"].to_numpy().astype(np.int64), target)
