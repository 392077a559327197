"""What ``plan.json`` states, looked at before anything is checked against it: form, policy, network, case."""

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
from tideover.nouns.plan import OPTIONS
from tideover.readers import read_network
from tideover.responses import RESPONSES
from tideover.verify.case import IN_A_SESSION, Case, Pin
from tideover.verify.files import read_json
from tideover.verify.morning import on_morning
from tideover.verify.rules import TERMS
from tideover.verify.shape import PLAN, Each, misfits, policy_misfits
from tideover.verify.told import last_rows, with_kept_room
from tideover.verify.verdict import Findings


def read_facts(folder: Path, findings: Findings) -> dict[str, Any] | None:
    """Return what ``plan.json`` says if it has the form of a plan, else ``None`` with differences."""
    facts = read_json(folder / "plan.json", findings)
    if facts is None and len(findings):
        return None
    if isinstance(facts, dict) and facts.get("kind") in ("shared", "closure"):
        return facts  # its form is looked at where the rest of it is
    wrong = list(misfits(facts, PLAN, "plan.json"))
    if not wrong:
        wrong = list(misfits(facts.get("files", {}), Each(str), "plan.json.files"))
    if not wrong and facts["kind"] != "strike":
        wrong = [f"plan.json.kind: found {facts['kind']}; expected strike, closure or shared"]
    for sentence in wrong:
        findings.add("plan.json", sentence)
    return None if wrong else facts


def read_plan_policy(facts: Mapping[str, Any], findings: Findings) -> Policy | None:
    """Return the policy that the plan states if it is one and its hash is right."""
    wrong = policy_misfits(facts["policy"], frozenset(TERMS))
    for sentence in wrong:
        findings.add("policy", f"plan.json.{sentence}")
    if wrong:
        return None
    text = json.dumps(facts["policy"], sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    findings.compare("policy", "plan.json, policy_sha256", facts["policy_sha256"], digest)
    return Policy.of(facts["policy"])


def read_plan_network(facts: Mapping[str, Any], folder: Path | None, findings: Findings) -> Network | None:
    """Return the network of the plan, each input file against its SHA-256."""
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


def make_case(
    network: Network,
    policy: Policy,
    facts: Mapping[str, Any],
    findings: Findings,
    log: pl.DataFrame | None = None,
    held: Path | None = None,
) -> Case | None:
    """Return the case that changes, as-of date and pins make of the network, or ``None`` with differences.

    ``log`` is what patients were told before, if the plan follows another; ``held`` the file of the sessions
    that will be held, if it is a morning's plan and whoever checks has it.
    """
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
    scenario, morning = on_morning(scenario.after(as_of), facts, held, findings)
    told = None if log is None else last_rows(log)
    case = Case.of(scenario, policy, as_of, [pin for pin in pins if pin is not None], told, morning)
    return with_kept_room(case) if _pins_fit(case, findings) else None


def _parsed(read: Any, text: str, where: str, findings: Findings) -> Any:
    try:
        return read(text)
    except ValueError:
        findings.add("plan.json", f"{where}: found {text[:40]}; expected a date in the form of ISO 8601")
        return None


def _pin(row: Mapping[str, Any], number: int, findings: Findings) -> Pin | None:
    where = f"plan.json, pins[{number}]"
    known = [option for option in OPTIONS if option != "another_site"]
    if row["option"] not in known:
        findings.add("pins", f"{where}.option: found {row['option']}; expected one of {', '.join(known)}")
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
        if visit is None or (not visit.movable and pin.option != "stand"):
            findings.add(
                "pins",
                f"plan.json, pins: found {pin.visit_id}, which is not affected; expected a visit that is",
            )
        if pin.option in IN_A_SESSION and pin.session_id not in case.sessions:
            findings.add(
                "pins", f"plan.json, pins: found session {pin.session_id}; expected one of the network"
            )
    return len(findings) == before
