"""The capacitated p-median instances 1 to 10 of the shared data: the engine beside HiGHS's MIP, in one run.

``pmedcap.py`` prints the table; with ``--one FILE``, one instance by HiGHS alone, as JSON, in this process.
HiGHS solves the usual program: sum_j x_ij = 1, sum_i d_i x_ij <= Q y_j, x_ij <= y_j, sum_j y_j = p.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import highspy
import numpy as np

from instance import feasible, warm
from location_files import read
from tideover.engines.location import LocationProblem, solve

HERE = Path(__file__).parent
DATA = Path(os.environ.get("TIDEOVER_DATA", HERE.parent.parent / "shared" / "data"))


def model_of(problem: LocationProblem) -> highspy.HighsLp:
    """Return the mixed-integer program: columns x (item by facility), then y."""
    n, m = problem.cost.shape
    z = n * m
    item, at = np.divmod(np.arange(z), m)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = z + m, n + m + z + 1
    model.col_cost_ = np.concatenate([problem.cost.ravel(), problem.opening])
    model.col_lower_, model.col_upper_ = np.zeros(z + m), np.ones(z + m)
    model.integrality_ = [highspy.HighsVarType.kInteger] * (z + m)
    endless = np.full(m + z, -highspy.kHighsInf)
    count = float(problem.count or 0)
    model.row_lower_ = np.concatenate([np.ones(n), endless, [count]])
    model.row_upper_ = np.concatenate([np.ones(n), np.zeros(m + z), [count]])
    size = problem.size.ravel().astype(float)
    pairs = (
        np.stack([item, n + at, n + m + np.arange(z)], axis=1),
        np.stack([np.ones(z), size, np.ones(z)], 1),
    )
    rows, values = [pairs[0].ravel()], [pairs[1].ravel()]
    starts = [3 * np.arange(z + 1)]
    for j in range(m):
        rows.append(np.concatenate([[n + j], n + m + np.flatnonzero(at == j), [n + m + z]]))
        values.append(np.concatenate([[-float(problem.capacity[j])], -np.ones(n), [1.0]]))
        starts.append(starts[-1][-1:] + rows[-1].size)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.concatenate(starts)
    model.a_matrix_.index_ = np.concatenate(rows)
    model.a_matrix_.value_ = np.concatenate(values)
    return model


def by_highs(path: Path, limit: float) -> dict[str, object]:
    """Return cost, bound and seconds of HiGHS's MIP; building the model counts."""
    problem = read(path, "pmedcap")[0].problem
    began = time.perf_counter()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)  # noqa: FBT003
    solver.setOptionValue("time_limit", limit)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(model_of(problem))
    solver.run()
    info = solver.getInfo()
    return {
        "cost": info.objective_function_value,
        "bound": info.mip_dual_bound,
        "seconds": time.perf_counter() - began,
        "proven": solver.getModelStatus() == highspy.HighsModelStatus.kOptimal,
    }


def table(numbers: list[int], limit: float) -> None:
    """Print both programs' cost, bound and time for each instance, and what was asked for."""
    warm()
    ours, theirs, spent = [], [], 0.0
    print("\nCapacitated p-median, 50 sites, 5 open (pmedcap 1-10), to proof")
    for number in numbers:
        path = DATA / "pmedcap" / f"pmedcap-{number}.txt"
        optimum = float(path.read_text().split()[1])
        problem = read(path, "pmedcap")[0].problem
        before = time.process_time()
        found = solve(problem, limit)
        spent += time.process_time() - before
        kept = feasible(problem, found) and found.proven and found.cost == optimum
        done = subprocess.run(
            [sys.executable, __file__, "--one", str(path), "--limit", str(limit)],
            capture_output=True,
            text=True,
            check=True,
        )
        other = json.loads(done.stdout)
        ours.append(found.seconds)
        theirs.append(other["seconds"])
        verdict = "proven" if kept else "NOT proven or not the known optimum"
        print(
            f"  {number:>2}: known {optimum:.0f}, found {found.cost:.0f}, bound {found.bound:.0f}, "
            f"{verdict}, root {found.root:.1f}, {found.nodes:,} parts, {found.seconds:.2f} s; "
            f"HiGHS {other['cost']:.0f}, bound {other['bound']:.1f}, {other['seconds']:.1f} s"
            f"{'' if other['proven'] else ' (time was up)'}",
            flush=True,
        )
    print(
        f"  together {sum(ours):.1f} s ({spent:.1f} s of CPU), median {statistics.median(ours):.2f} s, "
        f"longest {max(ours):.1f} s "
        f"(asked for: 120 s, 3 s, 60 s); HiGHS {sum(theirs):.1f} s, "
        f"median {statistics.median(theirs):.1f} s, longest {max(theirs):.1f} s"
    )


def main() -> None:
    """Print the table, or one instance by HiGHS."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", type=Path)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each instance")
    parser.add_argument("--numbers", type=int, nargs="*", default=list(range(1, 11)))
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(by_highs(asked.one, asked.limit)))
    elif (DATA / "pmedcap").is_dir():
        table(asked.numbers, asked.limit)
    else:
        print(f"pmedcap: skipped, {DATA / 'pmedcap'} is not there (TIDEOVER_DATA)")


if __name__ == "__main__":
    main()
