"""The assignment engine on a generated strike day, in a process of its own; prints one JSON line."""

from __future__ import annotations

import argparse
import json
import resource
import time

from instances import strike_day
from tideover.engines.assignment import solve


def engine(free: float) -> dict[str, object]:
    """Return seconds, peak memory, and cost, bound, gap and first-come by level."""
    solve(
        strike_day(visits=200, intervals=1_500, pairs=20_000)
    )  # kernels are compiled before the clock starts
    problem = strike_day(free_over_demand=free)
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
    print(json.dumps(engine(arguments.parse_args().free)))
