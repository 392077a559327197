"""Run a shipped case, print JSON: seconds and peak memory, and the memory of 20 scenarios against one.

benchmarks/case.py twin-cities-2025 [--all-readings] [--workers 2]
benchmarks/case.py --scenarios 20
"""

from __future__ import annotations

import argparse
import contextlib
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


def peak() -> float:
    """Return the most memory that this process, or one of those that it began, has held, in MiB."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(usage.ru_maxrss for usage in usages) / 1024


def ran(case: str, more: list[str]) -> dict[str, float]:
    """Run a case into a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            code = tideover(["run", case, "--out", str(Path(folder) / "out"), *more])
        return {"code": code, "seconds": time.perf_counter() - began, "peak_mib": peak()}


def shared(number: int) -> dict[str, float]:
    """Hold so many scenarios of the whole synthetic network at once; they share its tables."""
    network = synthetic_network(Recipe())
    held = [Scenario.of(network, [Strike(dates=(ON,), working=0.25)])]
    one = peak()
    shares = [index / (2 * number) for index in range(1, number)]
    held += [Scenario.of(network, [Strike(dates=(ON,), working=share)]) for share in shares]
    same = all(scenario.network.visits is network.visits for scenario in held)
    return {"scenarios": len(held), "mib_one": one, "mib_all": peak(), "ratio": peak() / one, "shared": same}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", nargs="?")
    parser.add_argument("--scenarios", type=int)
    given, rest = parser.parse_known_args()
    print(json.dumps(shared(given.scenarios) if given.scenarios else ran(given.case, [*rest, "--json"])))
