"""How evenly access is spread over people: the Gini coefficient, the worst-off tenth, means of groups."""

from __future__ import annotations

import numpy as np

from tideover.access.catchments import Floats

#: The worst-off part of the people that is told of.
TENTH = 0.1


def gini(values: Floats, people: Floats) -> float:
    """Return the Gini coefficient of ``values`` (n,), not negative, held by ``people`` (n,); NaN of nothing.

    Half the mean difference of any two people, over the mean (README, D1); 0 where all have the same, towards
    1 where one has all. Law: scaling values or people changes nothing; splitting a point changes nothing.

    >>> gini(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    0.25
    """
    order = np.argsort(values, kind="stable")
    value, weight = values[order], people[order]
    total, held = weight.sum(), value * weight
    if total <= 0 or held.sum() <= 0:
        return float("nan")
    # rank of the middle of each point among all people, from 0 to 1
    middle = (np.cumsum(weight) - weight / 2) / total
    return float(2 * (held * middle).sum() / held.sum() - 1)


def worst_tenth(values: Floats, people: Floats, *, highest: bool) -> float:
    """Return the mean of ``values`` over the tenth of the people with the lowest (or ``highest``) of them.

    The point at the edge counts in part. Infinite values (no way) make it infinite; NaN of nobody.

    >>> worst_tenth(np.array([5.0, 1.0]), np.array([19.0, 1.0]), highest=False)
    3.0
    """
    order = np.argsort(-values if highest else values, kind="stable")
    value, weight = values[order], people[order]
    wanted = weight.sum() * TENTH
    if wanted <= 0:
        return float("nan")
    before = np.cumsum(weight) - weight
    part = np.clip(wanted - before, 0.0, weight)
    used = part > 0
    return float((value[used] * part[used]).sum() / wanted)
