"""Journeys take whole minutes, the same both ways, and are unknown where a place is."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tideover.nouns.place import EARTH_RADIUS_KM, kilometres
from tideover.travel import minutes_between

places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
factors = {"detour_factor": 1.3, "speed_km_per_hour": 45.0}


def by_vectors(one, two):
    """Return the distance as the angle between two arrows from the earth's centre: another formula."""

    def arrow(place):
        lat, lon = math.radians(place[0]), math.radians(place[1])
        return np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])

    a, b = arrow(one), arrow(two)
    return EARTH_RADIUS_KM * math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b))


def test_one_degree_of_latitude_by_hand():
    """A degree is 6371.0088 x pi / 180 = 111.195 km: at 60 km/h by straight road, 112 whole minutes."""
    assert minutes_between(45.0, -93.0, 46.0, -93.0, 1.0, 60.0) == 112
    assert minutes_between(45.0, -93.0, 46.0, -93.0, 1.3, 60.0) == 145  # 144.55
    assert minutes_between(45.0, -93.0, 46.0, -93.0, 1.0, 30.0) == 223  # 222.39


def test_a_grain_of_floating_point_adds_no_minute():
    """A journey of 12 minutes takes 12 at any speed that makes it so, not 13 for a grain above."""
    lats = np.linspace(45.01, 45.9, 90)
    km = kilometres(45.0, -93.0, lats, -93.0)
    speeds = km * 1.3 / 0.2  # each makes its journey last a fifth of an hour
    assert (np.ceil(km * 1.3 / speeds * 60) == 13).any()  # what the plain formula would say
    minutes = [
        int(minutes_between(45.0, -93.0, lat, -93.0, 1.3, speed))
        for lat, speed in zip(lats, speeds, strict=True)
    ]
    assert minutes == [12] * 90


def test_unknown_places_make_unknown_journeys():
    """NaN in any coordinate gives -1, and only there; the shapes broadcast."""
    lat = np.array([45.0, np.nan, 45.0, 45.0])
    lon = np.array([-93.0, -93.0, np.nan, -93.0])
    found = minutes_between(lat[:, None], lon[:, None], lat[None, :], lon[None, :], **factors)
    assert found.shape == (4, 4)
    assert found.dtype == np.int64
    known = ~np.isnan(lat) & ~np.isnan(lon)
    assert ((found == 0) == np.outer(known, known)).all()
    assert ((found == -1) == ~np.outer(known, known)).all()


@settings(max_examples=200, deadline=None)
@given(one=places, two=places)
def test_there_takes_as_long_as_back(one, two):
    """Distance is the same to the last bit both ways, 0 to itself, and never over half the globe."""
    assert kilometres(*one, *two) == kilometres(*two, *one)
    assert minutes_between(*one, *two, **factors) == minutes_between(*two, *one, **factors)
    assert minutes_between(*one, *one, **factors) == 0
    assert kilometres(*one, *two) <= math.pi * EARTH_RADIUS_KM * (1 + 1e-12)


@settings(max_examples=200, deadline=None)
@given(one=places, two=places)
def test_distance_agrees_with_another_formula(one, two):
    """The haversine distance is that of the angle between vectors, within a metre (near the antipode 100)."""
    expected = by_vectors(one, two)
    tolerance = 0.1 if expected > 0.99 * math.pi * EARTH_RADIUS_KM else 1e-3
    assert abs(float(kilometres(*one, *two)) - expected) < tolerance


@settings(max_examples=100, deadline=None)
@given(one=places, two=places, more=st.floats(1, 3))
def test_a_longer_way_never_takes_less(one, two, more):
    """Minutes never fall when the detour grows, and grow at most by that factor and one minute."""
    straight = int(minutes_between(*one, *two, 1.0, 45.0))
    longer = int(minutes_between(*one, *two, more, 45.0))
    assert straight <= longer <= straight * more + 1
