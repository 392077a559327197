"""R15: between which moments of a date a clinician may be given a further visit, so that she has her rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import polars as pl

from tideover.verify.case import IN_A_SESSION, Case, Row

DAY = timedelta(days=1)


class Rest:
    """The ends of clinicians' booked days and the starts of their sessions, by clinician and date."""

    def __init__(self, case: Case) -> None:
        self._rest = timedelta(hours=case.policy.rest_hours)
        self._ends: dict[tuple[str, date], datetime] = {}
        self._begins: dict[tuple[str, date], datetime] = {}
        for session in case.sessions.values():
            if session["clinician_id"] is not None:
                key = session["clinician_id"], session["start"].date()
                self._begins[key] = min(self._begins.get(key, session["start"]), session["start"])
        for session_id, end in _ends(case):
            held = case.sessions[session_id]
            if held["clinician_id"] is not None:
                key = held["clinician_id"], held["start"].date()
                self._ends[key] = max(self._ends.get(key, end), end)

    def hours(self, session: Row) -> tuple[datetime, datetime]:
        """Return from when and until when the session may take a further visit; the whole where it may."""
        start, end, clinician = session["start"], session["end"], session["clinician_id"]
        if not self._rest or clinician is None:
            return start, end
        ended = self._ends.get((clinician, start.date() - DAY))
        begins = self._begins.get((clinician, start.date() + DAY))
        return (
            start if ended is None else max(start, ended + self._rest),
            end if begins is None else min(end, begins - self._rest),
        )


def _ends(case: Case) -> Iterator[tuple[str, datetime]]:
    """Yield the session and the end of every visit that holds room: (8)."""
    near = [
        session_id
        for session_id, session in case.sessions.items()
        if case.first - DAY <= session["start"].date() <= case.last
    ]
    seen = case.seen.filter(pl.col("session_id").is_in(near)).select("session_id", "start", "minutes")
    for session_id, start, minutes in seen.iter_rows():
        if not case.is_lost(session_id, start):
            yield session_id, start + timedelta(minutes=minutes)
    for pin in case.pins.values():
        visit = case.visits.get(pin.visit_id)
        if pin.option in IN_A_SESSION and pin.session_id and pin.start and visit and visit.movable:
            yield pin.session_id, pin.start + timedelta(minutes=visit.minutes)
    for session_id, span in case.kept.values():
        yield session_id, span.end
