"""The workbook of offers: its formulas give the engine's cents, and text stays text."""

from __future__ import annotations

import random
import stat
import zipfile
from pathlib import Path

import polars as pl
import pytest

import office
from cli_run import Runner
from pay_factory import SALARY, offer_text, roster
from tideover.cases.offer import Asked, OffersResult, run_offers
from tideover.claims import read_ledger, read_reading
from tideover.pay import payroll
from tideover.readers import write_network
from tideover.reports.workbook import write_workbook
from tideover.reports.workbook.pen import cent
from tideover.synthetic import Recipe, synthetic_network

GRID = {
    "kind": "base_grid",
    "grid": {
        "physician": [196000.37, 200000.05, 204000.15],
        "pa": [112000.53, 114400.01],
        "np": [110000.19, 112400.99],
    },
}
#: Every kind that is a formula, with halves of a cent, parts of years and roles of its own.
RICH = [
    GRID,
    {"kind": "step_movement", "moves_on": ["2027-01-01", "2028-07-01"]},
    {"kind": "hold_on_step", "from": "2028-01-01", "until": "2028-12-31", "roles": ["pa"]},
    {"kind": "general_increase", "rate": 0.03, "from": "2026-07-01"},
    {"kind": "general_increase", "rate": 0.0275, "from": "2028-03-01"},
    {"kind": "market_adjustment", "roles": ["pa", "np"], "amount": 1234.57, "from": "2027-01-01"},
    {"kind": "work_rvu", "roles": ["physician"],
     "tiers": [{"over": 4200, "rate": 44.25}, {"over": 5000, "rate": 50.05}]},
    {"kind": "work_rvu", "roles": ["pa", "np"], "tiers": [{"over": 3200.5, "rate": 22.75}],
     "until": "2027-10-31"},
    {"kind": "panel_pay", "threshold": 1100, "rate": 10.15},
    {"kind": "quality_pay", "amount": {"physician": 12000.55, "pa": 5000, "np": 5000}},
    {"kind": "call_pay", "amount": 250.25, "from": "2026-04-01"},
    {"kind": "cme", "amount": {"physician": 4000.01, "pa": 2500, "np": 2500}},
    {"kind": "paid_hours", "of": "in-basket", "hours_per_week": 2.25},
    {"kind": "sick_leave", "hours_per_year": 72, "carry_over_hours": 24, "cash_out": 0.25},
    {"kind": "paid_time_off", "hours_per_year": 200, "carry_over_hours": 40, "cash_out": 0.5,
     "until": "2028-06-30"},
    {"kind": "salary_guarantee", "amount": {"physician": 260000.45, "pa": 120000, "np": 0},
     "from": "2026-03-01"},
    {"kind": "retirement_match", "match": 0.5, "up_to": 0.045, "pay_limit": 250000},
    {"kind": "retirement_contribution", "rate": 0.0125, "from": "2027-05-01"},
    {"kind": "health_premium", "monthly": {"single": 720.35, "family": 2050.15},
     "clinician_share": 0.18, "trend": 0.065},
    {"kind": "ratification_bonus", "amount": 3000.35, "paid_on": "2026-01-01", "to": "full_time"},
    {"kind": "retention_bonus", "amount": 500, "paid_on": ["2026-12-31", "2027-12-31"], "to": "each"},
]  # fmt: skip


def dated(terms):
    """Return terms whose days are written as TOML writes them."""
    days = ("from", "until")
    found = []
    for term in terms:
        made = {**term, **{key: Day(term[key]) for key in days if key in term}}
        for key in ("paid_on", "moves_on", "since"):
            if key in term:
                many = term[key] if isinstance(term[key], list) else [term[key]]
                made[key] = [Day(day) for day in many] if isinstance(term[key], list) else Day(term[key])
        found.append(made)
    return found


class Day:
    """A day as it stands in a file of an offer: without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def nasty_people(count: int = 60):
    """Return clinicians of every role whose numbers make halves of a cent."""
    draw = random.Random(7)  # noqa: S311
    rows = [
        {
            "role": draw.choice(["physician", "pa", "np"]),
            "step": draw.randint(1, 2),
            "fte": draw.choice([0.5, 0.55, 0.625, 0.75, 0.8333, 0.9, 1.0]),
            "base_salary": draw.choice([200000.01, 187654.33, 150000.55]),
            "work_rvu_per_year": draw.choice([1500.0, 4800.02, 5200.46, 6000.34]),
            "panel": draw.choice([300, 1500, 2101]),
            "quality_share": draw.choice([0.25, 0.333, 0.59]),
            "paid_hours_per_week": draw.choice([20.0, 32.5, 37.25, 40.0]),
            "call_shifts_per_year": draw.choice([0.0, 5.5, 12.0]),
            "sick_hours_per_year": draw.choice([8.0, 43.25, 120.0]),
            "pto_hours_per_year": draw.choice([40.0, 139.5, 200.0]),
            "retirement_share": draw.choice([0.0, 0.0333, 0.05, 0.08]),
            "health_cover": draw.choice(["none", "single", "family"]),
        }
        for _ in range(count)
    ]
    return roster(*rows)


def result_of(folder: Path, people, **offers: str) -> OffersResult:
    """Return what these offers (texts by name; ``now`` is the current contract) come to."""
    people.write_csv(folder / "roster.csv")
    for name, text in offers.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    paths = [folder / f"{name}.toml" for name in offers if name != "now"]
    asked = Asked(folder / "roster.csv", paths, folder / "now.toml")
    return run_offers(asked, read_reading("literature", read_ledger()))


def column(sheet: list[list[str]], head: str) -> list[float]:
    """Return a column of an offer's sheet as numbers."""
    place = sheet[3].index(head)
    return [float(row[place]) for row in sheet[4:]]


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> tuple[OffersResult, Path]:
    """A workbook of every kind of term, under both ways of rounding and at both places."""
    folder = tmp_path_factory.mktemp("workbook")
    even, up = (offer_text(dated(RICH), name=name, mode=mode, at=at)
                for name, mode, at in (("Even", "half_even", "rate"), ("Up", "half_up", "line")))  # fmt: skip
    own = [SALARY, *RICH[3:6], *RICH[6:]]
    salary = offer_text(dated(own), name="Own salary", mode="half_even", at="rate")
    hourly = {"kind": "base_grid", "per": "hour", "grid": {"physician": [98.55, 99.15], "pa": [55.05, 56.35],
                                                          "np": [54.45, 55.15]}}  # fmt: skip
    hours = offer_text(dated([hourly, *RICH[1:]]), name="By the hour", mode="half_up", at="rate")
    made = result_of(folder, nasty_people(), now=even, up=up, salary=salary, hours=hours)
    write_workbook(made, folder / "offers.xlsx")
    return made, folder / "offers.xlsx"


@pytest.fixture(scope="module")
def reckoned(rich: tuple[OffersResult, Path], tmp_path_factory: pytest.TempPathFactory):
    """The sheets of that workbook, reckoned anew by LibreOffice."""
    return office.recalculated(rich[1], tmp_path_factory.mktemp("reckoned"))


def test_every_formula_gives_the_engines_value(rich, reckoned):
    """Reckoned anew, each cell of each sheet has the value that the engine gave it."""
    wrong = office.differing(rich[1], reckoned)
    assert [(cell.sheet, cell.row + 1, cell.held, got, cell.formula) for cell, got in wrong][:5] == []


def test_every_clinician_is_paid_the_engines_cents(rich, reckoned):
    """Pay, pay with benefits, tax and cost of each clinician and year, from the sheets, are the payroll's."""
    result, _ = rich
    paid = {"Current": result.current} | {
        f"Offer {number}": outcome.payroll for number, outcome in enumerate(result.outcomes, start=1)
    }
    for label, one in paid.items():
        for head, cents in (("Pay", one.total("pay")), ("Pay, benefits, premiums", one.total())):
            got = [round(amount * 100) for amount in column(reckoned[label], head)]
            assert got == cents.ravel().tolist(), (label, head)


def test_all_kinds_are_formulas(rich):
    """No term of these offers is written as a value; each rate has a name."""
    _, path = rich
    with zipfile.ZipFile(path) as whole:
        text = whole.read("xl/sharedStrings.xml").decode("utf-8")
    assert "no formula)" not in text.replace("staff asked for (value, no formula)", "")
    found = office.names(path)
    assert {"cur_general_increase_1_rate", "o1_work_rvu_1_rate_2", "o2_retirement_match_1_match"} <= set(
        found
    )
    assert {"tax_base", "tax_oasdi", "o3_health_premium_1_share", "o3_salary_guarantee_1_amount"} <= set(
        found
    )


def test_a_changed_rate_gives_the_engines_cents(rich, tmp_path):
    """An increase, a work-RVU rate and a premium share changed in the cells: as the offer so changed."""
    result, path = rich
    values = {"o1_general_increase_1_rate": 0.0415, "o1_work_rvu_1_rate_1": 47.35,
              "o1_health_premium_1_share": 0.215}  # fmt: skip
    sheets = office.recalculated(office.changed(path, values, tmp_path / "changed.xlsx"), tmp_path)
    terms = [dict(term) for term in RICH]
    terms[3]["rate"] = 0.0415
    terms[6]["tiers"] = [{"over": 4200, "rate": 47.35}, {"over": 5000, "rate": 50.05}]
    next(term for term in terms if term["kind"] == "health_premium")["clinician_share"] = 0.215
    text = offer_text(dated(terms), name="Up", mode="half_up", at="line")
    offer = result_of(tmp_path, result.roster.table, now=text, other=text.replace('"Up"', '"Other"')).current
    assert (offer.total("pay") != result.outcomes[0].payroll.total("pay")).any()
    for head, cents in (("Pay", offer.total("pay")), ("Pay, benefits, premiums", offer.total())):
        assert [round(x * 100) for x in column(sheets["Offer 1"], head)] == cents.ravel().tolist()
    before = [round(x * 100) for x in column(sheets["Current"], "Pay")]
    assert before == result.current.total("pay").ravel().tolist()


def test_terms_without_formulas_are_marked(tmp_path):
    """Retroactive pay, and roles with different sources of pay, are values; sheet and front say so."""
    terms = [
        {"kind": "base_salary", "roles": ["physician"]},
        {**GRID, "grid": {"pa": [112000, 114400], "np": [110000, 112400]}},
        {"kind": "retroactive_pay", "rate": 0.02, "since": Day("2025-07-01"), "paid_on": Day("2026-01-01")},
    ]
    now = offer_text([SALARY], name="Now")
    result = result_of(tmp_path, nasty_people(20), now=now, then=offer_text(terms, name="Then"))
    write_workbook(result, tmp_path / "offers.xlsx")
    with zipfile.ZipFile(tmp_path / "offers.xlsx") as whole:
        text = whole.read("xl/sharedStrings.xml").decode("utf-8")
    for words in ("Offer 1: Base pay", "Offer 1: Retroactive pay", "Base pay (value, no formula)",
                  "Retroactive pay (value, no formula)"):  # fmt: skip
        assert words in text
    sheets = office.recalculated(tmp_path / "offers.xlsx", tmp_path)
    assert office.differing(tmp_path / "offers.xlsx", sheets) == []


def test_text_never_becomes_a_formula(tmp_path):
    """Identifiers and names that begin as formulas do are text in the file, and come out as written."""
    ids = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "plain"]
    people = nasty_people(6).with_columns(clinician_id=pl.Series(ids))
    now, then = offer_text([SALARY], name="=2+3"), offer_text([SALARY], name="@Then [a]:*?/")
    result = result_of(tmp_path, people, now=now, then=then)
    write_workbook(result, tmp_path / "offers.xlsx")
    for cell in office.formulas(tmp_path / "offers.xlsx"):
        assert "HYPERLINK" not in cell.formula
        assert cell.formula not in {"1+1", "2+3", "+1", "-1"}
    sheets = office.recalculated(tmp_path / "offers.xlsx", tmp_path)
    assert [row[0] for row in sheets["Roster"][4:]] == ids
    assert [row[0] for row in sheets["Offer 1"][4:]] == ids * 3
    assert sheets["Comparison"][3][1:3] == ["=2+3", "@Then [a]:*?/"]


def test_the_file_is_whole_private_and_ready_for_print(rich):
    """For its owner alone; every sheet is landscape, one page wide, with its heads on every page."""
    _, path = rich
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir() if one.name.endswith(".draft")] == []
    files = office.sheet_files(path)
    assert list(files)[:5] == ["Read me", "Comparison", "Distribution", "Inputs", "Rates"]
    with zipfile.ZipFile(path) as whole:
        for part in files.values():
            text = whole.read(part).decode("utf-8")
            assert 'orientation="landscape"' in text
            assert "fitToPage" in text
        book = whole.read("xl/workbook.xml").decode("utf-8")
        charts = [name for name in whole.namelist() if name.startswith("xl/charts/chart")]
    assert book.count("_xlnm.Print_Titles") == len(files) - 1
    assert len(charts) == 1


def test_a_file_of_another_program_stays(tmp_path, capsys):
    """A workbook of ours is replaced; any other file, and a folder, are refused before the work."""
    run = Runner(capsys)
    roster(*[{}] * 12).write_csv(tmp_path / "roster.csv")
    (tmp_path / "now.toml").write_text(offer_text([SALARY], name="Now"), encoding="utf-8")
    (tmp_path / "then.toml").write_text(offer_text([SALARY], name="Then"), encoding="utf-8")
    base = ["offer", tmp_path / "roster.csv", tmp_path / "then.toml", "--current", tmp_path / "now.toml"]
    out = tmp_path / "offers.xlsx"
    assert run(*base, "--out", out).code == 0
    assert run(*base, "--out", out, "--json").document["out"] == str(out)
    out.write_text("mine", encoding="utf-8")
    assert run(*base, "--out", out).code == 1
    assert out.read_text(encoding="utf-8") == "mine"
    (tmp_path / "folder.xlsx").mkdir()
    assert run(*base, "--out", tmp_path / "folder.xlsx").code == 1


@pytest.mark.parametrize(("mode", "expected"), [("half_up", 0.13), ("half_even", 0.12)])
def test_the_formula_of_a_cent_knows_halves(tmp_path, mode, expected):
    """0.125 goes up or to the even cent, though doubles of its decimals may lie a hair beside it."""
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "cent.xlsx") as book:
        sheet = book.add_worksheet("One")
        for row, text in enumerate(("0.125", "1.25*0.1", "12.5/100", "1.1*1.1-1.085", "100000.125-100000")):
            sheet.write_formula(row, 0, f"={cent(text, mode)}", None, 9)
    found = office.recalculated(tmp_path / "cent.xlsx", tmp_path)["One"]
    assert [float(row[0]) for row in found] == [expected] * 5


@pytest.mark.slow
def test_the_reference_roster_recalculated(tmp_path):
    """620 clinicians under the shipped offers: every formula gives the engine's value."""
    net = tmp_path / "net"
    write_network(synthetic_network(Recipe(patients=62_000, weeks=1, hospitals=0)), net, "parquet")
    offers = [Path("illustrative-minus-5"), Path("illustrative-demand"), Path("illustrative-hospital")]
    result = run_offers(Asked(net, offers), read_reading("literature", read_ledger()))
    write_workbook(result, tmp_path / "offers.xlsx")
    sheets = office.recalculated(tmp_path / "offers.xlsx", tmp_path)
    assert office.differing(tmp_path / "offers.xlsx", sheets) == []
    for number, outcome in enumerate(result.outcomes, start=1):
        again = payroll(result.roster.table, outcome.payroll.offer, result.roster.support).total("pay")
        got = [round(amount * 100) for amount in column(sheets[f"Offer {number}"], "Pay")]
        assert got == again.ravel().tolist()
