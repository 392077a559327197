"""One instance file of a public collection through the location engine; a line of JSON for each instance.

Families and the order of their numbers (blanks and NUL bytes between them):

pmedcap  capacitated p-median. Number and best known value; n, p, capacity; then n lines of number, x, y,
         demand. Distance: Euclidean, rounded down. A file of several starts with how many.
gap      generalized assignment as in the OR-Library: how many problems (may be missing where there is one);
         for each: agents m, jobs n; m rows of n costs; m rows of n sizes; m capacities. gapa to gapd ask for
         the least cost, gap1 to gap12 for the most profit: files of these twelve names are maximised, all
         others minimised, unless --maximise or --minimise is given. What was done is the key "sense"; a
         maximum's "bound" is an upper one.
sscflp   facility location with fixed costs, every customer served whole by one facility. Costs are of the
         whole demand, not by the unit. Split demand costs less: the optimum with split deliveries, which
         some collections give (8772.10 for Holmberg's p1), is below the one with single sources (8848).
         --layout, where it is not plain from the lines:
         capacities-first  m n; m lines of capacity, fixed cost; n demands; m rows of n costs (Holmberg, Yang)
         by-customer       m n; m lines of capacity, fixed cost; n times: demand, m costs (OR-Library cap)
         costs-first       n m; n rows of m costs; n demands; m fixed costs; m capacities (Delmaire, Diaz)
         demands-first     m n; n demands; m capacities; m fixed costs; m rows of n costs (Avella and Boccia)
         --capacity gives the number that capa, capb and capc leave open by the word "capacity".

Each instance has --seconds to itself. The compiler runs before, on a toy instance: about half a minute the
first time, then from its cache. Keys: cost, bound, gap (a share of the cost), seconds, feasible (summed up
anew from the file's numbers), then proven, sense, instance. null: no such cost
or bound.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path

import numpy as np

from location_files import LAYOUTS, Instance, read
from tideover.engines.location import LocationProblem, LocationSolution, solve


def warm() -> None:
    """Have the engine compiled, so that the clock of an instance counts the solving alone."""
    rng = np.random.default_rng(0)
    cost, size = rng.integers(1, 60, (18, 8)).astype(float), rng.integers(1, 9, 18)
    room = np.full(8, -(-int(size.sum()) // 4) + 1)
    for more in ({"fixed": np.full(8, 20.0)}, {"count": 4}):
        solve(LocationProblem(cost, size, room, **more), 60.0)


def feasible(problem: LocationProblem, found: LocationSolution) -> bool:
    """Whether the plan keeps every rule and costs what it says, counted by plain loops."""
    room = [int(units) for units in problem.capacity]
    opened = {j for j in range(len(room)) if found.open[j]}
    cost = sum(float(problem.opening[j]) for j in opened)
    for i, j in enumerate(found.choice.tolist()):
        if j not in opened:
            return False
        room[j] -= int(problem.size[i, j])
        cost += float(problem.cost[i, j])
    right = problem.count is None or len(opened) == problem.count
    return right and min(room) >= 0 and math.isclose(cost, found.cost, rel_tol=1e-9, abs_tol=1e-6)


def figures(instance: Instance, seconds: float) -> dict[str, object]:
    """Return what one instance came to."""
    found = solve(instance.problem, seconds)
    sign = instance.sign
    return {
        "cost": sign * found.cost if math.isfinite(found.cost) else None,
        "bound": sign * found.bound if math.isfinite(found.bound) else None,
        "gap": found.gap if math.isfinite(found.gap) else None,
        "seconds": round(found.seconds, 3),
        "feasible": feasible(instance.problem, found),
        "proven": found.proven,
        "sense": "min" if sign > 0 else "max",
        "instance": instance.name,
        **({"layout": instance.layout} if instance.layout else {}),
    }


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Return what the command was called with."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--family", choices=("pmedcap", "sscflp", "gap"), required=True)
    parser.add_argument("--seconds", type=_seconds, default=60.0, help="for each instance (60)")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each instance")
    sense = parser.add_mutually_exclusive_group()
    sense.add_argument("--maximise", dest="most", action="store_true", default=None)
    sense.add_argument("--minimise", dest="most", action="store_false")
    parser.add_argument("--layout", choices=LAYOUTS, help="the order of the numbers of sscflp")
    parser.add_argument("--capacity", type=float, help="the number for the word 'capacity'")
    asked = parser.parse_args(given)
    if asked.most is not None and asked.family != "gap":
        parser.error("--maximise and --minimise go with --family gap only")
    if (asked.layout or asked.capacity is not None) and asked.family != "sscflp":
        parser.error("--layout and --capacity go with --family sscflp only")
    return asked


def main() -> int:
    """Solve every instance of the file; return 1 with a sentence where it cannot be read."""
    asked = arguments()
    try:
        instances = read(
            asked.file, asked.family, most=asked.most, layout=asked.layout, capacity=asked.capacity
        )
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    warm()
    for instance in instances:
        line = figures(instance, asked.seconds)
        text = json.dumps(line) if asked.json else ", ".join(f"{key} {value}" for key, value in line.items())
        print(text, flush=True)
    return 0


def _seconds(text: str) -> float:
    """Return the seconds that a word of the command line states."""
    seconds = float(text)
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError("a number of seconds above 0")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
