"""A plan folder: everything that a strike run gives, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tideover.cases.strike import StrikeResult
from tideover.readers import whole_folder
from tideover.reports.calls import calls
from tideover.reports.strike import strike_report

MARK = "plan.json"
OUTPUTS = (
    "decisions.parquet",
    "decisions.csv",
    "plan.json",
    "duals.parquet",
    "scorecard.json",
    "calls.csv",
    "report.html",
)


def write_strike(result: StrikeResult, out: Path) -> None:
    """Write the plan folder ``out``; it appears whole, or what was there before stays.

    decisions, duals, calls and the scorecard by group speak of single patients or small groups: only their
    owner may read them (mode 600), the report may go round. Raises ``OutputError`` if it cannot be written.
    """
    plan = result.plan
    listed = calls(plan, result.scenario, result.policy)
    page = strike_report(plan, result.scorecard, result.scenario)
    with whole_folder(out, MARK, OUTPUTS) as draft:
        plan.decisions.write_parquet(draft / "decisions.parquet")
        plan.decisions.write_csv(draft / "decisions.csv")
        plan.prices.write_parquet(draft / "duals.parquet")
        listed.write_csv(draft / "calls.csv")
        _write_json(draft / "scorecard.json", result.scorecard.rows.to_dicts())
        (draft / "report.html").write_text(page, encoding="utf-8")
        _write_json(draft / "plan.json", {**plan.facts, "files": _digests(draft)})
        for name in OUTPUTS:
            (draft / name).chmod(0o644 if name == "report.html" else 0o600)


def _digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file, so that ``verify`` sees any change of any of them."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
