"""A case of several employers: its file, its four scenarios, its page, and the plans that verify confirms."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from case_factory import small_case
from cli_run import Runner
from tideover.cases import read_case, run_case
from tideover.cases.several import Part, joined, moved
from tideover.claims import read_reading
from tideover.cli import main
from tideover.disruptions.strike import Strike
from tideover.errors import InputError
from tideover.nouns import Network
from tideover.reports.several import contrasts_of, doubts
from tideover.responses.mutual_aid import MutualAid
from tideover.synthetic import Recipe, synthetic_network

SHIPPED = Path(__file__).resolve().parent.parent / "cases" / "two-employers.toml"
#: The shipped case, made small enough for a test.
SMALLER = (
    ("clinics = 7\nclinicians = 90\npatients = 14000", "clinics = 2\nclinicians = 20\npatients = 2500"),
    ("clinics = 5\nclinicians = 60\npatients = 9000", "clinics = 2\nclinicians = 20\npatients = 2500"),
)


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the shipped case with texts exchanged, each once; return its path."""
    text = SHIPPED.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "two.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the smaller case, run from the command line."""
    folder = tmp_path_factory.mktemp("several")
    assert main(["run", str(changed(folder, *SMALLER)), "--out", str(folder / "out")]) == 0
    return folder / "out"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Run commands in this process."""
    return Runner(capsys)


def test_every_plan_is_confirmed(run: Runner, made: Path):
    """The four plans of the case, apart and with lent room, pass verify."""
    ended = run("verify", made, "--json")
    assert ended.code == 0
    assert sorted(Path(one["path"]).name for one in ended.document["plans"]) == [
        "apart-joint", "apart-separate", "lent-joint", "lent-separate",
    ]  # fmt: skip


def test_all_plans_share_one_day_and_one_window(made: Path):
    """Plans are made as of the first notice and end on the same last new date, so that they compare."""
    plans = [json.loads(path.read_text()) for path in sorted(made.glob("*/plan.json"))]
    assert len(plans) == 4
    assert {plan["as_of"] for plan in plans} == {"2025-10-24"}
    assert {tuple(plan["window"]) for plan in plans} == {("2025-10-26", "2025-11-27")}


def test_both_employers_are_told_the_same_measures(made: Path):
    """Every scenario has the same measures of both employers, and the page names both in each table."""
    facts = json.loads((made / "run.json").read_text())
    for scenario in facts["scenarios"]:
        rows = scenario["employers"]
        told = {who: [row["measure"] for row in rows if row["member"] == who] for who in ("north", "lakes")}
        assert told["north"] == told["lakes"]
        assert len(told["north"]) == len(set(told["north"])) > 20
    page = (made / "index.html").read_text()
    section = page[page.index('<section id="employers"') : page.index('<section id="timeline"')]
    assert section.count("<td class=\"text\">North Clinics</td>") == section.count(
        "<td class=\"text\">Lakes Health</td>"
    ) > 20  # fmt: skip
    for said in ("contracts", "licences", "records", "who pays", "Synthetic"):
        assert said in page


def test_apart_nobody_is_seen_by_another_employer(made: Path):
    """Without lending no visit is placed at the other employer's; the scorecard says nought of both."""
    for name in ("apart-joint", "apart-separate"):
        rows = pl.read_parquet(made / name / "decisions.parquet")
        owner = rows.select(
            booked=pl.col("clinic_id").str.split(":").list.first(),
            new=pl.col("new_clinic_id").str.split(":").list.first(),
        ).drop_nulls()
        assert (owner["booked"] == owner["new"]).all()


def test_a_dispute_moves_with_its_notice():
    """A strike that begins three days later has every date and its notice three days later."""
    change = {"dates": [date(2025, 11, 5), date(2025, 11, 7)], "notice_on": date(2025, 10, 24), "working": 0}
    later = moved(change, date(2025, 11, 8))
    assert later["dates"] == [date(2025, 11, 8), date(2025, 11, 10)]
    assert later["notice_on"] == date(2025, 10, 27)
    assert moved(change, None) == change
    assert moved({"dates": "soon"}, date(2025, 11, 8)) == {"dates": "soon"}


def test_networks_join_without_touching_each_other():
    """The same network twice: every identifier is there twice, none clashes, references stay within."""
    recipe = Recipe(clinics=2, clinicians=10, patients=1200, hospitals=0, weeks=2, seed=5)
    one = synthetic_network(recipe)
    both = joined([(Part("a", "A"), one), (Part("b", "B"), one)])
    for name in ("clinics", "clinicians", "sessions", "patients", "visits", "areas"):
        key = pl.first()
        table = getattr(both, name)
        assert table.height == 2 * getattr(one, name).height
        assert table.select(key.n_unique()).item() == table.height
    links = both.visits.join(both.sessions, on="session_id", suffix="_of")
    assert (links["clinic_id"] == links["clinic_id_of"]).all()
    assert links.height == both.visits["session_id"].drop_nulls().len()
    assert both.synthetic
    assert set(both.clinics["employer"]) == {"a", "b"}
    assert isinstance(both, Network)


def test_all_faults_of_the_file_are_told_at_once(run: Runner, tmp_path: Path):
    """An id twice, an unknown network, a share beyond 1, dates outside the books: one report, no folder."""
    path = changed(
        tmp_path,
        ('id = "lakes"', 'id = "north"'),
        ('employers = ["north", "lakes"]\nshare = 0.5', 'employers = ["north", "sea"]\nshare = 1.5'),
        ("dates = [2025-11-12, 2025-11-13]", "dates = [2029-11-12]"),
        ("on = { lakes = 2025-11-05 }", "on = { north = 2027-11-05 }"),
    )
    ended = run("run", str(path), "--out", str(tmp_path / "out"))
    assert ended.code == 1
    assert not (tmp_path / "out").exists()
    said = " ".join(ended.err.split())
    for telling in (
        "north, a second time",
        "'sea'",
        "1.5",
        "2029-11-12",
        "2027-11-05",
        "nothing was written",
    ):
        assert telling in said, telling


@pytest.mark.parametrize(
    ("change", "telling"),
    [
        (('kind = "strike"', 'kind = "leave"'), "strike"),
        (('roles = ["physician", "pa", "np"]', 'clinics = ["x"]'), "Leave the key out"),
        (('name = "North Clinics"', 'name = ""'), "no name"),
        (("[[scenario]]", '[offers]\noffers = ["current"]\n\n[[scenario]]'), "one employer"),
        (('title = "Apart, separate dates"', 'title = "x"\nplan = "transfers"'), "one network"),
        (
            ('title = "Apart, separate dates"', 'title = "x"\non = { sea = 2025-11-05 }'),
            "any of lakes, north",
        ),
        (("on = { lakes = 2025-11-05 }", "on = { lakes = 5 }"), "a date or a claim"),
    ],
)
def test_each_fault_of_the_file_is_told(tmp_path: Path, change: tuple[str, str], telling: str):
    """What several networks cannot have, and what is missing, is told with its place."""
    with pytest.raises(InputError) as caught:
        read_case(str(changed(tmp_path, change)))
    assert any(telling in f"{f.found} {f.expected} {f.remedy}" for f in caught.value.faults)


def test_lending_needs_several_networks(tmp_path: Path):
    """A case with one network that lends room is refused when it is read."""
    aid = '\n[[scenario]]\nid = "aid"\ntitle = "Aid"\n\n[[scenario.change]]\nkind = "mutual_aid"\n'
    path = small_case(tmp_path, more=aid + 'employers = ["a", "b"]\nshare = 0.5\n')
    with pytest.raises(InputError) as caught:
        read_case(str(path))
    assert any("several networks" in fault.expected for fault in caught.value.faults)


def test_all_readings_are_not_turned_over(run: Runner, tmp_path: Path):
    """Turning over readings is for cases with one network; it is said before any work."""
    ended = run("run", "two-employers", "--all-readings", "--out", str(tmp_path / "out"))
    assert ended.code == 1
    assert "several networks" in ended.err
    assert not (tmp_path / "out").exists()


def test_dates_outside_the_book_are_found_with_the_network(tmp_path: Path):
    """A Sunday of the book, on which nobody has sessions, is refused before anything is planned."""
    path = changed(tmp_path, *SMALLER, ("share = 0.5", "share = 0.5\ndates = [2025-11-09]"))
    case = read_case(str(path))
    with pytest.raises(InputError) as caught:
        run_case(case, read_reading("literature", case.ledger), tmp_path, "x", lambda text: None)
    assert any("2025-11-09" in fault.found for fault in caught.value.faults)


def test_a_plan_that_gains_nothing_by_lending_is_told():
    """Where room lent costs more points than none, allowed as well, the page says that nothing follows."""

    def outcome(title: str, costs: list[int], *changes: object) -> SimpleNamespace:
        facts = {"levels": [{"cost": cost} for cost in costs]}
        plan = SimpleNamespace(facts=facts)
        return SimpleNamespace(
            stage=SimpleNamespace(title=title), changes=changes, result=SimpleNamespace(plan=plan)
        )

    aid = MutualAid(employers=("a", "b"), share=0.5)
    strikes = [Strike(dates=(date(2025, 11, 5),), working=0.0, employers=(name,)) for name in "ab"]
    for costs, told in (([0, 9], 0), ([0, 10], 0), ([0, 11], 1), ([1, 0], 1)):
        pair = [outcome("none", [0, 10], *strikes), outcome("lent", costs, *strikes, aid)]
        contrasts = contrasts_of(pair)  # type: ignore[arg-type]
        assert [each.heading for each in contrasts] == ["Room lent, on one date"]
        assert len(doubts(contrasts)) == told
