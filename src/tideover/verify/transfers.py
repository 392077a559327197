"""A closing, person by person: who needs a new place, what each place asks and costs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from tideover.nouns import Network, Policy, Scenario
from tideover.verify.roads import Roads

KINDS = ("large_metro", "metro", "micro", "rural", "ceac")


class Person(NamedTuple):
    """Somebody who needs a new place; (1) to (5)."""

    patient_id: str
    household_id: str | None
    clinic_id: str
    clinician_id: str | None
    on: date
    size: int
    age: int | None
    language: str | None
    interpreter: bool
    payer: str | None
    limit: int
    home: tuple[float | None, float | None]
    area_id: str | None


class Post(NamedTuple):
    """A post that takes people in; (7)."""

    clinician_id: str
    clinic_id: str
    target: int
    cap: int
    min_age: int | None
    max_age: int | None
    languages: frozenset[str]

    def takes(self, person: Person) -> bool:
        """Whether the post takes the person by (R3)."""
        if person.clinician_id == self.clinician_id:
            return True
        if self.min_age is None and self.max_age is None:
            return True
        if person.age is None:
            return False
        return (self.min_age is None or person.age >= self.min_age) and (
            self.max_age is None or person.age <= self.max_age
        )


@dataclass(frozen=True)
class Closing:
    """All that is known of a closing before anybody is placed; ``loads`` are tenths of panels that stay."""

    scenario: Scenario
    policy: Policy
    people: tuple[Person, ...]
    loads: Mapping[str, int]
    homeless: int
    clinics: tuple[str, ...]
    roads: Roads

    @classmethod
    def of(cls, scenario: Scenario, policy: Policy) -> Closing:
        """Return the closing that the scenario makes."""
        people, loads, homeless = _people(scenario, policy)
        clinics = tuple(
            sorted(
                row["clinic_id"]
                for row in scenario.network.clinics.iter_rows(named=True)
                if row["kind"] == "primary" and row["closes_on"] is None
            )
        )
        return cls(scenario, policy, people, loads, homeless, clinics, Roads(scenario.network, policy))

    def minutes(self, person: Person, clinic_id: str) -> int:
        """Return the minutes of a person's journey to a clinic, below 0 where unknown or unreachable."""
        return self.roads.minutes(person, clinic_id)  # type: ignore[arg-type]

    def may(self, person: Person, clinic: Mapping[str, Any]) -> bool:
        """Whether the person may go to the clinic by (R1) and (R2)."""
        minutes = self.minutes(person, clinic["clinic_id"])
        near = 0 <= minutes <= self.policy.transfer_limit_minutes
        if not near and clinic["clinic_id"] != person.clinic_id:
            return False
        return person.payer is None or person.payer not in (clinic["payers_excluded"] or [])

    def journey(self, person: Person, clinic_id: str) -> dict[str, int]:
        """Return the points of the journey to a clinic, by term."""
        before, after = self.minutes(person, person.clinic_id), self.minutes(person, clinic_id)
        more = max(0, after - before) if before >= 0 and after >= 0 else 0
        far = self.policy.transfer_beyond_standard if after > person.limit else 0
        return {"added_travel": more * self.policy.transfer_added_travel, "beyond_standard": far}

    def meeting(self, person: Person, post: Post) -> dict[str, int]:
        """Return the points of the person with the post, by term."""
        foreign = bool(person.language and post.languages and person.language not in post.languages)
        kept = person.clinician_id is None or person.clinician_id == post.clinician_id
        policy = self.policy
        return {
            "continuity_broken": 0 if kept else policy.transfer_continuity_broken,
            "language_not_shared": policy.transfer_language_not_shared
            if foreign and not person.interpreter
            else 0,
            "interpreter_needed": policy.transfer_interpreter_needed if foreign and person.interpreter else 0,
        }

    def posts(self, moves: Mapping[str, str]) -> list[Post]:
        """Return the posts that take people in under these moves; (6) and (7)."""
        found = []
        for row in self.scenario.network.clinicians.iter_rows(named=True):
            at = moves.get(row["clinician_id"], row["clinic_id"])
            if at not in self.clinics or row["leaves_on"] is not None:
                continue
            target = panel_of(row["panel_target"], row["fte"], self.policy.panel_per_full_time)
            cap = max(target, panel_of(row["panel_cap"], row["fte"], self.policy.panel_cap_per_full_time))
            load = self.loads.get(row["clinician_id"], 0)
            languages = frozenset(row["languages"] or [])
            ages = row["min_age"], row["max_age"]
            rooms = max(0, target - load), max(0, cap - load)
            found.append(Post(row["clinician_id"], at, *rooms, *ages, languages))
        return found


def panel_of(stated: int | None, fte: float, norm: int) -> int:
    """Return a panel in tenths of a usual patient: as stated, or the norm by full-time share; (7)."""
    return 10 * stated if stated is not None else math.floor(round(fte * (10 * norm), 6))


def _people(scenario: Scenario, policy: Policy) -> tuple[tuple[Person, ...], dict[str, int], int]:
    before, after = scenario.before or scenario.network, scenario.network
    home_of = dict(before.clinicians.select("clinician_id", "clinic_id").iter_rows())
    ends = {
        name: (day, bool(follows))
        for name, day, follows in after.clinicians.select(
            "clinician_id", "leaves_on", "panel_follows"
        ).iter_rows()
    }
    closes = dict(after.clinics.select("clinic_id", "closes_on").iter_rows())
    seen = first_seen(before)
    kinds = dict(before.areas.select("area_id", "county_type").iter_rows())
    homes = {
        row[0]: (row[1], row[2]) for row in before.homes().select("patient_id", "lat", "lon").iter_rows()
    }
    people: list[Person] = []
    loads: dict[str, int] = defaultdict(int)
    homeless = 0
    for row in before.patients.iter_rows(named=True):
        own = row["clinician_id"]
        clinic = seen.get(row["patient_id"]) if own is None else home_of.get(own)
        size = max(1, math.floor(10 * row["risk_weight"] + 0.5))
        leaves, follows = ends.get(own, (None, False))
        days = [day for day in (closes.get(clinic), leaves) if day is not None]
        homeless += clinic is None
        if not days:
            if own is not None:
                loads[own] += size
            continue
        if clinic is None or (leaves is not None and follows):
            continue
        on = min(days)
        age = None if row["birth_year"] is None else on.year - row["birth_year"]
        kind = kinds.get(row["area_id"])
        limit = getattr(policy, f"adequacy_{kind}_minutes") if kind in KINDS else policy.adequacy_minutes
        people.append(
            Person(
                row["patient_id"], row["household_id"], clinic, own, on, size, age, row["language"],
                bool(row["interpreter"]), row["payer"], limit, homes[row["patient_id"]], row["area_id"],
            )
        )  # fmt: skip
    return tuple(sorted(people)), loads, homeless


def first_seen(network: Network) -> dict[str, str]:
    """Return the clinic of each patient without an own clinician who has a visit at primary care; (1)."""
    kinds = dict(network.clinics.select("clinic_id", "kind").iter_rows())
    without = set(network.patients.filter(network.patients["clinician_id"].is_null())["patient_id"])
    found: dict[str, tuple[Any, ...]] = {}
    for patient, start, visit, clinic in network.visits.select(
        "patient_id", "start", "visit_id", "clinic_id"
    ).iter_rows():
        if patient in without and kinds[clinic] == "primary":
            first = found.get(patient)
            if first is None or (start, visit) < first[:2]:
                found[patient] = (start, visit, clinic)
    return {patient: row[2] for patient, row in found.items()}


class Openings:
    """Who of the displaced may move where; (8)."""

    def __init__(self, closing: Closing) -> None:
        rows = closing.scenario.network.clinics.iter_rows(named=True)
        self._clinics = {row["clinic_id"]: row for row in rows}
        self._rooms_per_post = closing.policy.rooms_per_post
        self._held: dict[str, float] = defaultdict(float)
        self._displaced: dict[str, Mapping[str, Any]] = {}
        for row in closing.scenario.network.clinicians.iter_rows(named=True):
            home = self._clinics.get(row["clinic_id"])
            if row["leaves_on"] is not None or home is None:
                continue
            self._held[row["clinic_id"]] += row["fte"]
            if home["kind"] == "primary" and home["closes_on"] is not None:
                self._displaced[row["clinician_id"]] = row
        self._free = [name for name in closing.clinics if (self._clinics[name]["openings"] or 0) > 0]

    def fits(self, one: Mapping[str, str]) -> bool:
        """Whether these moves are allowed, by who is displaced, openings, rooms and licences (R4)."""
        if not all(self._may(name, to) for name, to in one.items()):
            return False
        for clinic in set(one.values()):
            who = [name for name, to in one.items() if to == clinic]
            if len(who) > self._clinics[clinic]["openings"]:
                return False
            rooms = self._clinics[clinic]["rooms"]
            wanted = sum(self._displaced[name]["fte"] for name in who)
            if rooms is not None:
                left = rooms / self._rooms_per_post - self._held[clinic]
                if round(wanted, 6) > round(left, 6):
                    return False
        return True

    def _may(self, name: str, clinic: str) -> bool:
        if name not in self._displaced or clinic not in self._free:
            return False
        held_in, state = self._displaced[name]["states_licensed"], self._clinics[clinic]["state"]
        return not held_in or state is None or state in held_in

    def choices(self, most: int) -> Iterator[dict[str, str]]:
        """Yield the moves to which nobody can be added, at most ``most`` of them."""
        for number, one in enumerate(self._grown({}, sorted(self._displaced))):
            if number >= most:
                return
            yield one

    def _grown(self, one: dict[str, str], names: list[str]) -> Iterator[dict[str, str]]:
        if not names:
            others = ((n, c) for n in self._displaced if n not in one for c in self._free)
            if not any(self.fits({**one, name: clinic}) for name, clinic in others):
                yield one
            return
        for clinic in self._free:
            more = {**one, names[0]: clinic}
            if self.fits(more):
                yield from self._grown(more, names[1:])
        yield from self._grown(one, names[1:])
