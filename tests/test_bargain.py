"""The gallery of bargaining: worth against brute force, both methods, laws, and what the command refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cli_run import Runner
from pay_factory import roster
from tideover.bargaining import Leaving, NoDeal, Side, bargain, packages, read_issues
from tideover.bargaining import worth as worth_module
from tideover.bargaining.issues import SIDES, Table
from tideover.cases.bargain import _payer, issues_path
from tideover.cases.offer import offer_path
from tideover.claims import read_ledger, read_reading
from tideover.nouns.roster import Roster
from tideover.pay import KINDS
from tideover.readers import read_offer

OFFER = """
name = "{name}"
currency = "USD"
[period]
start = 2026-01-01
end = 2027-12-31
[rounding]
mode = "half_even"
at = "line"
[[term]]
kind = "base_salary"
[[term]]
kind = "general_increase"
rate = 0
from = 2026-01-01
[[term]]
kind = "call_pay"
amount = 0
[[term]]
kind = "paid_hours"
of = "in-basket"
hours_per_week = 0
rate = 100
"""
ISSUES = """
name = "Test"
base = "base.toml"
[[issue]]
id = "raise"
title = "Raise"
term = "general_increase"
key = "rate"
options = [0.0, 0.02, 0.04]
employer_last = 0.0
union_last = 0.04
[[issue]]
id = "call"
title = "Call pay"
term = "call_pay"
key = "amount"
options = [0, 100]
employer_last = 0
union_last = 100
[[issue]]
id = "hours"
title = "Hours"
term = "paid_hours"
key = "hours_per_week"
options = [0, 1]
employer_last = 0
union_last = 1
[employer.weights]
cost = -1.0
[union.weights]
pay = 1.0
paid_hours = 20
[no_deal]
employer_strike_days = 10
union_strike_days = 10
employer_cost_per_day = 2000
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a roster of twelve, the current contract, the base offer and the open terms."""
    roster(*({"base_salary": 150_000.0 + 5_000 * n} for n in range(12))).write_csv(tmp_path / "roster.csv")
    (tmp_path / "now.toml").write_text(OFFER.format(name="Now"))
    (tmp_path / "base.toml").write_text(OFFER.format(name="Base"))
    (tmp_path / "issues.toml").write_text(ISSUES)
    return tmp_path


def words(place: Path, *more: str) -> list[str]:
    """Return the words of a command on the open terms of a folder."""
    return [
        "bargain", str(place / "roster.csv"), str(place / "issues.toml"),
        "--current", str(place / "now.toml"), "--reading-a", "employer", "--reading-b", "union", *more,
    ]  # fmt: skip


def solved(place: Path) -> tuple[Table, Mapping[str, Side], object]:
    """Return what is on the table, both sides, and the function that pays a package."""
    table = read_issues(place / "issues.toml", offer_path)
    current = read_offer(place / "now.toml", KINDS)
    people = Roster(roster(*({"base_salary": 150_000.0 + 5_000 * n} for n in range(12))))
    sides = {side: Side(table.weights[side], Leaving(0.06, 1.0)) for side in SIDES}
    return table, sides, _payer(people, table, current, read_reading("literature", read_ledger()))


def test_a_package_by_hand(place: Path) -> None:
    """2 % on 12 salaries that sum to 2,130,000, and an hour a week at 100 each: 42,600 + 62,400 a year."""
    _, _, pay = solved(place)
    beside = pay((1, 0, 1))  # type: ignore[operator]
    found = {
        name: value for name, value in _measured(beside).items() if name in {"pay", "paid_hours", "cost"}
    }
    assert found["pay"] == pytest.approx(42_600 + 62_400)
    assert found["paid_hours"] == pytest.approx(12 * 52)
    assert found["cost"] >= found["pay"], "payroll tax comes on top"


def _measured(beside: object) -> dict[str, float]:
    from tideover.bargaining import measured

    return measured(beside, Leaving(0.06, 1.0))  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["paid", "kernel"])
def test_both_methods_against_brute_force(place: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Each package paid one by one gives the frontier of ``paid`` exactly; ``kernel`` pays what it shows."""
    if method == "kernel":
        monkeypatch.setattr(worth_module, "MOST_PAID", 1)
    table, sides, pay = solved(place)
    no_deal = {"employer": NoDeal(60, 2000), "union": NoDeal(10, 8000)}
    found = bargain(table, sides, no_deal, pay)  # type: ignore[arg-type]
    assert found.method == method
    brute = {
        choice: tuple(sides[side].worth(pay(choice)) for side in SIDES)  # type: ignore[operator]
        for choice in product(range(3), range(2), range(2))
    }
    floor = (-60 * 2000 / 2, -10 * 8000 / 2)
    assert tuple(found.no_deal[side] for side in SIDES) == floor
    best = {
        x for x in brute.values()
        if not any(y != x and y[0] >= x[0] and y[1] >= x[1] for y in brute.values())
    }  # fmt: skip
    good = [x for x in brute.values() if x[0] >= floor[0] and x[1] >= floor[1]]
    nash = found.points["nash"]
    assert nash is not None
    assert tuple(nash.worth.values()) == pytest.approx(brute[nash.choice])
    if method == "paid":
        assert set(zip(found.frontier.a.tolist(), found.frontier.b.tolist(), strict=True)) == best
        assert found.signable == len(good)
        top = max((x - floor[0]) * (y - floor[1]) for x, y in good)
        gains = [nash.worth[side] - found.no_deal[side] for side in SIDES]
        assert gains[0] * gains[1] == pytest.approx(top)
    else:
        assert found.off < 0.02 * max(abs(x) for x, _ in brute.values())
        assert nash.choice in {choice for choice, worth in brute.items() if worth in good}


def test_the_nearest_signable_package(place: Path) -> None:
    """From the union's last offer no signable package has fewer steps, and none with as many is better."""
    table, sides, pay = solved(place)
    no_deal = {"employer": NoDeal(60, 2000), "union": NoDeal(10, 8000)}
    found = bargain(table, sides, no_deal, pay)  # type: ignore[arg-type]
    near, last = found.nearest["union"], table.last("union")
    assert near is not None

    def steps(choice: tuple[int, ...]) -> int:
        return sum(abs(one - other) for one, other in zip(choice, last, strict=True))

    for choice in product(range(3), range(2), range(2)):
        worth = {side: sides[side].worth(pay(choice)) for side in SIDES}  # type: ignore[operator]
        if all(worth[side] >= found.no_deal[side] for side in SIDES):
            assert steps(choice) >= steps(near.choice)
            if steps(choice) == steps(near.choice):
                assert worth["union"] <= near.worth["union"] + 1e-6
    assert found.nearest["employer"] is not None
    assert found.nearest["employer"].choice == table.last("employer"), "its last offer costs nothing"


def test_packages_are_numbered_once() -> None:
    """Every number gives another package, the last issue running fastest."""
    sizes = (3, 2, 4)
    assert [packages(sizes, n) for n in range(24)] == list(product(range(3), range(2), range(4)))


@pytest.mark.parametrize("counted", ["losing = -9000", "worst = 700", "losing = -9000\nworst = 700"])
def test_the_kernel_counts_losers_as_paying_does(
    place: Path, monkeypatch: pytest.MonkeyPatch, counted: str
) -> None:
    """With cuts on the table every package is worth what paying it gives, and so is the frontier."""
    path = place / "issues.toml"
    text = path.read_text().replace("pay = 1.0", f"pay = 1.0\n{counted}")
    text = text.replace("[0.0, 0.02, 0.04]", "[-0.07, -0.04, 0.0]").replace(
        "union_last = 0.04", "union_last = 0.0"
    )
    path.write_text(text)
    monkeypatch.setattr(worth_module, "MOST_PAID", 1)
    table, sides, pay = solved(place)
    found = worth_module.worth_of(table, sides, pay)  # type: ignore[arg-type]
    brute = [
        [sides[side].worth(pay(choice)) for side in SIDES]  # type: ignore[operator]
        for choice in product(range(3), range(2), range(2))
    ]
    assert found.method == "kernel"
    assert found.b == pytest.approx(np.array(brute)[:, 1], abs=1.0)
    # two options together lift somebody over the wage base, which neither does alone: cost is no sum there
    assert found.a == pytest.approx(np.array(brute)[:, 0], abs=100.0)
    best = {
        (x, y) for x, y in brute
        if not any((a, b) != (x, y) and a >= x and b >= y for a, b in brute)
    }  # fmt: skip
    assert set(zip(found.frontier.a.tolist(), found.frontier.b.tolist(), strict=True)) == best


def test_issues_of_one_term_are_taken_together(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hours and their rate multiply: 2 hours at 150 are not one of each alone, and the kernel knows."""
    path = place / "issues.toml"
    text = path.read_text().replace('term = "call_pay"', 'term = "paid_hours"')
    text = text.replace('key = "amount"', 'key = "rate"').replace("[0, 100]", "[100, 150]")
    text = text.replace("employer_last = 0\nunion_last = 100", "employer_last = 100\nunion_last = 150", 1)
    path.write_text(text)
    monkeypatch.setattr(worth_module, "MOST_PAID", 1)
    table, sides, pay = solved(place)
    found = worth_module.worth_of(table, sides, pay)  # type: ignore[arg-type]
    for number, choice in enumerate(product(range(3), range(2), range(2))):
        paid = [sides[side].worth(pay(choice)) for side in SIDES]  # type: ignore[operator]
        assert (found.a[number], found.b[number]) == pytest.approx(paid, abs=1.0)


def test_the_command_tells_and_writes(place: Path, tmp_path: Path, run: Runner) -> None:
    """Words say guesses, method and moves; the JSON has frontier and points; the page has the picture."""
    told = run(*words(place))
    assert told.code == 0, told.err
    text = " ".join(told.out.split())
    for part in ("guess", "each of the 12 packages was paid", "Nash", "No deal, union", "has to move"):
        assert part in text
    out = tmp_path / "out"
    found = run(*words(place, "--json", "--out", str(out))).document
    assert found["method"] == "paid"
    assert found["points"]["nash"]["options"].keys() == {"raise", "call", "hours"}
    assert {path.name for path in out.iterdir()} == {"bargain.json", "report.html"}
    page = (out / "report.html").read_text()
    assert page.count("<svg") == 1
    assert "guess about that side" in page
    assert not re.search(r"K000\d", page), "no clinician is on the page"


def test_the_shipped_example_is_labelled(place: Path) -> None:
    """It says that it is made up, and stands on the base beside it."""
    table = read_issues(issues_path(Path("illustrative-issues")), offer_path)
    assert table.illustrative
    assert "Synthetic people" in table.banner
    assert table.count > 200


CUTS = [
    ('name = "Test"', 'name = ""', "name"),
    ('base = "base.toml"', "", "base"),
    ('base = "base.toml"', 'base = "nowhere.toml"', "nowhere.toml"),
    ('name = "Test"', 'name = "Test"\nillustrative = true', "banner"),
    ('name = "Test"', 'name = "Test"\nillustrative = "yes"', "true or false"),
    ('name = "Test"', 'name = "Test"\nnmae = "x"', "unknown key"),
    ('term = "call_pay"', 'term = "call_pya"', "Did you mean 'call_pay'"),
    ('key = "amount"', 'key = "amont"', "Did you mean 'amount'"),
    ("options = [0, 100]", "options = []", "options"),
    ("options = [0, 100]", 'options = [0, "much"]', "not negative"),
    ("options = [0, 100]", "options = [0, 100, 0]", "each option once"),
    ("options = [0.0, 0.02, 0.04]", "options = [0, 2, 0.04]", "issue 1.options"),
    ("union_last = 100", "union_last = 99", "one of the options"),
    ("union_last = 100", "", "one of the options"),
    ('id = "call"', 'id = "raise"', "each issue once"),
    ('title = "Call pay"', "title = 3", "issue 2.title"),
    ("cost = -1.0", "cots = -1.0", "unknown key"),
    ("cost = -1.0", "cost = 0", "a weight on something"),
    ("cost = -1.0", "cost = nan", "a number"),
    ("cost = -1.0", 'cost = "much"', "a number"),
    ("union_strike_days = 10", "union_strike_days = -1", "from 0 to"),
    ("union_strike_days = 10", "", "union_strike_days"),
    ("employer_cost_per_day = 2000", "employer_cost_per_day = true", "employer_cost_per_day"),
    ("employer_cost_per_day = 2000", "", "employer_cost_per_day"),
    ("[no_deal]", "[nodeal]", "no_deal"),
    ("[[issue]]", "[[isue]]", "isue"),
    ("name =", "name", "TOML"),
]


@pytest.mark.parametrize(("old", "new", "told"), CUTS, ids=[f"{old} -> {new}" for old, new, _ in CUTS])
def test_wrong_files_are_refused(place: Path, run: Runner, old: str, new: str, told: str) -> None:
    """Each slip in the file of open terms is told; exit 1, nothing written."""
    path = place / "issues.toml"
    path.write_text(path.read_text().replace(old, new))
    out = place / "out"
    done = run(*words(place, "--out", str(out)))
    assert (done.code, done.out, out.exists()) == (1, "", False)
    assert told in " ".join(done.err.split())


def test_all_faults_come_at_once(place: Path, run: Runner) -> None:
    """A wrong option, a wrong weight and a roster that is not there are told in one report."""
    path = place / "issues.toml"
    path.write_text(
        path.read_text().replace("union_last = 100", "union_last = 9").replace("cost =", "cots =")
    )
    (place / "roster.csv").unlink()
    found = json.loads(run(*words(place, "--json")).out)
    said = json.dumps(found)
    for part in ("union_last", "cots", "roster.csv"):
        assert part in said


@pytest.mark.parametrize("option", ["--reading-a", "--reading-b"])
def test_unknown_readings_are_refused(place: Path, run: Runner, option: str) -> None:
    """A reading that is neither shipped nor a file is refused, whichever side's."""
    asked = words(place)
    asked[asked.index(option) + 1] = "nobody"
    done = run(*asked)
    assert (done.code, done.out) == (1, "")
    assert "found 'nobody'" in " ".join(done.err.split())


def test_too_many_packages_are_refused(place: Path, run: Runner) -> None:
    """More choices of base pay than can be paid are refused with the reason."""
    path = place / "issues.toml"
    many = ", ".join(f"{n / 10000}" for n in range(1000))
    text = path.read_text().replace("options = [0.0, 0.02, 0.04]", f"options = [{many}]")
    path.write_text(text.replace("options = [0, 1]", "options = [0, 1, 2]"))
    done = run(*words(place))
    assert done.code == 1
    assert "4,000 packages to be paid before all are known" in " ".join(done.err.split())


def test_another_period_is_refused(place: Path, run: Runner) -> None:
    """A current contract of other days cannot stand beside the packages."""
    path = place / "now.toml"
    path.write_text(path.read_text().replace("end = 2027-12-31", "end = 2028-12-31"))
    done = run(*words(place))
    assert done.code == 1
    assert "period" in done.err


def test_no_current_contract_is_asked_for(place: Path, run: Runner) -> None:
    """A roster that is not synthetic has no shipped current contract."""
    done = run("bargain", str(place / "roster.csv"), str(place / "issues.toml"))
    assert done.code == 1
    assert "--current" in done.err


def test_order_of_clinicians_changes_nothing(place: Path, run: Runner) -> None:
    """The same roster in another order gives the same document but for its place."""
    first = run(*words(place, "--json")).document
    rows = pl.read_csv(place / "roster.csv", infer_schema=False)
    rows.reverse().write_csv(place / "roster.csv")
    assert run(*words(place, "--json")).document == first
