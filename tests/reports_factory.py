"""A small made-up network under a strike, with a plan drawn by chance: what pages are tested on."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import polars as pl

from tideover.nouns import Network, Note, Plan, Policy, Scenario
from tideover.nouns.plan import DECISIONS, MOVED
from tideover.nouns.scenario import COVER, LOST, MEMBERS, POOLS

STRIKE = dt.date(2025, 11, 5)
AS_OF = dt.date(2025, 10, 29)
WINDOW = (AS_OF + dt.timedelta(days=2), STRIKE + dt.timedelta(days=28))
NAMES = ("Harbour", "Mill Lane", "North <Ridge> & Quay", "Old Town", "Riverside", "Station Road")


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute))


def weekdays(first: dt.date, last: dt.date) -> list[dt.date]:
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]


def make_network(
    visits: int = 300,
    clinics: int = 6,
    seed: int = 1,
    dates: tuple[dt.date, ...] = (STRIKE,),
    others: int = 0,
) -> Network:
    """Return sites with two clinicians each, ``visits`` on ``dates`` and ``others`` on other days."""
    draw = random.Random(seed)  # noqa: S311
    sites = [f"c{n:02}" for n in range(clinics)]
    clinician_of = {f"d{n:02}{k}": site for n, site in enumerate(sites) for k in "ab"}
    booked, people = [], []
    quiet = [day for day in weekdays(AS_OF, WINDOW[1]) if day not in dates]
    for n in range(visits + others):
        doctor = draw.choice(list(clinician_of))
        day = dates[n % len(dates)] if n < visits else draw.choice(quiet)
        urgency = draw.choices(range(1, 7), (2, 8, 20, 35, 20, 15))[0]
        people.append(_patient(draw, n, doctor))
        booked.append(_visit(draw, n, doctor, day, urgency) | {"clinic_id": clinician_of[doctor]})
    return Network.of(
        {
            "clinics": _clinics(sites),
            "clinicians": pl.DataFrame(
                {"clinician_id": list(clinician_of), "clinic_id": list(clinician_of.values()), "unit": "u1"}
            ),
            "sessions": _sessions(clinician_of),
            "patients": pl.DataFrame(people, infer_schema_length=None),
            "visits": pl.DataFrame(booked, infer_schema_length=None),
        },
        synthetic=True,
        name="Tideover example",
        source="examples/tiny",
        files={"clinics.csv": "ab" * 32, "visits.csv": "0f" * 32},
        notes=(Note("derived", "visits.urgency", "Urgency was derived from lead time and age.", visits),),
    )


def _clinics(sites: list[str]) -> pl.DataFrame:
    numbers = range(len(sites))
    return pl.DataFrame(
        {
            "clinic_id": sites,
            "name": [NAMES[n % 6] + (f" {n // 6 + 1}" if n > 5 else "") for n in numbers],
            "lat": [44.95 + n / 100 for n in numbers],
            "lon": [-93.2 + n / 90 for n in numbers],
        }
    )


def _sessions(clinician_of: dict[str, str]) -> pl.DataFrame:
    """Return a session of each clinician from 08:00 to 16:00 on every weekday of the window."""
    rows = [
        {
            "session_id": f"{doctor}-{day:%m%d}",
            "clinic_id": site,
            "clinician_id": doctor,
            "start": at(day, 8),
            "end": at(day, 16),
        }
        for day in weekdays(AS_OF, WINDOW[1])
        for doctor, site in clinician_of.items()
    ]
    return pl.DataFrame(rows)


def _patient(draw: random.Random, number: int, doctor: str) -> dict[str, Any]:
    return {
        "patient_id": f"P-{number:04}",
        "lat": 44.9 + draw.random() / 5,
        "lon": -93.3 + draw.random() / 5,
        "birth_year": draw.randint(1935, 2022),
        "clinician_id": doctor if draw.random() < 0.8 else None,
        "language": draw.choices(("en", "es", "so", None), (70, 18, 4, 8))[0],
        "has_car": draw.random() < 0.8,
        "payer": draw.choice(("public", "private")),
        "group_area": draw.choice(("east", "west")),
    }


def _visit(draw: random.Random, number: int, doctor: str, day: dt.date, urgency: int) -> dict[str, Any]:
    return {
        "visit_id": f"V-{number:04}",
        "patient_id": f"P-{number:04}",
        "session_id": f"{doctor}-{day:%m%d}",
        "booked_on": AS_OF - dt.timedelta(days=draw.randint(0, 60)),
        "start": at(day, draw.randint(8, 15), draw.choice((0, 15, 30, 45))),
        "minutes": draw.choice((15, 30)),
        "urgency": urgency,
        "kind": draw.choice(("acute", "chronic")),
        "safe_by": day + dt.timedelta(days=(0, 1, 7, 14, 28, 56)[urgency - 1]),
    }


def make_scenario(network: Network, share: float = 0.25, dates: tuple[dt.date, ...] = (STRIKE,)) -> Scenario:
    """Return the scenario in which every session of ``dates`` is struck, with one pool of all posts."""
    struck = network.sessions.filter(pl.col("start").dt.date().is_in(list(dates)))
    lost = struck.select(
        "session_id",
        pl.col("start").alias("from"),
        pl.col("end").alias("until"),
        pl.lit("strike").alias("cause"),
        pl.lit("pool-1").alias("pool_id"),
    )
    posts, sites = network.clinicians.height, network.clinics["clinic_id"].to_list()
    pools = [
        {"pool_id": "pool-1", "date": day, "posts": posts, "working_share": share, "working": str(share)}
        for day in dates
    ]
    members = [{"pool_id": "pool-1", "date": day, "clinic_id": site} for day in dates for site in sites]
    cover = [
        {"pool_id": "pool-1", "date": day, "hour": hour, "scheduled_minutes": 60 * posts}
        for day in dates
        for hour in range(8, 16)
    ]
    return Scenario(
        network,
        lost,
        pl.DataFrame(pools, schema=POOLS),
        pl.DataFrame(members, schema=MEMBERS),
        pl.DataFrame(cover, schema=COVER),
        before=network,
    ).replace(lost=lost.cast(dict(LOST)))


def _decide(
    draw: random.Random, visit: dict[str, Any], sessions: dict[Any, Any], waitlist: float
) -> dict[str, Any]:
    option = draw.choices(
        ("stand", "standby", *MOVED, "video", "urgent_care", "another_site"),
        (35, 10 if visit["urgency"] > 2 else 0, 25, 15, 10, 4, 2, 4),
    )[0]
    if draw.random() < waitlist:
        option = "waitlist"
    doctor = visit["session_id"].split("-")[0]
    partner = doctor[:-1] + ("b" if doctor.endswith("a") else "a")
    other = draw.choice([d for d in sessions["doctors"] if d[:-1] != doctor[:-1]] or [partner])
    who = {"own_clinician": doctor, "another_clinician": partner}.get(option, other)
    day = draw.choice(sessions["days"][:6] if visit["urgency"] < 3 else sessions["days"])
    row = {
        "option": option,
        "new_clinic_id": sessions["site"][who],
        "new_session_id": f"{who}-{day:%m%d}",
        "new_clinician_id": who,
        "new_start": at(day, visit["start"].hour, visit["start"].minute),
    }
    if option in ("stand", "standby"):
        row |= {
            "new_clinic_id": visit["clinic_id"],
            "new_session_id": visit["session_id"],
            "new_clinician_id": None,
            "new_start": visit["start"],
        }
    if option == "another_site":
        row |= {"new_session_id": None, "new_clinician_id": None, "new_start": visit["start"]}
    if option == "waitlist":
        row |= dict.fromkeys(("new_clinic_id", "new_session_id", "new_clinician_id", "new_start"))
    return row


def make_plan(scenario: Scenario, seed: int = 2, waitlist: float = 0.0, nothing: bool = False) -> Plan:
    """Return a plan drawn by chance, and facts that agree with it; with ``nothing`` every visit stands."""
    draw, network = random.Random(seed), scenario.network  # noqa: S311
    dates = scenario.strike_dates
    doctors = network.clinicians["clinician_id"].to_list()
    sessions = {
        "doctors": doctors,
        "site": dict(zip(doctors, network.clinicians["clinic_id"], strict=True)),
        "days": [day for day in weekdays(*WINDOW) if day not in dates],
    }
    rows = []
    booked = network.visits.filter(pl.col("start").dt.date().is_in(dates))
    for visit in booked.iter_rows(named=True):
        made = _decide(draw, visit, sessions, waitlist)
        if nothing:
            made = {
                "option": "stand",
                "new_clinic_id": visit["clinic_id"],
                "new_session_id": visit["session_id"],
                "new_clinician_id": visit["session_id"].split("-")[0],
                "new_start": visit["start"],
            }
        rows.append({**visit, "affected": not nothing, "pool_id": None if nothing else "pool-1", **made})
    frame = (
        pl.DataFrame(rows, infer_schema_length=None).select(*DECISIONS).cast(dict(DECISIONS)).sort("visit_id")
    )
    policy = Policy.default()
    terms = [pl.lit(None, pl.Int64).fill_null(0).alias(term) for term in policy.terms]
    prices = pl.DataFrame(schema={"level": pl.Int64, "visit_id": pl.String, "price": pl.Int64})
    return Plan(frame.with_columns(terms), prices, make_facts(frame, scenario, policy))


def counts_of(frame: pl.DataFrame) -> dict[str, int]:
    of = dict(frame["option"].value_counts().iter_rows())
    moved = sum(of.get(name, 0) for name in ("own_clinician", "another_clinician", "another_clinic"))
    late = (pl.col("option") == "waitlist") | (pl.col("new_start").dt.date() > pl.col("safe_by"))
    return {
        "booked": frame.height,
        "affected": int(frame["affected"].sum()),
        "stand": of.get("stand", 0),
        "another_site": of.get("another_site", 0),
        "standby": of.get("standby", 0),
        "moved": moved,
        "video": of.get("video", 0),
        "urgent_care": of.get("urgent_care", 0),
        "waitlist": of.get("waitlist", 0),
        "unsafe_urgent": frame.filter((pl.col("urgency") <= 2) & late).height,
    }


def sites_of(scenario: Scenario) -> list[dict[str, Any]]:
    """Return two posts for every other site of each date, one post outside at the third."""
    rows = []
    for number, (pool, day, clinic) in enumerate(scenario.members.sort("date", "clinic_id").iter_rows()):
        posts, outside = 2 * (number % 2 == 0), int(number % 3 == 2)
        row = {"pool_id": pool, "date": str(day), "clinic_id": clinic, "posts": posts, "outside": outside}
        rows.append(row | {"fewest": 1, "opens": posts + outside > 0})
    return rows


def make_facts(frame: pl.DataFrame, scenario: Scenario, policy: Policy) -> dict[str, Any]:
    """Return facts that agree with the decisions of ``frame``; points, bounds and forecasts are made up."""
    counts, network = counts_of(frame), scenario.network
    return {
        "tideover": "0.1.0",
        "kind": "strike",
        "network": {
            "name": network.name,
            "source": network.source,
            "files": dict(network.files),
            "synthetic": network.synthetic,
        },
        "as_of": str(AS_OF),
        "changes": [_change_of(scenario)],
        "policy": policy.as_dict(),
        "policy_sha256": "cd" * 32,
        "pins": [],
        "unit_minutes": 15,
        "window": [str(WINDOW[0]), str(WINDOW[1])],
        "counts": counts,
        "minimum_safe_cover": _safe_cover_of(scenario),
        "pools": pools_of(scenario),
        "sites": sites_of(scenario),
        "hours": hours_of(frame),
        "terms": dict.fromkeys(policy.terms, 0),
        "levels": levels_of(policy),
        "cost": 48560,
        "bound": 48540,
        "gap": 20 / 48560,
        "kept_from_video": 3,
        "travel": {
            "source": "distance",
            "name": None,
            "sha256": None,
            "starts": {"home": 1, "booked_clinic": 0, "nowhere": 0},
            "pairs": {"known": 3, "unknown": 1, "unreachable": 0},
            "booked_unreachable": 0,
        },
        "scope": "given these sites and the cover stated above",
        "later": {
            "strike_day": {"visits": 21, "met": 18, "not_met": 3},
            "other_days": {"visits": 402, "met": 395, "not_met": 7},
        },
        "shares": shares_of(counts),
        "notes": [note.as_dict() for note in (*network.notes, *scenario.notes)],
    }


def _change_of(scenario: Scenario) -> dict[str, Any]:
    return {
        "kind": "strike",
        "dates": [str(d) for d in scenario.strike_dates],
        "hours": "00:00-24:00",
        "notice_on": "2025-10-24",
        "working_share": 0.25,
    }


def _safe_cover_of(scenario: Scenario) -> dict[str, Any]:
    return {
        "sessions": 3,
        "by_pool": [
            {"pool_id": "pool-1", "date": str(day), "visits": 7, "minutes": 165, "sessions": 3}
            for day in scenario.strike_dates
        ],
        "method": "fewest sessions that hold the urgent visits left over",
    }


def pools_of(scenario: Scenario) -> list[dict[str, Any]]:
    """Return each pool of the scenario with one post that stands, two on standby, and every clinic."""
    return [
        {
            "pool_id": "pool-1",
            "date": str(r["date"]),
            "posts": r["posts"],
            "working_share": r["working_share"],
            "working": r["working"],
            "stand_posts": 1,
            "standby_posts": 2,
            "clinics": scenario.network.clinics["clinic_id"].to_list(),
        }
        for r in scenario.pools.iter_rows(named=True)
    ]


def hours_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return what the decisions come to in each hour of each date."""
    return [
        {
            "date": str(day),
            "hour": hour,
            "booked": here.height,
            "affected": int(here["affected"].sum()),
            "stand_units": 8,
            "stand": here.filter(pl.col("option") == "stand").height,
            "standby": here.filter(pl.col("option") == "standby").height,
        }
        for (day, hour), here in frame.sort("start").group_by(
            pl.col("start").dt.date().alias("day"),
            pl.col("start").dt.hour().alias("hour"),
            maintain_order=True,
        )
    ]


def levels_of(policy: Policy) -> list[dict[str, Any]]:
    """Return the four levels: all proved best but the last, which is 20 points above its bound."""
    columns = ("name", "terms", "weights", "cost", "bound", "gap", "gap_share", "first_come")
    last = policy.levels[3]
    rows = (
        ("past_safe_by", ["past_safe_by"], [1], 350, 350, 0, 0.0, 1250),
        ("not_placed", ["not_placed"], [100, 1], 0, 0, 0, None, 9),
        ("told_again", ["told_again"], [100, 1, 1], 0, 0, 0, None, 0),
        ("+".join(last), list(last), [10000, 500, 1, 1], 48210, 48190, 20, 20 / 48210, 61200),
    )
    return [dict(zip(columns, row, strict=True)) | {"first_come_waitlist": 9} for row in rows]


def shares_of(counts: dict[str, int]) -> list[dict[str, Any]]:
    """Return counts for each working share from none to 0.6: the more posts are worked, the more stand."""
    rows = []
    for step in range(7):
        stand, standby = min(counts["booked"], 40 * step), 12 if step else 0
        rest = counts["booked"] - stand - standby
        wait = max(0, rest - 230)
        rows.append(
            {
                "working_share": step / 10,
                "booked": counts["booked"],
                "affected": counts["affected"],
                "stand": stand,
                "another_site": 0,
                "standby": standby,
                "moved": rest - wait - rest // 10,
                "video": rest // 20,
                "urgent_care": rest // 10 - rest // 20,
                "waitlist": wait,
                "unsafe_urgent": max(0, 5 - 2 * step),
            }
        )
    return rows
