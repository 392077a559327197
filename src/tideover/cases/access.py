"""Access before and after: from a network and dates to facts, groups and points."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from tideover.access import (
    MEASURES,
    Asked,
    Levels,
    Problem,
    county_type,
    levels,
    problem_of,
    rows_of,
    spread,
)
from tideover.errors import Fault, InputError
from tideover.impact.groups import AGE_BANDS, UNKNOWN
from tideover.impact.suppress import FEWEST_PEOPLE, suppressed
from tideover.nouns import Network, Note, Policy, Travel
from tideover.nouns.fields import suggestion
from tideover.travel.asked import ask
from tideover.travel.service import Service

#: The groups by which access is told; those of which the network says nothing are left out.
GROUPS = ("area", "county", "deprivation", "age", "language", "car")
#: Deprivation is told by fifths of the people.
FIFTHS = 5
_COMMAND_LINE = "command line"


@dataclass(frozen=True)
class AccessResult:
    """What ``run_access`` gives.

    ``rows`` has measure, group, member, people, before, after, difference, suppressed: ``all`` first, then
    each group. ``points`` has area_id, lat, lon, demand, and before_M and after_M of each measure M.
    ``moved`` has from_clinic_id, to_clinic_id, people: whose nearest open clinic is another one afterwards.
    """

    before: Network
    after: Network
    problem: Problem
    facts: dict[str, Any]
    rows: pl.DataFrame
    points: pl.DataFrame
    moved: pl.DataFrame


def with_closed(network: Network, close: Collection[str], on: date) -> Network:
    """Return the network with the clinics ``close`` closed from ``on``; ``InputError`` for unknown ones."""
    known = set(network.clinics["clinic_id"])
    faults = [
        Fault(_COMMAND_LINE, None, "--close", repr(name), "a clinic of the network", suggestion(name, known))
        for name in close
        if name not in known
    ]
    again = sorted({name for name in close if list(close).count(name) > 1})
    faults += [
        Fault(_COMMAND_LINE, None, "--close", f"{name!r} twice", "each clinic once", "Leave one out.")
        for name in again
    ]
    shut = network.clinics.filter(pl.col("clinic_id").is_in(list(close)), pl.col("closes_on") <= on)
    faults += [
        Fault(
            _COMMAND_LINE, None, "--close", f"{name!r}, closed since {day}", "an open clinic", "Leave it out."
        )
        for name, day in shut.select("clinic_id", "closes_on").iter_rows()
    ]
    if faults:
        raise InputError(faults)
    closing = pl.col("clinic_id").is_in(list(close))
    clinics = network.clinics.with_columns(
        pl.when(closing).then(pl.lit(on)).otherwise("closes_on").alias("closes_on")
    )
    return network.replace(clinics=clinics)


def dated(
    network: Network, close: Collection[str], before: date | None, on: date | None
) -> tuple[Network, date, date]:
    """Return the network with ``close`` closed, and the dates that are compared, where stated as stated.

    On: the last closing since the book began, else the last day of the book. Before: the day before the first
    closing since the book began, else the same day. ``InputError`` where nothing tells a date.
    """
    booked = network.visits["start"].dt.date()
    closings = _closings(network)
    last = on or (closings[-1] if closings else booked.max())
    if not isinstance(last, date):
        remedy = "State the day that is looked at: --on 2025-11-05."
        raise InputError([Fault(_COMMAND_LINE, None, "--on", "nothing", "a date", remedy)])
    changed = with_closed(network, close, last)
    closed = {*_closings(changed), *([last] if close else [])}
    since = sorted(day for day in closed if day <= last)
    return changed, before or (since[0] - timedelta(days=1) if since else last), last


def _closings(network: Network) -> list[date]:
    """Return the dates since the book began on which clinics close, sorted."""
    begins = network.visits["start"].dt.date().min()
    days = network.clinics["closes_on"].drop_nulls().unique().sort().to_list()
    return [day for day in days if not isinstance(begins, date) or day > begins]


def with_county_types(network: Network, counties: pl.DataFrame) -> Network:
    """Return the network whose areas have the type of their county, as its people and land make it.

    ``counties`` is what ``readers.read_counties`` returns; other counties keep what they have.
    """
    types = {
        fips: county_type(people, land)
        for fips, people, land in counties.select(
            "county_fips", "population", "land_square_miles"
        ).iter_rows()
    }
    reckoned = pl.col("county_fips").replace_strict(types, default=None, return_dtype=pl.String)
    return network.replace(
        areas=network.areas.with_columns(pl.coalesce(reckoned, "county_type").alias("county_type"))
    )


def access_travel(network: Network, people: str, service: Service, report: Callable[[str], None]) -> Travel:
    """Return a service's journeys from every home (and with ``population`` every area) to every clinic."""
    starts = network.patients
    if people == "population":
        areas = network.areas.select(
            pl.format("area {}", "area_id").alias("patient_id"), "area_id", "lat", "lon"
        )
        starts = pl.concat([starts, areas], how="diagonal_relaxed")
    visits = starts.select("patient_id", pl.lit(None, pl.String).alias("clinic_id"))
    found = ask(network.replace(patients=starts), visits, service, report)
    text = f"The places of homes were sent to {found.name}, without a word on who lives there"
    return replace(found, notes=(Note("found", "travel", text),))


def run_access(
    before: Network,
    after: Network,
    asked: Asked,
    policy: Policy,
    groups: Sequence[str] = GROUPS,
    report: Callable[[str], None] = lambda text: None,
) -> AccessResult:
    """Return access ``before`` and ``after``, two states of one network, by the ``groups`` asked for.

    ``InputError`` has every fault, see ``access.problem_of``. Cells about fewer than 11 people are empty.
    """
    report("measuring journeys")
    problem = problem_of(before, after, asked, policy)
    report("measuring access")
    first, last = levels(problem, 0), levels(problem, 1)
    report("by group")
    rows = suppressed(_rows(before, problem, (first, last), groups))
    moved = _moved(problem, first, last)
    points = problem.points.select("area_id", "lat", "lon", "state", "county_fips", "demand").with_columns(
        pl.Series(f"{when}_{name}", values, nan_to_null=True)
        for when, level in (("before", first), ("after", last))
        for name, values in level.values.items()
    )
    facts = _facts(before, problem, (first, last), rows)
    return AccessResult(before, after, problem, facts, rows, points, moved)


def _rows(
    network: Network, problem: Problem, both: tuple[Levels, Levels], groups: Sequence[str]
) -> pl.DataFrame:
    everyone = np.full(problem.points.height, "all", object)
    frames = [rows_of("all", everyone, problem.demand, *both)]
    for group in groups:
        member, people = _of_points(problem, group) or (None, None)
        if member is not None and people is not None:
            frames.append(rows_of(group, member, people, *both))
            continue
        frames += _of_patients(network, problem, both, group)
    return pl.concat(frames)


def _of_points(problem: Problem, group: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the member and the people of each point, for a group of places; ``None`` for one of patients."""
    names = {"area": pl.col("area_id"), "county": pl.col("county_fips")}
    if group in names:
        return problem.points.select(names[group]).to_series().to_numpy(), problem.demand
    if group == "deprivation":
        return _fifths(problem), problem.demand
    return None


def _fifths(problem: Problem) -> np.ndarray:
    """Return the fifth of the people, by deprivation, to which each point belongs; None where not known."""
    index = problem.points["deprivation"].to_numpy()
    known = np.isfinite(index.astype(np.float64))
    order = np.argsort(index[known], kind="stable")
    people = problem.demand[known][order]
    member = np.full(len(index), None, object)
    if not people.sum():
        return member
    middle = (np.cumsum(people) - people / 2) / people.sum()
    names = np.array([f"fifth {n} of {FIFTHS}" for n in range(1, FIFTHS + 1)], object)
    names[0], names[-1] = f"{names[0]}, least deprived", f"{names[-1]}, most deprived"
    placed = np.full(len(order), None, object)
    placed[order] = names[np.minimum((middle * FIFTHS).astype(np.int64), FIFTHS - 1)]
    member[known] = placed
    return member


def _of_patients(
    network: Network, problem: Problem, both: tuple[Levels, Levels], group: str
) -> list[pl.DataFrame]:
    """Return the rows of a group of patients, each at the point of their home; none if nothing is known."""
    band = network.patients.select(_member(group, problem.asked.after))
    if not band.to_series().null_count() < band.height:
        return []
    homes = pl.DataFrame({"point": problem.patient_point, "member": band.to_series().fill_null(UNKNOWN)})
    counts = homes.filter(pl.col("point") >= 0).group_by("point", "member", maintain_order=True).agg(pl.len())
    at, people = counts["point"].to_numpy(), counts["len"].cast(pl.Float64).to_numpy()
    part = [
        Levels({name: values[at] for name, values in one.values.items()}, one.nearest_site[at])
        for one in both
    ]
    return [rows_of(group, counts["member"].to_numpy(), people, *part)]


def _member(group: str, day: date) -> pl.Expr:
    if group == "age":
        age = day.year - pl.col("birth_year")
        return pl.coalesce(pl.when(age >= least).then(pl.lit(name)) for least, name in reversed(AGE_BANDS))
    if group == "car":
        return pl.when("has_car").then(pl.lit("car")).when(~pl.col("has_car")).then(pl.lit("no car"))
    return pl.col(group)


def _moved(problem: Problem, first: Levels, last: Levels) -> pl.DataFrame:
    """Return whose nearest open clinic is another one afterwards: from, to (null: none), people."""
    ids = [*problem.sites["clinic_id"], None]
    named = pl.DataFrame(
        {
            "from_clinic_id": [ids[site] for site in first.nearest_site],
            "to_clinic_id": [ids[site] for site in last.nearest_site],
            "people": problem.demand,
        },
        schema={"from_clinic_id": pl.String, "to_clinic_id": pl.String, "people": pl.Float64},
    )
    changed = named.filter(~pl.col("from_clinic_id").eq_missing(pl.col("to_clinic_id")), pl.col("people") > 0)
    pairs = changed.group_by("from_clinic_id", "to_clinic_id").agg(
        pl.col("people").sum().round().cast(pl.Int64)
    )
    return pairs.sort("people", "from_clinic_id", "to_clinic_id", descending=[True, False, False])


def _facts(
    network: Network, problem: Problem, both: tuple[Levels, Levels], rows: pl.DataFrame
) -> dict[str, Any]:
    sites, (open_before, open_after) = problem.sites["clinic_id"].to_numpy(), problem.open
    whole = rows.filter(pl.col("group") == "all").drop("group", "member")
    return {
        "synthetic": network.synthetic,
        "network": network.name,
        "before_on": problem.asked.before.isoformat(),
        "on": problem.asked.after.isoformat(),
        "people": problem.asked.people,
        "kinds": list(problem.asked.kinds),
        "counted": round(float(problem.demand.sum())),
        "points": problem.points.height,
        "clinics": {"before": int(open_before.sum()), "after": int(open_after.sum())},
        "closed": sites[open_before & ~open_after].tolist(),
        "opened": sites[open_after & ~open_before].tolist(),
        "supply": [round(float(part.sum()), 6) for part in problem.supply] if problem.staffed else None,
        "travel": "distance" if network.travel is None else network.travel.source,
        "measures": [row | {"unit": MEASURES[row["measure"]].unit} for row in whole.to_dicts()],
        "spread": {"before": _spread(problem, both[0]), "after": _spread(problem, both[1])},
        "notes": [note.as_dict() for note in (*network.notes, *problem.notes)],
    }


def _spread(problem: Problem, one: Levels) -> dict[str, float | None]:
    """Return how evenly access is spread; a count of 1 to 10 people without a way is withheld."""
    found = spread(problem, one)
    few = 0 < (found["people_without_a_way"] or 0) < FEWEST_PEOPLE
    return found | ({"people_without_a_way": None} if few else {})
