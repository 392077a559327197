"""Journeys of every patient of a network to every clinic: by distance, by a matrix, by a service; as JSON.

The service is the fake of the tests, in a thread of this process: what is measured is Tideover's side.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from osrm_fake import Fake, crow, serving
from tideover.cases.travel import network_travel
from tideover.nouns import Network, Policy, Travel
from tideover.readers import read_network, read_travel
from tideover.travel import journeys
from tideover.travel.cache import Cache
from tideover.travel.service import Service


def peak() -> float:
    """Return the peak memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(work: Any) -> tuple[float, Any]:
    """Return how many seconds ``work`` takes, and what it gives."""
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def by_area(network: Network, folder: Path) -> Path:
    """Write a matrix from every area to every clinic, and return its path."""
    rows = network.areas.select("area_id").join(network.clinics.select("clinic_id"), how="cross")
    path = folder / "areas.parquet"
    rows.with_columns(minutes=pl.int_range(pl.len()) % 60).write_parquet(path)
    return path


def main() -> None:
    """Measure on the network in the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path)
    network = read_network(parser.parse_args().network)
    visits = network.patients.select("patient_id", clinic_id=pl.lit(network.clinics["clinic_id"][0]))
    found: dict[str, Any] = {"patients": visits.height, "clinics": network.clinics.height, "mib_read": peak()}
    found["s_distance"], one = timed(lambda: journeys(network, visits, Policy.default()))
    found |= {"starts": len(one.minutes) - 1, "mib_distance": peak()}
    with tempfile.TemporaryDirectory() as name, serving(Fake(seconds=crow)) as fake:
        path = by_area(network, Path(name))
        found["s_read_matrix"], travel = timed(lambda: read_travel(path, network))
        measured = network.replace(travel=travel)
        found["s_matrix"], one = timed(lambda: journeys(measured, visits, Policy.default()))
        found |= {"rows": travel.rows.height, "mib_matrix": peak()}
        service = Service.at(fake.url, Cache(Path(name) / "cache"))

        def ask() -> Travel:
            """Return the network's journeys, as the service answers."""
            return network_travel(network, service)

        found["s_service"], _ = timed(ask)
        found["questions"] = len(fake.questions)
        found["s_again"], _ = timed(ask)
        found |= {"questions_again": len(fake.questions) - found["questions"], "mib_service": peak()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
