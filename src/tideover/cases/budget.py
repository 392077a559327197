"""A network's budget before and under offers: read, changed, reckoned, with its break-even lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tideover.budget import (
    Assumed,
    Books,
    Goal,
    Income,
    PayCost,
    Retention,
    Span,
    YearBudget,
    books_of,
    budget_years,
    goals,
    income,
)
from tideover.cases.offer import Asked, OffersResult, run_offers
from tideover.claims import Answer, Reading
from tideover.disruptions import DISRUPTIONS
from tideover.errors import Fault, InputError, attempt
from tideover.nouns import Network, Scenario
from tideover.nouns.change import RecordedChange
from tideover.nouns.payroll import Year
from tideover.pay.employer import YearCost
from tideover.pay.years import share
from tideover.readers import read_books

#: Claims on what no book of the network says.
_REVENUE = ("other-revenue", "overhead-share", "freed-time-filled", "work-rvu-per-visit")
#: Claims on what a full-time post of support staff costs, by role.
_STAFF = {"medical_assistant": "assistant-cost", "nurse": "nurse-cost"}


@dataclass(frozen=True)
class Cuts:
    """Changes of payers as asked: of each payer the share who lose cover, and the part of its rate cut."""

    coverage_loss: Mapping[str, float]
    rate_cut: Mapping[str, float]

    def changes(self, visits_kept: float) -> list[RecordedChange]:
        """Return them as changes, those without cover making this part of their visits."""
        losses = [
            DISRUPTIONS["coverage_loss"].from_facts(
                {"payer": payer, "share": part, "visits_kept": visits_kept}, "--coverage-loss"
            )
            for payer, part in self.coverage_loss.items()
        ]
        cuts = [
            DISRUPTIONS["rate_cut"].from_facts({"payers": [payer], "by": part}, "--rate-cut")
            for payer, part in self.rate_cut.items()
        ]
        return losses + cuts


@dataclass(frozen=True)
class OfferBudget:
    """One offer: its years, and both meanings of "affordable" with lines; the current contract has none."""

    name: str
    banner: str
    years: tuple[YearBudget, ...]
    goals: tuple[Goal, ...]


@dataclass(frozen=True)
class BudgetResult:
    """The budget before and under the offers, and what it rests on.

    ``before`` is the income without the changes of payers, ``income`` with them.
    """

    books: Books
    before: Income
    income: Income
    current: OfferBudget
    offers: tuple[OfferBudget, ...]
    reading: Reading
    synthetic: bool
    name: str
    currency: str
    cuts: Cuts
    notes: tuple[str, ...]
    assumptions: tuple[tuple[str, str], ...]


def run_budget(asked: Asked, cuts: Cuts, reading: Reading) -> BudgetResult:
    """Return the budget under the current contract and the offers; ``InputError`` with every fault."""
    faults: list[Fault] = []
    network = attempt(faults, lambda: read_books(asked.roster))
    result = attempt(faults, lambda: run_offers(asked, reading))
    books = None if network is None else attempt(faults, partial(books_of, network))
    reading = reading.fresh() if result is None else result.reading
    ends = None if network is None else attempt(faults, partial(_ends, network, cuts, reading))
    if faults or network is None or result is None or books is None or ends is None:
        raise InputError(list(dict.fromkeys(faults)))
    assumed, retention = assumed_of(reading), retention_of(reading)
    brought = income(books, ends, assumed)
    current = _years(result, result.current_costs, books, brought, assumed)
    offers = tuple(
        _offer(outcome.payroll.offer, years, goals(books, brought, years, current, assumed, retention))
        for outcome in result.outcomes
        for years in [_years(result, outcome.costs, books, brought, assumed)]
    )
    return BudgetResult(
        books,
        income(books, [network.payers], assumed),
        brought,
        _offer(result.current.offer, current, ()),
        offers,
        reading,
        network.synthetic,
        network.name,
        result.current.offer.currency,
        cuts,
        tuple(_notes(cuts)),
        tuple(_assumptions(reading)),
    )


def _offer(offer: Any, years: tuple[YearBudget, ...], found: tuple[Goal, ...]) -> OfferBudget:
    return OfferBudget(offer.name, offer.banner, years, found)


def _ends(network: Network, cuts: Cuts, reading: Reading) -> list[Any]:
    """Return the payers under the changes, with the least and the most visits of those who lose cover."""
    kept = span_of(reading.ask("visits-without-cover")) if cuts.coverage_loss else Span.of(1.0)
    return [
        Scenario.of(network, cuts.changes(end)).network.payers for end in dict.fromkeys((kept.low, kept.high))
    ]


def span_of(answer: Answer) -> Span:
    """Return the ends of what a reading takes for a claim; a bare number is both."""
    entry = answer.entry
    if isinstance(entry.value, Mapping):
        return Span(float(min(entry.value.values())), float(max(entry.value.values())))
    low, high = (answer.number if end is None else end for end in (entry.low, entry.high))
    return Span(float(low), float(high))  # type: ignore[arg-type]


def assumed_of(reading: Reading) -> Assumed:
    """Return what the reading takes for everything that no book of the network says."""
    other, overhead, filled, per_visit = (span_of(reading.ask(name)) for name in _REVENUE)
    staff = {role: span_of(reading.ask(name)) for role, name in _STAFF.items()}
    return Assumed(other, overhead, staff, filled, per_visit)


def _assumptions(reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield the question and the range of each claim of the budget that is an assumption, as it is taken."""
    for name in (*_REVENUE, *_STAFF.values()):
        answer = reading.ask(name)
        if answer.claim.kind == "assumption":
            found, unit = span_of(answer), answer.claim.unit
            ends = f"{found.low:,g}" if found.low == found.high else f"{found.low:,g} to {found.high:,g}"
            yield answer.claim.question, f"{ends} {unit}".rstrip()


def retention_of(reading: Reading) -> Retention:
    """Return what the reading takes for departures: the search, the months of vacancy, how many leave."""
    months = reading.ask("months-to-fill").number + reading.ask("months-to-credential").number
    turnover = span_of(reading.ask("physician-turnover"))
    return Retention(reading.ask("search-cost").number, months, turnover)


def _years(
    result: OffersResult, costs: Sequence[YearCost], books: Books, brought: Income, assumed: Assumed
) -> tuple[YearBudget, ...]:
    years: Sequence[Year] = result.current.years
    pay = [
        PayCost(cost.year, float(share(year.start, year.end, year)), cost.total / 100)
        for year, cost in zip(years, costs, strict=True)
    ]
    return budget_years(books, brought, pay, assumed)


def _notes(cuts: Cuts) -> list[str]:
    """Return what a reader of the results must know."""
    made = [
        "Rates, payers and work stay the same in every year; pay follows the offer's dates.",
        "A break-even line says what would have to be, all else as it is. None of them is a verdict.",
        "Each line alone is enough; several together need less of each.",
    ]
    if cuts.coverage_loss:
        made.append("Who loses cover, and how many, is asked here and not forecast.")
    return made


def budget_json(result: BudgetResult, out: Path | None) -> dict[str, Any]:
    """Return the document of ``budget --json``: amounts in the offers' currency, spans as low and high."""
    return {
        "currency": result.currency,
        "synthetic": result.synthetic,
        "clinicians": result.books.clinicians,
        "full_time": round(result.books.full_time, 4),
        "changes": {"coverage_loss": dict(result.cuts.coverage_loss), "rate_cut": dict(result.cuts.rate_cut)},
        "income_before": _income_json(result.before),
        "income": _income_json(result.income),
        "current": _offer_json(result.current),
        "offers": [_offer_json(offer) for offer in result.offers],
        "notes": list(result.notes),
        "assumptions": [{"question": question, "taken": taken} for question, taken in result.assumptions],
        "reading": result.reading.as_dict(),
        "out": None if out is None else str(out),
    }


def _income_json(found: Income) -> dict[str, Any]:
    return {
        "work_rvu": found.work_rvu.as_dict(),
        "rate_per_work_rvu": found.rate.as_dict(),
        "other": found.other.as_dict(),
        "total": found.total.as_dict(),
        "payers": [
            {"payer": payer, "share_of_patients": part, "work_rvu": work.as_dict(), "paid": paid.as_dict()}
            for payer, part, work, paid in found.by_payer
        ],
    }


def _offer_json(offer: OfferBudget) -> dict[str, Any]:
    return {
        "name": offer.name,
        "banner": offer.banner,
        "years": [
            {
                "year": year.year,
                "revenue": year.revenue.as_dict(),
                "clinicians": year.clinicians,
                "sites": round(year.sites, 2),
                "staff": year.staff.as_dict(),
                "overhead": year.overhead.as_dict(),
                "margin": year.margin.as_dict(),
            }
            for year in offer.years
        ],
        "goals": [
            {
                "goal": goal.name,
                "words": goal.words,
                "lines": [
                    {
                        "what": line.what,
                        "unit": line.unit,
                        "now": {"low": line.now.low, "high": line.now.high},
                        "needed": {"low": line.needed.low, "high": line.needed.high},
                        "most": line.most,
                        "reached_at": line.hangs,
                    }
                    for line in goal.lines
                ],
            }
            for goal in offer.goals
        ],
    }
