"""Closing clinics of the whole synthetic network: transfer, rank and choice; and a p-median beside spopt.

``python closing.py NETWORK`` prints one JSON line: seconds of the transfer of four clinics' patients, of the
ranks of that set by each measure, and of the choice of four by each objective. ``--transfer N`` closes N
clinics and does nothing else: with many, room is short. ``--median`` opens four of the
16 stores of San Francisco (spopt's network distances) by the rank's engine and by spopt, in the environment
that ``transfer_spopt.py`` describes.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import time
from pathlib import Path

import numpy as np

from tideover.disruptions.closure import Closure
from tideover.engines.location import best_sets
from tideover.nouns import Network, Policy, Scenario
from tideover.panels import transfer
from tideover.panels.choice import RANKED, Field, choose, rank
from tideover.panels.harm import MEASURES
from tideover.readers import read_network

HERE = Path(__file__).parent
DATA = Path(os.environ.get("TIDEOVER_DATA", HERE.parent.parent / "shared" / "data"))
TABLE = "sf-locate/SF_network_distance_candidateStore_16_censusTract_205_new.csv"
CLOSING = 4
#: What spopt runs: the same table, p stores, PuLP's solver; the objective on standard output.
_SPOPT = """
import sys, json, time, numpy, pulp
from spopt.locate import PMedian
held = numpy.load(sys.argv[1]); began = time.perf_counter()
model = PMedian.from_cost_matrix(held["cost"], held["weight"], p_facilities=int(sys.argv[2]))
model = model.solve(pulp.PULP_CBC_CMD(msg=False))
print(json.dumps({"cost": pulp.value(model.problem.objective), "seconds": time.perf_counter() - began}))
"""


def moved_from(network: Network, clinics: list[str]) -> dict[str, object]:
    """Return seconds, people, peak memory, and (cost, bound) of each level of closing these clinics."""
    policy = Policy.of({})
    began = time.perf_counter()
    closure = Closure(clinics=tuple(clinics), on=network.visits["start"].dt.date().max())
    moved = transfer(Scenario.of(network, [closure]), policy)
    cost, bound = moved.levels[1]
    return {
        "transfer_seconds": time.perf_counter() - began, "transfer_people": moved.post.size,
        "transfer_levels": moved.levels, "transfer_gap": (cost - bound) / cost,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def synthetic(folder: Path) -> dict[str, object]:
    """Return seconds and results of closing four clinics of a network."""
    network, policy = read_network(folder), Policy.of({})
    began = time.perf_counter()
    field = Field.of(network, policy)
    found: dict[str, object] = {"field_seconds": time.perf_counter() - began, "sets": field.sets(CLOSING)}
    named = list(range(CLOSING))
    rank(field, named[:1], "load")  # compiles
    found |= moved_from(network, field.names(named))
    found["rank"] = {
        name: (one.ranking.rank, one.seconds) for name in RANKED if (one := rank(field, named, name))
    }
    found["choose"] = {
        name: (one.cost, one.bound, one.seconds) for name in MEASURES if (one := choose(field, CLOSING, name))
    }
    return found


def distances() -> tuple[np.ndarray, np.ndarray]:
    """Return the network distances of 205 tracts to 16 stores (metres), and their people."""
    with (DATA / TABLE).open(encoding="utf-8-sig") as opened:
        rows = list(csv.DictReader(opened))
    places = {name: at for at, name in enumerate(sorted({row["DestinationName"] for row in rows}))}
    stores = {name: at for at, name in enumerate(sorted({row["name"] for row in rows}))}
    table = np.full((len(places), len(stores)), np.inf)
    for row in rows:
        table[places[row["DestinationName"]], stores[row["name"]]] = float(row["distance"])
    weight = np.zeros(len(places))
    for row in rows:
        weight[places[row["DestinationName"]]] = float(row["demand"])
    return table, weight


def median(python: str) -> dict[str, object]:
    """Return the least weighted distance with four stores open, by both programs."""
    cost, weight = distances()
    stores = cost.shape[1]
    best_sets(cost[:5, :5], weight[:5], 1, 1)
    began = time.perf_counter()
    (closed, ours), *_ = best_sets(cost, weight, stores - CLOSING, 1)
    seconds = time.perf_counter() - began
    held = HERE.parent / "build" / "median.npz"
    held.parent.mkdir(exist_ok=True)
    np.savez(held, cost=cost, weight=weight)
    done = subprocess.run(
        [python, "-c", _SPOPT, str(held), str(CLOSING)], capture_output=True, text=True, check=True
    )
    return {
        "cost": ours,
        "closed": closed,
        "seconds": seconds,
        "spopt": json.loads(done.stdout.splitlines()[-1]),
    }


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("network", nargs="?", type=Path)
    arguments.add_argument("--median", metavar="PYTHON", help="the Python that has spopt")
    arguments.add_argument("--transfer", metavar="N", type=int, help="only the transfer, of N clinics")
    given = arguments.parse_args()
    if given.median:
        print(json.dumps(median(given.median)))
    elif given.network is None:
        arguments.error("name the folder of a network, or the Python that has spopt: --median")
    elif given.transfer:
        read = read_network(given.network)
        names = Field.of(read, Policy.of({})).names(list(range(given.transfer)))
        print(json.dumps(moved_from(read, names)))
    else:
        print(json.dumps(synthetic(given.network)))
