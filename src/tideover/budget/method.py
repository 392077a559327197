"""Revenue, cost and margin of a year, as spans over the ends of everything that is assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import polars as pl

from tideover.budget.facts import Assumed, Books, Span


@dataclass(frozen=True)
class Income:
    """What a whole year brings: work RVUs, USD by payers and beside them, and of each payer its row.

    ``rate`` is USD of payers for a work RVU on the mean. ``by_payer`` has payer, share_of_patients, the span
    of work RVUs and of USD.
    """

    work_rvu: Span
    rate: Span
    other: Span
    total: Span
    by_payer: tuple[tuple[str, float, Span, Span], ...]


@dataclass(frozen=True)
class PayCost:
    """What clinicians cost in a pay year, in USD; ``length`` is the part of a whole year that it is."""

    year: str
    length: float
    clinicians: float


@dataclass(frozen=True)
class YearBudget:
    """One year: what comes in, what goes out (USD), and what is left."""

    year: str
    length: float
    revenue: Span
    clinicians: float
    sites: float
    staff: Span
    overhead: Span
    margin: Span

    @property
    def cost(self) -> Span:
        """All that goes out."""
        return Span.of(self.clinicians + self.sites) + self.staff + self.overhead


def income(books: Books, ends: Sequence[pl.DataFrame], assumed: Assumed) -> Income:
    """Return what a whole year brings; ``ends`` are the payers under the changes, at both ends of the claims.

    Every end of every assumption is reckoned with every other, and where the money turns between the least
    and the most visits of those who lose cover, that point too (formulation R1 to R5).
    """
    ends = [*ends, *_turning(books, ends, assumed)]
    cases = [
        _work_and_money(books, payers, filled, per_visit)
        for payers, filled, per_visit in product(
            ends, _ends(assumed.filled), _ends(assumed.work_rvu_per_visit)
        )
    ]
    works, moneys = ([sum(case[at]) for case in cases] for at in (0, 1))
    others = [work * end for work in works for end in _ends(assumed.other_revenue)]
    totals = [m + w * end for w, m in zip(works, moneys, strict=True) for end in _ends(assumed.other_revenue)]
    rates = [money / work for work, money in zip(works, moneys, strict=True) if work]
    rows = tuple(
        (
            payer,
            ends[0]["share_of_patients"][number],
            _span([case[0][number] for case in cases]),
            _span([case[1][number] for case in cases]),
        )
        for number, payer in enumerate(ends[0]["payer"])
    )
    return Income(_span(works), _span(rates or [0.0]), _span(others), _span(totals), rows)


def _work_and_money(
    books: Books, payers: pl.DataFrame, filled: float, per_visit: float
) -> tuple[list[float], list[float]]:
    """Return each payer's work RVUs and USD of a year."""
    use = (payers["share_of_patients"] * payers["relative_use"]).to_list()
    kept = sum(use) / books.use
    work = books.work_rvu * (kept + filled * max(0.0, 1 - kept))
    done = [work * part / sum(use) if sum(use) else 0.0 for part in use]
    paid = _rates(payers, per_visit)
    return done, [amount * rate for amount, rate in zip(done, paid, strict=True)]


def _turning(books: Books, ends: Sequence[pl.DataFrame], assumed: Assumed) -> list[pl.DataFrame]:
    """Return the payers between two ends at which money is least or most, for each end of what is assumed.

    With t from 0 to 1 between the ends, use U' = u + t du and U' x mean rate N = n + t dn are lines, and
    money is W (f N / U' + (1 - f) N / U + o (f + (1 - f) U' / U)). Its slope is nought where
    U'^2 = f (n du - dn u) U / ((1 - f) (dn + o du)).
    """
    if len(ends) < 2:
        return []
    made = []
    uses = [(end["share_of_patients"] * end["relative_use"]).to_numpy() for end in ends[:2]]
    for filled, per_visit, other in product(
        _ends(assumed.filled), _ends(assumed.work_rvu_per_visit), _ends(assumed.other_revenue)
    ):
        rates = _rates(ends[0], per_visit).to_numpy()
        u, n = (float(amount) for amount in (uses[0].sum(), uses[0] @ rates))
        du, dn = float(uses[1].sum()) - u, float(uses[1] @ rates) - n
        below = (1 - filled) * (dn + other * du)
        square = filled * (n * du - dn * u) * books.use / below if below else -1.0
        at = (square**0.5 - u) / du if square > 0 and du else -1.0
        if 0 < at < 1:
            first, last = (end["relative_use"] for end in ends[:2])
            made.append(ends[0].with_columns((first + (last - first) * at).alias("relative_use")))
    return made


def _rates(payers: pl.DataFrame, per_visit: float) -> pl.Series:
    """Return what each payer pays for a work RVU."""
    paid = pl.coalesce("rate_per_work_rvu", pl.col("rate_per_visit") / per_visit)
    return payers.select(paid).to_series()


def budget_years(
    books: Books, brought: Income, pay: Sequence[PayCost], assumed: Assumed
) -> tuple[YearBudget, ...]:
    """Return the budget of each pay year (formulation C1 to C5)."""
    staff = Span(0.0, 0.0)
    for role, posts in books.staff.items():
        staff += assumed.staff[role].times(posts)
    made = []
    for year in pay:
        sites, helpers = books.fixed_cost * year.length, staff.times(year.length)
        own = Span.of(year.clinicians + sites) + helpers
        above = Span(own.low * assumed.overhead.low, own.high * assumed.overhead.high)
        revenue = brought.total.times(year.length)
        margin = revenue - (own + above)
        made.append(
            YearBudget(year.year, year.length, revenue, year.clinicians, sites, helpers, above, margin)
        )
    return tuple(made)


def _ends(span: Span) -> tuple[float, ...]:
    return (span.low,) if span.low == span.high else (span.low, span.high)


def _span(values: Sequence[float]) -> Span:
    return Span(min(values), max(values))
