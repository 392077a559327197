"""The synthetic network: what it promises at any size, from one seed, and what may not be asked of it."""

from __future__ import annotations

import hashlib
import os
import runpy
import subprocess
import sys
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli_run import Runner
from tideover.errors import InputError
from tideover.nouns import Network
from tideover.readers import check_network, read_network, write_network
from tideover.synthetic import PUBLISHED, Recipe, check_recipe, figures, generated, synthetic_network
from tideover.synthetic.draws import Draws, picked, whole_shares
from tideover.synthetic.names import MOST, town_names
from tideover.synthetic.people import MOST_OF_A_TRACT
from tideover.synthetic.places import tracts
from tideover.synthetic.roster import make_roster
from tideover.synthetic.sessions import HOURS

ROOT = Path(__file__).resolve().parent.parent
SMALL = Recipe(clinics=5, clinicians=24, patients=6000, hospitals=1, weeks=5)
OPTIONS = ["--clinics", "3", "--clinicians", "14", "--patients", "2000", "--hospitals", "0", "--weeks", "5"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


@pytest.fixture(scope="module")
def small() -> Network:
    """A small synthetic network."""
    return synthetic_network(SMALL)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


recipes = st.builds(
    Recipe,
    clinics=st.integers(1, 9),
    clinicians=st.integers(9, 30),
    patients=st.integers(3000, 4000),
    hospitals=st.integers(0, 3),
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    weeks=st.integers(1, 4),
    fill=st.floats(0.05, 1.0),
    seed=st.integers(0, 2**63 - 1),
)


@settings(max_examples=12, deadline=None)
@given(recipes)
def test_the_laws_of_a_synthetic_network(recipe):
    """Whatever is asked: as many as asked, everything in its place, nobody in two places at once."""
    made = synthetic_network(recipe)
    as_many_as_asked(made, recipe)
    sessions_in_opening_hours(made, recipe)
    visits_in_sessions(made)
    homes_and_households(made)


def as_many_as_asked(made: Network, recipe: Recipe) -> None:
    kinds = made.clinics["kind"].to_list()
    assert len(kinds) == recipe.clinics + recipe.hospitals
    assert kinds.count("hospital") == recipe.hospitals
    assert made.clinicians.height == recipe.clinicians
    assert made.patients.height == recipe.patients
    staffed = set(made.clinicians["clinic_id"])
    assert staffed == set(made.clinics.filter(pl.col("kind") != "hospital")["clinic_id"])
    assert staffed == set(made.support_staff["clinic_id"])
    assert made.synthetic
    assert str(recipe.seed) in made.notes[0].text


def sessions_in_opening_hours(made: Network, recipe: Recipe) -> None:
    kind = dict(made.clinics.select("clinic_id", "kind").iter_rows())
    first, last = recipe.start, recipe.start + timedelta(days=7 * recipe.weeks - 1)
    by_post = defaultdict(list)
    for row in made.sessions.iter_rows(named=True):
        hours = HOURS[kind[row["clinic_id"]]]
        start, end = row["start"], row["end"]
        assert first <= start.date() == end.date() <= last
        assert start.weekday() < hours.days
        assert hours.opens <= start.hour * 60 + start.minute < end.hour * 60 + end.minute <= hours.closes
        by_post[row["clinician_id"]].append((start, end))
    apart(by_post)


def visits_in_sessions(made: Network) -> None:
    held = {row["session_id"]: row for row in made.sessions.iter_rows(named=True)}
    by_session, by_patient = defaultdict(list), defaultdict(list)
    for row in made.visits.iter_rows(named=True):
        session, start = held[row["session_id"]], row["start"]
        end = start + timedelta(minutes=row["minutes"])
        assert session["start"] <= start < end <= session["end"]
        assert row["clinic_id"] == session["clinic_id"]
        assert row["video_ok"] or session["mode"] == "in_person"
        assert row["booked_on"] <= start.date() <= (row["safe_by"] or start.date())
        by_session[row["session_id"]].append((start, end))
        by_patient[row["patient_id"]].append(start.date())
    apart(by_session)
    assert all(len(days) == len(set(days)) for days in by_patient.values())


def apart(stretches: dict[str, list]) -> None:
    for times in stretches.values():
        ordered = sorted(times)
        assert all(before[1] <= after[0] for before, after in pairwise(ordered))


def homes_and_households(made: Network) -> None:
    people = made.patients
    shared = people.group_by("household_id").agg(pl.col("area_id", "language", "has_car").n_unique())
    assert shared.select(pl.col("area_id", "language", "has_car").max()).row(0) == (1, 1, 1)
    living = people.group_by("area_id").len().join(made.areas, on="area_id")
    assert living.height == people["area_id"].n_unique()
    assert (living["len"] <= living["population"]).all()
    assert made.homes().select(pl.all().null_count().sum()).row(0) == (0, 0, 0, 0)


def test_a_written_network_has_no_fault(small, tmp_path):
    """What is written is read back equal, marked as made up, and check finds nothing."""
    write_network(small, tmp_path / "n", "parquet")
    assert check_network(tmp_path / "n") == []
    again = read_network(tmp_path / "n")
    assert again.synthetic
    for name, table in small.tables().items():
        assert table.equals(again.tables()[name]), name


def test_same_seed_same_bytes_on_any_number_of_cores(run, tmp_path):
    """Two runs write the same files, one of them on a single core; another seed writes others."""
    assert run("synth", *OPTIONS, "--out", tmp_path / "a", "--json").code == 0
    program = [sys.executable, "-c", "import sys; from tideover.cli import main; sys.exit(main())"]
    alone = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    words = ["synth", *OPTIONS, "--out", str(tmp_path / "b"), "--json"]
    subprocess.run([*program, *words], check=True, capture_output=True, env=os.environ | alone)  # noqa: S603
    assert run("synth", *OPTIONS, "--seed", "2", "--out", tmp_path / "c", "--json").code == 0
    first, second, other = (digests(tmp_path / name) for name in "abc")
    assert first == second
    assert {name for name in first if first[name] == other[name]} == {"areas.parquet"}


@pytest.mark.parametrize("fill", [0.3, 0.9, 1.0])
def test_the_book_is_as_full_as_asked(fill):
    """The booked share of the clinics' minutes is the fill that was asked for, within two points."""
    made = synthetic_network(Recipe(clinics=3, clinicians=40, patients=40_000, hospitals=0, fill=fill))
    booked = figures(made)["fill"]
    assert booked["primary"]["all"] == pytest.approx(fill, abs=0.02)
    assert booked["urgent_care"]["all"] == pytest.approx(0.85 * fill, abs=0.05)


def test_figures_beside_a_naive_count(small):
    """Panels, journeys, fill and leads are what plain loops find."""
    found = figures(small)
    panels = defaultdict(int)
    for clinician in small.patients["clinician_id"].drop_nulls():
        panels[clinician] += 1
    assert found["panels"]["per_clinician"]["median"] == pytest.approx(
        np.median(list(panels.values())), abs=0.05
    )
    primary = set(small.clinics.filter(kind="primary")["clinic_id"])
    rows = [row for row in small.visits.iter_rows(named=True) if row["clinic_id"] in primary]
    leads = [(row["start"].date() - row["booked_on"]).days for row in rows]
    assert found["lead_days"]["median"] == round(float(np.median(leads)))
    assert found["lead_days"]["same_day"] == pytest.approx(leads.count(0) / len(leads), abs=1e-4)
    held = [row for row in small.sessions.iter_rows(named=True) if row["clinic_id"] in primary]
    minutes = sum((row["end"] - row["start"]).seconds // 60 for row in held)
    share = sum(row["minutes"] for row in rows) / minutes
    assert found["fill"]["primary"]["all"] == pytest.approx(share, abs=1e-4)
    assert found["patients"]["across_the_line"] == pytest.approx(crossing(small), abs=1e-4)


def crossing(made: Network) -> float:
    states = dict(made.clinics.select("clinic_id", "state").iter_rows())
    home = dict(made.clinicians.select("clinician_id", "clinic_id").iter_rows())
    area = dict(made.areas.select("area_id", "state").iter_rows())
    pairs = made.patients.drop_nulls("clinician_id").select("area_id", "clinician_id").iter_rows()
    over = [area[place] != states[home[who]] for place, who in pairs]
    return sum(over) / len(over)


def test_a_strike_on_a_synthetic_network(run, tmp_path):
    """From nothing to a checked plan: synth, check, strike, verify; every page says that it is made up."""
    network, plan = tmp_path / "n", tmp_path / "p"
    made = run("synth", *OPTIONS, "--out", network)
    assert (made.code, made.err) == (0, "")
    assert made.out.startswith("Synthetic people")
    assert max(len(line) for line in made.out.splitlines() if str(tmp_path) not in line) <= 80
    assert run("check", network).code == 0
    words = ["--on", "2025-11-05", "--as-of", "2025-10-24", "--working", "0.25", "--out", plan]
    ran = run("strike", network, *words)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("Synthetic people")
    assert "Synthetic people" in (plan / "report.html").read_text(encoding="utf-8")
    assert run("verify", plan).code == 0


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (["--clinics", "0"], "--clinics"),
        (["--clinics", "-4"], "--clinics"),
        (["--clinics", "401", "--clinicians", "500"], "--clinics"),
        (["--clinics", "9", "--clinicians", "8"], "--clinicians"),
        (["--clinicians", "1000000"], "--clinicians"),
        (["--patients", "99"], "--patients"),
        (["--patients", "61999"], "--patients"),
        (["--patients", "99999999999999999999"], "--patients"),
        (["--hospitals", "-1"], "--hospitals"),
        (["--weeks", "0"], "--weeks"),
        (["--weeks", "27"], "--weeks"),
        (["--fill", "0"], "--fill"),
        (["--fill", "1.01"], "--fill"),
        (["--fill", "nan"], "--fill"),
        (["--seed", "-1"], "--seed"),
        (["--start", "0001-01-01"], "--start"),
        (["--start", "9999-12-31"], "--start"),
    ],
)
def test_what_cannot_be_asked(run, tmp_path, options, place):
    """A number out of bounds is named with its option and its bounds, and nothing is written."""
    ran = run("synth", *options, "--out", tmp_path / "n", "--json")
    assert ran.code == 1
    assert [fault["column"] for fault in ran.document["faults"]] == [place]
    assert not (tmp_path / "n").exists()


@pytest.mark.parametrize(
    "options",
    [["--clinics", "many"], ["--fill", ""], ["--start", "2025-02-30"], ["--weeks", "1.5"], ["--towns", "3"]],
)
def test_what_is_no_number_is_wrong_usage(run, tmp_path, options):
    """Words that are no number, no date or no option end with 2, and nothing is written."""
    ran = run("synth", *options, "--out", tmp_path / "n", "--json")
    assert (ran.code, ran.document["ok"]) == (2, False)
    assert not (tmp_path / "n").exists()


def test_every_fault_is_told_at_once():
    """One report names all that is wrong, whatever its number."""
    with pytest.raises(InputError) as caught:
        check_recipe(Recipe(clinics=0, fill=2.0, weeks=99, start=date(1900, 1, 1)))
    assert {fault.column for fault in caught.value.faults} == {"--clinics", "--fill", "--weeks", "--start"}


def test_the_smallest_network(tmp_path):
    """One clinic, one clinician, a hundred patients and one week are a network without faults."""
    write_network(
        synthetic_network(Recipe(clinics=1, clinicians=1, patients=100, hospitals=0, weeks=1)), tmp_path / "n"
    )
    assert check_network(tmp_path / "n") == []


def test_an_older_network_is_replaced_whole(run, tmp_path):
    """A synthetic network is written over one that Tideover wrote; a failed run leaves that as it was."""
    out = tmp_path / "n"
    assert run("synth", *OPTIONS, "--out", out, "--json").code == 0
    before = digests(out)
    assert run("synth", *OPTIONS, "--fill", "7", "--out", out, "--json").code == 1
    assert digests(out) == before
    assert run("synth", *OPTIONS, "--seed", "9", "--out", out, "--json").code == 0
    assert digests(out) != before


def test_the_tracts_are_those_of_the_census(data_dir):
    """The table that ships is the Census Bureau's, row for row."""
    script = runpy.run_path(str(ROOT / "examples" / "make_tracts.py"))
    source = script["make"](data_dir).filter(pl.col("population") > 0)
    assert tracts().equals(source)
    assert source["population"].sum() == 11_600_212


def test_names_are_all_different():
    """As many names as there can be are all different, whatever is drawn."""
    for uniform in (np.zeros(MOST), np.full(MOST, 0.999), Draws(5).uniform("x", MOST)):
        assert len(set(town_names(uniform))) == MOST


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=20), st.integers(0, 500), st.integers(0, 3))
def test_whole_shares_add_up(weights, more, at_least):
    """Whole counts add up to the total, none under what was asked, each within 1 of its exact share."""
    total = more + at_least * len(weights)
    counts = whole_shares(weights, total, at_least)
    exact = np.array(weights) / sum(weights) * more + at_least
    assert counts.sum() == total
    assert (counts >= at_least).all()
    assert (np.abs(counts - exact) < 1 + 1e-6).all()


def test_picked_by_hand():
    """Of shares 1, 0 and 3, a number under a quarter falls on the first, any other on the third."""
    assert picked(np.array([0.0, 0.2499, 0.25, 0.999999]), [1, 0, 3]).tolist() == [0, 0, 2, 2]


@pytest.fixture(scope="module")
def whole() -> Network:
    """The network of the default recipe."""
    return synthetic_network(Recipe())


@pytest.mark.slow
def test_the_whole_network_is_near_what_is_published(whole):
    """The default recipe has the published numbers of sites and posts, and panels of the published size."""
    found = figures(whole)
    assert found["sites"]["by_kind"] == {"hospital": 12, "primary": 49, "urgent_care": 16}
    assert found["posts"]["in_a_unit"] == 600
    assert 1200 <= found["panels"]["per_clinician"]["median"] <= 1900
    assert found["sites"]["by_state"]["WI"] >= 1
    assert 0.005 < found["patients"]["across_the_line"] < 0.1
    homes_and_households(whole)
    living = whole.patients.group_by("area_id").len().join(whole.areas, on="area_id")
    assert (living["len"] / living["population"]).max() <= MOST_OF_A_TRACT


@pytest.mark.slow
def test_readme_says_what_is_generated(whole):
    """The table of generated and published figures in the room's README holds what is generated now."""
    text = (ROOT / "src" / "tideover" / "synthetic" / "README.md").read_text(encoding="utf-8")
    found = figures(whole)
    for row in PUBLISHED:
        assert f"| {row.what} | {generated(found, row)} | {row.stated} | {row.source} |" in text, row.what


def test_every_post_has_a_row_on_the_roster(small):
    """One row for each post with its role and FTE; nobody is bound by what the law voids."""
    roster = small.roster
    assert roster.select("clinician_id", "role", "clinic_id", "fte").equals(
        small.clinicians.select("clinician_id", "role", "clinic_id", "fte")
    )
    panels = small.patients["clinician_id"].drop_nulls().value_counts()
    assert roster["panel"].sum() == panels["count"].sum()
    assert roster["step"].is_between(1, 12).all()
    assert (roster["hired_on"] < SMALL.start).all()
    bound = roster.filter(pl.col("non_compete_miles").is_not_null())
    void = (bound["signed_state"] == "MN") & (bound["non_compete_signed_on"] >= date(2023, 7, 1))
    assert not void.any()
    assert roster["base_salary"].null_count() == roster.height  # an offer's grid states it


def test_the_roster_changes_no_other_table(small):
    """Its draws are streams of its own: whatever else is drawn stays the same without them."""
    used = []

    class Told(Draws):
        def uniform(self, name, *shape):
            used.append(name)
            return super().uniform(name, *shape)

    sites = small.clinics.with_columns(pl.lit(0).alias("site"))
    posts = small.clinicians.with_columns(pl.lit(0).alias("site"))
    make_roster(SMALL, sites, posts, small.patients, Told(SMALL.seed))
    assert used
    assert all(name.startswith("roster.") for name in used)
