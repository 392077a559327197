"""Verify: every plan in a folder, checked against its inputs by code that shares nothing with the planner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from tideover.nouns.plan import DECISIONS
from tideover.verify.bins import intervals as intervals_of
from tideover.verify.bound import Bins, relaxed_values
from tideover.verify.case import Case
from tideover.verify.choice import check_choice, mark_of
from tideover.verify.closing import SCOPE as CLOSING_SCOPE
from tideover.verify.closing import check_closing
from tideover.verify.cover import cover as cover_of
from tideover.verify.cover import standby_left
from tideover.verify.decisions import check_decisions
from tideover.verify.facts import (
    Figures,
    check_counts,
    check_frame,
    check_hours,
    check_terms,
    check_totals,
    decided_points,
    levels_of,
)
from tideover.verify.files import (
    PRICES,
    compare_csv,
    plan_folders,
    read_csv,
    read_json,
    read_parquet,
    sha256_of,
)
from tideover.verify.instance import Confirmed
from tideover.verify.licences import check_kept_from_video
from tideover.verify.places import check_places
from tideover.verify.previous import check_previous
from tideover.verify.reserve import Reserve
from tideover.verify.roads import check_travel, with_roads
from tideover.verify.safe_cover import check_safe_cover
from tideover.verify.shared import SCOPE, WARNING, check_shared
from tideover.verify.sites import check_sites, desks_of, stands
from tideover.verify.stated import make_case, read_facts, read_plan_network, read_plan_policy
from tideover.verify.told import (
    check_groups,
    check_told,
    kept_intervals,
    must_be_told,
    places_to_stand,
    read_log,
)
from tideover.verify.verdict import Findings, Verdict
from tideover.verify.worth import Proven, check_worth


def verify(
    folder: Path,
    network_folder: Path | None = None,
    travel_file: Path | None = None,
    held_file: Path | None = None,
) -> list[Verdict]:
    """Return one verdict for each plan (a folder with ``plan.json``) in ``folder``, itself included.

    The network is read again from where the plan says, or from ``network_folder``. Whatever has been done to
    the files, the answer is a verdict with differences, never an exception; an empty list means no plan.
    ``travel_file`` is a matrix of one's own, by which journeys are then checked as well; ``held_file`` names
    the sessions that will be held, from which the cover of a morning's plan is then summed again.
    Everything is made again from ``visits/README.md``'s formulation by code of its own; see the README here.
    """
    plans = plan_folders(Path(folder))
    return [confirm(plan, network_folder, travel_file, held_file)[0] for plan in plans]


def confirm(
    folder: Path,
    network_folder: Path | None = None,
    travel_file: Path | None = None,
    held_file: Path | None = None,
) -> tuple[Verdict, Confirmed | None]:
    """Return the verdict on the one plan in ``folder``, and what was made again if it was confirmed.

    A shared instance has nothing to make again: it is checked by itself.
    """
    findings = Findings()
    checked, chosen = None, SCOPE
    mark = mark_of(folder)
    try:
        if mark is None:
            checked = _check(folder, (network_folder, travel_file, held_file), findings)
        else:
            figures, chosen = check_choice(folder, mark, (network_folder, travel_file, held_file), findings)
            checked = None if figures is None else (figures, None)
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
        pl.exceptions.PolarsError,
    ) as error:
        findings.add(
            "plan", f"{folder.name}: could not be checked to the end ({type(error).__name__}: {error})"
        )
    figures, plan = checked or (None, None)
    ok = not len(findings) and figures is not None
    verdict = Verdict(
        path=str(folder),
        ok=ok,
        cost=figures.cost if figures else None,
        bound=figures.bound if figures else None,
        gap=figures.gap if figures else None,
        differences=findings.sentences(),
    )
    if mark is not None:
        return replace(verdict, kind=mark.removesuffix(".json"), scope=chosen), None
    if _kind(folder) == "shared":
        verdict = replace(
            verdict,
            kind="shared",
            scope=SCOPE,
            warning=WARNING,
            fingerprint=sha256_of(folder / "plan.json"),
        )
    if _kind(folder) == "closure":
        verdict = replace(verdict, kind="closure", scope=CLOSING_SCOPE)
    return verdict, plan if ok else None


def _kind(folder: Path) -> Any:
    facts = read_json(folder / "plan.json", Findings())
    return facts.get("kind") if isinstance(facts, dict) else None


def _check(
    folder: Path, own: tuple[Path | None, Path | None, Path | None], findings: Findings
) -> tuple[Figures, Confirmed | None] | None:
    facts = read_facts(folder, findings)
    if facts is None:
        return None
    if facts["kind"] == "shared":
        figures = check_shared(folder, facts, findings)
        return None if figures is None else (figures, None)
    if facts["kind"] == "closure":
        figures = check_closing(folder, facts, own, findings)
        return None if figures is None else (figures, None)
    files = facts.get("files", {})
    for name, digest in sorted(files.items()):
        findings.compare("files", f"{name}, SHA-256", sha256_of(folder / Path(name).name), digest)
    policy = read_plan_policy(facts, findings)
    network = read_plan_network(facts, own[0], findings)
    if network is not None:
        network = with_roads(folder, facts, network, own[1], findings)
    decisions = None
    if policy is not None:
        columns = DECISIONS | dict.fromkeys(policy.terms, pl.Int64())
        decisions = read_parquet(
            folder / "decisions.parquet", columns, files.get("decisions.parquet"), findings
        )
    prices = read_parquet(folder / "duals.parquet", PRICES, files.get("duals.parquet"), findings)
    if decisions is not None:
        compare_csv(decisions, folder / "decisions.csv", findings)
    log = read_log(folder, facts, findings)
    if policy is None or network is None or decisions is None or log is None:
        return None
    check_previous(folder, facts, log, findings)
    case = make_case(network, policy, facts, findings, log, own[2])
    if case is None:
        return None
    checked = check_plan(case, facts, decisions, prices, findings)
    _check_calls(case, decisions, folder / "calls.csv", findings)
    return checked


def _check_calls(case: Case, decisions: pl.DataFrame, path: Path, findings: Findings) -> None:
    rows = read_csv(path, findings)
    if rows is None:
        return
    if rows and "visit_id" not in rows[0]:
        findings.add("calls", "calls.csv: found no column visit_id; expected one")
        return
    found = [row["visit_id"] for row in rows]
    rows_of = decisions.select(
        "visit_id", "option", "new_clinic_id", "new_session_id", "new_start"
    ).iter_rows()
    expected = {
        visit_id
        for visit_id, *new in rows_of
        if visit_id in case.visits and must_be_told(case.visits[visit_id], *new)
    }
    for visit_id in sorted(str(v) for v in expected - set(found)):
        findings.add(
            "calls",
            f"calls.csv: found no row for visit {visit_id}; expected one, as its patient must be told",
        )
    for visit_id in sorted(set(found) - expected):
        findings.add(
            "calls", f"calls.csv: found visit {visit_id}; expected only those of which something must be told"
        )
    if len(set(found)) < len(found):
        findings.add("calls", "calls.csv: found a visit more than once; expected each once")


def check_plan(
    case: Case, facts: Mapping[str, Any], frame: pl.DataFrame, prices: pl.DataFrame | None, findings: Findings
) -> tuple[Figures, Confirmed] | None:
    """Check the decisions, prices and figures of a plan against its case; ``findings`` takes the differences.

    Returns the figures and all else as made again, or ``None`` where levels or prices are not fit for it.
    """
    reserve = Reserve(case)
    intervals = [*intervals_of(case, reserve), *kept_intervals(case)]
    whole_cover = cover_of(case, reserve)
    check_frame(case, facts, findings)
    desks = desks_of(case, reserve)
    sent = check_sites(desks, facts, findings)
    cover = [*stands(desks, sent), *standby_left(case, whole_cover), *places_to_stand(case)]
    bins = Bins(intervals, cover, desks)
    check_travel(case, facts, findings)
    check_kept_from_video(case, intervals, facts, findings)
    decisions = check_decisions(case, frame, findings)
    check_places(case, decisions, intervals, bins.cover, findings)
    check_counts(case, decisions, facts, findings)
    check_told(case, decisions, facts, findings)
    check_safe_cover(case, facts, decisions, bins, sent, findings)
    check_groups(case, decisions, facts, findings)
    check_hours(decisions, whole_cover, facts, findings)
    check_terms(case, decisions, facts, findings)
    levels = levels_of(case, facts, findings)
    by_level = None if prices is None or levels is None else _prices(case, prices, len(levels), findings)
    if levels is None or by_level is None:
        return None
    relaxed = relaxed_values(case, bins, levels, by_level)
    decided = decided_points(case, decisions, levels)
    figures = check_totals(facts, levels, decided, relaxed, findings)
    costs = [of_all - pinned for of_all, pinned in zip(*decided, strict=True)]
    proven = Proven(levels, by_level, costs, relaxed)
    check_worth(case, facts, decisions, (desks, sent), proven, findings)
    return figures, Confirmed(facts, case, decisions, bins, sent, levels, by_level)


def _prices(case: Case, frame: pl.DataFrame, levels: int, findings: Findings) -> list[dict[str, int]] | None:
    expected = {visit.visit_id for visit in case.free_visits}
    found: list[dict[str, int]] = [{} for _ in range(levels)]
    before = len(findings)
    for level, visit_id, price in frame.iter_rows():
        if level is None or not 0 <= level < levels or visit_id not in expected or price is None:
            findings.add(
                "duals",
                f"duals.parquet: found level {level}, visit {visit_id}, price {price}; "
                "expected a price of an affected visit without a pin, at a level of the plan",
            )
        elif visit_id in found[level]:
            findings.add(
                "duals",
                f"duals.parquet: found two prices for visit {visit_id} at level {level}; expected one",
            )
        else:
            found[level][visit_id] = price
    for number, of_level in enumerate(found):
        for visit_id in sorted(expected - of_level.keys()):
            findings.add(
                "duals", f"duals.parquet: found no price for visit {visit_id} at level {number}; expected one"
            )
    return found if len(findings) == before else None
