"""What is open: the intervals of sessions after every cut; (7) to (13)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

import polars as pl

from tideover.verify.case import IN_A_SESSION, Case, Row, Span
from tideover.verify.reserve import Reserve
from tideover.verify.rest import Rest


@dataclass(frozen=True)
class Interval:
    """An open interval: a gap in one lane of a session, with the units that it may take.

    ``kept_for`` is the visit whose place it is, if it is one that is kept; (23). ``lent_to`` are the
    employers to whose visits it is lent; (31).
    """

    session_id: str
    clinic_id: str
    clinician_id: str | None
    lane: int
    start: datetime
    end: datetime
    units: int
    kept_for: str | None = None
    lent_to: frozenset[str] = frozenset()


def occupying(case: Case, *, kept: bool = True) -> dict[str, list[tuple[Span, str]]]:
    """Return what occupies each session of the window: (span, visit_id), sorted by (start, visit_id); (8).

    Without ``kept``, the places that are kept open for somebody are left out.
    """
    taken = defaultdict(list)
    of_window = [
        sid for sid, session in case.sessions.items() if case.first <= session["start"].date() <= case.last
    ]
    held = case.seen.filter(pl.col("session_id").is_in(of_window)).select(
        "session_id", "start", "minutes", "visit_id"
    )
    for session_id, start, minutes, visit_id in held.iter_rows():
        if not case.is_lost(session_id, start):
            taken[session_id].append((Span(start, start + timedelta(minutes=minutes)), visit_id))
    for pin in case.pins.values():
        visit = case.visits.get(pin.visit_id)
        if pin.option in IN_A_SESSION and pin.session_id and pin.start and visit and visit.movable:
            span = Span(pin.start, pin.start + timedelta(minutes=visit.minutes))
            taken[pin.session_id].append((span, pin.visit_id))
    for visit_id, (session_id, span) in case.kept.items() if kept else ():
        taken[session_id].append((span, visit_id))
    return {
        session_id: sorted(spans, key=lambda x: (x[0].start, x[1])) for session_id, spans in taken.items()
    }


def minutes_of(spans: Iterable[tuple[Span, str]]) -> int:
    """Return the minutes of all spans together, overlaps counted twice."""
    return sum((span.end - span.start) // timedelta(minutes=1) for span, _ in spans)


def free_stretches(case: Case, session: Row) -> list[Span]:
    """Return the session without its lost stretches; (7)."""
    free, at = [], session["start"]
    for start, until, _ in case.lost.get(session["session_id"], []):
        if at < min(start, session["end"]):
            free.append(Span(at, min(start, session["end"])))
        at = max(at, until)
    if at < session["end"]:
        free.append(Span(at, session["end"]))
    return free


def free_minutes(case: Case, session: Row) -> int:
    """Return the minutes that may be booked in the free stretches, before anything occupies them; (10)."""
    length = session["end"] - session["start"]
    whole = length * session["posts"] // timedelta(minutes=1)
    may_be_booked = whole if session["open_minutes"] is None else session["open_minutes"]
    free = sum((span.end - span.start for span in free_stretches(case, session)), timedelta())
    return int(may_be_booked * free // length)


def lanes(spans: Sequence[tuple[Span, str]], posts: int) -> list[list[Span]]:
    """Lay spans, already in order, on lanes: the lowest that is free, else the one that ends first; (8)."""
    laid: list[list[Span]] = [[] for _ in range(posts)]
    for span, _ in spans:
        ends = [max((held.end for held in lane), default=span.start) for lane in laid]
        free = [lane for lane in range(posts) if ends[lane] <= span.start]
        laid[free[0] if free else ends.index(min(ends))].append(span)
    return laid


def gaps(lane: Sequence[Span], stretch: Span) -> list[Span]:
    """Return what the spans of a lane leave of a free stretch; (9)."""
    left, at = [], stretch.start
    for span in lane:
        if at < min(span.start, stretch.end):
            left.append(Span(at, min(span.start, stretch.end)))
        at = max(at, span.end)
    if at < stretch.end:
        left.append(Span(at, stretch.end))
    return left


def is_open(clinic: Row, day: date) -> bool:
    """Whether the clinic is in service on that date."""
    return bool(
        (clinic["opens_on"] is None or clinic["opens_on"] <= day)
        and (clinic["closes_on"] is None or day < clinic["closes_on"])
    )


def cut_off(intervals: Sequence[Interval], units: int) -> list[Interval]:
    """Keep intervals, in the order given, up to ``units`` in all; the one at the limit is shortened; (10)."""
    kept = []
    for interval in intervals:
        keeps = min(interval.units, units)
        units -= keeps
        if keeps > 0:
            kept.append(replace(interval, units=keeps))
    return kept


def give_up(capacities: Sequence[int], reserve: int, multiple: int) -> list[int]:
    """Return what capacities keep when together they give up ``reserve`` units, spread evenly; (13)."""
    total = sum(capacities)
    keep = max(0, total - reserve)
    so_far = kept = 0
    keeps = []
    for capacity in capacities:
        so_far += capacity
        allowed = so_far * keep // total - kept if total else 0
        keeps.append(capacity if allowed >= capacity else allowed // multiple * multiple)
        kept += keeps[-1]
    return keeps


def whole_units(minutes: Fraction, unit: int) -> int:
    """Return minutes in units, rounded up but for a grain of less than a millionth; (13), (15)."""
    return math.ceil(round(float(minutes / unit), 6))


def intervals(case: Case, reserve: Reserve) -> list[Interval]:
    """Return every open interval that keeps something after the three cuts; (9) to (13), R15."""
    taken = occupying(case)
    rest = Rest(case)
    of_sessions = [i for session in _in_window(case) for i in _of_session(case, session, taken, rest)]
    of_clinicians = _cut_days(case, of_sessions, taken)
    return _lend(case, _keep_reserve(case, of_clinicians, reserve))


def _in_window(case: Case) -> list[Row]:
    return [
        session
        for session in case.sessions.values()
        if case.first <= session["start"].date() <= case.last
        and is_open(case.clinics[session["clinic_id"]], session["start"].date())
    ]


def _of_session(
    case: Case, session: Row, taken: dict[str, list[tuple[Span, str]]], rest: Rest
) -> list[Interval]:
    first, last = rest.hours(session)
    free = free_stretches(case, session)
    rested = [Span(max(one.start, first), min(one.end, last)) for one in free]
    spans = taken.get(session["session_id"], [])
    unit = timedelta(minutes=case.unit)
    found = [
        Interval(
            session["session_id"],
            session["clinic_id"],
            session["clinician_id"],
            number,
            gap.start,
            gap.end,
            (gap.end - gap.start) // unit,
        )
        for number, lane in enumerate(lanes(spans, session["posts"]))
        for stretch in rested
        for gap in gaps(lane, stretch)
        if gap.end - gap.start >= unit
    ]
    limit = max(0, (free_minutes(case, session) - minutes_of(spans)) // case.unit)
    return cut_off(sorted(found, key=lambda i: (i.start, i.lane)), limit)


def _cut_days(
    case: Case, found: Sequence[Interval], taken: dict[str, list[tuple[Span, str]]]
) -> list[Interval]:
    held: dict[tuple[str | None, date], int] = defaultdict(int)
    for session_id, spans in taken.items():
        session = case.sessions[session_id]
        held[session["clinician_id"], session["start"].date()] += minutes_of(spans)
    days = defaultdict(list)
    kept = []
    for interval in found:
        if interval.clinician_id is None:
            kept.append(interval)
        else:
            days[interval.clinician_id, interval.start.date()].append(interval)
    for (clinician_id, day), of_day in days.items():
        left = case.clinicians[clinician_id]["daily_minutes"] - held[clinician_id, day]
        kept += cut_off(sorted(of_day, key=_order), max(0, left // case.unit))
    return kept


def _keep_reserve(case: Case, found: Sequence[Interval], reserve: Reserve) -> list[Interval]:
    days = defaultdict(list)
    for interval in found:
        days[interval.clinic_id, interval.start.date()].append(interval)
    pooled = {(row["clinic_id"], row["date"]) for row in case.scenario.members.iter_rows(named=True)}
    kept = []
    for (clinic_id, day), of_day in days.items():
        of_day.sort(key=_order)
        units = 0 if (clinic_id, day) in pooled else whole_units(reserve.minutes(clinic_id, day), case.unit)
        keeps = give_up([interval.units for interval in of_day], units, case.largest)
        kept += [replace(i, units=n) for i, n in zip(of_day, keeps, strict=True) if n > 0]
    return sorted(kept, key=lambda i: (i.clinic_id, *_order(i)))


def _lend(case: Case, found: Sequence[Interval]) -> list[Interval]:
    """Return the intervals with those lent that are within the share of a clinic's room on a date; (31)."""
    gone_through: dict[tuple[str, date, float], int] = defaultdict(int)
    given: dict[tuple[str, date, float], int] = defaultdict(int)
    marked = []
    for interval in found:  # by clinic, then in order
        employers, share = case.lent.get(interval.session_id, (frozenset(), 0.0))
        key = interval.clinic_id, interval.start.date(), share
        gone_through[key] += interval.units if employers else 0
        if employers and given[key] + interval.units <= math.floor(round(share * gone_through[key], 6)):
            given[key] += interval.units
            interval = replace(interval, lent_to=employers)  # noqa: PLW2901 -- the same place, marked
        marked.append(interval)
    return marked


def _order(interval: Interval) -> tuple[datetime, str, int]:
    return interval.start, interval.session_id, interval.lane
