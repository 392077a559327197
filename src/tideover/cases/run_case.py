"""A case run under one reading: its network, and a plan for each scenario, with what each result rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from tideover.cases.case import Case, Inputs, OffersStated, Stage, part_of
from tideover.cases.choosing import ChoosingResult, rank_of_closings
from tideover.cases.closing import ClosingResult, run_closing
from tideover.cases.offer import Asked as OffersAsked
from tideover.cases.offer import OffersResult, run_offers
from tideover.cases.several import common_of, joined
from tideover.cases.stated import told
from tideover.cases.strike import WORKING_SHARES, StrikeResult, run_strike
from tideover.claims import Answer, Reading
from tideover.disruptions import NO_SESSION, held_sessions
from tideover.errors import Fault, InputError, attempt
from tideover.impact import employers_scorecard
from tideover.nouns import Network, Scenario, Scorecard
from tideover.nouns.change import RecordedChange
from tideover.readers import read_network, write_network
from tideover.synthetic import Recipe, synthetic_network

Report = Callable[[str], None]
#: What each result rests on: the parts of a case whose answers it used.
RESTS_ON = {
    "book": ("network",),
    "plan": ("network", "plan"),
    "days": ("network", "plan", "days"),
    "transfers": ("network", "transfers"),
    "offers": ("network",),
}
#: Folder of the network within the folder of a case's results.
NETWORK = "network"


@dataclass(frozen=True)
class Outcome:
    """What a scenario comes to: its plan, or ``None`` where the strike finds no session to strike.

    ``sites`` is of ``site_rows``. Where clinics close, ``closing`` stands in the place of ``result``, and
    ``ranked`` is their place among all sets of as many, ``None`` where that cannot be asked.
    ``employers`` is the scorecard of each employer by itself, where there are several.
    """

    stage: Stage
    changes: Sequence[RecordedChange]
    result: StrikeResult | None
    sites: pl.DataFrame | None = None
    closing: ClosingResult | None = None
    employers: Scorecard | None = None
    ranked: ChoosingResult | None = None


@dataclass(frozen=True)
class CaseResult:
    """A case under a reading: what the reading made of it, the network, and the outcome of each scenario."""

    case: Case
    reading: Reading
    inputs: Inputs
    network: Network
    outcomes: tuple[Outcome, ...]
    offers: OffersResult | None = None

    def rests_on(self, result: str, stage: Stage | None = None) -> tuple[Answer, ...]:
        """Return the answers on which a result of ``RESTS_ON``, or the timeline, rests.

        With ``stage`` those on which the result of that scenario alone does.
        """
        parts = parts_of(result, stage)
        found = self.inputs.rests_on(*parts)
        if result != "offers" or self.offers is None:
            return found
        known = {answer.claim.id for answer in found}
        return (*found, *(each for each in self.offers.reading.asked if each.claim.id not in known))

    @property
    def results(self) -> tuple[str, ...]:
        """The results of ``RESTS_ON`` that the case has."""
        has = {
            "plan": any(outcome.closing is None for outcome in self.outcomes),
            "days": "days" in self.case.results and any(each.closing is None for each in self.outcomes),
            "transfers": any(outcome.closing is not None for outcome in self.outcomes),
            "offers": self.offers is not None,
        }
        return tuple(name for name in RESTS_ON if has.get(name, True))


def parts_of(result: str, stage: Stage | None = None) -> tuple[str, ...]:
    """Return the parts of a case on whose answers a result rests, that of one scenario or of all."""
    parts = RESTS_ON.get(result, (result,))
    return parts if stage is None else tuple(part_of(stage) if part == stage.part else part for part in parts)


def make_network(inputs: Inputs, report: Report = lambda text: None) -> Network:
    """Return the network of a case; ``InputError`` with every fault of its folder."""
    if inputs.networks:
        return joined([(part, _network_of(part.recipe, part.folder, report)) for part in inputs.networks])
    return _network_of(inputs.recipe, inputs.folder, report)


def _network_of(recipe: Recipe | None, folder: Path | None, report: Report) -> Network:
    return read_network(folder or Path()) if recipe is None else synthetic_network(recipe, report)


def checked(case: Case, inputs: Inputs, network: Network) -> dict[str, Scenario | None]:
    """Return each scenario of ``case``, or ``None`` where its strike finds nothing to strike.

    ``InputError`` has every fault of all scenarios: names and dates that the network does not have.
    """
    found: dict[str, Scenario | None] = {}
    faults: list[Fault] = []
    for number, stage in enumerate(case.stages, start=1):
        if stage.id not in inputs.changes:
            continue  # its faults are known
        try:
            found[stage.id] = scenario_of(network, inputs.changes[stage.id])
        except InputError as error:
            place = f"scenario[{number}]"
            file = Path(case.file).name
            faults += [replace(f, file=file, column=f"{place}.{f.column or 'change'}") for f in error.faults]
    if faults:
        raise InputError(faults)
    return found


def scenario_of(network: Network, changes: Sequence[RecordedChange]) -> Scenario | None:
    """Return the network under ``changes``, or ``None`` where they concern no session: a result, no fault."""
    try:
        return Scenario.of(network, changes)
    except InputError as error:
        if all(fault.found == NO_SESSION for fault in error.faults):
            return None
        raise


def run_case(case: Case, reading: Reading, folder: Path, source: str, report: Report) -> CaseResult:
    """Return the results of ``case`` under ``reading``; a synthetic network is written below ``folder``.

    ``source`` is where the folder will lie, as the plans name their network. ``InputError`` with every fault
    of the case, before anything is planned.
    """
    report("reading the case")
    inputs, faults = case.gathered(reading)
    network = None if inputs is None else attempt(faults, partial(make_network, inputs, report))
    if inputs is None or network is None:
        raise InputError(faults)
    scenarios = attempt(faults, partial(checked, case, inputs, network))
    if faults or scenarios is None:
        raise InputError(faults)
    common = common_of(scenarios.values()) if inputs.networks else None
    if inputs.made:
        report("writing the network")
        write_network(network, folder / NETWORK, "parquet")
        network = read_network(folder / NETWORK).replace(source=source)
    offers = None if case.offers is None else _paid(case.offers, inputs, reading, folder, report)
    outcomes = []
    for stage in case.stages:
        report(f"scenario {stage.id}")
        if stage.closes:
            outcomes.append(_closed(case, inputs, reading, network, stage, report))
            continue
        scenario = scenarios[stage.id]
        result, employers = None, None
        if scenario is not None:
            policy = inputs.policy if common is None else common.policy(inputs.policy, scenario)
            as_of = None if common is None else common.as_of
            result = _planned(case, replace(inputs, policy=policy), reading, network, stage, report, as_of)
        sites = None if result is None else site_rows(result)
        if result is not None and inputs.networks:
            employers = employers_scorecard(result.scenario, result.plan, result.policy)
        outcomes.append(Outcome(stage, inputs.changes[stage.id], result, sites, None, employers))
    return CaseResult(case, reading, inputs, network, tuple(outcomes), offers)


def _closed(
    case: Case, inputs: Inputs, reading: Reading, network: Network, stage: Stage, report: Report
) -> Outcome:
    """Return where the patients of a scenario's clinics go; the visits booked there are not planned."""
    asked = network.replace(notes=(*network.notes, *inputs.notes))
    changes, policy = inputs.changes[stage.id], inputs.transfers or inputs.policy
    facts = reading_facts(reading, inputs.rests_on(*parts_of("transfers", stage)))
    try:
        closing = run_closing(asked, changes, policy, reading=facts, report=report, visits=False)
        ranked = rank_of_closings(asked, changes, policy, facts, report)
        return Outcome(stage, changes, None, closing=closing, ranked=ranked)
    except InputError as error:
        place = f"scenario {stage.id}"
        raise InputError(
            [replace(f, file=Path(case.file).name, column=place) for f in error.faults]
        ) from error


def _paid(
    offers: OffersStated, inputs: Inputs, reading: Reading, folder: Path, report: Report
) -> OffersResult:
    """Return what the offers come to on the roster of the case's network."""
    roster = folder / NETWORK if inputs.recipe is not None else inputs.folder or Path()
    return run_offers(OffersAsked(roster, offers.offers, offers.current, offers.comparator), reading, report)


def _planned(
    case: Case,
    inputs: Inputs,
    reading: Reading,
    network: Network,
    stage: Stage,
    report: Report,
    as_of: date | None = None,
) -> StrikeResult:
    shares = WORKING_SHARES if "shares" in case.results and "shares" in stage.results else ()
    chances = inputs.chances if "days" in case.results and "days" in stage.results else None
    parts = parts_of("plan" if chances is None else "days", stage)
    return run_strike(
        network.replace(notes=(*network.notes, *inputs.notes)),
        inputs.changes[stage.id],
        inputs.policy,
        as_of,
        report=report,
        chances=chances,
        shares=shares,
        reading=reading_facts(reading, inputs.rests_on(*parts)),
    )


def reading_facts(reading: Reading, asked: Sequence[Answer]) -> Mapping[str, Any]:
    """Return what a result says of its reading: its name, and each claim that it rests on with the answer."""
    return {"id": reading.id, "title": reading.title, "claims": told(asked)}


def site_rows(result: StrikeResult) -> pl.DataFrame:
    """Return date, clinic_id, opens, outside, posts, rostered of each site with struck posts, by strike date.

    ``posts`` counts the struck posts that are rostered there that day, whoever comes, ``outside`` those that
    are not struck, ``rostered`` both.
    """
    rows = [
        (row["date"], row["clinic_id"], bool(row["opens"]), int(row["outside"]))
        for row in result.plan.facts["sites"]
    ]
    shape = {"date": pl.String, "clinic_id": pl.String, "opens": pl.Boolean, "outside": pl.Int64}
    sites = pl.DataFrame(rows, schema=shape, orient="row")
    lost = result.scenario.lost.filter(pl.col("cause") == "strike").select("session_id").unique()
    struck = held_sessions(result.scenario.network).join(lost, on="session_id", how="semi")
    posts = struck.group_by(pl.col("date").cast(pl.String), "clinic_id").agg(
        pl.col("clinician_id").n_unique().cast(pl.Int64).alias("posts")
    )
    found = sites.join(posts, on=["date", "clinic_id"], how="left").sort("date", "clinic_id")
    return found.with_columns((pl.col("posts").fill_null(0) + pl.col("outside")).alias("rostered"))
