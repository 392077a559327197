"""``--reading`` of the commands that use claims: the result names it, and what is stated comes before it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli_run import Runner

PLAN = ("--on", "2026-03-11", "--as-of", "2026-03-04", "--working", "0", "--days", "20")
#: A reading of one's own, as a planner writes it.
OWN = """
id = "ours"
title = "Our own figures"
order = ["law", "literature", "literature-2", "press-c", "press-b", "press-a", "tideover", "other"]

[[answer]]
claim = "working-share"
who = "employer"

[[answer]]
claim = "no-shows"
value = 0.11
source = "our own book"
date = "2025-06"

[[answer]]
claim = "detour-factor"
value = 1.5
source = "our own roads"
date = "2025-06"
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "ours.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_a_plan_names_its_reading_and_what_it_took(run: Runner, tiny_folder: Path, tmp_path: Path, own: Path):
    """Policy and tried days follow the reading; plan, page and words on the terminal name it."""
    out = tmp_path / "plan"
    ended = run("strike", tiny_folder, *PLAN, "--reading", own, "--out", out)
    assert ended.code == 0, ended.err
    facts = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    assert facts["policy"]["detour_factor"] == 1.5
    assert facts["days"]["chances"]["no_shows"] == 0.11
    assert facts["reading"]["id"] == "ours"
    asked = {claim["id"] for claim in facts["reading"]["claims"]}
    assert asked == {
        "detour-factor", "travel-speed", "daily-rest", "assistants-per-clinician", "no-shows", "walk-ins",
    }  # fmt: skip
    assert "Reading ours: Our own figures" in ended.out.replace("\n", " ")
    assert "Reading ours: Our own figures" in (out / "report.html").read_text(encoding="utf-8")
    assert run("verify", out).code == 0


def test_what_is_stated_comes_before_the_reading(run: Runner, tiny_folder: Path, tmp_path: Path, own: Path):
    """A policy file and options are kept, and a claim that is not needed for them is not asked."""
    policy = tmp_path / "policy.toml"
    policy.write_text("detour_factor = 1.25\n", encoding="utf-8")
    out = tmp_path / "plan"
    more = ("--policy", policy, "--reading", own, "--out", out, "--json")
    ended = run("strike", tiny_folder, *PLAN, *more)
    assert ended.code == 0, ended.err
    facts = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    assert facts["policy"]["detour_factor"] == 1.25
    assert "detour-factor" not in {claim["id"] for claim in ended.document["reading"]["claims"]}
    tried = run("days", out, "--days", "20", "--no-shows", "0.3", "--reading", own, "--json").document
    assert tried["chances"]["no_shows"] == 0.3
    assert {claim["id"] for claim in tried["reading"]["claims"]} == {"walk-ins"}


def test_the_default_reading_is_literature(run: Runner, tiny_folder: Path, tmp_path: Path):
    """Without a word, law and studies come first: 15.2 % of the patients do not come."""
    out = tmp_path / "plan"
    ended = run("strike", tiny_folder, *PLAN, "--out", out, "--json")
    assert ended.document["reading"]["id"] == "literature"
    tried = run("days", out, "--days", "20", "--json").document
    assert tried["chances"]["no_shows"] == 0.152


@pytest.mark.parametrize("command", ["strike", "days", "run"])
def test_an_unknown_reading_is_a_fault(run: Runner, tiny_folder: Path, tmp_path: Path, command: str):
    """Every command with a reading refuses a name that it does not know, and says the nearest."""
    words = {
        "strike": ("strike", tiny_folder, *PLAN),
        "days": ("days", tmp_path),
        "run": ("run", "northland-2025"),
    }
    ended = run(*words[command], "--reading", "litrature", "--out", tmp_path / "out", "--json")
    assert ended.code == 1
    assert "literature" in ended.document["faults"][0]["remedy"]
    assert not (tmp_path / "out").exists()
