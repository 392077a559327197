"""Plan the morning of a strike when fifty sessions more, or fewer, are held than expected; print JSON.

All that does not hang on what is held is made ready the evening before, and timed apart.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from desk import booked_around, called
from tideover.disruptions import with_known_cover
from tideover.disruptions.strike import Strike
from tideover.nouns import Plan, Policy, Scenario
from tideover.nouns.told import nothing_told
from tideover.readers import read_network
from tideover.reports import calls
from tideover.visits import first_answer, plan_strike_day, prepare

ON, PLANNED, WORKING, OTHER, TURNS = date(2025, 11, 5), date(2025, 11, 2), 0.25, 50, 5
EVE = ON - timedelta(days=1)


def changed(plan: Plan, before: Plan) -> int:
    """Return how many visits that were told a time or site before have another one now."""
    place = ["new_clinic_id", "new_session_id", "new_start"]
    told = before.to_tell.filter(~pl.col("option").is_in(["standby", "waitlist"])).select("visit_id", *place)
    kept = told.join(plan.decisions.select("visit_id", *place), on=["visit_id", *place], nulls_equal=True)
    return told.join(plan.decisions, on="visit_id", how="semi").height - kept.height


def timed(scenario: Scenario, policy: Policy, names: list[str], ready: Any) -> tuple[float, Plan]:
    """Return how long it takes from the sessions held to the list of calls, and the plan."""
    began = time.perf_counter()
    known = with_known_cover(scenario, names)
    plan = first_answer(known, policy, ready)
    calls(plan, known, policy)
    return time.perf_counter() - began, plan


def main() -> None:
    """Plan some days before, tell everybody, make the morning ready, and plan it over and over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    network, policy = read_network(parser.parse_args().folder), Policy.default()
    strike = Strike(dates=(ON,), working=WORKING)
    first = plan_strike_day(Scenario.of(network, [strike]), policy, PLANNED)
    log = called(first, PLANNED, nothing_told(), None, first.to_tell.height)
    scenario = Scenario.of(booked_around(network, log, PLANNED), [strike])
    struck = scenario.lost.filter(pl.col("pool_id") != "")["session_id"].unique().sort().to_list()
    expected = round(WORKING * len(struck))
    began = time.perf_counter()
    known = with_known_cover(scenario, struck[:expected])
    ready = prepare(known, policy, EVE, None, log, ahead=True)
    said: dict[str, Any] = {"ready": time.perf_counter() - began, "struck": len(struck), "expected": expected}
    for other in (OTHER, -OTHER):
        lists = [
            Random(number).sample(struck, expected + other)  # noqa: S311
            for number in range(TURNS + 1)  # the first compiles
        ]
        runs = [timed(scenario, policy, names, ready) for names in lists]
        plan = runs[-1][1]
        scratch = plan_strike_day(with_known_cover(scenario, lists[-1]), policy, EVE)
        told = plan.facts["told"]
        said[f"{other:+}"] = {
            "seconds": sorted(seconds for seconds, _ in runs[1:]),
            "told": told["told"],
            "changed": changed(plan, first),
            "changed_from_scratch": changed(scratch, first),
            "why": {name: number for name, number in told.items() if number},
            "counts": plan.facts["counts"],
            "levels": [(level["cost"], level["bound"]) for level in plan.facts["levels"]],
            "levels_from_scratch": [(level["cost"], level["bound"]) for level in scratch.facts["levels"]],
        }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
