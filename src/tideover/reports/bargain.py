"""A folder of packages of open terms: a summary for programs, a page with the picture of the frontier."""

from __future__ import annotations

import json
from pathlib import Path

import tideover
from tideover.bargaining.issues import SIDES
from tideover.cases.bargain import BargainResult, bargain_json
from tideover.readers import whole_folder
from tideover.reports import bargain_words as words
from tideover.reports.bargain_chart import frontier
from tideover.reports.grounds import rests_sentence
from tideover.reports.pages import draw_page

BARGAIN_MARK = "bargain.json"
BARGAIN_OUTPUTS = (BARGAIN_MARK, "report.html")


def write_bargain(result: BargainResult, out: Path) -> None:
    """Write the folder ``out``; it appears whole, or what was there before stays."""
    page = bargain_page(result)
    with whole_folder(out, BARGAIN_MARK, BARGAIN_OUTPUTS) as draft:
        text = json.dumps(bargain_json(result, out), indent=1, allow_nan=False)
        (draft / BARGAIN_MARK).write_text(text + "\n", encoding="utf-8")
        (draft / "report.html").write_text(page, encoding="utf-8")


def bargain_page(result: BargainResult) -> str:
    """Return the page on packages as one HTML document, which asks for nothing outside itself."""
    found = result.found
    return draw_page(
        "bargain.html",
        title="What both sides could sign",
        rests=rests_sentence([answer for side in SIDES for answer in result.readings[side].asked]),
        synthetic=result.roster.synthetic,
        banner=found.table.banner,
        dateline=result.roster.name,
        about=words.about(result),
        no_deal=list(words.no_deal(result)),
        zone=words.zone(found),
        picture=frontier(found),
        tables=words.packages_tables(found),
        moves=list(words.moves(found)),
        weights=[(side, dict(found.table.weights[side])) for side in SIDES],
        readings=[(side, result.readings[side]) for side in SIDES],
        notes=result.notes,
        version=tideover.__version__,
    )
