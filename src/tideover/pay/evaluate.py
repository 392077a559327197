"""Many packages of pay terms over the same people: cost, mean change, losers and worst change of each.

What a package does to pay is linear in a few levers, apart from the limits of wage base and pension: so each
person is a row of amounts by year, made once, and a package is a handful of factors. Amounts are doubles and
are not rounded; the caller says by how much that can differ from cents.
"""

from __future__ import annotations

import numba as nb
import numpy as np

#: Rows of ``people`` by year: base pay that counts for retirement, other pay that follows base pay, quality
#: pay, other pay that counts for retirement, other pay.
FOLLOWS, FOLLOWS_TOO, QUALITY, FIXED, FIXED_TOO = range(5)
#: Columns of what comes back.
COST, MEAN, LOSERS, WORST = range(4)


@nb.njit(cache=True, fastmath=True, nogil=True)
def _one(people, rvu, once, before, put_in, factors, quality, scale, match, limits, rates, loss, out):  # type: ignore[no-untyped-def]
    """Evaluate one package: see ``evaluate``."""
    years, count = people.shape[1], people.shape[2]
    total = np.zeros(count)
    cost = 0.0
    for year in range(years):
        pension, follows = people[FOLLOWS, year], people[FOLLOWS_TOO, year]
        earned, fixed, other = people[QUALITY, year], people[FIXED, year], people[FIXED_TOO, year]
        visits, factor, bonus = rvu[year], factors[year], once[year]
        taxed, matched, paid = 0.0, 0.0, 0.0
        wage_base, pay_limit = limits[0, year], limits[1, year]
        for i in range(count):
            counted = factor * pension[i] + scale * visits[i] + quality * earned[i] + fixed[i]
            pay = counted + factor * follows[i] + other[i] + bonus
            paid += pay
            taxed += min(pay, wage_base)
            matched += put_in[i] * min(counted, pay_limit)
            total[i] += pay
        cost += paid * (1.0 + rates[1] + rates[2]) + taxed * rates[0] + matched * match
    mean, losers, worst = 0.0, 0.0, np.inf
    for i in range(count):
        change = total[i] * before[i] - 1.0
        mean += change
        losers += 1.0 if change < -loss else 0.0
        worst = min(worst, change)
    out[COST], out[MEAN], out[LOSERS], out[WORST] = cost, mean / count, losers / count, worst


@nb.njit(cache=True, parallel=True, nogil=True)
def evaluate(people, rvus, before, put_in, packages, shifts, limits, rates, loss):  # type: ignore[no-untyped-def]
    """Return for each package its cost (without what no lever moves), mean change, share of losers, worst.

    ``people`` (5, years, people) and ``rvus`` (thresholds, years, people) are amounts, ``before`` one over
    each person's pay now, ``put_in`` the share put into retirement. ``packages`` has a row for each package:
    factors by year, amounts paid once by year, then scales of work-RVU pay and of quality pay, the match.
    ``shifts`` is the number of its threshold. ``limits`` are wage base and pension limit by year; ``rates``
    are tax up to the base, tax without limit, roll-up; ``loss`` is the loss that counts.
    """
    years = people.shape[1]
    out = np.empty((packages.shape[0], 4))
    for place in nb.prange(packages.shape[0]):
        row = packages[place]
        _one(
            people, rvus[shifts[place]], row[years : 2 * years], before, put_in, row[:years],
            row[2 * years + 1], row[2 * years], row[2 * years + 2], limits, rates, loss, out[place],
        )  # fmt: skip
    return out
