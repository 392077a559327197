"""Measures of access at every point, before and after (README, M1 to M9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from tideover.access.catchments import (
    CATCHMENT_MINUTES,
    E2SFCA_WEIGHTS,
    THREE_STEP_WEIGHTS,
    Bools,
    Floats,
    Ints,
    Pairs,
    nearest,
    step_weights,
    three_step,
    two_step,
)
from tideover.access.problem import Problem
from tideover.access.spread import gini, worst_tenth
from tideover.access.standards import COUNTY_TYPES, Standard, adequacy, limits, minnesota, within

#: Supply is told per so many people.
PER = 100_000


@dataclass(frozen=True)
class Measure:
    """What is measured at every point: its unit, and whether more of it is better for people there."""

    name: str
    unit: str
    more_is_better: bool


#: Every measure, in the order of the tables. Shares are 1 or 0 at a point, and a share of people in a group.
MEASURES = {
    measure.name: measure
    for measure in (
        Measure("nearest_minutes", "minute", more_is_better=False),
        Measure("within_30_minutes", "share", more_is_better=True),
        Measure("within_minnesota", "share", more_is_better=True),
        Measure("within_adequacy", "share", more_is_better=True),
        *(Measure(f"within_{kind}", "share", more_is_better=True) for kind in COUNTY_TYPES),
        Measure("two_step", "FTE per 100,000 people", more_is_better=True),
        Measure("enhanced_two_step", "FTE per 100,000 people", more_is_better=True),
        Measure("three_step", "FTE per 100,000 people", more_is_better=True),
    )
}
#: The measures that need supply.
OF_SUPPLY = ("two_step", "enhanced_two_step", "three_step")


@dataclass(frozen=True)
class Levels:
    """The measures at one time: name -> values (points,), and each point's nearest open site (-1: no way).

    A value is NaN where it is not known, or where no way leads to any open site (minutes).
    """

    values: dict[str, Floats]
    nearest_site: Ints


def levels(problem: Problem, when: int) -> Levels:
    """Return the measures of ``problem`` before (``when`` 0) or after (1), at every point."""
    opened, supply = problem.open[when], problem.supply[when]
    pairs = problem.pairs.where(opened[problem.pairs.site])
    points = problem.points.height
    row, minutes = nearest(pairs, points)
    values = {"nearest_minutes": minutes} | _shares(pairs, problem)
    if problem.staffed:
        values |= {name: PER * made for name, made in _supplied(pairs, problem.demand, supply)}
    site = np.where(row >= 0, pairs.site[row], -1)
    return Levels({name: values[name] for name in MEASURES if name in values}, site)


def _supplied(pairs: Pairs, demand: Floats, supply: Floats) -> list[tuple[str, Floats]]:
    # a site without clinicians is no choice: people do not spread to it
    staffed = pairs.where(supply[pairs.site] > 0)
    alike: Mapping[float, float] = {CATCHMENT_MINUTES: 1.0}
    bands = {"two_step": alike, "enhanced_two_step": E2SFCA_WEIGHTS}
    made = [(name, _catch(two_step, staffed, weights, demand, supply)) for name, weights in bands.items()]
    return [*made, ("three_step", _catch(three_step, staffed, THREE_STEP_WEIGHTS, demand, supply))]


def _catch(
    method: Callable[[Floats, Floats, Ints, Ints, Floats], Floats],
    pairs: Pairs,
    bands: Mapping[float, float],
    demand: Floats,
    supply: Floats,
) -> Floats:
    weight = step_weights(pairs.minutes, bands)
    reached = weight > 0
    return method(demand, supply, pairs.point[reached], pairs.site[reached], weight[reached])


def _shares(pairs: Pairs, problem: Problem) -> dict[str, Floats]:
    points = problem.points.height

    def inside(rule: Standard) -> Floats:
        """Return whether an open clinic is within the limits of ``rule``, (points,)."""
        limit = np.full(points, rule.minutes), np.full(points, rule.miles)
        return within(pairs, points, *limit)

    standards = adequacy(problem.policy)
    types = problem.points["county_type"]
    by_type = within(pairs, points, *limits(types.to_list(), standards))
    in_minnesota = (problem.points["state"] == "MN").fill_null(value=False).to_numpy()
    reach = np.bincount(pairs.point[pairs.minutes <= CATCHMENT_MINUTES], minlength=points) > 0
    return {
        "within_30_minutes": reach.astype(np.float64),
        "within_minnesota": np.where(in_minnesota, inside(minnesota(problem.policy)), np.nan),
        "within_adequacy": by_type,
        **{f"within_{kind}": inside(rule) for kind, rule in standards.items()},
    }


def both_known(before: Floats, after: Floats) -> Bools:
    """Return where both values are known, so that their difference is."""
    return np.isfinite(before) & np.isfinite(after)


def rows_of(group: str, member: np.ndarray, people: Floats, before: Levels, after: Levels) -> pl.DataFrame:
    """Return measure, group, member, people, before, after, difference: means over the people of each member.

    ``member`` (points,) names to which member each point's ``people`` (points,) belong, None for none. Means
    are over the people for whom the measure is known both times; ``people`` counts those.
    """
    frames = []
    for name, first in before.values.items():
        last = after.values[name]
        known = both_known(first, last) & (people > 0)
        made = pl.DataFrame(
            {"member": member[known], "people": people[known], "first": first[known], "last": last[known]},
            schema={"member": pl.String, "people": pl.Float64, "first": pl.Float64, "last": pl.Float64},
        )
        held = [(pl.col(value) * pl.col("people")).sum().alias(value) for value in ("first", "last")]
        sums = made.drop_nulls("member").group_by("member").agg(pl.col("people").sum(), *held)
        frames.append(
            sums.select(
                pl.lit(name).alias("measure"),
                pl.lit(group).alias("group"),
                "member",
                pl.col("people").round().cast(pl.Int64),
                (pl.col("first") / pl.col("people")).alias("before"),
                (pl.col("last") / pl.col("people")).alias("after"),
                ((pl.col("last") - pl.col("first")) / pl.col("people")).alias("difference"),
            ).sort("member")
        )
    return pl.concat(frames)


def spread(problem: Problem, levels_: Levels) -> dict[str, float | None]:
    """Return how evenly access is spread over the people: Gini, the worst-off tenth, people with no way.

    ``None`` where it cannot be measured.
    """
    people = problem.demand
    minutes = levels_.values["nearest_minutes"]
    reached = np.isfinite(minutes)
    far = np.where(reached, minutes, np.inf)
    found: dict[str, float | None] = {
        "people_without_a_way": float(people[~reached].sum()),
        "worst_tenth_minutes": _or_none(worst_tenth(far, people, highest=True)),
    }
    if problem.staffed:
        supply = levels_.values["enhanced_two_step"]
        found["gini"] = _or_none(gini(supply, people))
        found["worst_tenth_supply"] = _or_none(worst_tenth(supply, people, highest=False))
    return found


def _or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None
