"""How many visits could be held by video, were it not for where the clinician is licensed (R4)."""

from __future__ import annotations

import numpy as np

from tideover.visits.problem import StrikeDay
from tideover.visits.rules import POST_RULES, SITE_RULES, licensed, same_employer


def kept_from_video(day: StrikeDay) -> int:
    """Return the number of unpinned affected visits that R4 alone keeps from every open video interval.

    Sessions of one clinician at one clinic are alike for every rule, so that only the roomiest counts.
    """
    facts, size = day.facts, day.problem.size
    units = np.zeros(facts.session_clinic.size, np.int64)
    np.maximum.at(units, day.session_of, day.intervals["units"].to_numpy())
    visits = np.flatnonzero(facts.visit_video_ok)
    could, may = np.zeros(visits.size, np.bool_), np.zeros(visits.size, np.bool_)
    held = np.flatnonzero(facts.session_video)
    holders = np.stack([facts.session_clinic[held], facts.session_clinician[held]])
    _, kind = np.unique(holders, axis=1, return_inverse=True)
    for one in range(int(kind.max(initial=-1)) + 1):
        alike = held[kind == one]
        session = np.full(visits.size, alike[0])
        fits = size[visits] <= units[alike].max()
        for name, rule in {**SITE_RULES, **POST_RULES}.items():
            if name not in {"licensed", "own_employer"}:
                fits &= rule(facts, visits, session)
        fits &= same_employer(facts, visits, session)
        could |= fits
        may |= fits & licensed(facts, visits, session)
    return int((could & ~may).sum())
