"""A strike from network to plan: changes, plan, other working shares, scorecard."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from tideover.cases.again import Again
from tideover.cases.days import Chances
from tideover.cases.outlook import run_days
from tideover.cases.recorded import policy_record, record_of
from tideover.disruptions import with_known_cover
from tideover.disruptions.strike import Strike
from tideover.errors import Fault, InputError
from tideover.impact import scorecard
from tideover.nouns import Network, Note, Plan, Policy, Scenario, Scorecard
from tideover.nouns.change import RecordedChange
from tideover.visits import Prepared, counts_at_share, plan_strike_day, prepare

#: The working shares for which every strike plan is also made, for comparison.
WORKING_SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


@dataclass(frozen=True)
class StrikeResult:
    """What a strike run gives: the scenario, the policy, the plan with all its facts, and the scorecard."""

    scenario: Scenario
    policy: Policy
    plan: Plan
    scorecard: Scorecard


def run_strike(
    network: Network,
    changes: Sequence[RecordedChange],
    policy: Policy,
    as_of: date | None = None,
    pins: pl.DataFrame | None = None,
    report: Callable[[str], None] = lambda text: None,
    days: int = 0,
    *,
    again: Again | None = None,
    held: Collection[str] | None = None,
    called_off: Sequence[RecordedChange] = (),
    chance: float | None = None,
    chances: Chances | None = None,
    shares: Sequence[float] = WORKING_SHARES,
    reading: Mapping[str, Any] | None = None,
) -> StrikeResult:
    """Return the plan of ``network`` under ``changes``, with the same strike at other working shares.

    ``as_of`` left out is the notice date, else the last day of booking before the strike (``default_as_of``).
    ``days`` of the strike are tried under chance, with nobody staying away or walking in; 0 tries none.
    ``chances`` says more of the days that are tried and comes before ``days``. ``shares`` are the other
    working shares; ``reading`` is what the plan says of the reading that its inputs follow.
    ``again`` is the plan that this one follows; ``held`` are the sessions that will be held on the first
    strike date, of which the plan keeps sums of pools alone: its morning, planned without other shares or
    days. ``called_off`` are strikes that were planned for and are not among ``changes``; ``chance`` is the
    chance that one of those that are will be called off.
    ``report`` is told before each step. Raises ``InputError`` with every fault of the changes or pins.
    """
    scenario = Scenario.of(network, changes)
    chances = chances or (Chances(days) if days else None)
    if chances is not None and chances.faults():
        raise InputError(chances.faults())  # now, not after the work
    as_of = as_of or (_eve(scenario) if held is not None else default_as_of(scenario))
    scenario = scenario.after(as_of)
    if held is not None:
        scenario = with_known_cover(scenario, held)
    report("planning")
    told = None if again is None else again.told
    prepared = prepare(scenario, policy, as_of, pins, told)
    plan = plan_strike_day(scenario, policy, as_of, prepared=prepared)
    others = []
    if held is None and shares and not scenario.pools.is_empty():
        if pins is not None and not pins.is_empty():
            prepared = prepare(scenario, policy, as_of, told=told)  # pins need not fit another share
        others = [_share(network, changes, policy, as_of, prepared, w, report) for w in shares]
    facts = {
        **_stated(network, scenario, policy, pins, again, called_off),
        "called_off_chance": chance,
        "reading": reading,
        **plan.facts,
        "days": _days(scenario, policy, as_of, plan, chances if held is None else None, report),
        "shares": [row for row in others if row is not None],
        "notes": [note.as_dict() for note in _notes(scenario, plan)],
    }
    plan = replace(plan, facts=facts)
    report("measuring")
    return StrikeResult(scenario, policy, plan, scorecard(scenario, plan, policy))


def default_as_of(scenario: Scenario) -> date:
    """Return the day on which the plan is made where nobody says: the first notice of a strike, if known.

    Otherwise the last day on which a visit was booked before the first day that is lost; for a book without
    booking dates the day before that. In any case a day before it. ``InputError`` if nothing is lost at all.
    """
    lost = scenario.lost["from"].dt.date().to_list()
    if not lost:
        remedy = "Name a strike or a leave, or give the as-of date."
        raise InputError([Fault("changes", None, None, "no session is lost", "a strike or a leave", remedy)])
    before: date = min(lost) - timedelta(days=1)
    notices = [c.notice_on for c in scenario.changes if isinstance(c, Strike) and c.notice_on is not None]
    if notices:
        return min(*notices, before)
    booked = scenario.network.visits["booked_on"]
    last = booked.filter(booked <= before).max()
    return last if isinstance(last, date) else before


def _stated(
    network: Network,
    scenario: Scenario,
    policy: Policy,
    pins: pl.DataFrame | None,
    again: Again | None,
    called_off: Sequence[RecordedChange],
) -> dict[str, Any]:
    """Return what plan.json says of the inputs: network, changes, policy, pins, and what went before."""
    return {
        **record_of("strike", network),
        "changes": [change.facts() for change in scenario.changes],
        **policy_record(policy),
        "pins": [] if pins is None else _rows(pins),
        "previous": None if again is None else again.facts,
        "morning": _morning(scenario),
        "called_off": [change.facts() for change in called_off],
    }


def _eve(scenario: Scenario) -> date:
    days = scenario.strike_dates
    return default_as_of(scenario) if not days else days[0] - timedelta(days=1)


def _morning(scenario: Scenario) -> dict[str, Any] | None:
    """Return what plan.json says of the cover that is known: minutes of pools by hour, never of a session."""
    if scenario.known.is_empty():
        return None
    rows = scenario.known.select("pool_id", "hour", "held_minutes").iter_rows(named=True)
    return {"date": str(scenario.known["date"][0]), "held": list(rows)}


def _days(
    scenario: Scenario,
    policy: Policy,
    as_of: date,
    plan: Plan,
    chances: Chances | None,
    report: Callable[[str], None],
) -> dict[str, Any] | None:
    """Return what the tried days say; ``None`` where none are tried or no post is struck."""
    if chances is None or scenario.pools.is_empty():
        return None
    report("trying days")
    return run_days(scenario, policy, as_of, plan.decisions, chances)[0]


def _share(
    network: Network,
    changes: Iterable[RecordedChange],
    policy: Policy,
    as_of: date,
    prepared: Prepared,
    share: float,
    report: Callable[[str], None],
) -> dict[str, Any] | None:
    """Return the counts of the plan if this share were worked, or ``None`` where that may not be stated."""
    report(f"planning for {share:.0%} worked")
    others = [replace(c, working=share) if isinstance(c, Strike) else c for c in changes]
    try:
        scenario = Scenario.of(network, others)
    except InputError:
        return None  # too few posts for a share to be anything but a statement about persons
    return {"working_share": share, **counts_at_share(scenario.after(as_of), policy, prepared)}


def _rows(pins: pl.DataFrame) -> list[dict[str, Any]]:
    return pins.with_columns(pl.col("start").dt.strftime("%Y-%m-%dT%H:%M:%S")).sort("visit_id").to_dicts()


def _notes(scenario: Scenario, plan: Plan) -> list[Note]:
    notes = [*scenario.network.notes, *scenario.notes]
    visits = scenario.network.visits
    if not scenario.network.has_coordinates and scenario.network.travel is None:
        text = "No clinic has coordinates: travel is not counted, and no visit is moved to another clinic"
        notes.append(Note("assumed", "travel", text))
    unknown = visits["booked_on"].null_count()
    if unknown:
        text = (
            "Visits without a booking date count as booked before every as-of date, and not in the forecast"
        )
        notes.append(Note("assumed", "visits.booked_on", text, unknown))
    derived = plan.decisions.join(
        visits.filter(pl.col("safe_by").is_null()), on="visit_id", how="semi"
    ).height
    if derived:
        text = "No safe-by date in the book: the visit's day plus the policy's tolerance for its urgency"
        notes.append(Note("derived", "visits.safe_by", text, derived))
    return notes
