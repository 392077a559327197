"""Small random networks with everything that the strike-day plan looks at, each made from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import polars as pl

from tideover import schema
from tideover.disruptions.leave import Leave
from tideover.disruptions.strike import Strike
from tideover.nouns import Network, Plan, Policy, Scenario
from tideover.nouns.change import RecordedChange
from tideover.responses.extra_sessions import ExtraSessions
from tideover.responses.telehealth import Telehealth
from tideover.responses.urgent_care import UrgentCare

AS_OF = date(2025, 11, 3)  # a Monday
STRIKE = date(2025, 11, 5)
PINS = {"visit_id": pl.String(), "option": pl.String(), "session_id": pl.String(), "start": pl.Datetime("us")}
Row = dict[str, Any]
AREAS = [
    {"area_id": "near", "lat": 44.97, "lon": -93.12, "state": "MN"},
    {"area_id": "over", "lat": 45.02, "lon": -93.0, "state": "WI"},
    {"area_id": "far", "lat": 45.4, "lon": -93.5, "state": None},
]


def moment(day: date, clock: str) -> datetime:
    """Return ``clock`` ("HH:MM") on ``day``."""
    return datetime.combine(day, time.fromisoformat(clock))


def frame(table: str, rows: list[Row]) -> pl.DataFrame:
    """Return ``rows`` as the table, completed, empty columns in their types."""
    types = {column.column: column.dtype for column in schema.tables()[table]}
    return schema.complete(table, pl.DataFrame(rows, schema_overrides=types) if rows else schema.empty(table))


def network(**tables: list[Row]) -> Network:
    """Return the network of the rows given; patients that only visits name are added."""
    known = {row["patient_id"] for row in tables.get("patients", [])}
    named = {row.get("patient_id") for row in tables.get("visits", [])} - {None} - known
    tables["patients"] = tables.get("patients", []) + [{"patient_id": name} for name in sorted(named)]
    return Network.of({name: frame(name, rows) for name, rows in tables.items()}, name="test", synthetic=True)


def pins(*rows: tuple[str, str, str | None, datetime | None]) -> pl.DataFrame:
    """Return pins (visit_id, option, session_id, start)."""
    return pl.DataFrame(list(rows), schema=PINS, orient="row")


def struck(visits: list[Row], sessions: list[Row] = (), working: float = 0.0, **tables: Any) -> Scenario:
    """Return a strike of the team Z (ten posts, 08:00 to 10:00) at clinic A; ``visits`` are booked with it.

    Where nothing else is said, a visit lasts 15 minutes from 08:00, is of urgency 4 and safe for a year;
    ``sessions`` are other teams of one post at A, and the network has no other clinic.
    """
    team = {"session_id": "Z", "start": moment(STRIKE, "08:00"), "end": moment(STRIKE, "10:00"), "posts": 10}
    booked = {"session_id": "Z", "start": moment(STRIKE, "08:00"), "urgency": 4, "safe_by": date(2026, 11, 5)}
    changes = tables.pop("changes", [])
    rows = [team | {"unit": "U"}, *sessions]
    made = network(
        clinics=tables.pop("clinics", [{"clinic_id": "A"}]),
        sessions=[{"clinic_id": "A"} | row for row in rows],
        visits=[
            {"visit_id": f"v{n}", "clinic_id": "A", "patient_id": f"p{n}"} | booked | row
            for n, row in enumerate(visits)
        ],
        **tables,
    )
    return Scenario.of(made, [Strike(dates=(STRIKE,), working=working), *changes])


def session(name: str, day: int, start: str, end: str, **more: Any) -> Row:
    """Return a session on a day of November 2025."""
    on = date(2025, 11, day)
    return {"session_id": name, "start": moment(on, start), "end": moment(on, end)} | more


def decided(plan: Plan, visit_id: str) -> Row:
    """Return the decision for one visit."""
    return plan.decisions.row(by_predicate=pl.col("visit_id") == visit_id, named=True)


@dataclass(frozen=True)
class Case:
    """A random network, changes that fit it, and a policy."""

    network: Network
    changes: list[RecordedChange]
    policy: Policy


def case_of(seed: int, large: bool = False) -> Case:
    """Return the case of ``seed``; a ``large`` one has some hundreds of visits."""
    chance = Random(seed)  # noqa: S311 (test data)
    clinics = _clinics(chance)
    people = _clinicians(chance, clinics)
    sessions = _sessions(chance, clinics, people)
    patients = _patients(chance, people, 400 if large else 30)
    visits = _visits(chance, sessions, patients, chance.randint(100, 500) if large else chance.randint(1, 40))
    support = _staffed(Random(f"{seed} staff"), clinics)  # noqa: S311 (test data)
    made = network(
        clinics=clinics,
        clinicians=people,
        sessions=sessions,
        patients=patients,
        visits=visits,
        areas=AREAS,
        support_staff=support,
    )
    return Case(made, _changes(chance, clinics, people, sessions), _policy(chance))


def shuffled(net: Network, seed: int) -> Network:
    """Return the network with the rows of every table in another order."""
    frames = {n: table.sample(fraction=1, shuffle=True, seed=seed) for n, table in net.tables().items()}
    return net.replace(**frames)


def _clinics(chance: Random) -> list[Row]:
    kinds = ["primary", chance.choice(["primary", "hospital"]), "urgent_care", "primary"]
    rows = []
    for number, kind in enumerate(kinds[: chance.randint(2, 4)]):
        spot = chance.choice(
            [None, (44.95, -93.1), (44.95, -93.1), (44.97, -93.2), (45.0, -93.1), (45.4, -93.6)]
        )
        rows.append(
            {
                "clinic_id": f"c{number}",
                "kind": kind,
                "lat": spot and spot[0] + number / 100,
                "lon": spot and spot[1],
                "state": chance.choice(["MN", "WI", None]),
                "closes_on": chance.choice([None, None, None, date(2025, 11, 12)]),
            }
        )
    rows[0]["closes_on"] = None
    return rows


def _staffed(chance: Random, clinics: list[Row]) -> list[Row]:
    """Give clinics the fewest with whom they open, and return their support staff."""
    rows = []
    for clinic in clinics:
        clinic["min_clinicians"] = chance.choice([1, 1, 2, 3])
        clinic["min_support_fte"] = chance.choice([None, None, 1.0, 2.5])
        rows += [
            {"clinic_id": clinic["clinic_id"], "role": role, "fte": chance.choice([0.7, 1.3])}
            for role in ("nurse", "medical_assistant")
            if chance.random() < 0.7
        ]
    return rows


def _clinicians(chance: Random, clinics: list[Row]) -> list[Row]:
    return [
        {
            "clinician_id": f"k{number}",
            "role": chance.choice(["physician", "pa", "np"]),
            "clinic_id": chance.choice(clinics)["clinic_id"],
            "unit": chance.choice(["doctors", "nurses", None]),
            "states_licensed": chance.choice([None, ["MN"], ["MN", "WI"]]),
            "languages": chance.choice([None, ["en"], ["en", "so"], ["es"]]),
            "daily_minutes": chance.choice([600, 600, 120, 45]),
        }
        for number in range(chance.randint(1, 6))
    ]


def _sessions(chance: Random, clinics: list[Row], people: list[Row]) -> list[Row]:
    rows = []
    for ahead in range(-9, 16):
        day = AS_OF + timedelta(days=ahead)
        if day.weekday() >= 5 and chance.random() < 0.8:
            continue
        for clinic in clinics:
            is_open = clinic["closes_on"] is None or day < clinic["closes_on"]
            held = is_open and chance.random() < (0.9 if day == STRIKE else 0.5)
            rows += [_team(chance, clinic, day)] if held else []
        if day == STRIKE:
            rows.append(_team(chance, clinics[0], day) | {"posts": 12, "unit": "doctors"})
        for person in people:
            if chance.random() < 0.5:
                rows.append(_own(chance, person, chance.choice(clinics), day))
    return [row | {"session_id": f"s{number:03}"} for number, row in enumerate(rows)]


def _team(chance: Random, clinic: Row, day: date) -> Row:
    start, end = chance.choice([("08:00", "10:00"), ("08:00", "12:00"), ("09:20", "11:05")])
    posts = chance.choice([1, 2, 10, 12]) if day == STRIKE else chance.choice([1, 1, 2, 3])
    length = (moment(day, end) - moment(day, start)).seconds // 60
    return {
        "clinic_id": clinic["clinic_id"],
        "start": moment(day, start),
        "end": moment(day, end),
        "posts": posts,
        "unit": chance.choice(["doctors", "nurses", None]),
        "mode": chance.choice(["in_person", "in_person", "video"]),
        "open_minutes": chance.choice([None, None, length * posts * 2 // 3, 70]),
    }


def _own(chance: Random, person: Row, clinic: Row, day: date) -> Row:
    start, end = chance.choice([("08:00", "09:00"), ("13:00", "14:30"), ("15:10", "16:00")])
    return {
        "clinic_id": clinic["clinic_id"],
        "clinician_id": person["clinician_id"],
        "start": moment(day, start),
        "end": moment(day, end),
        "mode": chance.choice(["in_person", "in_person", "video"]),
        "open_minutes": chance.choice([None, None, 40]),
    }


def _patients(chance: Random, people: list[Row], number: int) -> list[Row]:
    spots = [(None, None), (44.95, -93.1), (44.95, -93.15), (45.0, -93.2), (45.3, -93.6)]
    rows = []
    for at in range(number):
        lat, lon = chance.choice(spots)
        rows.append(
            {
                "patient_id": f"p{at:03}",
                "lat": lat,
                "lon": lon,
                "area_id": chance.choice([None, None, *(area["area_id"] for area in AREAS)]),
                "state": chance.choice([None, "MN", "WI"]),
                "clinician_id": chance.choice([None, *(person["clinician_id"] for person in people)]),
                "language": chance.choice([None, "en", "so", "hmn"]),
                "interpreter": chance.random() < 0.2,
                "payer": chance.choice(["public", "private"]),
            }
        )
    return rows


def _visits(chance: Random, sessions: list[Row], patients: list[Row], number: int) -> list[Row]:
    steps = chance.choice([(15, 30), (15, 30, 45, 60), (10, 20, 30), (20,), (10, 15)])
    due = [row for row in sessions if row["start"].date() == STRIKE] or sessions
    rows = []
    for at in range(number):
        session = chance.choice(due if chance.random() < 0.7 else sessions)
        length = (session["end"] - session["start"]).seconds // 60
        minutes = chance.choice([step for step in steps if step <= length])
        day = session["start"].date()
        start = session["start"] + timedelta(minutes=5 * chance.randint(0, (length - minutes) // 5))
        if not _is_free(session, start, minutes, rows):
            continue
        rows.append(
            {
                "visit_id": f"v{at:03}",
                "patient_id": chance.choice([None, chance.choice(patients)["patient_id"]]),
                "clinic_id": session["clinic_id"],
                "session_id": session["session_id"],
                "booked_on": chance.choice([None, day - timedelta(days=chance.randint(0, 14))]),
                "start": start,
                "minutes": minutes,
                "kind": chance.choice([None, "acute", "chronic", "procedure"]),
                "urgency": chance.randint(1, 6),
                "safe_by": chance.choice([None, None, day + timedelta(days=chance.randint(-1, 9))]),
                "video_ok": chance.random() < 0.5,
            }
        )
    return rows


def _is_free(session: Row, start: datetime, minutes: int, rows: list[Row]) -> bool:
    """Whether a clinician's session has nothing booked then; a team's may be booked several times."""
    taken = [
        (r["start"], r["start"] + timedelta(minutes=r["minutes"]))
        for r in rows
        if r["session_id"] == session["session_id"]
    ]
    end = start + timedelta(minutes=minutes)
    return "clinician_id" not in session or all(end <= low or high <= start for low, high in taken)


def _changes(
    chance: Random, clinics: list[Row], people: list[Row], sessions: list[Row]
) -> list[RecordedChange]:
    held = {row["start"].date() for row in sessions}
    ahead = chance.choice([0, 0, 0, 1, 5])
    dates = sorted({STRIKE, STRIKE + timedelta(days=ahead)} & held)
    facts: Row = {
        "dates": dates,
        "working": 0.0 if ahead else chance.choice([0.0, 0.2, "0.1..0.2..0.5", 0.5, 1.0]),
    }
    facts["hours"] = chance.choice(["00:00-24:00", "00:00-24:00", "09:10-17:00", "00:00-09:30"])
    facts["units"] = chance.choice([[], ["doctors"]])
    changes: list[RecordedChange] = [Strike.from_facts(facts)]
    later = sorted(day for day in held if day > STRIKE + timedelta(days=5))
    if later and chance.random() < 0.4:
        day = chance.choice(later)
        there = [row for row in sessions if row["start"].date() == day]
        away = [row["clinician_id"] for row in there if "clinician_id" in row]
        named: Row = {"clinicians": [away[0]]} if away else {"clinics": [there[0]["clinic_id"]]}
        changes.append(
            Leave.from_facts({"dates": [day], "hours": chance.choice(["00:00-24:00", "00:00-15:30"])} | named)
        )
    hours = {"dates": [chance.choice([STRIKE, STRIKE + timedelta(days=1)])], "hours": "08:00-10:00"}
    if chance.random() < 0.4:
        changes.append(ExtraSessions.from_facts(hours | {"clinics": ["c0"], "posts": chance.randint(1, 3)}))
    if chance.random() < 0.4:
        changes.append(Telehealth.from_facts(hours | {"clinics": ["c1"]}))
    if chance.random() < 0.4 and any(c["kind"] == "urgent_care" for c in clinics):
        changes.append(UrgentCare.from_facts(hours))
    return changes


def _policy(chance: Random) -> Policy:
    terms = Policy.default().terms
    chance.shuffle(terms)
    cuts = sorted(chance.sample(range(1, len(terms)), chance.randint(0, 3)))
    shuffled_levels = [terms[a:b] for a, b in zip([0, *cuts], [*cuts, len(terms)], strict=True)]
    first = chance.randint(1, 4)
    chosen: Row = {
        "contact_lead_days": chance.choice([0, 1, 2, 4]),
        "horizon_days": chance.choice([0, 3, 10]),
        "history_days": chance.choice([5, 42]),
        "travel_limit_minutes": chance.choice([0, 20, 60]),
        "stand_quantile": chance.choice([0.0, 0.0, 0.1, 0.5]),
        "standby_from_urgency": chance.randint(1, 6),
        "reserve_to_urgency": chance.choice([0, 2, 6]),
        "urgent_care_from_urgency": first,
        "urgent_care_to_urgency": chance.randint(first, 6),
        "safe_days": chance.choice([[0, 1, 7, 14, 28, 56], [0, 0, 0, 0, 0, 0]]),
        "urgency_weight": chance.choice([[100, 50, 20, 10, 5, 2], [3, 0, 1, 1, 0, 7]]),
        "scope": chance.choice([{}, {"acute": ["physician"], "procedure": ["pa", "np"]}]),
        "weights": chance.choice([{}, {"told": 0, "added_travel": 7}, {"not_placed": 0, "standby": 1000}]),
    }
    if chance.random() < 0.5:
        chosen["levels"] = shuffled_levels
    return Policy.of(chosen)
