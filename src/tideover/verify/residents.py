"""The people of the clinics that may close, one by one: harm, nearest clinics, rooms; (C1) to (C6)."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from tideover.nouns import Network, Policy
from tideover.verify.roads import Roads
from tideover.verify.transfers import KINDS, first_seen, panel_of

Array = np.ndarray[Any, Any]


class Resident(NamedTuple):
    """What is looked at of a patient; the last is a row of ``Residents``, -1 for who is not measured."""

    patient_id: str
    home: tuple[float | None, float | None]
    area_id: str | None
    clinic_id: str
    size: int
    row: int = -1


@dataclass
class Residents:
    """Everybody by clinic: rows of people alike with ``harm`` (n, m), and each resident's row."""

    clinics: list[str]
    own: Array
    people: Array
    sizes: Array
    before: Array
    minutes: Array
    reach: Array
    harm: Array
    nowhere: Array
    residents: dict[str, Resident]
    counts: dict[str, int]
    rooms: dict[str, list[int]]
    yearly: list[float | None]

    def cost(self, closed: Sequence[int]) -> int:
        """Return f of a set by plain sums; (C5)."""
        rows = np.isin(self.own, closed)
        left = [at for at in range(len(self.clinics)) if at not in closed]
        best = np.minimum(self.harm[rows][:, left].min(axis=1), self.nowhere[rows])
        return int((best * self.people[rows]).sum())

    def load(self, closed: Sequence[int]) -> int:
        """Return f of a set by load, everybody to the nearest; (C6)."""
        rows = np.isin(self.own, closed)
        left = np.array([at for at in range(len(self.clinics)) if at not in closed])
        far = np.where(self.reach[rows][:, left], self.minutes[rows][:, left], 2**40)
        to = left[far.argmin(axis=1)]
        placed = far.min(axis=1) < 2**40
        received = np.bincount(to[placed], self.sizes[rows][placed], len(self.clinics)).astype(np.int64)
        return int(np.maximum(received - np.array(self.rooms["target"]), 0).sum())


def residents_of(network: Network, policy: Policy, measure: str) -> Residents:
    """Return the people of a network's receiving clinics, and what each counts at each clinic."""
    rows = sorted(network.clinics.iter_rows(named=True), key=lambda row: str(row["clinic_id"]))
    sites = [row for row in rows if row["kind"] == "primary" and row["closes_on"] is None]
    clinics = [row["clinic_id"] for row in sites]
    excluded = {row["clinic_id"]: set(row["payers_excluded"] or []) for row in sites}
    roads = Roads(network, policy)
    named = network.clinics["clinic_id"].to_list()
    order = [named.index(name) for name in clinics]
    place = {name: at for at, name in enumerate(clinics)}
    homes = {
        row[0]: (row[1], row[2]) for row in network.homes().select("patient_id", "lat", "lon").iter_rows()
    }
    works = dict(network.clinicians.select("clinician_id", "clinic_id").iter_rows())
    seen = first_seen(network)
    kinds = dict(network.areas.select("area_id", "county_type").iter_rows())
    counts = dict.fromkeys(
        ("people", "from_clinic", "journey_unknown", "without_clinic", "of_other_clinics"), 0
    )
    alike: dict[tuple[Any, ...], int] = {}
    people: Counter[int] = Counter()
    sizes: Counter[int] = Counter()
    everybody = {}
    for who, own, area, payer, risk in network.patients.select(
        "patient_id", "clinician_id", "area_id", "payer", "risk_weight"
    ).iter_rows():
        clinic = seen.get(who) if own is None else works.get(own)
        if clinic is None or clinic not in place:
            counts["without_clinic" if clinic is None else "of_other_clinics"] += 1
            continue
        one = Resident(who, homes[who], area, clinic, max(1, math.floor(10 * risk + 0.5)))
        where, start = roads.start(one)  # type: ignore[arg-type]
        if start is None or roads.all_minutes(start)[named.index(clinic)] < 0:
            counts["journey_unknown"] += 1
            everybody[who] = one
            continue
        counts["people"] += 1
        counts["from_clinic"] += where != "home"
        kind = kinds.get(area)
        limit = getattr(policy, f"adequacy_{kind}_minutes") if kind in KINDS else policy.adequacy_minutes
        row = alike.setdefault((clinic, start, limit, payer, own is not None), len(alike))
        people[row] += 1
        sizes[row] += one.size
        everybody[who] = one._replace(row=row)
    made = _rows(list(alike), clinics, place, order, roads, excluded, policy)
    harm, nowhere = _harm(made, policy, measure)
    return Residents(
        clinics,
        made["own"],
        np.array([people[row] for row in range(len(alike))], np.int64),
        np.array([sizes[row] for row in range(len(alike))], np.int64),
        made["before"],
        made["minutes"],
        made["reach"],
        harm,
        nowhere,
        everybody,
        counts,
        _rooms(network, policy, clinics),
        [row["fixed_cost_per_year"] for row in sites],
    )


def _rows(
    keys: list[tuple[Any, ...]],
    clinics: list[str],
    place: dict[str, int],
    order: list[int],
    roads: Roads,
    excluded: dict[str, set[str]],
    policy: Policy,
) -> dict[str, Array]:
    minutes = np.array([roads.all_minutes(start)[order] for _, start, _, _, _ in keys], np.int64)
    minutes = minutes.reshape(len(keys), len(clinics))
    own = np.array([place[clinic] for clinic, *_ in keys], np.int64)
    taken = np.array([[payer not in excluded[name] for name in clinics] for *_, payer, _ in keys], bool)
    return {
        "own": own,
        "minutes": minutes,
        "before": minutes[np.arange(own.size), own],
        "reach": (minutes >= 0) & (minutes <= policy.transfer_limit_minutes) & taken.reshape(minutes.shape),
        "limit": np.array([limit for _, _, limit, _, _ in keys], np.int64),
        "has_own": np.array([has for *_, has in keys], bool),
    }


def _harm(made: dict[str, Array], policy: Policy, measure: str) -> tuple[Array, Array]:
    """Return the harm of (C4) at each clinic, and nowhere."""
    reach = made["reach"]
    more = np.maximum(made["minutes"] - made["before"][:, None], 0)
    more = np.where(reach, more, policy.transfer_limit_minutes)
    beyond = (~reach | (made["minutes"] > made["limit"][:, None])).astype(np.int64)
    broken = made["has_own"] * policy.transfer_continuity_broken
    n = made["own"].size
    if measure == "beyond":
        return beyond, np.ones(n, np.int64)
    if measure == "points":
        far, journey = policy.transfer_beyond_standard, policy.transfer_added_travel
        return (
            journey * more + far * beyond + broken[:, None],
            journey * policy.transfer_limit_minutes + far + broken,
        )
    return more, np.full(n, policy.transfer_limit_minutes, np.int64)


def _rooms(network: Network, policy: Policy, clinics: list[str]) -> dict[str, list[int]]:
    loads: dict[str, int] = defaultdict(int)
    for own, risk in network.patients.select("clinician_id", "risk_weight").iter_rows():
        loads[own] += max(1, math.floor(10 * risk + 0.5))
    target, cap = dict.fromkeys(clinics, 0), dict.fromkeys(clinics, 0)
    for row in network.clinicians.iter_rows(named=True):
        if row["clinic_id"] not in target or row["leaves_on"] is not None:
            continue
        least = panel_of(row["panel_target"], row["fte"], policy.panel_per_full_time)
        most = max(least, panel_of(row["panel_cap"], row["fte"], policy.panel_cap_per_full_time))
        load = loads[row["clinician_id"]]
        target[row["clinic_id"]] += max(0, least - load)
        cap[row["clinic_id"]] += max(0, most - load)
    return {"target": list(target.values()), "cap": list(cap.values())}


def numbered(places: Iterable[Sequence[int]]) -> list[int]:
    """Return the number of each set of places in the combinatorial number system."""
    return [sum(math.comb(at, size) for size, at in enumerate(sorted(some), start=1)) for some in places]


def all_costs(people: Residents, may: list[int], count: int) -> tuple[Array, Array]:
    """Return all sets of ``count`` clinics of ``may`` (N, count), and f of each (N,), by their numbers.

    For each clinic that closes a table says what its people count with each set of ``count`` - 1 others that
    close with it; f of a set is the sum of one cell out of each of its clinics' tables.
    """
    others = _sets(len(may), count - 1)
    holding = [np.flatnonzero((others == at).any(axis=1)) for at in range(len(may))]
    tables = np.array([_table(people, may, at, others, holding, count) for at in range(len(may))])
    sets = _sets(len(may), count)
    costs = np.zeros(len(sets), np.int64)
    binomial = np.array([[math.comb(a, b) for b in range(count + 1)] for a in range(len(may) + 1)])
    for out in range(count):
        rest = np.delete(sets, out, axis=1)
        numbers = sum((binomial[rest[:, b], b + 1] for b in range(count - 1)), np.zeros(len(sets), np.int64))
        costs += tables[sets[:, out], numbers]
    return np.array(may)[sets], costs


def _sets(n: int, count: int) -> Array:
    sets = np.array(list(combinations(range(n), count)), np.int64).reshape(math.comb(n, count), count)
    return sets[np.argsort(numbered(sets.tolist()), kind="stable")]


def _table(
    people: Residents, may: list[int], own: int, others: Array, holding: list[Array], count: int
) -> Array:
    """Return what the people of one clinic count with each set of others closed, too."""
    place = {at: number for number, at in enumerate(may)}
    rows = np.flatnonzero(people.own == may[own])
    harm = people.harm[rows].copy()
    harm[:, may[own]] = np.iinfo(np.int64).max
    lists: dict[tuple[int, ...], Array] = {}
    for row, each, number, out in zip(
        harm, np.argsort(harm, axis=1, kind="stable")[:, :count], people.people[rows], people.nowhere[rows],
        strict=True,
    ):  # fmt: skip
        worth = np.full(count, out)
        worth[: each.size] = np.minimum(row[each], out)
        key = tuple(place.get(int(at), -1) for at in each)
        lists[key] = lists.get(key, 0) + worth * number
    table = np.full(len(others), sum(int(worth[0]) for worth in lists.values()), np.int64)
    closed = np.zeros((len(others), len(may) + 1), bool)
    for at, where in enumerate(holding):
        closed[where, at] = True
    for key, worth in lists.items():
        if key[0] < 0:
            continue
        where = holding[key[0]]
        still = closed[np.ix_(where, np.array(key))]
        first = np.where(still.all(axis=1), count - 1, still.argmin(axis=1))
        table[where] += worth[first] - worth[0]
    return table
