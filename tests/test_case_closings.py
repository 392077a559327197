"""A case with clinics that close and offers on the table: its folder, its pages, its faults."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from case_factory import CLOSING, small_case
from cli_run import Runner
from tideover.cases import read_case, run_case, turning_of
from tideover.cases.choosing import rank_of_closings
from tideover.cases.closing import run_closing
from tideover.cases.measured import figures_of_offers, plan_key, policy_of
from tideover.cases.offer import Asked as OffersAsked
from tideover.cases.offer import run_offers
from tideover.claims import read_ledger, read_reading
from tideover.cli import main
from tideover.disruptions.closure import Closure
from tideover.panels.choice import Field
from tideover.panels.problem import receiving_clinics
from tideover.readers import read_network, read_policy
from tideover.verify import verify


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small case with a closing, the strike after it, and offers."""
    base = tmp_path_factory.mktemp("closings")
    out = base / "out"
    assert main(["run", str(small_case(base, more=CLOSING)), "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def facts(folder: Path) -> dict[str, Any]:
    """What run.json of it holds."""
    return dict(json.loads((folder / "run.json").read_text(encoding="utf-8")))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


def test_verify_covers_the_closing_and_finds_it_altered(folder: Path):
    """All three plans and the rank are confirmed; a person sent elsewhere in the closing is found."""
    verdicts = {Path(one.path).name: one for one in verify(folder)}
    assert set(verdicts) == {"strike", "closing", "closing-rank", "both"}
    assert all(one.ok for one in verdicts.values())
    path = folder / "closing" / "transfers.parquet"
    kept = path.read_bytes()
    rows = pl.read_parquet(path)
    away = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("nowhere")).otherwise("new_clinic_id")
    try:
        rows.with_columns(away.alias("new_clinic_id")).write_parquet(path)
        (altered,) = [one for one in verify(folder) if Path(one.path).name == "closing"]
        assert not altered.ok
    finally:
        path.write_bytes(kept)


def test_the_closing_places_the_patients_of_the_clinic(folder: Path, facts: dict[str, Any]):
    """Who needs a place is who belongs to the clinic by the own clinician, or else by the first visit."""
    (closing,) = [one for one in facts["scenarios"] if one["id"] == "closing"]
    posts = pl.read_parquet(folder / "network" / "clinicians.parquet")
    patients = pl.read_parquet(folder / "network" / "patients.parquet")
    there = posts.filter(pl.col("clinic_id") == "hickory-bridge")["clinician_id"]
    own = patients.filter(pl.col("clinician_id").is_in(there.implode())).height
    rows = pl.read_parquet(folder / "closing" / "transfers.parquet")
    assert rows.filter(pl.col("clinician_id").is_not_null()).height == own
    assert closing["counts"]["patients"] == rows.height
    assert closing["counts"]["placed"] + closing["counts"]["unplaced"] == rows.height
    (whole,) = [one for one in closing["people"] if one["group"] == "all" and one["measure"] == "minutes"]
    known = rows.drop_nulls(["minutes_before", "minutes_after"])
    assert whole["before"] == pytest.approx(known["minutes_before"].mean())
    assert whole["after"] == pytest.approx(known["minutes_after"].mean())


def test_the_closing_is_ranked_among_all_choices(folder: Path, facts: dict[str, Any]):
    """The rank is told to programs and on both pages, and is what closing each clinic alone shows."""
    (told,) = [one["rank"] for one in facts["scenarios"] if one["id"] == "closing"]
    assert told["announced"] == ["hickory-bridge"]
    field = Field.of(read_network(folder / "network"), read_policy(None))
    added = {}
    for at, name in enumerate(field.people.clinics):
        minutes = field.harm("minutes")
        minutes[:, at] = np.inf
        added[name] = int((minutes.min(axis=1) * field.people.people).sum())
    better = [name for name, cost in added.items() if cost < added["hickory-bridge"]]
    assert told["cost"] == added["hickory-bridge"]
    assert (told["rank"], told["of"]) == (len(better) + 1, len(added))
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert 'href="closing-rank/report.html"' in index
    said = f"Of {len(added)} choices of 1 clinic"
    assert said in index
    assert said in (folder / "closing-rank" / "report.html").read_text(encoding="utf-8")


def test_what_cannot_be_ranked_is_not_asked(folder: Path):
    """No closing, one of urgent care, or all clinics: no rank, and no fault."""
    network, policy, day = read_network(folder / "network"), read_policy(None), date(2025, 11, 1)
    urgent = network.clinics.filter(pl.col("kind") == "urgent_care")["clinic_id"][0]
    all_of_them = receiving_clinics(network)
    assert rank_of_closings(network, (), policy) is None
    for clinics in ((urgent,), all_of_them):
        assert rank_of_closings(network, [Closure(clinics=clinics, on=day)], policy) is None


def test_small_groups_of_a_closing_are_left_empty(facts: dict[str, Any]):
    """No row about people who move tells of 1 to 10 of them."""
    (closing,) = [one for one in facts["scenarios"] if one["id"] == "closing"]
    shown = [row for row in closing["people"] if not row["suppressed"]]
    assert shown
    assert all(row["people"] == 0 or row["people"] >= 11 for row in shown)
    assert all(row["before"] is None for row in closing["people"] if row["suppressed"])


def test_nothing_is_held_at_the_closed_clinic(folder: Path):
    """With both, no visit of the plan stands, waits or is moved to the closed clinic from its date on."""
    rows = pl.read_parquet(folder / "both" / "decisions.parquet")
    late = pl.col("new_start").dt.date() >= pl.date(2025, 11, 1)
    closed = (pl.col("new_clinic_id") == "hickory-bridge") & late
    stands = (pl.col("clinic_id") == "hickory-bridge") & pl.col("option").is_in(["stand", "standby"])
    assert rows.filter(closed).is_empty()
    assert rows.filter(stands).is_empty()
    # with the strike alone it is in service: the test can fail
    alone = pl.read_parquet(folder / "strike" / "decisions.parquet")
    assert alone.filter(closed).height
    assert alone.filter(stands).height


def test_the_page_shows_closings_and_offers_with_links_that_lead_somewhere(folder: Path):
    """Both sections stand on the index, each with its report; no id stands there twice."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    for text in ('id="closings"', 'id="offers"', 'href="closing/report.html"', 'href="offers/report.html"'):
        assert text in page
    assert (folder / "offers" / "report.html").exists()
    assert 'id="rests-transfers"' in page
    assert 'id="rests-offers"' in page
    names = re.findall(r'\sid="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_the_closing_page_answers_its_questions(folder: Path, facts: dict[str, Any]):
    """Maps, groups, receiving clinics, access, proof and limits stand on the page of the closing."""
    page = (folder / "closing" / "report.html").read_text(encoding="utf-8")
    for place in ("lacking", "where", "people", "load", "access", "proof", "limits"):
        assert f'id="{place}"' in page
    assert page.count("<svg") > 4
    (closing,) = [one for one in facts["scenarios"] if one["id"] == "closing"]
    (whole,) = [one for one in closing["people"] if one["group"] == "all" and one["measure"] == "minutes"]
    assert f"minutes {'longer' if whole['difference'] > 0 else 'shorter'}, mean journey" in page
    assert f"{abs(whole['difference']):.1f}" in page
    assert "Says nothing about any real organisation" in page


def test_offers_are_told_without_the_place_of_their_draft(folder: Path, facts: dict[str, Any]):
    """The summary of offers names no folder, and run.json has the same offers."""
    told = json.loads((folder / "offers" / "summary.json").read_text(encoding="utf-8"))
    assert told["out"] is None
    assert [one["name"] for one in told["offers"]] == [one["name"] for one in facts["offers"]["offers"]]
    assert len(told["offers"]) == 2


def test_a_closing_is_planned_again_only_where_its_own_claims_differ(tmp_path: Path):
    """A reading with other claims of the strike shares the closing's plan; another last date does not."""
    case = read_case(str(small_case(tmp_path, more=CLOSING)))
    strike, closing, _ = case.stages
    base = read_reading("literature", case.ledger)
    inputs = case.under(base)
    share = case.ledger["working-share"].entries[0]
    other = case.under(base.exchanged("working-share", share))
    assert plan_key(other, closing) == plan_key(inputs, closing)
    assert plan_key(other, strike) != plan_key(inputs, strike)
    january = next(one for one in case.ledger["last-closure-on"].entries if one.who == "press-b")
    later = case.under(base.exchanged("last-closure-on", january))
    assert plan_key(later, strike) == plan_key(inputs, strike)
    assert plan_key(later, closing) == plan_key(inputs, closing)
    past = replace(january, value=date(2025, 12, 31), low=None, high=None)
    assert plan_key(case.under(base.exchanged("last-closure-on", past)), closing) != plan_key(inputs, closing)
    assert policy_of(inputs, closing) is inputs.transfers


def test_where_patients_go_does_not_depend_on_the_day_within_a_year(folder: Path):
    """The law on which closings share a plan: on another day of the same year every place is the same."""
    network = read_network(folder / "network")
    policy = read_policy(None)
    found = [
        run_closing(network, [Closure(clinics=("hickory-bridge",), on=day)], policy, visits=False)
        for day in (date(2026, 1, 1), date(2026, 2, 1), date(2026, 12, 31))
    ]
    for other in found[1:]:
        assert other.transfers.drop("on").equals(found[0].transfers.drop("on"))
        assert other.load.equals(found[0].load)
        assert other.people.equals(found[0].people)
        assert other.facts["counts"] == found[0].facts["counts"]


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """What turns on the readings in the small case without its strikes, and the folder of its network."""
    base = tmp_path_factory.mktemp("turned")
    whole = read_case(str(small_case(base, more=CLOSING)))
    case = replace(whole, stages=tuple(stage for stage in whole.stages if stage.closes))
    result = run_case(case, read_reading("literature", case.ledger), base, str(base / "network"), len)
    return base / "network", turning_of(result, base, 1, len).as_dict()


def test_all_readings_turn_over_closings_and_offers_too(turned: tuple[Path, dict[str, Any]]):
    """The closing and both offers have figures under each reading; a claim of the offers moves its figure."""
    turning = turned[1]
    names = {"closing", "offers/1", "offers/2"}
    assert all(set(row["figures"]) == names for row in turning["readings"])
    assert {row["id"] for row in turning["scenarios"]} == names
    own = turning["readings"][0]["figures"]["offers/1"]
    moved: dict[str, set[str]] = {}
    for row in turning["exchanged"]:
        changed = {name for name, value in row["figures"]["offers/1"].items() if value != own[name]}
        moved[row["claim"]] = moved.get(row["claim"], set()) | changed
    assert moved["discount-rate"] == {"cost_worth"}
    assert moved["future-inflation"] == {"real_pay"}
    assert moved["panel-in-vha"] == set()
    offer = next(row for row in turning["scenarios"] if row["id"] == "offers/1")
    assert offer["disputed_that_matter"] == []


def test_dates_of_closings_are_told_though_their_plan_is_shared(turned: tuple[Path, dict[str, Any]]):
    """Another day of the last closing needs no plan of its own, and its figures are those of the case."""
    turning = turned[1]
    own = turning["readings"][0]["figures"]["closing"]
    rows = [row["figures"]["closing"] for row in turning["exchanged"] if row["claim"] == "last-closure-on"]
    assert rows
    assert all(row == own and row["days_apart"] == 0 for row in rows)


def test_offers_under_another_reading_are_those_of_a_run_of_its_own(turned: tuple[Path, dict[str, Any]]):
    """What is shown of an offer under the union's reading is what the offer comes to under it alone."""
    network, turning = turned
    paths = [Path(name) for name in ("illustrative-minus-5", "illustrative-demand")]
    result = run_offers(OffersAsked(network, paths), read_reading("union", read_ledger()))
    (row,) = (row for row in turning["readings"] if row["reading"] == "union")
    assert [row["figures"][f"offers/{number}"] for number in (1, 2)] == figures_of_offers(result)


FAULTS = {
    "unknown plan": (('plan = "transfers"', 'plan = "transfer"'), "scenario[2].plan"),
    "unknown key of a scenario": (('plan = "transfers"', 'plans = "transfers"'), "scenario[2].plans"),
    "unknown result of a scenario": (('results = ["sites"]', 'results = ["site"]'), "scenario[3].results"),
    "transfers without a closing": (
        ('kind = "closure"\nclinics = ["hickory-bridge"]\non = { claim = "last-closure-on" }',
         'kind = "leave"'),
        "scenario[2].plan",
    ),
    "unknown offer": (('"illustrative-demand"]', '"illustrative-demands"]'), "offers.offers"),
    "unknown key of offers": (('offers = ["ill', 'reader = "me"\noffers = ["ill'), "offers.reader"),
    "no offer": (
        ('offers = ["illustrative-minus-5", "illustrative-demand"]', "offers = []"),
        "offers.offers",
    ),
    "claim of another unit": (
        ('on = { claim = "last-closure-on" }', 'on = { claim = "working-share" }'),
        "scenario[2].change[1].on.claim",
    ),
    "unknown clinic": (('clinics = ["hickory-bridge"]', 'clinics = ["nowhere"]'), "scenario[2]"),
    "every clinic": (
        ('clinics = ["hickory-bridge"]',
         'clinics = ["alder-valley", "bobolink-run", "coulee-mills", "hickory-bridge"]'),
        "scenario[2]",
    ),
    "id of the folder of offers": (('id = "closing"', 'id = "offers"'), "scenario[2].id"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "place"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_closings_or_offers_names_its_place(
    run: Runner, tmp_path: Path, change: tuple[str, str], place: str
):
    """Each wrong key, name or value is reported where it stands; exit 1, nothing written."""
    old, new = change
    assert old in CLOSING
    path = small_case(tmp_path, more=CLOSING.replace(old, new, 1))
    ended = run("run", path, "--out", tmp_path / "out", "--json")
    assert ended.code == 1
    found = [str(fault["column"]) for fault in ended.document["faults"]]
    assert any(place in column for column in found), found
    assert not (tmp_path / "out").exists()
