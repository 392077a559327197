"""What clinics cost beside what closing them does to journeys: loops over every plan, the command, verify."""

from __future__ import annotations

import hashlib
import json
import shutil
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli_run import Runner
from panels_factory import network, patient, policy, post, site
from test_choice import _placed, persons, row_of_clinics
from tideover.nouns import Network
from tideover.panels.choice import Field, choose
from tideover.readers import write_network
from tideover.verify import verify


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


def costing(net: Network, *costs: float | None) -> Network:
    """Return the network with these fixed costs a year, clinic by clinic."""
    more = pl.Series("fixed_cost_per_year", costs, pl.Float64)
    return net.replace(clinics=net.clinics.with_columns(more))


def minutes_of(cost: float, rate: float) -> int:
    """Return the whole minutes, halves up, that a cost a year weighs."""
    return int(np.floor(round(cost / rate * 60, 4) + 0.5))


@settings(max_examples=15)
@given(st.integers(0, 100_000), st.sampled_from((1.0, 20.0, 600.0)))
def test_a_choice_with_costs_is_the_best_of_all_plans(seed: int, rate: float) -> None:
    """Eight people, tight rooms, drawn costs: no set and no way to place them comes below the bound."""
    chance = np.random.default_rng(seed)
    sites = [site(f"c{n}", -93.0 + float(chance.integers(-20, 20)) / 100) for n in range(4)]
    posts = [post(f"k{n}", f"c{n}", int(chance.integers(1, 5))) for n in range(4)]
    people = [
        patient(f"p{n}", f"k{chance.integers(4)}", -93.0 + float(chance.integers(-20, 20)) / 100)
        for n in range(8)
    ]
    costs = [float(cost) for cost in chance.integers(0, 200, 4)]
    net, rules = costing(network(sites, posts, people), *costs), policy(transfer_limit_minutes=30)
    clinics, rows = persons(net, rules)
    field = Field.of(net, rules, per_hour=rate)
    cap = dict(zip(clinics, field.cap.tolist(), strict=True))
    cost_of = dict(zip(clinics, costs, strict=True))
    best = min(
        _placed(rows, closed, cap, "minutes", rules)
        + sum(minutes_of(cost_of[name], rate) for name in clinics if name not in closed)
        for closed in combinations(clinics, 2)
    )
    found = choose(field, 2, "minutes")
    assert found.bound <= best <= found.cost
    assert found.cost <= best * 1.02 + 2  # people are whole: the engine's plan may miss a little


def test_a_dear_clinic_closes_where_an_hour_is_cheap() -> None:
    """By hand: alone c2 adds least; c1 costs so much more that it closes at $120, no longer at $100,000.

    Its 10 people add 14 minutes, those of c2 7; c1 costs 900, c2 5, c0 100 and c3 400 dollars a year. At
    $120 an hour a dollar is half a minute: 14 + (100 + 5 + 400) / 2 is 266.5, the 5 dollars alone 2.5, which
    are 3 minutes: 14 + 50 + 3 + 200. Closing c2 would be 7 + 50 + 450 + 200.
    """
    net = costing(row_of_clinics(), 100, 900, 5, 400)
    cheap = choose(Field.of(net, policy(), per_hour=120), 1, "minutes")
    assert (cheap.closed, cheap.cost, cheap.bound) == ((1,), 14 + 50 + 3 + 200, 14 + 50 + 3 + 200)
    dear = choose(Field.of(net, policy(), per_hour=100_000), 1, "minutes")
    assert dear.closed == choose(Field.of(net, policy()), 1, "minutes").closed == (2,)
    assert dear.cost == 7 + 0 + 1 + 0
    kept = choose(Field.of(costing(net, 100, None, 5, 400), policy(), ["c1"], 120), 1, "minutes")
    assert (kept.closed, kept.cost - kept.bound) == ((3,), 0)


def test_fewer_clinics_bound_more_with_costs(monkeypatch) -> None:
    """From all sets of two a bound for sets of three, below the optimum; savings count in full."""
    net = costing(row_of_clinics(6), 60, 90, 5, 40, 700, 200)
    field = Field.of(net, policy(), per_hour=30)
    whole = choose(field, 3, "minutes")
    monkeypatch.setattr("tideover.panels.choice.ALL_SETS", 15)
    scaled = choose(field, 3, "minutes")
    assert scaled.smaller == 2
    assert scaled.bound <= whole.cost <= scaled.cost
    assert scaled.bound >= 120 + 10 + 80  # those that cost least stay at least


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The row of four with costs, written."""
    place = tmp_path_factory.mktemp("network") / "net"
    write_network(costing(row_of_clinics(), 100, 900, 5, 400), place)
    return place


@pytest.fixture(scope="module")
def made(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A choice of two at $120 an hour."""
    from tideover.cli import main

    out = tmp_path_factory.mktemp("choice") / "out"
    words = ["close", str(folder), "--choose", "2", "--money-per-hour", "120", "--out", str(out), "--json"]
    assert main(words) == 0
    return out


def test_what_is_written_is_confirmed_and_told(run, made, folder) -> None:
    """Verify makes it again; page, terminal and JSON say what is minutes, what money, whose the rate is."""
    done = run("verify", made, "--json")
    assert done.code == 0, done.out
    stated = json.loads((made / "choice.json").read_text())
    money = stated["money"]
    assert stated["cost"] == money["harm"] + money["standing"]
    assert money["saved_per_year"] + money["open_per_year"] == 1405
    page = (made / "report.html").read_text()
    said = " ".join(run("close", folder, "--choose", "2", "--money-per-hour", "120").out.split())
    for text in (page, said):
        assert f"saves ${money['saved_per_year']:,.0f} a year" in text
        assert "$120 a year weigh as much as one hour" in text
    assert "both together" in said
    assert "These close: c1 and c3." in page
    plain = run("close", folder, "--choose", "2")
    assert "What the clinics cost does not count" in " ".join(plain.out.split())
    assert run("close", folder, "--choose", "2", "--json").document["money"] is None


def test_a_bound_from_smaller_sets_is_confirmed(folder, tmp_path, monkeypatch) -> None:
    """Where not all sets are looked at, verify finds the same bound from smaller ones."""
    from tideover.cli import main

    monkeypatch.setattr("tideover.panels.choice.ALL_SETS", 4)
    words = ["close", str(folder), "--choose", "2", "--money-per-hour", "120", "--out", str(tmp_path / "o")]
    assert main([*words, "--json"]) == 0
    assert json.loads((tmp_path / "o" / "choice.json").read_text())["smaller"] == 1
    (verdict,) = verify(tmp_path / "o")
    assert verdict.ok, verdict.differences


@pytest.mark.parametrize(
    "change",
    [
        {"per_hour": 60.0}, {"per_hour": 0}, {"per_hour": -120}, {"per_hour": 1e-300}, {"per_hour": 1e12},
        {"per_hour": float("nan")}, {"per_hour": None}, {"harm": 0}, {"standing": 1},
        {"saved_per_year": 2000}, {"open_per_year": 0}, None,
    ],
)  # fmt: skip
def test_verify_sees_changed_money(made, tmp_path, change) -> None:
    """Whatever is exchanged about money, the rate and its absence too, it is not confirmed."""
    stated = json.loads((made / "choice.json").read_text())
    shutil.copytree(made, tmp_path / "copy")
    stated["money"] = None if change is None else stated["money"] | change
    (tmp_path / "copy" / "choice.json").write_text(json.dumps(stated))
    (verdict,) = verify(tmp_path / "copy")
    assert not verdict.ok
    assert verdict.differences


def test_verify_sees_a_changed_objective_bound_and_trial(made, tmp_path) -> None:
    """Points beside money, a bound of another kind, and a trial that proves more than its prices do."""
    stated = json.loads((made / "choice.json").read_text())
    for number, change in enumerate(({"objective": "points"}, {"bound": stated["bound"] - 1}, {"rest": 0})):
        copy = shutil.copytree(made, tmp_path / str(number))
        (copy / "choice.json").write_text(json.dumps(stated | change))
        assert not verify(copy)[0].ok, change
    copy = shutil.copytree(made, tmp_path / "tried")
    rows = pl.read_parquet(copy / "tried.parquet")
    rows.with_columns(pl.col("bound") + 1).write_parquet(copy / "tried.parquet")
    digest = hashlib.sha256((copy / "tried.parquet").read_bytes()).hexdigest()
    stated["files"]["tried.parquet"] = digest
    (copy / "choice.json").write_text(json.dumps(stated))
    assert not verify(copy)[0].ok


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--choose", "1", "--money-per-hour", "-5"], "-5"),
        (["--choose", "1", "--money-per-hour", "0"], "0"),
        (["--choose", "1", "--money-per-hour", "nan"], "nan"),
        (["--choose", "1", "--money-per-hour", "inf"], "inf"),
        (["--choose", "1", "--money-per-hour", "0.5"], "0.5"),
        (["--choose", "1", "--money-per-hour", "9", "--objective", "points"], "--objective points"),
        (["--rank", "c1", "--money-per-hour", "9"], "--money-per-hour with --rank"),
    ],
)
def test_wrong_rates_are_reported_and_nothing_is_written(run, folder, tmp_path, words, found) -> None:
    """Each with the option, what was found and a remedy; exit 1, no folder."""
    done = run("close", folder, *words, "--out", tmp_path / "out", "--json")
    assert done.code == 1
    (fault,) = done.document["faults"]
    assert fault["column"] == "--money-per-hour"
    assert found in fault["found"]
    assert fault["remedy"]
    assert not list(tmp_path.iterdir())


def test_every_clinic_without_a_cost_is_listed(run, tmp_path) -> None:
    """Those that may close, each by name, together with another fault; a kept one needs none."""
    net = costing(row_of_clinics(), 100, None, None, 400)
    write_network(net, tmp_path / "net")
    words = ["close", tmp_path / "net", "--money-per-hour", "50", "--out", tmp_path / "out", "--json"]
    done = run(*words, "--choose", "1", "--keep", "c9")
    assert done.code == 1
    faults = done.document["faults"]
    lacking = [one["found"] for one in faults if one["column"] == "fixed_cost_per_year"]
    assert lacking == ["nothing for 'c1'", "nothing for 'c2'"]
    assert any(one["column"] == "--keep" for one in faults)
    assert not (tmp_path / "out").exists()
    kept = run(*words, "--choose", "1", "--keep", "c1,c2")
    assert kept.code == 0
    assert run("verify", tmp_path / "out").code == 0
    assert run("close", tmp_path / "net", "--choose", "1").code == 0  # without a rate none is needed


def test_a_rate_that_is_no_number_is_wrong_usage(run, folder) -> None:
    """Words that are no numbers end with 2."""
    assert run("close", folder, "--choose", "1", "--money-per-hour", "much").code == 2
