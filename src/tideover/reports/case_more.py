"""What the page of a case says of clinics that close, and of offers on the table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from markupsafe import Markup

from tideover.cases import CaseResult, Outcome
from tideover.cases.choosing import ChoosingResult
from tideover.cases.closing import ClosingResult
from tideover.cases.offer import OffersResult
from tideover.impact import FEWEST_PEOPLE
from tideover.reports import closing_tables as tables
from tideover.reports import offer_charts, offer_words
from tideover.reports.access import headline as access_headline
from tideover.reports.choice import headline as rank_headline
from tideover.reports.choice import histogram
from tideover.reports.closing import closing_keys, closings_said, headline, lacking, moved, proof
from tideover.reports.closing_maps import maps_of
from tideover.reports.grounds import Ground, ground
from tideover.reports.parts import Figure, Table

#: Groups by which access is told to programs; ``tideover access`` tells it by area and county too.
_RANK = ("measure", "announced", "rank", "of", "equal", "cost", "best", "median", "worst", "scope")
_TOLD = ("all", "age", "language", "car", "deprivation")


@dataclass(frozen=True)
class ClosingView:
    """A scenario of clinics that close: sentences, the map of who goes where, clinics that receive most.

    ``rests`` says on which claims its numbers rest. ``rank`` shows the set among all of as many clinics;
    ``ranked`` is the folder that says more.
    """

    id: str
    title: str
    sentences: list[Markup]
    moves: list[Figure]
    load: Table
    people: Table
    rests: str
    rank: Figure | None
    ranked: str


@dataclass(frozen=True)
class OfferView:
    """An offer: its name, one sentence, its distribution, cost by year."""

    name: str
    sentence: Markup
    chart: Markup | None
    costs: Table


def closing_lead(outcome: Outcome, closing: ClosingResult) -> str:
    """Return what a scenario of clinics that close comes to, in one sentence."""
    said = headline(closing.facts)
    return f"{outcome.stage.title} ({closings_said(closing.facts)}): {said[0].lower()}{said[1:]}"


def rank_folder(outcome: Outcome) -> str:
    """Return the folder of the rank of a scenario's closings, within that of the case."""
    return f"{outcome.stage.id}-rank"


def closing_follows(closing: ClosingResult, ranked: ChoosingResult | None, rests: Ground) -> list[Markup]:
    """Return what else follows from clinics that close: journeys, access, who lacks a place, the rank."""
    sentences = [tables.journeys(closing), *lacking(closing.facts), *moved(closing.facts)]
    if closing.access is not None:
        sentences.append(f"For all patients of the network: {access_headline(closing.access.facts)}")
    if ranked is not None:
        sentences.append(rank_headline(ranked.facts))
    return [rests.mark_up(sentence) for sentence in sentences]


def marked_keys(closing: ClosingResult, rests: Ground) -> list[dict[str, Any]]:
    """Return the key figures of a closing with their footnotes."""
    marked = {"rests": rests.sentence}
    return [key | marked | {"number": rests.mark_up(key["number"])} for key in closing_keys(closing)]


def closings(result: CaseResult) -> list[ClosingView]:
    """Return what the page shows of each scenario of clinics that close."""
    found = []
    for outcome in result.outcomes:
        closing = outcome.closing
        if closing is None:
            continue
        key = f"moves-{outcome.stage.id}"
        where = tables.where(closing)
        moves = [replace(one, table=where) for one in maps_of(closing, key)["moves"]]
        first, _ = tables.load(closing)
        whole = tables.people_tables(closing)[0]
        own = ground("transfers", result.rests_on("transfers", outcome.stage))
        sentences = [own.mark_up(proof(closing.facts))]
        said = own.sentence
        ranked = outcome.ranked
        drawn = None if ranked is None else histogram(ranked.facts, f"rank-{outcome.stage.id}")
        title, folder = outcome.stage.title, rank_folder(outcome)
        found.append(
            ClosingView(outcome.stage.id, title, sentences, moves, first, whole, said, drawn, folder)
        )
    return found


def offers(result: CaseResult, rests: Ground | None) -> list[OfferView]:
    """Return what the page shows of each offer; distributions only of rosters of 11 people or more."""
    found = result.offers
    if found is None or rests is None:
        return []
    return [
        OfferView(
            outcome.payroll.offer.name,
            rests.mark_up(offer_words.sentence(outcome, found)),
            offer_charts.distribution(
                offer_words.classes(outcome), f"offer-{number}", outcome.payroll.offer.name
            )
            if found.roster.table.height >= FEWEST_PEOPLE
            else None,
            _costs(outcome, found),
        )
        for number, outcome in enumerate(found.outcomes, start=1)
    ]


def _costs(outcome: Any, result: OffersResult) -> Table:
    heads = ("Pay year", "Current contract", "This offer", "Difference", "All pay, in real terms")
    rows = tuple(tuple(str(cell) for cell in row) for row in offer_words.cost_rows(outcome, result))
    return Table(f"What the employer pays, {result.current.offer.currency}", heads, rows)


def closing_facts(outcome: Outcome) -> dict[str, Any]:
    """Return what a program wants to know of a closing that was planned in a case; {} where none was."""
    closing, ranked = outcome.closing, outcome.ranked
    if closing is None:
        return {}
    facts = closing.facts
    access = closing.access
    return {
        "counts": facts["counts"],
        "levels": [{key: row[key] for key in ("name", "cost", "bound", "gap")} for row in facts["levels"]],
        "scope": facts["scope"],
        "shortfall": facts["shortfall"],
        "people": closing.people.to_dicts(),
        "rank": None if ranked is None else {key: ranked.facts[key] for key in _RANK},
        "access": None if access is None else access.rows.filter(pl.col("group").is_in(_TOLD)).to_dicts(),
    }
