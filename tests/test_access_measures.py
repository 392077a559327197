"""Catchments, standards and spread on plain arrays: beside naive loops, by law and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tideover.access.catchments import (
    E2SFCA_WEIGHTS,
    THREE_STEP_WEIGHTS,
    Pairs,
    near,
    nearest,
    reach_km,
    step_weights,
    three_step,
    two_step,
)
from tideover.access.spread import gini, worst_tenth
from tideover.access.standards import ADEQUACY_MILES, COUNTY_TYPES, adequacy, county_type, within
from tideover.nouns import Policy
from tideover.nouns.place import kilometres


@pytest.mark.parametrize(
    ("people", "land", "wanted"),
    [
        (1_281_565, 553.6, "large_metro"), (600_000, 300.0, "large_metro"), (50_000, 9.0, "large_metro"),
        (1_000_000, 2_000.0, "metro"), (60_000, 500.0, "metro"), (15_000, 10.0, "metro"),
        (60_000, 5_000.0, "micro"), (20_000, 300.0, "micro"), (20_000, 1_000.0, "rural"),
        (5_000, 400.0, "rural"),
        (5_000, 501.0, "ceac"), (300_000, 40_000.0, "ceac"),
    ],
)  # fmt: skip
def test_county_types_by_hand(people: int, land: float, wanted: str):
    """By hand, out of facts/practice.md (42 CFR 422.116, yet to be confirmed): people and density."""
    assert county_type(people, land) == wanted


def test_standards_are_those_of_the_facts():
    """Minutes and miles of facts/practice.md: 10/5, 15/10, 30/20, 40/30, 70/60."""
    rules = adequacy(Policy.default())
    found = [(rules[kind].minutes, rules[kind].miles) for kind in COUNTY_TYPES]
    assert found == [(10, 5), (15, 10), (30, 20), (40, 30), (70, 60)]
    assert list(ADEQUACY_MILES) == list(COUNTY_TYPES)


def test_weights_are_those_of_the_facts():
    """Bands of facts/parameters.md."""
    assert E2SFCA_WEIGHTS == {10: 1, 20: 0.68, 30: 0.22}
    assert THREE_STEP_WEIGHTS == {10: 0.962, 20: 0.704, 30: 0.377, 60: 0.042}


def naive(demand, supply, minutes, bands, *, share: bool) -> list[float]:
    """Return supply per head by loops over all pairs: ``minutes[i][j]``, None where no way leads."""

    def weight(i: int, j: int) -> float:
        time = minutes[i][j]
        if time is None:
            return 0.0
        fitting = [bands[bound] for bound in sorted(bands) if time <= bound]
        return fitting[0] if fitting else 0.0

    points, sites = range(len(demand)), range(len(supply))
    w = [[weight(i, j) for j in sites] for i in points]
    if share:
        w = [[x * x / sum(row) if x else 0.0 for x in row] for row in w]
    ratio = []
    for j in sites:
        load = sum(w[i][j] * demand[i] for i in points)
        ratio.append(supply[j] / load if load else 0.0)
    return [sum(w[i][j] * ratio[j] for j in sites) for i in points]


MINUTES = st.one_of(st.none(), st.integers(0, 70))


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_catchments_are_those_of_naive_loops(data: st.DataObject):
    """Independent oracle: 2SFCA, E2SFCA and 3SFCA of loops over all pairs, for any input."""
    n, s = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 5))
    minutes = data.draw(st.lists(st.lists(MINUTES, min_size=s, max_size=s), min_size=n, max_size=n))
    demand = data.draw(st.lists(st.integers(0, 1000), min_size=n, max_size=n))
    supply = data.draw(st.lists(st.integers(0, 20), min_size=s, max_size=s))
    pairs = [(i, j, minutes[i][j]) for i in range(n) for j in range(s) if minutes[i][j] is not None]
    point, site, time = (np.array([p[k] for p in pairs], np.int64) for k in range(3))
    arrays = np.array(demand, float), np.array(supply, float), point, site
    for bands, method, share in (
        ({30.0: 1.0}, two_step, False), (E2SFCA_WEIGHTS, two_step, False),
        (THREE_STEP_WEIGHTS, three_step, True),
    ):  # fmt: skip
        found = method(*arrays, step_weights(time.astype(float), bands))
        assert found.tolist() == pytest.approx(naive(demand, supply, minutes, bands, share=share), rel=1e-9)
        # conservation: what people have in all is the supply of the sites near somebody
        load = np.bincount(site, step_weights(time.astype(float), bands) * arrays[0][point], s)
        assert (found * arrays[0]).sum() == pytest.approx(arrays[1][load > 0].sum(), rel=1e-9)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 50)), min_size=1, max_size=12), st.integers(2, 9)
)
def test_gini_is_half_the_mean_difference_of_any_two(held, factor: int):
    """Independent oracle by pairs of people; the scale of values and of people changes nothing."""
    values, people = (np.array(part, float) for part in zip(*held, strict=True))
    each = np.repeat(values, people.astype(int))
    if each.sum() == 0:
        assert np.isnan(gini(values, people))
        return
    wanted = np.abs(each[:, None] - each[None]).mean() / 2 / each.mean()
    assert gini(values, people) == pytest.approx(wanted, abs=1e-12)
    assert gini(values * factor, people * factor) == pytest.approx(wanted, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 50)), min_size=1, max_size=12))
def test_the_worst_tenth_is_the_mean_of_sorted_people(held):
    """Independent oracle: everybody ten times in a row, the first tenth of them."""
    values, people = (np.array(part, float) for part in zip(*held, strict=True))
    each = np.sort(np.repeat(values, people.astype(int) * 10))
    tenth = len(each) // 10
    assert worst_tenth(values, people, highest=False) == pytest.approx(each[:tenth].mean())
    assert worst_tenth(values, people, highest=True) == pytest.approx(each[-tenth:].mean())


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.floats(0.0, 400.0))
def test_near_pairs_are_those_of_all_distances(seed: int, reach: float):
    """Independent oracle: the full table of distances, also across the date line and near the pole."""
    rng = np.random.default_rng(seed)
    lat, site_lat = rng.uniform(-89, 89.9, 12), rng.uniform(-89, 89.9, 7)
    lat[:6], site_lat[:4] = rng.uniform(-1, 1, 6), rng.uniform(-1, 1, 4)
    lon, site_lon = (
        (part + 540) % 360 - 180 for part in (rng.uniform(178, 182, 12), rng.uniform(178, 182, 7))
    )
    far = kilometres(lat[:, None], lon[:, None], site_lat[None], site_lon[None])
    point, site = near(lat, lon, site_lat, site_lon, reach)
    found = set(zip(point.tolist(), site.tolist(), strict=True))
    assert found >= set(zip(*(part.tolist() for part in np.nonzero(far <= reach)), strict=True))
    assert all(far[pair] <= reach * (1 + 1e-6) + 1e-6 for pair in found)
    assert len(found) == len(point)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_closing_never_brings_anybody_nearer(seed: int):
    """Law: with one site fewer no minutes fall, and nobody comes within a standard."""
    rng = np.random.default_rng(seed)
    n, s = 8, 5
    point, site = np.nonzero(rng.random((n, s)) < 0.6)
    pairs = Pairs(point, site, rng.integers(0, 80, len(point)).astype(float), rng.uniform(0, 60, len(point)))
    fewer = pairs.where(pairs.site != rng.integers(s))
    many, few = nearest(pairs, n)[1], nearest(fewer, n)[1]
    assert np.all(np.isnan(few) | (few >= many))
    limits = np.full(n, 30.0), np.full(n, 20.0)
    assert np.all(within(pairs, n, *limits) >= within(fewer, n, *limits))


def test_reach_misses_no_weight():
    """A journey of exactly 60 minutes is within the reach that is searched."""
    km = reach_km(60.0, 1.3, 45.0)
    assert km * 1.3 / 45 * 60 == pytest.approx(60.0, abs=1e-12)


def test_unknown_miles_are_neither_near_nor_far():
    """By hand: in time at unknown miles is not known; known miles decide; out of time is far."""
    nan = np.nan
    pairs = Pairs(
        np.array([0, 1, 1, 2]),
        np.array([0, 0, 1, 0]),
        np.array([5.0, 5, 6, 90]),
        np.array([nan, nan, 3, nan]),
    )
    found = within(pairs, 4, np.array([10.0, 10, 10, nan]), np.full(4, 5.0))
    assert np.isnan(found[[0, 3]]).all()
    assert found[[1, 2]].tolist() == [1, 0]


def test_exactly_at_a_limit_is_within_it():
    """By hand: 10 minutes and 5 miles are within 10 and 5; a grain more of either is not."""
    more = np.nextafter(5.0, 6)
    pairs = Pairs(np.arange(3), np.zeros(3, np.int64), np.array([10.0, 10, 11]), np.array([5.0, more, 5]))
    assert within(pairs, 3, np.full(3, 10.0), np.full(3, 5.0)).tolist() == [1, 0, 0]


def test_of_sites_as_many_minutes_away_the_one_in_fewer_miles_is_nearest():
    """By hand: equal minutes, then miles, unknown miles last, then the order of the sites."""
    minutes, miles = np.full(8, 7.0), np.array([3.0, 2, np.nan, 4, 1, 1, np.nan, np.nan])
    pairs = Pairs(np.arange(8) // 2, np.arange(8) % 2, minutes, miles)
    row, found = nearest(pairs, 4)
    assert row.tolist() == [1, 3, 4, 6]
    assert found.tolist() == [7.0] * 4
