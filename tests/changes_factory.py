"""Small random networks, and the naive minute-by-minute model that the changes are checked against."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from random import Random

import polars as pl
from hypothesis import strategies as st

from tideover import schema
from tideover.nouns import Network, Scenario

MONDAY = date(2025, 11, 3)
DATES = [MONDAY + timedelta(days=n) for n in range(3)]
HOURS = ["00:00-24:00", "00:00-17:00", "09:20-13:00", "12:00-24:00"]


def frame(table: str, rows: list[dict]) -> pl.DataFrame:
    """Return ``rows`` as the table, empty columns in their types."""
    types = {column.column: column.dtype for column in schema.tables()[table]}
    return pl.DataFrame(rows, schema_overrides=types) if rows else schema.empty(table)


def at(day: date, minute: int) -> datetime:
    """Return the moment ``minute`` minutes after midnight of ``day``."""
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def networks(most_posts: int = 8) -> st.SearchStrategy[Network]:
    """Return the strategy of small networks, built from a drawn seed: far quicker than many draws."""
    return st.builds(network_of, st.integers(0, 10**6), st.just(most_posts))


def network_of(seed: int, most_posts: int = 8) -> Network:
    """Return a network of a few clinics, clinicians with and without a unit, sessions, teams and visits."""
    chance = Random(seed)  # noqa: S311 (test data)
    sites = [_site(chance, f"c{n}") for n in range(chance.randint(1, 5))]
    clinics = [site["clinic_id"] for site in sites]
    people = [_person(chance, f"p{n}", clinics) for n in range(chance.randint(0, 12))]
    sessions = [
        _session(chance, f"s{n:02}", clinics, people, most_posts) for n in range(chance.randint(1, 16))
    ]
    visits = [
        {
            "visit_id": f"v{n}",
            "patient_id": f"i{n % 3}",
            "clinic_id": session["clinic_id"],
            "session_id": session["session_id"],
            "start": session["start"],
        }
        for n, session in enumerate(sessions)
    ]
    patients = [{"patient_id": f"i{n}", "payer": "public"} for n in range(3)]
    return Network.of(
        {
            "clinics": frame("clinics", sites),
            "clinicians": frame("clinicians", people),
            "sessions": frame("sessions", sessions),
            "visits": frame("visits", visits),
            "patients": frame("patients", patients),
            "payers": frame("payers", _payers(chance)),
        }
    )


def _payers(chance: Random) -> list[dict]:
    shares = [0.5, 0.25, 0.25]
    names = ["public", "private", "none"][: chance.choice([0, 3])]
    return [
        {"payer": name, "share_of_patients": share, "rate_per_work_rvu": float(chance.randint(20, 90))}
        for name, share in zip(names, shares, strict=False)
    ]


def _site(chance: Random, name: str) -> dict:
    spot = chance.choice([None, (44.9, -93.2), (44.9, -93.0), (45.3, -93.2), (45.0, -93.1)])
    kind = chance.choice(["primary", "primary", "urgent_care"])
    place = {"lat": spot and spot[0], "lon": spot and spot[1]}
    return {"clinic_id": name, "kind": kind, "employer": "north" if name < "c2" else "lakes"} | place


def _person(chance: Random, name: str, clinics: list[str]) -> dict:
    return {
        "clinician_id": name,
        "role": chance.choice(["physician", "np"]),
        "unit": chance.choice([None, "nurses", "doctors"]),
        "clinic_id": chance.choice(clinics),
    }


def _session(chance: Random, name: str, clinics: list[str], people: list[dict], most_posts: int) -> dict:
    clinician = chance.choice([None, *[person["clinician_id"] for person in people]])
    posts = 1 if clinician else chance.randint(1, most_posts)
    start, length = chance.randint(7 * 12, 18 * 12) * 5, chance.randint(1, 60) * 5
    day = chance.choice(DATES)
    return {
        "session_id": name,
        "clinic_id": chance.choice(clinics),
        "clinician_id": clinician,
        "start": at(day, start),
        "end": at(day, start + length),
        "posts": posts,
        "unit": None if clinician else chance.choice([None, "nurses", "doctors"]),
        "open_minutes": chance.choice([None, chance.randint(0, length * posts)]),
    }


def posts_of(network: Network) -> list[dict]:
    """Return the sessions as mappings, with the unit and role that count for each."""
    people = {row["clinician_id"]: row for row in network.clinicians.to_dicts()}
    sites = {row["clinic_id"]: row for row in network.clinics.to_dicts()}
    rows = network.sessions.to_dicts()
    for row in rows:
        person = people.get(row["clinician_id"])
        row["unit"] = person["unit"] if person else row["unit"]
        row["role"] = person["role"] if person else None
        row["site_kind"] = sites[row["clinic_id"]]["kind"]
    return rows


def minutes_of(hours: str) -> range:
    """Return the minutes of the day in ``hours``, read by hand."""
    clocks = [part.split(":") for part in hours.split("-")]
    first, last = (int(hour) * 60 + int(minute) for hour, minute in clocks)
    return range(first, last)


def lost_minutes(scenario: Scenario) -> dict[str, list[datetime]]:
    """Return every lost minute of every session, one by one, as often as a row of ``lost`` names it."""
    found = defaultdict(list)
    for row in scenario.lost.to_dicts():
        moment = row["from"]
        while moment < row["until"]:
            found[row["session_id"]].append(moment)
            moment += timedelta(minutes=1)
    return found


def shuffled(network: Network, seed: int) -> Network:
    """Return the network with the rows of every table in another order."""
    frames = {
        name: table.sample(fraction=1, shuffle=True, seed=seed) for name, table in network.tables().items()
    }
    return network.replace(**frames)
