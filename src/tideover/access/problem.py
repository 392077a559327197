"""The network as arrays: points with people, sites with supply, journeys between them; labels checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from tideover.access.catchments import Bools, Floats, Ints, Pairs
from tideover.access.journeys import by_distance, by_matrix
from tideover.errors import Fault, InputError
from tideover.nouns import Network, Note, Policy

#: Whose access is measured, and who shares a site's supply: the network's patients, or all who live there.
PEOPLE = ("patients", "population")
#: What makes a place to start from; patients of one place are one point.
_PLACE = ["area_id", "lat", "lon"]


@dataclass(frozen=True)
class Asked:
    """What is compared: the sites open on ``before`` with those open on ``after``, of some kinds, for whom.

    ``people`` is one of ``PEOPLE``.
    """

    before: date
    after: date
    people: str = "patients"
    kinds: tuple[str, ...] = ("primary",)


@dataclass(frozen=True)
class Problem:
    """Points, sites and journeys of one comparison.

    ``points`` has area_id, lat, lon, state, county_fips, county_type, deprivation, demand (people who share
    the supply) and patients, one row each; ``patient_point`` (patients,) is the row of each patient's home,
    -1 where it is not known. ``sites`` has clinic_id, name, lat, lon; ``supply`` and ``open`` hold, for
    before and after, the clinicians' FTE of each site and whether it is open. ``staffed`` is false where the
    network names no clinician: then there is no supply to share.
    """

    asked: Asked
    points: pl.DataFrame
    sites: pl.DataFrame
    supply: tuple[Floats, Floats]
    open: tuple[Bools, Bools]
    pairs: Pairs
    patient_point: Ints
    staffed: bool
    policy: Policy
    notes: tuple[Note, ...] = ()

    @property
    def demand(self) -> Floats:
        """The people at each point, (points,)."""
        return self.points["demand"].to_numpy()


def problem_of(before: Network, after: Network, asked: Asked, policy: Policy) -> Problem:
    """Return the arrays of ``before`` and ``after``, two states of one network with the same people.

    Journeys are those of ``before.travel``, by distance at the policy's factors where it is ``None``. Raises
    ``InputError`` with every fault: no site open, sites off the map, areas whose people are not known, no
    people at all, pairs of a matrix of which nothing is known.
    """
    faults = [*_no_site(before, asked, asked.before), *_no_site(after, asked, asked.after)]
    if asked.before > asked.after:
        found, expected = f"{asked.before} before {asked.after}", "before not after on"
        faults.append(Fault("the dates", None, "before", found, expected, "Exchange the two dates."))
    points, patient_point, wrong, notes = _points(before, asked)
    faults += wrong
    sites, opened = _sites(before, after, asked)
    faults += _off_the_map(sites) if before.travel is None else []
    if faults:
        raise InputError(faults)
    make = by_distance if before.travel is None else by_matrix
    pairs = make(before, points, sites, opened, policy)
    supply = (
        _supply(before, sites, opened[0], asked.before),
        _supply(after, sites, opened[1], asked.after),
    )
    staffed = bool(before.clinicians["clinic_id"].is_not_null().any())
    notes += _unstaffed(sites, supply[1], opened[1]) if staffed else _no_clinicians()
    return Problem(
        asked, points.drop("patient_id"), sites, supply, opened, pairs, patient_point, staffed, policy, notes
    )


def open_sites(network: Network, day: date, kinds: Iterable[str]) -> pl.DataFrame:
    """Return the clinics of these kinds that are open on ``day``: opened by then, and not closed yet."""
    return network.clinics.filter(
        pl.col("kind").is_in(list(kinds)),
        (pl.col("opens_on") <= day).fill_null(value=True),
        (pl.col("closes_on") > day).fill_null(value=True),
    )


def _no_site(network: Network, asked: Asked, day: date) -> list[Fault]:
    if open_sites(network, day, asked.kinds).height:
        return []
    found = f"no clinic of kind {' or '.join(asked.kinds)} open on {day}"
    remedy = "Choose another date, or leave one clinic open: with none there is no access to measure."
    return [Fault("clinics", None, "closes_on", found, "at least one open clinic", remedy)]


def _sites(before: Network, after: Network, asked: Asked) -> tuple[pl.DataFrame, tuple[Bools, Bools]]:
    first = open_sites(before, asked.before, asked.kinds)
    last = open_sites(after, asked.after, asked.kinds)
    columns = ["clinic_id", "name", "lat", "lon"]
    sites = pl.concat([first.select(columns), last.select(columns)]).unique("clinic_id").sort("clinic_id")
    masks = [sites["clinic_id"].is_in(some["clinic_id"].implode()).to_numpy() for some in (first, last)]
    return sites, (masks[0], masks[1])


def _off_the_map(sites: pl.DataFrame) -> list[Fault]:
    off = sites.filter(pl.col("lat").is_null() | pl.col("lon").is_null())["clinic_id"]
    remedy = "Add latitude and longitude, or give a matrix of journeys with --travel."
    return [
        Fault("clinics", None, "lat", f"no place for {clinic!r}", "a place of every open clinic", remedy)
        for clinic in off
    ]


def _points(network: Network, asked: Asked) -> tuple[pl.DataFrame, Ints, list[Fault], tuple[Note, ...]]:
    """Return the points, the point of each patient, faults, and what must be known of them."""
    homes = _homes(network)
    key = [*_PLACE, "patient_id"]
    living = homes.group_by(key, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("patients"), pl.col("state").drop_nulls().first().alias("of_patients")
    )
    living = living.filter(pl.any_horizontal(pl.col(key).is_not_null()))
    faults: list[Fault] = []
    if asked.people == "population":
        faults = _unpeopled(network)
        held = network.areas.select(
            *_PLACE, pl.lit(None, pl.String).alias("patient_id"), pl.col("population").alias("demand")
        )
        living = living.join(held, on=key, how="full", nulls_equal=True, coalesce=True)
    else:
        living = living.with_columns(demand="patients")
    facts = network.areas.select("area_id", "state", "county_fips", "county_type", "deprivation")
    points = (
        living.with_columns(pl.col("patients").fill_null(0), pl.col("demand").fill_null(0).cast(pl.Float64))
        .join(facts, on="area_id", how="left")
        .with_columns(pl.coalesce("state", "of_patients").alias("state"))
        .drop("of_patients")
        .sort(key, nulls_last=True)
    )
    if not faults and not points["demand"].sum():
        remedy = "Give areas with a population, or patients with a home or an area."
        table = "areas" if asked.people == "population" else "patients"
        found = f"no {asked.people} on the map"
        faults = [Fault(table, None, None, found, "people whose access is measured", remedy)]
    places = points.select(*key).with_row_index("point")
    at = homes.join(places, on=key, how="left", nulls_equal=True, maintain_order="left")["point"]
    return points, at.cast(pl.Int64).fill_null(-1).to_numpy(), faults, _point_notes(points, at, asked)


def _homes(network: Network) -> pl.DataFrame:
    """Return area_id, lat, lon, state of each patient's home; patient_id where a matrix tells them apart."""
    places = network.homes()
    homes = pl.concat([places, network.patients.select("area_id")], how="horizontal")
    rows = None if network.travel is None else network.travel.rows["patient_id"].drop_nulls()
    named = pl.col("patient_id") if rows is not None and rows.len() else pl.lit(None, pl.String)
    return homes.select(*_PLACE, named.alias("patient_id"), "state")


def _unpeopled(network: Network) -> list[Fault]:
    lacking = network.areas.filter(pl.col("population").is_null())["area_id"]
    remedy = "Fill in the people who live there (0 is a number), or measure by --people patients."
    return [
        Fault("areas", None, "population", f"nothing for {area!r}", "the people of every area", remedy)
        for area in lacking
    ]


def _point_notes(points: pl.DataFrame, at: pl.Series, asked: Asked) -> tuple[Note, ...]:
    notes = []
    if homeless := at.null_count():
        text = "patients without a home or an area: not on the map, and not counted"
        notes.append(Note("found", "patients", text, homeless))
    if asked.people == "population" and (empty := points.filter(demand=0, patients=0).height):
        notes.append(Note("found", "areas", "areas where nobody lives: they count for nothing", empty))
    return tuple(notes)


def _supply(network: Network, sites: pl.DataFrame, mask: Bools, day: date) -> Floats:
    there = network.clinicians.filter((pl.col("leaves_on") > day).fill_null(value=True))
    held = there.group_by("clinic_id").agg(pl.col("fte").sum())
    fte = sites.join(held, on="clinic_id", how="left", maintain_order="left")["fte"].fill_null(0.0)
    return np.where(mask, fte.to_numpy(), 0.0)


def _unstaffed(sites: pl.DataFrame, supply: Floats, opened: Bools) -> tuple[Note, ...]:
    bare = sites["clinic_id"].to_numpy()[opened & (supply <= 0)]
    if not len(bare):
        return ()
    text = f"open clinics without a clinician: they give nobody any supply ({', '.join(bare[:5])})"
    return (Note("found", "clinicians", text, len(bare)),)


def _no_clinicians() -> tuple[Note, ...]:
    text = "no clinician has a home clinic: supply per head is not measured, journeys are"
    return (Note("found", "clinicians", text),)
