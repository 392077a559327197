"""The linear relaxation of a generated strike day by HiGHS, in a process of its own; prints one JSON line."""

from __future__ import annotations

import argparse
import json
import resource
import time

import highspy
import numpy as np

from instances import strike_day
from tideover.engines.assignment.rows import combined
from tideover.engines.assignment.solve import weights_of


def relaxation(method: str, free: float, limit: float) -> dict[str, object]:
    """Return seconds (of them for building the model), objective and status of the relaxation."""
    problem = strike_day(free_over_demand=free)
    rows = combined(problem, weights_of(problem)[-1])
    began = time.perf_counter()
    n, m, z = problem.size.size, problem.capacity.size, rows.bin.size
    item = np.repeat(np.arange(n), np.diff(rows.start))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = z + n, n + m
    model.col_cost_ = np.concatenate([rows.cost, rows.outside]).astype(np.float64)
    model.col_lower_, model.col_upper_ = np.zeros(z + n), np.ones(z + n)
    model.row_lower_ = np.concatenate([np.ones(n), np.full(m, -highspy.kHighsInf)])
    model.row_upper_ = np.concatenate([np.ones(n), problem.capacity.astype(np.float64)])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.concatenate([2 * np.arange(z), 2 * z + np.arange(n + 1)])
    model.a_matrix_.index_ = np.concatenate([np.stack([item, n + rows.bin], axis=1).ravel(), np.arange(n)])
    model.a_matrix_.value_ = np.concatenate(
        [np.stack([np.ones(z), problem.size[item].astype(np.float64)], axis=1).ravel(), np.ones(n)]
    )
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)  # noqa: FBT003
    solver.setOptionValue("solver", method)
    solver.setOptionValue("time_limit", limit)
    solver.passModel(model)
    built = time.perf_counter() - began
    solver.run()
    return {
        "method": method,
        "free": free,
        "pairs": int(z),
        "build": built,
        "seconds": time.perf_counter() - began,
        "status": solver.modelStatusToString(solver.getModelStatus()),
        "objective": solver.getInfo().objective_function_value,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("method", choices=["simplex", "ipm"])
    arguments.add_argument("free", type=float)
    arguments.add_argument("--limit", type=float, default=300.0)
    given = arguments.parse_args()
    print(json.dumps(relaxation(given.method, given.free, given.limit)))
