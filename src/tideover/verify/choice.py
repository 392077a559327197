"""A rank or a choice of closings, made again by other means; (C1) to (C11)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tideover.verify.chosen import check_chosen
from tideover.verify.facts import Figures
from tideover.verify.files import read_json, sha256_of
from tideover.verify.ranked import SCOPES, Again, check_rank
from tideover.verify.residents import Residents, residents_of
from tideover.verify.roads import with_roads
from tideover.verify.shape import NUMBER, Each, Maybe, misfits
from tideover.verify.stated import read_plan_network, read_plan_policy
from tideover.verify.verdict import Findings

MARKS = ("rank.json", "choice.json")
_SET = {"clinics": [str], "cost": int}
_FORM: dict[str, Any] = {
    "kind": str,
    "network": {"name": str, "source": str, "files": Each(str), "synthetic": bool},
    "policy": dict,
    "policy_sha256": str,
    "travel": {"source": str, "name": Maybe(str)},
    "keep": [str],
    "may_close": [str],
    "counts": Each(int),
    "cost": int,
    "of": int,
    "files": Each(str),
    "why": [{"clinic_id": str, "people": int, "minutes": int}],
}
_RANK = {
    "measure": str,
    "announced": [str],
    "rank": int,
    "equal": int,
    "best": _SET,
    "worst": _SET,
    "median": NUMBER,
    "histogram": {"edges": [NUMBER], "counts": [int]},
    "with_room": {"of": int, "load": int, "rank": int, "among": bool},
}
_CHOICE = {
    "objective": str,
    "count": int,
    "clinics": [str],
    "bound": int,
    "gap": NUMBER,
    "rest": Maybe(int),
    "smaller": int,
    "unplaced": int,
    "people": int,
    "money": Maybe(
        {"per_hour": NUMBER, "harm": int, "standing": int, "saved_per_year": NUMBER, "open_per_year": NUMBER}
    ),
}
_MEASURES = {
    "rank.json": ("minutes", "beyond", "points", "load"),
    "choice.json": ("minutes", "beyond", "points"),
}


def mark_of(folder: Path) -> str | None:
    """Return the file that holds a rank or a choice, if the folder has one and no plan."""
    if (folder / "plan.json").exists():
        return None
    return next((name for name in MARKS if (folder / name).exists()), None)


def check_choice(
    folder: Path, mark: str, own: tuple[Path | None, Path | None, Path | None], findings: Findings
) -> tuple[Figures | None, str]:
    """Check the rank or the choice in ``folder``; return its figures as made again, and what was checked."""
    facts = read_json(folder / mark, findings)
    form = _FORM | (_RANK if mark == "rank.json" else _CHOICE)
    wrong = list(misfits(facts, form, mark))
    asked = "measure" if mark == "rank.json" else "objective"
    if not wrong and (facts["kind"] != mark.removesuffix(".json") or facts[asked] not in _MEASURES[mark]):
        wrong = [
            f"{mark}: found {facts['kind']} by {facts[asked]}; expected one of {', '.join(_MEASURES[mark])}"
        ]
    for sentence in wrong:
        findings.add(mark, sentence)
    if wrong:
        return None, SCOPES["all"]
    for name, digest in sorted(facts["files"].items()):
        findings.compare("files", f"{name}, SHA-256", sha256_of(folder / Path(name).name), digest)
    policy = read_plan_policy(facts, findings)
    network = read_plan_network(facts, own[0], findings)
    if network is not None:
        network = with_roads(folder, facts, network, own[1], findings)
    if policy is None or network is None:
        return None, SCOPES["all"]
    people = residents_of(network, policy, facts[asked])
    may = [at for at, name in enumerate(people.clinics) if name not in facts["keep"]]
    findings.compare("sets", f"{mark}, may_close", facts["may_close"], [people.clinics[at] for at in may])
    findings.compare("counts", f"{mark}, counts", facts["counts"], people.counts)
    again = Again(facts, people, may, findings)
    for one in facts["why"]:
        _check_why(
            again, one, residents_of(network, policy, "minutes") if facts[asked] != "minutes" else people
        )
    if mark == "rank.json":
        return check_rank(again, people)
    return check_chosen(folder, again)


def _check_why(again: Again, one: Mapping[str, Any], people: Residents) -> None:
    where = f"why, {one['clinic_id']}"
    if one["clinic_id"] not in people.clinics:
        again.findings.add("why", f"{where}: found it; expected a clinic that may close")
        return
    at = people.clinics.index(one["clinic_id"])
    again.findings.compare("why", f"{where}, minutes", one["minutes"], people.cost([at]))
    again.findings.compare(
        "why", f"{where}, people", one["people"], int(people.people[people.own == at].sum())
    )
