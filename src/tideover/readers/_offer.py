"""Offers: TOML files of dated terms, read with every fault in one report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

from tideover.errors import Fault, InputError, attempt
from tideover.nouns.amounts import ROLES, TYPES, Key
from tideover.nouns.fields import Meant, Reader, shown, suggestion
from tideover.nouns.offer import MODES, PLACES, Kinds, Offer, Rounding, Term, TermKind
from tideover.readers._toml import read_toml, unknown_keys

_TOP = ("name", "currency", "illustrative", "banner", "period", "rounding", "employer", "term")
_COMMON = ("kind", "id", "from", "until", "roles", "currency", "note")
#: A contract over more years than this is a slip of the pen.
LONGEST = 30
_DAY = dt.timedelta(days=1)
_CURRENCY = Reader(
    lambda value: (
        value
        if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isupper()
        else _no(value)
    ),
    "a currency in three capital letters, such as USD",
    "Name the currency.",
)


def _no(_value: object) -> Any:
    raise ValueError


def read_offers(paths: Sequence[Path], kinds: Kinds) -> list[Offer]:
    """Return the offers in these TOML files, whose terms are of these ``kinds``.

    Raises ``InputError`` with every fault of every file: unknown kinds, keys and roles; values of the wrong
    type; days out of order; terms of which only one may hold that overlap, or leave a hole; offers in
    different currencies, or two of one name.
    """
    faults: list[Fault] = []
    tried = [attempt(faults, partial(read_offer, path, kinds)) for path in paths]
    offers = [offer for offer in tried if offer is not None]
    for one, other in combinations(offers, 2):
        faults += _between(one, other)
    if faults:
        raise InputError(faults)
    return offers


def _between(one: Offer, other: Offer) -> Iterator[Fault]:
    """Return why two offers cannot stand in one table."""
    if one.currency != other.currency:
        expected = f"{one.currency}, as in {one.file}"
        remedy = "Compare offers in one currency: this says nothing of exchange rates."
        yield Fault(other.file, None, "currency", other.currency, expected, remedy)
    if one.name == other.name:
        remedy = "Name the offers apart."
        yield Fault(other.file, None, "name", repr(other.name), f"another name than {one.file} has", remedy)


def read_offer(path: Path, kinds: Kinds) -> Offer:
    """Return the offer in a TOML file; raises ``InputError`` with every fault that it has."""
    page = _Page(path, read_toml(path), kinds)
    offer = page.offer()
    if page.faults or offer is None:
        raise InputError(page.faults)
    return offer


@dataclass
class _Page:
    """One file as it is read: its content, and the faults so far."""

    path: Path
    content: Mapping[str, Any]
    kinds: Kinds
    faults: list[Fault] = field(default_factory=list)

    def fault(self, key: str, found: str, expected: str, remedy: str) -> None:
        """Note a fault about a key of the file."""
        self.faults.append(Fault(self.path.name, None, key, found, expected, remedy))

    def value(self, table: Mapping[str, Any], where: str, key: str, reader: Reader, *, need: bool) -> Any:
        """Return the value of a key, or ``None`` where it is missing or wrong."""
        place = f"{where}.{key}" if where else key
        if key not in table:
            if need:
                self.fault(place, "nothing", reader.expected, "State it: what is missing is not nought.")
            return None
        try:
            return reader.read(table[key])
        except Meant as meant:
            self.fault(place, shown(table[key]), reader.expected, str(meant))
        except (ValueError, TypeError, AttributeError):
            self.fault(place, shown(table[key]), reader.expected, reader.remedy)
        return None

    def table(self, key: str, *, need: bool) -> Mapping[str, Any]:
        """Return a table of the file, empty where it is missing or none."""
        found = self.content.get(key)
        if found is None:
            if need:
                self.fault(key, "nothing", f"a table [{key}]", "State it.")
            return {}
        if isinstance(found, Mapping):
            return found
        self.fault(key, shown(found), f"a table [{key}]", "Mend it.")
        return {}

    def offer(self) -> Offer | None:
        """Return the offer, as far as it can be read."""
        self.faults += unknown_keys(self.path, "", self.content, _TOP)
        name = self.value(self.content, "", "name", TYPES["text"], need=True)
        currency = self.value(self.content, "", "currency", _CURRENCY, need=True)
        banner = self.value(self.content, "", "banner", TYPES["text"], need=False) or ""
        made_up = self.value(self.content, "", "illustrative", TYPES["flag"], need=False) or False
        employer = self.table("employer", need=False)
        self.faults += unknown_keys(self.path, "employer", employer, ("roll_up",))
        roll_up = self.value(employer, "employer", "roll_up", TYPES["share"], need=False)
        period = self._period()
        rounding = self._rounding()
        if made_up and not banner:
            self.fault("banner", "nothing", "what is to be said of an offer that is made up", "Write it.")
        terms = self._terms(currency, period)
        if self.faults or period is None or rounding is None:
            return None
        return Offer(name, currency, *period, rounding, terms, made_up, banner, roll_up, str(self.path))

    def _period(self) -> tuple[dt.date, dt.date] | None:
        period = self.table("period", need=True)
        self.faults += unknown_keys(self.path, "period", period, ("start", "end"))
        if not period:
            return None
        start, end = (self.value(period, "period", key, TYPES["date"], need=True) for key in ("start", "end"))
        if start is None or end is None:
            return None
        if not start < end or end.year - start.year > LONGEST:
            expected = f"a first day before the last, at most {LONGEST} years apart"
            self.fault("period", f"{start} to {end}", expected, "Correct the days.")
            return None
        if start.day > 28:
            self.fault("period.start", str(start), "a day up to the 28th, which every month has", "Move it.")
            return None
        return start, end

    def _rounding(self) -> Rounding | None:
        table = self.table("rounding", need=True)
        self.faults += unknown_keys(self.path, "rounding", table, ("mode", "at"))
        if not table:
            return None
        mode, at = (
            self.value(table, "rounding", name, Key(name, "choice", "", choices=known).reader, need=True)
            for name, known in (("mode", MODES), ("at", PLACES))
        )
        return Rounding(mode, at) if mode and at else None

    def _terms(self, currency: str | None, period: tuple[dt.date, dt.date] | None) -> tuple[Term, ...]:
        given = self.content.get("term", [])
        if not isinstance(given, list) or not given or not all(isinstance(each, Mapping) for each in given):
            self.fault("term", shown(given), "at least one table [[term]]", "State the terms.")
            return ()
        reader = _TermReader(self, currency, period)
        terms = [reader.term(number, each) for number, each in enumerate(given, start=1)]
        read = _named([term for term in terms if term is not None])
        for term in read:
            if [other.id for other in read].count(term.id) > 1:
                self.fault(f"term {term.id}", repr(term.id), "an id of its own", "Name the terms apart.")
        if period is not None and len(read) == len(given):
            self.faults += _clashes(self.path.name, read, self.kinds, period)
        return tuple(read)


@dataclass(frozen=True)
class _TermReader:
    """Reads the terms of one file."""

    page: _Page
    currency: str | None
    period: tuple[dt.date, dt.date] | None

    def term(self, number: int, given: Mapping[str, Any]) -> Term | None:
        """Return a term without its final name, or ``None`` where its kind is unknown."""
        name = given.get("kind")
        if not isinstance(name, str) or name not in self.page.kinds:
            found = "nothing" if name is None else shown(name)
            remedy = suggestion(name, list(self.page.kinds))
            self.page.fault(f"term {number}.kind", found, "a kind of term", remedy)
            return None
        kind, where = self.page.kinds[name], f"term {number} ({name})"
        # a term with days of its own, such as those on which it is paid, takes effect on these alone
        own_days = any(key.type in {"date", "dates"} for key in kind.keys)
        idle = () if kind.span else ("from", "until") if own_days else ("until",)
        known = [each for each in _COMMON if each not in idle]
        known += [key.name for key in kind.keys]
        self.page.faults += unknown_keys(self.page.path, where, given, known)
        values = {key.name: self._value(given, where, key) for key in kind.keys}
        start, end = self._days(given, where, kind)
        stated = [key for key in kind.one_of if key in given]
        if kind.one_of and len(stated) != 1:
            expected = f"exactly one of {', '.join(kind.one_of)}"
            self.page.fault(where, " and ".join(stated) or "neither", expected, "State one of them.")
        roles = self._roles(given, where, kind, values)
        self._currency(given, where)
        note = self.page.value(given, where, "note", TYPES["text"], need=False) or ""
        own = self.page.value(given, where, "id", TYPES["text"], need=False) or ""
        return Term(own, name, start, end, roles, values, note)

    def _value(self, given: Mapping[str, Any], where: str, key: Key) -> Any:
        found = self.page.value(given, where, key.name, key.reader, need=key.required)
        if found is not None and self.period is not None and key.type in {"date", "dates"}:
            self._day_in_place(found, f"{where}.{key.name}", key, self.period)
        return key.default if found is None else found

    def _day_in_place(self, found: Any, place: str, key: Key, period: tuple[dt.date, dt.date]) -> None:
        """Note days that lie outside the contract (or within it, of a key about the time before)."""
        days = found if isinstance(found, tuple) else (found,)
        first, last = period
        wrong = [day for day in days if (day >= first if key.before else not first <= day <= last)]
        if wrong:
            expected = (
                f"a day before {first}" if key.before else f"days within the contract, {first} to {last}"
            )
            self.page.fault(place, ", ".join(map(str, wrong)), expected, "Correct the day.")

    def _roles(
        self, given: Mapping[str, Any], where: str, kind: TermKind, values: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """Return the roles of a term: those stated, else those for which its tables have an amount."""
        stated = self.page.value(given, where, "roles", TYPES["roles"], need=False)
        tables = {key.name: values[key.name] for key in kind.keys if key.type in {"grid", "money_by_role"}}
        held = [role for role in ROLES if all(role in table for table in tables.values() if table)]
        for role in stated or ():
            if role not in held:
                remedy = "State it: what is missing is not nought. Or leave the role out."
                self.page.fault(f"{where}.{'.'.join(tables)}", f"nothing for {role}", "an amount", remedy)
        return stated or tuple(held)

    def _days(self, given: Mapping[str, Any], where: str, kind: TermKind) -> tuple[dt.date, dt.date]:
        first, last = self.period or (dt.date.min, dt.date.max)
        start = self.page.value(given, where, "from", TYPES["date"], need=False) or first
        end = (
            self.page.value(given, where, "until", TYPES["date"], need=False) if kind.span else None
        ) or last
        if self.period is not None and not first <= start <= end <= last:
            expected = f"days in order, within the contract's {first} to {last}"
            self.page.fault(where, f"{start} to {end}", expected, "Correct from or until.")
        return start, end

    def _currency(self, given: Mapping[str, Any], where: str) -> None:
        own = self.page.value(given, where, "currency", _CURRENCY, need=False)
        if own is not None and self.currency is not None and own != self.currency:
            expected = f"{self.currency}, as the offer has"
            remedy = "State every amount in one currency."
            self.page.fault(f"{where}.currency", own, expected, remedy)


def _named(terms: list[Term]) -> list[Term]:
    """Return the terms with a name each: their own, or their kind, numbered where there are several."""
    made: list[Term] = []
    kinds = [term.kind for term in terms]
    for place, term in enumerate(terms):
        number = kinds[: place + 1].count(term.kind)
        name = term.kind if kinds.count(term.kind) == 1 else f"{term.kind} {number}"
        made.append(replace(term, id=term.id or name))
    return made


def _clashes(file: str, terms: list[Term], kinds: Kinds, period: tuple[dt.date, dt.date]) -> Iterator[Fault]:
    """Return the faults of terms that contradict each other, or that leave a hole."""
    families: dict[tuple[Any, ...], list[Term]] = {}
    for term in terms:
        kind = kinds[term.kind]
        if kind.family:
            families.setdefault((kind.family, *(term[key] for key in kind.apart)), []).append(term)
    for members in families.values():
        kind = kinds[members[0].kind]
        for one, other in combinations(members, 2):
            yield from _overlap(file, one, other, span=kind.span)
        for role in ROLES if kind.span else ():
            yield from _holes(file, [term for term in members if role in term.roles], role, kind, period)


def _overlap(file: str, one: Term, other: Term, *, span: bool) -> Iterator[Fault]:
    shared = [role for role in one.roles if role in other.roles]
    meet = one.start <= other.end and other.start <= one.end if span else one.start == other.start
    if not shared or not meet:
        return
    found = f"it meets term {one.id} ({one.start}{f' to {one.end}' if span else ''}) for {', '.join(shared)}"
    remedy = (
        "End one on the day before the other begins, or give them roles of their own."
        if span
        else "State one change for the day, or give them roles of their own."
    )
    yield Fault(file, None, f"term {other.id}", found, "one such term at a time", remedy)


def _holes(
    file: str, members: list[Term], role: str, kind: TermKind, period: tuple[dt.date, dt.date]
) -> Iterator[Fault]:
    """Return the stretches between terms of a family (and, where it must be whole, before and after)."""
    if not members:
        return
    ordered = sorted(members, key=lambda term: term.start)
    reach = period[0] if kind.whole else ordered[0].start
    for term in ordered:
        if term.start > reach:
            yield _hole(file, term.id, role, reach, term.start - _DAY)
        reach = max(reach, term.end + _DAY if term.end < dt.date.max else term.end)
    if kind.whole and reach <= period[1]:
        yield _hole(file, ordered[-1].id, role, reach, period[1])


def _hole(file: str, name: str, role: str, first: dt.date, last: dt.date) -> Fault:
    found = f"nothing of the kind from {first} to {last} for {role}"
    remedy = "Let the terms follow each other, or state a term for these days, of value 0 if that is meant."
    return Fault(file, None, f"term {name}", found, "no hole", remedy)
