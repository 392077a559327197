"""Journeys from points to sites: by distance, sparse and without a full table, or out of a matrix."""

from __future__ import annotations

import numpy as np
import polars as pl

from tideover import schema
from tideover.access.catchments import (
    REACH_MINUTES,
    Bools,
    Floats,
    Ints,
    Pairs,
    near,
    nearest_on_globe,
    reach_km,
)
from tideover.access.standards import KM_PER_MILE
from tideover.errors import Fault, InputError
from tideover.nouns import Network, Policy
from tideover.nouns.place import kilometres
from tideover.nouns.travel import UNKNOWN
from tideover.travel import journeys, minutes_between


def by_distance(
    network: Network, points: pl.DataFrame, sites: pl.DataFrame, opened: tuple[Bools, Bools], policy: Policy
) -> Pairs:
    """Return the pairs within ``REACH_MINUTES``, and each point's nearest open site however far (J1, J2)."""
    lat, lon = _degrees(points)
    site_lat, site_lon = _degrees(sites)
    reach = reach_km(REACH_MINUTES, policy.detour_factor, policy.speed_km_per_hour)
    found = [near(lat, lon, site_lat, site_lon, reach)]
    for mask in opened:
        at = np.flatnonzero(mask)
        found.append((np.arange(len(lat)), at[nearest_on_globe(lat, lon, site_lat[at], site_lon[at])]))
    # one number for each pair: each once, sorted by point and site
    code = np.sort(np.concatenate([point * len(site_lat) + site for point, site in found]))
    code = code[np.diff(code, prepend=-1) > 0]
    point, site = code // len(site_lat), code % len(site_lat)
    ends = lat[point], lon[point], site_lat[site], site_lon[site]
    minutes = minutes_between(*ends, policy.detour_factor, policy.speed_km_per_hour)
    return Pairs(point, site, minutes.astype(np.float64), _miles(*ends, policy))


def by_matrix(
    network: Network, points: pl.DataFrame, sites: pl.DataFrame, opened: tuple[Bools, Bools], policy: Policy
) -> Pairs:
    """Return the pairs of the network's matrix to which a way leads (J3).

    Raises ``InputError`` with a fault for each point of which the matrix does not know some pair: neither
    minutes nor that no way leads there.
    """
    named = pl.coalesce("patient_id", pl.format("point {}", pl.int_range(pl.len())))
    starts = points.select(named, "area_id", "lat", "lon")
    people = schema.complete("patients", starts)
    visits = starts.select("patient_id", pl.lit(None, pl.String).alias("clinic_id"))
    found = journeys(network.replace(patients=people), visits, policy)
    codes = network.clinics["clinic_id"].sort().search_sorted(sites["clinic_id"]).to_numpy()
    minutes = found.minutes[found.start][:, codes]
    if faults := _unknown(network, points, sites, minutes):
        raise InputError(faults)
    point, site = np.nonzero(minutes >= 0)
    (lat, lon), (site_lat, site_lon) = _degrees(points), _degrees(sites)
    miles = _miles(lat[point], lon[point], site_lat[site], site_lon[site], policy)
    return Pairs(point, site, minutes[point, site].astype(np.float64), miles)


def _unknown(network: Network, points: pl.DataFrame, sites: pl.DataFrame, minutes: Ints) -> list[Fault]:
    name = network.travel.name if network.travel else "travel"
    clinics = sites["clinic_id"].to_numpy()
    expected = "minutes, or reachable = false, for each open clinic"
    remedy = "Add the rows; where no way leads, write reachable = false."
    faults = []
    rows = points.select("area_id", "lat", "lon").rows()
    for at in np.flatnonzero((minutes == UNKNOWN).any(axis=1)):
        lacking = clinics[minutes[at] == UNKNOWN]
        area, lat, lon = rows[at]
        start = f"area {area!r}" if area is not None else f"the home at {lat}, {lon}"
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        found = f"nothing from {start} to {', '.join(map(repr, lacking[:3]))}{more}"
        faults.append(Fault(name, None, "minutes", found, expected, remedy))
    return faults


def _degrees(frame: pl.DataFrame) -> tuple[Floats, Floats]:
    return frame["lat"].fill_null(np.nan).to_numpy(), frame["lon"].fill_null(np.nan).to_numpy()


def _miles(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats, policy: Policy) -> Floats:
    """Return road miles as distance and detour factor give them; NaN where a place is not known."""
    return kilometres(lat1, lon1, lat2, lon2) * policy.detour_factor / KM_PER_MILE
