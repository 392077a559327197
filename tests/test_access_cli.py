"""The command ``access``: what it prints and writes, and a clear report of every fault."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from access_factory import closed, small, travel_rows
from cli_run import Runner
from osrm_fake import Fake, serving
from tideover.nouns import Network
from tideover.readers import read_network, write_network
from tideover.reports.access import OUTPUTS
from tideover.travel import service

KEYS = {"closed", "opened", "measures", "spread", "rows", "moved", "clinics", "counted", "notes", "out"}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs a command in this process."""
    return Runner(capsys)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def written(network: Network, folder: Path) -> Path:
    """Write the small network, with one visit, which every network needs."""
    visits = pl.DataFrame(
        {
            "visit_id": ["v"],
            "patient_id": ["x0"],
            "clinic_id": ["a"],
            "start": ["2025-10-20T09:00"],
            "minutes": [20],
        }
    ).with_columns(pl.col("start").str.to_datetime("%Y-%m-%dT%H:%M", time_unit="us"))
    write_network(Network.of(network.tables() | {"visits": visits}, synthetic=True), folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A network folder of three areas and two clinics."""
    return written(small(), tmp_path / "net")


def test_it_prints_before_after_and_difference(run: Runner, folder: Path):
    """By hand: z, 12 of 36 patients, has 50 minutes to go instead of none: 5.0 before, 21.7 after."""
    done = run("access", folder, "--on", "2025-11-05", "--close", "b", "--by", "language")
    assert done.code == 0
    assert done.err == ""
    assert re.search(r"minutes to the nearest open clinic +5\.0 +21\.7 +\+16\.7\n", done.out)
    assert "1 clinic closes" in done.out
    assert "Before: 2 clinics open on 2025-11-04. After: 1 on 2025-11-05." in done.out
    assert re.search(r"so \(12\) +0\.0 +50\.0 +\+50\.0\n", done.out)
    assert max(map(len, done.out.splitlines())) <= 80


def test_json_is_one_document(run: Runner, folder: Path):
    """Every figure, rows of the groups that were asked for, and whose nearest clinic is another one."""
    found = run("access", folder, "--on", "2025-11-05", "--close", "b", "--by", "car", "--json").document
    assert found.keys() >= KEYS
    assert found["closed"] == ["b"]
    assert found["moved"] == [{"from_clinic_id": "b", "to_clinic_id": "a", "people": 12}]
    assert {row["group"] for row in found["rows"]} == {"all", "car"}


def test_closings_may_stand_on_the_clinics(run: Runner, tmp_path: Path):
    """Without --close and --on the dates of the clinics count; both ways give the same."""
    stated = run(
        "access", written(small(), tmp_path / "one"), "--on", "2025-11-05", "--close", "b", "--json"
    ).document
    dated = run("access", written(closed(small(), "b"), tmp_path / "two"), "--json").document
    assert stated["measures"] == dated["measures"]
    assert (dated["before_on"], dated["on"]) == ("2025-11-04", "2025-11-05")


def test_the_folder_is_whole_and_small_cells_are_withheld(run: Runner, folder: Path, tmp_path: Path):
    """Five files; no cell about 1 to 10 people; the page has its maps and no patient."""
    out = tmp_path / "out"
    done = run("access", folder, "--on", "2025-11-05", "--close", "b", "--out", out)
    assert done.code == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(OUTPUTS)
    rows = pl.read_parquet(out / "access.parquet")
    assert rows.equals(pl.read_csv(out / "access.csv", schema=rows.schema))
    assert rows.filter(pl.col("people").is_between(1, 10)).is_empty()
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "The clinics" in page
    assert "Synthetic people" in page
    assert not re.search(r"\b[xyz]\d+\b", re.sub(r"<svg.*?</svg>", "", page, flags=re.S))
    again = run("access", folder, "--on", "2025-11-05", "--close", "b", "--out", out)
    assert again.code == 0
    assert json.loads((out / "access.json").read_text())["closed"] == ["b"]


def test_cells_of_few_people_are_empty_everywhere(run: Runner, tmp_path: Path):
    """Three people who speak another language are not told apart, on screen, in JSON or in files."""
    network = small()
    few = pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("am")).otherwise("language").alias("language")
    network = network.replace(patients=network.patients.with_columns(few))
    folder, out = written(network, tmp_path / "net"), tmp_path / "out"
    ask = ("access", folder, "--on", "2025-11-05", "--close", "b", "--by", "language", "--out", out)
    printed = run(*ask).out
    assert "am (fewer than 11)" in printed
    assert not re.search(r"am \(\d+\)", printed)
    for row in run(*ask, "--json").document["rows"]:
        if row["member"] == "am":
            assert (row["people"], row["before"], row["after"], row["suppressed"]) == (None, None, None, True)


def test_few_people_without_a_way_or_who_move_are_withheld(run: Runner, tmp_path: Path):
    """Ten people in z: neither that no way leads them anywhere nor their move is told, before or in JSON."""
    network = closed(small(travel=travel_rows(beyond=("z", "a"))), "b")
    people = network.patients.filter(~pl.col("patient_id").is_in(["z0", "z1"]))
    folder = written(network.replace(patients=people, travel=None), tmp_path / "net")
    network.travel.rows.write_csv(tmp_path / "minutes.csv")
    found = run("access", folder, "--travel", tmp_path / "minutes.csv", "--json").document
    assert found["spread"]["before"]["people_without_a_way"] == 0
    assert found["spread"]["after"]["people_without_a_way"] is None
    assert found["moved"] == []


def test_every_fault_of_the_options_is_told_at_once(run: Runner, folder: Path, tmp_path: Path):
    """Unknown groups, people, kinds, clinics, and files that are not there: one report, nothing written."""
    done = run(
        "access", folder, "--by", "payer", "--people", "all", "--kind", "clinic", "--close", "c",
        "--counties", tmp_path / "none.csv", "--policy", tmp_path / "none.toml", "--out", tmp_path / "out",
    )  # fmt: skip
    assert done.code == 1
    for told in ("'payer'", "'all'", "'clinic'", "'c'", "none.csv", "none.toml"):
        assert told in done.err
    assert "Did you mean" in done.err or "Known:" in done.err
    assert not (tmp_path / "out").exists()


def test_closing_every_clinic_is_told(run: Runner, folder: Path, tmp_path: Path):
    """With no clinic left there is no access to measure; the report says so and what to do."""
    done = run(
        "access", folder, "--on", "2025-11-05", "--close", "a", "--close", "b", "--out", tmp_path / "out"
    )
    assert done.code == 1
    assert "no clinic of kind primary open on 2025-11-05" in done.err
    assert not (tmp_path / "out").exists()


def test_areas_without_people_are_told(run: Runner, tmp_path: Path):
    """By population every area needs its people; each one without is named, 0 being a number."""
    network = small()
    network = network.replace(
        areas=network.areas.with_columns(population=pl.Series([None, 0, None], dtype=pl.Int64))
    )
    folder = written(network, tmp_path / "net")
    done = run("access", folder, "--on", "2025-11-05", "--people", "population", "--json")
    assert done.code == 1
    assert [fault["found"] for fault in done.document["faults"]] == ["nothing for 'x'", "nothing for 'z'"]
    assert run("access", folder, "--on", "2025-11-05").code == 0


def test_a_matrix_with_missing_pairs_is_told(run: Runner, folder: Path, tmp_path: Path):
    """Every place with a pair that is not known is named; nothing is written."""
    rows = pl.DataFrame({"area_id": ["x", "y", "z"], "clinic_id": ["a", "a", "b"], "minutes": [1, 2, 3]})
    rows.write_csv(tmp_path / "minutes.csv")
    ask = (
        "access",
        folder,
        "--on",
        "2025-11-05",
        "--travel",
        tmp_path / "minutes.csv",
        "--out",
        tmp_path / "out",
    )
    done = run(*ask, "--json")
    assert done.code == 1
    assert [fault["found"] for fault in done.document["faults"]] == [
        "nothing from area 'x' to 'b'", "nothing from area 'y' to 'b'", "nothing from area 'z' to 'a'",
    ]  # fmt: skip
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("county_fips,population,land_square_miles\n1,5,0\n1,x,3\n", ["0", "'x'", "each county once"]),
        ("county_fips,population\n1,5\n", ["no such column"]),
        ("county_fips,population,land_square_miles,water\n1,5,2,1\n", ["water"]),
        ("county_fips,population,land_square_miles\n1,,2\n", ["a value"]),
    ],
)
def test_a_wrong_file_of_counties_is_told(
    run: Runner, folder: Path, tmp_path: Path, text: str, told: list[str]
):
    """No land, no number, a county twice, columns that lack or that nobody knows: each is named."""
    (tmp_path / "counties.csv").write_text(text)
    done = run("access", folder, "--on", "2025-11-05", "--counties", tmp_path / "counties.csv")
    assert done.code == 1
    assert all(word in done.err for word in told), done.err


def test_counties_make_the_share_by_type(run: Runner, folder: Path, tmp_path: Path):
    """With people and land of both counties the share within each county's own standard is told."""
    (tmp_path / "counties.csv").write_text(
        "county_fips,population,land_square_miles\n1,60000,500\n2,4000,900\n"
    )
    ask = ("access", folder, "--on", "2025-11-05", "--close", "b", "--counties", tmp_path / "counties.csv")
    measures = {row["measure"]: row for row in run(*ask, "--json").document["measures"]}
    # metro 15/10 for x and y, CEAC 70/60 for z: all are within it, also after the closing
    assert (measures["within_adequacy"]["before"], measures["within_adequacy"]["after"]) == (1.0, 1.0)


def test_a_service_gives_the_journeys(run: Runner, folder: Path, tmp_path: Path):
    """An OSRM-shaped service is asked once for each place; its minutes count, and no way is no way."""

    def seconds(start: tuple[float, float], end: tuple[float, float]) -> float | None:
        return None if abs(start[0] - end[0]) > 0.2 else 90.0

    with serving(Fake(seconds=seconds)) as fake:
        ask = ("access", folder, "--on", "2025-11-05", "--close", "b", "--travel", fake.url)
        done = run(*ask, "--travel-cache", tmp_path / "cache", "--json")
    assert done.code == 0
    assert done.document["spread"]["after"]["people_without_a_way"] == 12
    row = next(row for row in done.document["measures"] if row["measure"] == "nearest_minutes")
    assert (row["people"], row["before"], row["after"]) == (24, 2, 2)


@pytest.mark.parametrize("trouble", [500, b"nonsense"])
def test_a_service_in_trouble_is_told(
    run: Runner, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: int | bytes
):
    """Answers of 500, or no table at all: a report with the address, nothing written, no trace."""
    monkeypatch.setattr(service, "TRIES", 1)
    with serving(Fake(before=[trouble] * 10)) as fake:
        done = run(
            "access", folder, "--on", "2025-11-05", "--travel", fake.url,
            "--travel-cache", tmp_path / "cache", "--out", tmp_path / "out",
        )  # fmt: skip
    assert done.code == 1
    assert fake.url.removeprefix("http://") in done.err
    assert not (tmp_path / "out").exists()


def test_an_output_that_is_not_ours_is_left_alone(run: Runner, folder: Path, tmp_path: Path):
    """A folder with something else in it is refused before any work, and stays as it was."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    done = run("access", folder, "--on", "2025-11-05", "--out", tmp_path / "out")
    assert done.code == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_wrong_date_is_wrong_usage(run: Runner, folder: Path):
    """A date that is none ends with 2, as in every command."""
    assert run("access", folder, "--on", "tomorrow").code == 2


def test_patients_without_a_home_are_counted_in_a_note(run: Runner, tmp_path: Path):
    """They are not on the map and in no mean; their number is told."""
    network = small()
    lost = pl.when(pl.int_range(pl.len()) < 4).then(None).otherwise("area_id").alias("area_id")
    folder = written(network.replace(patients=network.patients.with_columns(lost)), tmp_path / "net")
    found = run("access", folder, "--on", "2025-11-05", "--json").document
    assert found["counted"] == 32
    assert any(note["rows"] == 4 and "without a home" in note["text"] for note in found["notes"])


def test_the_tiny_example_can_be_measured(run: Runner, tiny_folder: Path):
    """Patients with places of their own and no areas: journeys and supply, and no map of areas."""
    network = read_network(tiny_folder)
    assert network.areas.is_empty()
    found = run("access", tiny_folder, "--on", str(date(2026, 3, 10)), "--close", "birch", "--json").document
    assert found["clinics"] == {"before": 2, "after": 1}
