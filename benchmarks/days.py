"""Try 1,000 days of a strike of the network in a folder, with one and with two processes; print JSON."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import resource
import time
from datetime import date
from pathlib import Path

from tideover.cases import Chances
from tideover.cases.days import DaysResult, try_days
from tideover.cases.outlook import outlook
from tideover.disruptions.strike import Strike
from tideover.nouns import Policy, Scenario
from tideover.readers import read_network
from tideover.visits import plan_strike_day
from tideover.visits.book import open_book
from tideover.visits.days import strike_days

ON, AS_OF = date(2025, 11, 5), date(2025, 10, 24)
CHANCES = Chances(days=1000, no_shows=0.1, walk_ins=5.0)


def sha256(result: DaysResult) -> str:
    """Return the hash of the file that holds every day."""
    file = io.BytesIO()
    result.rows.write_parquet(file)
    return hashlib.sha256(file.getvalue()).hexdigest()


def main() -> None:
    """Plan the strike day, then time its days."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    network = read_network(parser.parse_args().folder)
    policy = Policy.default()
    scenario = Scenario.of(network, [Strike(dates=(ON,), working="0.15..0.25..0.40")])
    plan = plan_strike_day(scenario, policy, AS_OF)
    began = time.perf_counter()
    days = strike_days(scenario, policy, open_book(scenario, policy, AS_OF), plan.decisions)
    said = {"visits": int(days.pool.size), "pools": days.pools.height, "posts": int(days.posts.sum()),
            "prepare": time.perf_counter() - began}  # fmt: skip
    for workers in (1, 2):
        began = time.perf_counter()
        result = try_days(days, CHANCES, workers)
        said[f"seconds_{workers}"] = time.perf_counter() - began
        said[f"sha256_{workers}"] = sha256(result)
    said["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (one,) = outlook(days, result, policy.stand_quantile)["dates"]
    print(json.dumps(said | {"urgent_lost": one["measures"]["urgent_lost"], "night": one["night_before"]}))


if __name__ == "__main__":
    main()
