"""A folder of a budget: a summary for programs, a page for everybody; it holds sums alone."""

from __future__ import annotations

import json
from pathlib import Path

import tideover
from tideover.cases.budget import BudgetResult, budget_json
from tideover.readers import whole_folder
from tideover.reports import budget_words as words
from tideover.reports.grounds import rests_sentence
from tideover.reports.pages import draw_page

BUDGET_MARK = "budget.json"
BUDGET_OUTPUTS = (BUDGET_MARK, "report.html")


def write_budget(result: BudgetResult, out: Path) -> None:
    """Write the folder ``out``; it appears whole, or what was there before stays."""
    page = budget_page(result)
    with whole_folder(out, BUDGET_MARK, BUDGET_OUTPUTS) as draft:
        text = json.dumps(budget_json(result, out), indent=1, allow_nan=False)
        (draft / BUDGET_MARK).write_text(text + "\n", encoding="utf-8")
        (draft / "report.html").write_text(page, encoding="utf-8")


def budget_page(result: BudgetResult) -> str:
    """Return the page on the budget as one HTML document, which asks for nothing outside itself."""
    offers = [
        {
            "name": offer.name,
            "names": [year.year for year in offer.years],
            "years": list(words.year_rows(offer)),
            "goals": [
                {"heading": words.goal_heading(goal), "lines": [words.line(line) for line in goal.lines]}
                for goal in offer.goals
            ],
        }
        for offer in (result.current, *result.offers)
    ]
    return draw_page(
        "budget.html",
        title="The budget: what comes in, what goes out",
        rests=rests_sentence(result.reading.asked),
        synthetic=result.synthetic,
        banners=list(dict.fromkeys(one.banner for one in result.offers if one.banner)),
        dateline=result.name,
        about=words.about(result),
        payers=list(words.payer_rows(result)),
        changes=list(words.changes(result)),
        currency=result.currency,
        offers=offers,
        notes=[words.stars(result), words.RANGES, words.BOTH_SIDES, *result.notes],
        reading=result.reading,
        version=tideover.__version__,
    )
