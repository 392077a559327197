"""Case files: what they hold, what a reading makes of them, and every fault of them together."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from case_factory import CLOSING, small_case
from cli_run import Runner
from tideover.cases import PARTS, Case, case_names, read_case
from tideover.cases.read import claims_stated
from tideover.claims import alternatives, read_reading, reading_names
from tideover.errors import InputError
from tideover.schema import policy_keys

READINGS = ("employer", "union", "literature", "press-a", "press-b", "custom")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


def stated(inputs: object) -> str:
    """Return everything that a plan and its tried days are made from, as one text."""
    found = inputs
    changes = [change.facts() for some in found.changes.values() for change in some]  # type: ignore[attr-defined]
    parts = [str(found.recipe), found.policy.as_dict(), changes, str(found.chances)]  # type: ignore[attr-defined]
    parts.append(str(found.transfers))  # type: ignore[attr-defined]
    return json.dumps(parts, default=str, sort_keys=True)


def test_the_shipped_cases_are_found_by_name_and_by_path():
    """All cases are read by their name and by the path of their file, and say the same."""
    assert case_names() == ["northland-2025", "twin-cities-2025", "two-employers"]
    for name in case_names():
        path = Path(__file__).resolve().parent.parent / "cases" / f"{name}.toml"
        by_path = read_case(str(path))
        assert by_path.id == name
        assert (by_path.title, by_path.stages) == (read_case(name).title, read_case(name).stages)


def test_what_each_reading_makes_of_the_twin_cities():
    """By hand: the strike under each reading, as the two reports and the parties tell it."""
    case = read_case("twin-cities-2025")
    found = {}
    for name in READINGS:
        (strike,) = case.under(read_reading(name, case.ledger)).changes["strike"]
        found[name] = (strike.dates, strike.working, strike.roles, strike.site_kinds)
    every, both = ("np", "pa", "physician"), ("primary", "urgent_care")
    wednesday, sunday = (date(2025, 11, 5),), (date(2025, 11, 9),)
    assert found == {
        "employer": (wednesday, 0.25, every, both),
        "union": (wednesday, 0.0, every, both),
        "literature": (wednesday, "0..0.125..0.25", every, both),
        "custom": (wednesday, "0..0.125..0.25", every, both),
        "press-a": (sunday, 0.0, ("pa", "physician"), both),
        "press-b": (wednesday, 0.0, every, ("primary",)),
    }


def test_a_role_without_sessions_is_said():
    """Report A names nurses, who hold no sessions in a network: the inputs say so instead of dropping it."""
    case = read_case("twin-cities-2025")
    (note,) = case.under(read_reading("press-a", case.ledger)).notes
    assert "nurse" in note.text
    assert "not modelled" in note.text
    assert case.under(read_reading("literature", case.ledger)).notes == ()


@pytest.mark.parametrize("name", ["twin-cities-2025", "northland-2025"])
def test_the_claims_of_a_result_are_those_that_change_its_inputs(name: str):
    """Tracing: the claims asked are those that file and defaults name; no other moves the inputs."""
    case = read_case(name)
    base = read_reading("literature", case.ledger)
    inputs = case.under(base)
    asked = {answer.claim.id for answer in inputs.rests_on(*PARTS)}
    by_default = {"detour-factor", "travel-speed", "daily-rest", "assistants-per-clinician"}
    by_default |= {"days-tried", "no-shows", "walk-ins"}
    if any(stage.closes for stage in case.stages):
        by_default |= {key.claim for key in policy_keys() if key.claim != "choice" and key.serves("panels")}
    assert asked == claims_stated(case) | by_default
    used = {answer.claim.id for answer in inputs.rests_on("network", "plan", "days", "transfers")}
    moved = set()
    for claim in case.ledger:
        if not claim.affects:
            continue
        for entry in alternatives(base.answer(claim.id)):
            try:
                changed = stated(case.under(base.exchanged(claim.id, entry))) != stated(inputs)
            except InputError:
                changed = True  # out of bounds: it was looked at
            if changed:
                moved.add(claim.id)
    assert moved <= used
    assert {claim for claim in used if case.ledger[claim].disputed} <= moved


def test_at_least_five_disputed_claims_reach_the_inputs_of_the_shipped_case():
    """Exchanging each of five claims with two sides gives other inputs."""
    case = read_case("twin-cities-2025")
    base = read_reading("literature", case.ledger)
    inputs = case.under(base)
    moved = [
        answer.claim.id
        for answer in inputs.rests_on("network", "plan", "days")
        if answer.claim.disputed
        and any(
            stated(case.under(base.exchanged(answer.claim.id, entry))) != stated(inputs)
            for entry in alternatives(answer)
        )
    ]
    assert len(moved) >= 5


def test_the_reading_itself_is_never_marked():
    """Running a case under a reading leaves no trace in the reading that was given."""
    case = read_case("northland-2025")
    reading = read_reading("union", case.ledger)
    case.under(reading)
    assert reading.asked == ()
    assert set(READINGS) == set(reading_names())


FAULTS = {
    "unknown key": (('title = "A small dispute"', 'titel = "A small dispute"'), ["titel", "title"]),
    "unknown key of the recipe": (("hospitals = 1", "hospitels = 1"), ["network.recipe.hospitels"]),
    "no such claim": (('{ claim = "synthetic-fill" }', '{ claim = "synthetic-fil" }'), ["fill.claim"]),
    "claim of another unit": (
        ('{ claim = "working-share" }', '{ claim = "strike-date" }'),
        ["working.claim"],
    ),
    "unknown key of an answer": (
        ('claim = "unit-roles" }', 'claim = "unit-roles", days = 2 }'),
        ["roles.days"],
    ),
    "unknown result": (('"days", "sites"', '"days", "site"'), ["results"]),
    "text for a number": (("clinics = 5", 'clinics = "five"'), ["recipe.clinics"]),
    "name of the scenario": (('id = "strike"', 'id = "network"'), ["scenario[1].id"]),
    "no date": (("date = 2025-12-24", 'date = "Christmas"'), ["event[2].date"]),
    "unknown claim of an event": (
        ('also = ["strike-length"]', 'also = ["strike-lenght"]'),
        ["event[1].also"],
    ),
    "unknown policy": (("[days]", "[policy]\ndetuor_factor = 1.2\n\n[days]"), ["policy.detuor_factor"]),
    "unknown key of the days": (("days = 40", "dayz = 40"), ["days.dayz"]),
}


@pytest.mark.parametrize(("change", "places"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_a_case_file_names_its_place(
    run: Runner, tmp_path: Path, change: tuple[str, str], places: list[str]
):
    """Each wrong key or value is reported where it stands; exit 1, nothing written."""
    ended = run("run", small_case(tmp_path, change), "--out", tmp_path / "out", "--json")
    assert ended.code == 1
    found = [fault["column"] for fault in ended.document["faults"]]
    assert all(any(place in str(column) for column in found) for place in places), found
    assert not (tmp_path / "out").exists()


def test_all_faults_of_a_case_come_together(run: Runner, tmp_path: Path):
    """Faults of the file and of the reading are listed in one report, each with a remedy."""
    path = small_case(tmp_path, FAULTS["no such claim"][0], FAULTS["unknown result"][0])
    reading = tmp_path / "open.toml"
    reading.write_text('id = "open"\ntitle = "Nobody is believed"\norder = []\n', encoding="utf-8")
    ended = run("run", path, "--reading", reading, "--out", tmp_path / "out", "--json")
    assert ended.code == 1
    columns = {fault["column"] for fault in ended.document["faults"]}
    assert {"network.recipe.fill.claim", "results", "claim working-share"} <= columns
    assert all(fault["remedy"] for fault in ended.document["faults"])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (('kind = "strike"', 'kind = "strike"\nclinics = ["nowhere"]'), "nowhere"),
        (
            ('dates = { claim = "strike-date", days = { claim = "strike-length" } }', "dates = 2026-02-02"),
            "2026-02-02",
        ),
    ],
    ids=["unknown clinic", "date outside the book"],
)
def test_what_does_not_fit_the_network_is_a_fault_of_the_case(
    run: Runner, tmp_path: Path, change: tuple[str, str], found: str
):
    """A clinic that the network does not have, and a date outside its book, are found before any planning."""
    ended = run("run", small_case(tmp_path, change), "--out", tmp_path / "out", "--json")
    assert ended.code == 1
    (fault,) = ended.document["faults"]
    assert fault["file"] == "small.toml"
    assert found in fault["found"]
    assert fault["column"].startswith("scenario[1]")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (["twin-cities"], "CASE"),
        (["missing.toml"], "missing.toml"),
        (["twin-cities-2025", "--reading", "employr"], "--reading"),
        (["twin-cities-2025", "--workers", "0"], "--workers"),
    ],
)
def test_wrong_words_of_run_are_faults(run: Runner, tmp_path: Path, arguments: list[str], place: str):
    """Unknown names and bad numbers end with 1 before any work."""
    ended = run("run", *arguments, "--out", tmp_path / "out", "--json")
    assert ended.code == 1
    assert place in {fault["column"] or fault["file"] for fault in ended.document["faults"]}
    assert not (tmp_path / "out").exists()


def test_a_folder_of_somebody_else_is_left_alone(run: Runner, tmp_path: Path):
    """A folder that holds another file, at any depth, is not replaced."""
    (tmp_path / "out" / "strike").mkdir(parents=True)
    (tmp_path / "out" / "run.json").write_text("{}")
    (tmp_path / "out" / "strike" / "thesis.txt").write_text("mine")
    ended = run("run", "twin-cities-2025", "--out", tmp_path / "out")
    assert ended.code == 1
    assert (tmp_path / "out" / "strike" / "thesis.txt").read_text() == "mine"


def test_a_case_is_a_value_of_its_file():
    """Reading the same file twice gives equal cases."""
    assert isinstance(read_case("northland-2025"), Case)
    assert read_case("northland-2025") == read_case("northland-2025")


def test_faults_of_scenarios_come_together_whether_the_network_is_needed_or_not(run: Runner, tmp_path: Path):
    """A notice after the strike in one scenario hides no unknown clinic in the others."""
    dates = 'dates = { claim = "strike-date", days = { claim = "strike-length" } }'
    unknown = CLOSING.replace('"hickory-bridge"', '"nowhere"')
    path = small_case(tmp_path, (dates, "dates = [2024-01-05]"), more=unknown)
    ended = run("run", path, "--out", tmp_path / "out", "--json")
    assert ended.code == 1
    columns = [fault["column"] for fault in ended.document["faults"]]
    assert columns == [
        "scenario[1].strike.notice_on", "scenario[2].closure.clinics", "scenario[3].closure.clinics",
    ]  # fmt: skip
    assert not (tmp_path / "out").exists()
