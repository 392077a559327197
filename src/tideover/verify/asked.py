"""What safe cover may ask for, and for whom: sessions, roles and visits to keep safe; (S1) to (S3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import NamedTuple

from tideover import schema
from tideover.verify.case import IN_A_SESSION, Case, Visit
from tideover.verify.rules import may_stand_at
from tideover.verify.sites import Desk, Sent

SESSION_MINUTES = 240
HOURS = SESSION_MINUTES // 60

Group = tuple[str, date]
Roles = tuple[str, ...]


class Slot(NamedTuple):
    """One hour at one site of a pool on a date, by one set of roles."""

    pool_id: str
    date: date
    clinic_id: str
    hour: int
    roles: Roles


@dataclass(frozen=True)
class Asked:
    """Sessions by name, each with its hours, and the visits to keep safe with the ways of holding each."""

    sessions: Mapping[str, tuple[Slot, ...]]
    visits: Mapping[str, Visit]
    ways: Mapping[str, Mapping[tuple[str, Roles], Mapping[Slot, int]]]


def session_name(first: Slot) -> str:
    """Return how a proof names the session that starts with this hour."""
    return f"{first.pool_id}|{first.date}|{first.clinic_id}|{first.hour:02}|{'+'.join(first.roles)}"


def group_of(visit: Visit) -> Group:
    """Return the pool and the date of a visit."""
    return visit.pool_id or "", visit.day


def asked(case: Case, desks: Sequence[Desk], sent: Sent) -> Asked:
    """Return what may be asked for, and for whom."""
    starts = {(desk.pool_id, desk.date): starts_of(desk.hours) for desk in desks}
    sites = {(desk.pool_id, desk.date): open_with_one_more(desk, sent) for desk in desks}
    urgent = [visit for visit in case.free_visits if _is_urgent(case, visit) and group_of(visit) in starts]
    kinds: dict[Group, set[str | None]] = defaultdict(set)
    for visit in urgent:
        kinds[group_of(visit)].add(visit.kind)
    sets = {group: role_sets(case, some) for group, some in kinds.items()}
    ways: dict[str, dict[tuple[str, Roles], dict[Slot, int]]] = {}
    for visit in urgent:
        group = group_of(visit)
        until = starts[group][-1] + HOURS
        ways[visit.visit_id] = {
            (clinic_id, roles): {
                Slot(*group, clinic_id, hour, roles): minutes
                for hour, minutes in hourly(visit.start.hour, visit.minutes, until)
            }
            for clinic_id in sites[group]
            if may_stand_at(case, visit, clinic_id)
            for roles, may in sets[group].items()
            if visit.kind in may
        }
    sessions = [
        tuple(Slot(*group, clinic_id, start + more, roles) for more in range(HOURS))
        for group, some in sets.items()
        for clinic_id in sites[group]
        for roles in some
        for start in starts[group]
    ]
    return Asked(
        {session_name(slots[0]): slots for slots in sessions},
        {visit.visit_id: visit for visit in urgent if ways[visit.visit_id]},
        {visit_id: some for visit_id, some in ways.items() if some},
    )


def starts_of(hours: Sequence[int]) -> list[int]:
    """Return the hours at which a session may start in a pool that was to work in these hours; (S1)."""
    first, end = min(hours), max(hours) + 1
    return list(range(first, max(first, end - HOURS) + 1))


def open_with_one_more(desk: Desk, sent: Sent) -> list[str]:
    """Return the sites at which a session may be held: open by the plan, or with one post more; (S1)."""
    posts = sent.get((desk.pool_id, desk.date), {})
    return [
        site.clinic_id
        for site in desk.sites
        if site.may_get and (posts.get(site.clinic_id, 0) > 0 or site.fewest - site.outside <= 1)
    ]


def _is_urgent(case: Case, visit: Visit) -> bool:
    return (
        visit.affected and visit.urgency <= 2 and visit.day <= visit.safe_by and not _pinned_away(case, visit)
    )


def _pinned_away(case: Case, visit: Visit) -> bool:
    if visit.patient_id is None:
        return False
    for pin in case.pins.values():
        other = case.visits.get(pin.visit_id)
        if other and other.patient_id == visit.patient_id and pin.option in IN_A_SESSION and pin.start:
            end = pin.start + timedelta(minutes=other.minutes)
            if visit.start < end and pin.start < visit.start + timedelta(minutes=visit.minutes):
                return True
    return False


def role_sets(case: Case, kinds: set[str | None]) -> dict[Roles, set[str | None]]:
    """Return the sets of roles that may be asked, each with the kinds that all of its roles may see; (S2)."""
    column = next(each for each in schema.tables()["clinicians"] if each.column == "role")
    sets: dict[Roles, set[str | None]] = {}
    for number in (3, 2, 1):
        for roles in combinations(sorted(column.choices), number):
            may = {
                kind
                for kind in kinds
                if kind is None or kind not in case.policy.scope or set(roles) <= set(case.policy.scope[kind])
            }
            if may and may not in sets.values():
                sets[roles] = may
    return sets


def hourly(hour: int, minutes: int, until: int) -> list[tuple[int, int]]:
    """Return what a visit takes of each hour from its own on, 60 minutes at most, up to ``until``; (S4).

    >>> hourly(9, 100, 12), hourly(11, 100, 12)
    ([(9, 60), (10, 40)], [(11, 60)])
    """
    parts = []
    while minutes > 0 and hour < until:
        parts.append((hour, min(60, minutes)))
        hour, minutes = hour + 1, minutes - 60
    return parts
