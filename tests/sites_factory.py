"""A strike of one pool at two sites, A and B, with teams of six posts each from 08:00 to 10:00.

Where nothing else is said, visits last 15 minutes from 08:00, are of urgency 4 and safe for a year. Of twelve
posts one can be counted on (the median of Bin(12, 0.1) is 1): four units of 15 minutes in each hour where it
is sent. Nobody waits on standby, as floor(12 x 0.1) - 1 = 0. No session is open on another day unless given.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from tideover.disruptions.strike import Strike
from tideover.nouns import Network, Plan, Policy, Scenario
from tideover.visits import plan_strike_day
from visits_factory import AS_OF, STRIKE, Row, moment, network, pins, session

#: Two places some ten minutes apart, and one an hour away.
NEAR = {"A": (44.95, -93.10), "B": (44.97, -93.15)}
FAR = {"A": (44.95, -93.10), "B": (45.60, -93.90)}
#: One post, two posts and four posts of twelve, at the median.
ONE, TWO, FOUR = 0.1, 0.17, 0.35


def visit(name: str, clinic: str, **more: Any) -> Row:
    """Return a visit of the team of a clinic."""
    booked = {"start": moment(STRIKE, "08:00"), "urgency": 4, "safe_by": date(2026, 11, 5)}
    own = {"visit_id": name, "clinic_id": clinic, "session_id": f"Z{clinic}", "patient_id": f"p{name}"}
    return own | booked | more


def urgent(name: str, clinic: str, **more: Any) -> Row:
    """Return a visit that is safe on the strike day only."""
    return visit(name, clinic, urgency=1, safe_by=STRIKE, **more)


def sites(
    visits: list[Row],
    *,
    places: dict[str, tuple[float, float]] | None = None,
    posts: dict[str, int] | None = None,
    rules: dict[str, Row] | None = None,
    sessions: list[Row] = (),  # type: ignore[assignment]
    support: dict[str, float] | None = None,
    clinicians: list[str] | None = None,
) -> Network:
    """Return the network; ``rules`` are further fields of a clinic, ``support`` full-time posts by clinic.

    ``clinicians`` are of no unit.
    """
    team = {"start": moment(STRIKE, "08:00"), "end": moment(STRIKE, "10:00"), "unit": "U"}
    posts = posts or {"A": 6, "B": 6}
    where = places or {}
    clinics = [
        {"clinic_id": name, "lat": where.get(name, (None, None))[0], "lon": where.get(name, (None, None))[1]}
        | (rules or {}).get(name, {})
        for name in posts
    ]
    teams = [
        {"session_id": f"Z{name}", "clinic_id": name, "posts": number} | team
        for name, number in posts.items()
    ]
    tables: dict[str, list[Row]] = {
        "support_staff": [{"clinic_id": c, "role": "nurse", "fte": n} for c, n in (support or {}).items()],
        "clinicians": [
            {"clinician_id": name, "role": "physician", "clinic_id": "B"} for name in clinicians or []
        ],
    }
    return network(clinics=clinics, sessions=[*teams, *sessions], visits=visits, **tables)


def policy(**more: Any) -> Policy:
    """Return a policy at whose quantile the median of the posts is worked, no new date before the sixth."""
    return Policy.of({"stand_quantile": 0.5, "contact_lead_days": 3, **more})


def planned(
    made: Network, working: float = ONE, pinned: tuple[tuple[str, str], ...] = (), **more: Any
) -> Plan:
    """Return the plan of a strike of the whole network, with visits pinned to options."""
    scenario = Scenario.of(made, [Strike(dates=(STRIKE,), working=working)])
    chosen = pins(*((name, option, None, None) for name, option in pinned)) if pinned else None
    return plan_strike_day(scenario, policy(**more), AS_OF, chosen)


def posts_of(plan: Plan) -> dict[str, int]:
    """Return the posts that are sent to each site."""
    return {row["clinic_id"]: row["posts"] for row in plan.facts["sites"]}


def opens(plan: Plan) -> dict[str, bool]:
    """Return which sites open."""
    return {row["clinic_id"]: row["opens"] for row in plan.facts["sites"]}


def options(plan: Plan) -> dict[str, str]:
    """Return what happens to each visit."""
    return dict(plan.decisions.select("visit_id", "option").iter_rows())


#: Visits as clinic, start, minutes, urgency.
BOOKED = st.lists(
    st.tuples(
        st.sampled_from("AB"),
        st.sampled_from(["08:00", "08:30", "09:00"]),
        st.sampled_from([15, 30]),
        st.integers(1, 6),
    ),
    min_size=1,
    max_size=12,
)


def drawn(booked: list[tuple[str, str, int, int]], *, near: bool, few: int) -> Network:
    """Return a network of drawn visits, two free units at A the day after, and the fewest at B."""
    visits = [
        visit(f"v{number:02}", clinic, start=moment(STRIKE, start), minutes=minutes, urgency=urgency)
        | {"safe_by": STRIKE if urgency < 3 else date(2025, 11, 12)}
        for number, (clinic, start, minutes, urgency) in enumerate(booked)
    ]
    later = session("L", 6, "08:00", "08:30", clinic_id="A")
    return sites(visits, places=NEAR if near else FAR, rules={"B": {"min_clinicians": few}}, sessions=[later])
