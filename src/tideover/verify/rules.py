"""The rules for one visit in one session and the cost terms of one decision, read word by word.

``pairs.py`` says the same for whole columns of intervals at once; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from tideover.verify.case import Case, Row, Visit

#: The cost terms that this code can recompute.
TERMS = (
    "past_safe_by",
    "not_placed",
    "days_moved",
    "continuity_broken",
    "added_travel",
    "told",
    "told_again",
    "standby",
)


def mode_suits(case: Case, visit: Visit, session: Row) -> bool:
    """R2: a video session takes only visits that may be held by video."""
    return session["mode"] != "video" or visit.video_ok


def in_scope(case: Case, visit: Visit, session: Row) -> bool:
    """R3: the clinician's role may see this kind of visit; a pooled team counts as every role."""
    if session["clinician_id"] is None or visit.kind is None or visit.kind not in case.policy.scope:
        return True
    return case.clinicians[session["clinician_id"]]["role"] in case.policy.scope[visit.kind]


def licences(case: Case, session: Row) -> list[str | None]:
    """Return the states in which whoever holds the session is licensed; unknown is a state of its own."""
    if session["clinician_id"] is None:
        return [case.clinics[session["clinic_id"]]["state"]]
    clinician = case.clinicians[session["clinician_id"]]
    if clinician["states_licensed"]:
        return list(clinician["states_licensed"])
    home = case.clinics.get(clinician["clinic_id"])
    return [home["state"] if home else None]


def licensed(case: Case, visit: Visit, session: Row) -> bool:
    """R4: a licence where the patient is: by video the patient's state, in person the clinic's."""
    if session["mode"] == "video":
        return visit.state in licences(case, session)
    return licensed_here(case, session)


def licensed_here(case: Case, session: Row) -> bool:
    """Whether the clinician's own list, where there is one, has the clinic's state, where it is known."""
    state = case.clinics[session["clinic_id"]]["state"]
    if session["clinician_id"] is None or state is None:
        return True
    listed = case.clinicians[session["clinician_id"]]["states_licensed"]
    return not listed or state in listed


def understood(case: Case, visit: Visit, session: Row) -> bool:
    """R5: the clinician speaks the patient's language, an interpreter is arranged, or either is unknown."""
    if session["clinician_id"] is None or visit.language is None or visit.interpreter:
        return True
    spoken = case.clinicians[session["clinician_id"]]["languages"]
    return not spoken or visit.language in spoken


def in_reach(case: Case, visit: Visit, session: Row) -> bool:
    """R6: the booked clinic, or video, or a known journey within the travel limit."""
    return session["mode"] == "video" or near_enough(case, visit, session["clinic_id"])


def near_enough(case: Case, visit: Visit, clinic_id: str) -> bool:
    """R6 in person: the booked clinic, or a known journey within the travel limit."""
    if clinic_id == visit.clinic_id:
        return True
    return 0 <= case.journey(visit, clinic_id) <= case.policy.travel_limit_minutes


def right_kind(case: Case, visit: Visit, session: Row) -> bool:
    """R7: a clinic of the booked one's kind, or urgent care for an urgency that it takes over."""
    return kind_suits(case, visit, session["clinic_id"])


def kind_suits(case: Case, visit: Visit, clinic_id: str) -> bool:
    """R7 for a clinic."""
    kind = case.clinics[clinic_id]["kind"]
    if kind == case.clinics[visit.clinic_id]["kind"]:
        return True
    policy = case.policy
    return (
        kind == "urgent_care"
        and policy.urgent_care_from_urgency <= visit.urgency <= policy.urgent_care_to_urgency
    )


def same_employer(case: Case, visit: Visit, session: Row) -> bool:
    """Whether the session's clinic is of the booked clinic's employer; unknown equals unknown."""
    return case.employer(session["clinic_id"]) == case.employer(visit.clinic_id)


def own_employer(case: Case, visit: Visit, session: Row) -> bool:
    """R16: a clinic of the booked one's employer, or a session that is lent to it by mutual aid."""
    lent_to, _ = case.lent.get(session["session_id"], (frozenset(), 0.0))
    return same_employer(case, visit, session) or case.employer(visit.clinic_id) in lent_to


#: The rules for a visit in a session, by number; R1 and R8 to R12 are in ``places.py`` and ``decisions.py``.
RULES: dict[str, Callable[[Case, Visit, Row], bool]] = {
    "R2 mode_suits": mode_suits,
    "R3 in_scope": in_scope,
    "R4 licensed": licensed,
    "R5 understood": understood,
    "R6 in_reach": in_reach,
    "R7 right_kind": right_kind,
    "R16 own_employer": own_employer,
}


def keeps_continuity(visit: Visit, session: Row) -> bool:
    """Whether the session is with the patient's own clinician, or own team at the same clinic."""
    if visit.own_clinician is None:
        return session["clinician_id"] is None and session["clinic_id"] == visit.clinic_id
    return bool(session["clinician_id"] == visit.own_clinician)


def option_in(case: Case, visit: Visit, session: Row) -> str:
    """Return the name of the option that puts the visit into the session."""
    here = session["clinic_id"] == visit.clinic_id
    if session["mode"] == "video":
        return "video"
    if case.clinics[session["clinic_id"]]["kind"] == "urgent_care" and not here:
        return "urgent_care"
    if keeps_continuity(visit, session):
        return "own_clinician"
    return "another_clinician" if here else "another_clinic"


def offered_before(visit: Visit) -> set[str]:
    """R13: the sessions that the visit is not offered again: the one told last, and those declined."""
    if visit.told is None:
        return set()
    last = {visit.told.session_id} if visit.says else set()
    return {name for name in (*visit.told.declined, *last) if name is not None}


def may_stand_at(case: Case, visit: Visit, clinic_id: str) -> bool:
    """R6, R7: whether the visit may be seen on its pool's cover at that site, its own or another."""
    return clinic_id == visit.clinic_id or (
        near_enough(case, visit, clinic_id) and kind_suits(case, visit, clinic_id)
    )


def declined_site(visit: Visit, clinic_id: str) -> bool:
    """R13: whether it is another site, at which the patient declined to be seen at the booked time."""
    return (
        clinic_id != visit.clinic_id and visit.told is not None and f"site {clinic_id}" in visit.told.declined
    )


def may_wait(case: Case, visit: Visit) -> bool:
    """R9: only visits of urgency ``standby_from_urgency`` or less urgent go on standby; and R14."""
    return visit.urgency >= case.policy.standby_from_urgency and not has_a_time(visit)


def has_a_time(visit: Visit) -> bool:
    """R14: whether the visit may not go on standby: its patient was told a time, or declined to wait."""
    return visit.says in ("time", "booked", "elsewhere") or (
        visit.told is not None and "standby" in visit.told.declined
    )


def is_kept(visit: Visit, session_id: str | None, start: datetime | None) -> bool:
    """Whether this is the time that the patient was told; (25)."""
    told = visit.told
    return told is not None and visit.says == "time" and (told.session_id, told.start) == (session_id, start)


def again(
    case: Case,
    visit: Visit,
    option: str,
    session_id: str | None,
    start: datetime | None,
    site: str | None = None,
) -> int:
    """Return the points of ``told_again`` for an option: in a session at a start, or at a site."""
    kept = {"time": False, "wait": option in ("stand", "standby"), "booked": option == "stand"}
    kept["elsewhere"] = option == "another_site" and visit.told is not None and visit.told.clinic_id == site
    if visit.told is None or not visit.movable:
        return 0
    if kept.get(visit.says, True) or is_kept(visit, session_id, start):
        return 0
    return case.policy.weights["told_again"] * visit.told.times


def points_in_cover(case: Case, visit: Visit, option: str, clinic_id: str) -> dict[str, int]:
    """Return the points of every term of a visit that stands, waits, or is seen at another site."""
    found = dict.fromkeys(TERMS, 0)
    found["told_again"] = again(case, visit, option, None, None, clinic_id)
    if option == "stand":
        return found
    weight, urgency = case.policy.weights, case.policy.urgency_weight[visit.urgency - 1]
    late = max(0, (visit.day - visit.safe_by).days)
    found["past_safe_by"] = weight["past_safe_by"] * urgency * late
    found["told"] = weight["told"]
    if option == "standby":
        found["standby"] = weight["standby"]
    else:
        found["added_travel"] = weight["added_travel"] * added_minutes(case, visit, clinic_id)
    return found


def points(
    case: Case, visit: Visit, option: str, session: Row | None, day: date, start: datetime | None = None
) -> dict[str, int]:
    """Return the points of every term of a visit in a session, or on the wait-list.

    ``session``, its date ``day`` and the visit's ``start`` are for an open interval, else unused.
    """
    if session is None and option != "waitlist":
        return points_in_cover(case, visit, option, visit.clinic_id)
    found = dict.fromkeys(TERMS, 0)
    found["told_again"] = again(case, visit, option, (session or {}).get("session_id"), start)
    if option == "waitlist":
        day = case.last + timedelta(days=1)
    weight, urgency = case.policy.weights, case.policy.urgency_weight[visit.urgency - 1]
    found["past_safe_by"] = weight["past_safe_by"] * urgency * max(0, (day - visit.safe_by).days)
    found["not_placed"] = weight["not_placed"] if option == "waitlist" else 0
    found["days_moved"] = weight["days_moved"] * urgency * abs((day - visit.day).days)
    found["told"] = weight["told"]
    if session is not None:
        found["continuity_broken"] = 0 if keeps_continuity(visit, session) else weight["continuity_broken"]
        if session["mode"] != "video":
            added = added_minutes(case, visit, session["clinic_id"])
            found["added_travel"] = weight["added_travel"] * added
    return found


def added_minutes(case: Case, visit: Visit, clinic_id: str) -> int:
    """Return how much longer the journey there is than to the booked clinic; 0 where either is not known."""
    to_new, to_booked = case.journey(visit, clinic_id), case.journey(visit, visit.clinic_id)
    return max(0, to_new - to_booked) if to_new >= 0 and to_booked >= 0 else 0
