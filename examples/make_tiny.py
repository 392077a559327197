"""Make the tiny example network: three sites, fourteen posts, four weeks of a made-up book.

Nobody in it exists. The same seed gives the same bytes:

    python examples/make_tiny.py src/tideover/examples/tiny
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tideover import schema
from tideover.nouns import Network, Note
from tideover.readers import write_network

SEED = 20260310
FIRST, DAYS, STRIKE = date(2026, 2, 23), 26, date(2026, 3, 10)
UNIT = "clinic-unit"
PATIENTS = 420
SLOT = 15

CLINICS = (
    ("maple", "Maple Street Clinic", "primary", 44.9720, -93.2350),
    ("birch", "Birch Lake Clinic", "primary", 45.0480, -93.0750),
    ("harbor", "Harbor Urgent Care", "urgent_care", 44.9990, -93.1620),
)
#: Post, role, site, covered by the unit, languages, days with a video session.
POSTS = (
    ("maple-1", "physician", "maple", True, "en;es"),
    ("maple-2", "physician", "maple", True, "en"),
    ("maple-3", "np", "maple", True, "en;so"),
    ("maple-4", "pa", "maple", True, "en"),
    ("maple-5", "np", "maple", True, "en;hmn"),
    ("maple-6", "physician", "maple", False, "en"),
    ("birch-1", "physician", "birch", True, "en"),
    ("birch-2", "physician", "birch", True, "en;hmn"),
    ("birch-3", "pa", "birch", True, "en;es"),
    ("birch-4", "np", "birch", True, "en"),
    ("birch-5", "physician", "birch", False, "en;es"),
    ("harbor-1", "pa", "harbor", True, "en;es"),
    ("harbor-2", "np", "harbor", True, "en"),
    ("harbor-3", "physician", "harbor", False, "en"),
)
#: Posts that hold their Thursday session by video.
BY_VIDEO = {"maple-3", "birch-5"}
#: Kind: weight, urgencies, shortest and longest lead in days, lengths, share that may be held by video.
KINDS: dict[str, tuple[int, tuple[int, ...], int, int, tuple[int, ...], float]] = {
    "acute": (20, (1, 2, 2, 2, 3), 0, 3, (15, 15, 30), 0.15),
    "follow_up": (30, (3, 3, 4), 6, 24, (15, 30), 0.45),
    "chronic": (28, (4, 4, 5), 14, 40, (30,), 0.35),
    "preventive": (14, (5, 6), 20, 60, (30, 45), 0.0),
    "procedure": (8, (3, 4), 10, 30, (45,), 0.0),
}
SPOKEN = (("en", 74), ("es", 11), ("so", 7), ("hmn", 6), ("am", 2))
PAYERS = (("commercial", 50), ("medicare", 22), ("medicaid", 24), ("none", 4))


def main() -> None:
    """Write the network into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    write_network(make(chosen.seed), chosen.folder)


def make(seed: int = SEED) -> Network:
    """Return the tiny network; all of it is drawn from ``seed``."""
    chance = random.Random(seed)  # noqa: S311 (a made-up book, not a secret)
    sessions = _sessions()
    patients = _patients(chance)
    tables = {
        "clinics": [
            {"clinic_id": c, "name": n, "kind": k, "lat": lat, "lon": lon, "state": "MN"}
            for c, n, k, lat, lon in CLINICS
        ],
        "clinicians": [_clinician(*post) for post in POSTS],
        "support_staff": [
            {"clinic_id": site, "role": role, "fte": fte}
            for site, fte in (("maple", 4.0), ("birch", 3.5), ("harbor", 2.0))
            for role in ("nurse", "medical_assistant")
        ],
        "sessions": sessions,
        "patients": patients,
        "visits": _visits(chance, sessions, patients),
    }
    note = Note(
        "assumed", "network", "Synthetic: sites, posts, patients and visits are made up by a seeded script"
    )
    frames = {name: _frame(name, rows) for name, rows in tables.items()}
    return Network.of(frames, synthetic=True, name="Three Lakes (made up)", notes=(note,))


def _frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = {column.column: column.dtype for column in schema.tables()[table]}
    names = [name for name in columns if name in rows[0]]
    groups = {name: pl.String() for name in rows[0] if name.startswith(schema.GROUP_PREFIX)}
    return pl.DataFrame(rows, schema={name: columns[name] for name in names} | groups)


def _clinician(post: str, role: str, site: str, covered: bool, languages: str) -> dict[str, Any]:  # noqa: FBT001
    return {
        "clinician_id": post,
        "role": role,
        "specialty": "family medicine",
        "clinic_id": site,
        "fte": 0.8,
        "unit": UNIT if covered else None,
        "states_licensed": ["MN", "WI"] if post in BY_VIDEO else ["MN"],
        "languages": languages.split(";"),
        "daily_minutes": 300,
    }


def _sessions() -> list[dict[str, Any]]:
    """Return a half-day session for each post and weekday, and two on Tuesdays."""
    made = []
    for day in (FIRST + timedelta(days=n) for n in range(DAYS)):
        for number, (post, _, site, _, _) in enumerate(POSTS):
            if day.weekday() > 4:
                continue
            halves = ("am", "pm") if day.weekday() == 1 else (("am", "pm")[(number + day.weekday()) % 2],)
            made += [_session(post, site, day, half) for half in halves]
    return made


def _session(post: str, site: str, day: date, half: str) -> dict[str, Any]:
    hour = 9 if half == "am" else 13
    return {
        "session_id": f"{post}-{day:%m%d}-{half}",
        "clinic_id": site,
        "clinician_id": post,
        "start": datetime.combine(day, time(hour)),
        "end": datetime.combine(day, time(hour + 2)),
        "mode": "video" if post in BY_VIDEO and day.weekday() == 3 else "in_person",
        "slot_minutes": SLOT,
    }


def _patients(chance: random.Random) -> list[dict[str, Any]]:
    """Return patients around the two primary sites, each with an own clinician there."""
    made = []
    for number in range(1, PATIENTS + 1):
        site, _, _, lat, lon = CLINICS[0] if chance.random() < 0.55 else CLINICS[1]
        language = _pick(chance, SPOKEN)
        own = [post for post, _, home, _, spoken in POSTS if home == site and language in spoken.split(";")]
        any_post = [post for post, _, home, _, _ in POSTS if home == site]
        made.append(
            {
                "patient_id": f"p{number:03}",
                "lat": round(lat + chance.gauss(0, 0.035), 4),
                "lon": round(lon + chance.gauss(0, 0.045), 4),
                "state": "WI" if chance.random() < 0.03 else "MN",
                "birth_year": chance.randint(1936, 2025),
                "clinician_id": chance.choice(own or any_post),
                "payer": _pick(chance, PAYERS),
                "language": language,
                "interpreter": language != "en" and (not own or chance.random() < 0.3),
                "has_car": chance.random() < 0.82,
                "group_area": "west" if site == "maple" else "east",
            }
        )
    return made


def _pick(chance: random.Random, weighted: tuple[tuple[str, int], ...]) -> str:
    names, weights = zip(*weighted, strict=True)
    return str(chance.choices(names, weights)[0])


def _visits(
    chance: random.Random, sessions: list[dict[str, Any]], patients: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return visits that fill each session up to its share, no patient twice on a day."""
    seen: dict[date, set[str]] = defaultdict(set)
    made: list[dict[str, Any]] = []
    for session in sessions:
        day = session["start"].date()
        urgent = session["clinic_id"] == "harbor"
        share = (0.90 if day == STRIKE else 0.84) - (0.20 if urgent else 0.0)
        booked, length = 0, 120
        while True:
            kind = "acute" if urgent else _pick(chance, tuple((name, k[0]) for name, k in KINDS.items()))
            visit = _visit(chance, session, kind)
            if booked + visit["minutes"] / 2 > share * length or booked + visit["minutes"] > length:
                break
            visit["patient_id"] = _patient(chance, session, patients, seen[day])
            visit["start"] = session["start"] + timedelta(minutes=booked)
            booked += visit["minutes"]
            made.append(visit)
    for number, visit in enumerate(made, start=1):
        visit["visit_id"] = f"v{number:04}"
    return made


def _visit(chance: random.Random, session: dict[str, Any], kind: str) -> dict[str, Any]:
    _, urgencies, shortest, longest, lengths, video = KINDS[kind]
    day = session["start"].date()
    urgency = chance.choice(urgencies)
    if urgency == 1 and chance.random() < 0.7:
        urgency = 2
    by_video = session["mode"] == "video" or chance.random() < video
    return {
        "visit_id": "",
        "patient_id": "",
        "clinic_id": session["clinic_id"],
        "session_id": session["session_id"],
        "booked_on": day - timedelta(days=chance.randint(shortest, longest)),
        "start": session["start"],
        "minutes": chance.choice(lengths),
        "kind": kind,
        "urgency": urgency,
        "safe_by": day + timedelta(days=chance.randint(1, 6))
        if kind == "procedure" and chance.random() < 0.6
        else None,
        "video_ok": by_video,
    }


def _patient(
    chance: random.Random, session: dict[str, Any], patients: list[dict[str, Any]], taken: set[str]
) -> str:
    """Return a patient who is free that day: mostly one of the clinician's own."""
    free = [patient for patient in patients if patient["patient_id"] not in taken]
    own = [patient for patient in free if patient["clinician_id"] == session["clinician_id"]]
    chosen = chance.choice(own if own and chance.random() < 0.85 else free)["patient_id"]
    taken.add(chosen)
    return str(chosen)


if __name__ == "__main__":
    main()
