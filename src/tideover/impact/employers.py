"""The scorecard of each employer by itself, in the same words and measures, and what they lend each other."""

from __future__ import annotations

import polars as pl

from tideover.impact.scorecard import all_measures, rows_of
from tideover.impact.suppress import suppressed
from tideover.impact.view import View, view
from tideover.nouns import Plan, Policy, Scenario, Scorecard

#: What is measured of lending: name, title, concern, unit.
LENDING = {
    "seen_by_others": ("Visits seen at another employer's sites", "patients", "visit"),
    "others_seen": ("Visits of other employers' patients that clinicians receive", "clinicians", "visit"),
    "minutes_lent": ("Minutes given to other employers' patients", "network", "minute"),
    "cover_needed": ("More sessions of cover for booked urgent visits", "network", "session"),
}


def employers_scorecard(scenario: Scenario, plan: Plan, policy: Policy) -> Scorecard:
    """Return the rows of ``impact.scorecard`` for each employer by itself: group employer, member its name.

    Patients are those booked at the employer's sites, wherever they are seen; clinicians and network are its
    sessions, whoever is seen there. Behind every measure come those of ``LENDING``. Cells about fewer than 11
    people are suppressed, so that no employer's small number follows from the others' and the sum of all.
    """
    seen = view(scenario, plan, policy)
    names = scenario.network.clinics["employer"].drop_nulls().unique().sort().to_list()
    own = {name: seen.at(name) for name in names}
    parts = [_named(rows_of(one, own[name], "all"), name) for one in all_measures() for name in names]
    return Scorecard(suppressed(pl.concat([*parts, *_lending(seen, own, plan)])))


def _named(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.with_columns(pl.lit("employer").alias("group"), pl.lit(name).alias("member"))


def _lending(seen: View, own: dict[str, View], plan: Plan) -> list[pl.DataFrame]:
    whose = seen.scenario.network.clinics.select("clinic_id", "employer")
    rows = plan.decisions.join(whose, on="clinic_id").join(
        whose.rename({"clinic_id": "new_clinic_id", "employer": "seen_by"}), on="new_clinic_id"
    )
    guests = rows.filter(pl.col("employer") != pl.col("seen_by"))
    found = []
    for name, one in own.items():
        sent, got = guests.filter(employer=name), guests.filter(seen_by=name)
        found += [
            _row("seen_by_others", name, float(sent.height), _people(sent)),
            _row("others_seen", name, float(got.height), _people(got)),
            _row("minutes_lent", name, float(got["minutes"].sum()), _people(got)),
            _row("cover_needed", name, _cover(one, plan)),
        ]
    return found


def _people(visits: pl.DataFrame) -> int:
    return visits.select(pl.coalesce("patient_id", "visit_id")).to_series().n_unique()


def _cover(own: View, plan: Plan) -> float:
    """Return the sessions more that the pools of an employer need."""
    pools = set(own.scenario.pools["pool_id"])
    groups = plan.facts["minimum_safe_cover"]["by_pool"]
    return float(sum(group["sessions"] for group in groups if group["pool_id"] in pools))


def _row(measure: str, name: str, after: float, people: int | None = None) -> pl.DataFrame:
    title, concern, unit = LENDING[measure]
    row = {
        "measure": measure,
        "title": title,
        "concern": concern,
        "unit": unit,
        "better": "",
        "group": "employer",
        "member": name,
        "people": people,
        "before": 0.0,
        "after": after,
        "difference": after,
        "not_measured": "",
    }
    return pl.DataFrame([row], schema_overrides={"people": pl.Int64})
