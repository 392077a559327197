"""The folder of a case: its pages, its network and a plan folder for each scenario, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tideover
from tideover.cases import NETWORK, CaseResult, Outcome, Turning, reading_facts
from tideover.cases.offer import offers_json
from tideover.readers import check_target, whole_folder
from tideover.readers import network_files as network_names
from tideover.reports.case import case_page, lead, ledger_page
from tideover.reports.case_more import closing_facts, rank_folder
from tideover.reports.choice import outputs, write_choosing
from tideover.reports.closing import OUTPUTS as CLOSING_OUTPUTS
from tideover.reports.closing import write_closing
from tideover.reports.folder import OUTPUTS, write_strike
from tideover.reports.offer import OFFER_MARK, OFFER_OUTPUTS, write_offers

CASE_MARK = "run.json"
PAGES = ("index.html", "ledger.html")
#: Folder of the offers within the folder of a case.
OFFERS = "offers"


def case_outputs() -> frozenset[str]:
    """Return every name of a file that the folder of a case may hold, at any depth."""
    return frozenset(
        {CASE_MARK, *PAGES, *OUTPUTS, *CLOSING_OUTPUTS, *outputs("rank"), *OFFER_OUTPUTS, *network_names()}
    )


def check_case_target(out: Path) -> None:
    """Raise the ``OutputError`` that writing to ``out`` would raise now."""
    check_target(out, CASE_MARK, case_outputs(), folders=True)


@contextmanager
def case_folder(out: Path) -> Iterator[Path]:
    """Yield a folder to fill that becomes ``out`` whole, or not at all."""
    with whole_folder(out, CASE_MARK, case_outputs(), folders=True) as draft:
        yield draft


def write_case(
    result: CaseResult,
    folder: Path,
    turning_on: Turning | None = None,
    report: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Write the plans, pages and ``run.json`` of a case to ``folder``; return what ``run.json`` holds."""
    for outcome in result.outcomes:
        if outcome.result is not None:
            report(f"writing {outcome.stage.id}")
            write_strike(outcome.result, folder / outcome.stage.id)
        if outcome.closing is not None:
            report(f"writing {outcome.stage.id}")
            write_closing(outcome.closing, folder / outcome.stage.id)
        if outcome.ranked is not None:
            write_choosing(outcome.ranked, folder / rank_folder(outcome))
    if result.offers is not None:
        report("writing the offers")
        write_offers(result.offers, folder / OFFERS)
        _without_place(folder / OFFERS / OFFER_MARK)
    report("writing the pages")
    pages = {"index.html": case_page(result, turning_on), "ledger.html": ledger_page(result)}
    for name, page in pages.items():
        (folder / name).write_text(page, encoding="utf-8")
    facts = case_facts(result)
    if turning_on is not None:
        facts["turning"] = turning_on.as_dict()
    facts["files"] = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    text = json.dumps(facts, indent=1, ensure_ascii=False)
    (folder / CASE_MARK).write_text(text + "\n", encoding="utf-8")
    for name in (*pages, CASE_MARK):
        (folder / name).chmod(0o644)
    return facts


def _without_place(summary: Path) -> None:
    """Take out of a summary of offers where it was written: that is the draft of the folder of the case."""
    told = json.loads(summary.read_text(encoding="utf-8"))
    summary.write_text(json.dumps(told | {"out": None}, indent=1) + "\n", encoding="utf-8")


def case_facts(result: CaseResult) -> dict[str, Any]:
    """Return what a program wants to know of a case that was run, as plain JSON values."""
    return {
        "tideover": tideover.__version__,
        "kind": "case",
        "case": {"id": result.case.id, "title": result.case.title},
        "reading": {"id": result.reading.id, "title": result.reading.title},
        "synthetic": result.network.synthetic,
        "network": NETWORK if result.inputs.made else result.network.source,
        "notes": [note.as_dict() for note in result.inputs.notes],
        "rests_on": {
            name: reading_facts(result.reading, result.rests_on(name))["claims"]
            for name in (*result.results, "timeline")
        },
        "scenarios": [_scenario(outcome) for outcome in result.outcomes],
        "offers": None if result.offers is None else offers_json(result.offers, None),
    }


def _scenario(outcome: Outcome) -> dict[str, Any]:
    known = {"id": outcome.stage.id, "title": outcome.stage.title, "headline": lead(outcome)}
    changes = {"changes": [change.facts() for change in outcome.changes]}
    if outcome.closing is not None:
        return {**known, **changes, "plan": outcome.stage.id, **closing_facts(outcome)}
    if outcome.result is None:
        return {**known, **changes, "plan": None}
    facts = outcome.result.plan.facts
    card = outcome.result.scorecard.rows
    rows = card.filter(card["group"] == "all").select("measure", "unit", "before", "after", "not_measured")
    return {
        **known,
        **changes,
        "plan": outcome.stage.id,
        "counts": facts["counts"],
        "minimum_safe_cover": facts["minimum_safe_cover"]["sessions"],
        "levels": [{key: row[key] for key in ("name", "cost", "bound", "gap")} for row in facts["levels"]],
        "scorecard": rows.to_dicts(),
        "days": facts["days"],
        "sites": None if outcome.sites is None else outcome.sites.to_dicts(),
        "employers": None if outcome.employers is None else outcome.employers.rows.to_dicts(),
    }
