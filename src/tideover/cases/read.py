"""Case files: found by name or path, and read with every fault of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from tideover.cases.case import PLANS, RESULTS, Case, Event, OffersStated, Stage
from tideover.cases.days import Chances
from tideover.cases.offer import offer_path, shipped_offers
from tideover.cases.several import Part, aid_faults, count_from, outside_faults
from tideover.cases.stated import DATES, NUMBER, Asked, claims_of, parsed
from tideover.claims import Ledger, nearest, read_ledger
from tideover.errors import Fault, InputError
from tideover.readers import read_toml, unknown_keys
from tideover.schema import policy_keys
from tideover.synthetic import Recipe

KEYS = ("id", "title", "about", "claims", "results", "unknown", "network", "policy", "days", "scenario",
        "event", "offers")  # fmt: skip
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: The scenario that is part of every case and has no changes.
NOTHING = "nothing"


def case_names() -> list[str]:
    """Return the names of the cases that ship with Tideover."""
    folder = files("tideover.cases") / "shipped"
    return sorted(path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml"))


def case_path(given: str) -> Path:
    """Return the file of the case of this name, or at this path; ``InputError`` if it is neither."""
    path = Path(given)
    if path.suffix == ".toml":
        return path
    if given in case_names():
        return Path(str(files("tideover.cases"))) / "shipped" / f"{given}.toml"
    remedy = nearest(given, case_names()) or "Name one of them, or the path of a file that ends in .toml."
    raise InputError([Fault("command line", None, "CASE", repr(given), ", ".join(case_names()), remedy)])


def read_case(given: str) -> Case:
    """Return the case of this name or in this TOML file.

    Raises ``InputError`` with every fault: unknown keys, claims that do not exist or do not answer what is
    asked, claim files with faults, a network that is neither a folder nor a recipe, no scenario. Whether
    names and dates fit the network is found when it is made (``cases.run_case``).
    """
    path = case_path(given)
    content = read_toml(path)
    reading = _File(path, content)
    case = reading.case()
    if reading.faults or case is None:
        raise InputError(reading.faults)
    return case


@dataclass
class _File:
    """A case file on its way to a case, and the faults found so far."""

    path: Path
    content: Mapping[str, Any]
    faults: list[Fault] = field(default_factory=list)
    ledger: Ledger = field(default_factory=read_ledger)
    networks: tuple[Part, ...] = ()

    def case(self) -> Case | None:
        """Return the case, or ``None`` after noting every fault."""
        self.faults += unknown_keys(self.path, "", self.content, KEYS)
        self._own_claims()
        texts = {key: self._text(key) for key in ("id", "title", "about")}
        if not _ID.fullmatch(texts["id"]):
            self._wrong("id", texts["id"], "a name of small letters, digits and hyphens", "Name the case.")
        self.networks = tuple(self._several())
        folder, recipe = (None, None) if self.networks else self._network(self.content.get("network", {}))
        policy = self._table("policy", {key.key.split(".")[0] for key in policy_keys()})
        days = self._table("days", {each.name for each in fields(Chances)})
        stages, events = tuple(self._stages()), tuple(self._events())
        if not stages:
            self._wrong("scenario", "no scenario", "at least one [[scenario]]", "Say what happens.")
        results, unknown = self._names("results", RESULTS), self._names("unknown", None)
        offers = self._offers()
        if self.faults:
            return None
        return Case(
            **texts,
            file=str(self.path),
            ledger=self.ledger,
            folder=folder,
            recipe=recipe,
            policy=policy,
            days=days,
            stages=stages,
            events=events,
            results=results,
            unknown=unknown,
            offers=offers,
            networks=self.networks,
        )

    def _wrong(self, key: str, found: Any, expected: str, remedy: str) -> None:
        shown = found if isinstance(found, str) else repr(found)
        self.faults.append(Fault(self.path.name, None, key, shown[:80], expected, remedy))

    def _own_claims(self) -> None:
        given = self.content.get("claims", [])
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            self._wrong("claims", given, "a list of claim files, or folders of them", "Mend the list.")
            return
        try:
            self.ledger = read_ledger([self.path.parent / one for one in given])
        except InputError as error:
            self.faults += error.faults

    def _text(self, key: str) -> str:
        value = self.content.get(key, "")
        if not isinstance(value, str) or not value.strip():
            self._wrong(key, value if value != "" else f"no {key}", "a text", f"Write the {key} in quotes.")
            return ""
        return " ".join(value.split())

    def _names(
        self, key: str, known: Mapping[str, str] | None, of: Mapping[str, Any] | None = None, where: str = ""
    ) -> tuple[str, ...]:
        given = (self.content if of is None else of).get(key, list(known or ()))
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            self._wrong(where or key, given, "a list of texts", "Mend the list.")
            return ()
        for one in given:
            if known is not None and one not in known:
                remedy = nearest(one, known) or "Remove it."
                self._wrong(where or key, one, "any of " + ", ".join(known), remedy)
        return tuple(dict.fromkeys(given))

    def _several(self) -> Iterator[Part]:
        """Yield the networks of a case that states several, each as [[network]]."""
        if not isinstance(self.content.get("network"), list):
            return
        seen: set[str] = set()
        known = ("id", "name", "path", "recipe", "change")
        tables = list(self._tables(self.content, "network", "network"))
        if len(tables) < 2:
            expected = "at least two [[network]], or one [network]"
            self._wrong(
                "network", f"{len(tables)} [[network]]", expected, "Write [network] for a single one."
            )
        for where, given in tables:
            self.faults += unknown_keys(self.path, where, given, known)
            name, words = given.get("id", ""), given.get("name", "")
            if not isinstance(name, str) or not _ID.fullmatch(name) or name in seen:
                found = f"{name}, a second time" if name in seen else name or "no id"
                expected = "a name of its own, in small letters, digits and hyphens"
                self._wrong(f"{where}.id", found, expected, "Name each network once.")
            if not isinstance(words, str) or not words.strip():
                self._wrong(f"{where}.name", words or "no name", "a text", "Say whose network it is.")
            seen.add(str(name))
            folder, recipe = self._network({k: given[k] for k in ("path", "recipe") if k in given}, where)
            part = Part(str(name), str(words), folder, recipe, tuple(self._dispute(given, where)))
            for place, change in zip(count_from(f"{where}.change"), part.changes, strict=False):
                self.faults += outside_faults(change.get("dates"), f"{place}.dates", [part], self.path.name)
            yield part
        if "offers" in self.content:
            remedy = "Compare them in a case with one network."
            self._wrong("offers", "several networks", "offers on the roster of one employer", remedy)

    def _dispute(self, given: Mapping[str, Any], where: str) -> Iterator[Mapping[str, Any]]:
        """Yield the strikes of one of several networks; its employer is the network itself."""
        for place, change in self._tables(given, "change", f"{where}.change"):
            if change.get("kind") != "strike":
                remedy = "State other changes in the scenarios."
                self._wrong(f"{place}.kind", change.get("kind", "no kind"), "strike", remedy)
            for key in ("employers", "clinics"):
                if key in change:
                    expected = "a strike of the network, by units, roles or kinds of site"
                    self._wrong(f"{place}.{key}", change[key], expected, "Leave the key out.")
            yield self._values(change, place)

    def _network(self, given: Any, where: str = "network") -> tuple[Path | None, Mapping[str, Any] | None]:
        if not isinstance(given, dict) or len({"path", "recipe"} & given.keys()) != 1:
            self._wrong(where, given, f"path or [{where}.recipe], one of the two", "Say which network.")
            return None, None
        self.faults += unknown_keys(self.path, where, given, ("path", "recipe"))
        if "path" in given:
            if not isinstance(given["path"], str):
                self._wrong(f"{where}.path", given["path"], "a folder", "Write the path in quotes.")
                return None, None
            return self.path.parent / given["path"], None
        recipe = given["recipe"]
        if not isinstance(recipe, dict):
            self._wrong(f"{where}.recipe", recipe, f"a table [{where}.recipe]", "Write it as a table.")
            return None, None
        names = [each.name for each in fields(Recipe)]
        self.faults += unknown_keys(self.path, f"{where}.recipe", recipe, names)
        for name in names:
            if name not in recipe:
                self._wrong(f"{where}.recipe", f"no {name}", "every key of a recipe", "State it or a claim.")
        return None, self._values(recipe, f"{where}.recipe", numbers=True)

    def _table(self, key: str, known: set[str]) -> Mapping[str, Any]:
        given = self.content.get(key, {})
        if not isinstance(given, dict):
            self._wrong(key, given, f"a table [{key}]", "Write it as a table.")
            return {}
        self.faults += unknown_keys(self.path, key, given, sorted(known))
        return self._values(given, key, numbers=True)

    def _values(self, given: Mapping[str, Any], where: str, *, numbers: bool = False) -> dict[str, Any]:
        values = {}
        for key, value in given.items():
            kind = key if not numbers or key in DATES else NUMBER
            values[key], faults = parsed(value, f"{where}.{key}", kind, self.ledger, self.path.name)
            self.faults += faults
            if where != "policy" and numbers and not isinstance(value, Mapping) and not _fits(key, value):
                expected = (
                    "a date"
                    if key == "start"
                    else "a number"
                    + ("" if key in {"fill", "no_shows", "walk_ins"} else " without a fraction")
                )
                self._wrong(f"{where}.{key}", value, expected, "Mend the value.")
        return values

    def _tables(self, given: Mapping[str, Any], key: str, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
        tables = given.get(key, [])
        if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
            self._wrong(where, tables, f"tables [[{where}]]", "Write each as a table of its own.")
            return
        for number, each in enumerate(tables, start=1):
            yield f"{where}[{number}]", each

    def _stages(self) -> Iterator[Stage]:
        seen = {NOTHING, "index", "network", "ledger", "offers"}
        for where, given in self._tables(self.content, "scenario", "scenario"):
            self.faults += unknown_keys(
                self.path, where, given, ("id", "title", "plan", "results", "on", "change")
            )
            name, title = given.get("id", ""), given.get("title", "")
            if not isinstance(name, str) or not _ID.fullmatch(name) or name in seen:
                expected = f"a name of its own, in small letters, and none of {', '.join(sorted(seen))}"
                self._wrong(f"{where}.id", name or "no id", expected, "Name the scenario.")
            seen.add(str(name))
            if not isinstance(title, str) or not title.strip():
                self._wrong(f"{where}.title", title or "no title", "a text", "Say what happens.")
            stated = self._tables(given, "change", f"{where}.change")
            changes = tuple(self._values(change, place) for place, change in stated)
            for place, change in zip(count_from(f"{where}.change"), changes, strict=False):
                self.faults += aid_faults(change, place, self.networks, self.path.name)
            if not changes and not any(part.changes for part in self.networks):
                self._wrong(f"{where}.change", "no change", "at least one change", "Say what changes.")
            results = self._names("results", RESULTS, given, f"{where}.results")
            plan, on = self._plan(given, where, changes), self._moved(given, where)
            yield Stage(str(name), str(title), changes, plan, results, on)

    def _moved(self, given: Mapping[str, Any], where: str) -> Mapping[str, Any]:
        """Return on which dates disputes of several networks begin in a scenario."""
        on = given.get("on", {})
        if not isinstance(on, dict):
            self._wrong(f"{where}.on", on, "a table of networks and dates", "Write on = { network = DATE }.")
            return {}
        disputes = {part.id for part in self.networks if part.changes}
        for name in on:
            if name not in disputes:
                remedy = nearest(str(name), sorted(disputes)) or "Name a network with a dispute of its own."
                expected = (
                    f"any of {', '.join(sorted(disputes))}" if disputes else "a case of several networks"
                )
                self._wrong(f"{where}.on.{name}", name, expected, remedy)
        found = {}
        for name, value in on.items():
            found[name], faults = parsed(value, f"{where}.on.{name}", "on", self.ledger, self.path.name)
            self.faults += faults
            if not isinstance(value, Mapping) and type(value) is not dt.date:
                self._wrong(f"{where}.on.{name}", value, "a date or a claim", "Write it as YYYY-MM-DD.")
            parts = [part for part in self.networks if part.id == name]
            self.faults += outside_faults(value, f"{where}.on.{name}", parts, self.path.name)
        return found

    def _plan(self, given: Mapping[str, Any], where: str, changes: Sequence[Mapping[str, Any]]) -> str:
        """Return what is planned for a scenario; a fault where its changes are of another kind."""
        plan = given.get("plan", PLANS[0])
        if plan not in PLANS:
            remedy = nearest(str(plan), PLANS) or "Leave it out for booked visits."
            self._wrong(f"{where}.plan", plan, " or ".join(PLANS), remedy)
            return PLANS[0]
        kinds = sorted({str(change.get("kind")) for change in changes})
        if plan == "transfers" and kinds and not {"closure", "departure"} & set(kinds):
            found = f"no closure or departure among {', '.join(kinds)}"
            self._wrong(f"{where}.plan", found, "clinics that close", 'Leave out plan = "transfers".')
        if plan == "transfers" and self.networks:
            remedy = "Plan closings in a case with one network."
            self._wrong(f"{where}.plan", plan, "visits, where there are several networks", remedy)
        return str(plan)

    def _offers(self) -> OffersStated | None:
        given = self.content.get("offers")
        if given is None:
            return None
        if not isinstance(given, dict):
            self._wrong("offers", given, "a table [offers]", "Write it as a table.")
            return None
        self.faults += unknown_keys(self.path, "offers", given, ("offers", "current", "comparator"))
        named = self._names("offers", None, given, "offers.offers")
        if not named:
            self._wrong("offers.offers", "no offer", "at least one offer", "Name a file, or a shipped offer.")
        one = {}
        for key in ("current", "comparator"):
            value = given.get(key)
            if value is not None and not isinstance(value, str):
                self._wrong(f"offers.{key}", value, "the name or file of an offer", "Write it in quotes.")
            elif value is not None:
                one[key] = self._offer(value, f"offers.{key}")
        return OffersStated(tuple(self._offer(name, "offers.offers") for name in named), **one)

    def _offer(self, name: str, where: str) -> Path:
        """Return the file of an offer: beside the case, else the shipped one of that name."""
        beside = self.path.parent / name
        path = beside if beside.exists() else offer_path(Path(name))
        if not path.exists():
            known = ", ".join(shipped_offers())
            remedy = nearest(name, shipped_offers()) or f"Name a file beside the case, or one of {known}."
            self._wrong(where, name, "an offer", remedy)
        return path

    def _events(self) -> Iterator[Event]:
        for where, given in self._tables(self.content, "event", "event"):
            self.faults += unknown_keys(self.path, where, given, ("date", "text", "also"))
            day, faults = parsed(given.get("date"), f"{where}.date", "date", self.ledger, self.path.name)
            self.faults += faults
            if not faults and not isinstance(day, Asked) and type(day) is not dt.date:
                self._wrong(f"{where}.date", given.get("date", "no date"), "a date or a claim", "State it.")
            text, also = given.get("text", ""), given.get("also", [])
            if not isinstance(text, str) or not text.strip():
                self._wrong(f"{where}.text", text or "no text", "what happened", "Say it.")
            if not isinstance(also, list) or not all(isinstance(one, str) for one in also):
                self._wrong(f"{where}.also", also, "a list of claims", "Mend the list.")
                also = []
            for one in also:
                if one not in self.ledger:
                    remedy = nearest(one, self.ledger.claims) or "See: tideover claims"
                    self._wrong(f"{where}.also", one, "the id of a claim", remedy)
            yield Event(day, str(text), tuple(also))


def _fits(key: str, value: Any) -> bool:
    if key == "start":
        return type(value) is dt.date
    kinds = (int, float) if key in {"fill", "no_shows", "walk_ins"} else (int,)
    return isinstance(value, kinds) and not isinstance(value, bool)


def claims_stated(case: Case) -> set[str]:
    """Return the claims that a case file names by itself, wherever it does."""
    also = {claim for event in case.events for claim in event.also}
    dates = [event.date for event in case.events]
    changes = [change for stage in case.stages for change in stage.changes]
    stated = [case.recipe, case.policy, case.days, dates, changes, [stage.on for stage in case.stages]]
    return also | claims_of([*stated, *([part.recipe, list(part.changes)] for part in case.networks)])
