"""The golden vectors on pay of the project's parameters, to the cent; each names where it comes from."""

from __future__ import annotations

import datetime as dt

from pay_factory import SALARY, paid, roster

#: Every expected number below is stated in the project's list of parameters and golden vectors.


def rise(rate: float, day: str) -> dict:
    return {"kind": "general_increase", "rate": rate, "from": dt.date.fromisoformat(day)}


def test_four_times_three_and_then_more_compounds_to_what_the_city_says():
    """3 % four times, then 3.25 %: 16.21 % (settlement of New York City with CIR)."""
    days = [f"{year}-01-01" for year in range(2022, 2027)]
    increases = [rise(0.03, day) for day in days[:4]] + [rise(0.0325, days[4])]
    found = paid(
        roster({}, base_salary=100_000.0), SALARY, *increases,
        start=dt.date(2022, 1, 1), end=dt.date(2026, 12, 31),
    )  # fmt: skip
    last = int(found.total("pay")[-1, 0])
    assert round(last / 10_000_000 - 1, 4) == 0.1621
    assert last == 11_620_878  # 100,000 x 1.12550881 x 1.0325 = 116,208.7846


def test_own_cost_and_cost_over_base_of_three_times_three_percent():
    """$1,000,000 at 3 % a year: own cost 30,000, 30,900, 31,827; over base 30,000, 60,900, 92,727."""
    people = roster(*[{}] * 10, base_salary=100_000.0)
    offer = paid(people, SALARY, *(rise(0.03, f"{year}-01-01") for year in (2026, 2027, 2028)))
    base = paid(people, SALARY)
    over = (offer.total("pay") - base.total("pay")).sum(axis=1)
    assert over.tolist() == [3_000_000, 6_090_000, 9_272_700]
    assert [int(part) for part in (over[0], over[1] - over[0], over[2] - over[1])] == [
        3_000_000, 3_090_000, 3_182_700,
    ]  # fmt: skip


def hourly(*rates: float, at: str) -> int:
    people = roster(*[{}] * 120, paid_hours_per_week=40.0)
    grid = {"kind": "base_grid", "per": "hour", "grid": {"physician": [13.50]}}
    increases = [rise(rate, f"{2026 + number}-01-01") for number, rate in enumerate(rates)]
    return int(paid(people, grid, *increases, mode="half_up", at=at).total("pay").sum())


def test_front_loaded_costs_more_than_even():
    """9 % as 5-2-2 costs 10,830,144, as 3-3-3 10,727,808: 120 x 2,080 h x $13.50, rates to the cent."""
    assert hourly(0.05, 0.02, 0.02, at="rate") == 1_083_014_400
    assert hourly(0.03, 0.03, 0.03, at="rate") == 1_072_780_800
    # the rounding policy is part of the offer: rounded per line, both are other sums
    assert hourly(0.05, 0.02, 0.02, at="line") != 1_083_014_400


def test_six_percent_from_the_middle_of_the_year_costs_three():
    """6 % from the first of July costs 3 % of that year."""
    found = paid(roster({}, base_salary=100_000.0), SALARY, rise(0.06, "2026-07-01"))
    assert found.total("pay")[:, 0].tolist() == [10_300_000, 10_600_000, 10_600_000]


def test_a_ratification_bonus_raises_no_base():
    """$3,000 on ratification (New York City Doctors Council): the base is the same."""
    bonus = {
        "kind": "ratification_bonus", "amount": 3000, "paid_on": [dt.date(2026, 1, 1)], "to": "each",
    }  # fmt: skip
    rises = [rise(0.03, "2026-01-01"), rise(0.03, "2027-01-01")]
    people = roster({}, {"fte": 0.5})
    with_bonus, without = paid(people, SALARY, bonus, *rises), paid(people, SALARY, *rises)
    difference = with_bonus.total("pay") - without.total("pay")
    assert difference.tolist() == [[300_000, 300_000], [0, 0], [0, 0]]


def test_eighteen_percent_over_three_years_back_to_november():
    """Elmhurst 2023: 18 % over three years, retroactive to November 2022: the time before is paid at once."""
    retro = {
        "kind": "retroactive_pay", "rate": 0.18, "since": dt.date(2022, 11, 1),
        "paid_on": dt.date(2023, 7, 1),
    }  # fmt: skip
    found = paid(
        roster({}, base_salary=60_000.0), SALARY, retro,
        start=dt.date(2023, 5, 1), end=dt.date(2024, 4, 30),
    )  # fmt: skip
    assert found.total("pay").tolist() == [[6_000_000 + 540_000]]  # 60,000 + 18 % of half a year


def test_twenty_steps_of_three_percent_are_a_grid():
    """Los Angeles County 2008: 20 steps of 3 %: the last is 1.03^19 = 1.754 of the first; a grid holds it."""
    steps = [round(100_000 * 1.03**number, 2) for number in range(20)]
    grid = {"kind": "base_grid", "grid": {"physician": steps}}
    found = paid(roster({"step": 1}, {"step": 20}), grid).total("pay")[0].tolist()
    assert round(found[1] / found[0], 3) == 1.754
