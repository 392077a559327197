"""The commands that try days: what they print and write, and what they answer to nonsense."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from cli_run import Runner
from tideover.cli import main

PLAN = ("--on", "2026-03-11", "--working", "0.15..0.25..0.4", "--as-of", "2026-03-04")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs a command in this process."""
    return Runner(capsys)


@pytest.fixture(scope="module")
def planned(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan of the tiny example with 200 tried days."""
    out = tmp_path_factory.mktemp("days") / "plan"
    assert main(["strike", str(tiny_folder), *PLAN, "--days", "200", "--out", str(out), "--json"]) == 0
    return out


def test_strike_tries_days_and_draws_them(planned):
    """The facts hold what 200 days say, and the report has the section with both pictures."""
    facts = json.loads((planned / "plan.json").read_text(encoding="utf-8"))
    assert facts["days"]["chances"]["days"] == 200
    assert sum(row["days"] for row in facts["days"]["dates"][0]["urgent_lost"]) == 200
    page = (planned / "report.html").read_text(encoding="utf-8")
    assert "How the day may go" in page
    assert "Urgent visits not seen on a day" in page
    assert "The night before, if few, middling or many posts are worked" in page
    assert "no-shows. Nobody stated walk-ins: they are left out." in page


def test_without_days_there_is_no_section(run, tiny_folder, tmp_path):
    """``--days 0`` tries none: the facts say null, the page and the terminal nothing."""
    shown = run("strike", tiny_folder, *PLAN, "--days", "0", "--out", tmp_path / "p")
    assert shown.code == 0
    assert "How the day may go" not in shown.out + (tmp_path / "p" / "report.html").read_text(
        encoding="utf-8"
    )
    assert json.loads((tmp_path / "p" / "plan.json").read_text(encoding="utf-8"))["days"] is None


def test_days_gives_the_days_of_the_plan_again(run, planned):
    """The same number, seed and chances give the very figures that strike wrote; nothing is written."""
    before = sorted(planned.parent.iterdir())
    found = run("days", planned, "--days", "200", "--json").document
    facts = json.loads((planned / "plan.json").read_text(encoding="utf-8"))
    assert found.pop("out") is None
    assert found.pop("reading")["id"] == "literature"
    assert found == facts["days"]
    assert sorted(planned.parent.iterdir()) == before


def test_days_writes_a_folder_that_holds_together(run, planned, tmp_path):
    """The rows, the figures and the page come whole; a second run replaces them by the same bytes."""
    out = tmp_path / "days"
    words = ("days", planned, "--days", "50", "--no-shows", "0.1", "--walk-ins", "8", "--out", out)
    shown = run(*words)
    assert shown.code == 0
    assert "10% no-shows" in shown.out
    assert "Synthetic" in shown.out
    found = json.loads((out / "days.json").read_text(encoding="utf-8"))
    rows = pl.read_parquet(out / "days.parquet")
    assert rows.height == 50
    assert found["dates"][0]["measures"]["urgent_lost"]["days"] == (rows["urgent_lost"] > 0).sum()
    assert "walk-ins, counted as urgency 2" in (out / "days.html").read_text(encoding="utf-8")
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    assert run(*words).code == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first


def test_the_page_names_no_visit_and_no_patient(run, planned, tmp_path):
    """What may go round holds no identifier of the book."""
    assert run("days", planned, "--days", "20", "--out", tmp_path / "d").code == 0
    page = (tmp_path / "d" / "days.html").read_text(encoding="utf-8")
    book = pl.read_parquet(planned / "decisions.parquet")
    assert not any(name in page for name in [*book["visit_id"], *book["patient_id"].drop_nulls()])


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (["--days", "0"], "--days"),
        (["--days", "100001"], "--days"),
        (["--no-shows", "1.1"], "--no-shows"),
        (["--no-shows", "nan"], "--no-shows"),
        (["--walk-ins", "-1"], "--walk-ins"),
        (["--walk-ins", "inf"], "--walk-ins"),
        (["--seed", "-1"], "--seed"),
        (["--seed", str(2**63)], "--seed"),
        (["--workers", "0"], "--workers"),
        (["--workers", "1000"], "--workers"),
        (["--network", "nowhere"], "nowhere"),
    ],
)
def test_a_wrong_option_is_named(run, planned, tmp_path, options, place):
    """A figure out of its bounds is reported under its option, and nothing is written."""
    found = run("days", planned, *options, "--out", tmp_path / "d")
    assert (found.code, found.out) == (1, "")
    assert place in found.err
    assert not (tmp_path / "d").exists()
    document = run("days", planned, *options, "--json").document
    assert document["ok"] is False
    assert any(place in str(fault) for fault in document["faults"])


def test_all_faults_come_at_once(run, tmp_path):
    """Two wrong figures, too many processes and no plan are one report."""
    found = run("days", tmp_path / "none", "--no-shows", "2", "--seed", "-3", "--workers", "0", "--json")
    assert len(found.document["faults"]) == 4


@pytest.mark.parametrize("word", ["many", "1.5", ""])
def test_what_is_no_number_is_wrong_usage(run, planned, word):
    """Words that are no whole number end with 2."""
    assert run("days", planned, "--days", word).code == 2


@pytest.mark.parametrize("days", ["-1", "100001"])
def test_strike_refuses_days_out_of_bounds_before_the_work(run, tiny_folder, tmp_path, days):
    """The option is named, and nothing is written."""
    found = run("strike", tiny_folder, *PLAN, "--days", days, "--out", tmp_path / "p")
    assert found.code == 1
    assert "--days" in found.err
    assert not (tmp_path / "p").exists()


def test_a_plan_that_was_altered_is_not_tried(run, planned, tmp_path):
    """What verify does not confirm is no ground for any figure."""
    shutil.copytree(planned, tmp_path / "plan")
    frame = pl.read_parquet(tmp_path / "plan" / "decisions.parquet")
    frame.with_columns(urgency=pl.lit(1, pl.Int64)).write_parquet(tmp_path / "plan" / "decisions.parquet")
    found = run("days", tmp_path / "plan", "--out", tmp_path / "d")
    assert found.code == 1
    assert "decisions.parquet, SHA-256" in found.err
    assert not (tmp_path / "d").exists()


def test_an_output_folder_of_somebody_else_is_left_alone(run, planned, tmp_path):
    """Neither the plan's own folder nor one with other files is written into."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    for folder in (tmp_path / "mine", planned):
        assert run("days", planned, "--days", "20", "--out", folder).code == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    assert run("verify", planned).code == 0


@pytest.mark.parametrize(
    ("stated", "code", "said"),
    [
        ("0.15..0.4", 1, "most likely"),
        ("0.4..0.2..0.5", 1, "lowest share first"),
        ("0.1..0.2..1.5", 1, "--working"),
        ("..", 1, "--working"),
        ("a quarter", 2, "--working"),
        ("", 2, "--working"),
    ],
)
def test_a_wrong_range_of_the_share_is_answered(run, tiny_folder, tmp_path, stated, code, said):
    """Each wrong way to state the working share is answered under the option, and nothing is written."""
    words = ("strike", tiny_folder, "--on", "2026-03-11", "--working", stated, "--out", tmp_path / "p")
    found = run(*words)
    assert found.code == code
    assert said in found.err
    assert not (tmp_path / "p").exists()
