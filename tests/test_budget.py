"""The room of budgets: a case worked by hand, laws, payers under changes, and what the command refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cli_run import Runner
from tideover import schema
from tideover.budget import Assumed, Books, Line, PayCost, Retention, Span, budget_years, goals, income
from tideover.cases.budget import Cuts
from tideover.nouns import Network, Scenario
from tideover.readers import write_network
from tideover.reports.budget_words import line as words_of
from tideover.synthetic import Recipe, synthetic_network

OFFER = "illustrative-demand"
ZERO, ONE = Span.of(0.0), Span.of(1.0)
KNOWN = Assumed(Span.of(10.0), Span.of(0.1), {"nurse": Span.of(50_000.0)}, ZERO, Span.of(2.0))


def payers(*rows: tuple[str, float, float | None, float | None]) -> pl.DataFrame:
    """Return a table of payers: name, share, rate for a work RVU, rate for a visit."""
    names = ["payer", "share_of_patients", "rate_per_work_rvu", "rate_per_visit"]
    types = dict.fromkeys(names[1:], pl.Float64)
    frame = pl.DataFrame(rows, schema=names, orient="row", schema_overrides=types)
    return schema.complete("payers", frame)


TWO = payers(("private", 0.75, 100.0, None), ("none", 0.25, 20.0, None))
BOOKS = Books(1000.0, 2.0, 2, 400, 30_000.0, {"nurse": 1.0}, TWO)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic network."""
    made = tmp_path_factory.mktemp("budget") / "net"
    recipe = Recipe(clinics=4, clinicians=24, patients=2_400, weeks=1, hospitals=1)
    write_network(synthetic_network(recipe), made, "csv")
    return made


def test_a_year_by_hand() -> None:
    """In: 1,000 RVU at 100 for 3/4, 20 for 1/4, 10 beside; out: 20,000 + 30,000 + 50,000, and a tenth.

    A half year has half of all of it.
    """
    brought = income(BOOKS, [TWO], KNOWN)
    assert (brought.total, brought.rate) == (Span.of(90_000.0), Span.of(80.0))
    (year,) = budget_years(BOOKS, brought, [PayCost("2026", 1.0, 20_000.0)], KNOWN)
    assert year.cost == Span.of(110_000.0)
    assert year.margin == Span.of(-20_000.0)
    (half,) = budget_years(BOOKS, brought, [PayCost("2026", 0.5, 10_000.0)], KNOWN)
    assert (half.revenue, half.cost, half.margin) == tuple(map(Span.of, (45_000.0, 55_000.0, -10_000.0)))


def test_lines_by_hand() -> None:
    """To cover 110,000: 100 a work RVU, or 1,222 RVU, or all private; what 5,000 more cost: 5.50 a RVU."""
    brought = income(BOOKS, [TWO], KNOWN)
    now = budget_years(BOOKS, brought, [PayCost("2026", 1.0, 15_000.0)], KNOWN)
    then = budget_years(BOOKS, brought, [PayCost("2026", 1.0, 20_000.0)], KNOWN)
    covers, leaves = goals(BOOKS, brought, then, now, KNOWN, Retention(500.0, 6.0, Span.of(0.5)))
    rate, work, panel, share = covers.lines
    assert rate.needed.low == pytest.approx(100.0)
    assert work.needed.low == pytest.approx(110_000 / 90 / 2)
    assert panel.needed.low == pytest.approx(200 * 110 / 90)
    assert share.needed.low == pytest.approx(1.0)
    rise, more, kept = leaves.lines
    assert rise.needed.low == pytest.approx(5.5)
    assert more.needed.high == pytest.approx(5_500 / 90_000)
    assert kept.needed.high == pytest.approx(5_500 / 500)
    assert kept.needed.low == pytest.approx(5_500 / (500 + 500 * 90 / 2))


def test_a_prevented_departure_is_worth_the_most_that_its_work_may_bring() -> None:
    """By hand: 5 to 15 beside the 80 of payers make 85 to 95 a RVU: half a year of 500 RVU at the most."""
    wide = replace(KNOWN, other_revenue=Span(5.0, 15.0))
    brought = income(BOOKS, [TWO], wide)
    now = budget_years(BOOKS, brought, [PayCost("2026", 1.0, 15_000.0)], wide)
    then = budget_years(BOOKS, brought, [PayCost("2026", 1.0, 20_000.0)], wide)
    kept = goals(BOOKS, brought, then, now, wide, Retention(500.0, 6.0, Span(0.1, 0.5)))[1].lines[-1]
    assert kept.needed.low == pytest.approx(5_500 / (500 + 500 * 95 / 2))
    assert kept.most == 1.0


@pytest.mark.parametrize(
    ("now", "needed", "where"),
    [
        ((4.0, 5.0), (3.0, 4.0), "every"),
        ((4.0, 5.0), (3.0, 4.1), "some"),
        ((4.0, 5.0), (5.0, 6.0), "some"),
        ((4.0, 5.0), (5.1, 6.0), "none"),
    ],
)
def test_where_a_line_is_reached(now: tuple[float, float], needed: tuple[float, float], where: str) -> None:
    """What there is reaches what it equals; ends that overlap are reached at some."""
    assert Line("rate", "USD", Span(*now), Span(*needed)).hangs == where


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            Line("mean rate for a work RVU", "USD", Span.of(77.15), Span(52.74, 142.24)),
            (
                "The mean rate for a work RVU would have to be at least 52.74 USD at best and 142.24 USD at "
                "worst. It is 77.15 USD now, which is enough at best and not at worst."
            ),
        ),
        (
            Line(
                "share of the work that commercial pays for", "share", Span.of(0.5), Span(1.2, 1.4), most=1.0
            ),
            (
                "The share of the work that commercial pays for would have to be more than 100%: beyond all "
                "that there is."
            ),
        ),
        (
            Line("rise of the mean rate for a work RVU", "USD", Span.of(0.0), Span(-4.9, -4.3)),
            "The mean rate for a work RVU could fall by 4.30 USD even at worst.",
        ),
        (
            Line("rise of the work, as a share", "share", Span.of(0.0), Span(0.11, 0.22)),
            "The work would have to rise by at least 11.0 % at best and 22.0 % at worst.",
        ),
        (
            Line("departures prevented in a year", "clinicians", Span.of(0.0), Span(100, 2424), most=47),
            (
                "Of those who leave in a year at least 100 clinicians at best and 2,424 clinicians at worst "
                "would have to be kept. About 47 at most are expected to leave."
            ),
        ),
    ],
)
def test_lines_are_sentences(line: Line, told: str) -> None:
    """By hand: what would have to be, at best and at worst, and whether it is enough now."""
    assert words_of(line) == told


def test_a_payer_by_the_visit_pays_for_visits() -> None:
    """At 2 RVU a visit, 150 a visit are 75 a RVU."""
    mixed = payers(("private", 0.5, 100.0, None), ("clinic", 0.5, None, 150.0))
    brought = income(replace(BOOKS, payers=mixed), [mixed], KNOWN)
    assert brought.rate == Span.of(87.5)


@pytest.mark.parametrize(("filled", "work"), [(0.0, 850.0), (1.0, 1000.0), (0.5, 925.0)])
def test_lost_cover_takes_visits_and_others_fill_them(filled: float, work: float) -> None:
    """40 % of three quarters lose cover and keep half their visits: 15 % of the work, filled or not."""
    changes = Cuts({"private": 0.4}, {}).changes(0.5)
    after = Scenario.of(Network.of({"payers": TWO}), changes).network.payers
    assert after["share_of_patients"].to_list() == pytest.approx([0.45, 0.55])
    found = income(BOOKS, [after], replace(KNOWN, filled=Span.of(filled)))
    assert found.work_rvu.low == pytest.approx(work)
    parts = [0.45, 0.25 + 0.15]
    paid = work * (parts[0] * 100 + parts[1] * 20) / 0.85
    assert found.total.low == pytest.approx(paid + 10 * work)


def test_more_use_than_before_is_more_work() -> None:
    """Where payers' patients use half as much again, nobody else is turned away for them: 1,500 RVU."""
    more = TWO.with_columns(relative_use=pl.lit(1.5))
    assert income(BOOKS, [more], replace(KNOWN, filled=ONE)).work_rvu == Span.of(1_500.0)


def test_payers_of_one_rate_have_no_mix_to_change() -> None:
    """If all pay alike, no share of any payer would change what comes in: that line is left out."""
    alike = payers(("private", 0.75, 80.0, None), ("none", 0.25, 80.0, None))
    books = replace(BOOKS, payers=alike)
    brought = income(books, [alike], KNOWN)
    now = budget_years(books, brought, [PayCost("2026", 1.0, 15_000.0)], KNOWN)
    covers, _ = goals(books, brought, now, now, KNOWN, Retention(500.0, 6.0, Span.of(0.5)))
    assert [line.what for line in covers.lines] == [
        "mean rate for a work RVU", "work of a full-time clinician", "panel of a full-time clinician",
    ]  # fmt: skip


def test_a_rate_cut_takes_its_part() -> None:
    """Two cuts of 10 % of one payer leave 81 of 100, and the other as it was."""
    changes = [*Cuts({}, {"private": 0.1}).changes(1.0), *Cuts({}, {"private": 0.1}).changes(1.0)]
    after = Scenario.of(Network.of({"payers": TWO}), changes).network.payers
    assert after["rate_per_work_rvu"].to_list() == pytest.approx([81.0, 20.0])


SPANS = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda ends: Span(min(ends), max(ends)))


@settings(max_examples=60, deadline=None)
@example(Span(0.5, 1.0), Span(0.5, 1.0), Span(0.0, 1.0), (0.0, 0.0, 0.5, 0.0), 0.5)  # money turns in between
@given(SPANS, SPANS, SPANS, st.tuples(*[st.floats(0, 1)] * 4), st.floats(0.05, 0.9))
def test_every_point_lies_within_the_span(
    filled: Span, other: Span, kept: Span, at: tuple[float, ...], lost: float
) -> None:
    """Whatever lies between the ends of what is assumed gives money between the ends of the result."""

    def point(span: Span, where: float) -> float:
        return span.low + (span.high - span.low) * where

    def under(visits: float) -> pl.DataFrame:
        changes = Cuts({"private": lost}, {}).changes(visits)
        return Scenario.of(Network.of({"payers": TWO}), changes).network.payers

    wide = replace(KNOWN, filled=filled, other_revenue=other.times(50))
    whole = income(BOOKS, [under(kept.low), under(kept.high)], wide)
    one = replace(
        wide, filled=Span.of(point(filled, at[0])), other_revenue=Span.of(point(other.times(50), at[1]))
    )
    inner = income(BOOKS, [under(point(kept, at[2]))], one)
    for name in ("work_rvu", "rate", "total"):
        outside, inside = getattr(whole, name), getattr(inner, name)
        assert outside.low - 1e-6 <= inside.low <= inside.high <= outside.high + 1e-6, name


def test_the_command_tells_and_writes(folder: Path, tmp_path: Path, run: Runner) -> None:
    """The words have banner, changes, lines and ranges; the JSON adds up; the folder is whole."""
    words = run(
        "budget", str(folder), OFFER, "--coverage-loss", "medicaid=0.2", "--rate-cut", "medicare=0.03"
    )
    assert words.code == 0, words.err
    for part in ("Synthetic people", "20.0% of medicaid's", "medicare pays 3.0% less", "at least", "Reading"):
        assert part in " ".join(words.out.split())
    for part in (
        "support staff *",
        "* rests on assumptions",
        "medical assistant cost the employer in a year?",
    ):
        assert part in " ".join(words.out.split())
    out = tmp_path / "out"
    found = json.loads(run("budget", str(folder), OFFER, "--json", "--out", str(out)).out)
    assert {path.name for path in out.iterdir()} == {"budget.json", "report.html"}
    assert "rests on assumptions" in (out / "report.html").read_text()
    assert {"question", "taken"} == set(found["assumptions"][0])
    assert json.loads((out / "budget.json").read_text())["offers"] == found["offers"]
    for year in found["offers"][0]["years"]:
        for end, other in (("low", "high"), ("high", "low")):
            cost = year["clinicians"] + year["sites"] + year["staff"][other] + year["overhead"][other]
            assert year["margin"][end] == pytest.approx(year["revenue"][end] - cost, abs=0.05)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--coverage-loss", "medicaid"], "PAYER=SHARE"),
        (["--coverage-loss", "medicaid=10"], "medicaid=0.1"),
        (["--rate-cut", "medicare=nan"], "PAYER=SHARE"),
        (["--rate-cut", "medicare=-0.1"], "PAYER=SHARE"),
        (["--rate-cut", "=0.1"], "PAYER=SHARE"),
        (["--rate-cut", "medicare=0.1", "--rate-cut", "medicare=0.2"], "Keep one"),
        (["--coverage-loss", "medicade=0.1"], "Did you mean 'medic"),
        (["--rate-cut", "nobody=0.1"], "payers of the network"),
        (["--reading", "nobody"], "reading"),
        (["--current", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_wrong_options_are_refused(folder: Path, run: Runner, words: list[str], told: str) -> None:
    """Each wrong option is told with a remedy; exit 1, nothing on standard output."""
    done = run("budget", str(folder), OFFER, *words)
    assert (done.code, done.out) == (1, "")
    assert told in done.err


def _broken(folder: Path, tmp_path: Path, table: str, change: Any) -> Path:
    made = tmp_path / "broken"
    made.mkdir()
    for path in folder.iterdir():
        (made / path.name).write_bytes(path.read_bytes())
    place = made / f"{table}.csv"
    frame = change(pl.read_csv(place, infer_schema=False))
    if frame is None:
        place.unlink()
    else:
        frame.write_csv(place)
    return made


@pytest.mark.parametrize(
    ("table", "change", "told"),
    [
        ("payers", lambda rows: None, "the table payers"),
        ("support_staff", lambda rows: None, "the table support_staff"),
        ("payers", lambda rows: rows.head(0), "at least one payer"),
        ("payers", lambda rows: rows.head(2), "1 in all"),
        ("payers", lambda rows: rows.with_columns(rate_per_visit=pl.lit("9")), "both rates"),
        ("payers", lambda rows: rows.with_columns(rate_per_work_rvu=pl.lit(None, pl.String)), "no rate"),
        ("payers", lambda rows: rows.with_columns(relative_use=pl.lit("0")), "no use by anybody"),
        ("payers", lambda rows: rows.with_columns(share_of_patients=pl.lit("25")), "share_of_patients"),
        ("payers", lambda rows: pl.concat([rows, rows.head(1)]), "payer"),
        (
            "roster",
            lambda rows: rows.with_columns(work_rvu_per_year=pl.lit(None, pl.String)),
            "nothing for 24",
        ),
        ("clinics", lambda rows: rows.drop("fixed_cost_per_year"), "fixed_cost_per_year"),
    ],
)
def test_wrong_tables_are_refused(
    folder: Path, tmp_path: Path, run: Runner, table: str, change: Any, told: str
) -> None:
    """A table that is lacking or wrong is told, and nothing is written."""
    out = tmp_path / "out"
    done = run("budget", str(_broken(folder, tmp_path, table, change)), OFFER, "--out", str(out))
    assert (done.code, out.exists()) == (1, False)
    assert told in done.err


def test_all_faults_come_at_once(folder: Path, tmp_path: Path, run: Runner) -> None:
    """Wrong shares of payers and an offer that is not there are told in one report."""
    broken = _broken(folder, tmp_path, "payers", lambda rows: rows.head(2))
    done = run("budget", str(broken), "no-such-offer.toml", "--json")
    assert done.code == 1
    assert "1 in all" in done.out + done.err
    assert "no-such-offer.toml" in done.out + done.err


def test_a_file_is_no_network(tmp_path: Path, run: Runner) -> None:
    """A roster's file alone has no payers: a folder is asked for."""
    (tmp_path / "roster.csv").write_text("clinician_id,role,fte\nA,pa,1\n")
    done = run("budget", str(tmp_path / "roster.csv"), OFFER)
    assert done.code == 1
    assert "a network's folder" in done.err
