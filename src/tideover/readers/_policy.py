"""The policy and the pins: what the planner chose, checked key by key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tideover import schema
from tideover.errors import Fault, InputError
from tideover.nouns import Policy
from tideover.nouns.plan import OPTIONS
from tideover.readers._lists import Cells, read_list
from tideover.readers._tables import nearest
from tideover.readers._toml import read_toml, toml_fault, unknown_keys
from tideover.schema import PolicyKey

_WEIGHTS = "weights."
_CLASSES = 6
ROLES = ("physician", "pa", "np")
#: What a pin says: this visit is fixed at this option, in this session at this time where the option has one.
PINS = (
    Cells(name="visit_id", once=("each visit once", "Keep one of the pins.")),
    Cells(name="option", choices=tuple(OPTIONS)),
    Cells(name="session_id", filled=False, needed=False),
    Cells(name="start", type="datetime", filled=False, needed=False),
)


def read_policy(path: Path | str | None = None) -> Policy:
    """Return the policy in a TOML file over the schema's defaults; without a file, the defaults.

    Raises ``InputError`` with every fault: unknown keys, wrong types, values out of bounds, lists that are
    not one number for each urgency, levels that do not hold each cost term exactly once.
    """
    if path is None:
        return Policy.default()
    return stated_policy(read_toml(Path(path)), Path(path))


def stated_policy(content: Mapping[str, Any], path: Path) -> Policy:
    """Return the policy that ``content`` states over the schema's defaults; ``path`` is for the messages.

    ``InputError`` as for a file.
    """
    faults = _policy_faults(path, content)
    if faults:
        raise InputError(faults)
    return Policy.of(content)


def _policy_faults(path: Path, content: Mapping[str, Any]) -> list[Fault]:
    keys = {key.key: key for key in schema.policy_keys()}
    plain = [key for key in keys if not key.startswith(_WEIGHTS)]
    weights = [key.removeprefix(_WEIGHTS) for key in keys if key.startswith(_WEIGHTS)]
    faults = unknown_keys(path, "", content, [*plain, "weights"])
    for name in plain:
        if name in content:
            faults += _value_faults(path, keys[name], content[name], weights)
    given = content.get("weights", {})
    if not isinstance(given, dict):
        return [*faults, _wrong(path, "weights", given, "a table [weights]")]
    faults += unknown_keys(path, "weights", given, weights)
    for name in weights:
        if name in given:
            faults += _value_faults(path, keys[_WEIGHTS + name], given[name], weights)
    return faults or _order_faults(path, content)


def _wrong(path: Path, key: str, found: Any, expected: str, remedy: str = "Mend the value.") -> Fault:
    return toml_fault(path, key, repr(found)[:80], expected, remedy)


def _value_faults(path: Path, key: PolicyKey, value: Any, terms: list[str]) -> list[Fault]:
    match key.type:
        case "string":
            return [] if isinstance(value, str) else [_wrong(path, key.key, value, "a text")]
        case "integer" | "number":
            return _number_faults(path, key, key.key, value)
        case "integers":
            return _numbers_faults(path, key, value)
        case "levels":
            return _levels_faults(path, value, terms)
        case _:
            return _scope_faults(path, value)


def _number_faults(path: Path, key: PolicyKey, where: str, value: Any) -> list[Fault]:
    whole = key.type in {"integer", "integers"}
    right = isinstance(value, int) or (isinstance(value, float) and not whole)
    low, high = key.limits or (float("-inf"), float("inf"))
    unit = f" {key.unit}" if key.unit else ""
    if isinstance(value, bool) or not right or not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        return [_wrong(path, where, value, f"{kind} from {low:g} to {high:g}{unit}")]
    return []


def _numbers_faults(path: Path, key: PolicyKey, value: Any) -> list[Fault]:
    if not isinstance(value, list) or len(value) != _CLASSES:
        return [
            _wrong(
                path, key.key, value, f"{_CLASSES} whole numbers, one for each urgency from 1 to {_CLASSES}"
            )
        ]
    return [
        fault
        for place, one in enumerate(value, start=1)
        for fault in _number_faults(path, key, f"{key.key}[{place}]", one)
    ]


def _levels_faults(path: Path, value: Any, terms: list[str]) -> list[Fault]:
    lists = isinstance(value, list) and all(isinstance(level, list) for level in value)
    if not lists or not all(isinstance(term, str) for level in value for term in level):
        return [_wrong(path, "levels", value, "lists of cost terms, first level first")]
    named = [term for level in value for term in level]
    faults = [
        _wrong(path, "levels", term, "a cost term: " + ", ".join(terms), nearest(term, terms) or "Remove it.")
        for term in dict.fromkeys(named)
        if term not in terms
    ]
    faults += [
        toml_fault(
            path,
            "levels",
            f"{term} {named.count(term)} times",
            "each cost term once",
            "Name it in one level.",
        )
        for term in terms
        if named.count(term) != 1
    ]
    if [] in value:
        faults.append(
            _wrong(path, "levels", value, "at least one cost term in each level", "Remove the empty level.")
        )
    return faults


def _scope_faults(path: Path, value: Any) -> list[Fault]:
    if not isinstance(value, dict):
        return [_wrong(path, "scope", value, "a table of kinds of visit, each with a list of roles")]
    faults = []
    for kind, roles in value.items():
        if not isinstance(roles, list) or not roles or not all(role in ROLES for role in roles):
            faults.append(_wrong(path, f"scope.{kind}", roles, "a list of roles: " + ", ".join(ROLES)))
    return faults


def _order_faults(path: Path, content: Mapping[str, Any]) -> list[Fault]:
    """Return the pairs of keys that contradict each other, for a content that is right key by key."""
    policy = Policy.of(content)
    faults = []
    if policy.urgent_care_from_urgency > policy.urgent_care_to_urgency:
        found = f"{policy.urgent_care_from_urgency} to {policy.urgent_care_to_urgency}"
        expected = "urgent_care_from_urgency at most urgent_care_to_urgency"
        faults.append(toml_fault(path, "urgent_care_from_urgency", found, expected, "Exchange the two."))
    return faults


def read_pins(path: Path | str) -> pl.DataFrame:
    """Return the pins in a CSV file (visit_id, option, session_id or null, start or null), sorted by visit.

    Raises ``InputError`` with every fault: unknown or missing columns, visits pinned twice, options that do
    not exist. Whether a pin can be kept is for the planner to say.
    """
    _, pins, faults = read_list(path, PINS)
    if faults:
        raise InputError(faults)
    return pins.sort("visit_id")
