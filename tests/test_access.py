"""Access: catchments by hand and beside naive loops; standards, spread, groups, journeys."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tideover.access import Asked, Levels, levels, open_sites, problem_of, rows_of, spread
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
from tideover.cases.access import GROUPS, dated, run_access, with_county_types
from tideover.errors import InputError
from tideover.nouns import Network, Policy, Travel
from tideover.nouns.place import kilometres
from tideover.nouns.travel import matrix

DAY, NEXT = date(2025, 11, 4), date(2025, 11, 5)
#: One degree of latitude in kilometres; journeys below go north.
DEGREE = 6371.0088 * np.pi / 180


def north(minutes: float) -> float:
    """Return the degrees north of a journey of so many minutes at 45 km/h and detour 1.3, just short."""
    return (minutes - 0.01) / 60 * 45 / 1.3 / DEGREE


def small(**facts: object) -> Network:
    """Return three areas of 100, 200 and 700 people at 0, 15 and 50 minutes of clinic a, and clinic b at 50.

    Ten patients live in each area; a has 2 posts, b 1.
    """
    areas = pl.DataFrame(
        {
            "area_id": ["x", "y", "z"], "lat": [45.0, 45.0 + north(15), 45.0 + north(50)], "lon": [-93.0] * 3,
            "population": [100, 200, 700], "state": ["MN", "MN", "WI"], "county_fips": ["1", "1", "2"],
            "deprivation": [3.0, 1.0, 2.0],
        }
    )  # fmt: skip
    clinics = pl.DataFrame(
        {"clinic_id": ["a", "b"], "name": ["A", "B"], "lat": [45.0, 45.0 + north(50)], "lon": [-93.0, -93.0]}
    )
    clinicians = pl.DataFrame({"clinician_id": ["p", "q", "r"], "clinic_id": ["a", "a", "b"]})
    patients = pl.DataFrame(
        {
            "patient_id": [f"{area}{n}" for area in "xyz" for n in range(12)],
            "area_id": [area for area in "xyz" for n in range(12)],
            "birth_year": [1950, 2015] * 18, "language": ["en"] * 24 + ["so"] * 12,
            "has_car": [True, False] * 18,
        }
    )  # fmt: skip
    tables = {"areas": areas, "clinics": clinics, "clinicians": clinicians, "patients": patients}
    return Network.of(tables, **facts)


def closed(network: Network, *clinics: str) -> Network:
    """Return the network with clinics closed from ``NEXT``."""
    shut = pl.when(pl.col("clinic_id").is_in(clinics)).then(pl.lit(NEXT)).otherwise("closes_on")
    return network.replace(clinics=network.clinics.with_columns(shut.alias("closes_on")))


def measured(network: Network, people: str = "population", policy: Policy | None = None) -> list[Levels]:
    """Return the levels before and after."""
    problem = problem_of(network, network, Asked(DAY, NEXT, people), policy or Policy.default())
    return [levels(problem, when) for when in (0, 1)]


def test_two_step_by_hand():
    """Site a serves 300 people within 30 minutes with 2 posts, b 700 with 1: worked before the code ran."""
    before, after = measured(closed(small(), "b"))
    per = 100_000
    assert before.values["two_step"].tolist() == pytest.approx([per * 2 / 300, per * 2 / 300, per / 700])
    assert after.values["two_step"].tolist() == pytest.approx([per * 2 / 300, per * 2 / 300, 0])


def test_enhanced_and_three_step_by_hand():
    """E2SFCA: 100 + 0.68 x 200 = 236 share 2 posts; 3SFCA: also z at 50 minutes (0.042) goes to a in part."""
    before, _ = measured(small())
    per = 100_000
    a = 2 / 236
    assert before.values["enhanced_two_step"].tolist() == pytest.approx([per * a, per * 0.68 * a, per / 700])
    # minutes to a: x 0, y 15, z 50; to b: x 50, y 35, z 0
    weight = {"x": (0.962, 0.042), "y": (0.704, 0.042), "z": (0.042, 0.962)}
    people = {"x": 100, "y": 200, "z": 700}
    both = {i: [w * w / sum(pair) for w in pair] for i, pair in weight.items()}
    ratio = [posts / sum(both[i][j] * people[i] for i in people) for j, posts in enumerate((2, 1))]
    wanted = [per * sum(both[i][j] * ratio[j] for j in (0, 1)) for i in people]
    assert before.values["three_step"].tolist() == pytest.approx(wanted, rel=1e-12)


def test_a_clinic_without_clinicians_is_no_choice():
    """A third open clinic next to x, with nobody in it, changes no supply, and is told of."""
    network = small()
    bare = network.clinics.filter(clinic_id="a").with_columns(clinic_id=pl.lit("c"))
    more = network.replace(clinics=pl.concat([network.clinics, bare]))
    one, other = measured(network)[0].values, measured(more)[0].values
    for name in ("two_step", "enhanced_two_step", "three_step"):
        assert other[name].tolist() == pytest.approx(one[name].tolist(), rel=1e-12)
    problem = problem_of(more, more, Asked(DAY, NEXT), Policy.default())
    assert [note.rows for note in problem.notes if "without a clinician" in note.text] == [1]


def test_the_nearest_clinic_by_hand():
    """x is at a, y 15 minutes from it, z at b; with b closed z has 50 minutes to go, and is beyond 30."""
    before, after = measured(closed(small(), "b"))
    assert before.values["nearest_minutes"].tolist() == [0, 15, 0]
    assert after.values["nearest_minutes"].tolist() == [0, 15, 50]
    assert before.nearest_site.tolist() == [0, 0, 1]
    assert after.nearest_site.tolist() == [0, 0, 0]
    assert after.values["within_30_minutes"].tolist() == [1, 1, 0]


def test_minnesota_and_county_types_by_hand():
    """Minnesota's rule is for people there alone; a type of county decides which standard holds."""
    network = small()
    network = network.replace(
        areas=network.areas.with_columns(county_type=pl.Series(["metro", "large_metro", None]))
    )
    _, after = measured(closed(network, "b"))
    assert after.values["within_minnesota"].tolist()[:2] == [1, 1]
    assert np.isnan(after.values["within_minnesota"][2])
    # y is 15 minutes and 8.65 road miles away: too far for large metro (10 and 5)
    assert after.values["within_adequacy"].tolist()[:2] == [1, 0]
    assert np.isnan(after.values["within_adequacy"][2])
    assert after.values["within_metro"].tolist() == [1, 1, 0]


def test_miles_alone_can_break_a_standard():
    """At 100 km/h 10 minutes are too far for 5 miles: both limits must hold."""
    policy = Policy.of({"speed_km_per_hour": 100.0, "detour_factor": 1.0})
    network = small()
    away = 12.0 / DEGREE  # 12 km: 7.2 minutes, 7.5 miles
    network = network.replace(areas=network.areas.with_columns(lat=pl.Series([45.0, 45.0 - away, 45.0])))
    before, _ = measured(network, policy=policy)
    assert before.values["nearest_minutes"][1] == 8
    assert before.values["within_large_metro"].tolist()[1] == 0
    assert before.values["within_metro"].tolist()[1] == 1


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


def test_across_the_date_line_is_near():
    """People at 179.95 E reach a clinic at 179.95 W in minutes, not round the world."""
    network = small()
    network = network.replace(
        areas=network.areas.with_columns(lat=pl.lit(-17.0), lon=pl.Series([179.95, 180.0, -180.0])),
        clinics=network.clinics.with_columns(lat=pl.lit(-17.0), lon=pl.Series([-179.95, 0.0])),
    )
    before, _ = measured(network)
    wanted = np.ceil(float(kilometres(-17, 179.95, -17, 180.05)) * 1.3 / 45 * 60)
    assert before.values["nearest_minutes"][0] == wanted < 20
    assert before.values["nearest_minutes"][1] == before.values["nearest_minutes"][2]


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


def test_open_sites_by_hand():
    """Open from the first day of service, closed from the first day without; other kinds do not count."""
    network = small()
    clinics = network.clinics.with_columns(opens_on=pl.Series([DAY, None]), closes_on=pl.Series([None, NEXT]))
    network = network.replace(clinics=clinics)
    assert open_sites(network, DAY, ["primary"])["clinic_id"].to_list() == ["a", "b"]
    assert open_sites(network, NEXT, ["primary"])["clinic_id"].to_list() == ["a"]
    assert open_sites(network, date(2025, 11, 3), ["primary"])["clinic_id"].to_list() == ["b"]
    assert open_sites(network, DAY, ["urgent_care"]).is_empty()


def test_who_has_left_is_no_supply():
    """A clinician whose last day is before the date is not counted; from then on, not before."""
    network = small()
    gone = pl.when(pl.col("clinician_id") == "p").then(pl.lit(NEXT)).alias("leaves_on")
    network = network.replace(clinicians=network.clinicians.with_columns(gone))
    problem = problem_of(network, network, Asked(DAY, NEXT), Policy.default())
    assert [part.tolist() for part in problem.supply] == [[2.0, 1.0], [1.0, 1.0]]


def travel_rows(missing: tuple[str, str] | None = None, beyond: tuple[str, str] | None = None) -> Travel:
    """Return a matrix from the areas to the clinics, without one pair or with one to which no way leads."""
    rows = [
        {"area_id": area, "clinic_id": clinic, "minutes": None if (area, clinic) == beyond else minutes,
         "reachable": (area, clinic) != beyond}
        for area, times in {"x": (5, 40), "y": (12, 31), "z": (61, 3)}.items()
        for clinic, minutes in zip("ab", times, strict=True) if (area, clinic) != missing
    ]  # fmt: skip
    return Travel("file", "minutes.csv", matrix(pl.DataFrame(rows)))


def test_journeys_of_a_matrix_are_taken_as_they_are():
    """The matrix's minutes count, not distance; with no way to any open clinic there are no minutes."""
    before, after = measured(closed(small(travel=travel_rows(beyond=("z", "a"))), "b"))
    assert before.values["nearest_minutes"].tolist() == [5, 12, 3]
    assert after.values["nearest_minutes"].tolist()[:2] == [5, 12]
    assert np.isnan(after.values["nearest_minutes"][2])
    assert after.nearest_site.tolist() == [0, 0, -1]
    assert after.values["three_step"][2] == 0


def test_people_without_a_way_are_counted_apart():
    """Their minutes are in no mean; the worst tenth, which they are in, has no number."""
    network = closed(small(travel=travel_rows(beyond=("z", "a"))), "b")
    problem = problem_of(network, network, Asked(DAY, NEXT, "population"), Policy.default())
    found = spread(problem, levels(problem, 1))
    assert found["people_without_a_way"] == 700
    assert found["worst_tenth_minutes"] is None
    result = run_access(network, network, Asked(DAY, NEXT, "population"), Policy.default())
    row = result.rows.filter(pl.col("group") == "all", pl.col("measure") == "nearest_minutes").row(
        0, named=True
    )
    assert row["people"] == 300
    assert row["after"] == pytest.approx((100 * 5 + 200 * 12) / 300)
    assert result.moved.rows() == [("b", None, 700)]


def test_a_matrix_with_missing_pairs_is_a_fault():
    """Each place of which a pair is not known is named, with the clinics; nothing is measured."""
    network = small(travel=travel_rows(missing=("y", "b")))
    with pytest.raises(InputError) as caught:
        measured(network)
    [fault] = caught.value.faults
    assert fault.file == "minutes.csv"
    assert fault.found == "nothing from area 'y' to 'b'"
    assert "reachable = false" in fault.remedy


def test_every_fault_is_told_at_once():
    """No clinic open, a date order that is wrong, areas without people: one report of all."""
    network = closed(small(), "a", "b")
    network = network.replace(areas=network.areas.with_columns(population=pl.Series([1, None, None])))
    with pytest.raises(InputError) as caught:
        problem_of(network, network, Asked(date(2026, 1, 1), NEXT, "population"), Policy.default())
    found = [fault.found for fault in caught.value.faults]
    assert found == [
        "no clinic of kind primary open on 2026-01-01", "no clinic of kind primary open on 2025-11-05",
        "2026-01-01 before 2025-11-05", "nothing for 'y'", "nothing for 'z'",
    ]  # fmt: skip


def test_clinics_off_the_map_and_nobody_are_faults():
    """A clinic without a place cannot be near; where nobody lives there is nobody's access."""
    network = small()
    network = network.replace(
        clinics=network.clinics.with_columns(lat=pl.lit(None, pl.Float64)), patients=network.patients.clear()
    )
    with pytest.raises(InputError) as caught:
        problem_of(network, network, Asked(DAY, NEXT), Policy.default())
    assert [fault.found for fault in caught.value.faults] == [
        "no patients on the map", "no place for 'a'", "no place for 'b'",
    ]  # fmt: skip


def test_without_clinicians_supply_is_not_measured():
    """Journeys are, and a note says why there is no supply; nothing is put in its place."""
    network = small()
    network = network.replace(clinicians=network.clinicians.clear())
    problem = problem_of(network, network, Asked(DAY, NEXT), Policy.default())
    found = levels(problem, 0)
    assert "two_step" not in found.values
    assert "gini" not in spread(problem, found)
    assert any("not measured" in note.text for note in problem.notes)


def test_groups_by_hand():
    """Age, language and car of patients at their homes; deprivation by fifths of the people."""
    network = closed(small(), "b")
    result = run_access(network, network, Asked(DAY, NEXT), Policy.default())
    assert set(result.rows["group"]) == {"all", *GROUPS}
    part = result.rows.filter(pl.col("measure") == "nearest_minutes")
    language = {
        row["member"]: row for row in part.filter(pl.col("group") == "language").iter_rows(named=True)
    }
    assert (language["en"]["people"], language["en"]["before"], language["en"]["after"]) == (24, 7.5, 7.5)
    assert (language["so"]["people"], language["so"]["before"], language["so"]["after"]) == (12, 0, 50)
    deprived = part.filter(pl.col("group") == "deprivation")["member"].to_list()
    assert deprived == ["fifth 1 of 5, least deprived", "fifth 3 of 5", "fifth 5 of 5, most deprived"]


def test_population_and_patients_differ_only_in_who_shares():
    """By population, groups are of patients still, at their homes; the areas' people share supply."""
    network = closed(small(), "b")
    one, other = (
        run_access(network, network, Asked(DAY, NEXT, p), Policy.default())
        for p in ("patients", "population")
    )
    key = (pl.col("group") == "language") & (pl.col("measure") == "nearest_minutes")
    assert one.rows.filter(key).equals(other.rows.filter(key))
    assert (one.facts["counted"], other.facts["counted"]) == (36, 1000)


def test_dates_where_none_are_stated():
    """After: the last closing; before: the day before the first. With --close: the day before that."""
    network = small()
    network = network.replace(clinics=network.clinics.with_columns(closes_on=pl.Series([None, NEXT])))
    assert dated(network, [], None, None)[1:] == (DAY, NEXT)
    changed, before, on = dated(network, ["a"], None, date(2025, 12, 1))
    assert (before, on) == (DAY, date(2025, 12, 1))
    assert changed.clinics["closes_on"].to_list() == [date(2025, 12, 1), NEXT]
    with pytest.raises(InputError, match="--on"):
        dated(small(), [], None, None)


def test_closing_unknown_or_twice_is_a_fault():
    """Each name is told, with the nearest known one."""
    with pytest.raises(InputError) as caught:
        dated(small(), ["a", "a", "bb"], None, NEXT)
    assert [fault.found for fault in caught.value.faults] == ["'bb'", "'a' twice"]


def test_counties_give_types():
    """People and land of a county make its type; a county that the file lacks keeps what the areas state."""
    counties = pl.DataFrame({"county_fips": ["1"], "population": [60_000], "land_square_miles": [500.0]})
    network = small()
    stated = network.areas.with_columns(county_type=pl.Series([None, None, "rural"], dtype=pl.String))
    found = with_county_types(network.replace(areas=stated), counties)
    assert found.areas["county_type"].to_list() == ["metro", "metro", "rural"]


def test_means_are_over_those_known_both_times():
    """A person without a way afterwards is in neither mean, so the difference is about the same people."""
    nothing = np.full(2, -1)
    before = Levels({"nearest_minutes": np.array([10.0, 20.0])}, nothing)
    after = Levels({"nearest_minutes": np.array([12.0, np.nan])}, nothing)
    rows = rows_of("all", np.array(["all", "all"], object), np.array([50.0, 50.0]), before, after)
    assert rows.select("people", "before", "after", "difference").row(0) == (50, 10.0, 12.0, 2.0)
