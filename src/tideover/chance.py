"""Chance: quantiles of counts, in whole numbers, so that every program finds the same."""

from __future__ import annotations

from fractions import Fraction


def binomial_quantile(probability: float, posts: int, share: float) -> int:
    """Return the smallest count k with P(X <= k) >= probability for X ~ Binomial(posts, share).

    ``probability`` and ``share`` lie in [0, 1] and are taken as the decimal numbers that they print as. A
    share of 0 or 1 is certain, whatever the probability; a probability of 0 returns 0 for any other share.
    The sum is exact: in floating point a half of an odd number of posts would tip to either side.
    Law: never falls when ``probability`` or ``share`` or ``posts`` rises.

    >>> binomial_quantile(0.1, 100, 0.25)
    20
    """
    part, wanted = Fraction(str(share)), Fraction(str(probability))
    if part <= 0:
        return 0
    if part >= 1:
        return posts
    worked, idle = part.numerator, part.denominator - part.numerator
    ways = idle**posts  # chance of exactly ``count`` posts, times denominator ** posts
    total, enough = 0, wanted * part.denominator**posts
    for count in range(posts):
        total += ways
        if total >= enough:
            return count
        ways = ways * (posts - count) * worked // ((count + 1) * idle)
    return posts
