"""A strike day small enough to plan by hand, and its plan folder written without the planner.

Wednesday 2025-11-05, seen on Monday the 3rd. The team of clinic A has 10 posts but only 150 minutes open,
from 08:00 to 10:00; with a quarter of them worked, one post stands (the 0.1 quantile of Bin(10, 1/4) is 1)
and one is on standby. So of 75 minutes in each hour, floor(75 / 150) = 0 units stand in the first and
floor(150 / 150) - 0 = 1 in the second; standby likewise. Another session of the day is full. On Friday half
an hour is open: two units of 15 minutes.

| visit | booked | minutes | urgency | safe by | plan | points |
|---|---|---|---|---|---|---|
| a | 08:00 | 15 | 1 | 5 Nov | Friday 08:00 | 2 days late x 100 = 200; 2 days moved x 100; told 40 |
| b | 08:15 | 30 | 4 | 19 Nov | wait-list: 4 Dec | 15 days late x 10 = 150; not placed 1; 29 x 10; told 40 |
| c | 09:00 | 15 | 4 | 19 Nov | stand | 0 |
| d | 09:15 | 15 | 6 | 31 Dec | Friday 08:15 | 2 x 2; told 40 |
| e | 13:00 | 30 | 4 | 19 Nov | stands, not affected | 0 |

Levels: 200 + 150 = 350; 1; 0; 240 + 330 + 44 = 614. The prices prove each of them: see ``PRICES``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from tideover.nouns import Network, Policy
from tideover.nouns.told import WHY
from tideover.readers import read_network, write_network
from tideover.verify import verify

STRIKE = date(2025, 11, 5)
TERMS = (
    *("past_safe_by", "not_placed", "told_again"),
    *("days_moved", "continuity_broken", "added_travel", "told", "standby"),
)
WEIGHTS = [[1], [1000, 1], [1000, 1, 1], [1_000_000, 1000, 1, 1]]

#: Level 0: a on Friday costs 200, waiting 2900; b waits for 150. With p_a = 2900 and p_b = 150 Friday is
#: worth at most max(2700, 150), so B = 2900 + 150 - 2700 = 350. Level 1 (x 1000, and 1 for waiting):
#: B = 2,900,001 + 150,001 - 2,700,001 = 350,001. Level 2 the same: nobody was told before. Level 3: c and d
#: are worth 44 each, so that the standing unit is worth 44 and d on Friday nothing:
#: B = 2,900,003,940 + 150,001,330 + 44 + 44 - 44 - 2,700,003,700 = 350,001,614.
PRICES = (
    {"a": 2900, "b": 150, "c": 0, "d": 0},
    {"a": 2_900_001, "b": 150_001, "c": 0, "d": 0},
    {"a": 2_900_001, "b": 150_001, "c": 0, "d": 0},
    {"a": 2_900_003_940, "b": 150_001_330, "c": 44, "d": 44},
)
COSTS = (350, 1, 0, 614)
WHOLE = 350_001_614


ROLES = ["np", "pa", "physician"]
#: Visit a has a safe place only in a session of its own hour: one from 08:00 will do. With 60 for a minute
#: from 08:00 to 09:00 it is worth 15 x 60 = 900 there and the session at most 60 x 60 = 3600, so that a
#: quarter of a session, which is one, is needed.
SAFE_COVER = {
    "sessions": 1,
    "lower_bound": 1,
    "proven": True,
    "session_minutes": 240,
    "by_pool": [
        {
            "pool_id": "pool-A",
            "date": "2025-11-05",
            "visits": 1,
            "minutes": 15,
            "sessions": 1,
            "lower_bound": 1,
            "by_role": [{"clinic_id": "A", "roles": ROLES, "start": "08:00", "end": "12:00", "sessions": 1}],
        }
    ],
    "not_helped": 0,
    "method": "by hand",
}
SAFE_COVER_PROOF = {
    "places": [
        {
            "visit_id": "a",
            "option": "safe_cover",
            "clinic_id": "A",
            "roles": ROLES,
            "session_id": None,
            "start": None,
        }
    ],
    "bounds": [
        {
            "groups": [["pool-A", "2025-11-05"]],
            "counts": True,
            "sessions": 1,
            "case": {
                "prices": {"a": 900},
                "rates": [
                    {
                        "pool_id": "pool-A",
                        "date": "2025-11-05",
                        "clinic_id": "A",
                        "hour": 8,
                        "roles": ROLES,
                        "rate": 60,
                    }
                ],
                "tolls": [],
            },
        }
    ],
}

#: One session more holds a, b and d: nothing costs anything then, so it saves all there is.
WORTH = {
    "session_minutes": 240,
    "levels": [
        "past_safe_by",
        "not_placed",
        "told_again",
        "days_moved+continuity_broken+added_travel+told+standby",
    ],
    "sessions": [
        {
            "pool_id": "pool-A",
            "date": "2025-11-05",
            "roles": ROLES,
            "start": "08:00",
            "end": "12:00",
            "clinic_id": "A",
            "visits": 4,
            "at_least": [350, 1, 0, 614],
            "at_most": [350, 1, 0, 614],
            "held": ["a", "b", "d"],
        }
    ],
    "method": "by hand",
}


def clock(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November 2025."""
    return datetime(2025, 11, day, hour, minute)


def network() -> Network:
    """Return the network of the module's text."""
    sessions = [
        ("S0", clock(5, 8), clock(5, 10), 10, "U1", 150),
        ("S1", clock(7, 8), clock(7, 8, 30), 1, None, None),
        ("S3", clock(5, 13), clock(5, 13, 30), 1, None, None),
    ]
    visits = [
        ("a", "S0", clock(5, 8), 15, 1, None),
        ("b", "S0", clock(5, 8, 15), 30, 4, None),
        ("c", "S0", clock(5, 9), 15, 4, None),
        ("d", "S0", clock(5, 9, 15), 15, 6, date(2025, 12, 31)),
        ("e", "S3", clock(5, 13), 30, 4, None),
    ]
    of_sessions = ["session_id", "start", "end", "posts", "unit", "open_minutes"]
    of_visits = ["visit_id", "session_id", "start", "minutes", "urgency", "safe_by"]
    tables = {
        "clinics": pl.DataFrame({"clinic_id": ["A"]}),
        "patients": pl.DataFrame({"patient_id": [f"p{v[0]}" for v in visits]}),
        "sessions": pl.DataFrame(sessions, schema=of_sessions, orient="row").with_columns(
            clinic_id=pl.lit("A")
        ),
        "visits": pl.DataFrame(visits, schema=of_visits, orient="row").with_columns(
            clinic_id=pl.lit("A"), patient_id="p" + pl.col("visit_id")
        ),
    }
    return Network.of(tables, name="By hand", synthetic=True)


def decisions() -> pl.DataFrame:
    """Return the decisions of the module's text."""
    rows: list[dict[str, Any]] = []
    for row in network().visits.sort("visit_id").iter_rows(named=True):
        hit = row["visit_id"] != "e"
        safe_by = {"a": STRIKE, "d": date(2025, 12, 31)}.get(row["visit_id"], date(2025, 11, 19))
        booked = {
            name: row[name]
            for name in ("visit_id", "patient_id", "clinic_id", "session_id", "start", "minutes")
        }
        booked |= {"urgency": row["urgency"], "safe_by": safe_by, "affected": hit}
        booked |= {"pool_id": "pool-A" if hit else None}
        rows.append(booked | _place(row) | dict.fromkeys(TERMS, 0) | _points(row["visit_id"]))
    types = {"safe_by": pl.Date(), "pool_id": pl.String(), "new_clinician_id": pl.String()}
    return pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)


def _place(row: dict[str, Any]) -> dict[str, Any]:
    new = {
        "a": ("own_clinician", "A", "S1", clock(7, 8)),
        "b": ("waitlist", None, None, None),
        "d": ("own_clinician", "A", "S1", clock(7, 8, 15)),
    }.get(row["visit_id"], ("stand", "A", row["session_id"], row["start"]))
    option, clinic, session, start = new
    return {
        "option": option,
        "new_clinic_id": clinic,
        "new_session_id": session,
        "new_clinician_id": None,
        "new_start": start,
    }


def _points(visit_id: str) -> dict[str, int]:
    return {
        "a": {"past_safe_by": 200, "days_moved": 200, "told": 40},
        "b": {"past_safe_by": 150, "not_placed": 1, "days_moved": 290, "told": 40},
        "d": {"days_moved": 4, "told": 40},
    }.get(visit_id, {})


def facts(read: Network) -> dict[str, Any]:
    """Return what ``plan.json`` says of the plan of the module's text."""
    policy = json.loads(json.dumps(Policy.default().as_dict()))
    packed = json.dumps(policy, sort_keys=True, separators=(",", ":"))
    counts = {"booked": 5, "affected": 4, "stand": 2, "another_site": 0, "standby": 0, "moved": 2}
    counts |= {"video": 0, "urgent_care": 0}
    posts = {"posts": 10, "working_share": 0.25, "working": "0.25", "stand_posts": 1, "standby_posts": 1}
    posts["clinics"] = ["A"]
    frame = decisions()
    site = {"pool_id": "pool-A", "date": "2025-11-05", "clinic_id": "A", "posts": 1, "outside": 1}
    return {
        "tideover": "0.1.0",
        "kind": "strike",
        "network": {"name": read.name, "source": read.source, "files": dict(read.files), "synthetic": True},
        "as_of": "2025-11-03",
        "changes": [{"kind": "strike", "dates": ["2025-11-05"], "working": 0.25}],
        "policy": policy,
        "policy_sha256": hashlib.sha256(packed.encode()).hexdigest(),
        "pins": [],
        "unit_minutes": 15,
        "window": ["2025-11-05", "2025-12-03"],
        "counts": {**counts, "waitlist": 1, "unsafe_urgent": 1},
        "previous": None,
        "morning": None,
        "called_off": [],
        "called_off_chance": None,
        "decide_by": _decide_by(),
        "told": dict.fromkeys(("told", "kept", "told_again", *WHY), 0),
        "minimum_safe_cover": SAFE_COVER,
        "safe_cover_proof": SAFE_COVER_PROOF,
        "worth": WORTH,
        "pools": [{"pool_id": "pool-A", "date": "2025-11-05", **posts}],
        "sites": [site | {"fewest": 1, "opens": True}],
        "hours": _hours(),
        "terms": {term: int(frame[term].sum()) for term in TERMS},
        "levels": _levels(),
        "cost": WHOLE,
        "bound": WHOLE,
        "gap": 0.0,
        "kept_from_video": 0,
        "travel": {
            "source": "distance",
            "name": None,
            "sha256": None,
            "starts": {"home": 0, "booked_clinic": 0, "nowhere": 5},
            "pairs": {"known": 0, "unknown": 0, "unreachable": 0},
            "booked_unreachable": 0,
        },
        "scope": "given these sites",
        "later": None,
        "shares": [],
        "notes": [],
    }


def _decide_by() -> list[dict[str, Any]]:
    by_urgency = ((1, "2025-11-03T08:00:00"), (4, "2025-11-03T08:15:00"), (6, "2025-11-03T09:15:00"))
    return [
        {"pool_id": "pool-A", "date": "2025-11-05", "urgency": urgency, "visits": 1, "decide_by": by}
        for urgency, by in by_urgency
    ]


def _hours() -> list[dict[str, Any]]:
    columns = ("date", "hour", "booked", "affected", "stand_units", "stand", "standby")
    rows = (
        ("2025-11-05", 8, 2, 2, 0, 0, 0),
        ("2025-11-05", 9, 2, 2, 1, 1, 0),
        ("2025-11-05", 13, 1, 0, 0, 1, 0),
    )
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _levels() -> list[dict[str, Any]]:
    names = (*TERMS[:3], "+".join(TERMS[3:]))
    return [
        {
            "name": name,
            "terms": name.split("+"),
            "weights": weights,
            "cost": cost,
            "bound": cost,
            "gap": 0,
            "gap_share": 0.0,
        }
        for name, weights, cost in zip(names, WEIGHTS, COSTS, strict=True)
    ]


def write_plan(folder: Path) -> Path:
    """Write the network and the plan of the module's text into ``folder`` and return the plan's folder."""
    write_network(network(), folder / "network")
    plan = folder / "plan"
    plan.mkdir()
    frame = decisions()
    frame.write_parquet(plan / "decisions.parquet")
    frame.write_csv(plan / "decisions.csv")
    frame.filter(pl.col("option") != "stand").select("visit_id").write_csv(plan / "calls.csv")
    rows = [
        (level, visit, price) for level, of_level in enumerate(PRICES) for visit, price in of_level.items()
    ]
    pl.DataFrame(rows, schema=["level", "visit_id", "price"], orient="row").write_parquet(
        plan / "duals.parquet"
    )
    said = facts(read_network(folder / "network"))
    (plan / "plan.json").write_text(json.dumps(said), encoding="utf-8")
    seal(plan)
    return plan


def differences_after(folder: Path, change: Callable[[dict[str, Any]], object]) -> tuple[str, ...]:
    """Return what verify finds in the plan of the module's text with the facts of plan.json changed."""
    plan = write_plan(folder)
    said = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    change(said)
    (plan / "plan.json").write_text(json.dumps(said), encoding="utf-8")
    (found,) = verify(plan)
    return found.differences


def seal(plan: Path) -> None:
    """Write the hashes of the plan's files into ``plan.json``, as a careful forger would."""
    said = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    others = [path for path in plan.iterdir() if path.name != "plan.json"]
    said["files"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in others}
    (plan / "plan.json").write_text(json.dumps(said), encoding="utf-8")
