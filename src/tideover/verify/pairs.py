"""All open intervals side by side as columns, so that one visit can be held against all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from tideover.verify.bins import Interval
from tideover.verify.case import Case, Visit
from tideover.verify.rules import again, licences, licensed_here, offered_before

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Board:
    """The open intervals as columns, and which of them each visit may take, at what points."""

    def __init__(self, case: Case, found: Sequence[Interval]) -> None:
        self._case = case
        held = [case.sessions[interval.session_id] for interval in found]
        self.units = _ints(interval.units for interval in found)
        self._days = _ints(interval.start.date().toordinal() for interval in found)
        self._video = _flags(session["mode"] == "video" for session in held)
        self._pooled = _flags(session["clinician_id"] is None for session in held)
        self._clinic_number = {clinic: n for n, clinic in enumerate(case.clinics)}
        self._clinician_number = {clinician: n for n, clinician in enumerate(case.clinicians)}
        self._clinic = _ints(self._clinic_number[interval.clinic_id] for interval in found)
        self._clinician = _ints(self._number_of(interval.clinician_id) for interval in found)
        self._employer = [case.employer(interval.clinic_id) for interval in found]
        self._lent_to = [interval.lent_to for interval in found]
        self._at = {clinic: np.flatnonzero(self._clinic == n) for clinic, n in self._clinic_number.items()}
        self._has_video = {clinic: bool(self._video[rows].any()) for clinic, rows in self._at.items()}
        self._licences = [frozenset(licences(case, session)) for session in held]
        self._licensed_here = _flags(licensed_here(case, session) for session in held)
        self._speech = [
            frozenset(case.clinicians[s["clinician_id"]]["languages"] or ())
            if s["clinician_id"]
            else frozenset()
            for s in held
        ]
        self._roles = [
            case.clinicians[s["clinician_id"]]["role"] if s["clinician_id"] else None for s in held
        ]
        self._kept_for = np.array([interval.kept_for or "" for interval in found], dtype=object)
        in_window = _flags(case.first <= interval.start.date() <= case.last for interval in found)
        self._not_for_all = ~in_window
        self._in_session = defaultdict(list)
        for row, interval in enumerate(found):
            self._in_session[interval.session_id].append(row)
        self._cached: dict[tuple[str, str | None], Flags] = {}

    def allowed(self, visit: Visit) -> Ints:
        """Return the rows of all intervals that the visit may take by R1 to R7, R13 and R16."""
        rows = self._rows_in_reach(visit)
        may = self.units[rows] >= self._case.size(visit)
        may &= self._of_employer(self._case.employer(visit.clinic_id))[rows]
        video = self._video[rows]
        may &= video | self._licensed_here[rows]
        if not visit.video_ok:
            may &= ~video
        else:
            may &= ~video | self._licensed(visit.state)[rows]
        if visit.kind is not None and visit.kind in self._case.policy.scope:
            may &= self._in_scope(visit.kind)[rows]
        if visit.language is not None and not visit.interpreter:
            may &= self._understood(visit.language)[rows]
        before = [row for session_id in offered_before(visit) for row in self._in_session.get(session_id, [])]
        may &= self._is_own(visit, rows) | ~(np.isin(rows, before) | self._not_for_all[rows])
        return rows[may]

    def _is_own(self, visit: Visit, rows: Ints) -> Flags:
        return np.asarray(self._kept_for[rows] == visit.visit_id, np.bool_)

    def points(self, visit: Visit, rows: Ints) -> dict[str, Ints]:
        """Return the points of every cost term for the visit in each of ``rows``."""
        case, weight = self._case, self._case.policy.weights
        urgency = case.policy.urgency_weight[visit.urgency - 1]
        late = np.maximum(0, self._days[rows] - visit.safe_by.toordinal())
        moved = np.abs(self._days[rows] - visit.day.toordinal())
        none = np.zeros(len(rows), np.int64)
        return {
            "past_safe_by": weight["past_safe_by"] * urgency * late,
            "not_placed": none,
            "days_moved": weight["days_moved"] * urgency * moved,
            "continuity_broken": weight["continuity_broken"] * ~self._own(visit, rows),
            "added_travel": weight["added_travel"] * self._added_minutes(visit, rows),
            "told": none + weight["told"],
            "told_again": np.where(self._is_own(visit, rows), 0, again(case, visit, "", None, None)),
            "standby": none,
        }

    def _rows_in_reach(self, visit: Visit) -> Ints:
        """Return the intervals at clinics of the right kind in reach, and by video at any of them."""
        case, parts = self._case, []
        for clinic_id, rows in self._at.items():
            if not len(rows) or not self._right_kind(visit, clinic_id):
                continue
            if clinic_id == visit.clinic_id or 0 <= case.journey(visit, clinic_id) <= self._limit:
                parts.append(rows)
            elif visit.video_ok and self._has_video[clinic_id]:
                parts.append(rows[self._video[rows]])
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    @property
    def _limit(self) -> int:
        return self._case.policy.travel_limit_minutes

    def _right_kind(self, visit: Visit, clinic_id: str) -> bool:
        policy, kind = self._case.policy, self._case.clinics[clinic_id]["kind"]
        taken_over = policy.urgent_care_from_urgency <= visit.urgency <= policy.urgent_care_to_urgency
        return bool(
            kind == self._case.clinics[visit.clinic_id]["kind"] or (kind == "urgent_care" and taken_over)
        )

    def _licensed(self, state: str | None) -> Flags:
        return self._once(("state", state), lambda: _flags(state in held for held in self._licences))

    def _in_scope(self, kind: str) -> Flags:
        roles = self._case.policy.scope[kind]
        return self._once(
            ("kind", kind), lambda: _flags(role is None or role in roles for role in self._roles)
        )

    def _of_employer(self, employer: str | None) -> Flags:
        """Return which intervals are at clinics of the employer, or lent to it."""
        both = zip(self._employer, self._lent_to, strict=True)
        return self._once(
            ("employer", employer), lambda: _flags(own == employer or employer in lent for own, lent in both)
        )

    def _understood(self, language: str) -> Flags:
        return self._once(
            ("language", language),
            lambda: _flags(not spoken or language in spoken for spoken in self._speech),
        )

    def _once(self, key: tuple[str, str | None], make: Callable[[], Flags]) -> Flags:
        if key not in self._cached:
            self._cached[key] = make()
        return self._cached[key]

    def _own(self, visit: Visit, rows: Ints) -> Flags:
        if visit.own_clinician is None:
            at_booked = self._clinic[rows] == self._clinic_number[visit.clinic_id]
            return np.asarray(self._pooled[rows] & at_booked)
        return np.asarray(self._clinician[rows] == self._number_of(visit.own_clinician))

    def _number_of(self, clinician_id: str | None) -> int:
        return -1 if clinician_id is None else self._clinician_number[clinician_id]

    def _added_minutes(self, visit: Visit, rows: Ints) -> Ints:
        to_booked = self._case.journey(visit, visit.clinic_id)
        to_each = _ints(self._case.journey(visit, clinic_id) for clinic_id in self._case.clinics)[
            self._clinic[rows]
        ]
        known = (to_each >= 0) & (to_booked >= 0) & ~self._video[rows]
        return np.where(known, np.maximum(0, to_each - to_booked), 0)


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _flags(values: Iterable[bool]) -> Flags:
    return np.array(list(values), dtype=np.bool_)
