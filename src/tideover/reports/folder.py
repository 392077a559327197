"""A plan folder: everything that a strike run gives, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tideover.cases import DaysResult, StrikeResult
from tideover.readers import whole_folder
from tideover.reports.calls import calls
from tideover.reports.cover import cover_page, cover_table
from tideover.reports.strike import days_report, strike_report
from tideover.travel import rows_used

MARK = "plan.json"
OUTPUTS = (
    "decisions.parquet",
    "decisions.csv",
    "plan.json",
    "duals.parquet",
    "scorecard.json",
    "calls.csv",
    "report.html",
    "cover.csv",
    "cover.html",
    "travel.parquet",
    "told.parquet",
)
#: Those of them that a plan has only with a travel matrix, or with a plan before it.
SOMETIMES = ("travel.parquet", "told.parquet")

#: Those that may go round: they hold counts, and none about a few people.
SHARED = ("report.html", "cover.csv", "cover.html")

DAYS_MARK = "days.json"
DAYS_OUTPUTS = (DAYS_MARK, "days.parquet", "days.html")


def write_strike(result: StrikeResult, out: Path) -> None:
    """Write the plan folder ``out``; it appears whole, or what was there before stays.

    decisions, duals, calls and the scorecard by group speak of single patients or small groups: only their
    owner may read them (mode 600), ``SHARED`` may go round. Raises ``OutputError`` if it cannot be written.
    """
    plan = result.plan
    listed = calls(plan, result.scenario, result.policy)
    page = strike_report(plan, result.scorecard, result.scenario)
    with whole_folder(out, MARK, OUTPUTS) as draft:
        plan.decisions.write_parquet(draft / "decisions.parquet")
        plan.decisions.write_csv(draft / "decisions.csv")
        plan.prices.write_parquet(draft / "duals.parquet")
        listed.write_csv(draft / "calls.csv")
        if result.scenario.network.travel is not None:
            rows_used(result.scenario.network, plan.decisions).write_parquet(draft / "travel.parquet")
        if plan.facts["previous"] is not None:
            plan.told.write_parquet(draft / "told.parquet")
        _write_json(draft / "scorecard.json", result.scorecard.rows.to_dicts())
        (draft / "report.html").write_text(page, encoding="utf-8")
        cover_table(plan.facts).write_csv(draft / "cover.csv")
        to_sign = cover_page(plan.facts, _sha256(draft / "cover.csv"))
        (draft / "cover.html").write_text(to_sign, encoding="utf-8")
        _write_json(draft / "plan.json", {**plan.facts, "files": _digests(draft)})
        for path in draft.iterdir():
            path.chmod(0o644 if path.name in SHARED else 0o600)


def write_days(facts: Mapping[str, Any], found: Mapping[str, Any], result: DaysResult, out: Path) -> None:
    """Write the tried days of the plan with these facts to ``out``; whole, or what was there stays.

    No patient, visit or post is in them; the page may go round. ``OutputError`` if it cannot be written.
    """
    with whole_folder(out, DAYS_MARK, DAYS_OUTPUTS) as draft:
        result.rows.write_parquet(draft / "days.parquet")
        (draft / "days.html").write_text(days_report(facts, found), encoding="utf-8")
        of_plan = {key: facts[key] for key in ("tideover", "network", "changes", "as_of", "policy_sha256")}
        _write_json(draft / DAYS_MARK, {**of_plan, **found, "files": _digests(draft)})


def _digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file, so that ``verify`` sees any change of any of them."""
    return {path.name: _sha256(path) for path in sorted(folder.iterdir())}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
