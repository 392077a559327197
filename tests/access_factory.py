"""A small network of three areas and two clinics, whose access is worked by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from tideover.access import Asked, Levels, levels, problem_of
from tideover.nouns import Network, Policy, Travel
from tideover.nouns.travel import matrix

DAY, NEXT = date(2025, 11, 4), date(2025, 11, 5)
#: One degree of latitude in kilometres; journeys below go north.
DEGREE = 6371.0088 * np.pi / 180


def north(minutes: float) -> float:
    """Return the degrees north of a journey of so many minutes at 45 km/h and detour 1.3, just short."""
    return (minutes - 0.01) / 60 * 45 / 1.3 / DEGREE


def small(**facts: object) -> Network:
    """Return three areas of 100, 200 and 700 people at 0, 15 and 50 minutes of clinic a, and clinic b at 50.

    Ten patients live in each area; a has 2 posts, b 1.
    """
    areas = pl.DataFrame(
        {
            "area_id": ["x", "y", "z"], "lat": [45.0, 45.0 + north(15), 45.0 + north(50)], "lon": [-93.0] * 3,
            "population": [100, 200, 700], "state": ["MN", "MN", "WI"], "county_fips": ["1", "1", "2"],
            "deprivation": [3.0, 1.0, 2.0],
        }
    )  # fmt: skip
    clinics = pl.DataFrame(
        {"clinic_id": ["a", "b"], "name": ["A", "B"], "lat": [45.0, 45.0 + north(50)], "lon": [-93.0, -93.0]}
    )
    clinicians = pl.DataFrame({"clinician_id": ["p", "q", "r"], "clinic_id": ["a", "a", "b"]})
    patients = pl.DataFrame(
        {
            "patient_id": [f"{area}{n}" for area in "xyz" for n in range(12)],
            "area_id": [area for area in "xyz" for n in range(12)],
            "birth_year": [1950, 2015] * 18, "language": ["en"] * 24 + ["so"] * 12,
            "has_car": [True, False] * 18,
        }
    )  # fmt: skip
    tables = {"areas": areas, "clinics": clinics, "clinicians": clinicians, "patients": patients}
    return Network.of(tables, **facts)


def closed(network: Network, *clinics: str) -> Network:
    """Return the network with clinics closed from ``NEXT``."""
    shut = pl.when(pl.col("clinic_id").is_in(clinics)).then(pl.lit(NEXT)).otherwise("closes_on")
    return network.replace(clinics=network.clinics.with_columns(shut.alias("closes_on")))


def measured(network: Network, people: str = "population", policy: Policy | None = None) -> list[Levels]:
    """Return the levels before and after."""
    problem = problem_of(network, network, Asked(DAY, NEXT, people), policy or Policy.default())
    return [levels(problem, when) for when in (0, 1)]


def travel_rows(missing: tuple[str, str] | None = None, beyond: tuple[str, str] | None = None) -> Travel:
    """Return a matrix from the areas to the clinics, without one pair or with one to which no way leads."""
    rows = [
        {"area_id": area, "clinic_id": clinic, "minutes": None if (area, clinic) == beyond else minutes,
         "reachable": (area, clinic) != beyond}
        for area, times in {"x": (5, 40), "y": (12, 31), "z": (61, 3)}.items()
        for clinic, minutes in zip("ab", times, strict=True) if (area, clinic) != missing
    ]  # fmt: skip
    return Travel("file", "minutes.csv", matrix(pl.DataFrame(rows)))
