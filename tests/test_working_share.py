"""The working share as a range: one beta distribution, its posts exact, planner and verify agreed."""

from __future__ import annotations

import json
import shutil
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tideover.cases import run_strike
from tideover.cases import strike as strike_case
from tideover.chance import beta_binomial_quantile, binomial_quantile, stream
from tideover.disruptions.strike import Strike
from tideover.errors import InputError
from tideover.nouns import Policy
from tideover.nouns.share import WorkingShare
from tideover.readers import read_network
from tideover.reports import write_strike
from tideover.verify import verify
from tideover.verify.posts import low_quantile
from tideover.visits.cover import beta_shapes, posts_worked, worked_quantile
from verify_factory import seal
from visits_factory import STRIKE, struck

RANGE = "0.15..0.25..0.4"
decimals = st.integers(0, 100).map(lambda n: n / 100)


def ranges():
    ordered = st.tuples(decimals, decimals, decimals).map(sorted)
    return ordered.filter(lambda r: r[0] < r[2]).map(lambda r: "..".join(map(str, r)))


@pytest.mark.parametrize(
    ("probability", "posts", "alpha", "beta", "count"),
    [
        (0.1, 9, 1, 1, 0),  # uniform on 0 to 9: the first of ten counts reaches a tenth exactly
        (0.11, 9, 1, 1, 1),
        (0.5, 1, 1, 3, 0),  # one post is worked on one day in four
        (0.75, 1, 1, 3, 0),
        (0.76, 1, 1, 3, 1),
        (0.3, 2, 1, 2, 0),  # two posts, triangular: chances 3/6, 2/6, 1/6
        (0.83, 2, 1, 2, 1),
        (0.84, 2, 1, 2, 2),
        (0.1, 0, 1, 1, 0),
    ],
)
def test_cases_worked_by_hand(probability, posts, alpha, beta, count):
    """Beta-binomial counts whose chances are plain fractions, exact ties among them."""
    assert beta_binomial_quantile(probability, posts, Fraction(alpha), Fraction(beta)) == count


@settings(max_examples=80)
@given(working=ranges(), probability=decimals.map(lambda p: p / 2), posts=st.integers(0, 40))
def test_two_programs_find_the_same_quantile(working, probability, posts):
    """Planner's recursion and verify's plain sum agree whatever the range, the quantile and the pool."""
    assert worked_quantile(probability, posts, working) == low_quantile(probability, posts, working)


@settings(max_examples=80)
@given(share=decimals, probability=decimals.map(lambda p: p / 2), posts=st.integers(0, 40))
def test_two_programs_agree_on_a_certain_share(share, probability, posts):
    """The same for a share that is one number, noughts and ones among them."""
    assert worked_quantile(probability, posts, str(share)) == low_quantile(probability, posts, str(share))


def test_the_mean_and_the_shapes_are_those_of_the_formulation():
    """0.1..0.2..0.3: mean 0.59 / 2.95 = 0.2, deviation 0.2 / 3.25, shapes 0.2 and 0.8 of 41.25."""
    share = WorkingShare.of("0.1..0.2..0.3")
    assert share.mean == Fraction(1, 5)
    assert beta_shapes(share) == (Fraction(33, 4), Fraction(33))


@pytest.mark.parametrize(
    "working", [RANGE, "0.1..0.2..0.3", "0.3..0.5..0.7", "0.05..0.1..0.3", "0.6..0.8..0.9"]
)
def test_nine_days_in_ten_lie_within_the_range(working):
    """Of the drawn shares a twentieth lies below the range and a twentieth above, within two points."""
    share = WorkingShare.of(working)
    alpha, beta = (float(shape) for shape in beta_shapes(share))
    drawn = np.random.default_rng(5).beta(alpha, beta, 100_000)
    assert abs((drawn < float(share.low)).mean() - 0.05) < 0.02
    assert abs((drawn > float(share.high)).mean() - 0.05) < 0.02
    assert drawn.mean() == pytest.approx(float(share.mean), abs=0.002)


@settings(max_examples=40)
@given(posts=st.integers(1, 60), share=st.integers(5, 95), probability=st.sampled_from([0.05, 0.1, 0.3, 0.5]))
def test_a_narrow_range_is_nearly_a_number(posts, share, probability):
    """A range of a hundred-millionth counts like its middle, but for a chance that ends at the quantile."""
    middle = Fraction(share, 100)
    narrow = "..".join(f"{float(middle + step):.9f}" for step in (-Fraction(1, 10**8), 0, Fraction(1, 10**8)))
    around = {binomial_quantile(p, posts, share / 100) for p in (probability - 1e-5, probability + 1e-5)}
    assert min(around) <= worked_quantile(probability, posts, narrow) <= max(around)


def test_an_uncertain_share_holds_fewer_visits_for_sure():
    """Of ten posts at the range's own mean, one certain share would let more stand than the range does."""
    policy = Policy.of({"stand_quantile": 0.3})
    wide = posts_worked(struck([{}], working="0..0.5..1"), policy).row(0, named=True)
    sure = posts_worked(struck([{}], working=wide["working_share"]), policy).row(0, named=True)
    assert (wide["posts"], wide["working"], wide["working_share"]) == (10, "0..0.5..1", 0.5)
    assert (wide["stand_posts"], wide["standby_posts"]) == (3, 2)
    assert (sure["stand_posts"], sure["standby_posts"]) == (4, 1)


def test_streams_hang_on_seed_name_and_number_alone():
    """The same three give the same draws; another of any of them gives others."""
    first = stream(1, "posts", 0).random(4).tolist()
    assert stream(1, "posts", 0).random(4).tolist() == first
    others = [stream(2, "posts", 0), stream(1, "walk-ins", 0), stream(1, "posts", 1)]
    assert all(other.random(4).tolist() != first for other in others)


@pytest.mark.parametrize(
    ("stated", "telling"),
    [
        ("0.15..0.4", "State the most likely share too"),
        ("0.4..0.2..0.5", "lowest share first"),
        ("0.1..0.2..0.3..0.4", "lowest share first"),
        ("0.2..0.2..0.2", "one number"),
        ("0..0.5..1.2", "0.25"),
        ("-0.1..0.1..0.2", "0.25"),
        ("nan..0.1..0.2", "0.25"),
        ("1e400..0.1..0.2", "0.25"),
        ("a..b..c", "0.25"),
        ("....", "0.25"),
        ("0.25", "0.25"),
        ("", "0.25"),
    ],
)
def test_a_wrong_range_is_refused_with_what_to_write(stated, telling):
    """Each wrong way to state a range is a fault of the key, with a remedy."""
    with pytest.raises(InputError) as error:
        Strike(dates=(STRIKE,), working=stated)
    (fault,) = error.value.faults
    assert fault.column == "strike.working"
    assert telling in fault.remedy


def test_a_range_is_kept_as_it_was_stated():
    """Needless noughts go; the facts make the same strike again."""
    made = Strike(dates=(STRIKE,), working="0.150..0.25..0.40")
    assert made.facts()["working"] == RANGE
    assert Strike.from_facts(made.facts()) == made


def test_verify_confirms_a_range_and_catches_another(tmp_path: Path, tiny_folder: Path, monkeypatch):
    """A plan under a range is right as written; a pool that states another share or quantile is not."""
    monkeypatch.setattr(strike_case, "WORKING_SHARES", ())
    shutil.copytree(tiny_folder, tmp_path / "network")
    change = Strike(dates=(date(2026, 3, 11),), working=RANGE)
    result = run_strike(read_network(tmp_path / "network"), [change], Policy.default(), date(2026, 3, 4))
    write_strike(result, tmp_path / "plan")
    (right,) = verify(tmp_path / "plan")
    assert right.ok, right.differences
    path = tmp_path / "plan" / "plan.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    for key, value, telling in (
        ("working", "0.2..0.25..0.3", "working: found 0.2..0.25..0.3; expected 0.15..0.25..0.4"),
        ("stand_posts", said["pools"][0]["stand_posts"] + 1, "stand_posts"),
        ("working_share", 0.25, "working_share"),
    ):
        forged = json.loads(json.dumps(said))
        forged["pools"][0][key] = value
        path.write_text(json.dumps(forged), encoding="utf-8")
        seal(tmp_path / "plan")
        (found,) = verify(tmp_path / "plan")
        assert any(telling in sentence for sentence in found.differences), found.differences
