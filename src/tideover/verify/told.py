"""What patients were told, and what room is kept for it, by code of its own; formulation (20) to (27)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tideover.nouns.told import TOLD, WHY
from tideover.verify.bins import Interval, free_minutes, free_stretches, is_open
from tideover.verify.case import IN_A_SESSION, Case, Pin, Span, Told, Visit
from tideover.verify.cover import Cover
from tideover.verify.decisions import Decision
from tideover.verify.files import read_parquet
from tideover.verify.rules import RULES
from tideover.verify.verdict import Findings

Place = tuple[str, Span]


def last_rows(log: pl.DataFrame) -> dict[str, Told]:
    """Return what the last row of each visit of the log says, and all that its patient declined; (20)."""
    found: dict[str, Told] = {}
    for row in log.sort("visit_id", "number").iter_rows(named=True):
        before = found.get(row["visit_id"])
        declined = before.declined if before else ()
        if row["answer"] == "declined":
            told = {"standby": "standby", "another_site": f"site {row['clinic_id']}"}
            declined = (*declined, told.get(row["option"], row["session_id"]))
        found[row["visit_id"]] = Told(
            times=(before.times if before else 0) + 1,
            on=row["as_of"],
            booked=(row["booked_session_id"], row["booked_start"]),
            option=row["option"],
            clinic_id=row["clinic_id"],
            session_id=row["session_id"],
            start=row["start"],
            answer=row["answer"],
            declined=declined,
        )
    return found


def with_kept_room(case: Case) -> Case:
    """Return the case with the places that can be kept as pins or as places of their own; (23), (24)."""
    told = [v for v in case.visits.values() if v.says == "time" and v.visit_id not in case.pins]
    pins, kept, gone = dict(case.pins), dict(case.kept), set(case.gone)
    diary = _Diary(case, told)
    for visit in sorted(told, key=lambda v: (v.urgency, v.visit_id)):
        place = _place_of(visit)
        if not _can_be_kept(case, visit, place, diary):
            gone.add(visit.visit_id)
            continue
        diary.enter(visit.visit_id, *place)
        if _must_stay(case, visit):
            pins[visit.visit_id] = Pin(
                visit.visit_id, "own_clinician", place[0], place[1].start, derived=True
            )
        else:
            kept[visit.visit_id] = place
    case = replace(case, pins=pins, kept=kept, gone=frozenset(gone))
    return replace(case, free_again=frozenset(_free_again(case)))


class _Diary:
    """Who is where and when, in the sessions and on the days that matter to ``told``."""

    def __init__(self, case: Case, told: Sequence[Visit]) -> None:
        self._case = case
        sessions = {visit.told.session_id for visit in told if visit.told and visit.told.session_id}
        people = {case.sessions[sid]["clinician_id"] for sid in sessions if sid in case.sessions} - {None}
        near = [sid for sid, row in case.sessions.items() if sid in sessions or row["clinician_id"] in people]
        self.in_session: dict[str, list[tuple[str, Span]]] = defaultdict(list)
        self.of_day: dict[tuple[str, date], list[tuple[str, Span]]] = defaultdict(list)
        self.of_patient: dict[str, list[tuple[str, Span]]] = defaultdict(list)
        columns = ("visit_id", "session_id", "start", "minutes")
        for name, sid, span in self._unaffected(pl.col("session_id").is_in(near), columns):
            self.enter(name, sid, span)
        for pin in case.pins.values():
            pinned = case.visits.get(pin.visit_id)
            if pinned and pin.option in IN_A_SESSION and pin.session_id and pin.start:
                self.enter(pin.visit_id, pin.session_id, _span(pin.start, pinned.minutes))
        patients = list({visit.patient_id for visit in told} - {None})
        of_told = dict(case.seen.select("visit_id", "patient_id").iter_rows())
        for name, _, span in self._unaffected(pl.col("patient_id").is_in(patients), columns):
            self.of_patient[of_told[name]].append((name, span))

    def _unaffected(self, which: pl.Expr, columns: tuple[str, ...]) -> Iterator[tuple[str, str, Span]]:
        for name, sid, start, minutes in self._case.seen.filter(which).select(columns).iter_rows():
            if not self._case.is_lost(sid, start):
                yield name, sid, _span(start, minutes)

    def enter(self, visit_id: str, session_id: str, span: Span) -> None:
        """Enter a visit into its session and its clinician's day."""
        self.in_session[session_id].append((visit_id, span))
        clinician = self._case.sessions.get(session_id, {}).get("clinician_id")
        if clinician is not None:
            self.of_day[clinician, span.start.date()].append((visit_id, span))


def _span(start: datetime, minutes: int) -> Span:
    return Span(start, start + timedelta(minutes=minutes))


def _place_of(visit: Visit) -> Place:
    if visit.told is None or visit.told.session_id is None or visit.told.start is None:
        raise ValueError(f"visit {visit.visit_id} was told no time")
    return visit.told.session_id, _span(visit.told.start, visit.minutes)


def _must_stay(case: Case, visit: Visit) -> bool:
    told = visit.told
    often = told is not None and (told.answer == "accepted" or told.times >= case.policy.told_at_most)
    return often or case.morning is not None


def _can_be_kept(case: Case, visit: Visit, place: Place, diary: _Diary) -> bool:
    session_id, span = place
    session = case.sessions.get(session_id)
    if session is None or not is_open(case.clinics[session["clinic_id"]], span.start.date()):
        return False
    if not any(free.start <= span.start and span.end <= free.end for free in free_stretches(case, session)):
        return False
    if not all(rule(case, visit, session) for rule in RULES.values()):
        return False
    here = [span, *_others(visit, diary.in_session[session_id])]
    if _most(here, span) > session["posts"] or _minutes(here) > free_minutes(case, session):
        return False
    clinician = session["clinician_id"]
    if clinician is not None:
        day = [span, *_others(visit, diary.of_day[clinician, span.start.date()])]
        if _minutes(day) > case.clinicians[clinician]["daily_minutes"]:
            return False
    elsewhere = _others(visit, diary.of_patient.get(visit.patient_id or "", []))
    return not any(other.start < span.end and span.start < other.end for other in elsewhere)


def _others(visit: Visit, held: Iterable[tuple[str, Span]]) -> list[Span]:
    return [span for name, span in held if name != visit.visit_id]


def _most(spans: Iterable[Span], within: Span) -> int:
    near = [span for span in spans if span.start < within.end and within.start < span.end]
    moments = {max(span.start, within.start) for span in near}
    return max((sum(s.start <= moment < s.end for s in near) for moment in moments), default=0)


def _minutes(spans: Iterable[Span]) -> int:
    return sum((span.end - span.start) // timedelta(minutes=1) for span in spans)


def _free_again(case: Case) -> list[str]:
    """Return the released visits whose booked place is free: no fuller than posts, or than it was; (24)."""
    found = []
    for visit in case.free_visits:
        if not visit.affected and visit.told is not None and visit.day > case.as_of and visit.session_id:
            own = _span(visit.start, visit.minutes)
            now, then = _there(case, visit.session_id, None), _there(case, visit.session_id, visit.told.on)
            posts = case.sessions[visit.session_id]["posts"]
            moments = {own.start} | {m for s in (*now, *then) for m in s if own.start < m < own.end}
            if all(_at(now, m) <= max(posts, _at(then, m)) for m in moments):
                found.append(visit.visit_id)
    return found


def _at(spans: Iterable[Span], moment: datetime) -> int:
    return sum(span.start <= moment < span.end for span in spans)


def _there(case: Case, session_id: str, booked_by: date | None) -> list[Span]:
    """Return what is in a session now; with ``booked_by``, those of the unaffected visits booked by then."""
    rows = case.seen.filter(session_id=session_id).select("start", "minutes", "booked_on")
    spans = [
        _span(start, minutes)
        for start, minutes, day in rows.iter_rows()
        if not case.is_lost(session_id, start) and (booked_by is None or day is None or day <= booked_by)
    ]
    if booked_by is None:
        spans += [span for sid, span in case.kept.values() if sid == session_id]
        for pin in case.pins.values():
            if pin.session_id == session_id and pin.start and pin.option in IN_A_SESSION:
                spans.append(_span(pin.start, case.visits[pin.visit_id].minutes))
    return spans


def kept_intervals(case: Case) -> list[Interval]:
    """Return the kept places as open intervals of their own, by visit_id; (23)."""
    found = []
    for visit_id, (session_id, span) in sorted(case.kept.items()):
        session = case.sessions[session_id]
        units = case.size(case.visits[visit_id])
        place = (session_id, session["clinic_id"], session["clinician_id"], -1, *span, units, visit_id)
        lent_to = case.lent.get(session_id, (frozenset(), 0.0))[0]
        found.append(Interval(*place, lent_to))
    return found


def places_to_stand(case: Case) -> list[Cover]:
    """Return a bin to stand for each released visit whose booked place is free; (24)."""
    visits = [case.visits[visit_id] for visit_id in sorted(case.free_again)]
    return [Cover(case.cover_pool(v), v.day, v.start.hour, "stand", case.size(v)) for v in visits]


def must_be_told(
    visit: Visit, option: str, clinic_id: str | None, session_id: str | None, start: datetime | None
) -> bool:
    """Whether the patient expects something else than this; (26)."""
    told = visit.told
    if visit.says == "" or told is None:
        return option != "stand"
    if visit.says in ("time", "booked"):
        return option == "standby" or (session_id, start) != (told.session_id, told.start)
    if visit.says == "elsewhere":
        return option != "another_site" or clinic_id != told.clinic_id
    if visit.says == "wait":
        return option != "standby" and not (option == "stand" and visit.affected)
    return told.answer == "declined" or told.option != "waitlist" or option != "waitlist"


def decided_place(decision: Decision) -> tuple[str | None, str | None, datetime | None]:
    """Return clinic, session and start of a decision, none of them on the wait-list."""
    if decision.option == "waitlist":
        return None, None, None
    return decision.clinic_id, decision.session_id, decision.start


def why_again(case: Case, visit: Visit, option: str) -> str:
    """Return why a patient who was told something is told something else; (27)."""
    if visit.told is not None and visit.told.answer == "declined":
        return "declined"
    pin = case.pins.get(visit.visit_id)
    if pin is not None and not pin.derived:
        return "pinned"
    if visit.says == "open" or (
        option == "stand" and visit.says in ("wait", "elsewhere") and not visit.affected
    ):
        return "promised"
    if visit.visit_id in case.gone:
        return "place_gone"
    return "better" if visit.says == "time" else "cover_short"


def check_told(
    case: Case, decisions: Sequence[Decision], facts: Mapping[str, Any], findings: Findings
) -> None:
    """Check how many visits that were told something keep it or are told again, and why."""
    expected = Counter(dict.fromkeys(("told", "kept", "told_again", *WHY), 0))
    for decision in decisions:
        visit, option = decision.visit, decision.option
        if visit.says:
            place = decided_place(decision)
            again = must_be_told(visit, option, *place)
            expected.update(["told", "told_again" if again else "kept"])
            expected.update([why_again(case, visit, option)] if again else [])
    for name, number in expected.items():
        findings.compare("told", f"plan.json, told.{name}", facts["told"].get(name), number)


def check_groups(
    case: Case, decisions: Sequence[Decision], facts: Mapping[str, Any], findings: Findings
) -> None:
    """Check the groups of visits to be told, and by when each must be decided; (29)."""
    found: dict[tuple[str, str, int], list[datetime]] = defaultdict(list)
    midnight = datetime.combine(case.as_of, datetime.min.time())
    for decision in decisions:
        visit, option = decision.visit, decision.option
        place = decided_place(decision)
        if must_be_told(visit, option, *place):
            told = visit.told.start if visit.told and visit.says else None
            starts = [start for start in (visit.start, place[2], told) if start is not None]
            by = max(midnight, min(starts) - timedelta(days=case.policy.contact_lead_days))
            found[visit.pool_id or "", visit.day.isoformat(), visit.urgency].append(by)
    expected = {key: (len(times), min(times).isoformat()) for key, times in found.items()}
    said = {
        (row["pool_id"], row["date"], row["urgency"]): (row["visits"], row["decide_by"])
        for row in facts["decide_by"]
    }
    findings.compare("decide by", "plan.json, number of groups", len(facts["decide_by"]), len(expected))
    for key in sorted(expected.keys() | said.keys()):
        where = f"plan.json, decide_by, pool {key[0] or 'none'}, {key[1]}, urgency {key[2]}"
        findings.compare("decide by", where, said.get(key), expected.get(key))


def read_log(folder: Path, facts: Mapping[str, Any], findings: Findings) -> pl.DataFrame | None:
    """Return the log of what patients were told, empty if there is none; ``None`` with a difference."""
    digest = facts.get("files", {}).get("told.parquet")
    if facts["previous"] is None:
        if digest is not None:
            findings.add(
                "told", "plan.json, previous: found nothing; expected the plan that told.parquet is from"
            )
        return pl.DataFrame(schema=TOLD)
    log = read_parquet(folder / "told.parquet", TOLD, digest, findings)
    if log is None:
        return None
    by_visit = log.sort("visit_id", "number")
    counted = by_visit.select(pl.int_range(1, pl.len() + 1).over("visit_id")).to_series()
    if log.null_count().select("visit_id", "number", "as_of", "booked_start", "option").sum_horizontal()[0]:
        findings.add(
            "told", "told.parquet: found empty cells; expected who was told what, when and from where"
        )
        return None
    if not (counted == by_visit["number"]).all():
        findings.add(
            "told", "told.parquet: found rows of a visit not numbered 1, 2, ...; expected each number once"
        )
        return None
    return log
