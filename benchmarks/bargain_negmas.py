"""NegMAS on the issues in a file of arrays, in its own environment; prints one JSON line."""

from __future__ import annotations

import json
import sys
import time
import warnings

warnings.simplefilter("ignore")

from negmas import make_issue  # noqa: E402
from negmas.preferences import LinearAdditiveUtilityFunction as Additive  # noqa: E402
from negmas.preferences.ops import kalai_points, ks_points, nash_points, pareto_frontier  # noqa: E402


def main(path: str) -> None:
    """Print NegMAS's seconds, frontier and points for the two sides' tables."""
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 -- as that program's users write it
        given = json.load(file)
    issues = [make_issue(len(of), f"i{number}") for number, of in enumerate(given["a"])]
    sides = [
        Additive(
            values={f"i{number}": dict(enumerate(of)) for number, of in enumerate(given[side])},
            weights={f"i{number}": 1.0 for number in range(len(issues))},
            issues=issues,
            reserved_value=given["no_deal"][side],
        )
        for side in ("a", "b")
    ]
    began = time.perf_counter()
    frontier, _ = pareto_frontier(sides, issues=issues)
    found = time.perf_counter() - began
    points = {
        name: [list(point) for point, _ in rule(sides, frontier, issues=issues)]
        for name, rule in (("nash", nash_points), ("kalai", kalai_points), ("ks", ks_points))
    }
    seconds = time.perf_counter() - began
    # the textbook's ideal: the most of each side where the other has at least what no deal gives it
    floor = [given["no_deal"][side] for side in ("a", "b")]
    zone = [point for point in frontier if all(one >= low for one, low in zip(point, floor, strict=True))]
    ideal = [(low, max(point[at] for point in zone)) for at, low in enumerate(floor)]
    points["ks_zone"] = [list(point) for point, _ in ks_points(sides, frontier, ranges=ideal, issues=issues)]
    print(json.dumps({"seconds": seconds, "frontier_seconds": found, "frontier": list(frontier), **points}))


if __name__ == "__main__":
    main(sys.argv[1])
