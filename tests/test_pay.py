"""Whole cents, pay years, the employer's side, comparison, real terms, promises, debts, slips."""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from math import log

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pay_factory import END, SALARY, START, offer_of, paid, roster
from tideover.nouns.payroll import Year
from tideover.pay.base import base_columns
from tideover.pay.compare import FEWEST, by_group, changes, gap, hourly_pay, spread
from tideover.pay.debt import debts
from tideover.pay.employer import Tax, costs, over_base, payroll_tax, present_value
from tideover.pay.guarantee import Range, promises
from tideover.pay.history import executive_history, pay_history
from tideover.pay.money import rounded
from tideover.pay.people import People
from tideover.pay.real import Prices, cpi, in_prices_of, real_change
from tideover.pay.why import why
from tideover.pay.years import pay_years, share

#: The rates and bases of the project's parameters (EY tax news).
TAX = Tax(Fraction("0.062"), Fraction("0.0145"), {2025: 17_610_000, 2026: 18_450_000}, Fraction("0.0477"))
YEAR = Year(1, START, dt.date(2026, 12, 31))


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.integers(-(10**7), 10**7), st.integers(0, 15_000)), min_size=1, max_size=6),
    st.fractions(-3, 3, max_denominator=10**9), st.fractions(-3, 3, max_denominator=2000),
    st.integers(1, 10**6), st.sampled_from(["half_even", "half_up"]),
)  # fmt: skip
def test_rounding_is_exact(rows, one, other, divisor, mode):
    """Any sum of products over any divisor is what fractions give, halves by the mode."""
    first, second = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    below = np.full(first.size, divisor, np.int64)
    found = rounded([((first, second), one), ((second,), other)], mode, below)
    for got, (a, b) in zip(found.tolist(), rows, strict=True):
        assert got == by_hand((a * b * one + b * other) / divisor, mode)


def by_hand(amount: Fraction, mode: str) -> int:
    whole, rest = divmod(abs(amount), 1)
    up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and (mode == "half_up" or whole % 2))
    return int(whole + (1 if up else 0)) * (1 if amount >= 0 else -1)


def test_halves_go_where_the_policy_says():
    """By hand: 0.5, 1.5, 2.5 and -0.5 of a cent, in both modes; and by the decimal module."""
    values = np.array([1, 3, 5, -1, -3], np.int64)
    half = [((values,), Fraction(1, 2))]
    assert rounded(half, "half_even").tolist() == [0, 2, 2, 0, -2]
    assert rounded(half, "half_up").tolist() == [1, 2, 3, -1, -2]
    for mode, how in (("half_even", ROUND_HALF_EVEN), ("half_up", ROUND_HALF_UP)):
        expected = [int((Decimal(int(value)) / 2).quantize(Decimal(1), how)) for value in values]
        assert rounded(half, mode).tolist() == expected


@pytest.mark.parametrize("per", ["year", "hour"])
@pytest.mark.parametrize("at", ["rate", "line"])
def test_equal_clinicians_are_paid_once_and_each_alike(per, at):
    """Many equal clinicians, whose base pay is reckoned once, get what each gets alone."""
    grid = {
        "kind": "base_grid",
        "per": per,
        "grid": {"physician": [99.99, 111.11], "pa": [77.77], "np": [66.66]},
    }
    terms = [grid, {"kind": "general_increase", "rate": 0.0333, "from": dt.date(2026, 5, 1)},
             {"kind": "step_movement", "moves_on": [dt.date(2027, 1, 1)]}]  # fmt: skip
    kinds = [
        {"fte": 0.85},
        {"role": "pa", "paid_hours_per_week": 36.5},
        {"role": "np"},
        {"step": 2, "fte": 0.5},
    ]
    many = roster(*(kinds * 8))
    assert People(many).classes(base_columns(offer_of(*terms)))[1] is not None
    together = paid(many, *terms, at=at)
    alone = np.concatenate([paid(roster(kind), *terms, at=at).total("pay") for kind in kinds], axis=1)
    assert np.array_equal(together.total("pay"), np.tile(alone, 8))


def test_amounts_too_large_are_refused():
    """No amount is ever wrong in silence: beyond 2**51 it is an error."""
    with pytest.raises(OverflowError):
        rounded([((np.array([2**40]), np.array([2**20])), Fraction(1))], "half_up")


@given(
    st.lists(st.tuples(st.integers(-(2**25), 2**25), st.integers(0, 2**25)), min_size=1, max_size=40),
    st.integers(1, 2**49),
    st.sampled_from(["half_even", "half_up"]),
)
def test_loops_are_exact_to_their_limit(pairs, below, mode):
    """Products up to 2**50 over any number, halves among them: as fractions round them, person by person."""
    ones, others = (np.array(row, np.int64) for row in zip(*pairs, strict=True))
    found = rounded([((ones, others), Fraction(1, below))], mode)
    assert found.tolist() == [by_hand(Fraction(one * other, below), mode) for one, other in pairs]
    halves = rounded([((2 * ones + 1,), Fraction(1, 2))], mode)
    assert halves.tolist() == [by_hand(Fraction(2 * one + 1, 2), mode) for one, _ in pairs]


@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 28)), st.integers(20, 2000))
def test_parts_of_a_contract_add_up(start, days):
    """Cut anywhere, the parts of the years are the years; a whole year is one."""
    start = start.replace(day=min(start.day, 28))
    end = start + dt.timedelta(days=days)
    years = pay_years(start, end)
    assert [one.end + dt.timedelta(days=1) for one in years[:-1]] == [one.start for one in years[1:]]
    for year in years[:-1]:
        assert share(year.start, year.end, year) == 1
    cut = start + dt.timedelta(days=days // 2)
    for year in years:
        before = share(start, cut - dt.timedelta(days=1), year)
        assert before + share(cut, end, year) == share(start, end, year)


def test_parts_of_a_month_by_hand():
    """A day is a thirtieth of its month, the 31st is nothing, and February is a month as any other."""
    days = {(1, 31): 30, (31, 31): 0, (30, 30): 1, (1, 15): 15, (16, 31): 15}
    for (first, last), thirtieths in days.items():
        found = share(dt.date(2026, 1, first), dt.date(2026, 1, last), YEAR)
        assert found == Fraction(thirtieths, 360), (first, last)
    assert share(dt.date(2026, 2, 1), dt.date(2026, 2, 28), YEAR) == Fraction(1, 12)


def test_above_the_wage_base_an_extra_dollar_costs_medicare_alone():
    """At most 11,439.00 of OASDI in 2026; 100 more cost 1.45 above the base, 7.65 below it."""
    pay = np.array([18_450_000, 18_460_000, 30_000_000, 10_000_000, 10_010_000], np.int64)
    tax = payroll_tax(pay, YEAR, TAX, "half_even")
    assert int(tax[0]) - rounded([((pay[:1],), TAX.medicare)], "half_even")[0] == 1_143_900
    assert tax[1] - tax[0] == 145
    assert tax[4] - tax[3] == 765
    assert int(tax[2]) == 1_143_900 + 435_000


def test_wage_bases_of_years_to_come_grow():
    """Known years as they are, later ones grown in whole dollars, earlier ones as the first known."""
    assert [TAX.base(year) for year in (2020, 2025, 2026)] == [17_610_000, 17_610_000, 18_450_000]
    assert TAX.base(2027) == round(184_500 * 1.0477) * 100


def test_costs_are_sums_of_the_lines():
    """Pay, tax, roll-up and benefits of a year; over base by year; the present value by hand."""
    terms = [SALARY, {"kind": "cme", "amount": 1000}]
    people = roster({}, {"fte": 0.5})
    now = paid(people, SALARY)
    then = paid(people, *terms, {"kind": "general_increase", "rate": 0.03}, more="[employer]\nroll_up = 0.02")
    first, base = costs(then, None)[0], costs(now, None)[0]
    assert (first.pay, first.roll_up, first.benefits, first.payroll_tax) == (30_900_000, 618_000, 150_000, 0)
    assert over_base(costs(then, None), costs(now, None))[0] == 900_000 + 618_000 + 150_000
    assert costs(now, TAX)[0].payroll_tax == payroll_tax(now.total("pay")[0], YEAR, TAX, "half_even").sum()
    assert base.total == base.pay
    assert present_value([110, 121], 0.1) == pytest.approx(110 / 1.1**0.5 + 121 / 1.1**1.5)


def test_the_distribution_behind_a_mean():
    """By hand: of four, one loses 8 %, one 4 %, two gain 2 %: mean -2 %, a quarter lose more than 5 %."""
    rates = {"physician": -0.08, "pa": -0.04, "np": 0.02}
    people = roster({}, {"role": "pa"}, {"role": "np"}, {"role": "np"})
    moves = [{"kind": "market_adjustment", "rate": rate, "roles": [role]} for role, rate in rates.items()]
    found = changes(paid(people, SALARY, *moves), paid(people, SALARY))
    told = spread(found)
    assert told.mean == pytest.approx(-0.02)
    assert (told.worst, told.best) == (pytest.approx(-0.08), pytest.approx(0.02))
    assert told.losing == {"0": 0.5, "0.05": 0.25, "0.1": 0.0, "0.2": 0.0}
    roles = by_group(found).filter((pl.col("group") == "role") & (pl.col("measure") == "change"))
    assert dict(roles.select("member", "people").iter_rows()) == {"np": 2, "pa": 1, "physician": 1}


def test_who_loses_five_percent_does_not_lose_more():
    """By hand: of four, one loses exactly 5 % and one exactly 20 %: a half loses, a quarter more than 5 %."""
    moves = [{"kind": "market_adjustment", "rate": rate, "roles": [role]}
             for role, rate in (("physician", -0.05), ("pa", -0.2))]  # fmt: skip
    people = roster({}, {"role": "pa"}, {"role": "np"}, {"role": "np"})
    found = changes(paid(people, SALARY, *moves), paid(people, SALARY))
    assert spread(found).losing == {"0": 0.5, "0.05": 0.25, "0.1": 0.25, "0.2": 0.0}
    losing = by_group(found).filter((pl.col("group") == "role") & (pl.col("measure") == "losing_5pct"))
    assert dict(losing.select("member", "after").iter_rows()) == {"np": 0.0, "pa": 1.0, "physician": 0.0}


@given(
    st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=80)
    | st.lists(st.sampled_from([-0.4, -0.06, -0.01, 0.0, 0.01, 0.2, 0.4]), min_size=40, max_size=80)
)
def test_classes_hold_everybody_and_are_not_small(values):
    """Every clinician is in one class, classes follow each other, and none but a lone one is small."""
    frame = pl.DataFrame(
        {"change": values, "before": [100] * len(values), "after": [100] * len(values)},
        schema_overrides={"change": pl.Float64},
    )
    made = spread(frame).classes
    assert sum(one["clinicians"] for one in made) == len(values)
    assert len(made) == 1 or all(one["clinicians"] >= FEWEST for one in made)
    assert all(one["to"] <= two["from"] for one, two in pairwise(made))


def test_nobody_is_compared_with_others():
    """Payrolls of other clinicians or years are refused."""
    one, other = paid(roster({}), SALARY), paid(roster({}, {}), SALARY)
    with pytest.raises(ValueError, match="same clinicians"):
        changes(one, other)


def test_pay_of_a_paid_and_of_a_worked_hour():
    """By hand: 600,000 over three years of 2,080 hours; leave of 136 hours off, 364 evening hours on."""
    found = hourly_pay(paid(roster({}, {"after_hours_per_week": None}), SALARY)).rows(named=True)
    length = ((END - START).days + 1) / 365.25
    assert found[0]["paid_hour"] == pytest.approx(60_000_000 / (2080 * length))
    assert found[0]["worked_hour"] == pytest.approx(60_000_000 / ((2080 - 136 + 364) * length))
    assert found[1]["worked_hour"] is None


def test_the_gap_to_other_pay():
    """By hand: 200,000 here, 250,000 there: 20 % less."""
    there = {"kind": "base_grid", "grid": {"physician": [250_000], "np": [125_000]}}
    (row,) = gap(paid(roster({}), SALARY), paid(roster({}), there)).rows(named=True)
    assert (row["role"], row["people"], row["offered"], row["comparator"]) == ("physician", 1, 2e7, 2.5e7)
    assert row["gap"] == pytest.approx(-0.2)


def test_october_2025_has_no_price_index():
    """The shipped CPI-U begins in 1913, ends in 2026, lacks that month alone, and says so."""
    prices = cpi()
    assert prices.span == (1913, 2026)
    assert prices.missing(1913, 2026) == [(2025, 10)]
    assert len([month for month in prices.months if month[0] == 2025]) == 11
    months = [prices.months[2025, month] for month in range(1, 13) if month != 10]
    assert prices.year(2025) == pytest.approx(sum(months) / 11)
    assert "2025-10" in prices.notes(2024, 2025)[0]
    assert prices.notes(2000, 2001) == []
    with pytest.raises(LookupError, match="1912"):
        prices.year(1912)


@given(st.dictionaries(st.integers(1970, 2024), st.floats(1, 1e6), min_size=2), st.data())
def test_real_terms_do_not_hang_on_the_base_year(series, data):
    """The base year's amount stays, and ratios are those of any other base year."""
    one, other = (data.draw(st.sampled_from(sorted(series))) for _ in range(2))
    first, second = in_prices_of(one, series, cpi()), in_prices_of(other, series, cpi())
    assert first[one] == pytest.approx(series[one])
    for year in series:
        assert first[year] / first[other] == pytest.approx(second[year] / second[other])
    assert real_change(100, 110, 0.1, 1) == pytest.approx(0)
    flat = Prices({(year, 1): 5.0 for year in series})
    assert in_prices_of(one, series, flat) == pytest.approx(series)


def test_a_promise_is_a_number_and_its_absence_a_range():
    """By hand: 1,000 a year promised; the same open to a cut of up to half, at most half as likely."""
    cme = {"kind": "cme", "amount": 1000}
    sure = {"kind": "benefit_guarantee", "benefit": "cme", "guaranteed": True}
    chance = size = Range(0.0, 0.5)
    kept = {
        states: promises(paid(roster({}), SALARY, cme, *more), chance, size)[0]
        for states, more in {
            "promised": [sure], "nothing said": [], "may be altered": [{**sure, "guaranteed": False}],
        }.items()
    }  # fmt: skip
    for states, one in kept.items():
        assert (one.states, one.full) == (states, 300_000)
    assert kept["promised"].kept == Range(300_000, 300_000)
    assert kept["may be altered"].kept == kept["nothing said"].kept == Range(225_000, 300_000)
    (one,) = promises(paid(roster({}), SALARY, cme), Range(0.2, 0.5), Range(0.1, 0.5))
    assert (one.kept.low, one.kept.high) == (pytest.approx(225_000), pytest.approx(294_000))
    late = {**sure, "from": dt.date(2027, 1, 1)}
    assert promises(paid(roster({}), SALARY, cme, late), chance, size)[0].states == "may be altered"


def test_debts_are_paid_off():
    """By hand, year by year: 150,000 at 6 %, a tenth of 200,000 a year; never, where interest is more."""
    found = debts(paid(roster({}, {"debt": 0.0}, {"debt": 5_000_000.0}), SALARY), 0.06, 0.1).rows(named=True)
    assert [row["clinician_id"] for row in found] == ["K0001", "K0003"]
    owed, years = 150_000.0, 0
    while owed * 1.06 > 20_000:
        owed, years = owed * 1.06 - 20_000, years + 1
    assert years <= found[0]["years"] <= years + 1
    assert found[0]["age"] == pytest.approx(2026 - 1985 + found[0]["years"])
    assert found[0]["debt_to_pay"] == pytest.approx(0.75)
    assert found[1]["years"] is None
    # a quarter of 40,000 a year is all that is paid: what is owed stays
    assert debts(paid(roster({"debt": 40_000.0}), SALARY), 0.25, 0.05)["years"].to_list() == [None]
    none = debts(paid(roster({"debt": 100_000.0}), SALARY), 0.0, 0.1).rows(named=True)
    assert none[0]["years"] == pytest.approx(5)


def test_a_part_of_a_year_pays_a_part_of_a_debt():
    """By hand: two years and a half at 20,000 a year; what is left after them is paid at the same rate."""
    people = roster({"debt": 45_000.0}, {"debt": 100_000.0})
    half = paid(people, SALARY, start=dt.date(2026, 1, 1), end=dt.date(2028, 6, 30))
    assert debts(half, 0.0, 0.1)["years"].to_list() == [pytest.approx(2.25), pytest.approx(5)]
    # 21,000 owed at 10 % for half a year grow by the root of 1.1, not by 1.1
    short = paid(roster({"debt": 21_000.0}), SALARY, start=dt.date(2026, 1, 1), end=dt.date(2026, 6, 30))
    left = 21_000 * 1.1**0.5 - 10_000
    assert debts(short, 0.1, 0.1)["years"].item() == pytest.approx(
        0.5 - log(1 - left * 0.1 / 20_000) / log(1.1)
    )
    assert debts(short, 0.1, 0.1)["debt_to_pay"].item() == pytest.approx(21_000 / 200_000)


def test_the_pay_history_is_a_range():
    """By hand: a cut of up to 10 %, then 1 to 2 % a year; +29 % and +17 % are 50.93 % together."""
    points = pay_history(2019, 2021, Range(0, 0.1), Range(0.01, 0.02), cpi())
    assert [(point.nominal.low, point.nominal.high) for point in points] == [
        (100, 100), (90, 100), (pytest.approx(90.9), pytest.approx(102)),
    ]  # fmt: skip
    assert all(point.real.high < point.nominal.high for point in points[1:])
    assert executive_history([0.29, 0.17])[-1] == pytest.approx(150.93)


def test_a_slip_shows_every_line_and_sums_to_the_total():
    """Lines of a side sum to its total; what the row says stands beside the rule; others have no slip."""
    found = paid(
        roster({}, {"role": "np"}), SALARY, {"kind": "call_pay", "amount": {"physician": 250}},
        {"kind": "cme", "amount": 900}, {"kind": "non_compete_waiver"},
    )  # fmt: skip
    slip = why(found, "K0001")
    for side, total in slip["totals"].items():
        lines = [line["cents"] for line in slip["lines"] if line["side"] == side]
        assert [sum(parts) for parts in zip(*lines, [0] * 3, strict=True)] == total
    call = next(line for line in slip["lines"] if line["term"] == "call_pay")
    assert call["from_roster"] == {"call_shifts_per_year": 12.0}
    assert len(slip["words"]) == 1
    assert "call_pay" not in {line["term"] for line in why(found, "K0002")["lines"]}
    with pytest.raises(LookupError, match="K9"):
        why(found, "K9")
    assert math.isfinite(slip["fte"])
