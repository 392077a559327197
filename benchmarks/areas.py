"""Transfers by area: census tracts, sites drawn where people live, distances in tens of metres."""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path

import numba as nb
import numpy as np

DATA = Path(os.environ.get("TIDEOVER_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
#: Tens of metres for each radian of the Earth's mean radius, 6,371.0088 km.
RADIUS = 637_100.88


def tracts(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return people (n,) int32 of every tract with people, and its place as a unit vector (n, 3)."""
    path = DATA / name
    raw = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    lines = csv.DictReader(raw.decode("utf-8-sig").splitlines())
    rows = [(row["POPULATION"], row["LATITUDE"], row["LONGITUDE"]) for row in lines]
    table = np.array(rows, dtype=np.float64)
    table = table[table[:, 0] > 0]
    lat, lon = np.radians(table[:, 1]), np.radians(table[:, 2])
    places = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    return table[:, 0].astype(np.int32), np.ascontiguousarray(places)


def sites(people: np.ndarray, places: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return the places (count, 3) of tracts drawn in proportion to their people, each once."""
    drawn = np.random.default_rng(seed).choice(people.size, count, replace=False, p=people / people.sum())
    return places[np.sort(drawn)]


@nb.njit(cache=True)
def apart(a, b):
    """Return tens of metres between two unit vectors along the great circle, rounded down."""
    dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    return np.int64(RADIUS * 2.0 * np.arcsin(min(1.0, 0.5 * np.sqrt(dx * dx + dy * dy + dz * dz))))


@nb.njit(cache=True)
def table(here, there):
    """Return the distances of all pairs in tens of metres, (n, m) int32."""
    out = np.empty((here.shape[0], there.shape[0]), np.int32)
    for i in range(here.shape[0]):
        for j in range(there.shape[0]):
            out[i, j] = apart(here[i], there[j])
    return out


def capacities(demand: int, count: int, room: float, seed: int) -> np.ndarray:
    """Return capacities (count,) int64 that differ by up to 3 to 1 and sum to about room x demand."""
    share = np.random.default_rng(seed).uniform(0.5, 1.5, count)
    return np.ceil(share / share.sum() * demand * room).astype(np.int64)
