"""Plan a strike of several days on a synthetic network, in a process of its own; prints one JSON line."""

from __future__ import annotations

import argparse
import json
import resource
import time
from datetime import date, timedelta
from pathlib import Path

from tideover.disruptions.strike import Strike
from tideover.nouns import Policy, Scenario
from tideover.readers import read_network
from tideover.visits import plan_strike_day

FIRST, AS_OF, WORKING = date(2025, 11, 3), date(2025, 10, 24), 0.25


def week(folder: Path, days: int) -> dict[str, object]:
    """Return seconds, peak memory, counts, and cost and bound by level of a strike of ``days`` days."""
    dates = [str(FIRST + timedelta(days=number)) for number in range(days)]
    strike = Strike.from_facts({"kind": "strike", "dates": dates, "working": WORKING})
    scenario = Scenario.of(read_network(folder), [strike])
    began, worked = time.perf_counter(), time.process_time()
    plan = plan_strike_day(scenario, Policy.default(), AS_OF)
    return {
        "days": days,
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - worked,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "counts": plan.facts["counts"],
        "levels": [[level["cost"], level["bound"]] for level in plan.facts["levels"]],
    }


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--days", type=int, default=5)
    given = arguments.parse_args()
    print(json.dumps(week(given.folder, given.days)))
