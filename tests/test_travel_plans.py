"""Plans by a matrix or a service, from the command line: made, named, checked, and caught when altered."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from cli_run import Run, Runner
from osrm_fake import Fake, crow, serving
from tideover.readers import read_network
from verify_factory import seal

STRIKE = ("--on", "2026-03-10", "--working", "0.25", "--as-of", "2026-02-27", "--days", "0")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs a command in this process."""
    return Runner(capsys)


@pytest.fixture(scope="module")
def minutes(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A matrix of four patients in five: short journeys of all lengths; for some, no way leads to harbor."""
    net = read_network(tiny_folder)
    rows = [
        {"patient_id": patient, "clinic_id": clinic, "minutes": (7 * at + 19 * code) % 47 + 0.5}
        for at, patient in enumerate(net.patients["patient_id"])
        for code, clinic in enumerate(sorted(net.clinics["clinic_id"]))
        if at % 5
    ]
    gone = (pl.col("clinic_id") == "harbor") & (pl.col("minutes") > 20)
    frame = pl.DataFrame(rows).with_columns(
        pl.when(~gone).then("minutes").alias("minutes"), (~gone).alias("reachable")
    )
    path = tmp_path_factory.mktemp("matrix") / "minutes.csv"
    frame.write_csv(path)
    return path


@pytest.fixture(scope="module")
def made(tiny_folder: Path, minutes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan of the example by the matrix; not to be spoilt."""
    from tideover.cli import main

    out = tmp_path_factory.mktemp("made") / "plan"
    words = ["strike", str(tiny_folder), *STRIKE, "--travel", str(minutes), "--out", str(out), "--json"]
    assert main(words) == 0
    return out


@pytest.fixture
def plan(made: Path, tmp_path: Path) -> Path:
    """A copy of the plan that a test may spoil."""
    return Path(shutil.copytree(made, tmp_path / "plan"))


def said(plan: Path) -> dict:
    return json.loads((plan / "plan.json").read_text(encoding="utf-8"))


def test_a_plan_by_a_matrix_is_named_and_confirmed(run, made):
    """The source, what is unknown and what is unreachable are in plan.json and the report; verify agrees."""
    travel = said(made)["travel"]
    assert (travel["source"], travel["name"]) == ("file", "minutes.csv")
    assert travel["pairs"]["unreachable"] > 0
    assert travel["starts"]["nowhere"] > 0  # every fifth patient is not in it, nor is any clinic
    page = (made / "report.html").read_text(encoding="utf-8")
    assert "Journeys are those of minutes.csv" in page
    assert f"{travel['pairs']['unreachable']} unreachable" in page
    ran = run("verify", made)
    assert ran.code == 0, ran.out


def test_nobody_goes_where_no_way_leads(made):
    """Whoever is sent to another clinic has a row in the matrix, reachable and within the limit."""
    frame = pl.read_parquet(made / "decisions.parquet")
    sent = frame.filter(pl.col("option").is_in(["another_clinic", "urgent_care"]))
    rows = pl.read_parquet(made / "travel.parquet").rename({"minutes": "journey"})
    found = sent.join(rows, left_on=["patient_id", "new_clinic_id"], right_on=["patient_id", "clinic_id"])
    assert found.height == sent.height > 0
    assert found["reachable"].all()
    assert found["journey"].max() <= 40


def test_the_first_page_says_it(run, tiny_folder, minutes, tmp_path):
    """The terminal says in a sentence where journeys come from and how many are not known."""
    words = ("strike", tiny_folder, *STRIKE, "--out", tmp_path / "p")
    assert "Journeys are straight-line distances times 1.3 at 45 km/h" in run(*words).out
    assert not (tmp_path / "p" / "travel.parquet").exists()
    told = " ".join(run(*words, "--travel", minutes).out.split())
    assert "Journeys are those of minutes.csv; of" in told
    assert "unreachable" in told
    assert (tmp_path / "p" / "travel.parquet").exists()


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("change", ["minutes", "unknown", "unreachable", "left out"])
def test_one_cell_of_the_matrix(run, plan, minutes, change, sealed):
    """A cell on which a decision hangs is caught, by its hash, and with a new hash by points or counts."""
    frame = pl.read_parquet(plan / "decisions.parquet")
    moved = frame.filter(pl.col("added_travel") > 0).row(0, named=True)
    here = (pl.col("patient_id") == moved["patient_id"]) & (pl.col("clinic_id") == moved["new_clinic_id"])
    rows = pl.read_parquet(plan / "travel.parquet")
    longer = pl.when(here).then(pl.col("minutes") + 1).otherwise("minutes").alias("minutes")
    gone = pl.when(~here).then("minutes").alias("minutes")
    spoiled = {
        "minutes": rows.with_columns(longer),
        "unknown": rows.with_columns(gone),
        "unreachable": rows.with_columns(gone, (pl.col("reachable") & ~here).alias("reachable")),
        "left out": rows.filter(~here),
    }[change]
    assert not spoiled.equals(rows)
    spoiled.write_parquet(plan / "travel.parquet")
    if sealed:
        seal(plan)
    ran = run("verify", plan, "--json")
    assert ran.code == 1
    told = "\n".join(ran.document["plans"][0]["differences"])
    if not sealed:
        assert "travel.parquet, SHA-256" in told
    if change == "minutes":
        assert f"visit {moved['visit_id']}, added_travel" in told
    else:
        assert "R6 in_reach" in told
        assert "travel.pairs.known" in told


def test_a_cell_that_no_decision_hangs_on(run, plan, minutes):
    """An altered cell that changes no sum is caught by whoever names a matrix of their own."""
    rows = pl.read_parquet(plan / "travel.parquet")
    booked = pl.read_parquet(plan / "decisions.parquet").select("patient_id", "clinic_id")
    beyond = rows.with_row_index("at").filter(pl.col("minutes") > 41)  # past the limit: nobody goes there
    at = beyond.join(booked, on=["patient_id", "clinic_id"], how="anti")["at"][0]
    here = pl.int_range(pl.len()) == at
    rows.with_columns(pl.when(here).then(500).otherwise("minutes").alias("minutes")).write_parquet(
        plan / "travel.parquet"
    )
    seal(plan)
    ran = run("verify", plan, "--travel", minutes, "--json")
    assert ran.code == 1
    (told,) = ran.document["plans"][0]["differences"]
    assert "found 500 minutes; expected" in told
    assert "as in minutes.csv" in told


def test_a_matrix_of_ones_own_confirms(run, made, minutes, tmp_path):
    """The matrix that the plan was made by confirms it; another, or one that is none, does not."""
    assert run("verify", made, "--travel", minutes).code == 0
    (tmp_path / "m.csv").write_text("patient_id,clinic_id,minutes\np005,birch,1\n")
    ran = run("verify", made, "--travel", tmp_path / "m.csv")
    assert ran.code == 1
    assert "m.csv" in ran.out
    ran = run("verify", made, "--travel", tmp_path / "nothing.csv")
    assert ran.code == 1
    assert "nothing.csv" in ran.out


@pytest.mark.parametrize(
    ("key", "value"),
    [("source", "distance"), ("source", "hearsay"), ("booked_unreachable", 10**6), ("starts", "home"),
     ("starts", "nowhere"), ("pairs", "unknown"), ("pairs", "unreachable")],
)  # fmt: skip
def test_what_is_said_of_journeys(run, plan, key, value):
    """A wrong source or a wrong count is caught by its name."""
    facts = said(plan)
    if key in ("starts", "pairs"):
        facts["travel"][key][value] += 1
    else:
        facts["travel"][key] = value
    (plan / "plan.json").write_text(json.dumps(facts), encoding="utf-8")
    ran = run("verify", plan, "--json")
    assert ran.code == 1
    assert "travel" in "\n".join(ran.document["plans"][0]["differences"])


BROKEN = {
    "two starts": lambda rows: rows.with_columns(area_id=pl.lit("Z")),
    "no start": lambda rows: rows.with_columns(patient_id=pl.lit(None, pl.String)),
    "half a place": lambda rows: rows.with_columns(patient_id=pl.lit(None, pl.String), lat=pl.lit(45.0)),
    "twice": lambda rows: pl.concat([rows, rows.head(1)]),
    "below nought": lambda rows: rows.with_columns(minutes=pl.lit(-2, pl.Int64), reachable=True),
    "minutes where no way leads": lambda rows: rows.with_columns(
        minutes=pl.lit(3, pl.Int64), reachable=False
    ),
    "elsewhere": lambda rows: rows.with_columns(clinic_id=pl.lit("nowhere")),
    "a column less": lambda rows: rows.drop("reachable"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_matrix_in_the_plan_that_cannot_be(run, plan, how):
    """Whatever stands in travel.parquet, verify says no, and why."""
    BROKEN[how](pl.read_parquet(plan / "travel.parquet")).write_parquet(plan / "travel.parquet")
    seal(plan)
    ran = run("verify", plan, "--json")
    assert ran.code == 1
    assert any("travel.parquet" in line for line in ran.document["plans"][0]["differences"])


def test_a_service_gives_the_plan_that_its_matrix_gives(run, tiny_folder, tmp_path):
    """Asked by strike itself, or first written by travel: one plan; a second run asks nothing."""
    with serving(Fake(seconds=crow)) as fake:
        cache = ("--travel-cache", tmp_path / "cache")
        by_url = ("strike", tiny_folder, *STRIKE, "--travel", fake.url, *cache)
        assert run(*by_url, "--out", tmp_path / "one").code == 0
        few = len(fake.places)
        fake.questions.clear()
        assert run(*by_url, "--out", tmp_path / "two").code == 0
        assert fake.questions == []
        out = tmp_path / "all.csv"
        ran = run(
            "travel", tiny_folder, "--osrm", fake.url, "--out", out, "--table-size", "50", *cache, "--json"
        )
        assert ran.code == 0
        assert few < len(set(fake.places)) == len(fake.places) == 420 + 3
        assert not any("p0" in question for question in fake.questions)
    written = pl.read_csv(out)
    assert written.columns == ["lat", "lon", "clinic_id", "minutes", "reachable"]
    assert ran.document["known"] == written.height
    words = ("strike", tiny_folder, *STRIKE, "--travel", out, "--out", tmp_path / "three")
    assert run(*words).code == 0
    plans = [tmp_path / name for name in ("one", "two", "three")]
    frames = [pl.read_parquet(plan / "decisions.parquet") for plan in plans]
    assert frames[0].equals(frames[1])
    assert frames[0].equals(frames[2])
    matrices = [pl.read_parquet(plan / "travel.parquet") for plan in plans]
    assert matrices[0].equals(matrices[1])
    assert matrices[0].equals(matrices[2])
    assert said(plans[0])["travel"]["name"] == f"{fake.url}/table/v1/driving"
    assert any("were sent to" in note["text"] for note in said(plans[0])["notes"])
    for each in plans:  # the service is gone
        assert run("verify", each).code == 0
    assert run("verify", plans[0], "--travel", out).code == 0


def fails(ran: Run, *absent: Path) -> str:
    """Check that a run failed with words and wrote nothing; return the words."""
    assert ran.code == 1
    assert not any(path.exists() for path in absent)
    return ran.out + ran.err


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("nowhere.csv", "nowhere.csv"),
        (".", "expected a matrix"),
        ("ftp://here/x", "--travel"),
        ("http://me:secret@here/", "--travel"),
        ("http://here/?token=secret", "--travel"),
        ("http://127.0.0.1:9/", "no answer in 5 tries"),
    ],
)
def test_journeys_that_cannot_be_had(run, tiny_folder, tmp_path, monkeypatch, text, telling):
    """A file or an address that is none is reported, secrets are not said again, and no plan is left."""
    monkeypatch.setattr("tideover.travel.service.FIRST_WAIT", 0.0)
    out, cache = tmp_path / "p", tmp_path / "c"
    ran = run("strike", tiny_folder, *STRIKE, "--travel", text, "--travel-cache", cache, "--out", out)
    told = fails(ran, out)
    assert telling in told
    assert "secret" not in told


def test_a_wrong_matrix_is_told_with_all_other_faults(run, tiny_folder, tmp_path):
    """The faults of the matrix stand in one report with those of the other options."""
    (tmp_path / "m.csv").write_text("patient_id,clinic_id,minutes\np1,birch,soon\n")
    words = ("--on", "2026-03-10", "--working", "1.5", "--travel", tmp_path / "m.csv")
    told = fails(run("strike", tiny_folder, *words, "--out", tmp_path / "p"), tmp_path / "p")
    assert "m.csv, row 2, column minutes" in told
    assert "--working" in told


@pytest.mark.parametrize(
    ("changed", "telling"),
    [
        ({"--osrm": "here"}, "--osrm"),
        ({"--table-size": "1"}, "--table-size"),
        ({"--out": "m.txt"}, "ends in .csv or .parquet"),
        ({"--out": "others.csv"}, "is no matrix of journeys"),
        ({"--out": "folder.csv"}, "is no matrix of journeys"),
        ({"--out": "others.csv/m.csv"}, "cannot be written"),
        ({"--travel-cache": "others.csv"}, "--travel-cache"),
        ({"network": "nowhere"}, "nowhere"),
    ],
)
def test_a_matrix_that_cannot_be_written(run, tiny_folder, tmp_path, changed, telling):
    """Each wrong option of travel is named before anything is asked; files of others stay as they are."""
    (tmp_path / "others.csv").write_text("a,b\n1,2\n")
    (tmp_path / "folder.csv").mkdir()
    with serving(Fake()) as fake:
        stated = {
            "--osrm": fake.url,
            "--out": "m.csv",
            "--travel-cache": "cache",
            "network": tiny_folder,
        } | changed
        network = stated.pop("network")
        for name in ("--out", "--travel-cache"):
            stated[name] = tmp_path / stated[name]
        ran = run("travel", network, *(word for pair in stated.items() for word in pair))
        assert telling in fails(ran, tmp_path / "m.csv", tmp_path / "m.txt")
        assert fake.places == []
    assert (tmp_path / "others.csv").read_text() == "a,b\n1,2\n"


def test_a_service_that_breaks_off_leaves_no_matrix(run, tiny_folder, tmp_path, monkeypatch):
    """If the service fails halfway, the old file stays; what was answered is kept for the next try."""
    monkeypatch.setattr("tideover.travel.service.FIRST_WAIT", 0.0)
    out, cache = tmp_path / "m.csv", tmp_path / "c"
    out.write_text("area_id,clinic_id,minutes\nZ,birch,3\n")
    with serving(Fake()) as fake:
        words = ("travel", tiny_folder, "--osrm", fake.url, "--out", out, "--travel-cache", cache)
        plain, count = fake.table, []

        def table(path: str):
            count.append(path)
            return (503, {}) if len(count) > 2 else plain(path)

        fake.table = table
        assert "no answer in 5 tries, the last time: HTTP 503" in fails(run(*words))
        assert out.read_text().startswith("area_id")
        fake.table = plain
        fake.questions.clear()
        assert run(*words).code == 0
        assert 0 < len(fake.questions) <= 5 - 2
    assert out.read_text().startswith("lat,lon,clinic_id")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_plan_that_follows_states_its_journeys(run, tiny_folder, made, minutes, tmp_path):
    """Whoever re-plans without the matrix of the plan before is told, and nothing is written."""
    by = ("--as-of", said(made)["as_of"], "--days", 0)
    again = ("strike", tiny_folder, "--previous", made, "--out", tmp_path / "next", *by)
    refused = run(*again)
    assert refused.code == 1
    assert " --travel" in refused.err
    assert "minutes.csv" in refused.err
    assert not (tmp_path / "next").exists()
    assert run(*again, "--travel", minutes).code == 0
    assert said(tmp_path / "next")["travel"]["name"] == "minutes.csv"
    by_distance = run(*again[:4], "--out", tmp_path / "far", *by, "--travel", "distance")
    assert by_distance.code == 0, by_distance.err
    assert said(tmp_path / "far")["travel"]["source"] == "distance"
