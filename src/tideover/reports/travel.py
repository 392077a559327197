"""Where the plan's journeys come from, and how much of them is not known, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tideover.reports.words import count, plural


def source(facts: Mapping[str, Any]) -> str:
    """Return where the journeys come from, as the beginning of a sentence."""
    said, policy = facts["travel"], facts["policy"]
    if said["source"] == "distance":
        how = f"times {policy['detour_factor']:g} at {policy['speed_km_per_hour']:g} km/h"
        return f"Journeys are straight-line distances {how}, not roads"
    if said["source"] == "file":
        return f"Journeys are those of {said['name']}"
    return f"Journeys are what the service at {said['name']} answered"


def gaps(facts: Mapping[str, Any]) -> str:
    """Return how many pairs of a home and a clinic are not known, and how many visits have no start."""
    pairs, lost = facts["travel"]["pairs"], facts["travel"]["starts"]["nowhere"]
    total = sum(pairs.values())
    if not total:
        return "no place is known at which a journey starts"
    nowhere = f"; {plural(lost, 'visit')} with no known start" if lost else ""
    found = [f"{count(pairs[key])} {key}" for key in ("unknown", "unreachable") if pairs[key]]
    among = f"of {plural(total, 'pair')} of a home and a clinic"
    return (f"{among}, {' and '.join(found)}" if found else f"{among}, all are known") + nowhere


def sentences(facts: Mapping[str, Any]) -> list[str]:
    """Return all that a reader should know about the journeys, one sentence each."""
    said = facts["travel"]
    pairs, starts, beyond = said["pairs"], said["starts"], said["booked_unreachable"]
    found = [f"{source(facts)}.", f"{_capital(gaps(facts))}."]
    if pairs["unknown"] or pairs["unreachable"]:
        found.append(
            "No visit moves to a clinic that is unknown or unreachable from its start, but by video."
        )
    if starts["booked_clinic"]:
        visits = plural(starts["booked_clinic"], "visit")
        found.append(
            f"{visits} of patients whose home is not known: the journey starts at the booked clinic."
        )
    if starts["nowhere"]:
        visits = plural(starts["nowhere"], "visit")
        found.append(
            f"{visits} without any known start: at the booked clinic, by video, or on the wait-list."
        )
    if beyond:
        visits = plural(beyond, "visit")
        found.append(f"{visits} booked at a clinic to which no way leads: look at the matrix.")
    return found


def licences(facts: Mapping[str, Any]) -> list[str]:
    """Return how many visits only a licence keeps from video, if there are any."""
    number = facts["kept_from_video"]
    if not number:
        return []
    why = "nobody with open video time is licensed in the state where the patient is"
    return [f"{plural(number, 'visit')} could be held by video, but {why}."]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
