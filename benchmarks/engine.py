"""The assignment engine on a generated strike day, in a process of its own; prints one JSON line."""

from __future__ import annotations

import argparse
import json
import resource
import time

from instances import strike_day
from tideover.engines.assignment import solve

#: Pairs of each visit in the larger instances; a clinic for every 167 visits, as in the smallest.
PAIRS, VISITS_OF_CLINIC = 220, 10_000 / 60


def engine(free: float, visits: int, seed: int) -> dict[str, object]:
    """Return seconds, peak memory, and cost, bound, gap and first-come by level."""
    for small in (3.0, 1.3, 0.5):  # all that a day may need is compiled and loaded before the clock starts
        solve(strike_day(visits=200, intervals=1_500, pairs=20_000, free_over_demand=small))
    clinics = round(visits / VISITS_OF_CLINIC)
    larger = {} if visits == 10_000 else {"pairs": PAIRS * visits}
    problem = strike_day(visits, clinics=clinics, free_over_demand=free, seed=seed, **larger)
    began = time.perf_counter()
    solution = solve(problem)
    seconds = time.perf_counter() - began
    levels = [
        {"cost": level.cost, "bound": level.bound, "gap": level.gap, "first_come": level.first_come}
        for level in solution.levels
    ]
    return {
        "free": free,
        "visits": int(problem.size.size),
        "intervals": int(problem.capacity.size),
        "pairs": int(problem.bin.size),
        "seconds": seconds,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "levels": levels,
    }


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("free", type=float)
    arguments.add_argument("--visits", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    print(json.dumps(engine(given.free, given.visits, given.seed)))
