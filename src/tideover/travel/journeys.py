"""Journeys of visits to clinics: by distance, or out of a matrix; one row for each place to start from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tideover.nouns import Network, Policy, Travel
from tideover.nouns.travel import UNKNOWN, UNREACHABLE, place_codes
from tideover.travel.distance import minutes_between

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

#: The columns of a matrix that name where a journey starts, places as whole numbers.
_ORIGIN = ["patient_id", "area_id", "lat_code", "lon_code", "from_clinic_id"]


@dataclass(frozen=True)
class Journeys:
    """Minutes from where visits start to each clinic; clinics are in the order of clinic_id.

    ``start`` (n,) is the row of ``minutes`` for each visit, -1 where none is known; ``from_home`` (n,) says
    whether that is the patient's home and not the booked clinic. ``minutes`` (h + 1, c + 1) holds each of h
    places to start from once: whole minutes, ``UNKNOWN`` or ``UNREACHABLE``; its last row and column are
    unknown, so that the code -1 finds them.
    """

    start: Ints
    from_home: Bools
    minutes: Ints

    def to(self, visit: Ints, clinic: Ints) -> Ints:
        """Return the minutes of the journey of each visit (its row) to each clinic (its code)."""
        return self.minutes[self.start[visit], clinic]


def journeys(network: Network, visits: pl.DataFrame, policy: Policy) -> Journeys:
    """Return the journeys of ``visits`` (patient_id, clinic_id: the booked one) to every clinic.

    With ``network.travel`` they are read from that matrix and never reckoned; otherwise they are distances at
    the policy's detour factor and speed. Each visit starts at one place for all clinics; which one is said in
    ``visits/README.md``. Memory grows with the number of different places, not of visits.
    """
    asked = _with_places(network, visits)
    if network.travel is None:
        return _by_distance(network, asked, policy)
    return _by_matrix(network, network.travel, asked)


def counts(network: Network, visits: pl.DataFrame, policy: Policy) -> dict[str, Any]:
    """Return where the journeys of ``visits`` come from and how much of them is known, as plain JSON values.

    Keys: ``source`` (distance, file or service), ``name`` and ``sha256`` of a file, address of a service;
    ``starts`` counts visits that start at home, at the booked clinic, or nowhere known; ``pairs`` pairs of a
    place to start from and a clinic that are known, unknown and unreachable; ``booked_unreachable`` visits
    booked at a clinic to which no way leads from their start.
    """
    found, matrix = journeys(network, visits, policy), network.travel
    clinic = (
        network.clinics["clinic_id"].sort().search_sorted(visits["clinic_id"]).to_numpy().astype(np.int64)
    )
    pairs = found.minutes[:-1, :-1]
    return {
        "source": "distance" if matrix is None else matrix.source,
        "name": None if matrix is None else matrix.name,
        "sha256": None if matrix is None else matrix.sha256,
        "starts": {
            "home": int(found.from_home.sum()),
            "booked_clinic": int((~found.from_home & (found.start >= 0)).sum()),
            "nowhere": int((found.start < 0).sum()),
        },
        "pairs": {
            "known": int((pairs >= 0).sum()),
            "unknown": int((pairs == UNKNOWN).sum()),
            "unreachable": int((pairs == UNREACHABLE).sum()),
        },
        "booked_unreachable": int((found.to(np.arange(visits.height), clinic) == UNREACHABLE).sum()),
    }


def rows_used(network: Network, visits: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the matrix from the starts of ``visits`` to clinics of the network, sorted.

    Law: journeys out of these rows are those out of the whole matrix.
    """
    if network.travel is None:
        raise ValueError("a network whose journeys are distances has no matrix")
    rows = _coded(network, network.travel)
    origins = _origins(rows)
    _, chosen = _chosen(origins, _with_places(network, visits))
    used = origins.filter(pl.col("origin").is_in(chosen.unique().drop_nulls().implode()))
    rows = rows.join(used.drop("origin"), on=_ORIGIN, how="semi", nulls_equal=True)
    return rows.select(network.travel.rows.columns).sort(network.travel.rows.columns)


def _with_places(network: Network, visits: pl.DataFrame) -> pl.DataFrame:
    """Return for each visit its patient, area, home, booked clinic and that clinic's place."""
    areas = network.patients.select("area_id")
    homes = pl.concat([network.homes().select("patient_id", "lat", "lon"), areas], how="horizontal")
    sites = network.clinics.select("clinic_id", site_lat="lat", site_lon="lon")
    asked = visits.select("patient_id", "clinic_id")
    return asked.join(homes, on="patient_id", how="left", maintain_order="left").join(
        sites, on="clinic_id", how="left", maintain_order="left"
    )


def _by_distance(network: Network, asked: pl.DataFrame, policy: Policy) -> Journeys:
    at_home = pl.col("lat").is_not_null() & pl.col("lon").is_not_null()
    places = asked.select(
        pl.when(at_home).then(home).otherwise(site).alias(home)
        for home, site in (("lat", "site_lat"), ("lon", "site_lon"))
    )
    starts = places.drop_nulls().unique(maintain_order=True).with_row_index("start")
    start = places.join(starts, on=["lat", "lon"], how="left", maintain_order="left")["start"]
    clinics = network.clinics.sort("clinic_id").select(pl.col("lat", "lon").fill_null(np.nan))
    minutes = minutes_between(
        starts["lat"].to_numpy()[:, None],
        starts["lon"].to_numpy()[:, None],
        clinics["lat"].to_numpy()[None],
        clinics["lon"].to_numpy()[None],
        policy.detour_factor,
        policy.speed_km_per_hour,
    )
    return Journeys(_rows(start), asked.select(at_home).to_series().to_numpy(), _edged(minutes))


def _by_matrix(network: Network, travel: Travel, asked: pl.DataFrame) -> Journeys:
    rows = _coded(network, travel)
    origins = _origins(rows)
    at_home, chosen = _chosen(origins, asked)
    used = pl.DataFrame({"origin": chosen.drop_nulls().unique().sort()}).with_row_index("start")
    start = chosen.to_frame("origin").join(used, on="origin", how="left", maintain_order="left")["start"]
    clinics = network.clinics.select(pl.col("clinic_id").sort()).with_row_index("clinic")
    cells = (
        rows.join(origins, on=_ORIGIN, nulls_equal=True)
        .join(used, on="origin")
        .join(clinics, on="clinic_id")
        .select(
            "start",
            "clinic",
            pl.when("reachable").then(pl.col("minutes").fill_null(UNKNOWN)).otherwise(UNREACHABLE),
        )
    )
    minutes = np.full((used.height, clinics.height), UNKNOWN, np.int64)
    at = tuple(cells[name].to_numpy() for name in ("start", "clinic"))
    minutes[at] = cells["minutes"].to_numpy()
    return Journeys(_rows(start), at_home.to_numpy(), _edged(minutes))


def _coded(network: Network, travel: Travel) -> pl.DataFrame:
    """Return the rows that lead to clinics of the network, with places as whole numbers."""
    rows = travel.rows.join(network.clinics, on="clinic_id", how="semi", maintain_order="left")
    return rows.with_columns(
        place_codes(rows["lat"]).alias("lat_code"), place_codes(rows["lon"]).alias("lon_code")
    )


def _origins(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(_ORIGIN).unique(maintain_order=True).with_row_index("origin")


def _chosen(origins: pl.DataFrame, asked: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return for each visit whether it starts at home, and the origin that it starts from (null: none)."""
    found = pl.DataFrame(list(_candidates(origins, asked)))
    home = found.select(pl.coalesce("patient", "area", "home")).to_series()
    chosen = found.select(pl.coalesce(pl.all())).to_series()
    return home.is_not_null(), chosen


def _candidates(origins: pl.DataFrame, asked: pl.DataFrame) -> Iterator[pl.Series]:
    """Yield for each way to start, in their order, the origin that the matrix has for each visit, or null."""
    place = ["lat_code", "lon_code"]
    coded = asked.with_columns(place_codes(asked[name]) for name in ("lat", "lon", "site_lat", "site_lon"))
    for name, of_visit, of_matrix in (
        ("patient", ["patient_id"], ["patient_id"]),
        ("area", ["area_id"], ["area_id"]),
        ("home", ["lat", "lon"], place),
        ("clinic", ["clinic_id"], ["from_clinic_id"]),
        ("site", ["site_lat", "site_lon"], place),
    ):
        known = origins.drop_nulls(of_matrix).select(*of_matrix, "origin")
        joined = coded.select(of_visit).join(
            known, left_on=of_visit, right_on=of_matrix, how="left", maintain_order="left"
        )
        yield joined["origin"].alias(name)


def _rows(start: pl.Series) -> Ints:
    return start.cast(pl.Int64).fill_null(-1).to_numpy()


def _edged(minutes: Ints) -> Ints:
    """Return ``minutes`` with a last row and a last column of unknown journeys."""
    return np.pad(minutes, ((0, 1), (0, 1)), constant_values=UNKNOWN)
