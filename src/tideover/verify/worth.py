"""The worth of one more session: that it saves what is said at least and at most; (W1) to (W4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tideover.verify.asked import HOURS, SESSION_MINUTES, Roles, open_with_one_more, role_sets, starts_of
from tideover.verify.bound import Items, Level, best_value
from tideover.verify.case import IN_A_SESSION, Case, Visit
from tideover.verify.decisions import Decision
from tideover.verify.rules import declined_site, may_stand_at, points, points_in_cover
from tideover.verify.shape import misfits
from tideover.verify.sites import Desk, Sent
from tideover.verify.verdict import Findings

TOPIC = "worth"
SESSION = {
    "pool_id": str,
    "date": str,
    "roles": [str],
    "start": str,
    "end": str,
    "clinic_id": str,
    "visits": int,
    "at_least": [int],
    "at_most": [int],
    "held": [str],
}
WORTH = {"session_minutes": int, "levels": [str], "sessions": [SESSION], "method": str}

Key = tuple[str, str, str, str, Roles]


@dataclass(frozen=True)
class Proven:
    """What a plan costs and what is proven of it: by level its points without pins, prices, and B_l; (17)."""

    levels: Sequence[Level]
    prices: Sequence[Mapping[str, int]]
    costs: Sequence[int]
    relaxed: Sequence[int]


@dataclass(frozen=True)
class Room:
    """A session that there might be: units of its hours from the first on, sites, visits of its pool."""

    hour: int
    units: Sequence[int]
    sites: Sequence[str]
    visits: Sequence[Visit]

    def by_hour(self, case: Case, site: str) -> list[list[Visit]]:
        """Return for each of its hours the visits that may stand in it at a site; (W2)."""
        found: list[list[Visit]] = [[] for _ in self.units]
        for visit in self.visits:
            at = visit.start.hour - self.hour
            fits = 0 <= at < len(self.units) and case.size(visit) <= self.units[at]
            if fits and may_stand_at(case, visit, site) and not declined_site(visit, site):
                found[at].append(visit)
        return found


def check_worth(
    case: Case,
    facts: Mapping[str, Any],
    decisions: Sequence[Decision],
    desks: tuple[Sequence[Desk], Sent],
    proven: Proven,
    findings: Findings,
) -> None:
    """Check ``worth`` of ``plan.json``: each session that there might be, once, and its figures.

    Whether another site or other visits would save more at least is not asked; at most holds for every site.
    """
    worth = facts["worth"]
    morning = case.morning is not None
    if morning or worth is None:
        findings.compare(TOPIC, "plan.json, worth: none is stated", worth is None, morning)
        return
    wrong = [*misfits(worth, WORTH, "plan.json.worth")]
    for sentence in wrong:
        findings.add(TOPIC, sentence)
    if wrong:
        return
    names = ["+".join(level.terms) for level in proven.levels]
    findings.compare(TOPIC, "plan.json, worth, levels", worth["levels"], names)
    findings.compare(TOPIC, "plan.json, worth, session_minutes", worth["session_minutes"], SESSION_MINUTES)
    rooms = dict(_rooms(case, desks, facts["minimum_safe_cover"]))
    seen: set[Key] = set()
    for row in worth["sessions"]:
        key = row["pool_id"], row["date"], row["start"], row["end"], tuple(row["roles"])
        if key not in rooms or key in seen:
            findings.add(TOPIC, f"{_at(row)}: found it; expected a session by (W1), once")
            continue
        seen.add(key)
        _check_row(case, row, rooms[key], decisions, proven, findings)
    for pool_id, day, start, *_ in sorted(rooms.keys() - seen):
        findings.add(
            TOPIC, f"plan.json, worth: found no session of pool {pool_id} on {day} from {start}; expected one"
        )


def _rooms(
    case: Case, desks: tuple[Sequence[Desk], Sent], cover: Mapping[str, Any]
) -> Iterator[tuple[Key, Room]]:
    """Yield every session that there might be, and who names it; (W1)."""
    units = [60 * (at + 1) // case.unit - 60 * at // case.unit for at in range(HOURS)]
    also = defaultdict(set)
    for group in cover["by_pool"]:
        also[group["pool_id"], group["date"]] = {int(row["start"][:2]) for row in group["by_role"]}
    for desk in desks[0]:
        mine = [v for v in case.free_visits if v.affected and (v.pool_id, v.day) == (desk.pool_id, desk.date)]
        sites = open_with_one_more(desk, desks[1])
        if not mine or not sites:
            continue
        day, starts = desk.date.isoformat(), starts_of(desk.hours)
        for roles, may in role_sets(case, {visit.kind for visit in mine}).items():
            visits = [visit for visit in mine if visit.kind in may]
            for hour in {starts[0], starts[-1], *also[desk.pool_id, day]}:
                key = desk.pool_id, day, f"{hour:02}:00", f"{hour + HOURS:02}:00", roles
                yield key, Room(hour, units, sites, visits)


def _check_row(
    case: Case,
    row: Mapping[str, Any],
    room: Room,
    decisions: Sequence[Decision],
    proven: Proven,
    findings: Findings,
) -> None:
    if len(row["at_least"]) != len(proven.levels) or len(row["at_most"]) != len(proven.levels):
        findings.add(TOPIC, f"{_at(row)}: found figures of other levels; expected {len(proven.levels)} each")
        return
    may = {visit.visit_id for site in room.sites for of_hour in room.by_hour(case, site) for visit in of_hour}
    findings.compare(TOPIC, f"{_at(row)}, visits", row["visits"], len(may))
    saved = _saved(case, row, room, decisions, proven, findings)
    findings.compare(TOPIC, f"{_at(row)}, at_least", row["at_least"], saved)
    most = [_at_most(case, room, proven, level, saved) for level in range(len(proven.levels))]
    findings.compare(TOPIC, f"{_at(row)}, at_most", row["at_most"], most)


def _saved(
    case: Case,
    row: Mapping[str, Any],
    room: Room,
    decisions: Sequence[Decision],
    proven: Proven,
    findings: Findings,
) -> list[int]:
    """Return what the visits held save on each level; say where they may not be held together; (W3)."""
    moved = defaultdict(set)
    for decision in decisions:
        if decision.option in IN_A_SESSION and decision.visit.patient_id is not None:
            moved[decision.visit.patient_id].add(decision.visit.visit_id)
    now = {decision.visit.visit_id: decision.points for decision in decisions}
    held, site = set(row["held"]), row["clinic_id"]
    if len(held) < len(row["held"]):
        findings.add(TOPIC, f"{_at(row)}: found a visit held twice; expected each once (W3)")
    saved = [0] * len(proven.levels)
    for units, may in zip(room.units, room.by_hour(case, site) if site in room.sites else [], strict=False):
        here = [visit for visit in may if visit.visit_id in held]
        held -= {visit.visit_id for visit in here}
        if sum(case.size(visit) for visit in here) > units:
            findings.add(TOPIC, f"{_at(row)}: found more than {units} units in an hour (W3)")
        for visit in here:
            if moved[visit.patient_id or ""] - {visit.visit_id}:
                findings.add(TOPIC, f"{_at(row)}: found a visit whose patient has another that moves (W3)")
            new = _standing(case, visit, site)
            for at, level in enumerate(proven.levels):
                saved[at] += sum(now[visit.visit_id][term] - new[term] for term in level.terms)
    if held:
        findings.add(TOPIC, f"{_at(row)}: found {len(held)} held that may not stand in it (W2)")
    return saved


def _standing(case: Case, visit: Visit, site: str) -> dict[str, int]:
    return points_in_cover(case, visit, "stand" if site == visit.clinic_id else "another_site", site)


def _at_most(case: Case, room: Room, proven: Proven, at: int, saved: Sequence[int]) -> int:
    """Return what is saved on a level at most, if ``saved`` is what is saved on those before; (W4)."""
    level, price = proven.levels[at], proven.prices[at]

    def weighted(of_terms: Mapping[str, int]) -> int:
        """Return the weighted sum of a visit's terms on the levels up to this one."""
        return sum(weight * of_terms[term] for term, weight in level.weight_of.items())

    def items(visits: Sequence[Visit], site: str) -> Items:
        """Return size and gain of the visits that would gain by standing at a site."""
        found = []
        for visit in visits:
            least = min(price[visit.visit_id], weighted(points(case, visit, "waitlist", None, visit.day)))
            gain = least - weighted(_standing(case, visit, site))
            if gain > 0:
                found.append((case.size(visit), gain))
        return found

    gained = max(
        sum(
            best_value(items(may, site), units)
            for units, may in zip(room.units, room.by_hour(case, site), strict=True)
        )
        for site in room.sites
    )
    *before, own = level.weights
    whole = sum(w * cost for w, cost in zip(level.weights, proven.costs, strict=False))
    rest = whole - proven.relaxed[at] + gained - sum(w * less for w, less in zip(before, saved, strict=False))
    return min(proven.costs[at], rest // own)


def _at(row: Mapping[str, Any]) -> str:
    return f"plan.json, worth, {row['pool_id']}|{row['date']}|{row['start']}|{'+'.join(row['roles'])}"
