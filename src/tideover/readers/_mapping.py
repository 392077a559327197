"""The mapping of an appointment export: which column is what, and the rules for what it lacks.

``README.md`` beside this module describes the file for those who write one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

from tideover import schema
from tideover.errors import Fault, InputError
from tideover.readers._rules import LEAD, UrgencyRule, parse_condition
from tideover.readers._tables import unwelcome
from tideover.readers._teams import TeamRule
from tideover.readers._toml import read_toml, toml_fault, unknown_keys

#: Facts of a visit that its table does not hold: its day without a time, when it was booked, who sees it.
EXTRA = ("day", "booked_at", "clinician_id")
#: Columns that the importer makes itself.
MADE = {
    "visits": {"session_id"},
    "clinics": {"clinic_id"},
    "patients": {"patient_id"},
    "clinicians": {"clinician_id"},
}
FIELD_TABLES = ("visits", "clinics", "clinicians", "patients")
SECTIONS: dict[str, dict[str, type]] = {
    "file": {"separator": str, "encoding": str},
    "network": {"name": str, "synthetic": bool},
    "sessions": {"quantile": float, "from": str, "to": str, "slot_minutes": int, "unit": str, "order": str},
}
FIELD_KEYS: dict[str, type | tuple[type, ...]] = {
    "column": str,
    "value": (str, int, float, bool),
    "format": str,
    "values": dict,
    "otherwise": (str, int, float, bool),
    "empty": list,
    "missing": (str, int, float, bool),
    "slug": bool,
    "age": bool,
}
#: In which order visits without a time of day are laid out.
ORDERS = ("booked", "mixed")
_SEPARATORS = {",", ";", "\t", "|"}


@dataclass(frozen=True)
class Field:
    """Where one column of Tideover comes from: a column of the export, or one value for all rows."""

    column: str | None = None
    value: Any = None
    format: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    otherwise: Any = None
    empty: tuple[str, ...] = ()
    missing: Any = None
    slug: bool = False
    age: bool = False


@dataclass(frozen=True)
class ExportMapping:
    """A mapping as read: every key known, every type right."""

    separator: str
    encoding: str
    name: str
    synthetic: bool
    team: TeamRule
    fields: Mapping[str, Mapping[str, Field]]
    urgency: tuple[UrgencyRule, ...]

    def headings(self) -> set[str]:
        """Return the columns of the export that the mapping uses."""
        used = {f.column for fields in self.fields.values() for f in fields.values() if f.column is not None}
        return used | {term.name for rule in self.urgency for term in rule.terms if term.name != LEAD}


def read_mapping(path: Path) -> ExportMapping:
    """Return the mapping in a TOML file; raises ``InputError`` with every fault of it."""
    content = read_toml(path)
    faults = unknown_keys(path, "", content, [*SECTIONS, *FIELD_TABLES, "urgency"])
    sections = {name: _section(path, name, content.get(name, {}), faults) for name in SECTIONS}
    fields = {table: _fields(path, table, content.get(table, {}), faults) for table in FIELD_TABLES}
    rules = _urgency(path, content.get("urgency", []), faults)
    team = _team(path, sections["sessions"], faults)
    faults += _needs(path, fields, rules, team)
    separator = sections["file"].get("separator", ",")
    if separator not in _SEPARATORS:
        faults.append(
            toml_fault(path, "file.separator", repr(separator), "comma, semicolon, tab or |", "Mend the key.")
        )
    encoding = sections["file"].get("encoding", "utf-8").lower()
    if encoding not in {"utf-8", "cp1252", "latin-1"}:
        faults.append(
            toml_fault(path, "file.encoding", repr(encoding), "utf-8, cp1252 or latin-1", "Mend the key.")
        )
    if faults:
        raise InputError(faults)
    network = sections["network"]
    name, synthetic = network.get("name", ""), network.get("synthetic", False)
    return ExportMapping(separator, encoding, name, synthetic, team, fields, rules)


def _section(path: Path, name: str, given: Any, faults: list[Fault]) -> dict[str, Any]:
    """Return the keys of a plain section that have the right type; the others become faults."""
    if not isinstance(given, dict):
        faults.append(toml_fault(path, name, repr(given)[:60], f"a table [{name}]", "Write it as a table."))
        return {}
    known = SECTIONS[name]
    faults += unknown_keys(path, name, given, known)
    right = {key: value for key, value in given.items() if key in known and _is(value, known[key])}
    for key in given.keys() & known.keys() - right.keys():
        faults.append(_wrong(path, f"{name}.{key}", given[key], known[key].__name__))
    return right


def _is(value: Any, kind: type | tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return kind is bool or (isinstance(kind, tuple) and bool in kind)
    if kind is float:
        return isinstance(value, (int, float))
    return isinstance(value, kind)


def _wrong(path: Path, key: str, value: Any, expected: str) -> Fault:
    return toml_fault(path, key, repr(value)[:60], f"a value of type {expected}", "Mend the value.")


def _fields(path: Path, table: str, given: Any, faults: list[Fault]) -> dict[str, Field]:
    """Return the fields of one table; unknown columns, unknown keys and wrong types become faults."""
    if not isinstance(given, dict):
        faults.append(toml_fault(path, table, repr(given)[:60], f"a table [{table}]", "Write it as a table."))
        return {}
    known = [c.column for c in schema.tables()[table] if c.column not in MADE[table]]
    known += EXTRA if table == "visits" else ()
    plain = {key: value for key, value in given.items() if not key.startswith(schema.GROUP_PREFIX)}
    faults += unknown_keys(path, table, plain, known)
    made = {}
    for key, value in given.items():
        if (key in known or key not in plain) and (one := _field(path, f"{table}.{key}", value, faults)):
            made[key] = one
    return made


def _field(path: Path, where: str, given: Any, faults: list[Fault]) -> Field | None:
    if not isinstance(given, dict) or ("column" in given) == ("value" in given):
        expected = '{ column = "heading of the export" } or { value = ... }, one of the two'
        faults.append(toml_fault(path, where, repr(given)[:60], expected, "Mend the line."))
        return None
    found = unknown_keys(path, where, given, FIELD_KEYS)
    for key in given.keys() & FIELD_KEYS.keys():
        if not _is(given[key], FIELD_KEYS[key]):
            kinds = FIELD_KEYS[key]
            names = " or ".join(k.__name__ for k in (kinds if isinstance(kinds, tuple) else (kinds,)))
            found.append(_wrong(path, f"{where}.{key}", given[key], names))
    found = found or _field_rules(path, where, given)
    faults += found
    return None if found else Field(**(given | {"empty": tuple(given.get("empty", ()))}))


def _field_rules(path: Path, where: str, given: dict[str, Any]) -> list[Fault]:
    """Return what is wrong with a field whose keys and types are right."""
    table, _, name = where.partition(".")
    faults = []
    for key in given:
        if "value" in given and key != "value":
            remedy = "Remove the key: it needs a column to act on."
            faults.append(toml_fault(path, f"{where}.{key}", "beside value", "value alone", remedy))
    if given.get("age") and where != "patients.birth_year":
        faults.append(
            toml_fault(path, f"{where}.age", "true", "age only for patients.birth_year", "Remove it.")
        )
    if not all(isinstance(text, str) for text in given.get("empty", ())):
        faults.append(_wrong(path, f"{where}.empty", given["empty"], "list of texts"))
    for text, value in given.get("values", {}).items():
        if not isinstance(value, (str, int, float, bool)):
            faults.append(_wrong(path, f"{where}.values.{text}", value, "text, number, true or false"))
    if table != "clinics":  # a clinic's name is nobody's
        faults += unwelcome(path.name, given.get("column", ""))
    return faults + (unwelcome(path.name, name) if name.startswith(schema.GROUP_PREFIX) else [])


def _urgency(path: Path, given: Any, faults: list[Fault]) -> tuple[UrgencyRule, ...]:
    """Return the ordered rules; only the last may, and must, be without a condition."""
    if not isinstance(given, list):
        faults.append(
            toml_fault(path, "urgency", repr(given)[:60], "[[urgency]] rules in order", "Mend the key.")
        )
        return ()
    rules = []
    for number, one in enumerate(given, start=1):
        where = f"urgency[{number}]"
        if rule := _rule(path, where, one, faults, last=number == len(given)):
            rules.append(rule)
    return tuple(rules)


def _rule(path: Path, where: str, given: Any, faults: list[Fault], *, last: bool) -> UrgencyRule | None:
    if not isinstance(given, dict):
        faults.append(
            toml_fault(path, where, repr(given)[:60], "a table with is, when and why", "Mend the rule.")
        )
        return None
    faults += unknown_keys(path, where, given, ["is", "when", "why"])
    level, when, why = given.get("is"), given.get("when"), given.get("why", "")
    if not isinstance(level, int) or isinstance(level, bool) or not 1 <= level <= 6:
        faults.append(
            toml_fault(path, f"{where}.is", repr(level), "an urgency from 1 to 6", "State the class.")
        )
        return None
    if not isinstance(why, str):
        faults.append(_wrong(path, f"{where}.why", why, "str"))
        return None
    if (when is None) != last:
        expected = "a condition on every rule but the last, which takes all that are left"
        faults.append(toml_fault(path, f"{where}.when", repr(when), expected, "Order the rules anew."))
        return None
    terms = () if when is None else parse_condition(when) if isinstance(when, str) else None
    if terms is None:
        expected = "comparisons joined by and, such as: lead_days = 0 and Age >= 65"
        faults.append(toml_fault(path, f"{where}.when", repr(when)[:60], expected, "Mend the condition."))
        return None
    return UrgencyRule(level, when or "no other rule holds", terms, why)


def _team(path: Path, given: dict[str, Any], faults: list[Fault]) -> TeamRule:
    """Return how sessions are derived; hours are given as a pair or not at all."""
    quantile, slot = float(given.get("quantile", 0.9)), given.get("slot_minutes", 15)
    if not 0 < quantile <= 1:
        faults.append(
            toml_fault(path, "sessions.quantile", f"{quantile:g}", "above 0, at most 1", "Mend the value.")
        )
    if not 1 <= slot <= 480:
        faults.append(
            toml_fault(path, "sessions.slot_minutes", str(slot), "1 to 480 minutes", "Mend the value.")
        )
    order = given.get("order", "booked")
    if order not in ORDERS:
        expected = " or ".join(ORDERS)
        faults.append(toml_fault(path, "sessions.order", repr(order)[:60], expected, "Mend the value."))
    hours = _hours(path, given.get("from"), given.get("to"), faults)
    return TeamRule(quantile, hours, slot, given.get("unit"), order)


def _hours(path: Path, first: str | None, last: str | None, faults: list[Fault]) -> tuple[time, time] | None:
    if first is None and last is None:
        return None
    try:
        hours = time.fromisoformat(first or ""), time.fromisoformat(last or "")
    except ValueError:
        hours = None
    if hours is None or hours[0] >= hours[1] or any(h.tzinfo or h.second or h.microsecond for h in hours):
        expected = 'from and to as "08:00" and "16:00", in this order'
        faults.append(
            toml_fault(path, "sessions.from", f"{first!r} to {last!r}", expected, "State both times.")
        )
        return None
    return hours


def _needs(
    path: Path, fields: dict[str, dict[str, Field]], rules: tuple[UrgencyRule, ...], team: TeamRule
) -> list[Fault]:
    """Return what the mapping lacks, and where it says a thing twice."""
    visits = fields["visits"]
    faults = [
        toml_fault(path, f"visits.{key}", "nothing", f"where {key} comes from", "Add the line.")
        for key in ("visit_id", "clinic_id")
        if key not in visits
    ]
    if ("start" in visits) == ("day" in visits):
        remedy = "Use start where the export has a time of day, day where it has none."
        faults.append(toml_fault(path, "visits.start", "both or neither", "either start or day", remedy))
    if "day" in visits and team.hours is None:
        remedy = "The export has no time of day: state from and to, between which its visits are spread."
        faults.append(toml_fault(path, "sessions.from", "nothing", "the hours of a session", remedy))
    if rules and "urgency" in visits:
        faults.append(
            toml_fault(path, "urgency", "rules and a column", "one of the two", "Remove one of the two.")
        )
    if fields["patients"] and "patient_id" not in visits:
        faults.append(
            toml_fault(path, "visits.patient_id", "nothing", "who the patients are", "Add the line.")
        )
    if fields["clinicians"] and "clinician_id" not in visits:
        faults.append(
            toml_fault(path, "visits.clinician_id", "nothing", "who the clinicians are", "Add the line.")
        )
    return faults
