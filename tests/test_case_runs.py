"""A case that was run: its folder, its plans, its pages, and what turns on whom one believes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from case_factory import small_case
from cli_run import Runner
from tideover.cases import Turning, read_case, run_case, turning_of
from tideover.cases.run_case import CaseResult
from tideover.claims import read_reading
from tideover.cli import main
from tideover.verify import verify

BANNER = "Synthetic people, clinics, rosters, books and pay. Says nothing about any real organisation."


def quiet(text: str) -> None:
    """Report nothing."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small case, run with all readings in one process."""
    base = tmp_path_factory.mktemp("case")
    out = base / "out"
    path = small_case(base)
    assert main(["run", str(path), "--out", str(out), "--all-readings", "--workers", "1"]) == 0
    return out


@pytest.fixture(scope="module")
def facts(folder: Path) -> dict[str, Any]:
    """What run.json of the small case holds."""
    return dict(json.loads((folder / "run.json").read_text(encoding="utf-8")))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


def ran(folder: Path, path: Path, reading: str) -> CaseResult:
    """Run a case file under a reading, its network in ``folder``."""
    case = read_case(str(path))
    return run_case(case, read_reading(reading, case.ledger), folder, str(folder / "network"), quiet)


def test_the_folder_holds_pages_network_and_plans(folder: Path, facts: dict[str, Any]):
    """One folder: index, ledger, run.json, the network, a plan for each scenario; every file is hashed."""
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {"index.html", "ledger.html", "run.json", "strike/plan.json", "strike/report.html"} <= names
    assert names - {"run.json"} == set(facts["files"])
    assert (folder / "strike" / "calls.csv").stat().st_mode & 0o077 == 0


def test_verify_covers_every_plan_of_the_folder(folder: Path):
    """Each plan is found below the folder and confirmed; a changed network is noticed."""
    (verdict,) = verify(folder)
    assert verdict.ok, verdict.differences
    network = folder / "network" / "datapackage.json"
    text = network.read_bytes()
    network.write_bytes(text.replace(b"(made up)", b"(made in)"))
    try:
        assert not verify(folder)[0].ok
    finally:
        network.write_bytes(text)


@pytest.mark.parametrize("name", ["index.html", "ledger.html", "strike/report.html"])
def test_every_page_carries_the_banner_and_loads_nothing(folder: Path, name: str):
    """The notice that all is synthetic stands on each page; no page has a script or an outside address."""
    page = (folder / name).read_text(encoding="utf-8")
    assert BANNER in page
    assert "<script" not in page
    assert not re.search(r'(src|href)="(https?:)?//', page)


def test_the_page_says_what_is_known_disputed_made_up_and_follows(folder: Path):
    """The four headings stand on the index, each with something below, and the reading is named."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    for heading in ("What follows", "What is disputed", "What is known", "What is made up"):
        assert heading in page
    assert "reading literature" in page
    assert "On which day was the strike?" in page
    assert "report A: 9 November 2025" in page
    assert 'href="strike/report.html"' in page
    assert "tideover verify" in page


def test_every_link_of_the_pages_leads_somewhere(folder: Path):
    """Each link is to a file of the folder, and each fragment to a place on its page."""
    for name in ("index.html", "ledger.html"):
        page = (folder / name).read_text(encoding="utf-8")
        for link in re.findall(r'href="([^"]+)"', page):
            file, _, place = link.partition("#")
            target = (folder / (file or name)).read_text(encoding="utf-8")
            assert not place or f'id="{place}"' in target, link


def test_every_number_of_the_scorecard_names_its_claims(folder: Path, facts: dict[str, Any]):
    """Each cell of the scorecard has a title with every claim that the plan rests on."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    part = page[page.index('<section id="scorecard">') :]
    part = part[: part.index("</section>")]
    cells = re.findall(r"<td>(.*?)</td>", part, re.DOTALL)
    assert len(cells) > 20
    names = [claim["id"] for claim in facts["rests_on"]["plan"]]
    for cell in cells:
        assert f'title="Rests on {len(names)} claims: {", ".join(names)}"' in cell


def test_what_a_result_rests_on_is_what_its_plan_says(folder: Path, facts: dict[str, Any]):
    """The plan's own record of claims is that of the case's page for its tried days."""
    plan = json.loads((folder / "strike" / "plan.json").read_text(encoding="utf-8"))
    assert plan["reading"]["claims"] == facts["rests_on"]["days"]
    assert {claim["id"] for claim in facts["rests_on"]["book"]} == {"synthetic-fill"}
    assert not any(claim["disputed"] for claim in facts["rests_on"]["book"])


def test_where_nothing_is_disputed_the_page_says_so(folder: Path):
    """The small case's network rests on no disputed claim, and the page says that no dispute affects it."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    part = page[page.index('id="rests-book"') :]
    assert "No dispute affects this." in part[: part.index("</ul>")]


def test_readings_are_the_same_as_runs_of_their_own(folder: Path, facts: dict[str, Any], tmp_path: Path):
    """The figures under another reading are those of a run of the case under that reading alone."""
    path = small_case(tmp_path)
    found = {row["reading"]: row["figures"]["strike"] for row in facts["turning"]["readings"]}
    assert list(found) == ["literature", "employer", "press-a", "press-b", "union"]
    for name in ("employer", "press-b"):
        (outcome,) = ran(tmp_path / name, path, name).outcomes
        assert outcome.result is not None
        plan = outcome.result.plan.facts
        assert found[name]["standby"] == plan["counts"]["standby"]
        assert found[name]["told"] == outcome.result.plan.to_tell["patient_id"].n_unique()
        lost = plan["days"]["dates"][0]["measures"]["urgent_lost"]["mean"]
        assert found[name]["urgent_lost"] == pytest.approx(lost, abs=1e-3)


def test_conclusions_flip_where_figures_do(facts: dict[str, Any]):
    """By hand from the figures: standby exists under a reading exactly if the conclusion says so."""
    (stage,) = facts["turning"]["scenarios"]
    rows = {row["id"]: row for row in stage["conclusions"]}
    for row in facts["turning"]["readings"]:
        assert rows["stand"]["holds"][row["reading"]] == (row["figures"]["strike"]["standby"] > 0)
    own = facts["turning"]["readings"][0]["figures"]["strike"]["standby"] > 0
    flips = {
        row["claim"] for row in facts["turning"]["exchanged"]
        if not row["fault"] and (row["figures"]["strike"]["standby"] > 0) != own
    }  # fmt: skip
    assert set(rows["stand"]["flips_with"]) == flips
    assert "working-share" in stage["disputed_that_matter"]


def test_what_cannot_be_run_says_why(facts: dict[str, Any]):
    """On a Sunday fewer than ten posts of the small network are struck: no share is put on so few."""
    (row,) = (row for row in facts["turning"]["exchanged"] if row["claim"] == "strike-date")
    assert "of fewer, a working share would be a statement about persons" in row["fault"]
    assert row["figures"] == {}


@pytest.mark.slow
def test_any_number_of_processes_gives_the_same(tmp_path: Path):
    """What turns on the readings is equal with one process and with two."""
    result = ran(tmp_path, small_case(tmp_path), "literature")
    one, two = (turning_of(result, tmp_path, workers, quiet) for workers in (1, 2))
    assert isinstance(one, Turning)
    assert one.as_dict() == two.as_dict()


def test_a_strike_that_finds_nothing_is_a_result(run: Runner, tmp_path: Path):
    """Clinics alone on a Sunday: no session is struck; the page says it, and nothing is a fault."""
    path = small_case(
        tmp_path,
        ('site_kinds = { claim = "struck-site-kinds" }', 'site_kinds = ["primary"]'),
        ('roles = { claim = "unit-roles" }\n', ""),
    )
    out = tmp_path / "out"
    ended = run("run", path, "--reading", "press-a", "--out", out, "--json")
    assert ended.code == 0, ended.err
    (scenario,) = ended.document["scenarios"]
    assert scenario["plan"] is None
    assert "no session to strike" in scenario["headline"]
    assert "no session to strike" in (out / "index.html").read_text(encoding="utf-8")
    assert not (out / "strike").exists()


def test_a_second_run_replaces_the_first_whole(run: Runner, tmp_path: Path):
    """The folder of an earlier run is replaced; what is not of the new one is gone."""
    out = tmp_path / "out"
    path = small_case(tmp_path, ('results = ["days", "sites"]', "results = []"))
    assert run("run", path, "--out", out).code == 0
    shorter = ('id = "strike"\ntitle', 'id = "walkout"\ntitle')
    path = small_case(tmp_path, ('results = ["days", "sites"]', "results = []"), shorter)
    ended = run("run", path, "--out", out, "--reading", "union")
    assert ended.code == 0, ended.err
    assert (out / "walkout" / "plan.json").is_file()
    assert not (out / "strike").exists()
    assert "Reading union" in ended.out


def test_a_network_of_ones_own_stays_where_it_is(run: Runner, tmp_path: Path, folder: Path):
    """A case may name a network folder; it is planned on in place, and the plan is confirmed."""
    recipe = small_case(tmp_path).read_text(encoding="utf-8")
    start, end = recipe.index("[network.recipe]"), recipe.index("[days]")
    path = tmp_path / "own.toml"
    path.write_text(f'{recipe[:start]}[network]\npath = "{folder / "network"}"\n\n{recipe[end:]}')
    ended = run("run", path, "--out", tmp_path / "out", "--json")
    assert ended.code == 0, ended.err
    assert not (tmp_path / "out" / "network").exists()
    assert ended.document["rests_on"]["book"] == []
    assert all(verdict.ok for verdict in verify(tmp_path / "out"))
