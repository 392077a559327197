"""Planning again by the command line: previous plan, answers, morning, called off; and all that is wrong."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cli_run import Runner
from tideover.cases import strike as strike_case
from tideover.cli import main
from tideover.disruptions.strike import Strike
from tideover.nouns import Network, Scenario
from verify_factory import seal

DAY = date(2026, 3, 10)
FIRST = ("--on", "2026-03-10", "--working", "0.25", "--notice", "2026-02-27")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs a command in this process."""
    return Runner(capsys)


@pytest.fixture(autouse=True, scope="module")
def _one_share():
    """Without the plans for other working shares, which are slow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strike_case, "WORKING_SHARES", ())
        yield


@pytest.fixture(scope="module")
def plans(tiny_folder: Path, tiny: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with four plans: first, next (some days later), morning, and off (called off)."""
    folder = tmp_path_factory.mktemp("again")
    shutil.copytree(tiny_folder, folder / "network")
    names = held_by(tiny)
    (folder / "held.csv").write_text("session_id\n" + "\n".join(names) + "\n", encoding="utf-8")
    network = str(folder / "network")
    steps = {
        "first": (*FIRST, "--days", "0"),
        "next": ("--previous", folder / "first", "--as-of", "2026-03-08", "--days", "0"),
        "morning": ("--previous", folder / "next", "--as-of", "2026-03-09", "--held", folder / "held.csv"),
        "off": ("--previous", folder / "next", "--as-of", "2026-03-09", "--called-off"),
    }
    for name, words in steps.items():
        assert main(["strike", network, *map(str, words), "--out", str(folder / name), "--json"]) == 0
    return folder


def held_by(network: Network) -> list[str]:
    """Return every third struck session of the day."""
    scenario = Scenario.of(network, [Strike(dates=(DAY,), working=0.25)])
    return scenario.lost["session_id"].unique().sort().to_list()[::3]


def said(plan: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    return found


def again(plans: Path, tmp_path: Path, *more: object) -> tuple[object, ...]:
    """Return the words of a plan that follows the first, with the network and an output folder."""
    return ("strike", plans / "network", "--days", "0", "--out", tmp_path / "out", *more)


@pytest.mark.parametrize("name", ["first", "next", "morning", "off"])
def test_verify_accepts_each_of_them(run, plans, name):
    """The checker makes all of a plan that follows another again, a morning's and one called off too."""
    verified = run("verify", plans / name, "--json")
    assert (verified.code, verified.document["plans"][0]["differences"]) == (0, [])


def test_only_who_must_be_told_anew_is_called(plans):
    """A plan that follows another lists the visits that changed or are new, with what was told before."""
    calls = pl.read_csv(plans / "next" / "calls.csv")
    told, before = said(plans / "next")["told"], pl.read_csv(plans / "first" / "calls.csv")
    due = set(before.filter(pl.col("tell_by") <= "2026-03-08T24")["visit_id"])
    known = set(pl.read_parquet(plans / "next" / "told.parquet")["visit_id"])
    assert known == due
    later = pl.read_parquet(plans / "next" / "decisions.parquet")
    known &= set(later["visit_id"])  # the others were held by then, at the time that was told
    assert told["told"] == len(known)
    assert calls.filter(pl.col("times_told") > 0).height == told["told_again"] < told["told"]
    assert calls.filter(pl.col("times_told") > 0)["why_again"].null_count() == 0
    kept = known - set(calls["visit_id"])
    assert len(kept) == told["kept"] > 0
    first = pl.read_parquet(plans / "first" / "decisions.parquet")
    place = ["visit_id", "new_session_id", "new_start"]
    assert (
        later.filter(pl.col("visit_id").is_in(list(kept)))
        .select(place)
        .equals(first.filter(pl.col("visit_id").is_in(list(kept))).select(place))
    )


def test_nothing_of_a_single_session_held_is_written(run, plans, tmp_path):
    """Neither the file of sessions held, nor its hash, nor a list of them is in any file of the folder."""
    text = (plans / "held.csv").read_bytes()
    names = text.decode().split()[1:]
    tables = {"decisions.parquet", "decisions.csv", "calls.csv", "told.parquet", "duals.parquet"}
    for path in (plans / "morning").iterdir():
        content = path.read_bytes()
        assert hashlib.sha256(text).hexdigest().encode() not in content, path.name
        assert b"held.csv" not in content, path.name
        if path.name not in tables:
            assert not [name for name in names if name.encode() in content], path.name
    rows = pl.read_parquet(plans / "morning" / "decisions.parquet")
    assert not [name for name in rows.columns if "held" in name]
    other = tmp_path / "other.csv"  # the same sums from other sessions: the same plan, to the byte
    shuffled = "session_id\n" + "\n".join(reversed(names)) + "\n"
    other.write_text(shuffled, encoding="utf-8")
    words = ("--previous", plans / "next", "--as-of", "2026-03-09", "--held", other, "--json")
    assert run(*again(plans, tmp_path, *words)).code == 0
    for name in ("decisions.parquet", "calls.csv", "told.parquet"):
        assert (tmp_path / "out" / name).read_bytes() == (plans / "morning" / name).read_bytes()


def test_the_owner_of_the_file_can_sum_the_cover_again(run, plans, tmp_path):
    """With ``--held`` verify sums the minutes again, and finds a file that holds something else."""
    assert run("verify", plans / "morning", "--held", plans / "held.csv").code == 0
    fewer = tmp_path / "fewer.csv"
    lines = (plans / "held.csv").read_text(encoding="utf-8").splitlines()
    fewer.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    assert "morning.held" in run("verify", plans / "morning", "--held", fewer).out
    assert run("verify", plans / "next", "--held", fewer).code == 1


def test_called_off_calls_fewer_than_were_told(run, plans):
    """Most keep what they were told; whoever was told nothing is not in the list."""
    facts = said(plans / "off")
    calls = pl.read_csv(plans / "off" / "calls.csv")
    assert facts["called_off"][0]["dates"] == ["2026-03-10"]
    assert calls.height == facts["told"]["told_again"] < facts["told"]["kept"]
    assert (calls["times_told"] > 0).all()
    page = (plans / "off" / "report.html").read_text(encoding="utf-8")
    assert "is called off" in page


def test_the_report_says_what_became_of_what_was_told(plans):
    """The page of a plan that follows another names it, and every page has the decide-by times."""
    page = (plans / "next" / "report.html").read_text(encoding="utf-8")
    assert "It follows the plan of 27 February 2026" in page
    assert "By when to decide" in page
    assert "nothing about a session or a person is stored" in (plans / "morning" / "report.html").read_text()


def test_decide_by_is_the_earliest_of_a_group(plans):
    """Every call has the decide-by time of its group, which plan.json states with the number of visits."""
    calls = pl.read_csv(plans / "first" / "calls.csv")
    groups = said(plans / "first")["decide_by"]
    assert sum(group["visits"] for group in groups) == calls.height
    assert (calls["decide_by"] <= calls["tell_by"]).all()
    assert {group["decide_by"] for group in groups} == {text[:19] for text in calls["decide_by"]}


def answered(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_answers_pin_forbid_and_take_back(run, plans, tmp_path):
    """An accepted time stays, a declined one is not offered again, and who was not reached knows nothing."""
    calls = pl.read_csv(plans / "first" / "calls.csv").filter(pl.col("reason") == "moved")
    yes, no, missed = calls["visit_id"].head(3)
    answers = answered(tmp_path, f"visit_id,answer\n{yes},accepted\n{no},declined\n{missed},not_reached\n")
    words = ("--previous", plans / "first", "--as-of", "2026-02-28", "--answers", answers, "--json")
    assert run(*again(plans, tmp_path, *words)).code == 0
    facts = said(tmp_path / "out")
    assert facts["previous"]["answers"] == {"accepted": 1, "declined": 1, "not_reached": 1, "told": 0}
    log = pl.read_parquet(tmp_path / "out" / "told.parquet")
    assert missed not in set(log["visit_id"])
    rows = {row["visit_id"]: row for row in log.iter_rows(named=True)}
    new = pl.read_parquet(tmp_path / "out" / "decisions.parquet")
    place = {row["visit_id"]: row["new_session_id"] for row in new.iter_rows(named=True)}
    assert place[yes] == rows[yes]["session_id"]
    assert place[no] != rows[no]["session_id"]
    assert run("verify", tmp_path / "out").code == 0


def spoiled(plans: Path, tmp_path: Path, name: str = "next") -> Path:
    shutil.copytree(plans / name, tmp_path / "plan")
    return tmp_path / "plan"


def rewritten(plan: Path, change: pl.Expr) -> None:
    pl.read_parquet(plan / "told.parquet").with_columns(change).write_parquet(plan / "told.parquet")
    seal(plan)


def edited(plan: Path, **facts: Any) -> None:
    whole = said(plan) | facts
    (plan / "plan.json").write_text(json.dumps(whole), encoding="utf-8")


TAMPERING = {
    "other times told": lambda plan: rewritten(plan, pl.col("number") + 1),
    "another place told": lambda plan: rewritten(plan, pl.lit("birch-1-0312-am").alias("session_id")),
    "an answer": lambda plan: rewritten(plan, pl.lit("declined").alias("answer")),
    "a count": lambda plan: edited(plan, told=said(plan)["told"] | {"kept": 0}),
    "no previous plan": lambda plan: edited(plan, previous=None),
    "another previous plan": lambda plan: edited(
        plan, previous=said(plan)["previous"] | {"sha256": "0" * 64}
    ),
    "a decide-by time": lambda plan: edited(plan, decide_by=said(plan)["decide_by"][1:]),
    "the log is lost": lambda plan: (plan / "told.parquet").unlink(),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_caught(run, plans, tmp_path, what):
    """Whatever is altered in what was told, its counts or its origin, verify says no."""
    plan = spoiled(plans, tmp_path)
    TAMPERING[what](plan)
    assert run("verify", plan, "--network", plans / "network").code == 1


def test_minutes_of_the_morning_cannot_be_made_up(run, plans, tmp_path):
    """More minutes than were scheduled, or an hour left out, are differences."""
    plan = spoiled(plans, tmp_path, "morning")
    morning = said(plan)["morning"]
    more = [row | {"held_minutes": 10**6} for row in morning["held"]]
    edited(plan, morning=morning | {"held": more})
    assert "expected at most" in run("verify", plan, "--network", plans / "network").out
    edited(plan, morning=morning | {"held": morning["held"][1:]})
    assert run("verify", plan, "--network", plans / "network").code == 1


def test_a_previous_plan_that_is_gone_is_no_difference(run, plans, tmp_path):
    """Where the previous folder is not there any more, the log alone is checked."""
    plan = spoiled(plans, tmp_path)
    edited(plan, previous=said(plan)["previous"] | {"folder": str(tmp_path / "gone")})
    assert run("verify", plan, "--network", plans / "network").code == 0


def broken(tmp_path: Path, plans: Path, name: str) -> Path:
    """Return a copy of the first plan with one file spoiled."""
    plan = spoiled(plans, tmp_path, "first")
    with (plan / name).open("ab") as file:
        file.write(b" ")
    return plan


HOSTILE = {
    "no such folder": (lambda p, t: ("--previous", t / "none", "--as-of", "2026-03-08"), "plan.json"),
    "a folder without a plan": (
        lambda p, t: ("--previous", p / "network", "--as-of", "2026-03-08"),
        "plan.json",
    ),
    "an altered plan": (
        lambda p, t: ("--previous", broken(t, p, "decisions.parquet"), "--as-of", "2026-03-08"),
        "SHA-256",
    ),
    "altered calls": (
        lambda p, t: ("--previous", broken(t, p, "calls.csv"), "--as-of", "2026-03-08"),
        "SHA-256",
    ),
    "an earlier as-of date": (lambda p, t: ("--previous", p / "next", "--as-of", "2026-03-07"), "2026-03-08"),
    "no as-of date": (lambda p, t: ("--previous", p / "next"), "--as-of"),
    "answers without a plan": (
        lambda p, t: (*FIRST, "--answers", answered(t, "visit_id,answer\n")),
        "--answers",
    ),
    "called off without a plan": (lambda p, t: ("--on", "2026-03-10", "--called-off"), "--called-off"),
    "called off on other dates": (
        lambda p, t: (
            *("--previous", p / "first", "--as-of", "2026-03-08"),
            *("--called-off", "--on", "2026-03-11"),
        ),
        "2026-03-11",
    ),
    "a morning called off": (
        lambda p, t: (
            *("--previous", p / "first", "--as-of", "2026-03-08"),
            *("--called-off", "--held", p / "held.csv"),
        ),
        "--held",
    ),
    "a chance above one": (lambda p, t: (*FIRST, "--called-off-chance", "2"), "--called-off-chance"),
    "a backward range": (
        lambda p, t: ("--on", "2026-03-12..2026-03-10", "--working", "0.2"),
        "2026-03-12..2026-03-10",
    ),
    "an endless range": (
        lambda p, t: ("--on", "2026-03-12..2036-03-10", "--working", "0.2"),
        "at most 366 days",
    ),
    "a range of a weekend": (
        lambda p, t: ("--on", "2026-03-07..2026-03-08", "--working", "0.2"),
        "no session",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_wrong_is_said(run, plans, tmp_path, what):
    """Every new option that cannot be met is a fault by name, ends with 1, and writes nothing."""
    words, telling = HOSTILE[what]
    ended = run(*again(plans, tmp_path, *words(plans, tmp_path)))
    assert (ended.code, ended.out) == (1, "")
    assert telling in ended.err.replace("\n", " ") or telling in "".join(ended.err.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("visit_id,answer\nnobody,accepted\n", "'nobody'"),
        ("visit_id,answer\n{0},maybe\n", "accepted or declined or not_reached or told"),
        ("visit_id,answer\n{0},accepted\n{0},declined\n", "each visit once"),
        ("visit_id\n{0}\n", "a column answer"),
        ("visit_id,answer,note\n{0},accepted,x\n", "unknown column"),
        ("visit_id,answer\n,accepted\n", "a value"),
        ("", "no text"),
        ("\x00\xff", "answers.csv"),
    ],
)
def test_answers_that_say_nothing_are_faults(run, plans, tmp_path, text, telling):
    """Unknown visits and answers, visits twice, and files that are none are reported, and nothing written."""
    first = pl.read_csv(plans / "first" / "calls.csv")["visit_id"][0]
    answers = answered(tmp_path, text.format(first))
    words = ("--previous", plans / "first", "--as-of", "2026-03-08", "--answers", answers)
    ended = run(*again(plans, tmp_path, *words))
    assert ended.code == 1
    assert telling in ended.err.replace("\n    ", " ").replace("\n", " ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("session_id\nnone\n", "'none'"),
        ("session_id\n{1}\n", "2026-03-12"),
        ("session_id\n{0}\n{0}\n", "each session once"),
        ("session\n{0}\n", "session_id"),
        ("session_id,present\n{0},yes\n", "unknown column"),
    ],
)
def test_sessions_held_that_are_none_are_faults(run, plans, tmp_path, text, telling):
    """Unknown sessions, those of another day, and sessions twice are reported, and nothing is written."""
    name = (plans / "held.csv").read_text(encoding="utf-8").split()[1]
    path = tmp_path / "held.csv"
    sessions = pl.read_csv(plans / "network" / "sessions.csv")
    other = sessions.filter(pl.col("start").str.starts_with("2026-03-12"))["session_id"][0]
    path.write_text(text.format(name, other), encoding="utf-8")
    ended = run(*again(plans, tmp_path, *FIRST, "--as-of", "2026-03-09", "--held", path))
    assert ended.code == 1
    assert telling in ended.err.replace("\n    ", " ").replace("\n", " ")
    assert not (tmp_path / "out").exists()


def test_a_plan_of_another_network_is_refused(run, plans, tmp_path):
    """A previous plan of whose visits most are not in the book is of another network."""
    shutil.copytree(plans / "network", tmp_path / "network")
    visits = (tmp_path / "network" / "visits.csv").read_text(encoding="utf-8").splitlines()
    renamed = [visits[0], *("x" + line for line in visits[1:])]
    (tmp_path / "network" / "visits.csv").write_text("\n".join(renamed) + "\n", encoding="utf-8")
    words = ("--previous", plans / "first", "--as-of", "2026-03-08", "--out", tmp_path / "out")
    ended = run("strike", tmp_path / "network", *words)
    assert ended.code == 1
    assert "not in the book" in ended.err.replace("\n    ", " ")


@pytest.mark.parametrize(
    "words",
    [
        ("--working", "0.5"),
        ("--hours", "08:00-12:00"),
        ("--called-off", "--on", "2026-03-10", "--working", "0.2"),
    ],
)
def test_words_without_effect_are_wrong_usage(run, plans, tmp_path, words):
    """What describes a strike needs its dates, and a strike that is called off needs no description."""
    ended = run(*again(plans, tmp_path, "--previous", plans / "first", "--as-of", "2026-03-08", *words))
    assert ended.code == 2
    assert "no effect" in ended.err


def test_a_strike_of_two_weeks_with_returning_clinicians(run, plans, tmp_path):
    """Ranges and further strikes of a file are one plan: weekends left out, a higher share from a date on."""
    more = tmp_path / "more.toml"
    later = '[[change]]\nkind = "strike"\ndates = ["2026-03-09", "2026-03-10"]\nworking = 0.6\n'
    more.write_text(later, encoding="utf-8")
    words = (
        "--on",
        "2026-03-02..2026-03-06",
        "--working",
        "0.25",
        "--as-of",
        "2026-02-26",
        "--changes",
        more,
    )
    assert run(*again(plans, tmp_path, *words, "--json")).code == 0
    facts = said(tmp_path / "out")
    shares = {row["date"]: row["working_share"] for row in facts["pools"]}
    assert sorted(shares) == [f"2026-03-{day:02}" for day in (2, 3, 4, 5, 6, 9, 10)]
    assert (shares["2026-03-06"], shares["2026-03-09"]) == (0.25, 0.6)
    assert facts["window"] == ["2026-02-28", "2026-04-07"]
    assert run("verify", tmp_path / "out").code == 0
    follow = ("--previous", tmp_path / "out", "--as-of", "2026-03-04", "--out", tmp_path / "then", "--json")
    assert run("strike", plans / "network", "--days", "0", *follow).code == 0
    dates = {row["date"] for row in said(tmp_path / "then")["pools"]}
    assert dates == {"2026-03-05", "2026-03-06", "2026-03-09", "2026-03-10"}
    assert run("verify", tmp_path / "then").code == 0
    off = (
        "--previous",
        tmp_path / "then",
        "--as-of",
        "2026-03-05",
        "--called-off",
        "--on",
        "2026-03-09..2026-03-10",
    )
    assert (
        run("strike", plans / "network", "--days", "0", *off, "--out", tmp_path / "short", "--json").code == 0
    )
    assert {row["date"] for row in said(tmp_path / "short")["pools"]} == {"2026-03-06"}
    assert run("verify", tmp_path / "short").code == 0
