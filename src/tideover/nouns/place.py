"""Places on the map: the great-circle distance between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Mean radius of the earth (IUGG R1).
EARTH_RADIUS_KM = 6371.0088


def kilometres(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> NDArray[np.float64]:
    """Return the great-circle distances in km between points in degrees; NaN where a coordinate is NaN.

    The arguments broadcast like any NumPy arrays. Haversine formula, exact for small distances as well.
    Laws: symmetric to the last bit, zero from a point to itself, at most half the circumference.

    >>> float(np.round(kilometres(44.98, -93.27, 44.95, -93.09), 1))
    14.5
    """
    phi1, phi2 = (np.radians(np.asarray(lat, dtype=np.float64)) for lat in (lat1, lat2))
    lambda1, lambda2 = (np.radians(np.asarray(lon, dtype=np.float64)) for lon in (lon1, lon2))
    # differences are squared in the end; abs() makes both directions the same bits before that
    half_phi = np.sin(np.abs(phi1 - phi2) / 2)
    half_lambda = np.sin(np.abs(lambda1 - lambda2) / 2)
    chord = half_phi**2 + (np.cos(phi1) * np.cos(phi2)) * half_lambda**2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))))
