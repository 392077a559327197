"""The ground under a map: cells around centres of population, and lines where counties and states meet.

No outline of a county or state is at hand, so none is copied: each census tract (or other area) gets the
cell of the map that is nearer to its centre of population than to any other (Voronoi), and a line is drawn
where cells of two counties or two states meet: half-way between centres of population, no surveyed boundary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import Voronoi, cKDTree

from tideover.nouns.place import EARTH_RADIUS_KM

Floats = NDArray[np.float64]

#: A cell reaches at most about as far as this part of the areas have their nearest neighbour, and half again.
_MOST, _BEYOND = 0.995, 1.5
#: Fewer places than this have no cells.
_FEWEST = 4
#: No map shows less than this.
_SMALLEST_KM = 6.0


@dataclass(frozen=True)
class Plane:
    """A local map plane: kilometres east and north of a middle, right across 180 degrees."""

    lat: float
    lon: float

    @classmethod
    def around(cls, lat: Floats, lon: Floats) -> Plane:
        """Return the plane around the middle of places (n,); longitudes are averaged as directions."""
        turn = np.radians(lon)
        middle = np.degrees(np.arctan2(np.sin(turn).mean(), np.cos(turn).mean()))
        away = _wrapped(lon - middle)
        return cls(
            float((lat.min() + lat.max()) / 2), float(_wrapped(middle + (away.min() + away.max()) / 2))
        )

    def km(self, lat: Floats, lon: Floats) -> Floats:
        """Return (n, 2) kilometres east and north: equirectangular, true along the middle's latitude."""
        scale = np.radians(1.0) * EARTH_RADIUS_KM
        east = _wrapped(lon - self.lon) * np.cos(np.radians(self.lat))
        return np.stack((east * scale, (lat - self.lat) * scale), axis=1)


@dataclass(frozen=True)
class Ground:
    """Cells and lines on a plane, in kilometres.

    ``cells`` has the corners (k, 2) of each area's cell, in the order of ``area_ids``; ``counties``,
    ``states`` and ``coast`` (the edge of all cells) are segments (m, 4): x1, y1, x2, y2.
    """

    plane: Plane
    area_ids: tuple[str, ...]
    cells: tuple[Floats, ...]
    counties: Floats
    states: Floats
    coast: Floats


def ground_of(areas: pl.DataFrame) -> Ground | None:
    """Return the ground of areas (area_id, lat, lon, county_fips, state); ``None`` of too few places.

    Areas at one place share the first one's cell and are left out.
    """
    known = areas.drop_nulls(["lat", "lon"]).unique(["lat", "lon"], keep="first", maintain_order=True)
    if known.height < _FEWEST:
        return None
    lat, lon = known["lat"].to_numpy(), known["lon"].to_numpy()
    plane = Plane.around(lat, lon)
    places = plane.km(lat, lon)
    if np.ptp(places, axis=0).min() <= 0:  # all on one line
        return None
    found = Voronoi(np.concatenate((places, _outside(places))))
    cells = tuple(
        _around(found.vertices[[at for at in found.regions[found.point_region[i]] if at >= 0]])
        for i in range(len(places))
    )
    counties, states, coast = _lines(found, known, len(places))
    return Ground(plane, tuple(known["area_id"]), cells, counties, states, coast)


def _outside(places: Floats) -> Floats:
    """Return places in the empty land around, whose cells keep the outer cells from reaching for ever."""
    tree = cKDTree(places)
    nearest = tree.query(places, k=2)[0][:, 1]
    reach = float(np.quantile(nearest, _MOST)) * _BEYOND
    low, high = places.min(axis=0) - 3 * reach, places.max(axis=0) + 3 * reach
    steps = [np.linspace(low[k], high[k], max(4, int((high[k] - low[k]) / (reach / 2)) + 1)) for k in (0, 1)]
    grid = np.stack(np.meshgrid(*steps), axis=-1).reshape(-1, 2)
    empty = grid[tree.query(grid)[0] > reach]
    far = 10 * float(np.max(high - low))
    middle = (low + high) / 2
    corners = middle + far * np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]], np.float64)
    return np.concatenate((empty, corners))


def _lines(found: Voronoi, known: pl.DataFrame, real: int) -> tuple[Floats, Floats, Floats]:
    """Return the segments between counties, between states, and at the edge of all cells."""
    ends = np.array([ridge if min(ridge) >= 0 else (0, 0) for ridge in found.ridge_vertices])
    one, other = found.ridge_points.T
    bounded = ends[:, 0] != ends[:, 1]
    inner = bounded & (one < real) & (other < real)
    segments = found.vertices[ends].reshape(-1, 4)
    marks = []
    for column in ("county_fips", "state"):
        names = [
            *known[column].fill_null("").to_list(),
            *[""] * (int(max(one.max(), other.max())) + 1 - real),
        ]
        code = np.unique(np.array(names), return_inverse=True)[1]
        marks.append(inner & (code[one] != code[other]))
    county, state = marks
    edge = bounded & ((one < real) != (other < real))
    return segments[county & ~state], segments[state], segments[edge]


def _around(corners: Floats) -> Floats:
    """Return the corners of a convex cell in their order around it."""
    away = corners - corners.mean(axis=0)
    return corners[np.argsort(np.arctan2(away[:, 1], away[:, 0]))]


def _wrapped(degrees: Floats | float) -> Floats:
    return (np.asarray(degrees, np.float64) + 180.0) % 360.0 - 180.0


@dataclass(frozen=True)
class View:
    """A window on a plane: ``left`` and ``top`` in km, ``scale`` in pixels for each km, size in pixels."""

    plane: Plane
    left: float
    top: float
    scale: float
    width: float
    height: float

    @classmethod
    def on(cls, lat: Floats, lon: Floats, width: float, plane: Plane | None = None) -> View:
        """Return the window of this width that shows all places (n,), with room around them."""
        made = plane or Plane.around(lat, lon)
        at = made.km(lat, lon)
        low, high = at.min(axis=0), at.max(axis=0)
        size = np.maximum(high - low, _SMALLEST_KM) * 1.16
        height = float(np.clip(width * size[1] / size[0], 0.55 * width, 1.1 * width))
        scale = float(min(width / size[0], height / size[1]))
        middle = (low + high) / 2
        return cls(
            made,
            float(middle[0] - width / scale / 2),
            float(middle[1] + height / scale / 2),
            scale,
            width,
            height,
        )

    def pixels(self, km: Floats) -> Floats:
        """Return (n, 2) pixels of places in km; north is up."""
        return np.stack(
            ((km[..., 0] - self.left) * self.scale, (self.top - km[..., 1]) * self.scale), axis=-1
        )

    def at(self, lat: Sequence[float], lon: Sequence[float]) -> Floats:
        """Return (n, 2) pixels of places in degrees."""
        return self.pixels(self.plane.km(np.array(lat, np.float64), np.array(lon, np.float64)))

    def shows(self, pixels: Floats) -> bool:
        """Return whether the box around ``pixels`` (k, 2) is in the window, in part at least."""
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        return bool((high >= 0).all() and low[0] <= self.width and low[1] <= self.height)
