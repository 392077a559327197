"""The planner's own plan of the tiny example: right as written, caught wherever it is touched."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tideover.cases import run_strike
from tideover.disruptions import DISRUPTIONS
from tideover.nouns import Policy
from tideover.readers import read_network
from tideover.reports import write_strike
from tideover.verify import Verdict, verify
from verify_factory import seal

FUZZ = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Path) -> Path:
    """A folder with the tiny network and its plan, one moved visit of which is pinned."""
    folder = tmp_path_factory.mktemp("verify")
    shutil.copytree(tiny_folder, folder / "network")
    network = read_network(folder / "network")
    change = DISRUPTIONS["strike"].from_facts({"dates": ["2026-03-11"], "working": 0.25})
    first = run_strike(network, [change], Policy.default(), date(2026, 3, 4))
    moved = first.plan.decisions.filter(pl.col("option") == "own_clinician").head(1)
    pins = moved.select("visit_id", "option", session_id="new_session_id", start="new_start")
    result = run_strike(network, [change], Policy.default(), date(2026, 3, 4), pins)
    write_strike(result, folder / "plan")
    seal(folder / "plan")
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy"


def verdict(folder: Path) -> Verdict:
    (found,) = verify(folder / "plan", folder / "network")
    return found


def caught(folder: Path, telling: str) -> None:
    found = verdict(folder)
    assert not found.ok
    assert any(telling in sentence for sentence in found.differences), found.differences


def rewrite(folder: Path, frame: pl.DataFrame) -> None:
    """Write the decisions into all files, as a careful forger would."""
    frame.write_parquet(folder / "plan" / "decisions.parquet")
    frame.write_csv(folder / "plan" / "decisions.csv")
    frame.filter(pl.col("option") != "stand").select("visit_id").write_csv(folder / "plan" / "calls.csv")
    seal(folder / "plan")


def decisions(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "plan" / "decisions.parquet")


def said(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "plan" / "plan.json").read_text(encoding="utf-8"))
    return found


def say(folder: Path, facts: Any) -> None:
    (folder / "plan" / "plan.json").write_text(json.dumps(facts), encoding="utf-8")


def test_untouched_plan_is_right(made: Path) -> None:
    """The planner's plan is found again in every figure."""
    found = verdict(made)
    assert found.differences == ()
    assert found.ok
    facts = said(made)
    assert (found.cost, found.bound) == (facts["cost"], facts["bound"])


def other(value: Any) -> Any:
    """Return a value of the same type that is not the same."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case date():
            return value + timedelta(days=1)
        case None:
            return None
        case _:
            return f"{value}x"


@settings(FUZZ, max_examples=20)
@given(st.data())
def test_every_cell_counts(made: Path, tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    """Any cell of the decisions that is changed, in all files at once, is caught with the visit's name."""
    frame = decisions(made)
    row = data.draw(st.integers(0, frame.height - 1))
    cells = frame.row(row, named=True)
    name = data.draw(st.sampled_from([name for name, value in cells.items() if value is not None]))
    folder = tmp_path_factory.mktemp("cell") / "copy"
    shutil.copytree(made, folder)
    here = pl.int_range(pl.len()) == row
    value = pl.lit(other(cells[name]), frame.schema[name])
    rewrite(folder, frame.with_columns(pl.when(here).then(value).otherwise(name).alias(name)))
    caught(folder, cells["visit_id"])


def test_one_price(copy: Path) -> None:
    """A price of nothing for a visit that must cost something lowers a bound, and is caught."""
    prices = pl.read_parquet(copy / "plan" / "duals.parquet")
    dearest = prices.filter(pl.col("level") == 3).sort("price").row(-1, named=True)["visit_id"]
    here = (pl.col("level") == 3) & (pl.col("visit_id") == dearest)
    spoiled = prices.with_columns(pl.when(here).then(0).otherwise("price").alias("price"))
    spoiled.write_parquet(copy / "plan" / "duals.parquet")
    seal(copy / "plan")
    caught(copy, "levels[3].bound")


def test_one_input_row(copy: Path) -> None:
    """A visit added to the book afterwards changes the file's hash, whatever else it changes."""
    path = copy / "network" / "visits.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text(
        "\n".join([*lines[:-1], lines[-1].replace(",acute,", ",chronic,")]) + "\n", encoding="utf-8"
    )
    caught(copy, "input file visits.csv, SHA-256")


def test_the_policy(copy: Path) -> None:
    """Another weight is caught by the hash, and with a new hash by the points."""
    facts = said(copy)
    facts["policy"]["weights"]["told"] = 0
    say(copy, facts)
    caught(copy, "policy_sha256")
    caught(copy, "told: found 40; expected 0")


@pytest.mark.parametrize(
    "name", ["booked", "affected", "stand", "standby", "moved", "urgent_care", "unsafe_urgent"]
)
def test_one_count(copy: Path, name: str) -> None:
    """A count that is one too many is caught by its name."""
    facts = said(copy)
    facts["counts"][name] += 1
    say(copy, facts)
    caught(copy, f"counts.{name}")


def test_two_slots_swapped(copy: Path) -> None:
    """Two visits that swap their slots no longer have the points that the plan says."""
    frame = decisions(copy)
    placed = (
        frame.filter(pl.col("option") == "own_clinician")
        .unique("new_clinician_id", keep="first")
        .sort("visit_id")
    )
    one, two = placed["visit_id"][0], placed["visit_id"][1]
    new = ["new_clinic_id", "new_session_id", "new_clinician_id", "new_start"]
    partner = pl.col("visit_id").replace({one: two, two: one})
    swapped = frame.with_columns(partner.alias("partner")).join(
        frame.select(pl.col("visit_id").alias("partner"), *new),
        on="partner",
        suffix="_swapped",
        maintain_order="left",
    )
    rewrite(copy, swapped.with_columns(pl.col(f"{n}_swapped").alias(n) for n in new).select(frame.columns))
    caught(copy, f"visit {one}")


def test_a_visit_on_top_of_another(copy: Path) -> None:
    """Two visits at one time with one clinician are caught as one too many."""
    frame = decisions(copy)
    placed = frame.filter(pl.col("option") == "own_clinician")
    full = placed.group_by("new_session_id").len().filter(pl.col("len") > 1)["new_session_id"].sort()[0]
    starts = placed.filter(new_session_id=full).sort("new_start")
    here = pl.col("visit_id") == starts["visit_id"][1]
    moved = pl.when(here).then(pl.lit(starts["new_start"][0])).otherwise("new_start")
    rewrite(copy, frame.with_columns(moved.alias("new_start")))
    caught(copy, "found 2 visits at once; expected at most 1")


def test_a_row_left_out(copy: Path) -> None:
    """A booked visit without a decision is missed."""
    frame = decisions(copy)
    rewrite(copy, frame.slice(1))
    caught(copy, f"found no row for the booked visit {frame['visit_id'][0]}")


def test_a_pin_broken(copy: Path) -> None:
    """A visit that is no longer where it is pinned is caught."""
    pin = said(copy)["pins"][0]
    frame = decisions(copy)
    here = pl.col("visit_id") == pin["visit_id"]
    later = pl.when(here).then(pl.col("new_start") + pl.duration(minutes=15)).otherwise("new_start")
    rewrite(copy, frame.with_columns(later.alias("new_start")))
    caught(copy, "R11 pinned")


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in places(one, (*path, key)))]


ODD = st.sampled_from(
    [None, True, -1, 0, 10**30, 0.5, "", "x", "0001-01-01", "9999-12-31", "\ud800", [], {}, [[]], {"a": 1}]
)


@settings(FUZZ, max_examples=30)
@given(st.data())
def test_nothing_breaks_the_reading(made: Path, tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    """Whatever stands anywhere in plan.json, there is a verdict; it never breaks off with an error."""
    facts = said(made)
    path = data.draw(st.sampled_from(places(facts)[1:]))
    owner = facts
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = data.draw(ODD)
    folder = tmp_path_factory.mktemp("odd") / "plan"
    shutil.copytree(made / "plan", folder)
    (folder / "plan.json").write_text(json.dumps(facts), encoding="utf-8")
    (found,) = verify(folder, made / "network")
    assert all(line.isprintable() for line in found.differences)


@settings(FUZZ, max_examples=20)
@given(st.data())
def test_damaged_files_are_told(made: Path, tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    """Bytes cut off or changed anywhere in a file give a verdict; a table cut off is a difference."""
    name = data.draw(
        st.sampled_from(["decisions.parquet", "duals.parquet", "decisions.csv", "calls.csv", "plan.json"])
    )
    whole = bytearray((made / "plan" / name).read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        whole[at] ^= data.draw(st.integers(1, 255))
    else:
        del whole[at:]
    folder = tmp_path_factory.mktemp("damaged") / "plan"
    shutil.copytree(made / "plan", folder)
    (folder / name).chmod(0o600)
    (folder / name).write_bytes(bytes(whole))
    (found,) = verify(folder, made / "network")
    # every file but plan.json itself is hashed there; of plan.json a blank or a letter of words may go
    assert not found.ok or name == "plan.json"
