"""A matrix of journeys: where visits start, what is unknown, what is unreachable, what it changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from test_verify_planner import differences
from tideover.errors import InputError
from tideover.nouns import Network, Policy, Scenario, Travel
from tideover.nouns.travel import MATRIX, UNKNOWN, UNREACHABLE, matrix
from tideover.readers import read_travel
from tideover.travel import counts, journeys, rows_used
from tideover.verify.case import Case
from tideover.verify.roads import Roads
from tideover.visits import plan_strike_day
from verify_scenarios import AS_OF, cases
from visits_factory import case_of, decided, moment, network, struck

POLICY = Policy.default()
SPOTS = [(45.0, -93.0), (45.1, -93.1), (45.10000009, -93.1), (45.2, -93.2), (None, None)]


def row(clinic: str, minutes: float | None, reachable: bool = True, **start):
    """Return a row of a matrix."""
    return start | {"clinic_id": clinic, "minutes": minutes, "reachable": reachable}


def measured(*rows) -> Travel:
    """Return the matrix of these rows."""
    types = {name: pl.Float64() if name == "minutes" else kind for name, kind in MATRIX.items()}
    return Travel("file", "minutes.csv", matrix(pl.DataFrame(list(rows), schema=types)))


def asked(net: Network, *pairs: tuple[str | None, str], travel: Travel | None = None) -> list[list[int]]:
    """Return the minutes of each (patient, booked clinic) to each clinic."""
    visits = pl.DataFrame(pairs, schema={"patient_id": pl.String, "clinic_id": pl.String}, orient="row")
    found = journeys(net.replace(travel=travel), visits, POLICY)
    clinics = np.arange(net.clinics.height)
    return [found.to(np.full(clinics.size, at), clinics).tolist() for at in range(len(pairs))]


@pytest.fixture(scope="module")
def net() -> Network:
    """Clinics A and B; one patient with a place, one with an area alone, one with nothing."""
    return network(
        clinics=[
            {"clinic_id": "A", "lat": 45.5, "lon": -93.5},
            {"clinic_id": "B", "lat": 45.6, "lon": -93.5},
        ],
        areas=[{"area_id": "Z", "lat": 45.1, "lon": -93.1}],
        patients=[
            {"patient_id": "p", "lat": 45.0, "lon": -93.0, "area_id": "Z"},
            {"patient_id": "q", "area_id": "Z"},
            {"patient_id": "r"},
        ],
    )


def test_a_visit_starts_at_the_first_place_that_the_matrix_knows(net):
    """Patient, then area, then place of the home, then booked clinic, then its place: worked by hand."""
    layers = [
        [row("A", 5, lat=45.5, lon=-93.5)],
        [row("A", 4, from_clinic_id="A")],
        [row("A", 3, lat=45.0, lon=-93.0), row("A", 30, lat=45.1, lon=-93.1)],
        [row("A", 2, area_id="Z")],
        [row("A", 1, patient_id="p")],
    ]
    seen = [("p", "A"), ("q", "A"), ("r", "A"), (None, "A"), ("r", "B")]
    expected = [[5, 5, 5, 5], [4, 4, 4, 4], [3, 30, 4, 4], [2, 2, 4, 4], [1, 2, 4, 4]]
    for number, of_a in enumerate(expected, start=1):
        travel = measured(*(one for layer in layers[:number] for one in layer))
        found = asked(net, *seen, travel=travel)
        assert [minutes[0] for minutes in found] == [*of_a, UNKNOWN]
        assert [minutes[1] for minutes in found] == [UNKNOWN] * 5  # no row leads to B


def test_one_start_serves_all_clinics(net):
    """A patient whose own row knows one clinic does not take another from the area: two starts do not mix."""
    travel = measured(row("A", 1, patient_id="p"), row("A", 9, area_id="Z"), row("B", 9, area_id="Z"))
    assert asked(net, ("p", "A"), ("q", "A"), travel=travel) == [[1, UNKNOWN], [9, 9]]


def test_unknown_is_not_unreachable_and_neither_is_nought(net):
    """No row and empty minutes are unknown, reachable = false is unreachable, and 0 minutes are 0."""
    travel = measured(
        row("A", None, patient_id="p"), row("B", None, False, patient_id="p"), row("A", 0, patient_id="q")
    )
    assert asked(net, ("p", "A"), ("q", "A"), travel=travel) == [[UNKNOWN, UNREACHABLE], [0, UNKNOWN]]
    visits = pl.DataFrame({"patient_id": ["p", "p", "q", "r"], "clinic_id": ["A", "B", "A", "B"]})
    said = counts(net.replace(travel=travel), visits, POLICY)
    assert said["starts"] == {"home": 3, "booked_clinic": 0, "nowhere": 1}
    assert said["pairs"] == {"known": 1, "unknown": 2, "unreachable": 1}
    assert said["booked_unreachable"] == 1
    assert (said["source"], said["name"]) == ("file", "minutes.csv")


def test_minutes_are_rounded_up_but_not_by_a_grain():
    """12.0000000001 minutes are 12, 12.001 are 13; places agree to five decimals."""
    rows = measured(
        row("A", 12 + 1e-10, lat=45.000004, lon=-93.0), row("A", 12.001, lat=45.000006, lon=-93.0)
    ).rows
    assert rows["minutes"].to_list() == [12, 13]
    assert rows["lat"].to_list() == [45.0, 45.00001]


@st.composite
def matrices(draw, net: Network) -> Travel:
    """Matrices of any starts to the clinics of a network and one other, some pairs unknown or unreachable."""
    ids = {name: net.tables()[table][key].to_list() for name, table, key in (
        ("patient_id", "patients", "patient_id"), ("area_id", "areas", "area_id"),
        ("from_clinic_id", "clinics", "clinic_id"))}  # fmt: skip
    spots = [{"lat": lat, "lon": lon} for lat, lon in
             {*SPOTS[:-1], *net.clinics.drop_nulls(["lat", "lon"]).select("lat", "lon").rows(),
              *net.patients.drop_nulls(["lat", "lon"]).select("lat", "lon").rows()}]  # fmt: skip
    starts = [{name: one} for name, some in ids.items() for one in some] + spots
    chosen = draw(st.lists(st.sampled_from(starts), max_size=12))
    length = st.one_of(st.none(), st.integers(0, 70), st.floats(0, 70))
    rows = []
    for start in chosen:
        for clinic in draw(st.lists(st.sampled_from([*ids["from_clinic_id"], "elsewhere"]), unique=True)):
            away = draw(st.integers(0, 5)) == 0
            rows.append(row(clinic, None if away else draw(length), not away, **start))
    travel = measured(*rows)
    keys = [name for name in MATRIX if name not in ("minutes", "reachable")]
    return Travel("file", "m", travel.rows.unique(keys, keep="first", maintain_order=True))


@settings(max_examples=100)
@given(st.data())
def test_verify_finds_the_same_journeys_word_by_word(data):
    """Planner's and checker's code, written apart, agree on every start and every pair, with and without."""
    places = st.sampled_from(SPOTS)
    clinics = [
        {"clinic_id": name, **dict(zip(("lat", "lon"), data.draw(places), strict=True))} for name in "AB"
    ]
    areas = [{"area_id": name, "lat": lat, "lon": lon} for name, (lat, lon) in zip("YZ", SPOTS, strict=False)]
    people = [
        {"patient_id": name, "area_id": data.draw(st.sampled_from([None, "Y", "Z"]))}
        | dict(zip(("lat", "lon"), data.draw(places), strict=True))
        for name in "pqr"
    ]
    net = network(clinics=clinics, areas=areas, patients=people)
    travel = data.draw(st.one_of(st.none(), matrices(net)))
    net = net.replace(travel=travel)
    visits = pl.DataFrame({"patient_id": [*"pqr", None] * 2, "clinic_id": list("AAAABBBB")})
    found, roads = journeys(net, visits, POLICY), Roads(net, POLICY)
    homes = {p: (lat, lon) for p, lat, lon, _ in net.homes().rows()}
    in_area = dict(net.patients.select("patient_id", "area_id").rows())
    for at, (patient, clinic) in enumerate(visits.rows()):
        visit = SimpleNamespace(
            patient_id=patient, clinic_id=clinic, home=homes.get(patient, (None, None)),
            area_id=in_area.get(patient),
        )  # fmt: skip
        each = [roads.minutes(visit, end) for end in "AB"]
        assert found.to(np.full(2, at), np.arange(2)).tolist() == each
        assert found.from_home[at] == (roads.start(visit)[0] == "home")
    if travel is not None:
        part = net.replace(travel=Travel("file", "m", rows_used(net, visits)))
        again = journeys(part, visits, POLICY)
        for at in range(visits.height):
            row_at = np.full(2, at)
            assert (again.to(row_at, np.arange(2)) == found.to(row_at, np.arange(2))).all()
        assert counts(part, visits, POLICY) == counts(net, visits, POLICY) | {"name": "m"}


@settings(max_examples=15)
@given(cases(), st.data())
def test_planner_and_verify_agree_on_plans_by_a_matrix(case, data):
    """Whatever the matrix, the plan keeps every rule and every figure is found again."""
    scenario = case.scenario
    scenario = scenario.replace(
        network=scenario.network.replace(travel=data.draw(matrices(scenario.network)))
    )
    assert differences(Case.of(scenario, case.policy, AS_OF, list(case.pins.values()))) == ()


def with_formula(net: Network, policy: Policy) -> Network:
    """Return the network with its journeys by distance written down as a matrix, from places."""
    homes = net.homes().select("lat", "lon")
    starts = pl.concat([homes, net.clinics.select("lat", "lon")]).drop_nulls().unique()
    one = starts.with_columns(patient_id=pl.int_range(pl.len()).cast(pl.String))
    visits = one.select("patient_id", clinic_id=pl.lit(net.clinics["clinic_id"][0]))
    blank = network(patients=one.to_dicts()).replace(clinics=net.clinics)
    found = journeys(blank, visits, policy)
    rows = [
        row(clinic, int(minutes), lat=lat, lon=lon)
        for at, (lat, lon, _) in enumerate(one.rows())
        for code, clinic in enumerate(sorted(net.clinics["clinic_id"]))
        if (minutes := found.minutes[found.start[at], code]) != UNKNOWN
    ]
    return net.replace(travel=measured(*rows))


@pytest.mark.parametrize("seed", range(8))
def test_distances_written_down_give_the_same_plan(seed):
    """A matrix that holds the distances changes no decision and no figure but where journeys come from."""
    case = case_of(seed)
    plain = plan_strike_day(Scenario.of(case.network, case.changes), case.policy, date(2025, 11, 3))
    written = with_formula(case.network, case.policy)
    measured_ = plan_strike_day(Scenario.of(written, case.changes), case.policy, date(2025, 11, 3))
    assert measured_.decisions.equals(plain.decisions)
    assert measured_.facts["levels"] == plain.facts["levels"]
    assert measured_.facts["travel"]["pairs"]["known"] == plain.facts["travel"]["pairs"]["known"]


@pytest.mark.parametrize("seed", range(4))
def test_unreachable_and_unknown_are_counted_apart_but_refused_alike(seed):
    """Pairs marked unreachable and pairs without minutes give one plan; only their counts differ."""
    case = case_of(seed)
    net = with_formula(case.network, case.policy)
    rows = net.travel.rows
    gone = pl.int_range(pl.len()) % 3 == 0
    nulls = pl.when(gone).then(None).otherwise("minutes").alias("minutes")
    variants = [
        rows.with_columns(nulls, (~gone).alias("reachable")),
        rows.with_columns(nulls),
    ]
    plans = [
        plan_strike_day(
            Scenario.of(net.replace(travel=Travel("file", "m", some)), case.changes),
            case.policy,
            date(2025, 11, 3),
        )
        for some in variants
    ]
    assert plans[0].decisions.equals(plans[1].decisions)
    pairs = [plan.facts["travel"]["pairs"] for plan in plans]
    assert pairs[1]["unreachable"] == 0 < pairs[0]["unreachable"]
    assert sum(pairs[0].values()) == sum(pairs[1].values())


@pytest.mark.parametrize(
    ("minutes", "reachable", "option"),
    [
        (40, True, "another_clinic"),
        (41, True, "waitlist"),
        (None, True, "waitlist"),
        (None, False, "waitlist"),
    ],
)
def test_nobody_is_sent_where_no_way_leads(minutes, reachable, option):
    """B takes the visit at the limit of 40 minutes; not beyond it, not unknown, not where no way leads."""
    day = date(2025, 11, 7)
    free = {"session_id": "F", "clinic_id": "B", "start": moment(day, "08:00"), "end": moment(day, "09:00")}
    scenario = struck([{}], [free], clinics=[{"clinic_id": "A"}, {"clinic_id": "B"}])
    travel = measured(row("A", 5, patient_id="p0"), row("B", minutes, reachable, patient_id="p0"))
    scenario = scenario.replace(network=scenario.network.replace(travel=travel))
    plan = plan_strike_day(scenario, POLICY, date(2025, 11, 3))
    found = decided(plan, "v0")
    assert found["option"] == option
    assert found["added_travel"] == (2 * 35 if option == "another_clinic" else 0)


GOOD = "patient_id,clinic_id,minutes\np,A,3\n"


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("", "no text"),
        ("patient_id,clinic_id,minutes\n", "no rows"),
        ("patient_id,clinic_id\np,A\n", "column minutes"),
        ("patient_id,minutes\np,3\n", "column clinic_id"),
        ("clinic_id,minutes\nA,3\n", "no column of a start"),
        ("lat,clinic_id,minutes\n45,A,3\n", "no column of a start"),
        ("patient,clinic_id,minutes\np,A,3\n", "Did you mean patient_id?"),
        (GOOD + "q,A,soon\n", "row 3, column minutes"),
        (GOOD + "q,A,-1\n", "0 to 100000"),
        (GOOD + "q,A,inf\n", "row 3, column minutes"),
        (GOOD + "q,,3\n", "row 3, column clinic_id"),
        (GOOD + ",A,3\n", "row 3: "),
        (GOOD + "p,A,4\n", "each pair of start and clinic once"),
        (GOOD + "q,A,4,5\n", "row 3"),
        ("patient_id,area_id,clinic_id,minutes\np,Z,A,3\n", "row 2: "),
        ("lat,lon,clinic_id,minutes\n45,,A,3\n", "row 2: "),
        ("patient_id,lat,lon,clinic_id,minutes\np,45,,A,3\n", "row 2: "),
        ("lat,lon,clinic_id,minutes\n91,0,A,3\n", "-90 to 90"),
        ("lat,lon,clinic_id,minutes\n45,-93,A,3\n45.000001,-93,A,4\n", "each pair of start and clinic once"),
        ("patient_id,clinic_id,minutes,reachable\np,A,3,false\n", "no minutes where reachable is false"),
        ("patient_id,clinic_id,minutes,reachable\np,A,,maybe\n", "true or false"),
        ("patient_id,clinic_id,minutes\np,X,3\n", "clinics of the network"),
    ],
)
def test_a_matrix_that_cannot_be_is_reported(tmp_path: Path, net, text, telling):
    """Each fault of a file is told with its row and column; nothing is guessed or filled in."""
    path = tmp_path / "m.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_travel(path, net)
    assert telling in str(error.value)


def test_all_faults_are_told_at_once(tmp_path: Path, net):
    """A file with a wrong heading and wrong cells gets one report of both."""
    path = tmp_path / "m.csv"
    path.write_text("patient_id,clinic_id,minutes,colour\np,A,soon,red\n")
    with pytest.raises(InputError) as error:
        read_travel(path, net)
    assert {fault.column for fault in error.value.faults} == {"colour", "minutes"}


@pytest.mark.parametrize("name", ["m.csv", "m.parquet"])
def test_files_that_are_none(tmp_path: Path, net, name):
    """A file that is missing, a folder, or bytes of nothing is one fault that names it."""
    path = tmp_path / name
    for make in (
        lambda: None,
        lambda: path.write_bytes(b"\x00\xff\x00"),
        lambda: (path.unlink(), path.mkdir()),
    ):
        make()
        with pytest.raises(InputError, match=name):
            read_travel(path, net)


def test_csv_and_parquet_say_the_same_and_strangers_are_counted(tmp_path: Path, net):
    """One matrix in two forms is one matrix; rows about what the network does not hold are told."""
    frame = pl.DataFrame(
        {"patient_id": ["p", "q", "stranger"], "clinic_id": ["A", "far", "B"], "minutes": [3.5, None, 7.0]}
    )
    frame.write_csv(tmp_path / "m.csv")
    frame.write_parquet(tmp_path / "m.parquet")
    read = [read_travel(tmp_path / name, net) for name in ("m.csv", "m.parquet")]
    assert read[0].rows.equals(read[1].rows)
    assert read[0].rows["minutes"].to_list() == [4, None, 7]
    assert [(note.about, note.rows) for note in read[0].notes] == [
        ("travel.patient_id", 1),
        ("travel.clinic_id", 1),
    ]
