"""The case that a plan speaks of, made again from the inputs: formulation (1) to (6), naive and apart."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import polars as pl

from tideover.nouns import Policy, Scenario
from tideover.verify.roads import Roads

Row = dict[str, Any]
#: The lost stretches of each session, in order: from, until, pool.
Lost = Mapping[str, list[tuple[datetime, datetime, str | None]]]

#: Options that put a visit into an open interval of a session.
IN_A_SESSION = ("own_clinician", "another_clinician", "another_clinic", "video", "urgent_care")

#: Options that hold a visit on its pool's cover, or keep it waiting there.
IN_COVER = ("stand", "another_site", "standby")


class Span(NamedTuple):
    """A stretch of time."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Pin:
    """A visit that must stay where it was put; ``start`` and ``session_id`` may be empty outside sessions."""

    visit_id: str
    option: str
    session_id: str | None
    start: datetime | None
    derived: bool = False


@dataclass(frozen=True)
class Told:
    """The last row of a visit in the log of what patients were told, and what the patient ever declined."""

    times: int
    on: date
    booked: tuple[str | None, datetime]
    option: str
    clinic_id: str | None
    session_id: str | None
    start: datetime | None
    answer: str | None
    declined: tuple[str, ...]


@dataclass(frozen=True)
class Visit:
    """One booked visit of the plan, with what the rules ask about its patient.

    ``says`` is what the last row of the log says if it counts: time, elsewhere, wait, booked or open, else
    nothing.
    """

    visit_id: str
    patient_id: str | None
    clinic_id: str
    session_id: str | None
    start: datetime
    minutes: int
    kind: str | None
    urgency: int
    safe_by: date
    video_ok: bool
    affected: bool
    pool_id: str | None
    booked_clinician: str | None
    own_clinician: str | None
    state: str | None
    language: str | None
    interpreter: bool
    home: tuple[float | None, float | None]
    area_id: str | None
    told: Told | None = None
    says: str = ""

    @property
    def movable(self) -> bool:
        """Whether it is affected or released; (22)."""
        return self.affected or self.says == "time"

    @property
    def day(self) -> date:
        """The booked date."""
        return self.start.date()


@dataclass(frozen=True)
class Case:
    """Everything that the checks ask: the tables by key, who is booked, the unit and the window."""

    scenario: Scenario
    policy: Policy
    as_of: date
    pins: Mapping[str, Pin]
    clinics: Mapping[str, Row]
    clinicians: Mapping[str, Row]
    sessions: Mapping[str, Row]
    seen: pl.DataFrame
    lost: Lost
    visits: Mapping[str, Visit]
    unit: int
    largest: int
    first: date
    last: date
    roads: Roads
    morning: date | None = None
    lent: Mapping[str, tuple[frozenset[str], float]] = field(default_factory=dict)
    kept: Mapping[str, tuple[str, Span]] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    free_again: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        policy: Policy,
        as_of: date,
        pins: Sequence[Pin],
        told: Mapping[str, Told] | None = None,
        morning: date | None = None,
    ) -> Case:
        """Return the case of ``scenario`` as seen on ``as_of``; formulation (1) to (6), (20) to (22)."""
        network = scenario.network
        seen = network.visits.filter(pl.col("booked_on").is_null() | (pl.col("booked_on") <= as_of))
        lost = _lost(scenario.lost)
        visits = _booked(scenario, policy, seen, lost, told or {}, as_of, morning)
        minutes = [visit.minutes for visit in visits.values() if visit.movable]
        unit = math.gcd(*minutes) or 1
        days_lost = scenario.lost["from"].dt.date().to_list() or scenario.strike_dates or [as_of]
        return cls(
            scenario=scenario,
            policy=policy,
            as_of=as_of,
            pins={pin.visit_id: pin for pin in pins},
            clinics=_by_key(network.clinics, "clinic_id"),
            clinicians=_by_key(network.clinicians, "clinician_id"),
            sessions=_by_key(network.sessions, "session_id"),
            seen=seen,
            lost=lost,
            visits=visits,
            unit=unit,
            largest=max(minutes, default=unit) // unit,
            first=as_of + timedelta(days=policy.contact_lead_days),
            last=max(days_lost) + timedelta(days=policy.horizon_days),
            roads=Roads(network, policy),
            morning=morning,
            lent=_lent(scenario.lent),
        )

    def employer(self, clinic_id: str) -> str | None:
        """Return whose clinic it is; ``None`` where nobody is named."""
        name: str | None = self.clinics[clinic_id]["employer"]
        return name

    @property
    def free_visits(self) -> list[Visit]:
        """The affected and released visits without a pin, by visit_id: those that the plan decides about."""
        return [v for v in self.visits.values() if v.movable and v.visit_id not in self.pins]

    @cached_property
    def at_clinic(self) -> Mapping[str, list[Row]]:
        """The sessions of each clinic."""
        found = defaultdict(list)
        for session in self.sessions.values():
            found[session["clinic_id"]].append(session)
        return found

    def size(self, visit: Visit) -> int:
        """Return the length of an affected or released visit in units."""
        return visit.minutes // self.unit

    def is_lost(self, session_id: str | None, start: datetime) -> bool:
        """Whether a visit at that time of the session is affected; (2)."""
        return any(low <= start < high for low, high, _ in self.lost.get(session_id or "", []))

    def cover_pool(self, visit: Visit) -> str:
        """Return the pool on whose cover the visit may stand; a released visit has its booked place; (24)."""
        own = f"booked place of {visit.visit_id}" if visit.visit_id in self.free_again else ""
        return visit.pool_id or own

    def journey(self, visit: Visit, clinic_id: str) -> int:
        """Return the minutes from where the visit starts to a clinic; below 0 if unknown or unreachable."""
        return self.roads.minutes(visit, clinic_id)


def _by_key(frame: pl.DataFrame, key: str) -> dict[str, Row]:
    return {row[key]: row for row in frame.iter_rows(named=True)}


def _lost(frame: pl.DataFrame) -> Lost:
    lost = defaultdict(list)
    for row in frame.sort("session_id", "from").iter_rows(named=True):
        lost[row["session_id"]].append((row["from"], row["until"], row["pool_id"] or None))
    return dict(lost)


def _lent(frame: pl.DataFrame) -> dict[str, tuple[frozenset[str], float]]:
    """Return of each lent session the employers to which it is lent, and the share; (31)."""
    found: dict[str, tuple[frozenset[str], float]] = {}
    for session_id, employer, share in frame.select("session_id", "employer", "share").iter_rows():
        found[session_id] = (found.get(session_id, (frozenset(), share))[0] | {employer}, share)
    return found


def struck_dates(scenario: Scenario) -> dict[str | None, set[date]]:
    """Return the dates on which posts of each employer are struck; (3), (12)."""
    employers = dict(scenario.network.clinics.select("clinic_id", "employer").iter_rows())
    found: dict[str | None, set[date]] = defaultdict(set)
    for clinic_id, day in scenario.members.select("clinic_id", "date").iter_rows():
        found[employers[clinic_id]].add(day)
    return found


def _says(row: Row, told: Told | None, morning: date | None) -> str:
    """Return what was told last, if the book still has the visit where it was then; (21)."""
    booked = row["session_id"], row["start"]
    if told is None or told.booked != booked:
        return ""
    if told.answer == "declined" or told.option == "waitlist":
        return "open"
    if told.option == "standby":
        return "open" if row["start"].date() == morning else "wait"
    if told.option == "another_site":
        return "elsewhere"
    return "booked" if (told.session_id, told.start) == booked else "time"


def _is_about(row: Row, about: tuple[bool, bool], told: Told | None, says: str, as_of: date) -> bool:
    """Whether the visit belongs to the plan; (3), (21), (22). ``about``: affected, date struck."""
    affected, struck = about
    if says == "time" and told is not None and told.start is not None:
        return told.start.date() > as_of
    if row["start"].date() <= as_of:
        return affected and says == "open"
    return affected or struck or says in ("wait", "open", "elsewhere")


def _booked(
    scenario: Scenario,
    policy: Policy,
    seen: pl.DataFrame,
    lost: Lost,
    told: Mapping[str, Told],
    as_of: date,
    morning: date | None,
) -> dict[str, Visit]:
    network, strike_dates = scenario.network, scenario.strike_dates
    in_question = seen.filter(
        pl.col("start").dt.date().is_in(strike_dates)
        | pl.col("session_id").is_in(list(lost))
        | pl.col("visit_id").is_in(list(told))
    ).sort("visit_id")
    asked = in_question.select("patient_id").unique()
    patients = _by_key(network.patients.join(asked, on="patient_id", how="semi"), "patient_id")
    sessions = _by_key(network.sessions, "session_id")
    states = dict(network.clinics.select("clinic_id", "state").iter_rows())
    employers = dict(network.clinics.select("clinic_id", "employer").iter_rows())
    struck = struck_dates(scenario)
    areas = _by_key(network.areas, "area_id")
    booked = {}
    for row in in_question.iter_rows(named=True):
        stretch = [
            pool for start, end, pool in lost.get(row["session_id"], []) if start <= row["start"] < end
        ]
        said = told.get(row["visit_id"])
        says = _says(row, said, morning)
        about = bool(stretch), row["start"].date() in struck.get(employers[row["clinic_id"]], ())
        if _is_about(row, about, said, says, as_of):
            patient = patients.get(row["patient_id"], {})
            area = areas.get(patient.get("area_id") or "", {})
            session = sessions.get(row["session_id"], {})
            booked[row["visit_id"]] = Visit(
                visit_id=row["visit_id"],
                patient_id=row["patient_id"],
                clinic_id=row["clinic_id"],
                session_id=row["session_id"],
                start=row["start"],
                minutes=row["minutes"],
                kind=row["kind"],
                urgency=row["urgency"],
                safe_by=row["safe_by"] or _safe_by(row, policy),
                video_ok=row["video_ok"],
                affected=bool(stretch),
                pool_id=stretch[0] if stretch else None,
                booked_clinician=session.get("clinician_id"),
                own_clinician=patient.get("clinician_id") or session.get("clinician_id"),
                state=patient.get("state") or area.get("state") or states[row["clinic_id"]],
                language=patient.get("language"),
                interpreter=bool(patient.get("interpreter")),
                home=_home(patient) or _home(area) or (None, None),
                area_id=patient.get("area_id"),
                told=said,
                says=says,
            )
    return booked


def _home(row: Row) -> tuple[float, float] | None:
    lat, lon = row.get("lat"), row.get("lon")
    return None if lat is None or lon is None else (lat, lon)


def _safe_by(row: Row, policy: Policy) -> date:
    day: date = row["start"].date()
    return day + timedelta(days=policy.safe_days[row["urgency"] - 1])
