"""The command close: what it writes, what it refuses, and that verify sees whatever is changed in it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from cli_run import Runner
from panels_factory import drawn, network, patient, post, site
from tideover.nouns import Network
from tideover.readers import write_network
from tideover.reports.closing import TABLES
from tideover.verify import verify

FILES = {*TABLES, "plan.json", "report.html"}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


def small() -> Network:
    """Four clinics on a line, two posts each, an opening at the last; forty people in households."""
    sites = [site(f"c{n}", -93.0 - n / 20, openings=1 if n == 3 else None) for n in range(4)]
    posts = [
        post(f"k{n}", f"c{n // 2}", 12, 16, max_age=18 if n == 3 else None, languages=["en"])
        for n in range(8)
    ]
    people = [
        patient(f"p{n:02}", f"k{n % 8}", -93.0 - (n % 5) / 50, household_id=f"h{n // 3}",
                birth_year=2015 if n % 3 == 2 else 1980, language="so" if n % 7 == 0 else "en")
        for n in range(40)
    ]  # fmt: skip
    return network(sites, posts, people)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small network, written."""
    place = tmp_path_factory.mktemp("network") / "net"
    write_network(small(), place)
    return place


@pytest.fixture(scope="module")
def plan(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of closing its first clinic."""
    from tideover.cli import main

    out = tmp_path_factory.mktemp("plans") / "plan"
    assert (
        main(["close", str(folder), "--clinic", "c0", "--on", "2025-11-03", "--out", str(out), "--json"]) == 0
    )
    return out


def test_verify_says_what_of_a_closing_is_not_checked(run, plan):
    """Below a confirmed closing stand the limits of a closing, none of a strike's scorecard or calls."""
    shown = " ".join(run("verify", plan).out.split())
    assert "confirmed" in shown
    assert "Not checked: visits a day, hours and assistants of the loads" in shown
    assert "scorecard" not in shown


def test_it_writes_a_plan_that_is_confirmed(run, folder, tmp_path):
    """All files are there, for their owner alone but for the page; verify agrees with the figures."""
    out = tmp_path / "plan"
    done = run("close", folder, "--clinic", "c0", "--on", "2025-11-03", "--out", out, "--json")
    assert done.code == 0
    assert {path.name for path in out.iterdir()} == FILES
    assert all(path.stat().st_mode & 0o077 == 0 for path in out.iterdir() if path.name != "report.html")
    found = done.document
    assert {"patients", "households", "placed", "unplaced", "cost", "bound", "gap", "out"} <= found.keys()
    assert found["patients"] == found["placed"] + found["unplaced"] == 10
    assert run("verify", out).code == 0
    page = (out / "report.html").read_text()
    assert not any(f"p{n:02}" in page for n in range(40))


def test_the_words_say_who_goes_where(run, folder, tmp_path):
    """A planner reads how many need a place, what it costs, what is proved, and where it was written."""
    done = run("close", folder, "--clinic", "c0", "--on", "2025-11-03", "--out", tmp_path / "plan")
    assert done.code == 0
    assert "Of 10 patients who need a new place, all have one" in " ".join(done.out.split())
    assert "moves to c3" in done.out
    assert "could be saved" in " ".join(done.out.split())
    assert f"tideover verify {tmp_path / 'plan'}" in done.out


def test_phased_dates_are_one_for_each_clinic(run, folder, tmp_path):
    """Two clinics with a date each: letters have each patient's own date."""
    out = tmp_path / "plan"
    words = ["--clinic", "c0", "--clinic", "c1", "--on", "2025-11-03", "--on", "2026-02-01"]
    assert run("close", folder, *words, "--out", out, "--json").code == 0
    letters = pl.read_parquet(out / "letters.parquet")
    assert set(letters["old_clinic_id"]) == {"c0", "c1"}
    assert set(letters["new_clinic_id"]) <= {"c2", "c3"}
    assert letters.group_by("old_clinic_id").agg(pl.col("on").n_unique())["on"].to_list() == [1, 1]
    assert run("verify", out).code == 0


@pytest.mark.parametrize(
    ("words", "option", "said"),
    [
        (["--clinic", "c9", "--on", "2025-11-03"], "--clinic", "'c9'"),
        (["--clinic", "c0", "--clinic", "c0", "--on", "2025-11-03"], "--clinic", "2 times"),
        (["--clinic", "c0", "--on", "2025-11-03", "--on", "2025-11-04"], "--on", "2 dates"),
        (["--on", "2025-11-03"], "--clinic", "a date without a clinic"),
        (["--clinic", "c0"], "--on", "0 dates"),
        ([], "--clinic", "no closing"),
        ([*(w for n in range(4) for w in ("--clinic", f"c{n}")), "--on", "2025-11-03"], "--clinic",
         "every clinic"),
    ],
)  # fmt: skip
def test_wrong_words_are_reported_and_nothing_is_written(run, folder, tmp_path, words, option, said):
    """Unknown, twice, too many dates, none, all of them: one report each, exit 1, no folder."""
    done = run("close", folder, *words, "--out", tmp_path / "plan", "--json")
    assert done.code == 1
    faults = done.document["faults"]
    assert any(fault["column"] == option and said in fault["found"] for fault in faults)
    assert all(fault["remedy"] for fault in faults)
    assert not list(tmp_path.iterdir())


def test_an_unknown_clinic_named_twice_is_told_as_both(run, folder, tmp_path):
    """A clinic that is not there, twice: that it is twice, and that it is unknown, in one report."""
    words = ("--clinic", "zz", "--clinic", "zz", "--on", "2025-11-03", "--out", tmp_path / "plan", "--json")
    found = [fault["found"] for fault in run("close", folder, *words).document["faults"]]
    assert "'zz' 2 times" in found
    assert any("zz" in text and "2 times" not in text for text in found)
    assert not list(tmp_path.iterdir())


def test_what_is_no_date_is_wrong_usage(run, folder, tmp_path):
    """A date with a time of day, and a word, end with 2."""
    for text in ("2025-11-03T09:00", "soon"):
        assert run("close", folder, "--clinic", "c0", "--on", text, "--out", tmp_path / "plan").code == 2


def test_all_faults_come_together(run, folder, tmp_path):
    """A wrong clinic, a wrong policy and a wrong file of changes are one report."""
    (tmp_path / "policy.toml").write_text("transfer_limit_minutes = -1\n")
    (tmp_path / "changes.toml").write_text('[[change]]\nkind = "departure"\nclinicians = ["k0"]\n')
    done = run("close", folder, "--clinic", "c9", "--on", "2025-11-03", "--policy", tmp_path / "policy.toml",
               "--changes", tmp_path / "changes.toml", "--out", tmp_path / "plan", "--json")  # fmt: skip
    assert done.code == 1
    files = {fault["file"] for fault in done.document["faults"]}
    assert {"policy.toml", "changes.toml"} <= files


def test_want_of_room_is_a_result_that_says_what_would_suffice(run, tmp_path):
    """Forty people and hardly room: exit 0, how many have no place, and where how many places are wanting."""
    posts = [post("k0", "c0", 30), post("k1", "c1", 1)]
    people = [patient(f"p{n:02}", "k0", -93.0) for n in range(5)]
    write_network(network([site("c0", -93.0), site("c1", -93.05)], posts, people), tmp_path / "net")
    out = tmp_path / "plan"
    done = run("close", tmp_path / "net", "--clinic", "c0", "--on", "2025-11-03", "--out", out)
    assert done.code == 0
    said = " ".join(done.out.split())
    assert "4 people have no place for want of room" in said
    assert "4 at c1" in said
    assert run("verify", out).code == 0


def test_a_matrix_with_missing_pairs_is_followed_and_told(run, folder, tmp_path):
    """Who has a pair goes by it, who has none has no place; the plan carries the pairs that it used."""
    rows = [{"patient_id": f"p{n:02}", "clinic_id": "c2", "minutes": 20} for n in range(40) if n != 8]
    pl.DataFrame(rows).write_csv(tmp_path / "travel.csv")
    out = tmp_path / "plan"
    words = ["--clinic", "c0", "--on", "2025-11-03", "--travel", tmp_path / "travel.csv"]
    done = run("close", folder, *words, "--out", out)
    assert done.code == 0
    assert "Of 1 person no journey" in " ".join(done.out.split())
    went = dict(pl.read_parquet(out / "transfers.parquet").select("patient_id", "new_clinic_id").iter_rows())
    assert went["p08"] is None
    assert went["p00"] == "c2"
    assert pl.read_parquet(out / "travel.parquet").height < 40
    assert run("verify", out).code == 0
    assert run("verify", out, "--travel", tmp_path / "travel.csv").code == 0
    pl.DataFrame(rows).with_columns(minutes=pl.lit(9)).write_csv(tmp_path / "other.csv")
    assert run("verify", out, "--travel", tmp_path / "other.csv").code == 1
    no_file = run("close", folder, *words[:5], tmp_path / "none.csv", "--out", tmp_path / "more", "--json")
    assert no_file.code == 1


def test_booked_visits_are_planned_in_a_folder_of_their_own(run, tmp_path, tiny_folder):
    """With --visits the visits booked at the closed clinic move, and both plans are confirmed."""
    clinics = pl.read_csv(tiny_folder / "clinics.csv").filter(pl.col("kind") == "primary")["clinic_id"].sort()
    days = pl.read_csv(tiny_folder / "visits.csv", try_parse_dates=True)["start"].cast(pl.Datetime).dt.date()
    on = days.unique().sort()[days.n_unique() // 2]
    out = tmp_path / "plan"
    done = run("close", tiny_folder, "--clinic", clinics[0], "--on", on, "--out", out, "--visits", "--json")
    assert done.code == 0, done.out + done.err
    decisions = pl.read_parquet(out / "visits" / "decisions.parquet")
    gone = decisions.filter((pl.col("clinic_id") == clinics[0]) & (pl.col("start").dt.date() >= on))
    assert gone.height > 0
    assert gone["affected"].all()
    new = decisions.filter(pl.col("new_clinic_id") == clinics[0])
    assert new.filter(pl.col("new_start").dt.date() >= on).is_empty()
    checked = run("verify", out, "--json")
    assert checked.code == 0, checked.out
    assert {one["kind"] for one in checked.document["plans"]} == {"closure", "strike"}


def changed(plan: Path, place: Path, *, table: str = "", frame=None, **facts) -> Path:
    """Return a copy of the plan with a table or facts exchanged, its hashes put right."""
    shutil.copytree(plan, place)
    stated = json.loads((place / "plan.json").read_text())
    if frame is not None:
        path = place / table
        frame(pl.read_parquet(path)).write_parquet(path)
        stated["files"][table] = hashlib.sha256(path.read_bytes()).hexdigest()
    (place / "plan.json").write_text(json.dumps(stated | facts))
    return place


def first(column: str, value):
    """Return a change of the first row's cell."""
    return lambda rows: rows.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value)).otherwise(column).alias(column)
    )


@pytest.mark.parametrize(
    ("table", "frame"),
    [
        ("transfers.parquet", first("new_clinician_id", "k7")),
        ("transfers.parquet", first("added_travel", 0)),
        ("transfers.parquet", first("continuity_broken", 1)),
        ("transfers.parquet", first("language_not_shared", 7)),
        ("transfers.parquet", first("beyond_standard", 3)),
        ("transfers.parquet", first("minutes_after", 1)),
        ("transfers.parquet", first("size_tenths", 9)),
        ("transfers.parquet", first("household_id", "h99")),
        ("transfers.parquet", lambda rows: rows.head(rows.height - 1)),
        ("letters.parquet", first("new_clinic_id", "c0")),
        ("letters.parquet", lambda rows: rows.head(3)),
        ("load.parquet", lambda rows: rows.with_columns(pl.col("panel_after") + 1)),
        ("duals.parquet", lambda rows: rows.vstack(
            pl.DataFrame([(0, 1, "k1", -4)], schema=rows.schema, orient="row"))),
        ("duals.parquet", lambda rows: rows.vstack(
            pl.DataFrame([(0, 1, "nobody", 4)], schema=rows.schema, orient="row"))),
        ("duals.parquet", lambda rows: rows.with_columns(pl.col("price") + 900)
         if rows.height else pl.DataFrame(
            [(0, 1, name, 900) for name in ("k1", "k2", "k3")], schema=rows.schema, orient="row")),
    ],
)  # fmt: skip
def test_verify_catches_a_changed_table(plan, tmp_path, table, frame):
    """Each cell that says something, changed with its hash put right, is a difference."""
    assert verify(plan)[0].ok
    verdict = verify(changed(plan, tmp_path / "plan", table=table, frame=frame))[0]
    assert not verdict.ok
    assert verdict.differences


@pytest.mark.parametrize(
    "key", ["cost", "bound", "gap", "chosen", "all_choices", "choices", "counts", "terms"]
)
def test_verify_catches_a_changed_fact(plan, tmp_path, key):
    """Each stated figure, changed, is a difference."""
    facts = json.loads((plan / "plan.json").read_text())
    value = facts[key]
    other = {
        bool: lambda: not value, int: lambda: value + 1, float: lambda: value + 0.01,
        list: lambda: value[:-1],
        dict: lambda: {name: number + 1 for name, number in value.items()},
    }[type(value)]()  # fmt: skip
    assert not verify(changed(plan, tmp_path / "plan", **{key: other}))[0].ok


def test_verify_catches_a_changed_hash_and_a_broken_file(plan, tmp_path):
    """A byte more in the page, or a table that is none, is a difference and never an exception."""
    place = changed(plan, tmp_path / "one")
    (place / "report.html").write_text("x")
    assert not verify(place)[0].ok
    place = changed(plan, tmp_path / "two")
    (place / "transfers.parquet").write_bytes(b"no")
    assert not verify(place)[0].ok
    place = changed(plan, tmp_path / "three", levels=[])
    assert not verify(place)[0].ok


def test_drawn_networks_are_confirmed(tmp_path, run):
    """Closings of small random networks, one or two clinics, with and without a departure, are confirmed."""
    for seed in range(6):
        write_network(drawn(seed), tmp_path / f"n{seed}")
        (tmp_path / f"{seed}.toml").write_text(
            '[[change]]\nkind = "departure"\nclinicians = ["k01"]\non = "2025-11-10"\n'
            '[[change]]\nkind = "receiving_capacity"\nclinics = ["c3"]\nfte = 1.5\nopenings = 1\n'
            "longer_hours = 0.1\n"
        )
        words = ["--clinic", "c0", "--on", "2025-11-03", "--changes", tmp_path / f"{seed}.toml"]
        done = run("close", tmp_path / f"n{seed}", *words, "--out", tmp_path / f"p{seed}", "--json")
        assert done.code == 0, done.out + done.err
        verdict = verify(tmp_path / f"p{seed}")[0]
        assert verdict.ok, verdict.differences
