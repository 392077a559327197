"""The plan of a closing, made again word by word from ``panels/README.md``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tideover.disruptions import DISRUPTIONS
from tideover.errors import InputError
from tideover.nouns import Scenario
from tideover.nouns.change import read_changes
from tideover.responses import RESPONSES
from tideover.verify.closing_bound import bounds_of, households
from tideover.verify.facts import Figures
from tideover.verify.files import read_parquet, sha256_of
from tideover.verify.roads import with_roads
from tideover.verify.shape import NUMBER, Each, Maybe, misfits
from tideover.verify.stated import read_plan_network, read_plan_policy
from tideover.verify.transfers import Closing, Openings, Person, Post
from tideover.verify.verdict import Findings

SCOPE = (
    "Made again from the inputs: who needs a new place, who takes people in, every rule and cost term, the "
    "loads of panels, the letters, the totals, who may move to openings, and the bound of both levels. "
    "Not checked: visits a day, hours and assistants of the loads, what would suffice for those without a "
    "place, the notes, the report, and whether the book, the panels or the journeys are true. "
    "The readers, the changes and the formula of the distance are the planner's own code."
)
TERMS = ("not_placed", "added_travel", "continuity_broken", "language_not_shared", "interpreter_needed",
         "beyond_standard")  # fmt: skip
#: More choices of who moves than this are not tried.
MOST_CHOICES = 24
_LEVEL = {"name": str, "cost": int, "bound": int, "gap": int, "gap_share": NUMBER, "terms": [str]}
FORM = {
    "tideover": str,
    "kind": str,
    "network": {"name": str, "source": str, "files": Each(str), "synthetic": bool},
    "changes": [{"kind": str}],
    "policy": dict,
    "policy_sha256": str,
    "travel": {"source": str, "name": Maybe(str)},
    "counts": Each(int),
    "cost": int,
    "bound": int,
    "gap": NUMBER,
    "levels": [_LEVEL],
    "terms": Each(int),
    "choices": [[{"clinician_id": str, "clinic_id": str}]],
    "chosen": int,
    "all_choices": bool,
    "scope": str,
    "files": Each(str),
}
TRANSFERS: dict[str, Any] = {
    **dict.fromkeys(("patient_id", "household_id"), pl.String()),
    "on": pl.Date(),
    **dict.fromkeys(("clinic_id", "clinician_id", "new_clinic_id", "new_clinician_id"), pl.String()),
    **dict.fromkeys(("size_tenths", "minutes_before", "minutes_after", *TERMS), pl.Int64()),
}
LETTERS = {
    **dict.fromkeys(("patient_id", "old_clinic_id", "new_clinic_id"), pl.String()),
    "on": pl.Date(),
}
DUALS = {
    "choice": pl.Int64(),
    "level": pl.Int64(),
    "clinician_id": pl.String(),
    "price": pl.Int64(),
}
Row = Mapping[str, Any]


def check_closing(
    folder: Path, facts: dict[str, Any], own: tuple[Path | None, Path | None, Path | None], findings: Findings
) -> Figures | None:
    """Check the plan of a closing in ``folder``; return its figures as made again, or ``None``."""
    wrong = list(misfits(facts, FORM, "plan.json"))
    for sentence in wrong:
        findings.add("plan.json", sentence)
    if wrong:
        return None
    files = facts["files"]
    for name, digest in sorted(files.items()):
        findings.compare("files", f"{name}, SHA-256", sha256_of(folder / Path(name).name), digest)
    rows = read_parquet(folder / "transfers.parquet", TRANSFERS, files.get("transfers.parquet"), findings)
    letters = read_parquet(folder / "letters.parquet", LETTERS, files.get("letters.parquet"), findings)
    duals = read_parquet(folder / "duals.parquet", DUALS, files.get("duals.parquet"), findings)
    closing = _closing(folder, facts, own, findings)
    if closing is None or rows is None or letters is None or duals is None:
        return None
    moves = _moves(closing, facts, findings)
    if moves is None:
        return None
    posts = {post.clinician_id: post for post in closing.posts(moves[facts["chosen"]])}
    placed = _check_rows(closing, rows, posts, findings)
    _check_rules(closing, placed, posts, findings)
    _check_letters(placed, letters, findings)
    over = _check_load(folder, closing, placed, posts, findings)
    return _check_totals(closing, facts, moves, rows, duals, over, placed, findings)


def _closing(
    folder: Path, facts: dict[str, Any], own: tuple[Path | None, Path | None, Path | None], findings: Findings
) -> Closing | None:
    policy = read_plan_policy(facts, findings)
    network = read_plan_network(facts, own[0], findings)
    if network is not None:
        network = with_roads(folder, facts, network, own[1], findings)
    if policy is None or network is None:
        return None
    try:
        changes = read_changes(facts["changes"], DISRUPTIONS, RESPONSES, file="plan.json, changes")
        return Closing.of(Scenario.of(network, changes), policy)
    except InputError as error:
        for fault in error.faults:
            findings.add("changes", str(fault))
        return None


def _moves(closing: Closing, facts: Mapping[str, Any], findings: Findings) -> list[dict[str, str]] | None:
    """Return the stated choices of who moves, if they are choices and as many as there are; (8)."""
    said = [{row["clinician_id"]: row["clinic_id"] for row in one} for one in facts["choices"]]
    openings = Openings(closing)
    there = list(openings.choices(MOST_CHOICES + 1))
    complete = len(there) <= MOST_CHOICES
    findings.compare("moves", "plan.json, all_choices", facts["all_choices"], complete)
    if complete:
        found, expected = (
            sorted(map(str, map(sorted, (one.items() for one in some)))) for some in (said, there)
        )
        findings.compare("moves", "plan.json, choices", found, expected)
    elif len(said) != 1:
        findings.add(
            "moves", f"plan.json, choices: found {len(said)}; expected one, as there are too many to try"
        )
    else:
        for one in said:
            if not openings.fits(one):
                findings.add("moves", f"plan.json, choices: found {one}; expected moves that openings allow")
    if not 0 <= facts["chosen"] < len(said):
        findings.add("moves", f"plan.json, chosen: found {facts['chosen']}; expected a number of choices")
        return None
    return said


def _check_rows(
    closing: Closing, rows: pl.DataFrame, posts: Mapping[str, Post], findings: Findings
) -> list[tuple[Person, Post]]:
    """Check that each person has a row that says what is so; return who is placed with whom."""
    said = {row["patient_id"]: row for row in rows.iter_rows(named=True)}
    findings.compare("transfers", "transfers.parquet, rows", rows.height, len(closing.people))
    placed = []
    for person in closing.people:
        row = said.pop(person.patient_id, None)
        if row is None:
            findings.add("transfers", f"transfers.parquet: found no row of {person.patient_id}; expected one")
            continue
        post = posts.get(row["new_clinician_id"]) if row["new_clinician_id"] is not None else None
        _check_row(closing, person, row, post, findings)
        if post is not None:
            placed.append((person, post))
    for name in said:
        findings.add("transfers", f"transfers.parquet: found {name}, who needs no new place")
    return placed


def _check_row(closing: Closing, person: Person, row: Row, post: Post | None, findings: Findings) -> None:
    where = f"transfers.parquet, {person.patient_id}"
    to = None if post is None else post.clinic_id
    if post is None and row["new_clinician_id"] is not None:
        findings.add(
            "transfers", f"{where}: found {row['new_clinician_id']}; expected a post that takes people in"
        )
        return
    before = closing.minutes(person, person.clinic_id)
    after = -1 if to is None else closing.minutes(person, to)
    expected: dict[str, Any] = {
        "household_id": person.household_id,
        "on": person.on,
        "clinic_id": person.clinic_id,
        "clinician_id": person.clinician_id,
        "new_clinic_id": to,
        "size_tenths": person.size,
        "minutes_before": before if before >= 0 else None,
        "minutes_after": after if after >= 0 else None,
        **dict.fromkeys(TERMS, 0),
        "not_placed": int(post is None),
    }
    if post is not None:
        expected |= closing.journey(person, post.clinic_id) | closing.meeting(person, post)
    for name, value in expected.items():
        if row[name] != value:
            findings.add("transfers", f"{where}, {name}: found {row[name]}; expected {value}")


def _check_rules(
    closing: Closing, placed: Sequence[tuple[Person, Post]], posts: Mapping[str, Post], findings: Findings
) -> None:
    clinics = {row["clinic_id"]: row for row in closing.scenario.network.clinics.iter_rows(named=True)}
    taken: dict[str, int] = defaultdict(int)
    at: dict[str, set[str]] = defaultdict(set)
    for person, post in placed:
        if not closing.may(person, clinics[post.clinic_id]):
            findings.add(
                "rules", f"{person.patient_id} at {post.clinic_id}: reach (R1) or payer (R2) forbids it"
            )
        if not post.takes(person):
            findings.add("rules", f"{person.patient_id} with {post.clinician_id}: the age forbids it (R3)")
        taken[post.clinician_id] += person.size
        at[person.patient_id].add(post.clinic_id)
    for name, size in taken.items():
        if size > posts[name].cap:
            findings.add(
                "rules", f"{name}: found {size} tenths taken in; expected at most {posts[name].cap} (R5)"
            )
    for members in households(closing, list(posts.values())):
        together = {clinic for person in members for clinic in at.get(person.patient_id, ())}
        if len(together) > 1:
            findings.add(
                "rules", f"household of {members[0].patient_id}: found {sorted(together)}; expected one (R6)"
            )
        count = sum(person.patient_id in at for person in members)
        if 0 < count < len(members):
            findings.add(
                "rules",
                f"household of {members[0].patient_id}: found {count} of {len(members)} with a place; "
                "expected all or none (R6)",
            )


def _check_letters(placed: Sequence[tuple[Person, Post]], letters: pl.DataFrame, findings: Findings) -> None:
    expected = sorted((p.patient_id, p.clinic_id, post.clinic_id, p.on) for p, post in placed)
    if sorted(letters.iter_rows()) != expected:
        findings.add(
            "letters",
            "letters.parquet: found other letters than one for each person with a place and where it is",
        )


def _check_load(
    folder: Path,
    closing: Closing,
    placed: Sequence[tuple[Person, Post]],
    posts: Mapping[str, Post],
    findings: Findings,
) -> int:
    """Check the panels of the load file; return the tenths by which posts go over their targets."""
    taken: dict[str, int] = defaultdict(int)
    for person, post in placed:
        taken[post.clinician_id] += person.size
    try:
        frame = pl.read_parquet(folder / "load.parquet").filter(pl.col("level") == "clinician")
        after = dict(frame.select("clinician_id", "panel_after").iter_rows())
    except (OSError, pl.exceptions.PolarsError) as error:
        findings.add("load", f"load.parquet: cannot be read ({str(error).splitlines()[0]})")
        after = {}
    else:
        for name in sorted(posts.keys() | after.keys()):
            expected = round((closing.loads.get(name, 0) + taken[name]) / 10, 4) if name in posts else None
            if after.get(name) != expected:
                findings.add(
                    "load",
                    f"load.parquet, {name}, panel_after: found {after.get(name)}; expected {expected}",
                )
    return sum(max(0, size - posts[name].target) for name, size in taken.items())


def _check_totals(
    closing: Closing,
    facts: Mapping[str, Any],
    moves: Sequence[Mapping[str, str]],
    rows: pl.DataFrame,
    duals: pl.DataFrame,
    over: int,
    placed: Sequence[tuple[Person, Post]],
    findings: Findings,
) -> Figures | None:
    terms = {name: int(rows[name].sum()) for name in TERMS}
    terms["over_target"] = over * closing.policy.transfer_over_target
    for name, points in terms.items():
        findings.compare("terms", f"plan.json, terms.{name}", facts["terms"].get(name), points)
    lost = len(closing.people) - len(placed)
    costs = lost, sum(points for name, points in terms.items() if name != "not_placed")
    counts = {
        "patients": len(closing.people),
        "placed": len(placed),
        "unplaced": lost,
        "without_clinic": closing.homeless,
        "own_kept": sum(person.clinician_id == post.clinician_id for person, post in placed),
    }
    for name, count in counts.items():
        findings.compare("counts", f"plan.json, counts.{name}", facts["counts"].get(name), count)
    found = bounds_of(closing, moves, duals, lost, findings)
    if found is None or not findings.compare(
        "levels", "plan.json, number of levels", len(facts["levels"]), 2
    ):
        return None
    items, bounds = found
    findings.compare(
        "counts", "plan.json, counts.households", facts["counts"].get("households"), items[facts["chosen"]]
    )
    for number, (cost, bound) in enumerate(zip(costs, bounds, strict=True)):
        row, share = facts["levels"][number], _share(cost, bound)
        for name, value in (("cost", cost), ("bound", bound), ("gap", cost - bound)):
            findings.compare("levels", f"plan.json, levels[{number}].{name}", row[name], value)
        if abs(row["gap_share"] - share) > 1e-12:
            findings.add(
                "levels", f"plan.json, levels[{number}].gap_share: found {row['gap_share']}; expected {share}"
            )
    findings.compare("levels", "plan.json, cost", facts["cost"], costs[1])
    findings.compare("levels", "plan.json, bound", facts["bound"], bounds[1])
    share = _share(costs[1], bounds[1])
    if abs(facts["gap"] - share) > 1e-12:
        findings.add("levels", f"plan.json, gap: found {facts['gap']}; expected {share}")
    return Figures(costs[1], bounds[1], share)


def _share(cost: int, bound: int) -> float:
    return (cost - bound) / cost if cost != bound else 0.0
