"""What decisions do to each other: capacity in sessions, days and cover (R10), R12, R15.

Sessions are checked twice: first as a person with the diary would (are there more visits at once than posts,
more minutes than may be booked), then against the open intervals after every cut of the formulation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import polars as pl

from tideover.verify.bins import Interval, free_minutes, minutes_of, occupying
from tideover.verify.case import IN_A_SESSION, IN_COVER, Case, Span
from tideover.verify.cover import Cover
from tideover.verify.decisions import Decision
from tideover.verify.rest import Rest
from tideover.verify.verdict import Findings

#: Pool, date, hour, stand or standby, and the site where visits stand (empty: standby, a booked place).
CoverKey = tuple[str, date, int, str, str]
#: How many states are tried in laying the visits of one session on its intervals.
TRIES = 50_000


def check_places(
    case: Case,
    decisions: Sequence[Decision],
    intervals: Sequence[Interval],
    cover: Sequence[Cover],
    findings: Findings,
) -> None:
    """Check R10 in every session, clinician's day and hour of cover, R15 for each visit, R12 for patients."""
    taken = occupying(case, kept=False)
    placed = [d for d in decisions if d.session is not None and d.visit.visit_id not in case.pins]
    by_session = defaultdict(list)
    for decision in placed:
        by_session[_id_of(decision)].append(decision)
    open_in = defaultdict(list)
    for interval in intervals:
        open_in[interval.session_id].append(interval)
    for session_id, of_session in sorted(by_session.items()):
        _check_posts(case, session_id, taken.get(session_id, []), of_session, findings)
        _check_intervals(case, session_id, open_in[session_id], of_session, findings)
    _check_days(case, taken, placed, findings)
    _check_rest(case, placed, findings)
    _check_cover(case, decisions, cover, findings)
    _check_patients(case, decisions, findings)


def _id_of(decision: Decision) -> str:
    return str(decision.session["session_id"]) if decision.session else ""


def at_once(spans: Iterable[Span]) -> list[tuple[datetime, int]]:
    """Return how many spans hold from each moment at which that number changes, by one sweep."""
    steps: dict[datetime, int] = defaultdict(int)
    for span in spans:
        steps[span.start] += 1
        steps[span.end] -= 1
    level, levels = 0, []
    for moment in sorted(steps):
        level += steps[moment]
        levels.append((moment, level))
    return levels


def _check_posts(
    case: Case,
    session_id: str,
    held: Sequence[tuple[Span, str]],
    moved_in: Sequence[Decision],
    findings: Findings,
) -> None:
    session, spans = case.sessions[session_id], [decision.span for decision in moved_in]
    for moment, number in at_once([*(span for span, _ in held), *spans]):
        if number > session["posts"] and any(span.start <= moment < span.end for span in spans):
            findings.add(
                "R10 capacity",
                f"session {session_id} at {moment}: found {number} visits at once; "
                f"expected at most {session['posts']} (R10 capacity)",
            )
            break
    minutes = minutes_of(held) + sum(decision.visit.minutes for decision in moved_in)
    if minutes > free_minutes(case, session):
        findings.add(
            "R10 capacity",
            f"session {session_id}: found {minutes} minutes booked; "
            f"expected at most {free_minutes(case, session)} (R10 capacity)",
        )


def _check_intervals(
    case: Case,
    session_id: str,
    open_here: Sequence[Interval],
    moved_in: Sequence[Decision],
    findings: Findings,
) -> None:
    units = sum(case.size(decision.visit) for decision in moved_in)
    room = sum(interval.units for interval in open_here)
    if units > room:
        findings.add(
            "R10 capacity",
            f"session {session_id}: found {units} units of new visits; expected at most {room}, "
            "what its open intervals keep (R10 capacity)",
        )
    elif not can_be_laid(case, open_here, moved_in):
        findings.add(
            "R10 capacity",
            f"session {session_id}: found no way to lay its {len(moved_in)} new visits on open intervals; "
            "expected each within one, side by side, up to the units that it keeps (R1 fits, R10 capacity)",
        )


def can_be_laid(case: Case, open_here: Sequence[Interval], moved_in: Sequence[Decision]) -> bool:
    """Whether each visit can have an interval around it so that none overlap in one and none is overfull."""
    return laid(case, open_here, moved_in) is not None


def laid(case: Case, open_here: Sequence[Interval], moved_in: Sequence[Decision]) -> dict[str, int] | None:
    """Return for each visit_id the place in ``open_here`` of an interval that takes it, or ``None``.

    A search in the order of starts, long visits first, that goes into no state twice: what counts is when
    each interval is free again, when it ends and what room it has left. It gives up after ``TRIES`` states,
    which counts as none.
    """
    visits = sorted(moved_in, key=lambda d: (d.start, -d.visit.minutes))
    empty = tuple(
        Laid(interval.start, interval.units, interval.end, _open_to(case, interval)) for interval in open_here
    )
    stack: list[tuple[tuple[int, ...], tuple[Laid, ...]]] = [((), empty)]
    known: set[tuple[object, ...]] = set()
    while stack and len(known) < TRIES:
        way, state = stack.pop()
        number = len(way)
        if number == len(visits):
            return {each.visit.visit_id: at for each, at in zip(visits, way, strict=True)}
        span = visits[number].span
        left = ((max(at.free, span.start), at.room, at.end, at.open_to) for at in state if at.room)
        alike = number, *sorted(left)
        if alike not in known:
            known.add(alike)
            visit = visits[number].visit
            mine = tuple(at for at in state if (case.employer(visit.clinic_id) or "") in at.open_to)
            around = _around(span, case.size(visit), state, mine)
            stack += [((*way, at), then) for at, then in around]
    return None


class Laid(NamedTuple):
    """An interval with visits laid on it: from when it is free, the units it has left, and when it ends.

    ``open_to`` are the employers, sorted, whose visits it takes; (R16). An empty name: nobody is named.
    """

    free: datetime
    room: int
    end: datetime
    open_to: tuple[str, ...] = ("",)


def _open_to(case: Case, interval: Interval) -> tuple[str, ...]:
    return tuple(sorted({case.employer(interval.clinic_id) or "", *interval.lent_to}))


def _around(
    span: Span, size: int, state: tuple[Laid, ...], mine: tuple[Laid, ...]
) -> list[tuple[int, tuple[Laid, ...]]]:
    """Return each interval that takes the span with the state after it, best last; of several alike one.

    Best is the one whose last visit ends just before, then the one with the most room.
    """
    found = []
    for held in sorted(set(mine)):
        if held.free <= span.start and span.end <= held.end and held.room >= size:
            at = state.index(held)
            after = held._replace(free=span.end, room=held.room - size)
            found.append((at, (*state[:at], after, *state[at + 1 :])))
    return found


def _check_days(
    case: Case,
    taken: dict[str, list[tuple[Span, str]]],
    placed: Sequence[Decision],
    findings: Findings,
) -> None:
    minutes: dict[tuple[str, date], int] = defaultdict(int)
    for decision in placed:
        if decision.session and decision.session["clinician_id"]:
            minutes[decision.session["clinician_id"], decision.session["start"].date()] += (
                decision.visit.minutes
            )
    for session_id, spans in taken.items():
        session = case.sessions[session_id]
        key = session["clinician_id"], session["start"].date()
        if key in minutes:
            minutes[key] += minutes_of(spans)
    for (clinician_id, day), held in sorted(minutes.items()):
        most = case.clinicians[clinician_id]["daily_minutes"]
        if held > most:
            findings.add(
                "R10 capacity",
                f"clinician {clinician_id} on {day}: found {held} minutes; "
                f"expected at most {most} (R10 capacity)",
            )


def _check_rest(case: Case, placed: Sequence[Decision], findings: Findings) -> None:
    rest = Rest(case)
    for decision in placed:
        if decision.session:
            first, last = rest.hours(decision.session)
            if _in_kept_room(case, decision):
                continue
            if decision.span.start < first or last < decision.span.end:
                findings.add(
                    "R15 rested",
                    f"decisions, visit {decision.visit.visit_id}: found {decision.span.start} to "
                    f"{decision.span.end}; expected a time from {first} to {last}, so that "
                    f"{case.policy.rest_hours} hours of rest are left (R15 rested)",
                )


def _in_kept_room(case: Case, decision: Decision) -> bool:
    """Whether the visit lies in room that is kept since somebody was told of it; (23)."""
    return any(
        session_id == _id_of(decision) and span.start <= decision.span.start and decision.span.end <= span.end
        for session_id, span in case.kept.values()
    )


def _check_cover(
    case: Case, decisions: Sequence[Decision], cover: Sequence[Cover], findings: Findings
) -> None:
    used: dict[CoverKey, int] = defaultdict(int)
    for decision in decisions:
        visit = decision.visit
        if visit.movable and decision.option in IN_COVER and visit.visit_id not in case.pins:
            used[cover_key(case, decision)] += case.size(visit)
    units = {(one.pool_id, one.date, one.hour, one.option, one.clinic_id or ""): one.units for one in cover}
    for key, size in sorted(used.items()):
        if size > units.get(key, 0):
            pool_id, day, hour, option, clinic_id = key
            where = f"pool {pool_id}" if pool_id else "visits without a pool"
            where += f" at {clinic_id}" if clinic_id else ""
            findings.add(
                "R10 capacity",
                f"{where} on {day}, hour {hour}, {option}: found {size} units; "
                f"expected at most {units.get(key, 0)} (R8 own_cover, R10 capacity)",
            )


def cover_key(case: Case, decision: Decision) -> CoverKey:
    """Return which cover holds a visit that stands, is seen at another site, or waits on standby."""
    visit, option = decision.visit, "standby" if decision.option == "standby" else "stand"
    booked_place = visit.visit_id in case.free_again
    clinic_id = "" if option == "standby" or booked_place else decision.clinic_id or ""
    return case.cover_pool(visit), visit.day, visit.start.hour, option, clinic_id


def _check_patients(case: Case, decisions: Sequence[Decision], findings: Findings) -> None:
    moved = {d.visit.patient_id for d in decisions if d.option in IN_A_SESSION} - {None}
    held = defaultdict(list)
    for decision in decisions:
        if decision.visit.patient_id in moved and decision.option != "waitlist":
            is_new = decision.option in IN_A_SESSION
            held[decision.visit.patient_id].append((decision.span, decision.visit.visit_id, is_new))
    others = case.seen.filter(
        pl.col("patient_id").is_in(list(moved)) & ~pl.col("visit_id").is_in(list(case.visits))
    ).select("patient_id", "visit_id", "start", "minutes")
    for patient_id, visit_id, start, minutes in others.iter_rows():
        held[patient_id].append((Span(start, start + timedelta(minutes=minutes)), visit_id, False))
    for patient_id, visits in sorted(held.items(), key=lambda x: str(x[0])):
        _check_one_patient(str(patient_id), visits, findings)


def _check_one_patient(patient_id: str, visits: list[tuple[Span, str, bool]], findings: Findings) -> None:
    for number, (span, visit_id, is_new) in enumerate(visits):
        for other, other_id, other_new in visits[:number]:
            if (is_new or other_new) and span.start < other.end and other.start < span.end:
                findings.add(
                    "R12 one_place_at_a_time",
                    f"patient {patient_id}: found visits {other_id} and {visit_id} at the same time; "
                    "expected none that overlap (R12 one_place_at_a_time)",
                )
