"""``--reading`` of the commands that use claims: the result names it, and what is stated comes before it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cli_run import Runner
from tideover.claims import read_ledger
from tideover.cli import main

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


@pytest.mark.parametrize("command", ["strike", "days", "run", "demo", "synth", "access"])
def test_an_unknown_reading_is_a_fault(run: Runner, tiny_folder: Path, tmp_path: Path, command: str):
    """Every command with a reading refuses a name that it does not know, and says the nearest."""
    words = {
        "strike": ("strike", tiny_folder, *PLAN),
        "days": ("days", tmp_path),
        "run": ("run", "northland-2025"),
        "demo": ("demo",),
        "synth": ("synth",),
        "access": ("access", tiny_folder),
    }
    ended = run(*words[command], "--reading", "litrature", "--out", tmp_path / "out", "--json")
    assert ended.code == 1
    assert "literature" in ended.document["faults"][0]["remedy"]
    assert not (tmp_path / "out").exists()


#: What is typed for each command whose work reads a claim, the network behind NETWORK, a plan behind PLAN.
ASKS = {
    "strike": ("strike", "NETWORK", *PLAN, "--out", "OUT"),
    "days": ("days", "PLAN", "--days", "20"),
    "close": ("close", "MADE", "--clinic", "hickory-bridge", "--on", "2026-02-01", "--out", "OUT"),
    "access": ("access", "MADE", "--close", "hickory-bridge"),
    "offer": ("offer", "MADE", "illustrative-minus-5"),
    "budget": ("budget", "MADE", "illustrative-minus-5"),
    "synth": ("synth", "--clinics", "5", "--clinicians", "60", "--patients", "6000", "--out", "OUT"),
}
#: Commands of which each side has a reading of its own, or which run or show whole cases and readings.
OTHERWISE = {"bargain": ("--reading-a", "--reading-b"), "claims": ("--reading",)}
WHOLE = {"run": ("--reading",), "demo": ("--reading",)}
#: Commands that ask no claim: they read, check or show what others made, whose reading it names itself.
NONE = {"check", "import", "travel", "share", "verify", "after"}


def test_every_command_that_reads_a_claim_takes_a_reading(run: Runner):
    """Each command of the program is one of these, and has the options that go with it."""
    listed = re.findall(r"^│ ([a-z]+)  ", run("--help").out, re.MULTILINE)
    assert set(listed) == {*ASKS, *OTHERWISE, *WHOLE, *NONE}
    for name in listed:
        words = run(name, "--help").out
        for option in {**dict.fromkeys(ASKS, ("--reading",)), **OTHERWISE, **WHOLE}.get(name, ()):
            assert option in words, name


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic network."""
    out = tmp_path_factory.mktemp("made") / "network"
    size = ("--clinics", "5", "--clinicians", "60", "--patients", "6000", "--hospitals", "1")
    assert main(["synth", *size, "--out", str(out), "--json"]) == 0
    return out


@pytest.mark.parametrize("name", ASKS)
def test_its_result_names_the_reading_and_the_claims(
    run: Runner, tiny_folder: Path, made: Path, tmp_path: Path, own: Path, name: str
):
    """Under a reading of one's own, the document says its name and which claims were asked."""
    plan = tmp_path / "plan"
    if "PLAN" in ASKS[name]:
        assert run("strike", tiny_folder, *PLAN, "--out", plan).code == 0
    places = {"NETWORK": tiny_folder, "PLAN": plan, "MADE": made, "OUT": tmp_path / "out"}
    words = [places.get(word, word) for word in ASKS[name]]
    ended = run(*words, "--reading", own, "--json")
    assert ended.code == 0, ended.err
    told = ended.document["reading"]
    assert (told if isinstance(told, str) else told["id"]) == "ours"
    claims = ended.document["claims"] if isinstance(told, str) else told.get("claims", told.get("asked"))
    assert claims
    assert {claim["id"] for claim in claims} <= set(read_ledger().claims)


def test_access_and_synth_take_what_the_reading_says(run: Runner, made: Path, tmp_path: Path, own: Path):
    """Another detour factor makes longer journeys; what is left out of a recipe is the reading's."""
    asked = ("access", made, "--close", "hickory-bridge", "--json")
    first, second = (run(*asked, "--reading", name).document for name in ("literature", own))
    minutes = [
        next(row["before"] for row in one["rows"] if row["measure"] == "nearest_minutes")
        for one in (first, second)
    ]
    assert minutes[1] > minutes[0]
    size = ("--clinics", "5", "--clinicians", "60", "--patients", "6000", "--weeks", "2")
    named = run("synth", *size, "--out", tmp_path / "out", "--json").document["reading"]["claims"]
    assert {claim["id"] for claim in named} == {"hospitals", "synthetic-start", "synthetic-fill"}
