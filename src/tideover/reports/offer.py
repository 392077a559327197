"""A folder of offers: the payroll for its owner, a summary for programs, a page for everybody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

import tideover
from tideover.cases.offer import OffersResult, Outcome, offers_json
from tideover.errors import TideoverError
from tideover.impact.suppress import FEWEST_PEOPLE
from tideover.pay.guarantee import Range
from tideover.pay.history import executive_history, pay_history
from tideover.pay.real import cpi
from tideover.readers import whole_folder
from tideover.reports import offer_charts as charts
from tideover.reports import offer_words as words
from tideover.reports.grounds import rests_sentence
from tideover.reports.pages import draw_page

OFFER_MARK = "summary.json"
OFFER_OUTPUTS = (OFFER_MARK, "payroll.parquet", "changes.parquet", "report.html")
#: The years of the pay history of the case: the one before the pandemic, and the last with a whole index.
HISTORY = (2019, 2025)


def write_offers(result: OffersResult, out: Path) -> None:
    """Write the folder ``out``; it appears whole, or what was there before stays.

    All files but the page are about single people: only their owner may read them (mode 600). The page holds
    groups of 11 people and more. Before it is put in place, the payroll as written is summed again and must
    give the totals. Raises ``OutputError`` if it cannot be written.
    """
    page = offer_page(result)
    with whole_folder(out, OFFER_MARK, OFFER_OUTPUTS) as draft:
        lines = _all_lines(result)
        lines.write_parquet(draft / "payroll.parquet")
        _changes(result).write_parquet(draft / "changes.parquet")
        _check(result, pl.read_parquet(draft / "payroll.parquet"))
        text = json.dumps(offers_json(result, out), indent=1, allow_nan=False)
        (draft / OFFER_MARK).write_text(text + "\n", encoding="utf-8")
        (draft / "report.html").write_text(page, encoding="utf-8")
        for path in draft.iterdir():
            shared = path.name == "report.html" and result.roster.table.height >= FEWEST_PEOPLE
            path.chmod(0o644 if shared else 0o600)


def _all_lines(result: OffersResult) -> pl.DataFrame:
    """Return one row for each offer, clinician, year and line: the current contract's, too."""
    paid = [result.current, *(outcome.payroll for outcome in result.outcomes)]
    return pl.concat(one.table().select(pl.lit(one.offer.name).alias("offer"), pl.all()) for one in paid)


def _changes(result: OffersResult) -> pl.DataFrame:
    named = [
        outcome.changes.select(pl.lit(outcome.payroll.offer.name).alias("offer"), pl.all())
        for outcome in result.outcomes
    ]
    return pl.concat(named)


def _check(result: OffersResult, written: pl.DataFrame) -> None:
    """Raise ``TideoverError`` if what was written does not sum to the totals that are told."""
    for one in (result.current, *(outcome.payroll for outcome in result.outcomes)):
        lines = written.filter((pl.col("offer") == one.offer.name) & (pl.col("side") == "pay"))
        if int(lines["cents"].sum()) != int(one.total("pay").sum()):
            raise TideoverError(f"the payroll of {one.offer.name} does not sum to its total")


def offer_page(result: OffersResult) -> str:
    """Return the page on the offers as one HTML document, which asks for nothing outside itself.

    It holds sums and groups of 11 people and more, never one person.
    """
    offers = [_view(number, outcome, result) for number, outcome in enumerate(result.outcomes, start=1)]
    history, history_notes = _history(result)
    asked = (*result.reading.asked, *result.history)
    return draw_page(
        "offer.html",
        title="Offers: what they pay, what they cost",
        rests=rests_sentence(asked),
        asked=asked,
        synthetic=result.roster.synthetic,
        banners=list(
            dict.fromkeys(o.payroll.offer.banner for o in result.outcomes if o.payroll.offer.banner)
        ),
        dateline=f"{result.roster.name}: {result.roster.table.height:,} clinicians",
        current=result.current.offer.name,
        currency=result.current.offer.currency,
        offers=offers,
        history=history,
        history_notes=history_notes,
        notes=result.notes,
        reading=result.reading,
        version=tideover.__version__,
    )


def _view(number: int, outcome: Outcome, result: OffersResult) -> dict[str, Any]:
    return {
        "name": outcome.payroll.offer.name,
        "sentence": words.sentence(outcome, result),
        "chart": charts.distribution(words.classes(outcome), f"offer-{number}", outcome.payroll.offer.name),
        "losers": words.losers(outcome) + words.hardest(outcome),
        "costs": words.cost_rows(outcome, result),
        "present_value": words.money(outcome.present_value),
        "more": words.stretches(outcome) + words.hours(outcome, result) + words.debts(outcome, result),
        "promised": list(words.promised(outcome)),
        "gaps": list(words.gaps(outcome)),
        "terms": [line.rule for line in outcome.payroll.lines],
    }


def _history(result: OffersResult) -> tuple[Any, list[str]]:
    """Return the chart of pay since the pandemic under the reading, and what is to be said of it."""
    cut, rise, executive = (answer.entry for answer in result.history)
    rises = executive.value
    points = pay_history(*HISTORY, _stretch(cut), _stretch(rise), cpi())
    ends = executive_history([float(part) for part in rises.values()] if isinstance(rises, dict) else [])
    notes = [
        f"Cut during the pandemic: {cut.says('share')}. {cut.source}.",
        f"Rises since: {rise.says('change')}. {rise.source}.",
        f"The chief executive: 100 to {ends[-1]:.0f} over two years not named. {executive.source}.",
        *(f"{note}." for note in cpi().notes(*HISTORY)),
    ]
    return charts.history(points, ends[-1]), notes


def _stretch(entry: Any) -> Range:
    low = entry.value if entry.low is None else entry.low
    high = entry.value if entry.high is None else entry.high
    return Range(float(low), float(high))
