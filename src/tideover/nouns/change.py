"""Changes as plain facts: every field says how it is read, so that JSON, TOML and Python get one check.

A change is a frozen dataclass that derives from ``RecordedChange`` and gives each field one of the types
of ``nouns.fields`` (``Dates``, ``Hours``, ``Working`` ...). The type carries the reader of the field;
construction and ``from_facts`` both go through it, and report every wrong field at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from functools import cache
from typing import Any, ClassVar, Self, get_type_hints

from tideover.errors import Fault, InputError
from tideover.nouns.fields import Meant, Reader, shown, suggestion
from tideover.nouns.network import Network
from tideover.nouns.scenario import Scenario
from tideover.registry import Registry


@dataclass(frozen=True)
class RecordedChange(ABC):
    """A change whose fields are plain facts; see ``nouns.scenario.Change`` for its laws.

    Construction normalises every field (several dates are sorted, each once) and raises ``InputError``
    with all faults. Law: ``cls.from_facts(change.facts()) == change``.
    """

    kind: ClassVar[str]
    rank: ClassVar[int]
    #: The tables of the network that a change of this kind may exchange; all others stay the same objects.
    touches: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        values, faults = _read(type(self), given)
        if not faults:
            for name, value in values.items():
                object.__setattr__(self, name, value)
            faults = self.conflicts()
        if faults:
            raise InputError(faults)

    def conflicts(self) -> list[Fault]:
        """Return the faults of fields that are right alone and wrong together; none unless overridden."""
        return []

    @abstractmethod
    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with this change; ``InputError`` where it does not fit the network."""

    @classmethod
    @abstractmethod
    def examples(cls, network: Network) -> list[Self]:
        """Return changes of this kind that fit ``network``, for the tests of every kind and for the handbook.

        None where nothing fits: a network without sessions, say.
        """

    def facts(self) -> dict[str, Any]:
        """Return the change as plain JSON values, ``kind`` first."""
        return {"kind": self.kind} | {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], file: str = "changes") -> Self:
        """Return the change that ``facts`` state; ``InputError`` lists every wrong, missing or unknown key.

        ``file`` is where the facts were written, for the messages. ``kind`` may be left out.
        """
        if not isinstance(facts, Mapping):
            wrong = cls.fault(None, shown(facts), "keys and values", f"Write it as a table of a {cls.kind}.")
            raise InputError([replace(wrong, file=file)])
        values, faults = _read(cls, facts)
        faults += _strangers(cls, facts)
        if not faults:
            try:
                return cls(**values)
            except InputError as error:
                faults = list(error.faults)
        raise InputError([replace(fault, file=file) for fault in faults])

    @classmethod
    def fault(cls, key: str | None, found: str, expected: str, remedy: str) -> Fault:
        """Return a fault of this change's ``key`` (``None``: of the change as a whole)."""
        column = cls.kind if key is None else f"{cls.kind}.{key}"
        return Fault("changes", None, column, found, expected, remedy)

    @classmethod
    def unknown(cls, key: str, names: Iterable[str], known: Collection[str]) -> list[Fault]:
        """Return one fault for each of ``names`` that is not among ``known``, with the nearest known name."""
        expected = f"{key} of the network"
        return [
            cls.fault(key, shown(name), expected, suggestion(name, known))
            for name in names
            if name not in known
        ]


@cache
def _readers(cls: type[RecordedChange]) -> dict[str, Reader]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in fields(cls)}


def _read(cls: type[RecordedChange], given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    values, faults = {}, []
    for name, reader in _readers(cls).items():
        if name in given:
            try:
                values[name] = reader.read(given[name])
            except ValueError as error:
                remedy = str(error) if isinstance(error, Meant) else reader.remedy
                faults.append(cls.fault(name, shown(given[name]), reader.expected, remedy))
    return values, faults


def _strangers(cls: type[RecordedChange], facts: Mapping[str, Any]) -> list[Fault]:
    known = [field.name for field in fields(cls)]
    faults = [
        cls.fault(None, f"the unknown key {shown(key)}", f"keys of a {cls.kind}", suggestion(key, known))
        for key in facts
        if key != "kind" and key not in known
    ]
    for field in fields(cls):
        if field.default is MISSING and field.name not in facts:
            expected = _readers(cls)[field.name].expected
            faults.append(cls.fault(field.name, "nothing", expected, f"Add the key {field.name!r}."))
    if facts.get("kind", cls.kind) != cls.kind:
        found = shown(facts["kind"])
        faults.append(cls.fault("kind", found, repr(cls.kind), "Correct it or leave it out."))
    return faults


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def read_changes(
    rows: object, *registries: Registry[type[RecordedChange]], file: str = "changes"
) -> list[RecordedChange]:
    """Return the changes that ``rows`` (a list of facts with their ``kind``) state, of any of ``registries``.

    ``InputError`` lists the faults of all of them; nothing else is raised, whatever ``rows`` holds.
    """
    kinds = {name: registry[name] for registry in registries for name in registry}
    if not isinstance(rows, list | tuple):
        raise InputError([Fault(file, None, None, shown(rows), "a list of changes", "Write it as a list.")])
    changes: list[RecordedChange] = []
    faults: list[Fault] = []
    for number, facts in enumerate(rows, start=1):
        kind = facts.get("kind") if isinstance(facts, Mapping) else facts
        if isinstance(kind, str) and kind in kinds:
            try:
                changes.append(kinds[kind].from_facts(facts, file))
            except InputError as error:
                faults += error.faults
        else:
            found = f"change {number}: {shown(kind)}"
            faults.append(Fault(file, None, "kind", found, "a kind of change", suggestion(kind, kinds)))
    if faults:
        raise InputError(faults)
    return changes
