"""Journeys, word by word: where a visit starts, how long each way is, and the counts; (J1) to (J4)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tideover.errors import InputError
from tideover.nouns import Network, Policy, Travel
from tideover.nouns.travel import MATRIX, PLACES_PER_DEGREE, STARTS, UNKNOWN, UNREACHABLE
from tideover.readers import read_travel
from tideover.travel import minutes_between
from tideover.verify.files import read_parquet
from tideover.verify.verdict import Findings

if TYPE_CHECKING:
    from tideover.verify.case import Case, Visit

FILE = "travel.parquet"
#: Where a journey starts: a word for the kind of place, and what tells it from others of its kind.
Start = tuple[Any, ...]
Minutes = NDArray[np.int64]


class Roads:
    """The journeys of a network: by distance, or by its matrix."""

    def __init__(self, network: Network, policy: Policy) -> None:
        places = network.clinics.select("clinic_id", "lat", "lon").rows()
        self._policy = policy
        self._sites = {clinic: _known(lat, lon) for clinic, lat, lon in places}
        self._number = {clinic: number for number, clinic in enumerate(self._sites)}
        self._lengths: dict[Start, Minutes] = {}
        self.matrix = network.travel is not None
        if network.travel is not None:
            self._lengths = _lengths(network.travel.rows, self._number)

    def minutes(self, visit: Visit, clinic_id: str) -> int:
        """Return the minutes to a clinic, ``UNKNOWN`` or ``UNREACHABLE``."""
        start = self.start(visit)[1]
        return UNKNOWN if start is None else int(self.all_minutes(start)[self._number[clinic_id]])

    def all_minutes(self, start: Start) -> Minutes:
        """Return the minutes from one start to every clinic of the network."""
        if start not in self._lengths:
            self._lengths[start] = self._by_distance(*start[1:])
        return self._lengths[start]

    def start(self, visit: Visit) -> tuple[str, Start | None]:
        """Return whether the visit's journeys start at home, the booked clinic or nowhere, and the place."""
        home, site = _known(*visit.home), self._sites[visit.clinic_id]
        if not self.matrix:
            if home or site:
                return ("home" if home else "booked_clinic"), ("place", *(home or site or ()))
            return "nowhere", None
        tried: tuple[tuple[str, Start], ...] = (
            ("home", ("patient_id", visit.patient_id)),
            ("home", ("area_id", visit.area_id)),
            ("home", _spot(home)),
            ("booked_clinic", ("from_clinic_id", visit.clinic_id)),
            ("booked_clinic", _spot(site)),
        )
        for where, start in tried:
            if start in self._lengths:
                return where, start
        return "nowhere", None

    def _by_distance(self, lat: float, lon: float) -> Minutes:
        ends = [place or (np.nan, np.nan) for place in self._sites.values()]
        to_lat, to_lon = (np.array([end[axis] for end in ends]) for axis in (0, 1))
        policy = self._policy
        return minutes_between(lat, lon, to_lat, to_lon, policy.detour_factor, policy.speed_km_per_hour)


def _known(lat: float | None, lon: float | None) -> tuple[float, float] | None:
    return None if lat is None or lon is None else (lat, lon)


def _spot(place: tuple[float, float] | None) -> Start:
    return ("place", *(() if place is None else (round(degrees * PLACES_PER_DEGREE) for degrees in place)))


def _lengths(rows: pl.DataFrame, number: Mapping[str, int]) -> dict[Start, Minutes]:
    found: dict[Start, Minutes] = {}
    for patient, area, lat, lon, clinic, end, minutes, reachable in rows.select(list(MATRIX)).iter_rows():
        if end not in number:
            continue
        named = (("patient_id", patient), ("area_id", area), ("from_clinic_id", clinic))
        start: Start = next((one for one in named if one[1] is not None), _spot(_known(lat, lon)))
        lengths = found.setdefault(start, np.full(len(number), UNKNOWN))
        known = UNKNOWN if minutes is None else minutes
        lengths[number[end]] = known if reachable else UNREACHABLE
    return found


def with_roads(
    folder: Path, facts: Mapping[str, Any], network: Network, own: Path | None, findings: Findings
) -> Network | None:
    """Return the network with the matrix in the plan's folder, if the plan says that it went by one.

    With a matrix of one's ``own``, each row of the plan's must be in it, and the journeys are taken from it.
    """
    said, files = facts["travel"], facts.get("files", {})
    if said["source"] == "distance":
        if FILE in files:
            findings.add("travel", f"{FILE}: found one; expected none, as journeys are distances")
        if own is not None:
            findings.add("travel", f"plan.json, travel.source: found distance; expected {own.name}")
        return network
    if said["source"] not in ("file", "service"):
        expected = "distance, file or service"
        findings.add("travel", f"plan.json, travel.source: found {said['source']}; expected {expected}")
        return None
    rows = read_parquet(folder / FILE, MATRIX, files.get(FILE), findings)
    if rows is None or not _fit(rows, network, findings):
        return None
    if own is not None:
        rows = _own_rows(rows, own, network, findings)
    return None if rows is None else network.replace(travel=Travel(said["source"], str(said["name"]), rows))


def _own_rows(rows: pl.DataFrame, own: Path, network: Network, findings: Findings) -> pl.DataFrame | None:
    """Return the rows of one's own matrix, after holding those of the plan against them."""
    try:
        true = read_travel(own, network).rows
    except InputError as error:
        findings.add("travel", f"{own.name}: cannot be read ({str(error).splitlines()[0]})")
        return None
    known = {_pair(row): (row["minutes"], row["reachable"]) for row in true.iter_rows(named=True)}
    for row in rows.iter_rows(named=True):
        pair, found = _pair(row), (row["minutes"], row["reachable"])
        if known.get(pair) != found:
            where = f"{FILE}, from {' '.join(map(str, pair[0]))} to {pair[1]}"
            told = "no such row" if pair not in known else _told(*known[pair])
            findings.add("travel", f"{where}: found {_told(*found)}; expected {told}, as in {own.name}")
    return true


def _pair(row: Mapping[str, Any]) -> tuple[Start, str]:
    ids = ((name, row[name]) for name in ("patient_id", "area_id", "from_clinic_id"))
    return next((one for one in ids if one[1] is not None), _spot(_known(row["lat"], row["lon"]))), row[
        "clinic_id"
    ]


def _told(minutes: int | None, reachable: bool) -> str:  # noqa: FBT001 -- a cell of the matrix
    return f"{minutes} minutes" if minutes is not None else "no known minutes" if reachable else "no way"


def _fit(rows: pl.DataFrame, network: Network, findings: Findings) -> bool:
    """Check each row by itself: one start, a clinic of the network, minutes only where a way leads."""
    before, clinics, seen = len(findings), set(network.clinics["clinic_id"]), set()
    for number, row in enumerate(rows.iter_rows(named=True)):
        starts = [start for start in STARTS if all(row[name] is not None for name in start)]
        minutes, pair = row["minutes"], (*(row[name] for start in STARTS for name in start), row["clinic_id"])
        given = sum(row[name] is not None for start in STARTS for name in start)
        if len(starts) != 1 or given != len(starts[0]):
            wrong = "no start or several; expected one"
        elif row["clinic_id"] not in clinics:
            wrong = f"clinic {row['clinic_id']}; expected one of the network"
        elif row["reachable"] is None or (minutes is not None and (minutes < 0 or not row["reachable"])):
            wrong = f"{minutes} minutes, reachable {row['reachable']}; expected minutes only where reachable"
        elif pair in seen:
            wrong = "a pair of start and clinic again; expected each once"
        else:
            seen.add(pair)
            continue
        findings.add("travel", f"{FILE}, row {number}: found {wrong}")
    return len(findings) == before


def check_travel(case: Case, facts: Mapping[str, Any], findings: Findings) -> None:
    """Check how many visits start where, and how many journeys are known, unknown and unreachable; (J4)."""
    starts = dict.fromkeys(("home", "booked_clinic", "nowhere"), 0)
    places, beyond = set(), 0
    for visit in case.visits.values():
        where, start = case.roads.start(visit)
        starts[where] += 1
        if start is not None:
            places.add(start)
        beyond += case.journey(visit, visit.clinic_id) == UNREACHABLE
    pairs = dict.fromkeys(("known", "unknown", "unreachable"), 0)
    for start in places:
        for minutes in case.roads.all_minutes(start).tolist():
            pairs[{UNKNOWN: "unknown", UNREACHABLE: "unreachable"}.get(minutes, "known")] += 1
    said = facts["travel"]
    for name, expected in (("starts", starts), ("pairs", pairs)):
        for key, count in expected.items():
            findings.compare("travel", f"plan.json, travel.{name}.{key}", said[name][key], count)
    findings.compare("travel", "plan.json, travel.booked_unreachable", said["booked_unreachable"], beyond)
