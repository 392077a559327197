"""Every kind of contract term keeps the same laws; each also has a case worked by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pay_factory import SALARY, START, paid, roster
from tideover.nouns.payroll import SIDES, Payroll
from tideover.pay import KINDS

MIDDLE = dt.date(2027, 7, 1)
SUPPORT = {("C1", "medical_assistant"): 1.0, ("C1", "nurse"): 0.5}
GRANTED = {"kind": "cme", "amount": 1000}
ALL = pytest.mark.parametrize("name", list(KINDS))


def stated(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a term of this kind with its words for days put into days."""
    days = {"start": START, "before": dt.date(2025, 7, 1)}
    made = {"kind": name}
    for key, value in values.items():
        made[key] = [days[part] for part in value] if value == ["start"] else days.get(str(value), value)
    return made


def beside(name: str) -> list[dict[str, Any]]:
    """Return the terms without which one of this kind could not stand."""
    base = [] if KINDS[name].family == "base" else [SALARY]
    if name in {"step_movement", "hold_on_step"}:
        base = [stated("base_grid", KINDS["base_grid"].example)]
    return base + ([GRANTED] if name == "benefit_guarantee" else [])


def run(name: str, values: Mapping[str, Any], people: Any = None, **facts: Any) -> Payroll:
    """Return the payroll of a term of this kind with these values, and what must stand beside it."""
    people = roster({}, {"role": "pa", "fte": 0.5}, {"role": "np"}) if people is None else people
    return paid(people, *beside(name), stated(name, values), support=SUPPORT, **facts)


def of(found: Payroll, name: str) -> np.ndarray:
    """Return the cents of the lines of this kind, sides together as amounts: (years, people)."""
    whole = np.zeros((len(found.years), found.clinicians.height), np.int64)
    for line in found.lines:
        if line.kind == name:
            whole += np.abs(line.cents)
    return whole


@ALL
def test_a_kind_explains_itself(name):
    """Each has a title, a rule in words, described keys, known sides, and an example that can be paid."""
    kind = KINDS[name]
    assert kind.title
    assert all(key.description for key in kind.keys)
    found = run(name, kind.example)
    term = next(term for term in found.offer.terms if term.kind == name)
    assert len(kind.rule(term)) > 10
    assert all(line.side in SIDES for line in found.lines)
    assert all(line.cents.dtype == np.int64 for line in found.lines)


@ALL
def test_a_term_of_no_value_changes_nothing(name):
    """Zero-value identity: with the term at nought every total is what it is without it."""
    kind = KINDS[name]
    if kind.zero is None:
        pytest.skip("it has no value to be nought")
    found = run(name, kind.zero)
    assert of(found, name).sum() == 0
    assert not any(cents for _, _, cents in found.site_costs)
    if kind.family != "base":
        bare = paid(found.clinicians, *beside(name), support=SUPPORT)
        for side in SIDES:
            assert np.array_equal(found.total(side), bare.total(side))


@ALL
def test_lines_sum_to_totals(name):
    """The table of lines, summed by year and side, is the totals; nothing is rounded again."""
    found = run(name, KINDS[name].example)
    table = found.table()
    for number, year in enumerate(found.years):
        for side in SIDES:
            rows = table.filter((table["year"] == year.number) & (table["side"] == side))
            assert int(rows["cents"].sum()) == int(found.total(side)[number].sum())


@ALL
def test_lines_are_in_proportion_to_fte(name):
    """Half the FTE, with half the hours and counts, has half of each line, to a cent."""
    kind = KINDS[name]
    if not kind.fte:
        pytest.skip("it is paid to each, whatever the FTE")
    whole = {"fte": 1.0}
    half = {
        "fte": 0.5, "work_rvu_per_year": 2_400.0, "panel": 750, "paid_hours_per_week": 20.0,
        "call_shifts_per_year": 6.0, "sick_hours_per_year": 8.0, "pto_hours_per_year": 60.0,
    }  # fmt: skip
    lines = of(run(name, kind.example, roster(whole, half)), name)
    assert np.abs(lines[:, 0] - 2 * lines[:, 1]).max() <= 2


@ALL
def test_a_term_may_be_stated_in_two_parts(name):
    """Split at a day, a term gives in both parts together what it gives whole, to a cent a line."""
    kind = KINDS[name]
    if not kind.span or name in {"hold_on_step", "sick_leave", "paid_time_off"}:
        pytest.skip("it takes effect on one day, or carries over from year to year")
    first = stated(name, kind.example) | {"until": MIDDLE - dt.timedelta(days=1)}
    second = stated(name, kind.example) | {"from": MIDDLE}
    split = paid(roster({}), *beside(name), first, second, support=SUPPORT)
    whole = run(name, kind.example, roster({}))
    assert np.abs(of(split, name) - of(whole, name)).max() <= 1
    costs = [sum(cents for _, _, cents in one.site_costs) for one in (split, whole)]
    assert abs(costs[0] - costs[1]) <= 2


@ALL
@pytest.mark.parametrize(("mode", "at"), [("half_even", "rate"), ("half_up", "line"), ("half_up", "rate")])
def test_rounding_moves_a_line_by_cents_alone(name, mode, at):
    """Whatever is rounded and how: lines differ by no more than a cent of the full-time rate a stretch."""
    people = roster({"base_salary": 199_999.99, "fte": 0.8125})
    usual, other = (
        run(name, KINDS[name].example, people),
        run(name, KINDS[name].example, people, mode=mode, at=at),
    )
    assert np.abs(of(usual, name) - of(other, name)).max() <= 2


@ALL
def test_the_order_of_clinicians_changes_no_amount(name):
    """Rows the other way round have the same amounts."""
    rows = [{"fte": 0.6}, {"role": "np", "work_rvu_per_year": 5_500.0}, {"role": "pa", "step": 2}]
    there = run(name, KINDS[name].example, roster(*rows))
    people = there.clinicians.reverse()
    back = paid(people, *beside(name), stated(name, KINDS[name].example), support=SUPPORT)
    assert np.array_equal(there.total(), back.total()[:, ::-1])


def cents(name: str, values: Mapping[str, Any], **row: Any) -> list[int]:
    """Return the cents by year of a kind's lines for one physician."""
    return of(run(name, values, roster(row)), name)[:, 0].tolist()


def test_work_rvus_are_paid_by_tier():
    """By hand: 5,200 work RVUs at full time: 1,000 x 45.25 over 4,000, and 200 x 50 over 5,000."""
    tiers = {"tiers": [{"over": 4000, "rate": 45.25}, {"over": 5000, "rate": 50}]}
    assert cents("work_rvu", tiers, work_rvu_per_year=5_200.0) == [5_525_000] * 3
    assert cents("work_rvu", tiers, work_rvu_per_year=5_200.0, fte=0.5) == [45_25 * 500 + 50_00 * 2_700] * 3
    assert cents("work_rvu", tiers, work_rvu_per_year=4_000.0) == [0, 0, 0]


def test_a_guarantee_tops_up_what_is_missing():
    """By hand: base 200,000 and a guarantee of 230,000: 30,000; half time, 15,000; above it nothing."""
    assert cents("salary_guarantee", {"amount": 230_000}) == [3_000_000] * 3
    assert cents("salary_guarantee", {"amount": 230_000}, fte=0.5) == [1_500_000] * 3
    assert cents("salary_guarantee", {"amount": 190_000}) == [0] * 3


def test_panel_quality_call_and_education():
    """By hand: 600 patients x 12.50; three quarters of 10,000; 12 shifts x 250; 3,500."""
    assert cents("panel_pay", {"rate": 12.50, "threshold": 900}) == [750_000] * 3
    assert cents("quality_pay", {"amount": 10_000}) == [750_000] * 3
    assert cents("call_pay", {"amount": 250}) == [300_000] * 3
    assert cents("cme", {"amount": 3_500}, fte=0.8) == [280_000] * 3


def test_paid_hours_at_base_pay_or_at_a_rate():
    """By hand: 2 hours a week: 104 of 2,080 hours are 5 % of 200,000; at 80 an hour, 8,320."""
    assert cents("paid_hours", {"hours_per_week": 2, "of": "in-basket"}) == [1_000_000] * 3
    assert cents("paid_hours", {"hours_per_week": 2, "of": "administrative", "rate": 80}) == [832_000] * 3
    # an hour of a last, shorter year is worth what any hour is: half of its base pay over half of its hours
    term = {"kind": "paid_hours", "hours_per_week": 2, "of": "in-basket"}
    found = paid(roster({}), SALARY, term, end=dt.date(2027, 6, 30))
    assert of(found, "paid_hours")[:, 0].tolist() == [1_000_000, 500_000]


def test_leave_is_carried_over_and_paid_out():
    """By hand: 160 hours, 120 taken: 24 carried, 16 paid at half of 96.15; then 40 of 64 each year."""
    example = {"hours_per_year": 160, "carry_over_hours": 24, "cash_out": 0.5}
    hour = 200_000_00 / 2080
    expected = [round(16 * hour / 2), round(40 * hour / 2), round(40 * hour / 2)]
    assert cents("paid_time_off", example) == expected
    assert cents("paid_time_off", {**example, "cash_out": 0}) == [0, 0, 0]
    assert cents("sick_leave", {**example, "hours_per_year": 10}) == [0, 0, 0]  # 16 taken


def test_retirement_counts_pay_without_bonuses():
    """By hand: half of 4 % of 200,000; with a limit of 150,000, of that; a bonus adds nothing."""
    assert cents("retirement_match", {"match": 0.5, "up_to": 0.04}) == [400_000] * 3
    assert cents("retirement_match", {"match": 0.5, "up_to": 0.04, "pay_limit": 150_000}) == [300_000] * 3
    assert cents("retirement_match", {"match": 1.0, "up_to": 0.06}, retirement_share=0.03) == [600_000] * 3
    bonus = {"kind": "ratification_bonus", "amount": 5_000, "paid_on": [START], "to": "each"}
    five = {"kind": "retirement_contribution", "rate": 0.05}
    assert (
        of(paid(roster({}), SALARY, five, bonus), "retirement_contribution")[:, 0].tolist() == [1_000_000] * 3
    )


def test_premiums_grow_and_are_shared():
    """By hand: 2,000 a month, 20 % own: 4,800; 6 % more: 5,088; 5,393.28; the rest is the employer's."""
    found = run("health_premium", KINDS["health_premium"].example, roster({}))
    assert found.total("deduction")[:, 0].tolist() == [-480_000, -508_800, -539_328]
    assert found.total("employer")[:, 0].tolist() == [1_920_000, 2_035_200, 2_157_312]
    none = run("health_premium", KINDS["health_premium"].example, roster({"health_cover": "none"}))
    assert none.total("deduction").sum() == 0


def test_steps_move_and_are_held():
    """By hand: a grid of 100, 110, 120 thousand: up in mid-2026 and in 2027, never past the top."""
    grid = {"kind": "base_grid", "grid": {"physician": [100_000, 110_000, 120_000]}}
    moves = {"kind": "step_movement", "moves_on": [dt.date(2026, 7, 1), dt.date(2027, 1, 1)]}
    people = roster({"step": 1}, {"step": 2}, {"step": 3})
    assert paid(people, grid, moves).total("pay").tolist() == [
        [10_500_000, 11_500_000, 12_000_000], [12_000_000] * 3, [12_000_000] * 3,
    ]  # fmt: skip
    hold = {"kind": "hold_on_step", "from": dt.date(2027, 1, 1), "until": dt.date(2027, 12, 31)}
    assert paid(people, grid, moves, hold).total("pay")[2].tolist() == [11_000_000, 12_000_000, 12_000_000]
    until_the_day = {**hold, "from": dt.date(2026, 12, 1), "until": dt.date(2027, 1, 1)}
    held = paid(people, grid, moves, until_the_day).total("pay")[2]
    assert held.tolist() == [11_000_000, 12_000_000, 12_000_000]


def test_an_adjustment_and_an_increase_of_one_day_are_both_had():
    """By hand: 200,000 + 2,500, then 3 % on both: 208,575; PAs alone get the other adjustment."""
    terms = [
        {"kind": "market_adjustment", "amount": 2_500, "roles": ["physician"]},
        {"kind": "market_adjustment", "rate": 0.1, "roles": ["pa"]},
        {"kind": "general_increase", "rate": 0.03},
    ]
    found = paid(roster({}, {"role": "pa"}, {"role": "np"}), SALARY, *terms).total("pay")[0]
    assert found.tolist() == [20_857_500, 22_660_000, 20_600_000]


def test_the_minimum_of_staff_costs_what_is_lacking():
    """By hand: 2 clinicians want 4 assistants and 2 nurses, 1 and 0.5 are there: 312,000 a year."""
    found = run("staffing_minimum", KINDS["staffing_minimum"].example, roster({}, {"role": "pa"}))
    assert [c for _, _, c in found.site_costs] == [31_200_000] * 3


def test_a_waiver_and_a_guarantee_are_words():
    """Terms without money have no line and are there in the offer."""
    for name in ("non_compete_waiver", "benefit_guarantee"):
        found = run(name, KINDS[name].example)
        assert name not in {line.kind for line in found.lines}
        assert found.offer.of_kind(name)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 50_000_000), st.integers(0, 15_000),
    st.lists(st.integers(-200, 200), min_size=1, max_size=4),
    st.sampled_from(["half_even", "half_up"]), st.sampled_from(["rate", "line"]),
)  # fmt: skip
def test_base_pay_is_what_fractions_say(salary, fte, rates, mode, at):
    """Another way to the same cents: one clinician, fraction by fraction, rounded by the decimal module."""
    from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, getcontext

    getcontext().prec = 80
    how = ROUND_HALF_EVEN if mode == "half_even" else ROUND_HALF_UP
    increases = [
        {"kind": "general_increase", "rate": rate / 1000, "from": dt.date(2026, 1 + number, 1)}
        for number, rate in enumerate(rates)
    ]
    people = roster({"base_salary": salary / 100, "fte": fte / 10_000})
    found = paid(people, SALARY, *increases, mode=mode, at=at, end=dt.date(2026, 12, 31)).total("pay")
    line, factor = Decimal(0), Decimal(1)
    for number, rate in enumerate(rates):
        factor *= 1 + Decimal(rate) / 1000
        full = salary * factor
        if at == "rate":
            full = full.quantize(Decimal(1), how)
        months = 12 - number if number + 1 == len(rates) else 1
        line += full * months * fte
    assert int(found[0, 0]) == int((line / 120_000).quantize(Decimal(1), how))
