"""How many visits R4 alone keeps from video, one visit and one session after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tideover.verify.bins import Interval
from tideover.verify.case import Case, Row, Visit
from tideover.verify.rules import (
    in_reach,
    in_scope,
    licensed,
    mode_suits,
    right_kind,
    same_employer,
    understood,
)
from tideover.verify.verdict import Findings

_OTHERS = (mode_suits, in_scope, understood, in_reach, right_kind, same_employer)


def check_kept_from_video(
    case: Case, intervals: Sequence[Interval], facts: Mapping[str, Any], findings: Findings
) -> None:
    """Check how many visits would have a place by video, were it not for R4."""
    rooms: dict[tuple[str, str | None], tuple[Row, int]] = {}
    for interval in intervals:
        session = case.sessions[interval.session_id]
        if session["mode"] == "video":
            holder = session["clinic_id"], session["clinician_id"]
            units = max(interval.units, rooms.get(holder, (session, 0))[1])
            rooms[holder] = session, units
    known: dict[tuple[object, ...], bool] = {}
    expected = 0
    for visit in case.free_visits:
        asked = (visit.clinic_id, visit.urgency, visit.minutes, visit.kind, visit.language)
        alike = (*asked, visit.interpreter, visit.state, visit.video_ok)
        if alike not in known:
            known[alike] = _kept_away(case, visit, list(rooms.values()))
        expected += known[alike]
    findings.compare("kept from video", "plan.json, kept_from_video", facts["kept_from_video"], expected)


def _kept_away(case: Case, visit: Visit, rooms: Sequence[tuple[Row, int]]) -> bool:
    could = [
        session
        for session, units in rooms
        if case.size(visit) <= units and all(rule(case, visit, session) for rule in _OTHERS)
    ]
    return bool(could) and not any(licensed(case, visit, session) for session in could)
