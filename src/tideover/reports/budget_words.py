"""What is said of a budget, on the terminal and on the page."""

from __future__ import annotations

from collections.abc import Iterator

from tideover.budget import Goal, Line, Span
from tideover.cases.budget import BudgetResult, OfferBudget
from tideover.reports.words import plural

RANGES = "Two numbers are the least and the most over all ends of what is assumed, taken together."
BOTH_SIDES = (
    "That an offer can be sustained is true at and above a line, that it cannot is true below it: "
    "both sides' claims need the same numbers."
)
_MILLION = 1_000_000
_REACHED = {
    "every": "reached now at every end of what is assumed",
    "some": "reached now at some ends of what is assumed, at others not",
    "none": "not reached now at any end of what is assumed",
}


def span(found: Span, form: str = ",.0f", scale: float = 1.0) -> str:
    """Return a span in words: one number where both ends read the same.

    >>> span(Span(1000, 2000))
    '1,000 to 2,000'
    """
    low, high = (format(end * scale + 0.0, form) for end in (found.low, found.high))
    return low if low == high else f"{low} to {high}"


def about(result: BudgetResult) -> str:
    """Return the first sentence: whose budget it is."""
    books = result.books
    return (
        f"{result.name}: {plural(books.clinicians, 'clinician')} ({books.full_time:,.1f} full-time posts), "
        f"{books.work_rvu:,.0f} work RVUs a year."
    )


def payer_rows(result: BudgetResult) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield each payer's share of patients, work RVUs before and after the changes, and what is paid then."""
    for (payer, part, work, paid), was in zip(result.income.by_payer, result.before.by_payer, strict=True):
        yield payer, f"{part:.1%}", span(was[2]), span(work), _millions(paid)
    found = result.income
    yield "other income", "", "", "", _millions(found.other)
    yield "all", "", span(result.before.work_rvu), span(found.work_rvu), _millions(found.total)


def changes(result: BudgetResult) -> Iterator[str]:
    """Yield what the changes of payers take away; nothing where none was asked."""
    cuts = result.cuts
    asked = [f"{part:.1%} of {payer}'s patients lose cover" for payer, part in cuts.coverage_loss.items()]
    asked += [f"{payer} pays {part:.1%} less" for payer, part in cuts.rate_cut.items()]
    if asked:
        paid = [Span(*_sum(found)) for found in (result.before, result.income)]
        yield (
            f"After the changes: {'; '.join(asked)}. "
            f"Payers pay {span(paid[1], ',.1f', 1 / _MILLION)} million a year, "
            f"before {span(paid[0], ',.1f', 1 / _MILLION)}; work RVUs {span(result.income.work_rvu)}, "
            f"before {span(result.before.work_rvu)}."
        )


def _sum(found: object) -> tuple[float, float]:
    total, other = found.total, found.other  # type: ignore[attr-defined]
    return total.low - other.low, total.high - other.high


def year_rows(offer: OfferBudget) -> Iterator[tuple[str, list[str]]]:
    """Yield what comes in, what goes out and what is left, in millions by year."""
    yield "comes in", [_millions(year.revenue) for year in offer.years]
    yield "clinicians", [_millions(Span.of(year.clinicians)) for year in offer.years]
    yield "sites", [_millions(Span.of(year.sites)) for year in offer.years]
    yield "support staff", [_millions(year.staff) for year in offer.years]
    yield "above the clinics", [_millions(year.overhead) for year in offer.years]
    yield "left", [_millions(year.margin) for year in offer.years]


def _millions(found: Span) -> str:
    return span(found, ",.1f", 1 / _MILLION)


def goal_heading(goal: Goal) -> str:
    """Return the words over the lines of a goal."""
    return f"Affordable in the sense that {goal.words}, if (each alone is enough):"


def line(found: Line) -> str:
    """Return a break-even line as a sentence."""
    if found.now.low == found.now.high == 0:
        return _rise(found)
    text = f"{found.what}: at least {_amount(found.needed, found)} (now {_amount(found.now, found)})"
    if found.most is not None and found.needed.low > found.most:
        return f"{text}; beyond all that there is"
    return f"{text}; {_REACHED[found.hangs]}"


def _rise(found: Line) -> str:
    """Return a line about what would have to be added; where it is less than nought, what could be lost."""
    if found.needed.high <= 0:
        fall = Span(-found.needed.high, -found.needed.low)
        return f"{found.what.replace('rise', 'fall', 1)}: at most {_amount(fall, found)}"
    text = f"{found.what}: at least {_amount(found.needed, found)}"
    return text if found.most is None else f"{text}; at most about {found.most:,.0f} are expected in a year"


def _amount(each: Span, found: Line) -> str:
    if found.unit == "share":
        low, high = max(each.low, 0.0), each.high
        if found.most is not None and low <= found.most < high:
            return f"{low:.1%} to more than {found.most:.0%}"
        return span(Span(low, max(low, high)), ".1f", 100) + " %"
    return f"{span(each, ',.2f' if found.unit == 'USD' else ',.0f')} {found.unit}"
