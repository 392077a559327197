"""The frontier engine: hand-worked cases, brute force over all packages, and the laws of its points."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tideover.engines.frontier import (
    Frontier,
    additive,
    frontier_of_issues,
    frontier_of_outcomes,
    named_points,
)

#: Few distinct values, so that ties are common.
COARSE = st.integers(-4, 4).map(float)
FINE = st.floats(-10, 10, allow_nan=False)


@st.composite
def issues(draw: Any) -> tuple[list[Any], list[Any]]:
    """Return both sides' utilities of the options of one to four issues."""
    values = draw(st.sampled_from((COARSE, FINE)))
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    sides = [[np.array(draw(st.lists(values, min_size=n, max_size=n))) for n in sizes] for _ in range(2)]
    return sides[0], sides[1]


def packages(a: list[Any], b: list[Any]) -> list[tuple[float, float]]:
    """Return both sides' sums of every package, added in the order of the issues."""
    made = []
    for choice in product(*(range(len(of)) for of in a)):
        one = other = 0.0
        for issue, option in enumerate(choice):
            one, other = one + a[issue][option], other + b[issue][option]
        made.append((one, other))
    return made


def unbeaten(outcomes: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the distinct outcomes that no outcome beats, by comparing each with each."""
    found = {
        x
        for x in outcomes
        if not any(y[0] >= x[0] and y[1] >= x[1] and (y[0] > x[0] or y[1] > x[1]) for y in outcomes)
    }
    return sorted(found, reverse=True)


def test_two_issues_worked_by_hand() -> None:
    """Rate (0,6), (3,3) and days (0,2), (1,1.5), (1,0): the frontier has four sums."""
    found = frontier_of_issues(
        [np.array([0.0, 3]), np.array([0, 1.0, 1])], [np.array([6.0, 3]), np.array([2, 1.5, 0])]
    )
    assert list(zip(found.a, found.b, strict=True)) == [(4, 4.5), (3, 5), (1, 7.5), (0, 8)]
    assert found.choices.tolist() == [[1, 1], [1, 0], [0, 1], [0, 0]]


@settings(max_examples=150, deadline=None)
@example(
    ([np.array([0.0, 2.0**-52]), np.array([2.0])], [np.array([0.0, -1.0]), np.array([0.0])])
)  # sums that rounding makes equal
@given(issues())
def test_merging_equals_brute_force_to_the_last_bit(sides: tuple[list[Any], list[Any]]) -> None:
    """The merged frontier is that of every package compared with every other, and its choices lead to it."""
    a, b = sides
    found = frontier_of_issues(a, b)
    assert list(zip(found.a, found.b, strict=True)) == unbeaten(packages(a, b))
    for row, choice in enumerate(found.choices):
        one = other = 0.0
        for issue, option in enumerate(choice):
            one, other = one + a[issue][option], other + b[issue][option]
        assert (one, other) == (found.a[row], found.b[row])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(COARSE, COARSE), min_size=1, max_size=30))
def test_a_list_of_outcomes_equals_brute_force(outcomes: list[tuple[float, float]]) -> None:
    """The frontier of listed outcomes is right, and each point names the first row with its values."""
    a, b = (np.array(side) for side in zip(*outcomes, strict=True))
    found = frontier_of_outcomes(a, b)
    assert list(zip(found.a, found.b, strict=True)) == unbeaten(outcomes)
    for row, point in zip(found.choices[:, 0], zip(found.a, found.b, strict=True), strict=True):
        assert outcomes.index(point) == row


def test_points_worked_by_hand() -> None:
    """Of (8,1), (6,4), (5,5), (2,6) from (1,1): Nash and equal gains take (5,5); the zone holds all four."""
    points = named_points(_line((8, 1), (6, 4), (5, 5), (2, 6)), (1.0, 1.0))
    assert (points.nash, points.egalitarian, points.zone.tolist()) == (2, 2, [0, 1, 2, 3])
    assert points.kalai_smorodinsky == 1, "lesser shares of 7 and 5: 0, 3/5, 4/7, 1/7"


def test_equal_gains_part_from_the_others() -> None:
    """Of (100,0), (60,5), (30,8), (8.5,9): products and shares take (60,5), equal gains (8.5,9)."""
    points = named_points(_line((100, 0), (60, 5), (30, 8), (8.5, 9)), (0.0, 0.0))
    assert (points.nash, points.kalai_smorodinsky, points.egalitarian) == (1, 1, 3)


def test_no_zone_no_points() -> None:
    """Where no outcome is good enough for both, there is no zone and no point of agreement."""
    points = named_points(_line((3, 0), (0, 3)), (2.0, 2.0))
    assert (points.zone.size, points.nash, points.kalai_smorodinsky, points.egalitarian) == (
        0,
        None,
        None,
        None,
    )


def test_an_outcome_worth_just_no_deal_is_in_the_zone() -> None:
    """A side that is indifferent can sign: the single outcome at the no-deal values is every point."""
    points = named_points(_line((2, 2)), (2.0, 2.0))
    assert (points.zone.tolist(), points.nash, points.kalai_smorodinsky, points.egalitarian) == ([0], 0, 0, 0)


@settings(max_examples=100, deadline=None)
@given(issues(), st.tuples(COARSE, COARSE), st.sampled_from((0.25, 2.0, 8.0)), COARSE)
def test_points_keep_their_laws(sides: Any, no_deal: tuple[float, float], scale: float, shift: float) -> None:
    """Each point is best by its own rule by brute force; rescaling one side moves neither Nash nor KS."""
    frontier = frontier_of_issues(*sides)
    points = named_points(frontier, no_deal)
    good = [(x - no_deal[0], y - no_deal[1]) for x, y in packages(*sides)]
    good = [(x, y) for x, y in good if x >= 0 and y >= 0]
    assert (points.nash is None) == (not good)
    if points.nash is None or points.kalai_smorodinsky is None or points.egalitarian is None:
        return
    gains = np.stack([frontier.a - no_deal[0], frontier.b - no_deal[1]], axis=1)
    assert np.isclose(gains[points.nash].prod(), max(x * y for x, y in good))
    assert gains[points.egalitarian].min() == max(min(x, y) for x, y in good)
    assert set(points.zone) == {row for row, gain in enumerate(gains) if (gain >= 0).all()}
    moved = Frontier(frontier.a * scale + shift, frontier.b, frontier.choices)
    if len(set(moved.a)) == len(moved):
        again = named_points(moved, (no_deal[0] * scale + shift, no_deal[1]))
        after = (gains[p].prod() for p in (points.nash, again.nash))
        assert np.isclose(*after)


@pytest.mark.parametrize(
    ("a", "b"),
    [([], []), ([np.array([])], [np.array([])]), ([np.array([1.0])], [np.array([1.0, 2])]),
     ([np.array([np.nan])], [np.array([1.0])]), ([np.array([1.0])], [])],
)  # fmt: skip
def test_wrong_issues_are_refused(a: list[Any], b: list[Any]) -> None:
    """No issue, no option, unequal lengths and values that are no number are refused."""
    with pytest.raises(ValueError, match="utilit"):
        frontier_of_issues(a, b)


def test_a_frontier_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """More part-packages than are held are refused before memory is taken."""
    monkeypatch.setattr(additive, "MOST_HELD", 3)
    line = np.arange(2.0)
    with pytest.raises(MemoryError, match="part-packages"):
        frontier_of_issues([line, line], [-line, -3 * line])


def _line(*points: tuple[float, float]) -> Frontier:
    a, b = (np.array(side, float) for side in zip(*points, strict=True))
    return Frontier(a, b, np.arange(len(points))[:, None])
