"""Verify: every plan in a folder, checked against its inputs by code that shares nothing with the planner."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from tideover.disruptions import DISRUPTIONS
from tideover.errors import InputError
from tideover.nouns import Network, Policy, Scenario
from tideover.nouns.change import read_changes
from tideover.nouns.plan import DECISIONS, OPTIONS
from tideover.readers import read_network
from tideover.responses import RESPONSES
from tideover.verify.bins import cover as cover_of
from tideover.verify.bins import intervals as intervals_of
from tideover.verify.bins import pinned_cover
from tideover.verify.bound import relaxed_values
from tideover.verify.case import IN_A_SESSION, Case, Pin
from tideover.verify.decisions import check_decisions
from tideover.verify.facts import (
    Figures,
    check_counts,
    check_frame,
    check_hours,
    check_levels,
    check_terms,
    check_whole,
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
from tideover.verify.places import check_places
from tideover.verify.reserve import Reserve
from tideover.verify.rules import TERMS
from tideover.verify.shape import PLAN, Each, misfits, policy_misfits
from tideover.verify.verdict import Findings, Verdict


def verify(folder: Path, network_folder: Path | None = None) -> list[Verdict]:
    """Return one verdict for each plan (a folder with ``plan.json``) in ``folder``, itself included.

    The network is read again from where the plan says, or from ``network_folder``. Whatever has been done to
    the files, the answer is a verdict with differences, never an exception; an empty list means no plan.
    Everything is made again from ``visits/README.md``'s formulation by code of its own; see the README here.
    """
    return [_verdict(plan, network_folder) for plan in plan_folders(Path(folder))]


def _verdict(folder: Path, network_folder: Path | None) -> Verdict:
    findings = Findings()
    figures = None
    try:
        figures = _check(folder, network_folder, findings)
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
    return Verdict(
        path=str(folder),
        ok=not len(findings) and figures is not None,
        cost=figures.cost if figures else None,
        bound=figures.bound if figures else None,
        gap=figures.gap if figures else None,
        differences=findings.sentences(),
    )


def _check(folder: Path, network_folder: Path | None, findings: Findings) -> Figures | None:
    facts = _facts(folder, findings)
    if facts is None:
        return None
    files = facts.get("files", {})
    for name, digest in sorted(files.items()):
        findings.compare("files", f"{name}, SHA-256", sha256_of(folder / Path(name).name), digest)
    policy = _policy(facts, findings)
    network = _network(facts, network_folder, findings)
    decisions = None
    if policy is not None:
        columns = DECISIONS | dict.fromkeys(policy.terms, pl.Int64())
        decisions = read_parquet(
            folder / "decisions.parquet", columns, files.get("decisions.parquet"), findings
        )
    prices = read_parquet(folder / "duals.parquet", PRICES, files.get("duals.parquet"), findings)
    if decisions is not None:
        compare_csv(decisions, folder / "decisions.csv", findings)
        _check_calls(decisions, folder / "calls.csv", findings)
    if policy is None or network is None or decisions is None:
        return None
    case = _case(network, policy, facts, findings)
    return None if case is None else check_plan(case, facts, decisions, prices, findings)


def _facts(folder: Path, findings: Findings) -> dict[str, Any] | None:
    facts = read_json(folder / "plan.json", findings)
    if facts is None and len(findings):
        return None
    wrong = list(misfits(facts, PLAN, "plan.json"))
    if not wrong:
        wrong = list(misfits(facts.get("files", {}), Each(str), "plan.json.files"))
    if not wrong and facts["kind"] != "strike":
        wrong = [f"plan.json.kind: found {facts['kind']}; expected strike, the only kind that can be checked"]
    for sentence in wrong:
        findings.add("plan.json", sentence)
    return None if wrong else facts


def _policy(facts: Mapping[str, Any], findings: Findings) -> Policy | None:
    wrong = policy_misfits(facts["policy"], frozenset(TERMS))
    for sentence in wrong:
        findings.add("policy", f"plan.json.{sentence}")
    if wrong:
        return None
    text = json.dumps(facts["policy"], sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    findings.compare("policy", "plan.json, policy_sha256", facts["policy_sha256"], digest)
    return Policy.of(facts["policy"])


def _network(facts: Mapping[str, Any], folder: Path | None, findings: Findings) -> Network | None:
    said = facts["network"]
    place = folder if folder is not None else Path(said["source"])
    if not place.is_dir():
        findings.add(
            "network",
            f"network: found no folder {place}; expected the input. Name the folder in which it lies",
        )
        return None
    try:
        network = read_network(place)
    except (InputError, OSError) as error:
        first = str(error).splitlines()[0]
        findings.add("network", f"network {place}: cannot be read ({first})")
        return None
    for name in sorted(said["files"].keys() | network.files.keys()):
        where = f"input file {name}, SHA-256"
        findings.compare("input files", where, network.files.get(name), said["files"].get(name))
    findings.compare("network", "plan.json, network.synthetic", said["synthetic"], network.synthetic)
    return network


def _case(network: Network, policy: Policy, facts: Mapping[str, Any], findings: Findings) -> Case | None:
    try:
        changes = read_changes(facts["changes"], DISRUPTIONS, RESPONSES, file="plan.json, changes")
        scenario = Scenario.of(network, changes)
    except InputError as error:
        for fault in error.faults:
            findings.add("changes", str(fault))
        return None
    as_of = _parsed(date.fromisoformat, facts["as_of"], "plan.json, as_of", findings)
    pins = [_pin(row, number, findings) for number, row in enumerate(facts["pins"])]
    if as_of is None or None in pins:
        return None
    case = Case.of(scenario, policy, as_of, [pin for pin in pins if pin is not None])
    return case if _pins_fit(case, findings) else None


def _parsed(read: Any, text: str, where: str, findings: Findings) -> Any:
    try:
        return read(text)
    except ValueError:
        findings.add("plan.json", f"{where}: found {text[:40]}; expected a date in the form of ISO 8601")
        return None


def _pin(row: Mapping[str, Any], number: int, findings: Findings) -> Pin | None:
    where = f"plan.json, pins[{number}]"
    if row["option"] not in OPTIONS:
        findings.add("pins", f"{where}.option: found {row['option']}; expected one of {', '.join(OPTIONS)}")
        return None
    start = row["start"]
    if start is not None:
        start = _parsed(datetime.fromisoformat, start, f"{where}.start", findings)
    if row["option"] in IN_A_SESSION and (start is None or row["session_id"] is None):
        findings.add("pins", f"{where}: found no session or start; expected both for {row['option']}")
        return None
    return Pin(row["visit_id"], row["option"], row["session_id"], start)


def _pins_fit(case: Case, findings: Findings) -> bool:
    before = len(findings)
    for pin in case.pins.values():
        visit = case.visits.get(pin.visit_id)
        if visit is None or (not visit.affected and pin.option != "stand"):
            findings.add(
                "pins",
                f"plan.json, pins: found {pin.visit_id}, which is not affected; expected a visit that is",
            )
        if pin.option in IN_A_SESSION and pin.session_id not in case.sessions:
            findings.add(
                "pins", f"plan.json, pins: found session {pin.session_id}; expected one of the network"
            )
    return len(findings) == before


def _check_calls(decisions: pl.DataFrame, path: Path, findings: Findings) -> None:
    rows = read_csv(path, findings)
    if rows is None:
        return
    if rows and "visit_id" not in rows[0]:
        findings.add("calls", "calls.csv: found no column visit_id; expected one")
        return
    found = [row["visit_id"] for row in rows]
    expected = set(decisions.filter(pl.col("option") != "stand")["visit_id"].to_list())
    for visit_id in sorted(str(v) for v in expected - set(found)):
        findings.add(
            "calls",
            f"calls.csv: found no row for visit {visit_id}; expected one, as its patient must be told",
        )
    for visit_id in sorted(set(found) - expected):
        findings.add("calls", f"calls.csv: found visit {visit_id}; expected only visits that do not stand")
    if len(set(found)) < len(found):
        findings.add("calls", "calls.csv: found a visit more than once; expected each once")


def check_plan(
    case: Case, facts: Mapping[str, Any], frame: pl.DataFrame, prices: pl.DataFrame | None, findings: Findings
) -> Figures | None:
    """Check the decisions, prices and figures of a plan against its case; ``findings`` takes the differences.

    Returns the figures as recomputed, or ``None`` where levels or prices are not fit for it.
    """
    reserve = Reserve(case)
    intervals = intervals_of(case, reserve)
    whole_cover = cover_of(case, reserve)
    cover = pinned_cover(case, whole_cover)
    check_frame(case, facts, findings)
    decisions = check_decisions(case, frame, findings)
    check_places(case, decisions, intervals, cover, findings)
    check_counts(case, decisions, facts, findings)
    check_hours(decisions, whole_cover, facts, findings)
    check_terms(case, decisions, facts, findings)
    levels = levels_of(case, facts, findings)
    by_level = None if prices is None or levels is None else _prices(case, prices, len(levels), findings)
    if levels is None or by_level is None:
        return None
    relaxed = relaxed_values(case, (intervals, cover), levels, by_level)
    decided = decided_points(case, decisions, levels)
    check_levels(facts["levels"], levels, decided, relaxed, findings)
    return check_whole(facts, levels[-1], decided, relaxed[-1], findings)


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
