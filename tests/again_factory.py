"""Plans that follow each other: a log of what was told from a plan, and chains of random days."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl

from tideover.disruptions import with_known_cover
from tideover.disruptions.strike import Strike
from tideover.errors import InputError
from tideover.nouns import Network, Plan, Policy, Scenario
from tideover.nouns.told import TOLD, nothing_told
from tideover.verify.case import Case
from tideover.verify.check import check_plan
from tideover.verify.told import last_rows, with_kept_room
from tideover.verify.verdict import Findings
from tideover.visits import plan_strike_day
from visits_factory import AS_OF, case_of

Row = tuple[Any, ...]


def log(*rows: Row) -> pl.DataFrame:
    """Return a log of (visit, booked session and start, option, clinic, session, start, answer)."""
    whole = [(visit, 1, AS_OF, *rest) for visit, *rest in rows]
    return pl.DataFrame(whole, schema=TOLD, orient="row")


def told_of(plan: Plan, as_of: date, before: pl.DataFrame, chance: Random | None = None) -> pl.DataFrame:
    """Return the log after the patients of ``plan`` were told, all of them, or four of five with answers."""
    numbers = dict(before.group_by("visit_id").agg(pl.col("number").max()).iter_rows())
    rows = []
    for row in plan.to_tell.iter_rows(named=True):
        if chance is None or chance.random() < 0.8:
            known = (
                "visit_id",
                "session_id",
                "start",
                "option",
                "new_clinic_id",
                "new_session_id",
                "new_start",
            )
            visit, session, start, option, clinic, new, when = (row[name] for name in known)
            answers = (
                (None, "accepted") if option in ("waitlist", "stand") else (None, "accepted", "declined")
            )
            answer = chance.choice(answers) if chance else None
            rows.append(
                (visit, numbers.get(visit, 0) + 1, as_of, session, start, option, clinic, new, when, answer)
            )
    new_rows = pl.DataFrame(rows, schema=TOLD, orient="row")
    return pl.concat([before, new_rows]).sort("visit_id", "number")


@dataclass(frozen=True)
class Step:
    """One plan of a chain, with all that it was made from."""

    scenario: Scenario
    policy: Policy
    as_of: date
    log: pl.DataFrame
    plan: Plan

    def differences(self) -> tuple[str, ...]:
        """Return what the checker finds in the plan."""
        known = self.scenario.known
        morning = None if known.is_empty() else known["date"][0]
        told = last_rows(self.log)
        case = with_kept_room(Case.of(self.scenario, self.policy, self.as_of, [], told, morning))
        findings = Findings()
        facts = json.loads(json.dumps(self.plan.facts, default=str))
        check_plan(case, facts, self.plan.decisions, self.plan.prices, findings)
        return findings.sentences()


def chain(seed: int, steps: int = 4) -> list[Step]:
    """Return plans that follow each other, while capacity falls, books change and strikes are called off."""
    chance, case = Random(seed), case_of(seed)  # noqa: S311 (test data)
    as_of = AS_OF - timedelta(days=chance.choice([0, 3, 3, 5]))
    network, changes, told = case.network, list(case.changes), nothing_told()
    found: list[Step] = []
    for number in range(steps):
        try:
            scenario = Scenario.of(network, changes).after(as_of)
            if number == steps - 1 and chance.random() < 0.5:
                scenario = _morning(scenario, chance)
            plan = plan_strike_day(scenario, case.policy, as_of, None, told)
        except InputError:
            return found  # too few posts for a share, or all is over
        found.append(Step(scenario, case.policy, as_of, told, plan))
        told = told_of(plan, as_of, told, chance)
        as_of += timedelta(days=chance.choice([0, 1, 1, 2]))
        network, changes = _happens(chance, network, changes, plan)
    return found


def _morning(scenario: Scenario, chance: Random) -> Scenario:
    days = scenario.strike_dates
    if not days or (scenario.pools.filter(pl.col("date") == days[0])["posts"] < 10).any():
        return scenario
    struck = scenario.lost.filter((pl.col("from").dt.date() == days[0]) & (pl.col("pool_id") != ""))
    names = struck["session_id"].unique().sort()
    return with_known_cover(scenario, [name for name in names if chance.random() < 0.4])


def _happens(chance: Random, network: Network, changes: list[Any], plan: Plan) -> tuple[Network, list[Any]]:
    """Return network and changes after a day on which something may have happened."""
    what = chance.choice(["nothing", "called off", "fewer posts", "a clinic closes", "booked as told"])
    if what == "called off":
        return network, [change for change in changes if not isinstance(change, Strike)]
    if what == "fewer posts":
        some = pl.int_range(pl.len()) % chance.choice([2, 3, 5]) == 0
        fewer = pl.when(some).then(1).otherwise("posts").alias("posts")
        shorter = pl.when(pl.int_range(pl.len()) % 4 == 1).then(45).otherwise("open_minutes")
        sessions = network.sessions.with_columns(fewer, shorter.alias("open_minutes"))
        return network.replace(sessions=sessions), changes
    if what == "a clinic closes":
        closed = pl.when(pl.col("clinic_id") == "c1").then(date(2025, 11, 10)).otherwise("closes_on")
        return network.replace(clinics=network.clinics.with_columns(closed.alias("closes_on"))), changes
    if what == "booked as told":
        return network.replace(visits=_rebooked(network.visits, plan)), changes
    return network, changes


def _rebooked(visits: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Return the book with the first three moved visits where they were moved to."""
    moved = ~pl.col("option").is_in(["stand", "standby"]) & pl.col("new_session_id").is_not_null()
    new = ["new_session_id", "new_start", "new_clinic_id"]
    three = plan.decisions.filter(moved).select("visit_id", *new).head(3)
    changed = {name.removeprefix("new_"): pl.coalesce(name, name.removeprefix("new_")) for name in new}
    return visits.join(three, on="visit_id", how="left").with_columns(**changed).drop(new)
