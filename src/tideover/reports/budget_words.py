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
    "every": "which is enough even at worst",
    "some": "which is enough at best and not at worst",
    "none": "which is not enough even at best",
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
    yield "other income *", "", "", "", _millions(found.other)
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
    """Yield what comes in, what goes out and what is left, in millions by year; a star marks assumptions."""
    yield "comes in *", [_millions(year.revenue) for year in offer.years]
    yield "clinicians", [_millions(Span.of(year.clinicians)) for year in offer.years]
    yield "sites", [_millions(Span.of(year.sites)) for year in offer.years]
    yield "support staff *", [_millions(year.staff) for year in offer.years]
    yield "above the clinics *", [_millions(year.overhead) for year in offer.years]
    yield "left *", [_millions(year.margin) for year in offer.years]


def stars(result: BudgetResult) -> str:
    """Return what the star stands for: each assumption with its range, as the reading takes it."""
    told = "; ".join(f"{question} {answer}" for question, answer in result.assumptions)
    return f"* rests on assumptions, where the books say nothing and no figure was found: {told}."


def _millions(found: Span) -> str:
    return span(found, ",.1f", 1 / _MILLION)


def goal_heading(goal: Goal) -> str:
    """Return the words over the lines of a goal."""
    return (
        f"For this offer, {goal.words} if one of these holds (each alone is enough; at best and at worst: "
        "the ends of all that is assumed, taken together):"
    )


def line(found: Line) -> str:
    """Return a break-even line as a sentence."""
    if found.now.low == found.now.high == 0:
        return _rise(found)
    if found.most is not None and found.needed.low > found.most:
        return f"The {found.what} would have to be {_end(found.needed.low, found)}: beyond all that there is."
    text = f"The {found.what} would have to be at least {_needed(found.needed, found)}."
    return f"{text} It is {_amount(found.now, found)} now, {_REACHED[found.hangs]}."


def _rise(found: Line) -> str:
    """Return a sentence on what would have to be added; where that is below nought, on what could be lost."""
    what = found.what.removeprefix("rise of the ").removesuffix(", as a share")
    if found.needed.high <= 0:
        return f"The {what} could fall by {_amount(Span.of(-found.needed.high), found)} even at worst."
    if found.unit == "clinicians":
        told = "" if found.most is None else f" About {found.most:,.0f} at most are expected to leave."
        kept = _needed(found.needed, found)
        return f"Of those who leave in a year at least {kept} would have to be kept.{told}"
    return f"The {what} would have to rise by at least {_needed(found.needed, found)}."


def _needed(each: Span, found: Line) -> str:
    """Return what is needed: one amount, or those of the best and of the worst case of what is assumed."""
    low, high = (_end(end, found) for end in (each.low, each.high))
    return low if low == high else f"{low} at best and {high} at worst"


def _end(amount: float, found: Line) -> str:
    if found.unit == "share" and found.most is not None and amount > found.most:
        return f"more than {found.most:.0%}"
    return _amount(Span.of(amount), found)


def _amount(each: Span, found: Line) -> str:
    if found.unit == "share":
        low, high = max(each.low, 0.0), each.high
        return span(Span(low, max(low, high)), ".1f", 100) + " %"
    return f"{span(each, ',.2f' if found.unit == 'USD' else ',.0f')} {found.unit}"
