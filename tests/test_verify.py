"""Verify on a plan computed by hand: right as it is, and caught whatever is changed in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tideover.verify import Verdict, verify
from verify_factory import COSTS, WHOLE, clock, seal, write_plan


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return write_plan(tmp_path)


def verdict(plan: Path) -> Verdict:
    (found,) = verify(plan)
    return found


def test_hand_made_plan_is_right(plan: Path) -> None:
    """The plan of the factory, its costs and its bounds were worked out by hand, and nothing differs."""
    found = verdict(plan)
    assert found.differences == ()
    assert found.ok
    assert (found.cost, found.bound, found.gap) == (WHOLE, WHOLE, 0.0)
    assert "first-come" in found.scope
    assert COSTS[0] == 350


def change_facts(plan: Path, change: Callable[[dict[str, Any]], object]) -> None:
    said = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    change(said)
    (plan / "plan.json").write_text(json.dumps(said), encoding="utf-8")


def change_decisions(plan: Path, visit_id: str, **values: Any) -> None:
    frame = pl.read_parquet(plan / "decisions.parquet")
    here = pl.col("visit_id") == visit_id
    made = [
        pl.when(here).then(pl.lit(value, frame.schema[name])).otherwise(name).alias(name)
        for name, value in values.items()
    ]
    write_decisions(plan, frame.with_columns(made))


def write_decisions(plan: Path, frame: pl.DataFrame) -> None:
    frame.write_parquet(plan / "decisions.parquet")
    frame.write_csv(plan / "decisions.csv")
    frame.filter(pl.col("option") != "stand").select("visit_id").write_csv(plan / "calls.csv")
    seal(plan)


def change_price(plan: Path, level: int, visit_id: str, price: int) -> None:
    frame = pl.read_parquet(plan / "duals.parquet")
    here = (pl.col("level") == level) & (pl.col("visit_id") == visit_id)
    frame.with_columns(pl.when(here).then(price).otherwise("price").alias("price")).write_parquet(
        plan / "duals.parquet"
    )
    seal(plan)


def change_input(plan: Path, table: str, old: str, new: str) -> None:
    path = plan.parent / "network" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def swap_slots(plan: Path) -> None:
    change_decisions(plan, "c", option="own_clinician", new_session_id="S1", new_start=clock(7, 8, 15))
    change_decisions(plan, "d", option="stand", new_session_id="S0", new_start=clock(5, 9, 15))


def drop_row(plan: Path) -> None:
    write_decisions(plan, pl.read_parquet(plan / "decisions.parquet").filter(pl.col("visit_id") != "c"))


def truncate(name: str) -> Callable[[Path], None]:
    def cut(plan: Path) -> None:
        whole = (plan / name).read_bytes()
        (plan / name).write_bytes(whole[: len(whole) // 2])

    return cut


def pin_elsewhere(plan: Path) -> None:
    pin = {"visit_id": "c", "option": "own_clinician", "session_id": "S1", "start": "2025-11-07T08:15:00"}
    change_facts(plan, lambda said: said["pins"].append(pin))


def retype(plan: Path) -> None:
    frame = pl.read_parquet(plan / "decisions.parquet").with_columns(pl.col("told").cast(pl.String))
    frame.write_parquet(plan / "decisions.parquet")


TAMPERINGS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a visit on the wait-list instead of in its slot": (
        lambda p: change_decisions(
            p, "d", option="waitlist", new_clinic_id=None, new_session_id=None, new_start=None
        ),
        "decisions, visit d, not_placed: found 0; expected 1",
    ),
    "a stand given to a visit of another hour": (
        lambda p: change_decisions(
            p, "b", option="stand", new_clinic_id="A", new_session_id="S0", new_start=clock(5, 8, 15)
        ),
        "pool pool-A at A on 2025-11-05, hour 8, stand: found 2 units; expected at most 0",
    ),
    "a slot taken twice": (
        lambda p: change_decisions(p, "d", new_start=clock(7, 8)),
        "session S1 at 2025-11-07 08:00:00: found 2 visits at once; expected at most 1",
    ),
    "a slot after the session's end": (
        lambda p: change_decisions(p, "d", new_start=clock(7, 8, 30)),
        "(R1 fits)",
    ),
    "a session that does not exist": (
        lambda p: change_decisions(p, "d", new_session_id="S9"),
        "visit d: found session S9",
    ),
    "a wrong option name": (
        lambda p: change_decisions(p, "d", option="another_clinic"),
        "visit d, option: found another_clinic; expected own_clinician",
    ),
    "an unknown option": (lambda p: change_decisions(p, "d", option="gone"), "option: found gone"),
    "no option": (lambda p: change_decisions(p, "d", option=None), "option: found None"),
    "a cost": (
        lambda p: change_decisions(p, "a", told=0),
        "decisions, visit a, told: found 0; expected 40",
    ),
    "a cost left out": (lambda p: change_decisions(p, "a", told=None), "told: found nothing; expected 40"),
    "a safe-by date": (
        lambda p: change_decisions(p, "b", safe_by=clock(30, 0).date()),
        "visit b, safe_by: found 2025-11-30; expected 2025-11-19",
    ),
    "an affected visit called unaffected": (
        lambda p: change_decisions(p, "c", affected=False),
        "visit c, affected: found False; expected True",
    ),
    "an unaffected visit moved": (
        lambda p: change_decisions(p, "e", option="standby"),
        "visit e, option: found standby; expected stand",
    ),
    "a price": (lambda p: change_price(p, 0, "a", 150), "levels[0].bound: found 350; expected 150"),
    "a price of the last level": (
        lambda p: change_price(p, 3, "c", 40),
        "plan.json, bound: found 350001614; expected 350001610",
    ),
    "a price for nobody": (lambda p: change_price(p, 7, "a", 1) or add_price(p), "visit z, price 1"),
    "the bound": (
        lambda p: change_facts(p, lambda said: said["levels"][0].update(bound=349, gap=1)),
        "levels[0].bound: found 349; expected 350",
    ),
    "the gap": (lambda p: change_facts(p, lambda said: said.update(gap=0.1)), "plan.json, gap: found 0.1"),
    "the weights": (
        lambda p: change_facts(p, lambda said: said["levels"][1].update(weights=[1, 0])),
        "levels[1].weights: found [1, 0]",
    ),
    "a total": (
        lambda p: change_facts(p, lambda said: said["terms"].update(told=0)),
        "plan.json, terms.told: found 0; expected 120",
    ),
    "a count": (
        lambda p: change_facts(p, lambda said: said["counts"].update(unsafe_urgent=0)),
        "counts.unsafe_urgent: found 0; expected 1",
    ),
    "the unit": (
        lambda p: change_facts(p, lambda said: said.update(unit_minutes=5)),
        "unit_minutes: found 5; expected 15",
    ),
    "the window": (
        lambda p: change_facts(p, lambda said: said.update(window=["2025-11-05", "2025-12-31"])),
        "plan.json, window",
    ),
    "the hours": (
        lambda p: change_facts(p, lambda said: said["hours"][1].update(stand_units=2)),
        "hours, 2025-11-05 at 9, stand_units: found 2; expected 1",
    ),
    "the posts of a pool": (
        lambda p: change_facts(p, lambda said: said["pools"][0].update(stand_posts=2)),
        "pool pool-A, stand_posts: found 2; expected 1",
    ),
    "the policy": (
        lambda p: change_facts(p, lambda said: said["policy"]["weights"].update(told=0)),
        "policy_sha256",
    ),
    "the policy, with a key that does not exist": (
        lambda p: change_facts(p, lambda said: said["policy"].update(colour="red")),
        "unknown key colour",
    ),
    "the policy, out of bounds": (
        lambda p: change_facts(p, lambda said: said["policy"].update(horizon_days=10**9)),
        "policy.horizon_days: found 1000000000; expected 0..365",
    ),
    "the policy, of a wrong type": (
        lambda p: change_facts(p, lambda said: said["policy"].update(safe_days="soon")),
        "policy.safe_days",
    ),
    "the working share": (
        lambda p: change_facts(p, lambda said: said["changes"][0].update(working=0.4)),
        "pool pool-A, working_share: found 0.25; expected 0.4",
    ),
    "a change of no known kind": (
        lambda p: change_facts(p, lambda said: said["changes"][0].update(kind="flood")),
        "flood",
    ),
    "the as-of date": (
        lambda p: change_facts(p, lambda said: said.update(as_of="the other day")),
        "as_of: found the other day",
    ),
    "one row of the book": (
        lambda p: change_input(p, "visits", "b,pb", "b,pa"),
        "input file visits.csv, SHA-256",
    ),
    "a damaged book": (lambda p: change_input(p, "visits", "30,", "-30,"), "cannot be read"),
    "no book": (lambda p: (p.parent / "network").rename(p.parent / "gone"), "found no folder"),
    "one more input file": (
        lambda p: change_facts(p, lambda said: said["network"]["files"].update({"more.csv": "0"})),
        "input file more.csv, SHA-256: found nothing; expected 0",
    ),
    "two visits with each other's slots": (
        swap_slots,
        "decisions, visit c, days_moved: found 0; expected 20",
    ),
    "a row left out": (drop_row, "found no row for the booked visit c"),
    "a pin that is not kept": (pin_elsewhere, "(R11 pinned)"),
    "a pin on nobody": (
        lambda p: change_facts(
            p,
            lambda said: said["pins"].append(
                {"visit_id": "z", "option": "stand", "session_id": None, "start": None}
            ),
        ),
        "pins: found z, which is not affected",
    ),
    "a pin without a place": (
        lambda p: change_facts(
            p,
            lambda said: said["pins"].append(
                {"visit_id": "a", "option": "video", "session_id": None, "start": None}
            ),
        ),
        "found no session or start",
    ),
    "half a decisions file": (truncate("decisions.parquet"), "decisions.parquet: cannot be read"),
    "half a duals file": (truncate("duals.parquet"), "duals.parquet: cannot be read"),
    "half a plan": (truncate("plan.json"), "plan.json: cannot be read as JSON"),
    "half a CSV": (truncate("decisions.csv"), "decisions.csv"),
    "no duals": (lambda p: (p / "duals.parquet").unlink(), "duals.parquet: cannot be read"),
    "no CSV": (lambda p: (p / "decisions.csv").unlink(), "decisions.csv: cannot be read"),
    "no calls": (lambda p: (p / "calls.csv").unlink(), "calls.csv: cannot be read"),
    "a call left out": (
        lambda p: (p / "calls.csv").write_text("visit_id\na\nd\n"),
        "calls.csv: found no row for visit b",
    ),
    "a call too many": (
        lambda p: (p / "calls.csv").write_text("visit_id\na\nb\nc\nd\n"),
        "calls.csv: found visit c",
    ),
    "calls without visits": (lambda p: (p / "calls.csv").write_text("name\nx\n"), "no column visit_id"),
    "text where points were": (retype, "type of told: found String; expected Int64"),
    "not a plan at all": (lambda p: (p / "plan.json").write_text("[]"), "plan.json: found list '[]'"),
    "nothing in the plan": (
        lambda p: (p / "plan.json").write_text("null"),
        "found nothing; expected a mapping",
    ),
    "deep nonsense": (
        lambda p: (p / "plan.json").write_text("[" * 100_000),
        "plan.json: cannot be read as JSON",
    ),
    "no number": (
        lambda p: (p / "plan.json").write_text(
            (p / "plan.json").read_text().replace('"cost": 1', '"cost": NaN')
        ),
        "plan.json.levels[1].cost",
    ),
    "another kind of plan": (
        lambda p: change_facts(p, lambda said: said.update(kind="picnic")),
        "found picnic; expected strike",
    ),
}


def add_price(plan: Path) -> None:
    frame = pl.read_parquet(plan / "duals.parquet")
    more = pl.DataFrame({"level": [0], "visit_id": ["z"], "price": [1]})
    pl.concat([frame, more]).write_parquet(plan / "duals.parquet")


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_is_caught(plan: Path, what: str) -> None:
    """Whatever is changed in a right plan, the verdict is no, with a sentence that says where."""
    tamper, telling = TAMPERINGS[what]
    tamper(plan)
    found = verdict(plan)
    assert not found.ok
    assert any(telling in sentence for sentence in found.differences), found.differences


def test_a_price_with_slack_is_seen_by_its_hash(plan: Path) -> None:
    """A price above what waiting costs proves the same bound; only the hash tells that it was changed."""
    change_price(plan, 0, "a", 5000)
    assert verdict(plan).ok
    change_price(plan, 0, "a", 2900)
    frame = pl.read_parquet(plan / "duals.parquet")
    frame.with_columns(pl.col("price") + 5000 * (pl.col("visit_id") == "b")).write_parquet(
        plan / "duals.parquet"
    )
    assert ["duals.parquet, SHA-256" in line for line in verdict(plan).differences] == [True]


def test_moved_inputs_can_be_named(plan: Path) -> None:
    """A plan made elsewhere is right when the folder that holds the same input is named."""
    (plan.parent / "network").rename(plan.parent / "elsewhere")
    (found,) = verify(plan, plan.parent / "elsewhere")
    assert found.ok


def test_folders_are_searched(plan: Path, tmp_path: Path) -> None:
    """Every plan below a folder gets its verdict, and a folder without plans gets none."""
    assert [found.ok for found in verify(tmp_path)] == [True]
    assert verify(tmp_path / "network") == []


def test_many_differences_stay_readable(plan: Path) -> None:
    """Of many differences some are listed, and the rest is counted."""
    for visit_id in "abcde":
        change_decisions(plan, visit_id, **dict.fromkeys(("minutes", "urgency", "told", "standby"), 9))
    lines = verdict(plan).differences
    assert len(lines) <= 21
    assert any("more about: points" in line for line in lines)
