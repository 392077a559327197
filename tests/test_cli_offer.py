"""The command on offers: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
import math
import stat
from pathlib import Path

import polars as pl
import pytest

from cli_run import Runner
from pay_factory import SALARY, offer_text, roster
from tideover.cases.offer import shipped_offers
from tideover.readers import write_network
from tideover.synthetic import Recipe, synthetic_network
from tideover.synthetic.draws import Draws
from tideover.synthetic.people import make_people
from tideover.synthetic.places import place_sites
from tideover.synthetic.posts import make_posts, make_support
from tideover.synthetic.roster import make_roster

A, B = "illustrative-minus-5", "illustrative-demand"
BANNER = "Synthetic people, clinics, rosters, books and pay. Says nothing about any real organisation."


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic network of the reference's size in posts, with few patients and one week."""
    made = tmp_path_factory.mktemp("pay") / "net"
    write_network(synthetic_network(Recipe(patients=62_000, weeks=1, hospitals=0)), made, "parquet")
    return made


@pytest.fixture
def own(tmp_path):
    """A roster of twelve without labels, and two offers for it."""
    roster(*[{}] * 12).write_csv(tmp_path / "roster.csv")
    (tmp_path / "now.toml").write_text(offer_text([SALARY], name="Now"), encoding="utf-8")
    terms = [SALARY, {"kind": "general_increase", "rate": 0.03}]
    (tmp_path / "then.toml").write_text(offer_text(terms, name="Then"), encoding="utf-8")
    return tmp_path


def test_the_keys_that_other_programs_rely_on(run, own):
    """3 % more of 12 x 200,000: mean and worst +3 %, nobody loses, and what it costs with tax."""
    ran = run("offer", own / "roster.csv", own / "then.toml", "--current", own / "now.toml", "--json")
    (offer,) = ran.document["offers"]
    assert ran.code == 0
    assert offer["name"] == "Then"
    assert offer["mean_change"] == pytest.approx(0.03)
    assert offer["worst_change"] == pytest.approx(0.03)
    assert offer["share_losing_5pct"] == 0
    # 72,000 a year, all of it paid above the wage base of 184,500: the tax on it is 1.45 %
    assert offer["cost_over_base"][0] == pytest.approx(72_000 * 1.0145)


def test_the_first_shipped_offer_is_five_percent_less_with_a_long_tail(run, tmp_path):
    """On the roster of the reference network: mean -5 %, a median above it, and a worst four times as low."""
    recipe = Recipe()
    draws = Draws(recipe.seed)
    sites = place_sites(recipe, draws)
    posts = make_posts(recipe, sites, draws)
    people = make_people(recipe, sites, posts, draws)
    make_roster(recipe, sites, posts, people, draws).write_parquet(tmp_path / "roster.parquet")
    make_support(sites, posts).write_parquet(tmp_path / "support_staff.parquet")
    sites.select("clinic_id", "name", "kind").write_parquet(tmp_path / "clinics.parquet")
    posts.select("clinician_id", "role").write_parquet(tmp_path / "clinicians.parquet")
    ran = run("offer", tmp_path, A, B, "--current", "current", "--json")
    first, second = ran.document["offers"]
    assert first["mean_change"] == pytest.approx(-0.05, abs=0.002)
    assert first["points"]["0.5"] > first["mean_change"] > first["points"]["0.05"]
    assert first["worst_change"] < 3 * first["mean_change"]
    assert 0.2 < first["share_losing_5pct"] < 0.5
    assert second["mean_change"] > 0.05


def test_all_shipped_offers_carry_the_banner(run, folder):
    """Every offer that ships is made up and says so, in the file, on the terminal and in the document."""
    for path in shipped_offers().values():
        assert BANNER in path.read_text(encoding="utf-8")
    said = " ".join(run("offer", folder, A).out.split())
    assert said.startswith(BANNER)
    assert all(offer["banner"] == BANNER for offer in run("offer", folder, A, B, "--json").document["offers"])


def test_what_is_printed_is_what_was_summed(run, folder):
    """The sentence, the classes and the costs on the terminal are those of the document."""
    text = " ".join(run("offer", folder, A).out.split())
    (offer,) = run("offer", folder, A, "--json").document["offers"]
    assert f"pay changes by {offer['mean_change'] * 100:+.1f} % on average" in text
    assert f"{offer['share_losing_5pct'] * 100:.1f} % of 620 clinicians lose more than 5 %" in text
    assert f"{offer['cost_over_base'][0]:+,.0f}" in text
    assert sum(one["clinicians"] for one in offer["classes"]) == 620
    assert "Step movement" not in text


def test_the_folder_is_whole_private_and_adds_up(run, folder, tmp_path):
    """The payroll is for its owner, sums to what is told, and the page names nobody."""
    out = tmp_path / "out"
    ran = run("offer", folder, A, B, "--out", out)
    assert ran.code == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()}
    assert modes.pop("report.html") == 0o644
    assert modes == dict.fromkeys(["summary.json", "payroll.parquet", "changes.parquet"], 0o600)
    found = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    lines = pl.read_parquet(out / "payroll.parquet")
    people = pl.read_parquet(folder / "roster.parquet")["clinician_id"]
    for offer in found["offers"]:
        mine = lines.filter((pl.col("offer") == offer["name"]) & (pl.col("side") == "pay"))
        before = lines.filter((pl.col("offer") == found["current"]["name"]) & (pl.col("side") == "pay"))
        change = mine["cents"].sum() / before["cents"].sum() - 1
        assert offer["of_payroll"] == pytest.approx(change)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert BANNER in page
    assert not [name for name in people if name in page]
    assert "<script" not in page
    assert run("offer", folder, A, "--out", out).code == 0  # its own folder is replaced


def test_small_groups_are_not_told(run, folder):
    """No group of fewer than eleven has a number in the document."""
    (offer,) = run("offer", folder, A, "--json").document["offers"]
    small = [row for row in offer["groups"] if row["people"] is not None and row["people"] < 11]
    hidden = [row for row in offer["groups"] if row["suppressed"]]
    assert not small
    assert hidden
    assert all(row["after"] is None and row["people"] is None for row in hidden)


def test_a_roster_of_few_is_not_fit_to_be_shared(run, own):
    """Of ten clinicians even the page is for the owner alone, and the notes say why; gaps are left out."""
    roster(*[{}] * 10).write_csv(own / "roster.csv")
    base = ["offer", own / "roster.csv", own / "then.toml", "--current", own / "now.toml"]
    ran = run(*base, "--comparator", own / "now.toml", "--json")
    assert ran.code == 1  # the comparator is the current contract: names must differ
    (own / "other.toml").write_text(offer_text([SALARY], name="Other"), encoding="utf-8")
    ran = run(*base, "--comparator", own / "other.toml", "--out", own / "out", "--json")
    assert ran.document["offers"][0]["comparator"] == [
        {"role": "physician", "people": None, "offered": None, "comparator": None, "gap": None}
    ]
    assert any("fewer than 11" in note for note in ran.document["notes"])
    assert {stat.S_IMODE(path.stat().st_mode) for path in (own / "out").iterdir()} == {0o600}
    assert "education debt" not in run(*base).out


def test_a_slip_is_shown_and_not_written(run, folder, tmp_path):
    """--why prints every line of one clinician under each contract; nothing is written of it."""
    name = pl.read_parquet(folder / "roster.parquet")["clinician_id"][0]
    out = tmp_path / "out"
    ran = run("offer", folder, A, "--why", name, "--out", out, "--json")
    slips = ran.document["why"]
    assert [slip["clinician_id"] for slip in slips] == [name, name]
    assert not out.exists()
    assert f"{name} under" in run("offer", folder, A, "--why", name).out
    wrong = run("offer", folder, A, "--why", "nobody")
    assert wrong.code == 1
    assert "--why" in wrong.err


def test_readings_change_the_range_and_are_named(run, folder):
    """Under any reading, a benefit that may be cut is a range; the document names the reading."""
    for name in ("employer", "union", "literature"):
        found = run("offer", folder, A, "--reading", name, "--json").document
        assert found["reading"] == name
        open_ = [one for one in found["offers"][0]["promises"] if one["states"] != "promised"]
        assert open_
        assert all(one["low"] < one["high"] <= one["full"] for one in open_)


def test_what_is_assumed_is_told_as_a_stretch(run, folder):
    """Present value, real pay and cost over the ends of their claims: by hand, and around the middle."""
    result = run("offer", folder, A, "--json").document
    (offer,) = result["offers"]
    found = offer["stretches"]
    assert set(found) == {"discount-rate", "future-inflation", "oasdi-base-growth"}
    for rate, value in zip(found["discount-rate"]["over"], found["discount-rate"]["found"], strict=True):
        by_hand = sum(c / (1 + rate) ** (year + 0.5) for year, c in enumerate(offer["cost_over_base"]))
        assert value == pytest.approx(by_hand, abs=0.02)
    low, high = sorted(found["discount-rate"]["found"])
    assert low < offer["cost_over_base_present_value"] < high
    high, low = found["future-inflation"]["found"]
    assert low < offer["real_change_by_year"][-1] < high, "the more prices rise, the less pay buys"
    text = " ".join(run("offer", folder, A).out.split())
    assert "discounted at 3 to 8 % a year" in text
    assert "if prices rise by 2 to 4 % a year" in text


def test_a_series_is_told_in_real_terms(run, own):
    """By hand from the price index: pay of 1978 in prices of 2024."""
    (own / "series.csv").write_text("year,pay\n1978,50000\n2024,200000\n2025,210000\n", encoding="utf-8")
    base = ["offer", own / "roster.csv", own / "then.toml", "--current", own / "now.toml"]
    ran = run(*base, "--series", own / "series.csv", "--base-year", 2024, "--json")
    rows = {row["year"]: row for row in ran.document["series"]["years"]}
    assert rows[2024]["real"] == 200_000
    assert rows[1978]["real"] == pytest.approx(50_000 * 313.689 / 65.2, rel=2e-3)  # BLS annual means
    assert "2025-10" in ran.document["series"]["notes"][0]
    assert "in prices of 1978" in run(*base, "--series", own / "series.csv").out


def test_a_comparator_shows_the_gap(run, own):
    """Twelve physicians at 200,000 beside a grid of 250,000: 17.6 % below under the offer."""
    grid = {"kind": "base_grid", "grid": {"physician": [250_000]}}
    (own / "hospital.toml").write_text(offer_text([grid], name="Hospital"), encoding="utf-8")
    base = ["offer", own / "roster.csv", own / "then.toml", "--current", own / "now.toml"]
    ran = run(*base, "--comparator", own / "hospital.toml", "--json")
    (row,) = ran.document["offers"][0]["comparator"]
    assert row["gap"] == pytest.approx(206_000 / 250_000 - 1)
    said = run(*base, "--comparator", own / "hospital.toml").out
    assert "-17.6 %" in " ".join(said.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "then.toml", "--current", "now.toml"], "Check the path"),
        (["roster.csv", "nothing.toml", "--current", "now.toml"], "nothing.toml"),
        (["roster.csv", "then.toml"], "--current"),
        (["roster.csv", "then.toml", "--current", "then.toml"], "Name the offers apart"),
        (["roster.csv", "then.toml", "--current", "now.toml", "--reading", "nobody"], "--reading"),
        (["roster.csv", "then.toml", "--current", "now.toml", "--base-year", "1980"], "--series"),
        (["roster.csv", "then.toml", "--current", "now.toml", "--series", "bad.csv"], "positive number"),
        (["roster.csv", "then.toml", "--current", "now.toml", "--series", "old.csv"], "1850"),
        (["roster.csv", "then.toml", "--current", "now.toml", "--out", "taken"], "taken"),
        (["roster.csv", "then.toml", "--current", "now.toml", "--out", "offers.ods"], "ends in .xlsx"),
        (["roster.csv", "late.toml", "--current", "now.toml"], "the same days"),
        (["roster.csv", "percent.toml", "grid.toml", "--current", "now.toml"], "Was 0.03 meant"),
    ],
)
def test_wrong_input_is_refused_with_a_remedy(run, own, monkeypatch, arguments, words):
    """Whatever is wrong: exit 1, the fault with what to do, and nothing written."""
    monkeypatch.chdir(own)
    (own / "taken").mkdir()
    (own / "taken" / "mine.txt").write_text("keep", encoding="utf-8")
    (own / "bad.csv").write_text("year,pay\n1980,-1\n1980,5\nx,3\n", encoding="utf-8")
    (own / "old.csv").write_text("year,pay\n1850,5\n", encoding="utf-8")
    late = offer_text([SALARY], name="Late").replace("2028-12-31", "2027-12-31")
    (own / "late.toml").write_text(late, encoding="utf-8")
    wrong = offer_text([SALARY, {"kind": "general_increase", "rate": 3}], name="Percent")
    (own / "percent.toml").write_text(wrong, encoding="utf-8")
    (own / "grid.toml").write_text(offer_text([{"kind": "base_grid"}], name="Grid"), encoding="utf-8")
    ran = run("offer", *arguments)
    assert ran.code == 1
    assert words in " ".join(ran.err.split())
    assert ran.out == ""
    assert (own / "taken" / "mine.txt").read_text(encoding="utf-8") == "keep"
    as_json = run("offer", *arguments, "--json")
    assert as_json.document["ok"] is False


def test_amounts_are_finite(run, folder):
    """No number of the document is infinite or missing where it must be."""
    for offer in run("offer", folder, A, B, "--json").document["offers"]:
        assert all(math.isfinite(amount) for amount in (*offer["cost"], *offer["cost_over_base"]))
        assert len(offer["real_change_by_year"]) == 3
