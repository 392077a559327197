"""Every row of a plan's decisions: its fields, the rules of one visit in one place, and its points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from tideover.nouns.plan import OPTIONS
from tideover.verify.bins import free_stretches, is_open
from tideover.verify.case import IN_A_SESSION, Case, Row, Span, Visit
from tideover.verify.rules import (
    RULES,
    declined_site,
    has_a_time,
    is_kept,
    kind_suits,
    near_enough,
    offered_before,
    option_in,
    points,
    points_in_cover,
)
from tideover.verify.verdict import Findings


@dataclass(frozen=True)
class Decision:
    """What the plan decides for one visit, as far as it could be made out.

    ``site`` is where it is seen on cover at another site than the booked one.
    """

    visit: Visit
    option: str
    session: Row | None
    start: datetime
    points: Mapping[str, int]
    site: str | None = None

    @property
    def clinic_id(self) -> str | None:
        """Where the visit is held; meaningless on the wait-list."""
        return self.session["clinic_id"] if self.session else self.site or self.visit.clinic_id

    @property
    def session_id(self) -> str | None:
        """The session in which the visit is held, none at another site; meaningless on the wait-list."""
        if self.option == "another_site":
            return None
        return self.session["session_id"] if self.session else self.visit.session_id

    @property
    def span(self) -> Span:
        """When the visit is held; meaningless on the wait-list."""
        return Span(self.start, self.start + timedelta(minutes=self.visit.minutes))


def check_decisions(case: Case, frame: pl.DataFrame, findings: Findings) -> list[Decision]:
    """Check every row by itself and return the decisions that could be made out, points recomputed."""
    rows = list(frame.iter_rows(named=True))
    ids = [row["visit_id"] for row in rows]
    _check_who(case, ids, findings)
    made = []
    for row in rows:
        visit = case.visits.get(row["visit_id"])
        if visit is not None:
            _check_booked_fields(visit, row, findings)
            decision = _decision(case, visit, row, findings)
            if decision is not None:
                _check_points(decision, row, case.policy.terms, findings)
                made.append(decision)
    _check_pins(case, {row["visit_id"]: row for row in rows}, findings)
    return made


def _check_who(case: Case, ids: Sequence[str], findings: Findings) -> None:
    for visit_id in sorted(case.visits.keys() - set(ids)):
        findings.add("who", f"decisions: found no row for the booked visit {visit_id}; expected one")
    for visit_id in sorted({str(v) for v in ids} - case.visits.keys()):
        findings.add(
            "who", f"decisions: found a row for {visit_id}, which is not among the plan's booked visits"
        )
    if len(set(ids)) < len(ids):
        twice = sorted({str(v) for v in ids if ids.count(v) > 1})[:5]
        findings.add(
            "who", f"decisions: found several rows for {', '.join(twice)}; expected one for each visit"
        )
    elif None not in ids and list(ids) != sorted(ids):
        findings.add("who", "decisions: found rows out of order; expected them sorted by visit_id")


def _check_booked_fields(visit: Visit, row: Row, findings: Findings) -> None:
    for name in (
        "patient_id",
        "clinic_id",
        "session_id",
        "start",
        "minutes",
        "urgency",
        "safe_by",
        "affected",
        "pool_id",
    ):
        found = row[name] or None if name == "pool_id" else row[name]
        findings.compare(
            "booked visit", f"decisions, visit {visit.visit_id}, {name}", found, getattr(visit, name)
        )


def _decision(case: Case, visit: Visit, row: Row, findings: Findings) -> Decision | None:
    where, option = f"decisions, visit {visit.visit_id}", row["option"]
    if option not in OPTIONS:
        findings.add("option", f"{where}, option: found {option}; expected one of {', '.join(OPTIONS)}")
        return None
    if not visit.movable and option != "stand":
        findings.add("option", f"{where}, option: found {option}; expected stand, as its session is held")
    if option in IN_A_SESSION:
        return _in_session(case, visit, row, findings)
    if option == "another_site":
        return _at_another_site(case, visit, row, findings)
    booked = (
        visit.clinic_id,
        visit.session_id,
        None if visit.affected else visit.booked_clinician,
        visit.start,
    )
    expected = (None, None, None, None) if option == "waitlist" else booked
    _check_new_fields(visit, row, expected, findings)
    pinned = visit.visit_id in case.pins
    _check_waiting(case, visit, option, findings)
    if option == "standby" and not pinned and visit.urgency < case.policy.standby_from_urgency:
        findings.add(
            "R9 may_wait",
            f"{where}: found on standby with urgency {visit.urgency}; "
            f"expected urgency {case.policy.standby_from_urgency} or less urgent (R9 may_wait)",
        )
    return Decision(visit, option, None, visit.start, points(case, visit, option, None, visit.day))


def _at_another_site(case: Case, visit: Visit, row: Row, findings: Findings) -> Decision | None:
    """R6 to R8 for cover at another site of the visit's pool, at the booked start and in no session."""
    where, clinic_id = f"decisions, visit {visit.visit_id}", row["new_clinic_id"]
    _check_new_fields(visit, row, (clinic_id, None, None, visit.start), findings)
    of_pool = case.scenario.members.filter(pool_id=visit.pool_id, date=visit.day) if visit.pool_id else None
    if of_pool is None or clinic_id not in of_pool["clinic_id"] or clinic_id == visit.clinic_id:
        findings.add(
            "R8 own_cover",
            f"{where}: found it at another site, {clinic_id}; expected another site of its own pool "
            "(R8 own_cover)",
        )
        return None
    for name, keeps in (("R6 in_reach", near_enough), ("R7 right_kind", kind_suits)):
        if not keeps(case, visit, clinic_id):
            sentence = (RULES[name].__doc__ or "").partition(": ")[2]
            findings.add(name, f"{where} at {clinic_id}: found a broken rule; expected {name}: {sentence}")
    if declined_site(visit, clinic_id):
        findings.add("R13 offered_once", f"{where}: found {clinic_id}, which its patient declined (R13)")
    cost = points_in_cover(case, visit, "another_site", clinic_id)
    return Decision(visit, "another_site", None, visit.start, cost, clinic_id)


def _check_waiting(case: Case, visit: Visit, option: str, findings: Findings) -> None:
    """R14, and (24) for a released visit that stands; a pin may do otherwise."""
    where = f"decisions, visit {visit.visit_id}"
    if visit.visit_id in case.pins:
        return
    if option == "standby" and has_a_time(visit):
        findings.add(
            "R14 no_waiting_again",
            f"{where}: found on standby a visit that has a time, or whose patient declined to wait "
            "(R14 no_waiting_again)",
        )
    released = visit.movable and not visit.affected
    back = option == "stand" and visit.visit_id in case.free_again
    if released and option in ("stand", "standby") and not back:
        findings.add(
            "booked place",
            f"{where}: found {option}; its session is held again, but its booked place is not free (24)",
        )


def _check_new_fields(visit: Visit, row: Row, expected: tuple[object, ...], findings: Findings) -> None:
    names = ("new_clinic_id", "new_session_id", "new_clinician_id", "new_start")
    for name, value in zip(names, expected, strict=True):
        findings.compare("new place", f"decisions, visit {visit.visit_id}, {name}", row[name], value)


def _in_session(case: Case, visit: Visit, row: Row, findings: Findings) -> Decision | None:
    where = f"decisions, visit {visit.visit_id}"
    session, start = case.sessions.get(row["new_session_id"]), row["new_start"]
    if session is None or start is None:
        missing = f"session {row['new_session_id']}" if session is None else "no new_start"
        findings.add("new place", f"{where}: found {missing}; expected a session of the network and a start")
        return None
    expected = (session["clinic_id"], session["session_id"], session["clinician_id"], start)
    _check_new_fields(visit, row, expected, findings)
    findings.compare("option", f"{where}, option", row["option"], option_in(case, visit, session))
    if visit.visit_id not in case.pins:
        _check_rules(case, visit, session, start, findings)
    of_place = points(case, visit, row["option"], session, session["start"].date(), start)
    return Decision(visit, row["option"], session, start, of_place)


def _check_rules(case: Case, visit: Visit, session: Row, start: datetime, findings: Findings) -> None:
    where = f"decisions, visit {visit.visit_id} in session {session['session_id']}"
    for name, rule in RULES.items():
        if not rule(case, visit, session):
            sentence = (rule.__doc__ or "").partition(": ")[2]
            findings.add(name, f"{where}: found a broken rule; expected {name}: {sentence}")
    day = session["start"].date()
    if is_kept(visit, session["session_id"], start) and visit.visit_id in case.kept:
        return  # that its place can be kept was found before; (23)
    if session["session_id"] in offered_before(visit):
        findings.add(
            "R13 offered_once",
            f"{where}: found a session told or declined before; expected another (R13 offered_once)",
        )
    if not case.first <= day <= case.last:
        findings.add("window", f"{where}: found {day}; expected a date from {case.first} to {case.last}")
    if not is_open(case.clinics[session["clinic_id"]], day):
        findings.add("window", f"{where}: found the clinic closed on {day}; expected an open one")
    end = start + timedelta(minutes=visit.minutes)
    if not any(free.start <= start and end <= free.end for free in free_stretches(case, session)):
        findings.add(
            "R1 fits",
            f"{where}: found {start} to {end}; expected a time within a free stretch of it (R1 fits)",
        )


def _check_points(decision: Decision, row: Row, terms: Sequence[str], findings: Findings) -> None:
    for term in terms:
        where = f"decisions, visit {decision.visit.visit_id}, {term}"
        findings.compare("points", where, row[term], decision.points[term])


def _check_pins(case: Case, rows: Mapping[str, Row], findings: Findings) -> None:
    for pin in case.pins.values():
        row = rows.get(pin.visit_id)
        where = f"decisions, visit {pin.visit_id}"
        if row is None:
            findings.add(
                "R11 pinned", f"{where}: found no decision; expected the pinned {pin.option} (R11 pinned)"
            )
            continue
        asked: Row = {} if pin.derived else {"option": pin.option}
        if pin.option in IN_A_SESSION:
            asked |= {"new_session_id": pin.session_id, "new_start": pin.start}
        for name, value in asked.items():
            if row[name] != value:
                findings.add(
                    "R11 pinned",
                    f"{where}, {name}: found {row[name]}; expected {value}, as pinned (R11 pinned)",
                )
