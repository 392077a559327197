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
    values = np.array([[one.value() or 0.0 for one in row] for row in np.array(model.cli_assgn_vars)])
    where = values.argmax(axis=1)  # a solver's 1 may be 0.999, and its 0 a little more
    if (values.max(axis=1) > 0.5).all():
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
