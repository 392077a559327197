"""Small networks whose clinics close, built by hand or from a drawn seed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl

from changes_factory import frame
from tideover.disruptions.closure import Closure
from tideover.nouns import Network, Policy, Scenario

ON = date(2025, 11, 3)


def network(
    clinics: list[dict[str, Any]],
    clinicians: list[dict[str, Any]],
    patients: list[dict[str, Any]],
    visits: list[dict[str, Any]] | None = None,
    **more: pl.DataFrame,
) -> Network:
    """Return a network of these rows; a visit of nobody makes the book where none is given."""
    first = {"visit_id": "v0", "clinic_id": clinics[-1]["clinic_id"], "start": datetime(2025, 11, 4, 9)}
    rows = {"clinics": clinics, "clinicians": clinicians, "patients": patients, "visits": visits or [first]}
    return Network.of({name: frame(name, some) for name, some in rows.items()} | more)


def site(name: str, lon: float, **more: Any) -> dict[str, Any]:
    """Return a primary-care clinic on the 45th parallel; a degree east is 78.6 km."""
    return {"clinic_id": name, "kind": "primary", "lat": 45.0, "lon": lon, "state": "MN"} | more


def post(name: str, clinic: str, target: int, cap: int | None = None, **more: Any) -> dict[str, Any]:
    """Return a post with a panel of so many."""
    return {
        "clinician_id": name,
        "clinic_id": clinic,
        "panel_target": target,
        "panel_cap": cap or target,
    } | more


def patient(name: str, own: str | None, lon: float, **more: Any) -> dict[str, Any]:
    """Return a patient on the 45th parallel."""
    return {"patient_id": name, "clinician_id": own, "lat": 45.0, "lon": lon} | more


def closing(net: Network, *clinics: str, on: date = ON, moves: tuple[tuple[str, str], ...] = ()) -> Scenario:
    """Return the scenario in which these clinics close."""
    return Scenario.of(net, [Closure(clinics=clinics, on=on, moves=moves)])


def drawn(seed: int) -> Network:
    """Return a small random network: four to six clinics, households, ages, languages, little room."""
    chance = Random(seed)  # noqa: S311 (test data)
    count = chance.randint(4, 6)
    clinics = [
        site(f"c{n}", -93.0 + chance.randint(-20, 20) / 100, openings=chance.choice([None, None, 1]),
             rooms=chance.choice([None, 4, 8]), payers_excluded=chance.choice([None, None, ["public"]]))
        for n in range(count)
    ]  # fmt: skip
    posts = [
        post(f"k{n:02}", f"c{n % count}", chance.randint(0, 14), chance.randint(8, 16),
             max_age=chance.choice([None, None, 18]), languages=chance.choice([None, ["en"], ["en", "so"]]),
             fte=chance.choice([0.5, 1.0]), states_licensed=chance.choice([None, ["MN"], ["WI"]]))
        for n in range(count * 2)
    ]  # fmt: skip
    patients = [
        patient(f"p{n:03}", chance.choice([None, *[p["clinician_id"] for p in posts]]),
                -93.0 + chance.randint(-25, 25) / 100, household_id=chance.choice([None, f"h{n // 3}"]),
                risk_weight=chance.choice([0.4, 1.0, 1.7]),
                birth_year=chance.choice([None, 1950, 1990, 2015]),
                language=chance.choice([None, "en", "so", "vi"]), interpreter=chance.random() < 0.3,
                payer=chance.choice([None, "public", "private"]))
        for n in range(chance.randint(20, 90))
    ]  # fmt: skip
    visits = [
        {"visit_id": f"v{n}", "patient_id": p["patient_id"], "clinic_id": f"c{n % count}",
         "start": datetime(2025, 11, 3, 8) + timedelta(minutes=20 * n)}
        for n, p in enumerate(patients)
        if p["clinician_id"] is None
    ]  # fmt: skip
    return network(clinics, posts, patients, visits)


def policy(**chosen: Any) -> Policy:
    """Return the default policy with these keys exchanged."""
    return Policy.of(chosen)
