"""Packages beside an offer: a grid of changes to the current contract; how far those of equal mean range."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from tideover.cases.offer import OffersResult, Outcome
from tideover.errors import Fault, InputError
from tideover.nouns.offer import Offer
from tideover.pay.compare import Spread, changes, spread
from tideover.pay.method import payroll
from tideover.pay.packages import Bench, Found, Space, bench, unfit

#: The grid that is searched: it is shown with what is found, and proves nothing about packages outside it.
GRID = Space(
    increases=tuple(Fraction(percent, 100) for percent in range(-4, 4)),
    rvu_scales=tuple(Fraction(quarter, 4) for quarter in range(6)),
    rvu_shifts=(0, 400, 800, 1200),
    quality_scales=(Fraction(0), Fraction(1, 2), Fraction(1)),
    bonuses=(0, 100_000, 300_000),
)
#: Means of packages that differ by less than this count as equal.
NEAR = 0.0005


@dataclass(frozen=True)
class Told:
    """One package: what each lever is, and what the payroll itself (not the kernel) says of it."""

    levers: dict[str, Any]
    spread: Spread


@dataclass(frozen=True)
class Peers:
    """The packages whose mean change is that of an offer: how many that differ in pay, and their range."""

    offer: str
    mean: float
    count: int
    losing: tuple[float, float]
    worst: tuple[float, float]
    fewest: Told | None
    most: Told | None


@dataclass(frozen=True)
class Search:
    """What a search came to: the grid's size and bounds, the seconds it took, and each offer's peers."""

    size: int
    seconds: float
    grid: dict[str, list[float]]
    peers: tuple[Peers, ...]


def search_packages(result: OffersResult) -> Search:
    """Return how far packages with the same mean change as an offer range, for each offer.

    Raises ``InputError`` where the current contract has terms under which packages cannot be reckoned so.
    """
    contract = result.current.offer
    if names := unfit(contract):
        expected = "a current contract without these, or with one such term for its whole time"
        remedy = "Leave --packages out, or state base rates as they stand on the first day."
        raise InputError([Fault("command line", None, "--packages", ", ".join(names), expected, remedy)])
    if not (result.current.total("pay").sum(axis=0) > 0).all():
        expected = "pay of every clinician under the current contract"
        remedy = "Leave --packages out, or the rows without FTE."
        raise InputError([Fault("command line", None, "--packages", "clinicians without", expected, remedy)])
    made = bench(result.roster.table, contract, space_of(contract), result.tax)
    made.search(np.arange(1))  # compiled before it is timed
    start = time.perf_counter()
    found = made.search()
    seconds = time.perf_counter() - start
    return Search(
        made.space.size(made.years),
        seconds,
        _grid(made),
        tuple(_peers(o, made, found, result) for o in result.outcomes),
    )


def space_of(contract: Offer) -> Space:
    """Return the grid for a contract: its match or half of it, its premium share or a quarter more."""
    matches = [term["match"] for term in contract.of_kind("retirement_match")]
    shares = [term["clinician_share"] for term in contract.of_kind("health_premium")]
    return Space(
        GRID.increases, GRID.rvu_scales, GRID.rvu_shifts, GRID.quality_scales, GRID.bonuses,
        tuple(sorted({matches[0], matches[0] / 2})) if matches else (Fraction(1),),
        tuple(sorted({shares[0], min(shares[0] * 5 / 4, Fraction(1))})) if shares else (Fraction(0),),
    )  # fmt: skip


def _grid(made: Bench) -> dict[str, list[float]]:
    space = made.space
    return {
        "increase_of_each_year": [float(one) for one in space.increases],
        "rvu_rates_times": [float(one) for one in space.rvu_scales],
        "rvu_thresholds_plus": [float(one) for one in space.rvu_shifts],
        "quality_pay_times": [float(one) for one in space.quality_scales],
        "bonus": [one / 100 for one in space.bonuses],
        "match": [float(one) for one in space.matches],
        "premium_share": [float(one) for one in space.premium_shares],
    }


def _peers(outcome: Outcome, made: Bench, found: Found, result: OffersResult) -> Peers:
    name, mean = outcome.payroll.offer.name, outcome.spread.mean
    near = np.flatnonzero(np.abs(found.mean - mean) < NEAR)
    if not near.size:
        return Peers(name, mean, 0, (0.0, 0.0), (0.0, 0.0), None, None)
    same = len(made.space.matches) * len(made.space.premium_shares)  # these change no pay
    losing, worst = found.losing[near], found.worst[near]
    # of equal shares of losers, the mildest and the harshest worst change
    fewest = near[np.lexsort((-worst, losing))[0]]
    most = near[np.lexsort((worst, -losing))[0]]
    return Peers(
        name,
        mean,
        int(np.unique(near // same).size),
        (float(losing.min()), float(losing.max())),
        (float(worst.min()), float(worst.max())),
        _told(int(fewest), made, result),
        _told(int(most), made, result),
    )


def _told(number: int, made: Bench, result: OffersResult) -> Told:
    """Return a package with what the payroll itself says of it."""
    paid = payroll(result.roster.table, made.offer(number))
    choice = made.space.choice(number, made.years)
    return Told(_levers(choice, made.years), spread(changes(paid, result.current)))


def _levers(choice: Sequence[Any], years: int) -> dict[str, Any]:
    scale, shift, quality, bonus, match, owned = choice[years:]
    return {
        "increases": [float(one) for one in choice[:years]],
        "rvu_rates_times": float(scale),
        "rvu_thresholds_plus": int(shift),
        "quality_pay_times": float(quality),
        "bonus": bonus / 100,
        "match": float(match),
        "premium_share": float(owned),
    }
