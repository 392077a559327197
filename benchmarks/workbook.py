"""How long the workbook of offers takes to write: 620 people, the current contract and three offers.

    python benchmarks/workbook.py [--network FOLDER] [--rounds 3]

Without a folder, the synthetic network of the reference's size is made first (its time is not counted).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tideover.cases.offer import Asked, run_offers
from tideover.claims import read_ledger, read_reading
from tideover.readers import write_network
from tideover.reports.workbook import write_workbook
from tideover.synthetic import Recipe, synthetic_network

OFFERS = ("illustrative-minus-5", "illustrative-demand", "illustrative-hospital")


def main() -> None:
    """Write the workbook a few times and print one JSON line."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--network", type=Path)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    with TemporaryDirectory() as folder:
        network = given.network or Path(folder) / "network"
        if given.network is None:
            write_network(
                synthetic_network(Recipe(patients=62_000, weeks=1, hospitals=0)), network, "parquet"
            )
        offers = [Path(name) for name in OFFERS]
        result = run_offers(Asked(network, offers), read_reading("literature", read_ledger()))
        out = Path(folder) / "offers.xlsx"
        walls, cpus = [], []
        for _ in range(given.rounds):
            wall, cpu = time.perf_counter(), time.process_time()
            write_workbook(result, out)
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
        figures = {
            "clinicians": result.roster.table.height,
            "offers_beside_the_current": len(OFFERS),
            "seconds": round(min(walls), 2),
            "cpu_seconds": round(min(cpus), 2),
            "megabytes": round(out.stat().st_size / 1e6, 1),
            "load": round(os.getloadavg()[0], 1),
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
