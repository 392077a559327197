"""Offers and rosters with faults: every one of them in one report, with what to do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pay_factory import SALARY, as_roster, offer_of, offer_text, roster
from tideover.errors import Fault, InputError
from tideover.pay import KINDS, check_offers
from tideover.readers import read_offer, read_offers, read_roster

GRID = {"kind": "base_grid", "grid": {"physician": [200_000, 210_000], "pa": [110_000], "np": [100_000]}}


def faults_of(path: Path, text: str) -> list[Fault]:
    """Return the faults of an offer's file with this text; there must be some."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_offer(path, KINDS)
    return list(caught.value.faults)


@pytest.fixture
def faults(tmp_path):
    """A way from the terms of an offer to its faults."""
    return lambda *terms, **facts: faults_of(tmp_path / "offer.toml", offer_text(terms, **facts))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_three_instead_of_three_hundredths_is_asked_about(faults):
    """3 may be 3 % or three times: the remedy names both; a rate in words is no number."""
    (found,) = faults(SALARY, {"kind": "general_increase", "rate": 3})
    assert found.column == "term 2 (general_increase).rate"
    assert "Was 0.03 meant, that is 3 %?" in found.remedy
    assert "3 times the amount" in found.remedy
    (found,) = faults(SALARY, {"kind": "general_increase", "rate": "3 %"})
    assert "0.03" in found.expected


def test_unknown_terms_and_keys_are_named_with_what_was_meant(faults):
    """A misspelt kind, key, role or choice is a fault each, with the nearest that exists."""
    found = faults(
        SALARY,
        {"kind": "general_raise", "rate": 0.03},
        {"kind": "cme", "amount": 100, "amuont": 5},
        {"kind": "quality_pay", "amount": {"physican": 5}},
        {"kind": "paid_hours", "hours_per_week": 1, "of": "inbasket"},
    )
    assert [fault.column for fault in found] == [
        "term 2.kind", "term 3 (cme).amuont", "term 4 (quality_pay).amount", "term 5 (paid_hours).of",
    ]  # fmt: skip
    said = [("general_increase",), ("amount",), ("physician",), ("in-basket",)]
    assert all(word in fault.remedy for fault, words in zip(found, said, strict=True) for word in words)


def test_missing_is_missing_and_not_nought(faults):
    """Keys that a term needs, and roles that its tables lack, are faults."""
    found = faults(
        SALARY,
        {"kind": "work_rvu"},
        {"kind": "call_pay", "amount": {"physician": 100}, "roles": ["physician", "np"]},
        {"kind": "market_adjustment"},
        {"kind": "market_adjustment", "rate": 0.1, "amount": 5},
    )
    assert ["nothing" in fault.found or "neither" in fault.found for fault in found[:3]] == [True] * 3
    assert "exactly one of rate, amount" in found[3].expected


def test_days_that_overlap_or_leave_a_hole(faults):
    """Two grids of one role on a day, none on others, and days outside the contract are faults."""
    (found,) = faults(GRID, {**GRID, "from": day("2027-01-01")})
    assert "it meets term base_grid 1" in found.found
    found = faults({**GRID, "until": day("2026-12-31")}, {**GRID, "from": day("2027-02-01")})
    assert {fault.found.partition(" for ")[0] for fault in found} == {
        "nothing of the kind from 2027-01-01 to 2027-01-31"
    }
    (found, *_) = faults({**GRID, "until": day("2027-12-31")})
    assert "from 2028-01-01 to 2028-12-31" in found.found
    (found,) = faults(SALARY, {"kind": "cme", "amount": 1, "from": day("2025-01-01")})
    assert "within the contract's" in found.expected
    (found,) = faults(
        SALARY, {"kind": "cme", "amount": 1, "from": day("2027-02-01"), "until": day("2027-01-01")}
    )
    assert "days in order" in found.expected


def test_days_that_would_have_no_effect(faults):
    """A bonus outside the contract, back pay from within it, and ``from`` beside days of a term's own."""
    bonus = {"kind": "retention_bonus", "amount": 5, "to": "each"}
    (found,) = faults(SALARY, {**bonus, "paid_on": [day("2026-05-01"), day("2031-01-01")]})
    assert (found.column, found.found) == ("term 2 (retention_bonus).paid_on", "2031-01-01")
    retro = {
        "kind": "retroactive_pay",
        "rate": 0.02,
        "since": day("2026-02-01"),
        "paid_on": day("2026-03-01"),
    }
    (found,) = faults(SALARY, retro)
    assert found.expected == "a day before 2026-01-01"
    (found,) = faults(
        SALARY, {"kind": "step_movement", "moves_on": [day("2027-01-01")], "from": day("2027-01-01")}
    )
    assert found.column == "term 2 (step_movement).from"


def test_contradictory_terms(faults):
    """A grid and a salary for one role, two increases of one day, a guarantee given and refused."""
    (found,) = [f for f in faults(SALARY, GRID) if "meets" in f.found]
    assert "physician, pa, np" in found.found
    (found,) = faults(SALARY, *[{"kind": "general_increase", "rate": rate} for rate in (0.01, 0.02)])
    assert "one change for the day" in found.remedy
    cme = {"kind": "cme", "amount": 5}
    both = [{"kind": "benefit_guarantee", "benefit": "cme", "guaranteed": sure} for sure in (True, False)]
    (found,) = faults(SALARY, cme, *both)
    assert "it meets term benefit_guarantee 1" in found.found


def test_one_report_holds_everything(tmp_path):
    """Faults of the head, the period, the rounding and the terms come together."""
    text = """
nam = "x"
currency = "dollars"
illustrative = true
[period]
start = 2026-01-31
end = 2026-01-01
[rounding]
mode = "bankers"
[employer]
roll_up = 2
[[term]]
kind = "base_salary"
currency = "EUR"
rate = 1
"""
    found = faults_of(tmp_path / "offer.toml", text)
    assert {fault.column for fault in found} == {
        "nam", "name", "currency", "banner", "period", "rounding.mode", "rounding.at", "employer.roll_up",
        "term 1 (base_salary).rate",
    }  # fmt: skip


def test_currencies_may_not_be_mixed(tmp_path, faults):
    """Within an offer, and between offers that are compared; names must differ too."""
    (found,) = faults(SALARY, {"kind": "cme", "amount": 1, "currency": "EUR"})
    assert found.found == "EUR"
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_text(offer_text([SALARY]), encoding="utf-8")
    other.write_text(offer_text([SALARY]).replace("USD", "EUR"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_offers([one, other], KINDS)
    assert [fault.column for fault in caught.value.faults] == ["currency", "name"]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(KINDS)),
    st.dictionaries(
        st.sampled_from(["rate", "amount", "grid", "tiers", "moves_on", "from", "roles", "threshold", "to"]),
        st.one_of(
            st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
            st.just("text"), st.just([]), st.just({}), st.just([1, "a"]), st.just({"physician": [1]}),
            st.dates(day("1900-01-01"), day("2100-01-01")),
        ),
        max_size=4,
    ),
)  # fmt: skip
def test_nonsense_is_a_fault_and_never_a_crash(kind, values):
    """Whatever values stand behind whatever keys: an offer, or faults with a remedy."""
    try:
        offer_of(SALARY, {"kind": kind, **values})
        return
    except InputError as error:
        faults = error.faults
    assert faults
    assert all(fault.remedy and fault.expected for fault in faults)


def test_a_roster_with_names_is_refused(tmp_path):
    """A column of names, and identifiers that read like names, are refused with the remedy."""
    path = tmp_path / "roster.csv"
    path.write_text("clinician_id,clinician_name,role,fte\nK1,Ada,physician,1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_roster(path)
    assert [fault.column for fault in caught.value.faults] == ["clinician_name"]
    assert "Remove the column" in caught.value.faults[0].remedy
    path.write_text('clinician_id,role,fte\n"Doe, Jane",physician,1\nK-2,pa,1\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_roster(path)
    (found,) = caught.value.faults
    assert found.row == 2
    assert "names nobody" in found.remedy


def test_negative_fte_and_rows_without_role(tmp_path):
    """Each is a fault at its row and column, beside all others."""
    path = tmp_path / "roster.csv"
    path.write_text("clinician_id,role,fte\nK1,physician,-0.5\nK2,,1\nK2,nurse,x\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_roster(path)
    places = {(fault.row, fault.column) for fault in caught.value.faults}
    assert {(2, "fte"), (3, "role"), (4, "role"), (4, "fte"), (4, "clinician_id")} <= places


def test_what_an_offer_needs_and_the_roster_lacks(tmp_path):
    """A step beyond the grid, empty cells, a role without base, a cover without premium, staff unknown."""
    people = roster(
        {"step": 3},
        {"role": "pa", "work_rvu_per_year": None},
        {"role": "np", "health_cover": "single", "fte": 0.333333},
    )
    terms = [
        {"kind": "base_grid", "grid": {"physician": [1, 2], "pa": [1]}},
        {"kind": "work_rvu", "tiers": [{"over": 0, "rate": 40}]},
        {"kind": "health_premium", "monthly": {"family": 900}, "clinician_share": 0.2, "trend": 0},
        {"kind": "staffing_minimum", "assistants": 2, "nurses": 1, "assistant_cost": 1, "nurse_cost": 1},
        {"kind": "benefit_guarantee", "benefit": "cme", "guaranteed": True},
    ]
    offer = offer_of(*terms)
    found = check_offers(as_roster(people), [offer])
    assert [fault.column for fault in found] == [
        "fte", "work_rvu_per_year", "term", "term base_grid.grid.physician", "term health_premium.monthly",
        "term staffing_minimum", "term benefit_guarantee",
    ]  # fmt: skip
    assert "2 steps, while 1 physician rows are on step 3" in found[3].found
    assert check_offers(as_roster(people), [offer, offer]) == found


def test_a_roster_alone_and_in_a_folder_are_the_same(tmp_path):
    """Read from its file, or from a folder with clinicians and support staff, which it must agree with."""
    people = roster({}, {"role": "np"})
    people.write_csv(tmp_path / "roster.csv")
    pl.DataFrame({"clinician_id": ["K0001"]}).write_csv(tmp_path / "clinicians.csv")
    pl.DataFrame({"clinic_id": ["C1", "C1"], "name": ["A", "A"]}).head(1).write_csv(tmp_path / "clinics.csv")
    pl.DataFrame({"clinic_id": ["C1"], "role": ["nurse"], "fte": [1.5]}).write_csv(
        tmp_path / "support_staff.csv"
    )
    alone = read_roster(tmp_path / "roster.csv")
    assert alone.table.equals(people)
    assert alone.support is None
    with pytest.raises(InputError, match="clinician_id"):
        read_roster(tmp_path)
    pl.DataFrame({"clinician_id": ["K0001", "K0002"]}).write_csv(tmp_path / "clinicians.csv")
    together = read_roster(tmp_path)
    assert together.table.equals(people)
    assert together.support == {("C1", "nurse"): 1.5}
