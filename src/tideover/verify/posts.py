"""How many posts of a pool are worked: the low quantile, by a plain sum in fractions; formulation (14)."""

from __future__ import annotations

from fractions import Fraction
from math import comb


def low_quantile(probability: float, posts: int, working: str) -> int:
    """Return the first count of posts whose chance, with all lower ones, reaches ``probability``."""
    stated = [Fraction(part) for part in working.split("..")]
    chances = _binomial(posts, stated[0]) if len(stated) == 1 else _beta_binomial(posts, *stated)
    reached = Fraction(0)
    for count, chance in enumerate(chances):
        reached += chance
        if reached >= Fraction(str(probability)) and chance:
            return count
    return posts


def _binomial(posts: int, share: Fraction) -> list[Fraction]:
    return [comb(posts, k) * share**k * (1 - share) ** (posts - k) for k in range(posts + 1)]


def _beta_binomial(posts: int, low: Fraction, likely: Fraction, high: Fraction) -> list[Fraction]:
    mean = (low + Fraction(95, 100) * likely + high) / Fraction(295, 100)
    deviation = (high - low) / Fraction(325, 100)
    size = mean * (1 - mean) / deviation**2 - 1
    worked, idle = _rising(mean * size, posts), _rising((1 - mean) * size, posts)
    whole = _rising(size, posts)[posts]
    return [comb(posts, k) * worked[k] * idle[posts - k] / whole for k in range(posts + 1)]


def _rising(start: Fraction, steps: int) -> list[Fraction]:
    """Return start (start + 1) ... of 0, 1, up to ``steps`` factors."""
    products = [Fraction(1)]
    for step in range(steps):
        products.append(products[-1] * (start + step))
    return products
