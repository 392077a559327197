"""How many packages of pay terms are evaluated in a second, and how far they are from the payroll.

    python benchmarks/packages.py [--network FOLDER] [--rounds 3] [--checked 40]

620 people, three years: employer cost, mean change, people losing more than 5 %, worst change. Packages drawn
from the grid are paid by the payroll itself, and the largest difference is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tideover.cases.offer import Asked, OffersResult, run_offers
from tideover.cases.packages import search_packages, space_of
from tideover.claims import read_ledger, read_reading
from tideover.pay import payroll
from tideover.pay.compare import changes, spread
from tideover.pay.packages import Bench, Found, bench, cost_of
from tideover.readers import write_network
from tideover.synthetic import Recipe, synthetic_network


def differences(made: Bench, found: Found, result: OffersResult, count: int) -> dict[str, float]:
    """Return the largest differences of ``count`` packages drawn from the grid to the payroll."""
    drawn = np.random.default_rng(1).choice(made.space.size(made.years), count, replace=False)
    worst = dict.fromkeys(("cost_cents", "mean", "losing", "worst"), 0.0)
    for number in drawn.tolist():
        paid = payroll(result.roster.table, made.offer(number))
        told = spread(changes(paid, result.current))
        for name, exact, near in (
            ("cost_cents", cost_of(paid, result.tax), found.cost),
            ("mean", told.mean, found.mean),
            ("losing", told.losing["0.05"], found.losing),
            ("worst", told.worst, found.worst),
        ):
            worst[name] = max(worst[name], abs(exact - float(near[number])))
    return worst


def measure(result: OffersResult, rounds: int, checked: int) -> dict[str, Any]:
    """Return the figures of a search over the whole grid."""
    contract = result.current.offer
    made = bench(result.roster.table, contract, space_of(contract), result.tax)
    made.search(np.arange(2))
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        found = made.search()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    size = made.space.size(made.years)
    (peers,) = search_packages(result).peers
    return {
        "clinicians": result.roster.table.height,
        "packages": size,
        "per_second": round(size / min(walls)),
        "per_cpu_second": round(size / min(cpus)),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "checked": checked,
        "largest_difference": differences(made, found, result, checked),
        "peers": {"mean": peers.mean, "count": peers.count, "losing": peers.losing, "worst": peers.worst},
    }


def main() -> None:
    """Search the grid and print one JSON line."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--network", type=Path)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--checked", type=int, default=40)
    given = asked.parse_args()
    with TemporaryDirectory() as folder:
        network = given.network or Path(folder) / "network"
        if given.network is None:
            made = synthetic_network(Recipe(patients=62_000, weeks=1, hospitals=0))
            write_network(made, network, "parquet")
        result = run_offers(
            Asked(network, [Path("illustrative-minus-5")]), read_reading("literature", read_ledger())
        )
    print(json.dumps(measure(result, given.rounds, given.checked)))


if __name__ == "__main__":
    main()
