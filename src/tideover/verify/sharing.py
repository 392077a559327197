"""Writing the instance of a plan without people, so that others can check costs and bounds themselves."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tideover
from tideover.errors import Fault, InputError
from tideover.readers import whole_folder
from tideover.verify.check import confirm
from tideover.verify.files import plan_folders, sha256_of
from tideover.verify.instance import Confirmed, Instance, instance
from tideover.verify.shared import SCOPE, WARNING
from tideover.verify.tables import TABLES, table_columns
from tideover.verify.verdict import Verdict

MARK = "plan.json"
OUTPUTS = (MARK, *(f"{name}.parquet" for name in TABLES))
#: A salt that is stated has at least and at most so many letters.
SALT_LETTERS = (16, 200)


@dataclass(frozen=True)
class Shared:
    """What was written: its size in rows and bytes, the fingerprint, and what must be said with it."""

    rows: Mapping[str, int]
    size_bytes: int
    fingerprint: str
    synthetic: bool
    warning: str = WARNING
    cannot_be_checked: str = SCOPE


def share(
    folder: Path,
    out: Path,
    *,
    network_folder: Path | None = None,
    salt: str | None = None,
    report: Callable[[str], None] = lambda text: None,
) -> Shared:
    """Write the instance of the plan in ``folder`` without people to ``out``; whole or not at all.

    The plan is verified first, and what is written is what ``verify`` made again. Rows are numbered by a
    random salt that is kept nowhere; ``salt`` makes the same bytes again, and whoever knows it and the book
    can find every visit again. What is written was checked as whoever gets it will. ``InputError`` if there
    is no plan, if it is not confirmed, if its instance does not prove its figures, or if the salt is too
    short; ``OutputError`` if ``out`` cannot be written.
    """
    faults = _salt_faults(salt)
    if plan_folders(folder)[:1] != [folder]:
        found = "no plan.json" if folder.is_dir() else "no folder"
        faults.append(Fault(str(folder), None, None, found, "a plan folder", "Name the folder of a plan."))
    if faults:
        raise InputError(faults)
    report("checking the plan")
    verdict, plan = confirm(folder, network_folder)
    if plan is None:
        raise InputError(_not_confirmed(folder, verdict))
    report("making the instance")
    made = instance(plan, salt.encode() if salt else secrets.token_bytes(32))
    report(f"writing {out}")
    return _written(folder, out, plan, made)


def _salt_faults(salt: str | None) -> list[Fault]:
    low, high = SALT_LETTERS
    if salt is None or low <= len(salt) <= high:
        return []
    remedy = "Leave it out for a random one, or state a longer secret."
    return [Fault("command line", None, "--salt", f"{len(salt)} letters", f"{low} to {high}", remedy)]


def _not_confirmed(folder: Path, verdict: Verdict) -> list[Fault]:
    if verdict.kind == "shared":
        remedy = "Name the folder of the plan itself; this one may be copied as it is."
        return [Fault(str(folder), None, None, "a shared instance", "a plan", remedy)]
    remedy = "Share only what verify confirms: make the plan again, or name its network with --network."
    return [Fault(str(folder), None, None, text, "a plan that verify confirms", remedy)
            for text in verdict.differences]  # fmt: skip


def _written(folder: Path, out: Path, plan: Confirmed, made: Instance) -> Shared:
    levels = len(plan.levels)
    with whole_folder(out, MARK, OUTPUTS) as draft:
        for name in TABLES:
            path = draft / f"{name}.parquet"
            frame = made.tables[name].select(*table_columns(name, levels))
            frame.write_parquet(path, compression="zstd", statistics=False)
        facts = _facts(plan, made) | {"of_plan": sha256_of(folder / MARK)}
        facts["files"] = {path.name: _digest(path) for path in sorted(draft.iterdir())}
        (draft / MARK).write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        for path in draft.iterdir():
            path.chmod(0o600)
        _accepted(draft)
        size = sum(path.stat().st_size for path in draft.iterdir())
        fingerprint = _digest(draft / MARK)
    rows = {name: frame.height for name, frame in made.tables.items()}
    return Shared(rows, size, fingerprint, facts["synthetic"])


def _accepted(draft: Path) -> None:
    """Raise ``InputError`` if the instance does not prove the plan's figures by itself."""
    verdict, _ = confirm(draft)
    if not verdict.ok:
        remedy = "The plan is right, but an instance cannot prove it: share the plan's own folder."
        raise InputError(
            Fault(MARK, None, None, text, "an instance that proves the plan's figures", remedy)
            for text in verdict.differences
        )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _facts(plan: Confirmed, made: Instance) -> dict[str, Any]:
    facts, policy = plan.facts, plan.case.policy
    names = ("name", "terms", "weights", "cost", "bound", "gap", "gap_share")
    return {
        "tideover": tideover.__version__,
        "kind": "shared",
        "synthetic": facts["network"]["synthetic"],
        "unit_minutes": plan.case.unit,
        "policy": {"weights": dict(policy.weights), "levels": [list(level) for level in policy.levels]},
        "counts": _counts(made),
        "pinned": {"visits": made.pinned_visits, "cost": list(made.pinned)},
        "levels": [{name: row[name] for name in names} for row in facts["levels"]],
        "cost": facts["cost"],
        "bound": facts["bound"],
        "gap": facts["gap"],
        "scope": facts["scope"],
        "cannot_be_checked": SCOPE,
        "warning": WARNING,
    }


def _counts(made: Instance) -> dict[str, int]:
    chosen, bins = made.tables["chosen"], made.tables["bins"]
    kinds = chosen.join(bins, on="bin", how="left")["kind"].fill_null("waitlist").to_list()
    counts = {kind: kinds.count(kind) for kind in ("stand", "standby", "waitlist")}
    return {"items": len(kinds), "elsewhere": kinds.count("open")} | counts
