"""The instance without people: right as written, nothing personal in it, caught wherever it is touched."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cli_run import Runner
from tideover.cases import run_strike
from tideover.cases import strike as strike_case
from tideover.errors import InputError
from tideover.nouns import Scenario
from tideover.readers import read_network, write_network
from tideover.reports import write_strike
from tideover.verify import Verdict, share, verify
from tideover.verify.instance import instance
from tideover.visits import open_book
from tideover.visits.problem import build
from verify_factory import COSTS, WHOLE, seal, write_plan
from visits_factory import AS_OF, PINS, case_of

SALT = "a salt that is only for tests"
TABLES = ("items", "bins", "pairs", "chosen", "prices", "teams", "sites", "rooms")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hand-worked plan and its instance, rows numbered by a known salt."""
    folder = tmp_path_factory.mktemp("share")
    write_plan(folder)
    share(folder / "plan", folder / "shared", salt=SALT)
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A copy of the instance alone, that a test may spoil."""
    return Path(shutil.copytree(made / "shared", tmp_path / "alone"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs a command in this process."""
    return Runner(capsys)


def table(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


def verdict(folder: Path) -> Verdict:
    (found,) = verify(folder)
    return found


def caught(folder: Path, telling: str) -> None:
    found = verdict(folder)
    assert not found.ok
    assert any(telling in sentence for sentence in found.differences), found.differences


def rewrite(folder: Path, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Change a table and seal all hashes again, as a careful forger would."""
    change(table(folder, name)).write_parquet(folder / f"{name}.parquet")
    seal(folder)


def test_a_hand_worked_instance(made: Path) -> None:
    """The plan worked by hand: four visits, four bins, eight pairs, one site, and all figures."""
    shared = made / "shared"
    items, bins, pairs = (table(shared, name) for name in ("items", "bins", "pairs"))
    # a waits 29 days past its safe-by date: 2,900; b 15 at weight 10; c the same; d is safe all the while
    waiting = items.select("size", "cost_0", "cost_1").rows()
    assert Counter(waiting) == Counter([(1, 2900, 1), (2, 150, 1), (1, 150, 1), (1, 0, 1)])
    assert sorted(bins.select("kind", "capacity").rows()) == [
        ("open", 2),
        ("stand", 0),
        ("stand", 1),
        ("standby", 1),
    ]
    # one post, sent to the one site: no unit in the first hour, one in the second
    assert table(shared, "teams").rows() == [(0, 1)]
    assert table(shared, "sites").rows() == [(0, 0, 1)]
    assert sorted(table(shared, "rooms").select("posts", "units").rows()) == [(0, 0), (0, 0), (1, 0), (1, 1)]
    # on Friday all four; on standing and standby units of their hour only c and d, of one unit each
    assert pairs.height == 4 + 2 + 2
    assert table(shared, "chosen")["bin"].null_count() == 1
    found = verdict(shared)
    assert (found.ok, found.cost, found.bound) == (True, WHOLE, WHOLE)
    facts = json.loads((shared / "plan.json").read_text(encoding="utf-8"))
    assert tuple(level["cost"] for level in facts["levels"]) == COSTS
    assert facts["counts"] == {"items": 4, "elsewhere": 2, "stand": 1, "standby": 0, "waitlist": 1}


def test_nothing_of_people_or_places_is_in_it(tmp_path: Path) -> None:
    """No identifier of a visit, patient, clinician or session, no name and no date is in any file."""
    case = case_of(1)
    plan = planned(case, tmp_path)
    network = case.network
    assert share(plan, tmp_path / "shared").rows["pairs"] > 0
    words = {name for frame, key in ((network.visits, "visit_id"), (network.patients, "patient_id"),
             (network.sessions, "session_id"), (network.clinicians, "clinician_id"))
             for name in frame[key].to_list()}  # fmt: skip
    whole = (tmp_path / "shared" / "plan.json").read_text(encoding="utf-8")
    facts = json.loads(whole)
    figures = {"unit_minutes", "policy", "counts", "pinned", "levels", "cost", "bound", "gap"}
    said = {"tideover", "kind", "synthetic", "of_plan", "scope", "cannot_be_checked", "warning", "files"}
    assert set(facts) == figures | said
    for name in TABLES:
        frame = table(tmp_path / "shared", name)
        texts = {column for column, kind in frame.schema.items() if kind != pl.Int64()}
        assert texts <= {"kind"}
    assert [word for word in words if f'"{word}"' in whole] == []
    assert str(tmp_path) not in whole
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "shared").iterdir())


def planned(case: Any, folder: Path, pinned: int = 0) -> Path:
    """Write a plan of ``case`` with some of its visits pinned, and return its folder."""
    write_network(case.network, folder / "network")
    network = read_network(folder / "network")
    result = run_strike(network, case.changes, case.policy, AS_OF)
    if pinned:
        some = result.plan.decisions.filter("affected").head(pinned)
        pins = some.select("visit_id", "option", session_id="new_session_id", start="new_start").select(*PINS)
        result = run_strike(network, case.changes, case.policy, AS_OF, pins)
    write_strike(result, folder / "plan")
    return folder / "plan"


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_two_codes_make_the_same_pairs(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open intervals of the instance, made by verify, have the planner's pairs: sizes, capacities, costs."""
    monkeypatch.setattr(strike_case, "WORKING_SHARES", ())
    case = case_of(seed)
    plan = planned(case, tmp_path)
    share(plan, tmp_path / "shared")
    scenario = Scenario.of(read_network(tmp_path / "network"), case.changes)
    day = build(scenario, case.policy, open_book(scenario, case.policy, AS_OF))
    problem, intervals = day.problem, day.opened.intervals.height
    items, bins, pairs = (table(tmp_path / "shared", name) for name in ("items", "bins", "pairs"))
    whole = pairs.join(items.select("item", "size"), on="item").join(bins.filter(kind="open"), on="bin")
    costs = [name for name in pairs.columns if name.startswith("cost_")]
    item = [at for at in range(problem.size.size) for _ in range(problem.start[at], problem.start[at + 1])]
    of_all = zip(
        problem.bin.tolist(),
        problem.size[item].tolist(),
        problem.capacity[problem.bin].tolist(),
        *problem.cost.tolist(),
        strict=True,
    )
    theirs = Counter(tuple(rest) for at, *rest in of_all if at < intervals)
    assert theirs
    assert Counter(whole.select("size", "capacity", *costs).rows()) == theirs
    assert verdict(tmp_path / "shared").ok


def test_pinned_visits_are_a_sum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With pins, the others are items, the pinned ones a count and a cost, and all is right."""
    monkeypatch.setattr(strike_case, "WORKING_SHARES", ())
    plan = planned(case_of(2), tmp_path, pinned=3)
    share(plan, tmp_path / "shared")
    facts = json.loads((tmp_path / "shared" / "plan.json").read_text(encoding="utf-8"))
    assert facts["pinned"]["visits"] == 3
    found, (whole,) = verdict(tmp_path / "shared"), verify(plan)
    assert (found.ok, found.cost, found.bound, found.gap) == (True, whole.cost, whole.bound, whole.gap)


def test_what_does_not_prove_itself_is_not_written(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An instance that the check would refuse is not given out: nothing is written, and why is said."""
    broken = partial(_less_a_price, instance)
    monkeypatch.setattr("tideover.verify.sharing.instance", broken)
    with pytest.raises(InputError, match="proves the plan's figures"):
        share(made / "plan", tmp_path / "s")
    assert list(tmp_path.iterdir()) == []


def _less_a_price(make: Any, plan: Any, salt: bytes) -> Any:
    whole = make(plan, salt)
    prices = whole.tables["prices"].with_columns(price=pl.lit(0, pl.Int64))
    return replace(whole, tables={**whole.tables, "prices": prices})


def test_the_salt_numbers_the_rows(made: Path, tmp_path: Path) -> None:
    """The same salt gives the same bytes, another one another numbering, and a random one is not told."""
    share(made / "plan", tmp_path / "again", salt=SALT)
    share(made / "plan", tmp_path / "other", salt=SALT + ".")
    for name in ("plan.json", *(f"{name}.parquet" for name in TABLES)):
        assert (tmp_path / "again" / name).read_bytes() == (made / "shared" / name).read_bytes()
    assert not table(tmp_path / "other", "items").equals(table(made / "shared", "items"))
    prints = {share(made / "plan", tmp_path / f"random-{n}").fingerprint for n in range(4)}
    assert len(prints) > 1
    assert all(verdict(tmp_path / f"random-{n}").ok for n in range(4))


@pytest.mark.parametrize("name", TABLES)
def test_any_file_that_is_touched_is_caught(copy: Path, name: str) -> None:
    """Whatever is changed in a table without sealing it again is caught by its SHA-256."""
    frame = table(copy, name)
    last = frame.columns[-1]
    frame.with_columns(pl.col(last) + 1).write_parquet(copy / f"{name}.parquet")
    caught(copy, f"{name}.parquet, SHA-256")


def test_one_cost_is_caught(copy: Path) -> None:
    """The cost of a chosen pair that is lowered by one point is caught at its level."""
    pair = pl.struct("item", "bin")
    held = table(copy, "chosen").drop_nulls().select(pair).to_series().implode()
    last = f"cost_{len(COSTS) - 1}"
    here = pair.is_in(held) & (pl.col(last) > 0)
    first = here & (here.cum_sum() == 1)
    rewrite(copy, "pairs", lambda frame: frame.with_columns(pl.col(last) - first.cast(pl.Int64)))
    caught(copy, f"levels[{len(COSTS) - 1}].cost")


def test_one_chosen_pair_is_caught(copy: Path) -> None:
    """A visit put on the wait-list, or into a bin that it may not take, is caught."""
    chosen = table(copy, "chosen")
    here = pl.col("bin").is_not_null() & (pl.col("bin").is_not_null().cum_sum() == 1)
    rewrite(copy, "chosen", lambda f: f.with_columns(pl.when(here).then(None).otherwise("bin").alias("bin")))
    caught(copy, "counts.waitlist")
    bins = table(copy, "bins")
    standby = bins.filter(kind="standby")["bin"][0]
    large = table(copy, "items").filter(size=2)["item"][0]
    chosen = chosen.with_columns(pl.when(pl.col("item") == large).then(standby).otherwise("bin").alias("bin"))
    rewrite(copy, "chosen", lambda _: chosen)
    caught(copy, "allowed pair")


def test_one_price_is_caught(copy: Path) -> None:
    """A price on which the bound hangs gives another bound than the one that is stated."""
    at = table(copy, "prices").sort("price")["price"].max()
    dear = pl.col("price") == at
    rewrite(copy, "prices", lambda f: f.with_columns(pl.when(dear).then(0).otherwise("price").alias("price")))
    caught(copy, "bound")


@pytest.mark.parametrize(("more", "telling"), [(-1, "expected at most 1"), (1, "bound")])
def test_one_capacity_is_caught(copy: Path, more: int, telling: str) -> None:
    """A capacity below what it holds is overfull; one above what it was gives a lower bound."""
    here = (pl.col("kind") == "open").cast(pl.Int64) * more
    rewrite(copy, "bins", lambda frame: frame.with_columns(pl.col("capacity") + here))
    caught(copy, telling)


NUMBERS = [("cost",), ("bound",), ("gap",), ("levels", 0, "cost"), ("levels", 1, "bound"),
           ("levels", 2, "gap"),
           ("levels", 1, "weights", 0), ("counts", "items"), ("counts", "stand"), ("counts", "elsewhere"),
           ("pinned", "cost", 0), ("levels", 0, "gap_share")]  # fmt: skip


@pytest.mark.parametrize("way", NUMBERS, ids=lambda way: ".".join(map(str, way)))
def test_one_stated_number_is_caught(copy: Path, way: tuple[Any, ...]) -> None:
    """Every figure of plan.json that is one more than it was is caught."""
    facts = json.loads((copy / "plan.json").read_text(encoding="utf-8"))
    at = facts
    for key in way[:-1]:
        at = at[key]
    at[way[-1]] += 1
    (copy / "plan.json").write_text(json.dumps(facts), encoding="utf-8")
    assert not verdict(copy).ok


def test_items_twice_or_left_out_are_caught(copy: Path) -> None:
    """An item that is chosen twice, left out, or has no price is caught."""
    whole = table(copy, "chosen")
    for frame in (pl.concat([whole, whole.head(1)]).sort("item"), whole.head(-1), whole.head(0)):
        rewrite(copy, "chosen", lambda _, frame=frame: frame)
        caught(copy, "chosen.parquet: found item numbers")
    rewrite(copy, "chosen", lambda _: whole)
    rewrite(copy, "prices", lambda frame: frame.head(-1))
    caught(copy, "price for each item")


CELLS = st.one_of(st.none(), st.sampled_from([-1, 0, 3, 2**31, 2**62, 2**63 - 1, -(2**63)]))


@settings(max_examples=40)
@example(name="teams", column=1, row=0, cell=None)
@given(name=st.sampled_from(TABLES), column=st.integers(0, 4), row=st.integers(0, 3), cell=CELLS)
def test_no_cell_breaks_the_check(made: Path, tmp_path_factory: Any, name: str, column: int, row: int,
                                  cell: int | None) -> None:  # fmt: skip
    """Whatever stands in a cell of a sealed forgery, the answer is a verdict in words and no failure."""
    folder = Path(shutil.copytree(made / "shared", tmp_path_factory.mktemp("cell") / "copy"))

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        key = frame.columns[column % frame.width]
        value = pl.lit(None if cell is None else cell if frame.schema[key] == pl.Int64() else "?",
                       dtype=frame.schema[key])  # fmt: skip
        here = pl.int_range(pl.len()) == row
        return frame.with_columns(pl.when(here).then(value).otherwise(key).alias(key))

    rewrite(folder, name, change)
    found = verdict(folder)
    assert all(text and text.isprintable() for text in found.differences)
    assert not any("could not be checked to the end" in text for text in found.differences)


@pytest.mark.parametrize("value", [None, [], "x", -1, 2**200, {"a": 1}, 1.5])
def test_no_plan_json_breaks_the_check(copy: Path, value: Any) -> None:
    """Whatever a key of plan.json holds, the answer is a verdict and no failure."""
    facts = json.loads((copy / "plan.json").read_text(encoding="utf-8"))
    for key in facts:
        if key != "kind" and facts[key] != value:
            (copy / "plan.json").write_text(json.dumps(facts | {key: value}), encoding="utf-8")
            found = verdict(copy)
            # words and what it is a copy of are no figures
            assert not found.ok or key in ("tideover", "of_plan", "scope", "cannot_be_checked", "warning")
            assert not any("to the end" in text for text in found.differences), key


def test_it_says_what_it_cannot_check(made: Path, run: Runner) -> None:
    """On writing and on checking: no anonymity; on checking: what cannot be known without the book."""
    told = " ".join(run("verify", made / "shared").out.split())
    assert "Cannot be checked without the book" in told
    assert "anonymity is not" in told
    document = run("verify", made / "shared", "--json").document
    (plan,) = document["plans"]
    assert plan["kind"] == "shared"
    assert "Cannot be checked" in plan["scope"]
    assert "anonymity is not" in plan["warning"]


def test_the_command(made: Path, tmp_path: Path, run: Runner) -> None:
    """share writes the folder, says its size and time, warns, and tells the fingerprint that verify tells."""
    ran = run("share", made / "plan", "--out", tmp_path / "s", "--json")
    assert ran.code == 0, ran.err
    found = ran.document
    rows = {"items": 4, "bins": 4, "pairs": 8, "chosen": 4, "prices": 4 * len(COSTS)}
    assert found["rows"] == rows | {"teams": 1, "sites": 1, "rooms": 4}
    assert found["bytes"] == sum(path.stat().st_size for path in (tmp_path / "s").iterdir())
    assert found["seconds"] >= 0
    assert verdict(tmp_path / "s").fingerprint == found["fingerprint"]
    said = " ".join(run("share", made / "plan", "--out", tmp_path / "s").out.split())
    assert "anonymity is not" in said
    assert "Synthetic people" in said


@pytest.mark.parametrize("salt", ["", "short", "x" * 201])
def test_a_salt_that_guards_nothing(made: Path, tmp_path: Path, run: Runner, salt: str) -> None:
    """A salt that is too short, or a whole letter, is refused and nothing is written."""
    ran = run("share", made / "plan", "--out", tmp_path / "s", "--salt", salt, "--json")
    assert (ran.code, ran.document["faults"][0]["column"]) == (1, "--salt")
    assert not (tmp_path / "s").exists()


def test_only_a_confirmed_plan_is_shared(made: Path, tmp_path: Path, run: Runner) -> None:
    """A plan with a wrong figure, a shared instance, an empty folder and no folder at all are refused."""
    shutil.copytree(made, tmp_path / "copy")
    plan = tmp_path / "copy" / "plan"
    facts = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    (plan / "plan.json").write_text(json.dumps(facts | {"bound": facts["bound"] + 1}), encoding="utf-8")
    for folder, telling in ((plan, "bound"), (made / "shared", "shared instance"), (made, "no plan.json"),
                            (tmp_path / "nowhere", "no folder")):  # fmt: skip
        ran = run("share", folder, "--out", tmp_path / "s", "--json")
        assert ran.code == 1
        assert any(telling in json.dumps(fault) for fault in ran.document["faults"]), ran.document
        assert not (tmp_path / "s").exists()


def test_a_network_that_is_not_the_plans(made: Path, tiny_folder: Path, tmp_path: Path, run: Runner) -> None:
    """With another network than the plan's nothing is shared."""
    ran = run("share", made / "plan", "--network", tiny_folder, "--out", tmp_path / "s", "--json")
    assert ran.code == 1
    assert not (tmp_path / "s").exists()


def test_it_never_replaces_a_plan(made: Path, tmp_path: Path, run: Runner) -> None:
    """Asked to write over the plan, a foreign folder or a file, share refuses before any work."""
    (tmp_path / "notes.txt").write_text("mine")
    for out in (made / "plan", tmp_path, tmp_path / "notes.txt"):
        ran = run("share", made / "plan", "--out", out, "--json")
        assert (ran.code, ran.document["ok"]) == (1, False)
    assert verdict(made / "plan").ok
    with pytest.raises(InputError):
        share(made / "shared", tmp_path / "s")
