"""The file of open terms: read and checked against the base offer, every fault in one report."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tideover.bargaining.issues import SIDES, Issue, Table
from tideover.bargaining.measures import MEASURES
from tideover.errors import Fault, InputError, attempt
from tideover.nouns.amounts import Key, plain
from tideover.nouns.fields import Meant, shown, suggestion
from tideover.nouns.offer import Offer, Term
from tideover.pay import KINDS
from tideover.readers import read_offer, read_toml, unknown_keys

_TOP = ("name", "base", "illustrative", "banner", "issue", "employer", "union", "no_deal")
_ISSUE = ("id", "title", "term", "key", "options", "employer_last", "union_last")
_WORDS = ("id", "title", "term", "key")
_NO_DEAL = ("employer_strike_days", "union_strike_days", "employer_cost_per_day")
#: A longer strike than this is a slip of the pen; so are more issues and more options.
_LONGEST_STRIKE, _MOST_ISSUES, _MOST_OPTIONS = 1000, 20, 1000


def read_issues(path: Path, offer_path: Callable[[Path], Path]) -> Table:
    """Return what is on the table according to a TOML file; ``InputError`` with every fault that it has.

    ``offer_path`` finds the base offer: a shipped one by its name, else a file beside this one.
    """
    page = _Page(path, read_toml(path))
    table = page.table(offer_path)
    if page.faults or table is None:
        raise InputError(page.faults)
    return table


class _Page:
    """One file as it is read, and the faults so far."""

    def __init__(self, path: Path, content: Mapping[str, Any]) -> None:
        self.path, self.content = path, content
        self.faults: list[Fault] = []

    def fault(self, key: str, found: object, expected: str, remedy: str) -> None:
        """Note a fault about a key of the file."""
        told = found if isinstance(found, str) else shown(found)
        self.faults.append(Fault(self.path.name, None, key, told, expected, remedy))

    def table(self, offer_path: Callable[[Path], Path]) -> Table | None:
        """Return what is on the table, as far as it can be read."""
        self.faults += unknown_keys(self.path, "", self.content, _TOP)
        name, banner = self._text("name", need=True), self._text("banner", need=False)
        made_up = self.content.get("illustrative", False)
        if not isinstance(made_up, bool):
            self.fault("illustrative", made_up, "true or false", "Write it without quotes.")
        elif made_up and not banner:
            self.fault("banner", "nothing", "what is to be said of terms that are made up", "Write it.")
        base = self._base(offer_path)
        issues = tuple(self._issues(base))
        weights = {side: self._weights(side) for side in SIDES}
        days, day_cost = self._no_deal()
        if self.faults or base is None:
            return None
        text = banner or base.banner
        return Table(name, base, issues, weights, days, day_cost, bool(made_up), text, self.path.name)

    def _text(self, key: str, *, need: bool) -> str:
        found = self.content.get(key, "")
        if not isinstance(found, str) or (need and not found.strip()):
            self.fault(key, found or "nothing", "a few words", "Write them in quotes.")
            return ""
        return found

    def _base(self, offer_path: Callable[[Path], Path]) -> Offer | None:
        named = self._text("base", need=True)
        if not named:
            return None
        beside = self.path.parent / named
        path = beside if beside.is_file() else offer_path(Path(named))
        return attempt(self.faults, lambda: read_offer(path, KINDS))

    def _issues(self, base: Offer | None) -> Iterator[Issue]:
        given = self.content.get("issue", [])
        if not isinstance(given, list) or not 1 <= len(given) <= _MOST_ISSUES:
            expected = f"1 to {_MOST_ISSUES} tables [[issue]]"
            found = f"{len(given)} of them" if isinstance(given, list) else shown(given)
            self.fault("issue", found, expected, "State what is open.")
            return
        seen: set[str] = set()
        places: set[tuple[str, str]] = set()
        for number, one in enumerate(given, start=1):
            where = f"issue {number}"
            if not isinstance(one, Mapping):
                self.fault(where, one, "a table [[issue]]", "Mend it.")
                continue
            self.faults += unknown_keys(self.path, where, one, _ISSUE)
            issue = self._issue(where, one, base)
            if issue is None:
                continue
            if issue.id in seen or (issue.term, issue.key) in places:
                self.fault(where, f"{issue.id!r}, {issue.term}.{issue.key}", "each issue once", "Remove one.")
            seen.add(issue.id)
            places.add((issue.term, issue.key))
            yield issue

    def _issue(self, where: str, one: Mapping[str, Any], base: Offer | None) -> Issue | None:
        words: dict[str, str] = {}
        for name in _WORDS:
            said = one.get(name)
            if isinstance(said, str) and said:
                words[name] = said
            else:
                self.fault(
                    f"{where}.{name}", "nothing" if said is None else said, "a text", "Write it in quotes."
                )
        options = one.get("options")
        if not isinstance(options, list) or not 1 <= len(options) <= _MOST_OPTIONS:
            expected = f"a list of 1 to {_MOST_OPTIONS} options"
            self.fault(f"{where}.options", "nothing" if options is None else options, expected, "State them.")
            return None
        if any(option in options[:at] for at, option in enumerate(options)):
            self.fault(f"{where}.options", options, "each option once", "Remove the repeated one.")
        last = self._last(where, one, options)
        term = self._term(where, words.get("term", ""), base) if "term" in words else None
        key = None if term is None or "key" not in words else self._key(where, words["key"], term)
        if term is None or key is None:
            return None
        values = [self._value(f"{where}.options", key, term, option) for option in options]
        if any(value is None for value in values) or len(last) < len(SIDES) or len(words) < len(_WORDS):
            return None
        told = tuple(_told(option) for option in options)
        return Issue(words["id"], words["title"], term.id, term.kind, key.name, tuple(values), told, last)

    def _term(self, where: str, name: str, base: Offer | None) -> Term | None:
        if base is None:
            return None
        known = {term.id: term for term in base.terms}
        if name not in known:
            self.fault(f"{where}.term", name, f"a term of {base.name}", suggestion(name, list(known)))
        return known.get(name)

    def _key(self, where: str, name: str, term: Term) -> Key | None:
        keys = {key.name: key for key in KINDS[term.kind].keys}
        if name not in keys:
            self.fault(f"{where}.key", name, f"a key of {term.kind}", suggestion(name, list(keys)))
        elif term[name] is None:
            found = f"{name}, which the base offer leaves out"
            self.fault(f"{where}.key", found, "a key that the base offer states", "State it there.")
            return None
        return keys.get(name)

    def _value(self, where: str, key: Key, term: Term, option: object) -> Any:
        """Return an option as the term holds it, or ``None`` where it is wrong."""
        try:
            value = key.reader.read(option)
        except Meant as meant:
            self.fault(where, option, key.reader.expected, str(meant))
            return None
        except (ValueError, TypeError, AttributeError):
            self.fault(where, option, key.reader.expected, key.reader.remedy)
            return None
        if isinstance(term[key.name], Mapping) and set(term[key.name]) != set(value):
            expected = "the same keys as in the base offer: " + ", ".join(map(str, term[key.name]))
            self.fault(where, option, expected, "State all of them in every option.")
            return None
        return value

    def _last(self, where: str, one: Mapping[str, Any], options: list[Any]) -> dict[str, int]:
        found = {}
        for side in SIDES:
            said = one.get(f"{side}_last")
            if said is None or said not in options:
                found_text = "nothing" if said is None else said
                self.fault(f"{where}.{side}_last", found_text, "one of the options", "State the last offer.")
            else:
                found[side] = options.index(said)
        return found

    def _weights(self, side: str) -> dict[str, float]:
        given = self.content.get(side, {})
        weights = given.get("weights") if isinstance(given, Mapping) else None
        if not isinstance(weights, Mapping) or not weights:
            self.fault(f"{side}.weights", "nothing", f"a table [{side}.weights]", "State what counts to it.")
            return {}
        self.faults += unknown_keys(self.path, side, given, ("weights",))
        self.faults += unknown_keys(self.path, f"{side}.weights", weights, MEASURES)
        made = {name: self._number(f"{side}.weights.{name}", one) for name, one in weights.items()}
        if not any(made.values()):
            self.fault(f"{side}.weights", "nothing but noughts", "a weight on something", "State one.")
        return {name: one for name, one in made.items() if one is not None}

    def _number(
        self, where: str, given: object, low: float = -math.inf, high: float = math.inf
    ) -> float | None:
        good = isinstance(given, int | float) and not isinstance(given, bool)
        if not good or not math.isfinite(given) or not low <= given <= high:  # type: ignore[arg-type,operator]
            expected = "a number" if low == -math.inf else f"a number from {low:g} to {high:g}"
            self.fault(where, "nothing" if given is None else given, expected, "Write it without quotes.")
            return None
        return float(given)  # type: ignore[arg-type]

    def _no_deal(self) -> tuple[dict[str, float], float | None]:
        given = self.content.get("no_deal")
        if not isinstance(given, Mapping):
            self.fault(
                "no_deal", "nothing", "a table [no_deal]", "State the strike days that each side expects."
            )
            return {}, None
        self.faults += unknown_keys(self.path, "no_deal", given, _NO_DEAL)
        days = {}
        for side in SIDES:
            key = f"{side}_strike_days"
            days[side] = self._number(f"no_deal.{key}", given.get(key), 0, _LONGEST_STRIKE) or 0.0
        cost = given.get(_NO_DEAL[2])
        return days, None if cost is None else self._number(f"no_deal.{_NO_DEAL[2]}", cost, 0, 1e12)


def _told(option: object) -> str:
    if isinstance(option, Mapping):
        return ", ".join(f"{key} {plain(value)}" for key, value in option.items())
    return str(option)
