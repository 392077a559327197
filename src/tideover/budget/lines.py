"""Break-even lines: what would have to be for an offer to be affordable; never whether it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tideover.budget.facts import Assumed, Books, Span
from tideover.budget.method import Income, YearBudget

_MONTHS = 12


@dataclass(frozen=True)
class Line:
    """One thing that, alone, would have to be at least ``needed``; ``now`` is what it is.

    ``low`` of ``needed`` holds where all that is assumed is at its most favourable end, ``high`` where it is
    at the least favourable one. ``most`` is what the thing can be at all, ``None`` where nothing limits it.
    """

    what: str
    unit: str
    now: Span
    needed: Span
    most: float | None = None

    @property
    def hangs(self) -> str:
        """Where the line is reached now: at every end of what is assumed, at some, or at none."""
        if self.needed.high <= self.now.low:
            return "every"
        return "none" if self.needed.low > self.now.high else "some"


@dataclass(frozen=True)
class Goal:
    """A meaning of "affordable", in words, and its lines: each alone is enough."""

    name: str
    words: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Retention:
    """What a departure costs and how many there are: claims. ``search`` in USD, ``months`` of vacancy."""

    search: float
    months: float
    turnover: Span


def goals(
    books: Books,
    brought: Income,
    years: Sequence[YearBudget],
    current: Sequence[YearBudget],
    assumed: Assumed,
    retention: Retention,
) -> tuple[Goal, Goal]:
    """Return both meanings with their lines, over a mean year of the contract (formulation L1 to L6)."""
    length = sum(year.length for year in years)
    cost = _mean([year.cost for year in years], length)
    more = sum(year.clinicians for year in years) - sum(year.clinicians for year in current)
    added = more / length
    extra = Span(*sorted(added * (1 + end) for end in (assumed.overhead.low, assumed.overhead.high)))
    covers = Goal(
        "covers", "what comes in covers what goes out", tuple(_covers(books, brought, cost, assumed))
    )
    leaves = Goal(
        "leaves as much",
        "as much is left as under the current contract",
        tuple(_leaves(books, brought, extra, assumed, retention)),
    )
    return covers, leaves


def _mean(spans: Sequence[Span], length: float) -> Span:
    return Span(sum(span.low for span in spans) / length, sum(span.high for span in spans) / length)


def _covers(books: Books, brought: Income, cost: Span, assumed: Assumed) -> Iterator[Line]:
    work, other = brought.work_rvu, assumed.other_revenue
    needed = Span(cost.low / work.high - other.high, cost.high / work.low - other.low)
    yield Line("mean rate for a work RVU", "USD", brought.rate, needed)
    each = brought.rate + other
    if each.low > 0:
        volume = Span(cost.low / each.high, cost.high / each.low)
        yield from _volume(books, work, volume)
    yield from _mix(brought, needed)


def _volume(books: Books, work: Span, needed: Span) -> Iterator[Line]:
    """Return the lines of work and of panels for a full-time clinician: work rises with the panel."""
    per = 1 / books.full_time
    yield Line("work of a full-time clinician", "work RVUs a year", work.times(per), needed.times(per))
    if books.panel:
        each = books.panel / books.full_time
        factor = Span(needed.low / work.high, needed.high / work.low)
        yield Line("panel of a full-time clinician", "patients", Span.of(each), factor.times(each))


def _mix(brought: Income, needed: Span) -> Iterator[Line]:
    """Return the line of the best payer's share of the work, the others' rates staying as they are."""
    rows = [(name, work, paid) for name, _, work, paid in brought.by_payer if work.low > 0]
    if len(rows) < 2:
        return
    rates = {name: (paid.low / work.low + paid.high / work.high) / 2 for name, work, paid in rows}
    amounts = {name: (work.low + work.high) / 2 for name, work, _ in rows}
    best = max(rates, key=lambda name: rates[name])
    rest = sum(amounts.values()) - amounts[best]
    others = sum(rates[name] * amounts[name] for name in rates if name != best) / rest
    if rates[best] <= others:
        return
    share = Span(*((end - others) / (rates[best] - others) for end in (needed.low, needed.high)))
    now = Span.of(amounts[best] / sum(amounts.values()))
    yield Line(f"share of the work that {best} pays for", "share", now, share, most=1.0)


def _leaves(
    books: Books, brought: Income, extra: Span, assumed: Assumed, retention: Retention
) -> Iterator[Line]:
    """Return the lines by which what the offer adds comes back; below nought it leaves more than now."""
    work, rate = brought.work_rvu, brought.rate
    ends = sorted(amount / of for amount in (extra.low, extra.high) for of in (work.low, work.high))
    yield Line("rise of the mean rate for a work RVU", "USD", Span.of(0.0), Span(ends[0], ends[-1]))
    each = rate + assumed.other_revenue
    if each.low > 0:
        rises = sorted(
            amount / (price * of)
            for amount in (extra.low, extra.high)
            for price in (each.low, each.high)
            for of in (work.low, work.high)
        )
        yield Line("rise of the work, as a share", "share", Span.of(0.0), Span(rises[0], rises[-1]))
    if extra.low > 0:
        yield _kept(books, brought, extra, each, retention)


def _kept(books: Books, brought: Income, extra: Span, each: Span, retention: Retention) -> Line:
    """Return the line of departures that would have to be prevented in a year, of those that are expected.

    A departure costs the search, and at most also all that its work would have brought while the post is
    vacant; at the least the pay that is saved makes up for that.
    """
    lost = brought.work_rvu.high / books.full_time * each.high * retention.months / _MONTHS
    least, most = retention.search, retention.search + lost
    needed = Span(extra.low / most, extra.high / least)
    expected = retention.turnover.times(books.clinicians)
    return Line("departures prevented in a year", "clinicians", Span.of(0.0), needed, most=expected.high)
