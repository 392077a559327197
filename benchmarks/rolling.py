"""Plan a strike anew on each of twenty days before it, while patients are called and new visits booked.

Nobody may be told more than twice, unless capacity fell, the patient declined, or a call was promised.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random

import polars as pl

from desk import booked_around, called
from tideover.disruptions.strike import Strike
from tideover.nouns import Policy, Scenario
from tideover.nouns.told import nothing_told
from tideover.readers import read_network
from tideover.visits import plan_strike_day

ON, DAYS, CALLS = date(2025, 11, 5), 20, 400
#: Reasons for another call that are not the plan's choice.
NOT_CHOSEN = ("declined", "promised", "place_gone", "cover_short")


def main() -> None:
    """Print one line of JSON for each day, and a last one for all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    network, chance = read_network(parser.parse_args().folder), Random(1)  # noqa: S311
    policy, strike, log = Policy.default(), Strike(dates=(ON,), working=0.25), nothing_told()
    as_of = ON - timedelta(days=DAYS)
    reasons: Counter[str] = Counter()
    third: Counter[str] = Counter()
    for _ in range(DAYS):
        began = time.perf_counter()
        scenario = Scenario.of(network, [strike])
        plan = plan_strike_day(scenario, policy, as_of, None, log)
        seconds = time.perf_counter() - began
        told = {name: number for name, number in plan.facts["told"].items() if number}
        print(json.dumps({"as_of": str(as_of), "seconds": seconds, "to_tell": plan.to_tell.height} | told))
        reasons.update({why: plan.facts["told"][why] for why in (*NOT_CHOSEN, "better")})
        often = plan.retold.filter(pl.col("again") & (pl.col("times") >= 2))
        third.update(dict(often.group_by("why").len().iter_rows()))
        log = called(plan, as_of, log, chance, CALLS)
        network = booked_around(network, log, as_of)
        as_of += timedelta(days=1)
    times = log.group_by("visit_id").agg(pl.col("number").max())["number"]
    chosen = sum(number for why, number in third.items() if why not in NOT_CHOSEN)
    print(
        json.dumps(
            {
                "told": times.len(),
                "times": {str(k): int((times == k).sum()) for k in sorted(set(times))},
                "again": dict(reasons),
                "more_than_twice": dict(third),
                "more_than_twice_by_choice": chosen,
            }
        )
    )


if __name__ == "__main__":
    main()
