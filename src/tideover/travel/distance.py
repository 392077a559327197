"""The minutes of a journey by distance, by the formula in this room's README."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tideover.nouns.place import kilometres


def minutes_between(
    lat1: ArrayLike,
    lon1: ArrayLike,
    lat2: ArrayLike,
    lon2: ArrayLike,
    detour_factor: float,
    speed_km_per_hour: float,
) -> NDArray[np.int64]:
    """Return the minutes of each journey, whole and rounded up; -1 where a coordinate is unknown (NaN).

    Coordinates are degrees (WGS 84) and broadcast like any NumPy arrays; ``detour_factor`` is road over
    straight-line distance, ``speed_km_per_hour`` the mean speed. Minutes are rounded to nine decimals before
    they are rounded up, so that a journey of 12 minutes and a floating-point grain takes 12, not 13.
    Laws: symmetric; 0 from a place to itself; never falls when the distance or the detour factor rises.

    >>> minutes_between([44.98, float("nan")], [-93.27, 0.0], 44.95, -93.09, 1.3, 45.0).tolist()
    [26, -1]
    """
    minutes = kilometres(lat1, lon1, lat2, lon2) * detour_factor / speed_km_per_hour * 60
    known = np.isfinite(minutes)
    whole = np.ceil(np.round(np.where(known, minutes, 0.0), 9))
    return np.where(known, whole, -1).astype(np.int64)
