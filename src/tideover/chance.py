"""Chance: quantiles of counts, in plain arithmetic."""

from __future__ import annotations

import math


def binomial_quantile(probability: float, posts: int, share: float) -> int:
    """Return the smallest count k with P(X <= k) >= probability for X ~ Binomial(posts, share).

    ``probability`` and ``share`` lie in [0, 1]. A share of 0 or 1 is certain, whatever the probability;
    a probability of 0 returns 0 for any other share.
    Law: never falls when ``probability`` or ``share`` or ``posts`` rises.

    >>> binomial_quantile(0.1, 100, 0.25)
    20
    """
    if share <= 0.0:
        return 0
    if share >= 1.0:
        return posts
    log_share, log_rest = math.log(share), math.log1p(-share)
    total = 0.0
    for count in range(posts + 1):
        ways = math.lgamma(posts + 1) - math.lgamma(count + 1) - math.lgamma(posts - count + 1)
        total += math.exp(ways + count * log_share + (posts - count) * log_rest)
        if total >= probability:
            return count
    return posts
