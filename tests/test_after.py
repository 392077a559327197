"""After the strike: the backlog's decay by hand and by law, planned against happened, hostile records."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli_run import Runner
from tideover.after import KINDS, MEASURES, OUTCOMES, cleared, compared, decay
from tideover.cases import run_strike
from tideover.cases import strike as strike_case
from tideover.cases.after import run_after
from tideover.readers import read_network, write_network
from tideover.reports import write_strike
from tideover.reports.after import after_page
from visits_factory import AS_OF, case_of

LAST = date(2025, 11, 5)
DATES = [LAST + timedelta(days=n) for n in range(1, 6)]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs a command in this process."""
    return Runner(capsys)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan of a random network of the planner's tests."""
    return planned(0, tmp_path_factory.mktemp("after"))


def planned(seed: int, folder: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strike_case, "WORKING_SHARES", ())
        case = case_of(seed)
        write_network(case.network, folder / "network")
        result = run_strike(read_network(folder / "network"), case.changes, case.policy, AS_OF)
        write_strike(result, folder / "plan")
    return folder / "plan"


def waiting(*rows: tuple[str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={"clinic_id": pl.String, "kind": pl.String, "minutes": pl.Float64},
                        orient="row")  # fmt: skip


def minutes(*rows: tuple[str, date, float]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={"clinic_id": pl.String, "date": pl.Date, "minutes": pl.Float64},
                        orient="row")  # fmt: skip


def curve(decayed: pl.DataFrame, clinic: str, name: str) -> list[float]:
    found: list[float] = decayed.filter(clinic_id=clinic).sort("date")[name].to_list()
    return found


def test_a_hand_worked_backlog() -> None:
    """240 minutes at A, 60 free on the 6th, then 100 a day: 180, 80, 0; the plan holds 150 on the 8th.

    B has 30 minutes and no free minute, so it is not cleared by the 10th.
    """
    owed = waiting(("A", KINDS[0], 150), ("A", KINDS[1], 30), ("A", KINDS[2], 60), ("B", KINDS[1], 30))
    free = minutes(("A", DATES[0], 60), *(("A", day, 100) for day in DATES[1:]), ("B", DATES[0], 0))
    found = decay(owed, minutes(("A", DATES[2], 150)), free, LAST, DATES)
    assert curve(found, "A", "least") == [240, 180, 80, 0, 0, 0]
    assert curve(found, "A", "planned") == [240, 240, 240, 90, 90, 90]
    assert curve(found, "B", "least") == [30] * 6
    assert cleared(found).rows() == [("A", DATES[2]), ("B", None)]


AMOUNTS = st.lists(st.integers(0, 500), min_size=5, max_size=5)


@given(backlog=st.integers(1, 2000), free=AMOUNTS, more=AMOUNTS)
def test_laws_of_the_decay(backlog: int, free: list[int], more: list[int]) -> None:
    """The backlog is never negative and never grows; more free minutes never leave more nor clear later."""
    owed, none = waiting(("A", KINDS[0], backlog)), minutes()
    first = decay(owed, none, minutes(*(("A", d, n) for d, n in zip(DATES, free, strict=True))), LAST, DATES)
    both = [(d, n + m) for d, n, m in zip(DATES, free, more, strict=True)]
    second = decay(owed, none, minutes(*(("A", d, n) for d, n in both)), LAST, DATES)
    least, less = curve(first, "A", "least"), curve(second, "A", "least")
    assert least[0] == less[0] == backlog
    assert all(0 <= after <= before for before, after in pairwise(least))
    assert all(a <= b for a, b in zip(less, least, strict=True))
    days = [cleared(each)["clears_on"][0] or date.max for each in (second, first)]
    assert days[0] <= days[1]
    double = minutes(*(("A", d, 2 * n) for d, n in zip(DATES, free, strict=True)))
    twice = decay(waiting(("A", KINDS[0], 2 * backlog)), none, double, LAST, DATES)
    assert curve(twice, "A", "least") == [2 * n for n in least]


@pytest.mark.parametrize("seed", range(5))
def test_no_plan_beats_the_bound(seed: int, tmp_path: Path) -> None:
    """On every date and at every clinic the planner's own plan leaves at least what the bound leaves."""
    result = run_after(planned(seed, tmp_path))
    assert (result.decay["least"] <= result.decay["planned"] + 1e-6).all()
    assert (result.decay["least"] >= 0).all()


def test_backlog_agrees_with_the_decisions(plan: Path) -> None:
    """Rescheduled and dateless visits and minutes are those of the decisions, counted by a loop."""
    facts = run_after(plan).facts
    last = date.fromisoformat(facts["last_strike_date"])
    expected = {kind: [0, 0] for kind in KINDS[:2]}
    for row in pl.read_parquet(plan / "decisions.parquet").iter_rows(named=True):
        kind = None
        if row["option"] == "waitlist":
            kind = KINDS[1]
        elif row["option"] not in ("stand", "standby") and row["new_start"].date() > last:
            kind = KINDS[0]
        if kind:
            expected[kind][0] += 1
            expected[kind][1] += row["minutes"]
    for kind, (count, total) in expected.items():
        assert facts["backlog"][kind] == {"minutes": total, "visits": count}


def record(plan: Path) -> pl.DataFrame:
    """Return a record in which every fourth visit ends otherwise than planned, and every tenth has none."""
    rows = []
    for number, visit in enumerate(pl.read_parquet(plan / "decisions.parquet").iter_rows(named=True)):
        if number % 10 == 9:
            continue
        ends = OUTCOMES[number // 4 % len(OUTCOMES)] if number % 4 == 0 else "held"
        if visit["option"] == "waitlist":
            ends = "waiting"
        day = visit["new_start"].date() if visit["new_start"] else None
        rows.append((visit["visit_id"], ends, day if ends in ("held", "moved") else None))
    return pl.DataFrame(rows, schema=["visit_id", "outcome", "date"], orient="row")


def test_planned_and_happened_add_up(plan: Path) -> None:
    """For all and in every group, planned and happened add up to the visits, and agree with a loop."""
    decisions, rows = pl.read_parquet(plan / "decisions.parquet"), record(plan)
    table = compared(decisions, rows)
    sizes = {("all", "all"): decisions.height} | {
        ("clinic", name): number for name, number in decisions["clinic_id"].value_counts().iter_rows()
    }
    for (group, member), number in sizes.items():
        part = table.filter((pl.col("group") == group) & (pl.col("member") == member))
        assert part["before"].sum() == part["after"].sum() == number
        assert part["difference"].sum() == 0
    ends = Counter(rows["outcome"])
    everyone = {
        r["measure"]: r["after"] for r in table.filter(pl.col("group") == "all").iter_rows(named=True)
    }
    assert set(everyone) == set(MEASURES)
    assert everyone["held_as_planned"] == ends["held"]
    assert everyone["without_date"] == ends["waiting"]
    assert everyone["not_recorded"] == decisions.height - rows.height
    assert all(everyone[name] == ends[name] for name in ("no_show", "cancelled", "not_reached", "moved"))


def test_a_hand_worked_record() -> None:
    """Of three planned one is held in time, one a day later, one cancelled by the clinic; one waits still."""
    day = date(2025, 11, 7)
    decisions = pl.DataFrame(
        {"visit_id": list("abcd"), "patient_id": list("ABCD"), "clinic_id": ["X"] * 4, "urgency": [3] * 4,
         "option": ["own_clinician"] * 3 + ["waitlist"], "new_start": [day, day, day, None]},
    ).with_columns(pl.col("new_start").cast(pl.Datetime("us")))  # fmt: skip
    rows = pl.DataFrame(
        {"visit_id": list("abcd"), "outcome": ["held", "held", "cancelled_by_clinic", "waiting"],
         "date": [day, day + timedelta(days=1), None, None]})  # fmt: skip
    found = {r["measure"]: (r["before"], r["after"]) for r in
             compared(decisions, rows).filter(pl.col("group") == "all").iter_rows(named=True)}  # fmt: skip
    assert found["held_as_planned"] == (3, 1)
    assert found["held_another_day"] == (0, 1)
    assert found["cancelled_by_clinic"] == (0, 1)
    assert found["without_date"] == (1, 1)


def test_the_command_and_its_page(plan: Path, tmp_path: Path, run: Runner) -> None:
    """after writes facts, curve, table and a page without script or identifier."""
    record(plan).write_csv(tmp_path / "h.csv")
    out = tmp_path / "after"
    ran = run("after", plan, "--happened", tmp_path / "h.csv", "--out", out, "--json")
    assert ran.code == 0, ran.err
    found = ran.document
    assert found == json.loads((out / "after.json").read_text(encoding="utf-8")) | {"out": str(out)}
    assert set(found["backlog"]) == set(KINDS)
    written = {path.name for path in out.iterdir()}
    assert written == {"after.json", "backlog.csv", "backlog.parquet", "happened.csv", "report.html"}
    assert {path.name for path in out.iterdir() if path.stat().st_mode & 0o077} == {"report.html"}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    decisions = pl.read_parquet(plan / "decisions.parquet")
    named = [
        *decisions["visit_id"],
        *decisions["patient_id"].drop_nulls(),
        *decisions["new_clinician_id"].drop_nulls(),
    ]
    assert [name for name in named if f">{name}<" in page] == []
    table = pl.read_csv(out / "happened.csv")
    assert table.filter(~pl.col("suppressed") & (pl.col("people") < 11) & (pl.col("people") > 0)).is_empty()
    said = run("after", plan, "--out", tmp_path / "plain").out
    assert "Dates to tick off" in said
    assert not (tmp_path / "plain" / "happened.csv").exists()
    assert after_page(run_after(plan)) == after_page(run_after(plan))


WRONG: dict[str, tuple[str, str]] = {
    "unknown visit": ("visit_id,outcome,date\nnobody,no_show,\n", "nobody"),
    "unknown outcome": ("visit_id,outcome,date\n{v},vanished,\n", "vanished"),
    "visit twice": ("visit_id,outcome,date\n{v},no_show,\n{v},cancelled,\n", "each visit once"),
    "no date": ("visit_id,outcome,date\n{v},held,\n", "the date on which it was held"),
    "a date too many": ("visit_id,outcome,date\n{v},no_show,2025-11-07\n", "a date only where"),
    "before the plan": ("visit_id,outcome,date\n{v},held,2020-01-01\n", "when the plan was made"),
    "no such date": ("visit_id,outcome,date\n{v},held,2025-02-30\n", "2025-02-30"),
    "missing column": ("visit_id,outcome\n{v},no_show\n", "no such column"),
    "strange column": ("visit_id,outcome,date,name\n{v},no_show,,Ann\n", "unknown column"),
    "empty": ("", "h.csv"),
    "binary": ("\x00\x00\x00", "h.csv"),
    "empty cell": ("visit_id,outcome,date\n,no_show,\n", "a value"),
}


@pytest.mark.parametrize("kind", sorted(WRONG))
def test_a_record_that_is_wrong(plan: Path, tmp_path: Path, run: Runner, kind: str) -> None:
    """Every fault of the record is reported with its place, exit 1, and nothing is written."""
    text, telling = WRONG[kind]
    visit = pl.read_parquet(plan / "decisions.parquet")["visit_id"][0]
    (tmp_path / "h.csv").write_text(text.replace("{v}", visit), encoding="utf-8")
    ran = run("after", plan, "--happened", tmp_path / "h.csv", "--out", tmp_path / "a", "--json")
    assert ran.code == 1
    assert telling in json.dumps(ran.document["faults"]), ran.document
    assert not (tmp_path / "a").exists()


def test_every_fault_of_a_record_at_once(plan: Path, tmp_path: Path, run: Runner) -> None:
    """Several wrong rows make several faults, each with its row."""
    visits = pl.read_parquet(plan / "decisions.parquet")["visit_id"].to_list()
    text = f"visit_id,outcome,date\nx,no_show,\n{visits[0]},held,\n{visits[1]},waiting,2025-12-01\n"
    (tmp_path / "h.csv").write_text(text, encoding="utf-8")
    ran = run("after", plan, "--happened", tmp_path / "h.csv", "--out", tmp_path / "a", "--json")
    assert [fault["row"] for fault in ran.document["faults"]] == [2, 3, 4]


def test_only_a_confirmed_plan_is_looked_back_on(
    plan: Path, tmp_path: Path, tiny_folder: Path, run: Runner
) -> None:
    """No folder, no plan, no record file, another network and a foreign output folder are refused."""
    tries: list[tuple[Any, ...]] = [
        (tmp_path / "nowhere",),
        (tmp_path,),
        (plan, "--happened", tmp_path / "none.csv"),
        (plan, "--network", tiny_folder),
    ]
    for words in tries:
        ran = run("after", *words, "--out", tmp_path / "a", "--json")
        assert (ran.code, ran.document["ok"]) == (1, False)
        assert not (tmp_path / "a").exists()
    ran = run("after", plan, "--out", plan, "--json")
    assert ran.code == 1
    assert (plan / "plan.json").exists()
