"""Standards of access to primary care: how near is near enough, by type of county (README, S1 to S5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tideover.access.catchments import Floats, Pairs
from tideover.nouns import Policy

#: One international mile.
KM_PER_MILE = 1.609344
#: Types of county, from the densest to counties with extreme access considerations.
COUNTY_TYPES = ("large_metro", "metro", "micro", "rural", "ceac")
#: Longest way to primary care in miles, and the share of people for whom the standard must be kept (the
#: minutes are keys of the policy): 42 CFR 422.116.
ADEQUACY_MILES: Mapping[str, float] = {
    "large_metro": 5.0, "metro": 10.0, "micro": 20.0, "rural": 30.0, "ceac": 60.0,
}  # fmt: skip
ADEQUACY_SHARE: Mapping[str, float] = {
    "large_metro": 0.9, "metro": 0.9, "micro": 0.85, "rural": 0.85, "ceac": 0.85,
}  # fmt: skip
#: Minnesota Statutes 62K.10: the lesser of so many miles or the policy's ``adequacy_minutes``.
MINNESOTA_MILES = 30.0
#: The type of a county with at least so many people and at least so many of them to the square mile; the
#: first that fits counts. Below ``CEAC_DENSITY`` none fits, and the county is ``ceac``; else it is rural.
COUNTY_RULES = (
    ("large_metro", 1_000_000, 1_000),
    ("large_metro", 500_000, 1_500),
    ("large_metro", 0, 5_000),
    ("metro", 200_000, 10),
    ("metro", 50_000, 100),
    ("metro", 10_000, 1_000),
    ("micro", 50_000, 10),
    ("micro", 10_000, 50),
)
CEAC_DENSITY = 10


@dataclass(frozen=True)
class Standard:
    """A journey that is near enough: at most so many minutes, and at most so many miles."""

    minutes: float
    miles: float


def adequacy(policy: Policy) -> dict[str, Standard]:
    """Return the standard of each type of county: minutes of the policy, miles of the regulation."""
    minutes = {
        "large_metro": policy.adequacy_large_metro_minutes,
        "metro": policy.adequacy_metro_minutes,
        "micro": policy.adequacy_micro_minutes,
        "rural": policy.adequacy_rural_minutes,
        "ceac": policy.adequacy_ceac_minutes,
    }
    return {kind: Standard(float(minutes[kind]), ADEQUACY_MILES[kind]) for kind in COUNTY_TYPES}


def minnesota(policy: Policy) -> Standard:
    """Return Minnesota's standard."""
    return Standard(float(policy.adequacy_minutes), MINNESOTA_MILES)


def county_type(people: float, land_square_miles: float) -> str:
    """Return the type of a county with so many people on so much land (without water).

    >>> county_type(1_281_565, 553.6), county_type(30_000, 1_000.0), county_type(5_000, 1_500.0)
    ('large_metro', 'rural', 'ceac')
    """
    density = people / land_square_miles
    if density < CEAC_DENSITY:
        return "ceac"
    fitting = (kind for kind, least, dense in COUNTY_RULES if people >= least and density >= dense)
    return next(fitting, "rural")


def within(pairs: Pairs, points: int, minutes: Floats, miles: Floats) -> Floats:
    """Return for each point 1 if some site is within its minutes and its miles, both (points,), else 0.

    NaN where that is not known: a limit is NaN, or the only sites in time are at unknown miles. Law: never
    falls where a limit rises or a site opens.
    """
    in_time = pairs.minutes <= minutes[pairs.point]
    near = in_time & (pairs.miles <= miles[pairs.point])
    found = np.bincount(pairs.point[near], minlength=points) > 0
    maybe = np.bincount(pairs.point[in_time & np.isnan(pairs.miles)], minlength=points) > 0
    unknown = np.isnan(minutes) | np.isnan(miles) | (maybe & ~found)
    return np.where(unknown, np.nan, found.astype(np.float64))


def limits(types: Sequence[str | None], standards: Mapping[str, Standard]) -> tuple[Floats, Floats]:
    """Return minutes and miles of the standard for each type of county; NaN where it is not known."""
    unknown = Standard(np.nan, np.nan)
    rules = [unknown if kind is None else standards[kind] for kind in types]
    return np.array([rule.minutes for rule in rules]), np.array([rule.miles for rule in rules])
