"""How full the receiving clinics and posts become: panels, visits a day, hours, assistants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from tideover.nouns import Network, Policy, Scenario
from tideover.panels.problem import UNITS, panel_units
from tideover.panels.transfer import Transfer

#: One row for each receiving clinic (clinician_id empty) and each of its posts; panels in usual patients.
LOAD = {
    "level": pl.String(),
    "clinic_id": pl.String(),
    "clinician_id": pl.String(),
    "fte": pl.Float64(),
    "panel_target": pl.Float64(),
    "panel_cap": pl.Float64(),
    "panel_before": pl.Float64(),
    "panel_after": pl.Float64(),
    "panel_per_fte_before": pl.Float64(),
    "panel_per_fte_after": pl.Float64(),
    "visits_per_day_before": pl.Float64(),
    "visits_per_day_after": pl.Float64(),
    "hours_per_day_before": pl.Float64(),
    "hours_per_day_after": pl.Float64(),
    "assistants_per_clinician_before": pl.Float64(),
    "assistants_per_clinician_after": pl.Float64(),
    "short_of_assistants_before": pl.Boolean(),
    "short_of_assistants_after": pl.Boolean(),
}


@dataclass(frozen=True)
class Pace:
    """What a panel asks for on a weekday, from the book: visits for each usual patient, and their minutes."""

    visits: float
    minutes: float


def pace_of(network: Network) -> Pace:
    """Return visits a weekday for each usual patient of the panels, and the mean minutes of a visit.

    From all visits of the book at primary-care clinics, whoever holds them, over its weekdays with visits.
    """
    sites = network.clinics.filter(pl.col("kind") == "primary").select("clinic_id")
    visits = network.visits.join(sites, on="clinic_id", how="semi")
    day = pl.col("start").dt.date()
    weekdays = visits.filter(pl.col("start").dt.weekday() <= 5).select(day.n_unique()).item()
    weight = network.patients.filter(pl.col("clinician_id").is_not_null())["risk_weight"].sum()
    minutes = visits["minutes"].mean()
    if not weekdays or not weight or not isinstance(minutes, float):
        return Pace(0.0, 0.0)
    return Pace(visits.height / weekdays / weight, minutes)


def loads(scenario: Scenario, result: Transfer, policy: Policy) -> pl.DataFrame:
    """Return the load of every receiving clinic and of its posts before and after (columns of ``LOAD``)."""
    posts = _posts(scenario, result, policy)
    sites = _sites(scenario, posts, policy)
    pace = pace_of(scenario.before or scenario.network)
    both = pl.concat([sites, posts], how="diagonal")
    made = both.with_columns(
        expression
        for when in ("before", "after")
        for expression in (
            (pl.col(f"panel_{when}") / pl.col(f"fte_{when}")).alias(f"panel_per_fte_{when}"),
            (pl.col(f"panel_{when}") * pace.visits).alias(f"visits_per_day_{when}"),
            (pl.col(f"panel_{when}") * pace.visits * pace.minutes / 60).alias(f"hours_per_day_{when}"),
        )
    )
    finite = (
        pl.when(pl.col(name).is_finite()).then(pl.col(name).round(4)).alias(name)
        for name, kind in LOAD.items()
        if kind == pl.Float64() and name in made.columns
    )
    made = made.with_columns(*finite).sort("clinic_id", "level", "clinician_id")
    return made.select(pl.col(name).cast(kind) for name, kind in LOAD.items())


def _posts(scenario: Scenario, result: Transfer, policy: Policy) -> pl.DataFrame:
    rows, post = result.posts.rows, result.post
    target, cap = panel_units(rows, policy)
    stay = np.array([result.people.loads.get(name, 0) for name in rows["clinician_id"]], np.int64)
    placed = post >= 0
    size = result.people.rows["size"].to_numpy()
    new = np.bincount(post[placed], size[placed], rows.height).astype(np.int64)
    before = scenario.before or scenario.network
    old = dict(before.clinicians.select("clinician_id", "clinic_id").iter_rows())
    here = [old.get(name) == at for name, at in rows.select("clinician_id", "clinic_id").iter_rows()]
    fte = rows["fte"]
    return rows.select("clinic_id", "clinician_id").with_columns(
        pl.lit("clinician").alias("level"),
        fte.alias("fte"),
        fte.zip_with(pl.Series(here), pl.Series([0.0]).extend_constant(0.0, max(len(here) - 1, 0))).alias(
            "fte_before"
        )
        if here
        else fte.alias("fte_before"),
        fte.alias("fte_after"),
        pl.Series("panel_target", target / UNITS),
        pl.Series("panel_cap", cap / UNITS),
        pl.Series("panel_before", stay * np.array(here, np.bool_) / UNITS),
        pl.Series("panel_after", (stay + new) / UNITS),
    )


def _sites(scenario: Scenario, posts: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    summed = ("fte", "fte_before", "fte_after", "panel_target", "panel_cap", "panel_before", "panel_after")
    sites = posts.group_by("clinic_id").agg(pl.col(*summed).sum())
    staff = scenario.network.support_staff.filter(pl.col("role") == "medical_assistant")
    assistants = staff.group_by("clinic_id").agg(pl.col("fte").sum().alias("assistants"))
    joined = sites.join(assistants, on="clinic_id", how="left").with_columns(pl.lit("clinic").alias("level"))
    fewest = policy.assistants_per_clinician
    for when in ("before", "after"):
        per = pl.col("assistants") / pl.col(f"fte_{when}")
        joined = joined.with_columns(
            per.alias(f"assistants_per_clinician_{when}"),
            (per.round(6) < fewest).alias(f"short_of_assistants_{when}"),
        )
    return joined.drop("assistants")
