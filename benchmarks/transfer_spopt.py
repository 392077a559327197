"""A transfer at the level of areas: the transport engine beside PySAL spopt on one instance.

All tracts of Minnesota and Wisconsin (3,047, less 20 without people) go whole to 60 sites within capacity
at least person-distance. spopt (PuLP with its default solver CBC, and with HiGHS) runs in an environment of
its own, because Tideover does not need it: the interpreter that TIDEOVER_SPOPT_PYTHON names, or else one
that this benchmark makes in build/spopt with ``python -m venv`` and ``pip install spopt highspy`` (once;
needs a package registry). A solver without a plan at its limit has ``objective`` null.
``--tracts N --sites M`` make it small enough that the solvers finish.
Prints one JSON line. Times count model building on both sides; ours starts after kernels are compiled.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import areas
from tideover.engines.transport import TransportProblem, solve

HERE = Path(__file__).parent
SITES, ROOM, SEED = 60, 1.05, 5
TRACTS = "census-tracts-2020-mn-wi.csv"
#: Leaving a tract outside costs as much as a journey of 2,000 km for each person: never where room is.
FAR = 200_000


def interpreter() -> str:
    """Return the Python that has spopt, making its environment where none is named."""
    named = os.environ.get("TIDEOVER_SPOPT_PYTHON")
    if named:
        return named
    place = HERE.parent / "build" / "spopt"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "spopt", "highspy"], check=True)
    return str(python)


def compared(
    limit: float, solvers: list[str], tracts: int | None, sites: int, room: float
) -> dict[str, object]:
    """Return our seconds, cost and bound, and each solver's seconds and objective."""
    people, places = areas.tracts(TRACTS)
    if tracts is not None:
        drawn = np.sort(np.random.default_rng(SEED).choice(people.size, tracts, replace=False))
        people, places = people[drawn], places[drawn]
    distance = areas.table(places, areas.sites(people, places, sites, SEED))
    capacity = areas.capacities(int(people.sum()), sites, room, SEED)
    _ours(people[:200], distance[:200], capacity)
    began = time.perf_counter()
    solution = _ours(people, distance, capacity)
    seconds = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "instance.npz")
        np.savez(path, distance=distance, people=people, capacity=capacity)
        others = []
        for solver in solvers:
            command = [interpreter(), str(HERE / "spopt_transfer.py"), path, solver, str(limit)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            others.append(json.loads(done.stdout.splitlines()[-1]))
    for other in others:
        other["ratio"] = (other["build"] + other["solve"]) / seconds
        other["no_worse"] = other["objective"] is None or solution.cost <= other["objective"]
    return {
        "tracts": int(people.size), "sites": sites, "room": room, "seconds": seconds, "cost": solution.cost,
        "bound": solution.bound, "gap": solution.gap, "others": others,
    }  # fmt: skip


def _ours(people, distance, capacity):  # type: ignore[no-untyped-def]
    """Return this project's plan of the same problem."""
    cost = distance.astype(np.int64) * people[:, None]
    return solve(TransportProblem(people, capacity, people.astype(np.int64) * FAR, cost))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--limit", type=float, default=300.0, help="seconds that spopt's solvers may take")
    arguments.add_argument("--solvers", nargs="*", default=["cbc", "highs"])
    arguments.add_argument("--tracts", type=int, help="so many drawn tracts; left out: all")
    arguments.add_argument("--sites", type=int, default=SITES)
    arguments.add_argument("--room", type=float, default=ROOM, help="capacity of all sites for each person")
    given = arguments.parse_args()
    print(json.dumps(compared(given.limit, given.solvers, given.tracts, given.sites, given.room)))
