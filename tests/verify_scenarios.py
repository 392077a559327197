"""Random strike days of a few visits, small enough to try every plan (Hypothesis strategies)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from tideover.errors import InputError
from tideover.nouns import Network, Policy, Scenario
from tideover.nouns.share import WorkingShare
from tideover.responses.mutual_aid import MutualAid
from tideover.verify.case import Case, Pin
from tideover.verify.rules import option_in

STRIKE = date(2025, 11, 5)
AS_OF = date(2025, 11, 3)
CLINICS = [
    ("A", "primary", 44.95, -93.10, "X", None),
    ("D", "primary", 44.96, -93.12, "X", None),
    ("B", "primary", 44.97, -93.20, "Y", None),
    ("C", "primary", None, None, None, date(2025, 11, 7)),
    ("U", "urgent_care", 44.96, -93.12, "X", None),
]


def at(day: int, minute: int) -> datetime:
    """Return a moment of November 2025, ``minute`` after eight o'clock."""
    return datetime(2025, 11, day, 8) + timedelta(minutes=minute)


@st.composite
def _clinics(draw: st.DrawFn) -> pl.DataFrame:
    names = ["clinic_id", "kind", "lat", "lon", "state", "closes_on", "min_clinicians", "min_support_fte"]
    few = {clinic: draw(st.sampled_from([1, 1, 2])) for clinic in "AD"}
    wanted = {"D": draw(st.sampled_from([None, 0.5, 1.0]))}
    rows = [(*row, few.get(row[0], 1), wanted.get(row[0])) for row in CLINICS]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


@st.composite
def _clinicians(draw: st.DrawFn) -> pl.DataFrame:
    rows = [
        (
            name,
            draw(st.sampled_from(["physician", "np"])),
            home,
            draw(st.sampled_from([None, ["es"], ["en", "es"]])),
            draw(st.sampled_from([None, ["X"], ["X", "Y"]])),
            draw(st.sampled_from([30, 60, 600])),
        )
        for name, home in (("k1", "A"), ("k2", "B"))
    ]
    columns = {
        "clinician_id": pl.String,
        "role": pl.String,
        "clinic_id": pl.String,
        "languages": pl.List(pl.String),
        "states_licensed": pl.List(pl.String),
        "daily_minutes": pl.Int64,
    }
    return pl.DataFrame(rows, schema=columns, orient="row")


@st.composite
def _sessions(draw: st.DrawFn) -> list[dict[str, Any]]:
    struck = [
        {"session_id": "Z0", "clinic_id": "A", "clinician_id": None, "start": at(5, 0), "end": at(5, 120)},
        {"session_id": "Z1", "clinic_id": "A", "clinician_id": "k1", "start": at(5, 0), "end": at(5, 60)},
    ]
    if draw(st.booleans()):
        second = {"session_id": "Z2", "clinic_id": "D", "clinician_id": None, "start": at(5, 0)}
        struck.append(second | {"end": at(5, draw(st.sampled_from([60, 120])))})
    for row in struck:
        row |= {"mode": "in_person", "posts": 2, "open_minutes": None}
    more = []
    for number in range(draw(st.integers(1, 3))):
        day = draw(st.sampled_from([5, 6, 7, 10]))
        pooled = draw(st.booleans())
        more.append(
            {
                "session_id": f"S{number}",
                "clinic_id": draw(st.sampled_from("AABCUD")),
                "clinician_id": None if pooled else draw(st.sampled_from(["k1", "k2"])),
                "start": at(day, 0),
                "end": at(day, draw(st.sampled_from([30, 45, 60]))),
                "mode": draw(st.sampled_from(["in_person", "in_person", "video"])),
                "posts": draw(st.integers(1, 2)) if pooled else 1,
                "open_minutes": draw(st.sampled_from([None, None, 40])),
            }
        )
    return struck + more


@st.composite
def _visits(draw: st.DrawFn, sessions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for number in range(draw(st.integers(1, 3)) + draw(st.integers(0, 3))):
        free = number >= 3
        session = draw(st.sampled_from([s for s in sessions if s["session_id"].startswith("Z") != free]))
        rows.append(
            {
                "visit_id": f"v{number}",
                "patient_id": draw(st.sampled_from([None, "p0", "p1", "p2"])),
                "clinic_id": session["clinic_id"],
                "session_id": session["session_id"],
                "booked_on": draw(
                    st.sampled_from([None, date(2025, 10, 30), date(2025, 11, 3), date(2025, 11, 4)])
                ),
                "start": session["start"] + timedelta(minutes=15 * draw(st.integers(0, 1 if free else 3))),
                "minutes": draw(st.sampled_from([15, 15, 30])),
                "kind": draw(st.sampled_from([None, "acute", "chronic"])),
                "urgency": draw(st.integers(1, 6)),
                "safe_by": draw(st.sampled_from([None, date(2025, 11, 4), date(2025, 11, 6)])),
                "video_ok": draw(st.booleans()),
            }
        )
    return rows


@st.composite
def _patients(draw: st.DrawFn) -> pl.DataFrame:
    rows = [
        (
            name,
            *draw(st.sampled_from([(None, None), (44.95, -93.11), (45.20, -93.60)])),
            draw(st.sampled_from([None, "X", "Y"])),
            draw(st.sampled_from([None, "k1", "k2"])),
            draw(st.sampled_from([None, "en", "so"])),
            draw(st.booleans()),
        )
        for name in ("p0", "p1", "p2")
    ]
    names = ["patient_id", "lat", "lon", "state", "clinician_id", "language", "interpreter"]
    types = {"patient_id": pl.String, "lat": pl.Float64, "lon": pl.Float64}
    return pl.DataFrame(rows, schema=names, schema_overrides=types, orient="row")


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies with tight limits, so that every rule bites now and then."""
    return Policy.of(
        {
            "travel_limit_minutes": draw(st.sampled_from([5, 20, 40])),
            "horizon_days": draw(st.sampled_from([2, 7])),
            "contact_lead_days": draw(st.sampled_from([2, 3])),
            "standby_from_urgency": draw(st.integers(1, 6)),
            "reserve_to_urgency": draw(st.sampled_from([0, 2])),
            "stand_quantile": draw(st.sampled_from([0.1, 0.5])),
            "rest_hours": draw(st.sampled_from([0, 11, 23])),
            "scope": draw(st.sampled_from([{}, {"acute": ["physician"]}])),
        }
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A strike day of at most three affected visits, seen on the third, perhaps with a pin."""
    sessions = draw(_sessions())
    visits = draw(_visits(sessions))
    tables = {
        "clinics": draw(_clinics()),
        "support_staff": pl.DataFrame({"clinic_id": ["A", "D"], "role": ["nurse"] * 2, "fte": [1.5, 0.9]}),
        "clinicians": draw(_clinicians()),
        "sessions": pl.DataFrame(sessions, infer_schema_length=None),
        "patients": draw(_patients()),
        "visits": pl.DataFrame(visits, infer_schema_length=None),
    }
    lost = [
        ("Z0", at(5, 0), at(5, 120), "pool-A"),
        ("Z1", at(5, 0), at(5, draw(st.sampled_from([30, 60]))), None),
    ]
    tables["clinics"] = tables["clinics"].with_columns(pl.Series("employer", draw(_employers()), pl.String))
    scenario = _lent(draw, Scenario(Network.of(tables)))
    two_sites = any(row["session_id"] == "Z2" for row in sessions)
    if two_sites:
        lost.append(("Z2", at(5, 0), at(5, 120), "pool-A"))
    sites = [("pool-A", STRIKE, "A")] + ([("pool-A", STRIKE, "D")] if two_sites else [])
    working = draw(st.sampled_from(["0.0", "0.3", "0.6", "0.2..0.5..0.9"]))
    share = WorkingShare.of(working)
    minutes = draw(st.sampled_from([30, 60]))
    scenario = scenario.replace(
        lost=_frame(scenario.lost, [(sid, start, end, "strike", pool) for sid, start, end, pool in lost]),
        pools=_frame(scenario.pools, [("pool-A", STRIKE, 4, float(share.mean), working)]),
        members=_frame(scenario.members, sites),
        cover=_frame(scenario.cover, [("pool-A", STRIKE, 8, minutes), ("pool-A", STRIKE, 9, minutes)]),
    )
    policy = draw(policies())
    case = Case.of(scenario, policy, AS_OF, [])
    return Case.of(scenario, policy, AS_OF, draw(_pins(case)))


@st.composite
def _employers(draw: st.DrawFn) -> list[str | None]:
    """Whose the ``CLINICS`` are: nobody named, or A and D (a pool together) of one employer."""
    if draw(st.booleans()):
        return [None] * len(CLINICS)
    return ["north", "north", *(draw(st.sampled_from(["north", "lakes", "lakes", None])) for _ in "BCU")]


def _lent(draw: st.DrawFn, scenario: Scenario) -> Scenario:
    """Return the scenario with room lent between the employers, where there are two and the draw says so."""
    if scenario.network.clinics["employer"].drop_nulls().n_unique() < 2 or draw(st.booleans()):
        return scenario
    roles = draw(st.sampled_from([(), (), ("np",)]))
    share = draw(st.sampled_from([0.4, 0.5, 1.0]))
    try:
        return MutualAid(employers=("lakes", "north"), share=share, roles=roles).apply(scenario)
    except InputError:  # nobody of the role
        return scenario


def _frame(like: pl.DataFrame, rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=like.schema, orient="row")


@st.composite
def _pins(draw: st.DrawFn, case: Case) -> list[Pin]:
    if not case.free_visits or draw(st.booleans()):
        return []
    visit = case.free_visits[0]
    option = draw(st.sampled_from(["stand", "standby", "waitlist", "in a session"]))
    if option != "in a session":
        return [Pin(visit.visit_id, option, None, None)]
    session = draw(st.sampled_from([case.sessions[name] for name in case.sessions if name.startswith("S")]))
    return [Pin(visit.visit_id, option_in(case, visit, session), session["session_id"], session["start"])]
