"""The quantile of how many posts are worked is exact."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tideover.chance import binomial_quantile

parts = st.one_of(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.floats(0, 1))


@pytest.mark.parametrize(
    ("probability", "posts", "share", "count"),
    [
        (0.1, 2, 0.5, 0),  # P(0) = 0.25
        (0.25, 2, 0.5, 0),  # exactly reached
        (0.26, 2, 0.5, 1),
        (0.5, 9, 0.5, 4),  # P(X <= 4) is exactly a half
        (0.9, 1, 0.1, 0),  # nine in ten days nobody works
        (0.91, 1, 0.1, 1),
        (1.0, 40, 0.1, 40),
        (0.0, 40, 0.9, 0),
        (0.5, 0, 0.5, 0),
        (0.1, 12, 0.0, 0),
        (0.1, 12, 1.0, 12),
    ],
)
def test_cases_worked_by_hand(probability, posts, share, count):
    """Small cases, ties among them, as worked out on paper."""
    assert binomial_quantile(probability, posts, share) == count


@settings(max_examples=150, deadline=None)
@given(probability=parts, posts=st.integers(0, 30), share=parts)
def test_it_agrees_with_the_sum_of_binomial_terms(probability, posts, share):
    """The count is the first at which the textbook sum, in exact fractions, reaches the probability."""
    p, s = Fraction(str(probability)), Fraction(str(share))
    terms = [comb(posts, k) * s**k * (1 - s) ** (posts - k) for k in range(posts + 1)]
    sums = [sum(terms[: k + 1]) for k in range(posts + 1)]
    found = binomial_quantile(probability, posts, share)
    if 0 < share < 1:
        assert sums[found] >= p
        assert found == 0 or sums[found - 1] < p
    else:
        assert found == posts * share


@settings(max_examples=100, deadline=None)
@given(data=st.data(), posts=st.integers(0, 60))
def test_it_never_falls(data, posts):
    """More probability, a larger share or another post never lower the count."""
    low, high = sorted(data.draw(st.tuples(parts, parts)))
    share, other = sorted(data.draw(st.tuples(parts, parts)))
    found = binomial_quantile(low, posts, share)
    assert found <= binomial_quantile(high, posts, share)
    assert found <= binomial_quantile(low, posts, other)
    assert found <= binomial_quantile(low, posts + 1, share) <= posts + 1


def test_drawn_days_agree():
    """Of 20,000 drawn days the share with at most that many posts worked is at least the probability."""
    days = np.random.default_rng(7).binomial(60, 0.35, size=20_000)
    count = binomial_quantile(0.1, 60, 0.35)
    grain = 4 * (0.1 * 0.9 / days.size) ** 0.5
    assert (days <= count).mean() >= 0.1 - grain
    assert (days <= count - 1).mean() <= 0.1 + grain
