"""A walk through the ledger: units as in the schema, sources and dates, and no default without a claim."""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tideover import schema
from tideover.cases.days import Chances
from tideover.claims import KINDS, SIDES, Claim, read_ledger
from tideover.disruptions.strike import Strike
from tideover.synthetic import Recipe

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "tideover"
LEDGER = read_ledger()
COLUMNS = {
    f"{table}.{column.column}": column
    for table, columns in {**schema.tables(), "travel": schema.travel()}.items()
    for column in columns
}
POLICY = {f"policy.{key.key}": key for key in schema.policy_keys()}
#: Classes whose fields may be targets.
CLASSES = {"strike": Strike, "recipe": Recipe, "days": Chances}
#: Rooms whose module-level numbers are defaults of the model, unless listed below.
ROOMS = (
    "access",
    "bargaining",
    "budget",
    "cases",
    "disruptions",
    "impact",
    "nouns",
    "panels",
    "pay",
    "readers",
    "responses",
    "synthetic",
    "travel",
    "visits",
)
#: Numbers of modules that are no assumption about the world: arithmetic, codes, bounds of input, work sizes.
ARITHMETIC = {
    "access.KM_PER_MILE": "geometry",
    "access.PER": "unit of supply",
    "access.TENTH": "which part of the people is told",
    **dict.fromkeys(("bargaining.MOST_PACKAGES", "bargaining.MOST_PAID"), "work size"),
    **dict.fromkeys(("bargaining.MOST_ANCHORS", "bargaining._TRIED"), "work size"),
    **dict.fromkeys(("bargaining._LONGEST_STRIKE", "bargaining._MOST_ISSUES"), "bounds of input"),
    "bargaining._MOST_OPTIONS": "bounds of input",
    "bargaining._WEEKS": "calendar",
    "bargaining.LOSS": "how a distribution is told",
    "budget._MONTHS": "calendar",
    "cases.WORKING_DAYS": "calendar",
    "cases._BATCH": "days handled at once",
    "cases.BOUNDS": "bounds of input",
    "cases.FIFTHS": "parts of the people that are told",
    "cases.LEVELS": "codes",
    "cases.CONCLUSIONS": "most is more than half",
    "cases.PERCENTILES": "which of the tried days are told",
    "cases.WORST": "rows of a list",
    "cases._SAME_BOOK": "a slip of the folder is caught",
    "cases.URGENCIES": "number of urgencies",
    "impact.AGE_BANDS": "names of groups",
    "nouns.EARTH_RADIUS_KM": "geometry",
    "nouns.PLACES_PER_DEGREE": "rounding of coordinates",
    "nouns.UNKNOWN": "codes",
    "nouns.UNREACHABLE": "codes",
    "nouns.DECIMALS": "bounds of input",
    "nouns.MOST": "bounds of input",
    "nouns.MOST_CENTS": "bounds of input",
    **dict.fromkeys(("pay.CLASSES", "pay.LOSSES", "pay.POINTS"), "how a distribution is told"),
    **dict.fromkeys(("pay.DAY", "pay.WEEKS", "pay._DAYS", "pay._MONTHS", "pay._WEEKS"), "calendar"),
    **dict.fromkeys(
        (
            "pay.ONE",
            "pay.UNITS",
            "pay._EXACT",
            "pay._HOUR",
            "pay._SLIP",
            "pay._WIDE",
            "pay._MOST_KEYS",
            "pay._BITS",
            "pay._LARGE",
        ),
        "exact arithmetic",
    ),
    "pay.SHOWN": "faults shown",
    **dict.fromkeys(("pay._CHUNK", "pay._KEPT"), "work size"),
    **dict.fromkeys(("pay.FOLLOWS", "pay.FOLLOWS_TOO", "pay.QUALITY", "pay.FIXED", "pay.FIXED_TOO"), "rows"),
    **dict.fromkeys(("pay.COST", "pay.MEAN", "pay.LOSERS", "pay.WORST"), "columns"),
    **dict.fromkeys(("cases.GRID", "cases.NEAR"), "a grid that is shown with what is found in it"),
    "readers.LONGEST": "bounds of input",
    **dict.fromkeys(("readers._DAY", "readers._CURRENCY"), "calendar; codes"),
    "panels._MINUTES": "minutes of an hour",
    "panels.UNITS": "tenths",
    "panels.NEVER": "codes",
    "panels.NOBODY_TRADED": "weight of a level before the others",
    "panels.PARTS": "parts of a point",
    "panels.MOST_CHOICES": "work size",
    "panels.ALL_SETS": "work size",
    "panels.BEST": "work size",
    "panels.TRIED": "work size",
    **dict.fromkeys(("panels.TURNS", "panels.PLACED"), "work size"),
    "panels._GAP": "work size",
    "readers.SHOWN": "faults shown",
    "readers.YEARS": "bounds of input",
    "readers.CLINIC_YEARS": "bounds of input",
    "readers._CLASSES": "number of urgencies",
    "readers._QUOTE": "codes",
    "readers._RETURN": "codes",
    "readers.LONGEST_LINE": "bounds of input",
    "readers._NEARLY": "rounding of shares",
    "readers._NEWLINE": "codes",
    "readers.AGES": "bounds of input",
    "responses.DAYS_FROM_BOOK": "bounds of input",
    "synthetic.FEWEST_PATIENTS": "bounds of input",
    "synthetic.FIRST": "bounds of input",
    "synthetic.LAST": "bounds of input",
    "synthetic.LIMITS": "bounds of input",
    "synthetic._KM_PER_DEGREE": "geometry",
    "synthetic._ROUNDS": "rounds of an iteration",
    "synthetic._TRIES": "rounds of an iteration",
    "travel.TABLE_SIZE": "work size",
    "travel.TRIES": "patience with a service",
    "travel.FIRST_WAIT": "patience with a service",
    "travel.LONGEST_WAIT": "patience with a service",
    "travel.TIMEOUT": "patience with a service",
    "travel._PATIENCE": "patience with a lock",
    "visits.CLASSES": "number of urgencies",
    "visits.TURNS": "codes",
    "visits.NEVER": "codes",
    "visits._MINUTE": "microseconds",
    "visits.ROUNDS": "rounds of an iteration",
    **dict.fromkeys(("visits.TIME", "visits.WAIT", "visits.AS_BOOKED", "visits.OPEN_END"), "codes"),
    "visits.AT_SITE": "codes",
    "visits.PAIRS": "work size",
    "visits.SESSION_HOURS": "hours of SESSION_MINUTES",
    **dict.fromkeys(
        ("visits.STAND", "visits.STANDBY", "visits.OPEN", "visits.WAITLIST", "visits.ELSEWHERE"), "codes"
    ),
}


def module_numbers() -> Iterator[tuple[str, str]]:
    """Yield every module-level constant of the rooms that holds a number: by room, and as a target."""
    for room in ROOMS:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.Assign | ast.AnnAssign) and _holds_a_number(node):
                    for name in _names(node):
                        yield f"{room}.{name}", f"{room}.{path.stem.strip('_')}.{name.strip('_')}"


def _holds_a_number(node: ast.Assign | ast.AnnAssign) -> bool:
    parts = [] if node.value is None else ast.walk(node.value)
    return any(isinstance(part, ast.Constant) and type(part.value) in {int, float} for part in parts)


def _names(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return [name.id for name in names if name.id.strip("_").isupper()]


def resolved(target: str) -> Any:
    """Return what a target that is no schema key names: a field's default, or an object of a module."""
    first, *rest = target.split(".")
    if first in CLASSES:
        found = {field.name: field.default for field in dataclasses.fields(CLASSES[first])}
        return found[rest[0]]
    where: Any = importlib.import_module(f"tideover.{first}")
    for part in rest:
        where = one_of(where, part)
    return where


def exists(target: str) -> bool:
    """Return whether a target that is no schema key names something."""
    try:
        resolved(target)
    except (ImportError, AttributeError, KeyError):
        return False
    return True


def one_of(where: Any, part: str) -> Any:
    """Return the member of this name, with or without a leading underscore; a module is imported."""
    if hasattr(where, "__path__"):
        there = {found.name for found in pkgutil.iter_modules(where.__path__)}
        for name in (part, f"_{part}"):
            if name in there:
                return importlib.import_module(f"{where.__name__}.{name}")
    return getattr(where, part) if hasattr(where, part) else getattr(where, f"_{part}")


@pytest.mark.parametrize("claim", LEDGER, ids=lambda claim: claim.id)
def test_every_claim_is_whole(claim: Claim):
    """Each has sources and dates for all it says, is used by something or is context, names what exists."""
    assert claim.kind in KINDS
    assert all(entry.source and entry.date and entry.who in SIDES for entry in claim.entries)
    assert all(re.fullmatch(r"undated|\d{4}(-\d\d){0,2}", entry.date) for entry in claim.entries)
    assert bool(claim.affects) != bool(claim.context)
    for target in claim.affects:
        assert target in COLUMNS or target in POLICY or exists(target), target


def test_units_are_those_of_the_schema():
    """A claim on which a column or a policy key rests has its unit; dates and words are their own."""
    seen = 0
    for claim in LEDGER:
        for target in claim.affects:
            key = COLUMNS.get(target) or POLICY.get(target)
            if key is not None and not (target == "clinics.closes_on" and claim.unit == "site"):
                plain = "date" if key.type == "date" else "word"
                assert claim.unit == (key.unit or plain), (claim.id, target)
                seen += 1
    assert seen > 15


def test_every_default_of_the_schema_is_a_claim_or_a_choice():
    """Each default of a column or policy key rests on a claim with that value, or is listed as a choice."""
    for target, key in {**COLUMNS, **POLICY}.items():
        if target in COLUMNS and not key.default:
            assert not key.claim, f"{target} has a claim but no default"
            continue
        if target in POLICY and key.claim == "choice":
            continue
        assert key.claim in LEDGER, f"{target}: no claim {key.claim!r}"
        claim = LEDGER[key.claim]
        assert target in claim.affects
        stated = {str(entry.value) for entry in claim.entries} | {
            _number(entry.value) for entry in claim.entries
        }
        assert key.default in stated or _number(key.default) in stated, target


def test_facts_and_assumptions_of_the_policy_are_claims():
    """By hand: what the policy holds of the world rests on claims; what it weighs or limits is a choice."""
    assert {target: key.claim for target, key in POLICY.items() if key.claim != "choice"} == {
        "policy.detour_factor": "detour-factor",
        "policy.speed_km_per_hour": "travel-speed",
        "policy.rest_hours": "daily-rest",
        "policy.assistants_per_clinician": "assistants-per-clinician",
        "policy.panel_per_full_time": "panel-in-vha",
        "policy.panel_cap_per_full_time": "panel-cap",
        "policy.adequacy_minutes": "adequacy-minutes",
        "policy.adequacy_large_metro_minutes": "adequacy-large-metro-minutes",
        "policy.adequacy_metro_minutes": "adequacy-metro-minutes",
        "policy.adequacy_micro_minutes": "adequacy-micro-minutes",
        "policy.adequacy_rural_minutes": "adequacy-rural-minutes",
        "policy.adequacy_ceac_minutes": "adequacy-ceac-minutes",
    }


def test_every_number_of_a_module_is_a_claim_or_arithmetic():
    """No room holds a number that is neither in the ledger nor listed here, and none is listed in vain."""
    targets = {target for claim in LEDGER for target in claim.affects}
    found = dict(module_numbers())
    free = {short for short, target in module_numbers() if target not in targets}
    assert free - ARITHMETIC.keys() == set(), "write a claim for it, or list it above as arithmetic"
    assert ARITHMETIC.keys() - found.keys() == set()
    assert len(found) > 60


def test_the_defaults_of_recipe_and_tried_days_are_claims():
    """Each field of the recipe and of the tried days but the seed is what an entry of a claim says."""
    for name, cls in (("recipe", Recipe), ("days", Chances)):
        for field in dataclasses.fields(cls):
            if field.name != "seed":
                claims = LEDGER.affecting(f"{name}.{field.name}")
                values = {entry.value for claim in claims for entry in claim.entries if _plain(entry.value)}
                assert field.default in values, f"{name}.{field.name}"


def test_the_numbers_of_modules_are_what_their_claims_say():
    """Where a claim of kind assumption or choice is about numbers of a module, they are its value."""
    seen = 0
    for claim in LEDGER:
        entry = claim.entry("tideover")
        if entry is None or claim.kind not in {"assumption", "choice"}:
            continue
        held = [
            resolved(target) for target in claim.affects if target not in COLUMNS and target not in POLICY
        ]
        # a formula has its numbers in its function; a table of numbers may be spread over several constants
        held = [value for value in held if isinstance(value, type) or not callable(value)]
        for value in [held] if isinstance(entry.value, Mapping) and held else held:
            assert _holds(value, entry.value), claim.id
            seen += 1
    assert seen > 45


def _holds(held: Any, value: Any) -> bool:
    """Return whether every number of a claim is somewhere in what the module holds."""
    inside = set(_numbers(held))
    wanted = value.values() if isinstance(value, Mapping) else [value]
    if isinstance(value, dt.date):
        return bool(held == value)
    return all(any(abs(part - number) < 1e-6 for number in inside) for part in wanted)


def _numbers(held: Any) -> Iterator[float]:
    if isinstance(held, bool | str) or held is None:
        return
    if isinstance(held, int | float):
        yield float(held)
    elif isinstance(held, Mapping):
        yield from (n for key, part in held.items() for n in (*_numbers(key), *_numbers(part)))
    elif isinstance(held, list | tuple):
        yield from (number for part in held for number in _numbers(part))
    elif dataclasses.is_dataclass(held):
        yield from (n for field in dataclasses.fields(held) for n in _numbers(_field(held, field)))


def _field(held: Any, field: dataclasses.Field[Any]) -> Any:
    return field.default if isinstance(held, type) else getattr(held, field.name)


def test_the_conflicts_that_a_reader_looks_for_come_first():
    """By hand: who worked, the date, the last closure and the count of 61 lead the list of conflicts."""
    assert [claim.id for claim in LEDGER.conflicts][:6] == [
        "working-share", "strike-date", "last-closure-on", "sites-before-closures", "struck-site-kinds",
        "unit-roles",
    ]  # fmt: skip
    ranks = [bool(claim.affects) for claim in LEDGER.conflicts]
    assert ranks == sorted(ranks, reverse=True)


def test_the_words_of_the_dispute_take_no_side():
    """No claim is a fact of nobody: facts have a speaker or a report, and no entry of Tideover's own."""
    facts = [claim for claim in LEDGER if claim.kind == "fact"]
    assert len(facts) > 60
    assert all(claim.dispute for claim in facts)
    assert all(entry.who != "tideover" for claim in facts for entry in claim.entries)
    parties = [entry.who for claim in facts for entry in claim.entries if entry.who in {"employer", "union"}]
    assert min(parties.count("employer"), parties.count("union")) >= 5


def _number(text: Any) -> Any:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def _plain(value: Any) -> bool:
    return not isinstance(value, Mapping)
