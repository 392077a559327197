"""Which clinics close: ranks and choices beside loops over every set and plan, the command, and verify."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import date
from itertools import combinations, product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli_run import Runner
from panels_factory import drawn, network, patient, policy, post, site
from tideover.nouns import Network, Policy
from tideover.panels.choice import Field, choose, rank
from tideover.panels.harm import MEASURES
from tideover.panels.problem import clinic_of_each
from tideover.readers import write_network
from tideover.travel import journeys
from tideover.verify import verify
from tideover.verify.residents import residents_of


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


def row_of_clinics(count: int = 4) -> Network:
    """Clinics on a line, a post each with room for few more; patients at and between them."""
    sites = [site(f"c{n}", -93.0 - n / 20) for n in range(count)]
    posts = [post(f"k{n}", f"c{n}", 12, 14) for n in range(count)]
    people = [patient(f"p{n:02}", f"k{n % count}", -93.0 - (n % 7) / 40) for n in range(40)]
    return network(sites, posts, people)


def test_sizes_are_tenths_of_a_usual_patient_halves_up() -> None:
    """By hand: 0.04, 0.24, 0.25, 1 and 1.26 usual patients are 1 (never none), 2, 3, 10 and 13 tenths."""
    risks = [0.04, 0.24, 0.25, 1.0, 1.26]
    people = [patient(f"p{n}", "k0", -93.0, risk_weight=risk) for n, risk in enumerate(risks)]
    net = network([site("c0", -93.0)], [post("k0", "c0", 9)], people)
    assert clinic_of_each(net).sort("patient_id")["size"].to_list() == [1, 2, 3, 10, 13]


def test_rooms_by_hand() -> None:
    """Up to target 4 - 3 of one post, none of a full one, nothing of one that ends; up to cap 6 - 3 and 1."""
    posts = [post("k0", "c0", 4, 6), post("k1", "c0", 2, 3), post("k2", "c0", 9, leaves_on=date(2025, 12, 1))]
    people = [patient(f"p{n}", "k0" if n < 3 else "k1", -93.0) for n in range(5)]
    net = network([site("c0", -93.0), site("c1", -93.1)], [*posts, post("k3", "c1", 1)], people)
    field = Field.of(net, policy())
    assert (field.target.tolist(), field.cap.tolist()) == ([10, 10], [40, 10])


def persons(net: Network, rules: Policy) -> tuple[list[str], list[dict]]:
    """Return the clinics that may close and each person's clinic, size and journeys, by plain loops."""
    rows = net.clinics.sort("clinic_id").iter_rows(named=True)
    clinics = [r["clinic_id"] for r in rows if r["kind"] == "primary" and r["closes_on"] is None]
    codes = sorted(net.clinics["clinic_id"])
    everybody = clinic_of_each(net).filter(pl.col("clinic_id").is_in(clinics))
    found = journeys(net, everybody.select("patient_id", "clinic_id"), rules)
    excluded = dict(net.clinics.select("clinic_id", "payers_excluded").iter_rows())
    people = []
    for at, one in enumerate(everybody.iter_rows(named=True)):
        minutes = {name: int(found.minutes[found.start[at], codes.index(name)]) for name in clinics}
        if minutes[one["clinic_id"]] < 0:
            continue
        ways = {
            name: far
            for name, far in minutes.items()
            if 0 <= far <= rules.transfer_limit_minutes and one["payer"] not in (excluded[name] or [])
        }
        people.append(one | {"ways": ways, "before": minutes[one["clinic_id"]]})
    return clinics, people


def harm_of(one: dict, to: str | None, measure: str, rules: Policy) -> int:
    """Return (C4) word by word."""
    more = rules.transfer_limit_minutes if to is None else max(0, one["ways"][to] - one["before"])
    beyond = int(to is None or one["ways"][to] > rules.adequacy_minutes)
    if measure == "minutes":
        return more
    if measure == "beyond":
        return beyond
    broken = rules.transfer_continuity_broken * (one["clinician_id"] is not None)
    return rules.transfer_added_travel * more + rules.transfer_beyond_standard * beyond + broken


def naive(people: list[dict], closed: tuple[str, ...], measure: str, rules: Policy, rooms: dict) -> int:
    """Return (C5) and (C6) of a set by plain loops."""
    total, received = 0, dict.fromkeys(rooms, 0)
    for one in people:
        if one["clinic_id"] not in closed:
            continue
        ways = [name for name in one["ways"] if name not in closed]
        if measure != "load":
            total += min(harm_of(one, to, measure, rules) for to in [*ways, None])
        elif ways:
            received[min(ways, key=lambda name: (one["ways"][name], name))] += one["size"]
    return sum(max(0, received[name] - rooms[name]) for name in rooms) if measure == "load" else total


@settings(max_examples=25)
@given(st.integers(0, 100_000), st.sampled_from(("minutes", "beyond", "points", "load")))
def test_ranks_are_those_of_loops_over_every_set(seed: int, measure: str) -> None:
    """On small networks with excluded payers and unknown homes: place, ties, best, worst and median agree.

    What the checker makes of every set agrees, too; within 9 minutes many can reach no other clinic.
    """
    net, rules = drawn(seed), policy(transfer_limit_minutes=25 if seed % 3 else 9)
    clinics, people = persons(net, rules)
    field = Field.of(net, rules, keep=clinics[:1])
    rooms = dict(zip(clinics, field.target.tolist(), strict=True))
    count = 1 + seed % (len(clinics) - 2)
    costs = {some: naive(people, some, measure, rules, rooms) for some in combinations(clinics[1:], count)}
    named = sorted(costs)[seed % len(costs)]
    found = rank(field, field.places(named), measure).ranking
    assert (found.of, found.cost) == (len(costs), costs[named])
    assert found.rank == 1 + sum(cost < costs[named] for cost in costs.values())
    assert found.equal == sum(cost == costs[named] for cost in costs.values()) - 1
    assert found.best[1] == min(costs.values()) == costs[tuple(field.names(found.best[0]))]
    assert found.worst[1] == max(costs.values())
    assert found.median == float(np.median(list(costs.values())))
    checked = residents_of(net, rules, measure)
    of_set = checked.load if measure == "load" else checked.cost
    assert {some: of_set([checked.clinics.index(one) for one in some]) for some in costs} == costs


@settings(max_examples=15)
@given(st.integers(0, 100_000), st.sampled_from(tuple(MEASURES)))
def test_a_choice_is_the_best_of_all_plans(seed: int, objective: str) -> None:
    """Eight people and tight rooms: no set and no way to place them costs less than the bound."""
    chance = np.random.default_rng(seed)
    sites = [site(f"c{n}", -93.0 + float(chance.integers(-20, 20)) / 100) for n in range(4)]
    posts = [post(f"k{n}", f"c{n}", int(chance.integers(1, 5))) for n in range(4)]
    people = [
        patient(f"p{n}", f"k{chance.integers(4)}", -93.0 + float(chance.integers(-20, 20)) / 100,
                risk_weight=float(chance.choice([0.5, 1.0, 1.6])))
        for n in range(8)
    ]  # fmt: skip
    net, rules = network(sites, posts, people), policy(transfer_limit_minutes=30)
    clinics, rows = persons(net, rules)
    field = Field.of(net, rules)
    cap = dict(zip(clinics, field.cap.tolist(), strict=True))
    best = min(
        _placed(rows, closed, cap, objective, rules) for closed in combinations(clinics, 2)
    )  # fmt: skip
    found = choose(field, 2, objective)
    assert found.bound <= best <= found.cost
    assert found.cost <= best * 1.02 + 2  # people are whole: the engine's plan may miss a little
    assert found.placed.height == int(found.moved.sum()) + found.unplaced


def _placed(rows: list[dict], closed: tuple[str, ...], cap: dict, measure: str, rules: Policy) -> int:
    who = [one for one in rows if one["clinic_id"] in closed]
    ways = [[None, *(name for name in one["ways"] if name not in closed)] for one in who]
    best = 10**9
    for plan in product(*ways):
        used = dict.fromkeys(cap, 0)
        for one, to in zip(who, plan, strict=True):
            if to is not None:
                used[to] += one["size"]
        if all(used[name] <= cap[name] for name in cap):
            best = min(best, sum(harm_of(one, to, measure, rules) for one, to in zip(who, plan, strict=True)))
    return best


def test_fewer_clinics_bound_more(monkeypatch) -> None:
    """With too many sets to look at, the bound comes from smaller sets (C10), below the optimum."""
    field = Field.of(row_of_clinics(6), policy())
    whole = choose(field, 3, "points")
    monkeypatch.setattr("tideover.panels.choice.ALL_SETS", 15)
    scaled = choose(field, 3, "points")
    assert scaled.smaller == 2
    assert 0 < scaled.bound <= whole.cost <= scaled.cost


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The row of four, written, with a hospital."""
    place = tmp_path_factory.mktemp("network") / "net"
    net = row_of_clinics()
    more = net.clinics.with_columns(kind=pl.lit("hospital"), clinic_id=pl.lit("h0")).head(1)
    write_network(net.replace(clinics=pl.concat([net.clinics, more])), place)
    return place


@pytest.fixture(scope="module")
def made(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A rank, one by load, and a choice of the row of four."""
    from tideover.cli import main

    place = tmp_path_factory.mktemp("choices")
    asked = {
        "rank": ["--rank", "c1,c2", "--why", "c1"],
        "load": ["--rank", "c0,c3", "--measure", "load"],
        "choice": ["--choose", "1", "--objective", "points"],
    }
    for name, words in asked.items():
        assert main(["close", str(folder), *words, "--out", str(place / name), "--json"]) == 0
    return {name: place / name for name in asked}


def test_what_is_written_is_confirmed(run, made) -> None:
    """Rank, rank by load and choice are made again; the page holds no person, the rest is private."""
    for path in made.values():
        done = run("verify", path, "--json")
        assert done.code == 0, done.out
        page = (path / "report.html").read_text()
        assert not any(f"p{n:02}" in page for n in range(40))
        assert all(one.stat().st_mode & 0o077 == 0 for one in path.iterdir() if one.name != "report.html")


def test_a_median_of_stores_is_that_of_spopt(monkeypatch) -> None:
    """Four of 16 stores for San Francisco's 205 tracts by network distance: the optimum that spopt finds."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "benchmarks")
    import closing

    python = os.environ.get("TIDEOVER_SPOPT_PYTHON")
    if not python or not (closing.DATA / closing.TABLE).exists():
        pytest.skip("needs TIDEOVER_SPOPT_PYTHON (a Python with spopt) and the data (TIDEOVER_DATA)")
    found = closing.median(python)
    assert found["cost"] == pytest.approx(found["spopt"]["cost"], rel=1e-9)


def test_json_and_words(run, folder) -> None:
    """Without a folder the figures are printed: a rank has its keys, small groups of a why are withheld."""
    found = run("close", folder, "--rank", "c1,c2", "--why", "c1", "--json").document
    assert {"rank", "of", "best", "median", "worst", "histogram", "with_room"} <= found.keys()
    assert found["of"] == 6
    groups = found["why"][0]["groups"]
    assert all(row["people"] is None or row["people"] == 0 for row in groups)  # ten people: all is withheld
    chosen = run("close", folder, "--choose", "1", "--json").document
    assert {"clinics", "cost", "bound", "gap"} <= chosen.keys()
    said = run("close", folder, "--rank", "c1", "--rank", "c2")
    assert "Rank" in said.out
    assert "union" in " ".join(said.out.split())


def changed(path: Path, place: Path, table: str = "", frame=None, **facts) -> Path:
    """Return a copy with a table or facts exchanged, its hashes put right."""
    shutil.copytree(path, place)
    mark = next(name for name in ("rank.json", "choice.json") if (place / name).exists())
    stated = json.loads((place / mark).read_text())
    if frame is not None:
        frame(pl.read_parquet(place / table)).write_parquet(place / table)
        stated["files"][table] = hashlib.sha256((place / table).read_bytes()).hexdigest()
    (place / mark).write_text(json.dumps(stated | facts))
    return place


@pytest.mark.parametrize(
    ("which", "facts"),
    [
        ("rank", {"rank": 1}), ("rank", {"equal": 3}), ("rank", {"cost": 1}), ("rank", {"median": 0.5}),
        ("rank", {"best": {"clinics": ["c1", "c3"], "cost": 0}}), ("rank", {"of": 7}),
        ("rank", {"worst": {"clinics": ["c1", "h0"], "cost": 9}}), ("rank", {"announced": ["c1"]}),
        ("rank", {"with_room": {"of": 6, "load": 0, "rank": 1, "among": False}}),
        ("rank", {"why": [{"clinic_id": "c1", "people": 10, "minutes": 0}]}), ("rank", {"measure": "points"}),
        ("rank", {"counts": {}}), ("rank", {"keep": ["c0"]}), ("rank", {"kind": "choice"}),
        ("load", {"rank": 5}), ("load", {"cost": 3}),
        ("rank", {"histogram": {"edges": [0, 1], "counts": [6]}}),
        ("choice", {"bound": 1}), ("choice", {"cost": 1}), ("choice", {"rest": None}),
        ("choice", {"gap": 0.5}),
        ("choice", {"unplaced": 99}), ("choice", {"clinics": ["c0", "c1"]}),
        ("choice", {"objective": "beyond"}),
        ("choice", {"smaller": 2}), ("choice", {"rest": 99_999}), ("choice", {"smaller": 0}),
    ],
)  # fmt: skip
def test_verify_sees_changed_facts(made, tmp_path, which, facts) -> None:
    """Whatever figure is exchanged, it is not confirmed, and nothing breaks."""
    (verdict,) = verify(changed(made[which], tmp_path / "copy", **facts))
    assert not verdict.ok
    assert verdict.differences


@pytest.mark.parametrize(
    ("table", "frame"),
    [
        ("placed.parquet", lambda rows: rows.with_columns(new_clinic_id=pl.lit("c0"))),
        ("placed.parquet", lambda rows: rows.with_columns(new_clinic_id=pl.lit(None, pl.String))),
        ("placed.parquet", lambda rows: rows.head(3)),
        ("tried.parquet", lambda rows: rows.with_columns(pl.col("bound") + 1)),
        ("tried.parquet", lambda rows: rows.with_columns(pl.col("price") - 5)),
        ("tried.parquet", lambda rows: rows.with_columns(closed=pl.lit("c1"))),
        ("tried.parquet", lambda rows: rows.drop("price")),
    ],
)
def test_verify_sees_changed_tables(made, tmp_path, table, frame) -> None:
    """Where people go and what prices prove is made again."""
    (verdict,) = verify(changed(made["choice"], tmp_path / "copy", table, frame))
    assert not verdict.ok


@pytest.mark.parametrize(
    ("words", "option", "found"),
    [
        (["--rank", "c9"], "--rank", "'c9'"), (["--rank", "c1,c1"], "--rank", "2 times"),
        (["--rank", "c0,c1,c2,c3"], "--rank", "every clinic"),
        (["--rank", "h0"], "--rank", "of kind hospital"),
        (["--choose", "4"], "--choose", "every clinic"), (["--choose", "0"], "--choose", "0"),
        (["--choose", "-2"], "--choose", "-2"), (["--choose", "2", "--keep", "c0,c1,c2"], "--choose", "2"),
        (["--choose", "1", "--keep", "c7"], "--keep", "'c7'"),
        (["--rank", "c1", "--keep", "c1"], "--keep", "'c1'"),
        (["--choose", "1", "--rank", "c1"], "--choose", "--rank beside it"),
        (["--choose", "1", "--measure", "load"], "--measure", "--measure with --choose"),
        (["--rank", "c1", "--objective", "points"], "--objective", "--objective with --rank"),
        (["--rank", "c1", "--seconds", "3"], "--seconds", "--seconds with --rank"),
        (["--choose", "1", "--seconds", "-1"], "--seconds", "-1"),
        (["--choose", "1", "--seconds", "nan"], "--seconds", "nan"),
        (["--rank", "c1", "--on", "2025-11-03"], "--on", "--on beside --rank"),
        (["--rank", "c1", "--clinic", "c1"], "--clinic", "--clinic beside --rank"),
        (["--choose", "1", "--visits"], "--visits", "--visits beside --choose"),
        (["--why", "c1,c9"], "--why", "'c9'"), (["--rank", ""], "--rank", "''"),
    ],
)  # fmt: skip
def test_wrong_words_are_reported_and_nothing_is_written(run, folder, tmp_path, words, option, found) -> None:
    """Each with its option, what was found and a remedy; exit 1, no folder."""
    done = run("close", folder, *words, "--out", tmp_path / "out", "--json")
    assert done.code == 1
    faults = done.document["faults"]
    assert any(one["column"] == option and found in one["found"] for one in faults), faults
    assert all(one["remedy"] for one in faults)
    assert not list(tmp_path.iterdir())


def test_all_faults_come_together(run, folder, tmp_path) -> None:
    """A wrong clinic, a wrong policy, a wrong matrix and two options at odds are one report."""
    (tmp_path / "policy.toml").write_text("transfer_limit_minutes = -1\n")
    done = run("close", folder, "--rank", "c9", "--choose", "2", "--policy", tmp_path / "policy.toml",
               "--travel", tmp_path / "none.csv", "--json")  # fmt: skip
    assert done.code == 1
    assert len(done.document["faults"]) >= 4


def test_wrong_usage_ends_with_2(run, folder) -> None:
    """Options of a choice without one, a plan without a folder, and words that are no numbers."""
    for words in (["--keep", "c1"], [], ["--clinic", "c0", "--on", "2025-11-03"], ["--choose", "1.5"],
                  ["--rank", "c1", "--measure", "miles"],
                  ["--choose", "1", "--objective", "load"]):  # fmt: skip
        assert run("close", folder, *words).code == 2


def test_another_folder_is_not_overwritten(run, folder, tmp_path) -> None:
    """A folder that holds something else stays as it is."""
    (tmp_path / "note.txt").write_text("mine")
    assert run("close", folder, "--rank", "c1", "--out", tmp_path).code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_unknown_homes_are_counted(run, tmp_path) -> None:
    """Who has no home starts from the clinic, who belongs nowhere is not measured: both are told."""
    people = [patient("p0", "k0", -93.0), patient("p1", "k0", -93.0) | {"lat": None, "lon": None},
              patient("p2", None, -93.0)]  # fmt: skip
    posts = [post("k0", "c0", 9), post("k1", "c1", 9)]
    write_network(network([site("c0", -93.0), site("c1", -93.05)], posts, people), tmp_path / "net")
    found = run("close", tmp_path / "net", "--rank", "c0", "--json").document
    assert found["counts"] == {"people": 2, "from_clinic": 1, "journey_unknown": 0, "without_clinic": 1,
                               "of_other_clinics": 0}  # fmt: skip
    said = " ".join(run("close", tmp_path / "net", "--rank", "c0").out.split())
    assert "without a known home start from their clinic" in said
    assert "belong to no clinic" in said


def test_a_matrix_is_followed_and_kept(run, folder, tmp_path) -> None:
    """With a matrix the minutes are its own; the folder holds them, and verify agrees."""
    rows = [{"patient_id": f"p{n:02}", "clinic_id": f"c{c}", "minutes": 3 + 10 * abs(c - n % 4)}
            for n in range(40) for c in range(4) if (n, c) != (5, 1)]  # fmt: skip
    pl.DataFrame(rows).write_csv(tmp_path / "travel.csv")
    out = tmp_path / "out"
    done = run("close", folder, "--rank", "c1", "--travel", tmp_path / "travel.csv", "--out", out, "--json")
    assert done.code == 0
    assert done.document["counts"]["journey_unknown"] == 1
    assert done.document["cost"] == 9 * 10
    assert run("verify", out).code == 0
