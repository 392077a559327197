"""The minimum safe cover: that its sessions are enough, and that fewer are not; (S4) to (S7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tideover.verify.asked import SESSION_MINUTES, Asked, Slot, asked, session_name
from tideover.verify.bound import Bins
from tideover.verify.case import IN_A_SESSION, IN_COVER, Case, Visit
from tideover.verify.decisions import Decision
from tideover.verify.least import Proof, least_of, misshapen
from tideover.verify.places import check_places
from tideover.verify.rules import RULES, declined_site, is_kept, may_stand_at, may_wait
from tideover.verify.shape import Maybe, misfits
from tideover.verify.sites import Sent
from tideover.verify.verdict import Findings

TOPIC = "safe cover"
COVER = {
    "sessions": int,
    "lower_bound": int,
    "proven": bool,
    "session_minutes": int,
    "not_helped": int,
    "by_pool": [
        {
            "pool_id": str,
            "date": str,
            "visits": int,
            "minutes": int,
            "sessions": int,
            "lower_bound": int,
            "by_role": [{"clinic_id": str, "roles": [str], "start": str, "end": str, "sessions": int}],
        }
    ],
}
PROOF = {
    "places": [
        {
            "visit_id": str,
            "option": str,
            "clinic_id": Maybe(str),
            "roles": [str],
            "session_id": Maybe(str),
            "start": Maybe(str),
        }
    ],
    "bounds": [{"groups": [[str]], "counts": bool, "sessions": int, "case": dict}],
}


def check_safe_cover(
    case: Case,
    facts: Mapping[str, Any],
    decisions: Sequence[Decision],
    bins: Bins,
    sent: Sent,
    findings: Findings,
) -> None:
    """Check ``minimum_safe_cover`` of ``plan.json`` against the plan, and by its proof."""
    cover: Mapping[str, Any] = facts["minimum_safe_cover"]
    proof: Any = facts.get("safe_cover_proof")
    wrong = [*misfits(cover, COVER, "plan.json.minimum_safe_cover")]
    wrong += misfits(proof, PROOF, "plan.json.safe_cover_proof")
    wrong = wrong or [text for one in proof["bounds"] for text in misshapen(one["case"], 0)]
    for sentence in wrong:
        findings.add(TOPIC, sentence)
    if wrong:
        return
    may = asked(case, bins.desks, sent)
    lacking = _check_visits(cover, decisions, may, findings)
    numbers = _check_sessions(cover, may, findings)
    if lacking:
        _check_enough(case, proof["places"], (may, numbers), bins, findings)
    _check_least(case, cover, proof["bounds"], may, bins, findings)


def _check_visits(
    cover: Mapping[str, Any], decisions: Sequence[Decision], may: Asked, findings: Findings
) -> list[Visit]:
    unsafe = [d.visit for d in decisions if d.visit.urgency <= 2 and _is_unsafe(d)]
    lacking = [visit for visit in unsafe if visit.visit_id in may.visits]
    where = "plan.json, minimum_safe_cover"
    findings.compare(TOPIC, f"{where}, session_minutes", cover["session_minutes"], SESSION_MINUTES)
    findings.compare(TOPIC, f"{where}, not_helped", cover["not_helped"], len(unsafe) - len(lacking))
    of_group = defaultdict(list)
    for visit in lacking:
        of_group[visit.pool_id, visit.day.isoformat()].append(visit.minutes)
    rows = {(row["pool_id"], row["date"]): row for row in cover["by_pool"]}
    for key in sorted(of_group.keys() - rows.keys(), key=str):
        findings.add(TOPIC, f"{where}: found no row for pool {key[0]} on {key[1]}; expected one")
    for (pool_id, day), row in rows.items():
        minutes = of_group[pool_id, day]
        findings.compare(TOPIC, f"{where}, pool {pool_id} on {day}, visits", row["visits"], len(minutes))
        findings.compare(TOPIC, f"{where}, pool {pool_id} on {day}, minutes", row["minutes"], sum(minutes))
    return lacking


def _is_unsafe(decision: Decision) -> bool:
    return decision.option == "waitlist" or decision.start.date() > decision.visit.safe_by


def _check_sessions(cover: Mapping[str, Any], may: Asked, findings: Findings) -> dict[str, int]:
    """Check that what is asked for is what may be asked, and that it adds up; return it by name."""
    where, numbers = "plan.json, minimum_safe_cover", {}
    for group in cover["by_pool"]:
        of_group = 0
        for row in group["by_role"]:
            hours = f"{row['start']} to {row['end']}"
            name = "|".join(
                [group["pool_id"], group["date"], row["clinic_id"], row["start"][:2], "+".join(row["roles"])]
            )
            slots = may.sessions.get(name)
            if slots is None or hours != f"{slots[0].hour:02}:00 to {slots[-1].hour + 1:02}:00":
                findings.add(
                    TOPIC,
                    f"{where}: found {name}, {hours}; expected a session that may be asked for (S1, S2)",
                )
            if row["sessions"] < 1 or name in numbers:
                findings.add(
                    TOPIC, f"{where}: found {name} with {row['sessions']}; expected it once, at least 1"
                )
            numbers[name] = row["sessions"]
            of_group += row["sessions"]
        findings.compare(TOPIC, f"{where}, pool {group['pool_id']}, sessions", group["sessions"], of_group)
    findings.compare(TOPIC, f"{where}, sessions", cover["sessions"], sum(numbers.values()))
    return numbers


def _check_enough(
    case: Case,
    places: Sequence[Mapping[str, Any]],
    sessions: tuple[Asked, Mapping[str, int]],
    bins: Bins,
    findings: Findings,
) -> None:
    """Check that every visit to keep safe has a safe place, and that there is room in them together."""
    may, numbers = sessions
    found = [place["visit_id"] for place in places]
    if sorted(found) != sorted(may.visits):
        findings.add(
            TOPIC,
            f"plan.json, safe_cover_proof: found places of {len(set(found))} visits; "
            f"expected one for each of the {len(may.visits)} that are to be kept safe (S3)",
        )
        return
    used: dict[Slot, int] = defaultdict(int)
    others = []
    for place in places:
        visit = may.visits[place["visit_id"]]
        if place["option"] != "safe_cover":
            others += _placed(case, visit, place, findings)
            continue
        way = may.ways[visit.visit_id].get((place["clinic_id"], tuple(place["roles"])))
        if way is None:
            findings.add(TOPIC, f"{_at(visit)}: found a session that may not hold it (S3, S4)")
        for slot, minutes in (way or {}).items():
            used[slot] += minutes
    _check_slots(used, may, numbers, findings)
    together = Findings()
    check_places(case, others, bins.intervals, bins.cover, together)
    for sentence in together.sentences():
        findings.add(TOPIC, f"plan.json, safe_cover_proof: {sentence}")


def _check_slots(
    used: Mapping[Slot, int], may: Asked, numbers: Mapping[str, int], findings: Findings
) -> None:
    held: dict[Slot, int] = defaultdict(int)
    for name, number in numbers.items():
        for slot in may.sessions.get(name, ()):
            held[slot] += 60 * number
    for slot, minutes in used.items():
        if minutes > held[slot]:
            where = f"plan.json, safe_cover_proof, {session_name(slot)}"
            findings.add(TOPIC, f"{where}: found {minutes} minutes; expected at most {held[slot]} (S4)")


def _at(visit: Visit) -> str:
    return f"plan.json, safe_cover_proof, visit {visit.visit_id}"


def _placed(case: Case, visit: Visit, place: Mapping[str, Any], findings: Findings) -> list[Decision]:
    """Return the place as a decision, if it is one where the visit may be held in time."""
    option = place["option"]
    if option in IN_COVER:
        site = place["clinic_id"] if option == "another_site" else None
        fits = (
            may_wait(case, visit)
            if option == "standby"
            else may_stand_at(case, visit, site or visit.clinic_id)
            and not declined_site(visit, site or visit.clinic_id)
        )
        if fits:
            return [Decision(visit, option, None, visit.start, {}, site)]
    session = case.sessions.get(place["session_id"] or "")
    if option in IN_A_SESSION and session is not None and place["start"] is not None:
        start = datetime.fromisoformat(place["start"])
        own = visit.visit_id in case.kept and is_kept(visit, session["session_id"], start)  # on any date (23)
        in_window = own or case.first <= start.date() <= case.last
        in_time = in_window and start.date() <= visit.safe_by
        if in_time and all(rule(case, visit, session) for rule in RULES.values()):
            return [Decision(visit, option, session, start, {})]
    findings.add(TOPIC, f"{_at(visit)}: found {option}; expected a place that it may take, in time (S4)")
    return []


def _check_least(
    case: Case,
    cover: Mapping[str, Any],
    bounds: Sequence[Mapping[str, Any]],
    may: Asked,
    bins: Bins,
    findings: Findings,
) -> None:
    """Check the bounds by their prices, and what ``plan.json`` says follows from them; (S6), (S7)."""
    where, proof = "plan.json, minimum_safe_cover", Proof(case, may, bins)
    total, alone = 0, {}
    counted: list[tuple[str, str]] = []
    for number, bound in enumerate(bounds):
        groups = {(pool_id, day) for pool_id, day in bound["groups"]}
        least = least_of(proof, bound["case"], groups)
        named = f"plan.json, safe_cover_proof, bounds[{number}]"
        if least < bound["sessions"]:
            findings.add(
                TOPIC, f"{named}: found {bound['sessions']}; expected at most {least}, which it proves (S6)"
            )
        if bound["counts"]:
            total += bound["sessions"]
            counted += sorted(groups)
        if len(groups) == 1:
            alone[next(iter(groups))] = bound["sessions"]
    if len(set(counted)) < len(counted):
        findings.add(TOPIC, f"{where}: found bounds that count a pool twice; expected each once (S6)")
    findings.compare(TOPIC, f"{where}, lower_bound", cover["lower_bound"], total)
    findings.compare(TOPIC, f"{where}, proven", cover["proven"], cover["sessions"] == total)
    for row in cover["by_pool"]:
        key = row["pool_id"], row["date"]
        findings.compare(TOPIC, f"{where}, pool {key[0]}, lower_bound", row["lower_bound"], alone.get(key, 0))
