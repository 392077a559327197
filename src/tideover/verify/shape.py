"""What ``plan.json`` must look like before anything in it is looked at."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from tideover import schema
from tideover.schema import PolicyKey


class Maybe:
    """A value of the given shape, or null."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape


class Each:
    """A mapping whose keys are free and whose values all have the given shape."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape


NUMBER = (int, float)

#: What a plan, or a shared instance of one, says of each level.
LEVELS = [
    {
        "name": str,
        "terms": [str],
        "weights": [int],
        "cost": int,
        "bound": int,
        "gap": int,
        "gap_share": Maybe(NUMBER),
    }
]

#: A type (or several), a mapping with these keys at least, a list whose members all look like its one member.
PLAN = {
    "tideover": str,
    "kind": str,
    "network": {"name": str, "source": str, "files": Each(str), "synthetic": bool},
    "as_of": str,
    "changes": [{"kind": str}],
    "policy": dict,
    "policy_sha256": str,
    "pins": [{"visit_id": str, "option": str, "session_id": Maybe(str), "start": Maybe(str)}],
    "unit_minutes": int,
    "window": [str],
    "counts": {
        "booked": int,
        "affected": int,
        "stand": int,
        "another_site": int,
        "standby": int,
        "moved": int,
        "video": int,
        "urgent_care": int,
        "waitlist": int,
        "unsafe_urgent": int,
    },
    "kept_from_video": int,
    "travel": {
        "source": str,
        "name": Maybe(str),
        "sha256": Maybe(str),
        "starts": {"home": int, "booked_clinic": int, "nowhere": int},
        "pairs": {"known": int, "unknown": int, "unreachable": int},
        "booked_unreachable": int,
    },
    "previous": Maybe({"as_of": str, "sha256": str, "folder": str}),
    "told": Each(int),
    "morning": Maybe({"date": str, "held": [{"pool_id": str, "hour": int, "held_minutes": int}]}),
    "called_off": [{"kind": str}],
    "called_off_chance": Maybe(NUMBER),
    "decide_by": [{"pool_id": str, "date": str, "urgency": int, "visits": int, "decide_by": str}],
    "minimum_safe_cover": {"sessions": int, "by_pool": [dict], "method": str},
    "worth": Maybe(dict),
    "pools": [
        {
            "pool_id": str,
            "date": str,
            "posts": int,
            "working_share": NUMBER,
            "working": str,
            "stand_posts": int,
            "standby_posts": int,
            "clinics": [str],
        }
    ],
    "sites": [
        {
            "pool_id": str,
            "date": str,
            "clinic_id": str,
            "posts": int,
            "outside": int,
            "fewest": int,
            "opens": bool,
        }
    ],
    "hours": [
        {
            "date": str,
            "hour": int,
            "booked": int,
            "affected": int,
            "stand_units": int,
            "stand": int,
            "standby": int,
        }
    ],
    "terms": Each(int),
    "levels": LEVELS,
    "cost": int,
    "bound": int,
    "gap": Maybe(NUMBER),
    "scope": str,
    "notes": [dict],
}


def misfits(value: Any, shape: Any, where: str) -> Iterator[str]:
    """Yield a sentence for every place at which ``value`` does not have ``shape``."""
    if isinstance(shape, Maybe):
        if value is not None:
            yield from misfits(value, shape.shape, where)
    elif isinstance(shape, Each):
        yield from _mapping(value, {}, where)
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from misfits(inner, shape.shape, f"{where}.{key}")
    elif isinstance(shape, dict):
        yield from _mapping(value, shape, where)
    elif isinstance(shape, list):
        yield from _list(value, shape[0], where)
    elif not _is(value, shape):
        yield f"{where}: found {_kind(value)}; expected {_name(shape)}"


def _mapping(value: Any, shape: dict[str, Any], where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: found {_kind(value)}; expected a mapping"
        return
    for key, inner in shape.items():
        if key in value:
            yield from misfits(value[key], inner, f"{where}.{key}")
        else:
            yield f"{where}: found no {key}; expected one"


def _list(value: Any, member: Any, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where}: found {_kind(value)}; expected a list"
        return
    for number, inner in enumerate(value):
        yield from misfits(inner, member, f"{where}[{number}]")


def _is(value: Any, shape: type | tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return shape is bool
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, shape)


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {str(value)[:40]!r}"


def _name(shape: Any) -> str:
    names = {str: "text", int: "a whole number", bool: "true or false", dict: "a mapping", NUMBER: "a number"}
    return names[shape]


def policy_misfits(policy: dict[str, Any], known_terms: frozenset[str]) -> list[str]:
    """Return a sentence for every key of a policy that is unknown, missing, mistyped or out of bounds."""
    flat = {key: value for key, value in policy.items() if key != "weights"}
    weights = policy.get("weights")
    if not isinstance(weights, dict):
        return [f"policy.weights: found {_kind(weights)}; expected a mapping"]
    flat |= {f"weights.{term}": weight for term, weight in weights.items()}
    expected = {key.key: key for key in schema.policy_keys()}
    wrong = [f"policy: found no {name}; expected one" for name in sorted(expected.keys() - flat.keys())]
    wrong += [f"policy: found the unknown key {name}" for name in sorted(flat.keys() - expected.keys())]
    for name in sorted(flat.keys() & expected.keys()):
        wrong += list(_policy_value(expected[name], flat[name], known_terms))
    return wrong


def _policy_value(key: PolicyKey, value: Any, known_terms: frozenset[str]) -> Iterator[str]:
    where = f"policy.{key.key}"
    shapes = {"integer": int, "number": NUMBER, "integers": [int], "levels": [[str]], "scope": Each([str])}
    wrong = list(misfits(value, shapes.get(key.type, str), where))
    yield from wrong
    if wrong:
        return
    numbers = value if isinstance(value, list) else [value]
    if key.limits and not all(key.limits[0] <= number <= key.limits[1] for number in numbers):
        yield f"{where}: found {value}; expected {key.bounds}"
    if key.type == "integers" and len(value) != 6:
        yield f"{where}: found {len(value)} numbers; expected 6, one for each urgency"
    if key.type == "levels":
        terms = [term for level in value for term in level]
        if not all(value) or sorted(terms) != sorted(known_terms):
            known = ", ".join(sorted(known_terms))
            yield f"{where}: found {value}; expected levels of the terms {known}, each once"
