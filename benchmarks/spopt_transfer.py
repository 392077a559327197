"""PySAL spopt on a transfer by area, in its own environment; prints one JSON line.

Run by transfer_spopt.py with the interpreter that has spopt. Reads distance (n, m), people (n,) and
capacity (m,) from an .npz file, builds spopt's capacitated p-median with every site open, and solves it with
PuLP's default solver (CBC) or HiGHS. The objective is counted again from the assignment, in whole numbers.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import pulp
from spopt.locate import PMedian


def main(path: str, solver: str, limit: float) -> dict[str, object]:
    """Return seconds to build and to solve, the status, and the objective."""
    data = np.load(path)
    distance, people, capacity = data["distance"], data["people"], data["capacity"]
    began = time.perf_counter()
    model = PMedian.from_cost_matrix(
        distance.astype(float), people, p_facilities=capacity.size, facility_capacities=capacity
    )
    built = time.perf_counter()
    chosen = {"cbc": pulp.PULP_CBC_CMD, "highs": pulp.HiGHS}[solver](msg=False, timeLimit=limit)
    status = "solved"
    try:
        model.solve(chosen)
    except RuntimeError as error:
        status = str(error)
    done = time.perf_counter()
    objective = None
    where = [sites[0] if sites else -1 for sites in getattr(model, "cli2fac", [])]
    if len(where) == people.size and min(where) >= 0:
        pays = distance[np.arange(people.size), where].astype(object) * people.astype(object)
        load = np.bincount(where, people, capacity.size)
        objective = int(pays.sum()) if (load <= capacity).all() else None
    return {
        "solver": solver,
        "status": status,
        "pulp_status": pulp.LpStatus[model.problem.status],
        "build": built - began,
        "solve": done - built,
        "objective": objective,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], float(sys.argv[3]))))
