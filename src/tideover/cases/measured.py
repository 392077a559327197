"""What is compared between readings: the figures of a scenario under some inputs, measured in any process."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from tideover.cases.case import Inputs, OffersStated, Stage
from tideover.cases.choosing import ChoosingResult, rank_of_closings
from tideover.cases.closing import ClosingResult, run_closing
from tideover.cases.days import Chances
from tideover.cases.offer import Asked as OffersAsked
from tideover.cases.offer import OffersResult, run_offers
from tideover.cases.offer import Outcome as OfferOutcome
from tideover.cases.outlook import run_days
from tideover.cases.run_case import scenario_of
from tideover.cases.strike import StrikeResult, default_as_of
from tideover.claims import Reading
from tideover.disruptions.closure import Closure
from tideover.errors import InputError
from tideover.nouns import Network, Plan, Policy, Scenario
from tideover.nouns.change import RecordedChange
from tideover.readers import read_network, write_network
from tideover.synthetic import Recipe, synthetic_network
from tideover.visits import plan_strike_day

#: The figures of a scenario with a plan of booked visits, each with what it counts.
OF_VISITS = {
    "struck_posts": "posts struck on the strike dates",
    "booked": "visits booked on the strike dates",
    "affected": "visits booked in struck sessions",
    "stand": "visits that stand",
    "standby": "visits on standby",
    "moved": "visits with another time, by video or at urgent care",
    "waitlist": "visits left without a date",
    "told": "patients to be told",
    "unsafe": "booked urgent visits that become unsafe",
    "cover": "more sessions of cover for booked urgent visits",
    "paused": "struck sites that the plan pauses",
    "urgent_lost": "urgent visits not seen, mean of the tried days",
    "days_with_lost": "tried days on which an urgent visit is not seen, as a share",
}
#: The figures of a scenario of clinics that close.
OF_CLOSINGS = {
    "movers": "patients who need a new place",
    "unplaced": "patients without a place",
    "own_kept": "patients who keep their own clinician",
    "beyond_standard": "patients whose journey is longer than the standard allows",
    "more_minutes": "minutes more of the journey to the clinic, mean",
    "over_target": "receiving clinics over their panel targets",
    "sets_better": "choices of as many clinics that would add fewer minutes of journey",
    "days_apart": "days from the first closing to the last",
}
#: The figures of an offer on the table; amounts in thousands of its currency.
OF_OFFERS = {
    "pay_change": "change of pay, mean of the clinicians",
    "pay_worst": "change of pay of whoever loses most or gains least",
    "cost_more": "cost to the employer over the current contract, all years, in thousands",
    "cost_worth": "cost over the current contract as present value, in thousands",
    "real_pay": "change of what all pay buys, last year of the contract",
    "benefits_least": "benefits, the least that they may come to, in thousands",
    "benefits_most": "benefits, the most that they may come to, in thousands",
    "debt_years": "years until the education debt is paid off, mean",
}
FIGURES = OF_VISITS | OF_CLOSINGS | OF_OFFERS


@dataclass(frozen=True)
class Task:
    """A plan to be measured: on which network, under which changes and policy, tried with which chances.

    The network is read from ``folder``, or made by ``recipe`` where it is another than the case's own.
    ``closes``: the plan says where the patients of closing clinics go.
    """

    folder: Path
    recipe: Recipe | None
    changes: tuple[RecordedChange, ...]
    policy: Policy
    closes: bool = False
    chances: list[Chances | None] = field(default_factory=list)


@dataclass(frozen=True)
class OffersTask:
    """Offers to be compared on the roster of the network in ``folder``, or of the one made by ``recipe``."""

    folder: Path
    recipe: Recipe | None
    offers: OffersStated
    reading: Reading


def plan_key(inputs: Inputs, stage: Stage) -> str:
    """Return a text that is the same for inputs with the same network and plan.

    Where patients of closing clinics go does not depend on the day of a closing but by its year: that of
    their ages (formulation of ``panels``). What depends on the day is said by ``dated``.
    """
    facts = [dict(change.facts()) for change in inputs.changes[stage.id]]
    if stage.closes:
        facts = [one | ({"on": one["on"][:4]} if "on" in one else {}) for one in facts]
    changes = sorted(json.dumps(one, sort_keys=True) for one in facts)
    return json.dumps(
        [str(inputs.recipe), str(inputs.folder), stage.plan, changes, policy_of(inputs, stage).as_dict()],
        sort_keys=True,
    )


def offers_key(result: OffersResult, inputs: Inputs, reading: Reading) -> str:
    """Return a text that is the same for readings under which the offers of ``result`` come to the same."""
    answers = [reading.answer(answer.claim.id).entry.as_dict() for answer in result.reading.asked]
    values = [{key: answer[key] for key in ("value", "low", "high")} for answer in answers]
    return json.dumps(["offers", str(inputs.recipe), str(inputs.folder), values], sort_keys=True)


def policy_of(inputs: Inputs, stage: Stage) -> Policy:
    """Return the policy of a scenario's plan: that of closings asks claims of its own."""
    return inputs.transfers if stage.closes and inputs.transfers is not None else inputs.policy


def measure(tasks: Sequence[Task | OffersTask]) -> list[list[dict[str, float] | str]]:
    """Return the figures of each task, one after the other.

    A plan has one row for each of its chances, offers one for each offer; or a row with what is wrong.
    """
    return [_measured(task) for task in tasks]


def _measured(task: Task | OffersTask) -> list[dict[str, float] | str]:
    try:
        return [*(_figures(task) if isinstance(task, Task) else _offers(task))]
    except InputError as error:
        number = len(task.chances if isinstance(task, Task) else task.offers.offers)
        return [str(error.faults[0])] * number


def _figures(task: Task) -> list[dict[str, float]]:
    network = _network(task.folder, task.recipe)
    if task.closes:
        closing = run_closing(network, task.changes, task.policy, visits=False, access=False)
        ranked = rank_of_closings(network, task.changes, task.policy)
        return [figures_of_closing(closing, ranked)] * len(task.chances)
    scenario = scenario_of(network, task.changes)
    if scenario is None:
        return [nothing_struck(chances) for chances in task.chances]
    as_of = default_as_of(scenario)
    scenario = scenario.after(as_of)
    plan = plan_strike_day(scenario, task.policy, as_of)
    return [_tried_with(scenario, task.policy, as_of, plan, chances) for chances in task.chances]


def figures_with(result: StrikeResult | None, chances: Chances | None) -> dict[str, float]:
    """Return the figures of a plan that was made already, tried with other chances."""
    if result is None:
        return nothing_struck(chances)
    as_of = date.fromisoformat(result.plan.facts["as_of"])
    return _tried_with(result.scenario, result.policy, as_of, result.plan, chances)


def _tried_with(
    scenario: Scenario, policy: Policy, as_of: date, plan: Plan, chances: Chances | None
) -> dict[str, float]:
    days = None
    if chances is not None and not scenario.pools.is_empty():
        days = run_days(scenario, policy, as_of, plan.decisions, chances)[0]
    return figures_of(scenario, plan, days)


def _offers(task: OffersTask) -> list[dict[str, float]]:
    offers = task.offers
    asked = (offers.offers, offers.current, offers.comparator)
    if task.recipe is None:
        return figures_of_offers(run_offers(OffersAsked(task.folder, *asked), task.reading))
    with TemporaryDirectory() as folder:
        write_network(_network(task.folder, task.recipe), Path(folder) / "network", "parquet")
        return figures_of_offers(run_offers(OffersAsked(Path(folder) / "network", *asked), task.reading))


@lru_cache(maxsize=1)
def _network(folder: Path, recipe: Recipe | None) -> Network:
    return read_network(folder) if recipe is None else synthetic_network(recipe)


def figures_of(scenario: Scenario, plan: Plan, days: Mapping[str, Any] | None) -> dict[str, float]:
    """Return the ``FIGURES`` of a plan; those of tried days only where days were tried."""
    facts = plan.facts
    counts = facts["counts"]
    told = plan.to_tell.select(pl.coalesce("patient_id", "visit_id")).to_series().n_unique()
    found: dict[str, float] = {
        "struck_posts": int(scenario.pools["posts"].sum()),
        **{name: counts[name] for name in ("booked", "affected", "stand", "standby", "waitlist")},
        "moved": counts["moved"] + counts["video"] + counts["urgent_care"],
        "told": told,
        "unsafe": counts["unsafe_urgent"],
        "cover": facts["minimum_safe_cover"]["sessions"],
        "paused": sum(not site["opens"] for site in facts["sites"]),
    }
    return found | _tried(days)


def _tried(days: Mapping[str, Any] | None) -> dict[str, float]:
    if days is None:
        return {}
    lost = [one["measures"]["urgent_lost"] for one in days["dates"]]
    return {
        "urgent_lost": round(sum(one["mean"] for one in lost), 3),
        "days_with_lost": round(max(one["days"] for one in lost) / days["chances"]["days"], 4),
    }


def nothing_struck(chances: Chances | None) -> dict[str, float]:
    """Return the figures where the strike finds no session to strike: nothing is lost and nobody is told."""
    return {
        name: 0 for name in OF_VISITS if chances is not None or name not in {"urgent_lost", "days_with_lost"}
    }


def figures_of_result(result: StrikeResult | None, chances: Chances | None) -> dict[str, float]:
    """Return the figures of a plan that was made already."""
    if result is None:
        return nothing_struck(chances)
    return figures_of(result.scenario, result.plan, result.plan.facts["days"])


def figures_of_closing(result: ClosingResult, ranked: ChoosingResult | None) -> dict[str, float]:
    """Return the ``OF_CLOSINGS`` of a closing; minutes only where journeys are known, sets where ranked."""
    counts = result.facts["counts"]
    whole = result.people.filter(pl.col("group") == "all", pl.col("measure") == "minutes").to_dicts()
    clinics = result.load.filter(pl.col("level") == "clinic")
    found: dict[str, float] = {
        "movers": counts["patients"],
        **{name: counts[name] for name in ("unplaced", "own_kept", "beyond_standard")},
        "over_target": clinics.filter(pl.col("panel_after") > pl.col("panel_target")).height,
    }
    if whole and whole[0]["difference"] is not None:
        found["more_minutes"] = round(whole[0]["difference"], 3)
    if ranked is not None:
        found["sets_better"] = ranked.facts["rank"] - 1
    return found


def dated(changes: Sequence[RecordedChange]) -> dict[str, float]:
    """Return those of ``OF_CLOSINGS`` that follow from the dates of the closings alone."""
    days = sorted(change.on for change in changes if isinstance(change, Closure))
    return {"days_apart": (days[-1] - days[0]).days} if days else {}


def figures_of_offers(result: OffersResult) -> list[dict[str, float]]:
    """Return the ``OF_OFFERS`` of each offer; those of which the roster says nothing are left out."""
    return [_of_offer(outcome) for outcome in result.outcomes]


def _of_offer(outcome: OfferOutcome) -> dict[str, float]:
    found = {
        "pay_change": round(outcome.spread.mean, 5),
        "pay_worst": round(outcome.spread.worst, 5),
        "cost_more": _thousands(sum(outcome.cost_over_base)),
        "cost_worth": _thousands(outcome.present_value),
        "benefits_least": _thousands(sum(promise.kept.low for promise in outcome.promises)),
        "benefits_most": _thousands(sum(promise.kept.high for promise in outcome.promises)),
    }
    if outcome.real_by_year:
        found["real_pay"] = round(outcome.real_by_year[-1], 5)
    years = outcome.debts["years"].mean()
    return found | ({"debt_years": round(years, 3)} if isinstance(years, float) else {})


def _thousands(cents: float) -> float:
    return round(cents / 100_000, 1)
