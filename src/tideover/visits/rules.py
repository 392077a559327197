"""The rules and the cost terms of the strike-day plan: the lists first, then one function each.

A rule says for each pair of a visit and a session whether the visit may be held there; a term gives the
points of each choice. Both are named in this room's README, which numbers the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tideover.visits.book import AS_BOOKED, AT_SITE, TIME, WAIT
from tideover.visits.facts import Bools, Facts, Ints

STAND, STANDBY, OPEN, WAITLIST, ELSEWHERE = range(5)


@dataclass(frozen=True)
class Choices:
    """Choices as arrays of one length: visit, session (-1: none), date (days since 1970), and kind of bin.

    ``clinic`` is where cover at another site is (``ELSEWHERE``); the other kinds do not look at it.
    """

    visit: Ints
    session: Ints
    date: Ints
    bin_kind: int
    clinic: Ints | None = None


Rule = Callable[[Facts, Ints, Ints], Bools]
Term = Callable[[Facts, Choices], Ints]


def mode_suits(facts: Facts, visit: Ints, session: Ints) -> Bools:
    """A video session takes only visits that may be held by video (R2)."""
    return ~facts.session_video[session] | facts.visit_video_ok[visit]


def in_scope(facts: Facts, visit: Ints, session: Ints) -> Bools:
    """The clinician's role may see this kind of visit (R3)."""
    return facts.may_see[session, facts.visit_kind[visit]]


def licensed(facts: Facts, visit: Ints, session: Ints) -> Bools:
    """The clinician is licensed where the patient is: by video at home, in person at the clinic (R4)."""
    by_video = facts.licensed[session, facts.visit_state[visit]]
    return np.where(facts.session_video[session], by_video, facts.session_licensed[session])


def understood(facts: Facts, visit: Ints, session: Ints) -> Bools:
    """The clinician speaks the patient's language, an interpreter is arranged, or either is unknown (R5)."""
    return facts.visit_interpreter[visit] | facts.speaks[session, facts.visit_language[visit]]


def in_reach(facts: Facts, visit: Ints, session: Ints) -> Bools:
    """The clinic is the booked one, the visit is by video, or the journey is known and short enough (R6)."""
    found: Bools = facts.session_video[session] | near_enough(facts, visit, facts.session_clinic[session])
    return found


def near_enough(facts: Facts, visit: Ints, clinic: Ints) -> Bools:
    """Return whether the clinic is the booked one, or the journey to it is known and short enough."""
    journey = facts.journeys.to(visit, clinic)
    near = (journey >= 0) & (journey <= facts.policy.travel_limit_minutes)
    found: Bools = (clinic == facts.visit_clinic[visit]) | near
    return found


def right_kind(facts: Facts, visit: Ints, session: Ints) -> Bools:
    """The clinic is of the booked one's kind, or urgent care for a visit that it may take over (R7)."""
    return kind_suits(facts, visit, facts.session_clinic[session])


def kind_suits(facts: Facts, visit: Ints, clinic: Ints) -> Bools:
    """Return whether a clinic is of the booked one's kind, or urgent care that may take the visit over."""
    kind = facts.clinic_kind[clinic]
    urgency, policy = facts.visit_urgency[visit], facts.policy
    suits = (urgency >= policy.urgent_care_from_urgency) & (urgency <= policy.urgent_care_to_urgency)
    same = kind == facts.clinic_kind[facts.visit_clinic[visit]]
    found: Bools = same | ((kind == facts.urgent_care) & suits)
    return found


def own_employer(facts: Facts, visit: Ints, session: Ints) -> Bools:
    """The clinic is of the booked one's employer, or the session takes others by mutual aid (R16)."""
    found: Bools = same_employer(facts, visit, session) | facts.lent[session, _employer(facts, visit)]
    return found


def same_employer(facts: Facts, visit: Ints, session: Ints) -> Bools:
    """Return whether the session's clinic is of the booked one's employer; unknown equals unknown."""
    found: Bools = facts.clinic_employer[facts.session_clinic[session]] == _employer(facts, visit)
    return found


def _employer(facts: Facts, visit: Ints) -> Ints:
    found: Ints = facts.clinic_employer[facts.visit_clinic[visit]]
    return found


def may_wait(facts: Facts, visit: Ints) -> Bools:
    """Only visits that are not too urgent go on standby (R9)."""
    return facts.visit_urgency[visit] >= facts.policy.standby_from_urgency


#: Rules for a visit and a session that ask only where the session is and whether it is by video.
SITE_RULES: Mapping[str, Rule] = {"right_kind": right_kind, "in_reach": in_reach, "mode_suits": mode_suits}

#: Rules for a visit and a session that ask who holds it.
POST_RULES: Mapping[str, Rule] = {
    "own_employer": own_employer,
    "in_scope": in_scope,
    "licensed": licensed,
    "understood": understood,
}


def past_safe_by(facts: Facts, choices: Choices) -> Ints:
    """Days past the last safe day, times the urgency's weight."""
    late: Ints = np.maximum(0, choices.date - facts.visit_safe_by[choices.visit])
    return late * facts.visit_weight[choices.visit]


def not_placed(facts: Facts, choices: Choices) -> Ints:
    """One for each visit on the wait-list."""
    return np.full(choices.visit.size, int(choices.bin_kind == WAITLIST), np.int64)


def days_moved(facts: Facts, choices: Choices) -> Ints:
    """Days between the booked and the new day, times the urgency's weight."""
    days: Ints = np.abs(choices.date - facts.visit_date[choices.visit])
    return days * facts.visit_weight[choices.visit]


def continuity_broken(facts: Facts, choices: Choices) -> Ints:
    """One if an open session is not held by the patient's own clinician (or own clinic's team)."""
    if choices.bin_kind != OPEN:
        return np.zeros(choices.visit.size, np.int64)
    return (~keeps_continuity(facts, choices.visit, choices.session)).astype(np.int64)


def keeps_continuity(facts: Facts, visit: Ints, session: Ints) -> Bools:
    """Return whether the session is the own clinician's; a pooled team's, if at the booked clinic."""
    with_own = facts.session_clinician[session] == facts.visit_own[visit]
    at_home = facts.session_clinic[session] == facts.visit_clinic[visit]
    found: Bools = with_own & ((facts.visit_own[visit] >= 0) | at_home)
    return found


def added_travel(facts: Facts, choices: Choices) -> Ints:
    """Minutes of journey more than to the booked clinic; none by video or where either is not known."""
    if choices.bin_kind == OPEN:
        clinic, goes = facts.session_clinic[choices.session], ~facts.session_video[choices.session]
    elif choices.bin_kind == ELSEWHERE and choices.clinic is not None:
        clinic, goes = choices.clinic, np.ones(choices.visit.size, np.bool_)
    else:
        return np.zeros(choices.visit.size, np.int64)
    before = facts.journeys.to(choices.visit, facts.visit_clinic[choices.visit])
    after = facts.journeys.to(choices.visit, clinic)
    known = (before >= 0) & (after >= 0) & goes
    return np.where(known, np.maximum(0, after - before), 0)


def told(facts: Facts, choices: Choices) -> Ints:
    """One for each patient who must be told: all but those whose visit stands."""
    return np.full(choices.visit.size, int(choices.bin_kind != STAND), np.int64)


def told_again(facts: Facts, choices: Choices) -> Ints:
    """How often the patient was told, where this is something else; a kept place is not among the choices."""
    said = facts.visit_told_as[choices.visit]
    kept = np.isin(said, _KEPT_BY.get(choices.bin_kind, ()))
    if choices.bin_kind == ELSEWHERE and choices.clinic is not None:
        kept = (said == AT_SITE) & (choices.clinic == facts.visit_told_clinic[choices.visit])
    counts = np.isin(said, (TIME, WAIT, AS_BOOKED, AT_SITE))
    return np.where(counts & ~kept, facts.visit_told_times[choices.visit], 0)


def standby(facts: Facts, choices: Choices) -> Ints:
    """One for each visit left uncertain until the morning."""
    return np.full(choices.visit.size, int(choices.bin_kind == STANDBY), np.int64)


#: What was told that a kind of bin keeps.
_KEPT_BY = {STAND: (WAIT, AS_BOOKED), STANDBY: (WAIT,)}

#: Cost terms before their weights; ``policy.levels`` says in which order they count.
TERMS: Mapping[str, Term] = {
    "past_safe_by": past_safe_by,
    "not_placed": not_placed,
    "days_moved": days_moved,
    "continuity_broken": continuity_broken,
    "added_travel": added_travel,
    "told": told,
    "told_again": told_again,
    "standby": standby,
}


def points(facts: Facts, choices: Choices) -> dict[str, Ints]:
    """Return the points of every term for each choice: the term times its weight.

    Standing costs nothing, unless the patient was told something else.
    """
    none = np.zeros(choices.visit.size, np.int64)
    stands = choices.bin_kind == STAND
    return {
        name: none if stands and name != "told_again" else term(facts, choices) * facts.policy.weights[name]
        for name, term in TERMS.items()
    }


def choice_points(facts: Facts, choices: Choices) -> Ints:
    """Return the points of each choice by level, (levels, choices)."""
    found = points(facts, choices)
    return np.stack([sum((found[term] for term in level), np.int64(0)) for level in facts.policy.levels])
