"""Closing clinics from network to plan: changes, transfer, loads, and the visits booked at what closes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from tideover.access import Asked
from tideover.cases.access import AccessResult, run_access
from tideover.cases.closing_people import people_rows
from tideover.cases.recorded import policy_record, record_of, travel_record
from tideover.cases.strike import StrikeResult, run_strike
from tideover.disruptions.closure import Closure
from tideover.errors import Fault, InputError
from tideover.nouns import Network, Note, Policy, Scenario
from tideover.nouns.change import RecordedChange
from tideover.panels import Transfer, transfer
from tideover.panels.loads import loads
from tideover.panels.rules import PANEL_TERMS, TERMS
from tideover.panels.tables import duals, letters, moved_changes, shortfall, transfers

#: What each level of the lexicographic order counts.
LEVELS = (("people without a place", ("not_placed",)), ("points", (*TERMS[1:], *PANEL_TERMS)))
#: What the bound speaks of, where every choice of who moves was tried, and where one was taken.
JOINT = "The bound holds for households to clinics, their people to clinicians, "
SCOPES = {
    True: JOINT + "and all choices of which clinicians move to openings.",
    False: JOINT + "given which clinicians move to openings: there are too many choices to try each.",
}


@dataclass(frozen=True)
class ClosingResult:
    """What a closing gives: tables of the transfer, the facts of its plan, and the plan of booked visits.

    ``people`` is what it does to whom (``people_rows``). ``access`` is that of all patients before and after;
    ``None`` where no clinic closes, or where it cannot be measured, which a note then says.
    """

    scenario: Scenario
    policy: Policy
    transfers: pl.DataFrame
    load: pl.DataFrame
    letters: pl.DataFrame
    duals: pl.DataFrame
    facts: Mapping[str, Any]
    visits: StrikeResult | None
    people: pl.DataFrame
    access: AccessResult | None


def run_closing(
    network: Network,
    changes: Sequence[RecordedChange],
    policy: Policy,
    as_of: date | None = None,
    reading: Mapping[str, Any] | None = None,
    report: Callable[[str], None] = lambda text: None,
    *,
    visits: bool = True,
    access: bool = True,
) -> ClosingResult:
    """Return where the patients of clinics that close under ``changes`` go, and what becomes of their visits.

    ``visits``: the visits booked at the closed clinics are planned again too, as of ``as_of`` (left out: the
    last day of booking before the first session is lost), with the clinicians who move where they then work.
    ``access``: access before and after is measured. ``reading`` is what the plan says of the reading that its
    inputs follow. Raises ``InputError`` with every fault of the changes, or if nobody needs a new place.
    """
    scenario = Scenario.of(network, changes)
    report("looking who must move")
    result = transfer(scenario, policy, report)
    _check(result, scenario)
    rows = transfers(result, policy)
    moved = moved_changes(scenario, result)
    after = Scenario.of(network, moved)
    if access:
        report("measuring access before and after")
    reached, untold = _access(network, after, policy) if access else (None, [])
    facts = {
        **record_of("closure", network),
        "changes": [change.facts() for change in scenario.changes],
        **policy_record(policy),
        "reading": reading,
        "travel": travel_record(network),
        "seed": None,  # no chance enters it
        **_figures(result, rows),
        "notes": [note.as_dict() for note in (*network.notes, *scenario.notes, *_notes(result), *untold)],
    }
    planned = None
    if visits and not after.lost.is_empty():
        report("planning booked visits")
        planned = run_strike(network, moved, policy, as_of, report=report, shares=(), reading=reading)
    return ClosingResult(
        after, policy, rows, loads(scenario, result, policy), letters(rows), duals(result), facts, planned,
        people_rows(network, rows, _limits(result)), reached,
    )  # fmt: skip


def _access(network: Network, after: Scenario, policy: Policy) -> tuple[AccessResult | None, list[Note]]:
    """Return access on the day before the first closing and on the day of the last, and why not, if not."""
    days = sorted({change.on for change in after.changes if isinstance(change, Closure)})
    if not days:
        return None, []
    asked = Asked(days[0] - timedelta(days=1), days[-1])
    try:
        return run_access(network, after.network, asked, policy), []
    except InputError as error:
        fault = error.faults[0]
        text = f"Access before and after is not measured: {fault.found} ({fault.expected} is needed)"
        return None, [Note("found", f"{fault.file}.{fault.column}", text)]


def _check(result: Transfer, scenario: Scenario) -> None:
    people = result.people
    if not people.rows.height:
        names = [change.kind for change in scenario.changes]
        found = f"nobody who needs a new place ({', '.join(names) or 'no change'})"
        remedy = (
            "Patients belong to a clinic by their own clinician (patients.clinician_id), or by their visits."
        )
        raise InputError([Fault("patients", None, "clinician_id", found, "patients of the clinics", remedy)])
    known = (people.minutes >= 0).any()
    if not known:
        remedy = "Give clinics and homes (or their areas) coordinates, or a matrix of journeys."
        expected = "at least one known journey from a home to a clinic that stays open"
        raise InputError([Fault("patients", None, "lat", "no known journey", expected, remedy)])


def _figures(result: Transfer, rows: pl.DataFrame) -> dict[str, Any]:
    levels = [
        {"name": name, "terms": list(terms), "cost": cost, "bound": bound, "gap": cost - bound,
         "gap_share": _share(cost, bound)}
        for (name, terms), (cost, bound) in zip(LEVELS, result.levels, strict=True)
    ]  # fmt: skip
    points = {name: int(rows[name].sum()) for name in TERMS}
    cost, bound = result.levels[1]
    points["over_target"] = cost - sum(points[name] for name in TERMS[1:])
    counts = {
        "patients": rows.height,
        "households": int(result.items.size.size),
        "placed": int(rows["new_clinic_id"].is_not_null().sum()),
        "unplaced": int(rows["not_placed"].sum()),
        "without_clinic": result.people.homeless,
        "own_kept": rows.filter(pl.col("clinician_id") == pl.col("new_clinician_id")).height,
        "beyond_standard": rows.filter(pl.col("minutes_after") > _limits(result)).height,
        "journey_unknown": int(
            result.people.rows.filter(pl.Series((result.people.minutes < 0).all(axis=1))).height
        ),
    }
    return {
        "counts": counts,
        "cost": cost,
        "bound": bound,
        "gap": _share(cost, bound),
        "levels": levels,
        "terms": points,
        "choices": [
            [{"clinician_id": name, "clinic_id": to} for name, to in sorted(one.moves.items())]
            for one in result.choices
        ],
        "chosen": result.chosen,
        "all_choices": result.all_moves,
        "scope": SCOPES[result.all_moves],
        "shortfall": shortfall(result),
    }


def _limits(result: Transfer) -> pl.Series:
    return result.people.rows["limit"]


def _share(cost: int, bound: int) -> float:
    return (cost - bound) / cost if cost != bound else 0.0


def _notes(result: Transfer) -> list[Note]:
    notes = []
    if result.people.homeless:
        text = (
            "Patients without an own clinician and without a booked visit belong to no clinic, and go nowhere"
        )
        notes.append(Note("found", "patients.clinician_id", text, result.people.homeless))
    posts = result.posts.rows
    unstated = posts["panel_target"].null_count()
    if unstated:
        text = "Posts without a stated panel target: the policy's norm times the share of full time"
        notes.append(Note("derived", "clinicians.panel_target", text, unstated))
    return notes
