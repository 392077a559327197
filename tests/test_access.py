"""Access of a network: measures by hand, groups, journeys, dates, and what is a fault."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from access_factory import DAY, DEGREE, NEXT, closed, measured, small, travel_rows
from tideover.access import Asked, Levels, levels, open_sites, problem_of, rows_of, spread
from tideover.cases.access import GROUPS, dated, run_access, with_county_types
from tideover.errors import InputError
from tideover.nouns import Policy
from tideover.nouns.place import kilometres


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
