"""Chance: quantiles of counts, in whole numbers, so that every program finds the same; and streams of it."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from math import lcm

import numpy as np


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


def beta_binomial_quantile(probability: float, posts: int, alpha: Fraction, beta: Fraction) -> int:
    """Return the smallest count k with P(X <= k) >= probability for X ~ BetaBinomial(posts, alpha, beta).

    X is binomial with a share that is itself beta distributed; ``alpha`` and ``beta`` are positive. The sum
    is exact, as in ``binomial_quantile``.
    Law: never falls when ``probability`` or ``posts`` rises.

    >>> beta_binomial_quantile(0.5, 9, Fraction(1), Fraction(1))  # every count from 0 to 9 is as likely
    4
    """
    wanted = Fraction(str(probability))
    grain = lcm(alpha.denominator, beta.denominator)
    a, b = int(alpha * grain), int(beta * grain)
    ways = whole = 1  # chance of exactly ``count`` posts, and of any count, times the same number
    for count in range(posts):
        ways *= b + count * grain
        whole *= a + b + count * grain
    total, enough = 0, wanted * whole
    for count in range(posts):
        total += ways
        if total >= enough:
            return count
        ways = (
            ways * (posts - count) * (a + count * grain) // ((count + 1) * (b + (posts - count - 1) * grain))
        )
    return posts


def stream(seed: int, name: str, number: int) -> np.random.Generator:
    """Return the source of chance of one purpose in one replication.

    It hangs on seed, name and number alone: neither the order nor the process in which replications run
    changes what they draw, and more draws for one purpose change no other.
    """
    words = np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], dtype="<u4")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, number, *words.tolist()])))
