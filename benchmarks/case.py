"""Run a shipped case, print JSON: seconds, CPU and peak memory, and the memory of 20 scenarios against one.

benchmarks/case.py twin-cities-2025 [--all-readings] [--workers 2]
benchmarks/case.py --scenarios 20

CPU is that of this process and of those that it began. On a busy machine it tells more than seconds do:
``quiet_seconds`` is what the run would take on as many quiet cores, this process's own work being serial.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

from tideover.cli import main as tideover
from tideover.disruptions.strike import Strike
from tideover.nouns import Scenario
from tideover.synthetic import Recipe, synthetic_network

ON = date(2025, 11, 5)


def used() -> tuple[resource.struct_rusage, resource.struct_rusage]:
    """Return what this process, and those that it began and that have ended, have used."""
    return resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)


def peak() -> float:
    """Return the most memory that this process, or one of those that it began, has held, in MiB."""
    return max(usage.ru_maxrss for usage in used()) / 1024


def held() -> float:
    """Return the memory that this process holds now, in MiB, as Linux tells it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * resource.getpagesize() / 2**20


def ran(case: str, more: list[str], workers: int) -> dict[str, float]:
    """Run a case into a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            code = tideover(
                ["run", case, "--out", str(Path(folder) / "out"), *more, "--workers", str(workers)]
            )
        seconds = time.perf_counter() - began
    own, others = (usage.ru_utime + usage.ru_stime for usage in used())
    return {
        "code": code,
        "seconds": seconds,
        "cpu_seconds": own + others,
        "cpu_seconds_own": own,
        "quiet_seconds": own + others / workers,
        "peak_mib": peak(),
    }


def shared(number: int) -> dict[str, float]:
    """Hold so many scenarios of the whole synthetic network at once; they share its tables.

    What is held now counts, not the peak: that is of making the network.
    """
    network = synthetic_network(Recipe())
    scenarios = [Scenario.of(network, [Strike(dates=(ON,), working=0.25)])]
    gc.collect()
    one = held()
    shares = [index / (2 * number) for index in range(1, number)]
    scenarios += [Scenario.of(network, [Strike(dates=(ON,), working=share)]) for share in shares]
    gc.collect()
    every = held()
    same = all(scenario.network.visits is network.visits for scenario in scenarios)
    return {
        "scenarios": len(scenarios), "mib_one": one, "mib_all": every, "ratio": every / one,
        "peak_mib": peak(), "shared": same,
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", nargs="?")
    parser.add_argument("--scenarios", type=int)
    parser.add_argument("--workers", type=int, default=2)
    given, rest = parser.parse_known_args()
    found = shared(given.scenarios) if given.scenarios else ran(given.case, [*rest, "--json"], given.workers)
    print(json.dumps(found))
