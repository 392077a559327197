"""Floating catchments: how much of each site's supply every point can count on (README, C1 to C7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tideover.nouns.place import EARTH_RADIUS_KM

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Two-step: every site within these minutes counts alike.
CATCHMENT_MINUTES = 30.0
#: Enhanced two-step and three-step: the weight of a journey of up to so many minutes; none beyond the last.
E2SFCA_WEIGHTS: Mapping[float, float] = {10.0: 1.0, 20.0: 0.68, 30.0: 0.22}
THREE_STEP_WEIGHTS: Mapping[float, float] = {10.0: 0.962, 20.0: 0.704, 30.0: 0.377, 60.0: 0.042}
#: Journeys that are looked at: no weight reaches further, and nothing but the nearest site lies beyond.
REACH_MINUTES = max(THREE_STEP_WEIGHTS)


@dataclass(frozen=True)
class Pairs:
    """Journeys that are possible, sparse: row k leads from ``point[k]`` to ``site[k]``.

    ``minutes`` and ``miles`` (m,); miles are NaN where a place is not known. Rows are sorted by point and
    then by site, each pair once. A pair that is not here is beyond every catchment, or no way leads there.
    """

    point: Ints
    site: Ints
    minutes: Floats
    miles: Floats

    def where(self, keep: Bools) -> Pairs:
        """Return the rows for which ``keep`` (m,) is true."""
        return Pairs(self.point[keep], self.site[keep], self.minutes[keep], self.miles[keep])


def near(lat: Floats, lon: Floats, site_lat: Floats, site_lon: Floats, reach_km: float) -> tuple[Ints, Ints]:
    """Return (point, site) of all pairs at most ``reach_km`` apart on the globe, and hardly any more.

    Degrees without NaN. A tree of points on the sphere finds them: no table of all pairs is made, and the
    date line and the poles are like any other place.
    """
    chord = 2 * np.sin(min(reach_km / (2 * EARTH_RADIUS_KM), np.pi / 2)) * (1 + 1e-9) + 1e-12
    point, site, _ = close_pairs(on_sphere(lat, lon), on_sphere(site_lat, site_lon), chord)
    return point, site


def close_pairs(places: Floats, sites: Floats, reach: float) -> tuple[Ints, Ints, Floats]:
    """Return (point, site, distance) of all pairs at most ``reach`` apart, in no order.

    ``places`` (n, d) and ``sites`` (s, d) in the unit of ``reach``: metres of a projected map, say; straight
    lines. Catchments need no order of pairs; where it matters it is made once, later.
    """
    found = cKDTree(places).sparse_distance_matrix(cKDTree(sites), reach, output_type="ndarray")
    return found["i"].astype(np.int64), found["j"].astype(np.int64), np.ascontiguousarray(found["v"])


def nearest_on_globe(lat: Floats, lon: Floats, site_lat: Floats, site_lon: Floats) -> Ints:
    """Return the row of the nearest site for each point; at least one site is needed."""
    _, site = cKDTree(on_sphere(site_lat, site_lon)).query(on_sphere(lat, lon))
    return np.asarray(site, np.int64)


def on_sphere(lat: Floats, lon: Floats) -> Floats:
    """Return the points as (n, 3) on the unit sphere, whose straight-line order is that of distance."""
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)), axis=1)


def reach_km(minutes: float, detour_factor: float, speed_km_per_hour: float) -> float:
    """Return how far apart, in a straight line, a journey of so many minutes by distance can be.

    >>> reach_km(60.0, 1.5, 45.0)
    30.0
    """
    return minutes / 60 * speed_km_per_hour / detour_factor


def step_weights(minutes: Floats, bands: Mapping[float, float]) -> Floats:
    """Return the weight of each journey: that of the first band that it does not exceed, 0 beyond the last.

    >>> step_weights(np.array([0.0, 10.0, 11.0, 31.0]), {10: 1.0, 20: 0.68, 30: 0.22}).tolist()
    [1.0, 1.0, 0.68, 0.0]
    """
    bounds = sorted(bands)
    weights = np.array([*(bands[bound] for bound in bounds), 0.0])
    return weights[np.searchsorted(np.array(bounds, np.float64), minutes, side="left")]


def two_step(demand: Floats, supply: Floats, point: Ints, site: Ints, weight: Floats) -> Floats:
    """Return the supply per head of each point: 2SFCA where every weight is 1, else E2SFCA.

    ``demand`` (n,) people at each point, ``supply`` (s,) of each site, ``point``, ``site`` and ``weight``
    (m,) of the pairs.

        R_j = S_j / sum over i of w_ij P_i        step 1: what a site has for each person near it
        A_i = sum over j of w_ij R_j              step 2: what a person has of all sites near

    A site near nobody gives nobody anything. Source: Luo and Wang 2003; Luo and Qi 2009. Law: the sum of
    P_i A_i is the supply of all sites near somebody; scaling supply scales A, scaling demand divides it.

    >>> one = np.array([0, 1]), np.array([0, 0]), np.array([1.0, 0.5])
    >>> two_step(np.array([100.0, 200.0]), np.array([2.0]), *one).tolist()
    [0.01, 0.005]
    """
    load = np.bincount(site, weight * demand[point], len(supply))
    ratio = np.divide(supply, load, out=np.zeros(len(supply)), where=load > 0)
    return np.asarray(np.bincount(point, weight * ratio[site], len(demand)), np.float64)


def three_step(demand: Floats, supply: Floats, point: Ints, site: Ints, weight: Floats) -> Floats:
    """Return the supply per head of each point by 3SFCA: ``two_step`` with shares of choice in both steps.

        G_ij = w_ij / sum over k of w_ik          people spread over the sites near them
        R_j = S_j / sum over i of G_ij w_ij P_i,   A_i = sum over j of G_ij w_ij R_j

    Source: Wan, Zou and Sternberg 2012. Law: with one site near each point, weights of 1, as ``two_step``.
    """
    total = np.bincount(point, weight, len(demand))
    share = np.divide(weight, total[point], out=np.zeros(len(weight)), where=total[point] > 0)
    return two_step(demand, supply, point, site, share * weight)


def nearest(pairs: Pairs, points: int) -> tuple[Ints, Floats]:
    """Return for each point the row of its nearest pair by minutes (then miles), -1 if none, and the minutes.

    Minutes are NaN where no way leads to any site.
    """
    row, minutes = np.full(points, -1, np.int64), np.full(points, np.nan)
    if not len(pairs.point):
        return row, minutes
    first = np.flatnonzero(np.diff(pairs.point, prepend=-1))
    block = np.cumsum(np.diff(pairs.point, prepend=pairs.point[0]) > 0)
    at = np.arange(len(block))
    for value in (pairs.minutes, np.nan_to_num(pairs.miles, nan=np.inf)):
        kept = np.where(at < len(block), value, np.inf)  # a row that is out stays out
        least = np.minimum.reduceat(kept, first)
        at = np.where(kept == least[block], at, len(block))
    row[pairs.point[first]] = np.minimum.reduceat(at, first)
    minutes[row >= 0] = pairs.minutes[row[row >= 0]]
    return row, minutes
