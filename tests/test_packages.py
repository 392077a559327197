"""Packages: the kernel gives what the payroll gives, and a contract that it cannot take is refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from cli_run import Runner
from pay_factory import offer_of, offer_text, roster
from tideover.pay import payroll
from tideover.pay.compare import changes, spread
from tideover.pay.employer import Tax
from tideover.pay.packages import Space, bench, cost_of, unfit

TAX = Tax(Fraction("0.062"), Fraction("0.0145"), {2026: 18_450_000}, Fraction("0.03"))
GRID = {"kind": "base_grid", "grid": {"physician": [196000.37, 200000], "pa": [112000.53, 114400],
                                      "np": [110000.19, 112400]}}  # fmt: skip
CONTRACT = [
    GRID,
    {"kind": "work_rvu", "tiers": [{"over": 3000, "rate": 44}, {"over": 4000, "rate": 50}]},
    {"kind": "quality_pay", "amount": 12000},
    {"kind": "panel_pay", "threshold": 1100, "rate": 10},
    {"kind": "call_pay", "amount": 250},
    {"kind": "cme", "amount": 4000},
    {"kind": "paid_time_off", "hours_per_year": 200, "carry_over_hours": 40, "cash_out": 0.5},
    {"kind": "paid_hours", "of": "in-basket", "hours_per_week": 2},
    {"kind": "retirement_match", "match": 1.0, "up_to": 0.05, "pay_limit": 200000},
    {"kind": "health_premium", "monthly": 1000, "clinician_share": 0.2, "trend": 0.05},
]
SPACE = Space(
    tuple(Fraction(percent, 100) for percent in (-4, 0, 3)),
    (Fraction(0), Fraction(1, 2), Fraction(1)),
    (0, 700),
    (Fraction(0), Fraction(1)),
    (0, 250_000),
    (Fraction(1, 2), Fraction(1)),
    (Fraction(1, 5), Fraction(3, 10)),
)


def people():
    """Return thirty clinicians of every role, some above the wage base."""
    draw = np.random.default_rng(3)
    return roster(*[
        {"role": ("physician", "pa", "np")[n % 3], "step": 1 + n % 2, "fte": (0.55, 0.8, 1.0)[n % 3],
         "work_rvu_per_year": float(draw.integers(2000, 6500)),
         "retirement_share": (0.0, 0.03, 0.08)[n // 3 % 3]}
        for n in range(30)
    ])  # fmt: skip


def test_the_kernel_gives_what_the_payroll_gives():
    """For packages drawn from the whole grid: cost to within a cent a line, mean, losers and worst change."""
    table, contract = people(), offer_of(*CONTRACT, at="rate")
    made = bench(table, contract, SPACE, TAX)
    found = made.search()
    now = payroll(table, contract)
    lines = table.height * made.years * (len(CONTRACT) + 3)
    for number in np.random.default_rng(1).choice(SPACE.size(3), 40, replace=False).tolist():
        paid = payroll(table, made.offer(number))
        told = spread(changes(paid, now))
        assert abs(cost_of(paid, TAX) - found.cost[number]) < lines
        assert told.mean == pytest.approx(found.mean[number], abs=1e-7)
        assert told.worst == pytest.approx(found.worst[number], abs=1e-6)
        assert told.losing["0.05"] == pytest.approx(found.losing[number])


def test_the_contract_itself_is_a_package_of_no_change():
    """No increase, rates as they are: nobody's pay changes, by hand."""
    made = bench(people(), offer_of(*CONTRACT), SPACE, TAX)
    as_is = [1, 1, 1, 2, 0, 1, 0, 1, 0]
    sizes = [len(choices) for choices in SPACE.levers(3)]
    found = made.search(np.array([np.ravel_multi_index(as_is, sizes)]))
    assert found.mean[0] == pytest.approx(0, abs=1e-12)
    assert found.worst[0] == pytest.approx(0, abs=1e-12)
    assert found.losing[0] == 0


def test_increases_compound_by_hand():
    """-4 % in each of three years on a grid alone: 0.96, 0.9216, 0.884736 of pay, 7.8 % less for each."""
    made = bench(people(), offer_of(GRID), Space((Fraction(-4, 100),)), None)
    found = made.search()
    change = (0.96 + 0.9216 + 0.884736) / 3 - 1
    assert found.mean[0] == pytest.approx(change)
    assert found.worst[0] == pytest.approx(change)
    assert found.losing[0] == 1


def test_packages_of_one_search_do_not_hang_on_each_other():
    """Some packages alone come to what they come to among all."""
    made = bench(people(), offer_of(*CONTRACT), SPACE, TAX)
    whole, some = made.search(), np.array([700, 3, 41])
    part = made.search(some)
    for name in ("cost", "mean", "losing", "worst"):
        assert getattr(part, name) == pytest.approx(getattr(whole, name)[some], rel=1e-12)


@pytest.mark.parametrize(
    "term",
    [
        {"kind": "salary_guarantee", "amount": 300000},
        {"kind": "general_increase", "rate": 0.02},
        {"kind": "retirement_match", "match": 0.5, "up_to": 0.04, "roles": ["pa"]},
    ],
)
def test_what_is_not_linear_is_refused(term):
    """A guarantee, an increase of the contract's own, two matches: named, never reckoned wrongly."""
    terms = [
        one if one["kind"] != term["kind"] else {**one, "roles": ["physician", "np"]} for one in CONTRACT
    ]
    contract = offer_of(*terms, term)
    assert unfit(contract) == [term["kind"]]
    with pytest.raises(ValueError, match=term["kind"]):
        bench(people(), contract, SPACE, TAX)


def test_the_command_tells_the_range(tmp_path, capsys):
    """Packages with the mean of the offer: how many, between what they range, and the ends by the payroll."""
    run = Runner(capsys)
    people().write_csv(tmp_path / "roster.csv")
    (tmp_path / "now.toml").write_text(offer_text(CONTRACT, name="Now"), encoding="utf-8")
    cut = {
        **GRID,
        "grid": {role: [round(a * 0.95, 2) for a in amounts] for role, amounts in GRID["grid"].items()},
    }
    (tmp_path / "then.toml").write_text(offer_text([cut, *CONTRACT[1:]], name="Then"), encoding="utf-8")
    base = ["offer", tmp_path / "roster.csv", tmp_path / "then.toml", "--current", tmp_path / "now.toml"]
    (peers,) = run(*base, "--packages", "--json").document["packages"]["peers"]
    assert peers["count"] > 1
    assert peers["losing"][0] <= peers["fewest"]["spread"]["losing"]["0.05"] <= peers["losing"][1]
    assert peers["most"]["spread"]["mean"] == pytest.approx(peers["mean"], abs=6e-4)
    said = " ".join(run(*base, "--packages").out.split())
    assert "packages that differ in pay" in said
    assert "Most losers: increases" in said
    assert "Packages:" not in run(*base).out


def test_the_command_refuses_a_contract_that_is_not_linear(tmp_path, capsys):
    """The current contract's own increase is named, with a remedy; exit 1."""
    run = Runner(capsys)
    people().write_csv(tmp_path / "roster.csv")
    own = [*CONTRACT, {"kind": "general_increase", "rate": 0.02}]
    (tmp_path / "now.toml").write_text(offer_text(own, name="Now"), encoding="utf-8")
    (tmp_path / "then.toml").write_text(offer_text(CONTRACT, name="Then"), encoding="utf-8")
    ran = run("offer", tmp_path / "roster.csv", tmp_path / "then.toml", "--current", tmp_path / "now.toml",
              "--packages")  # fmt: skip
    assert ran.code == 1
    assert "general_increase" in ran.err
    assert "--packages" in ran.err
