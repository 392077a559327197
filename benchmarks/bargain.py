"""The frontier engine beside NegMAS on 1,000,000 outcomes of six additive issues.

    python benchmarks/bargain.py [--options 10] [--rounds 200]

Both sides' utilities of the options are whole numbers drawn against each other, so that sums are exact in
both programs. NegMAS runs in an environment of its own: the interpreter that TIDEOVER_NEGMAS_PYTHON names, or
else one that this benchmark makes in build/negmas with ``python -m venv`` and ``pip install negmas`` (once;
needs a package registry). Ours counts frontier and points, after the kernels are compiled; the middle of
``--rounds`` runs. Theirs is one run from its utility functions to frontier and points.
Prints one JSON line. ``ks_same`` stands apart: NegMAS takes each side's best outcome of all as ideal, and
then the most equal shares; here the ideal is the best of the zone, as Kalai and Smorodinsky (1975) have it,
and the lesser share counts. ``ks_same_with_ideal_of_zone`` asks NegMAS with that ideal.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tideover.engines.frontier import Frontier, Points, frontier_of_issues, named_points

HERE = Path(__file__).parent
ISSUES, SEED = 6, 4
#: What no deal is worth, as a share of the most that each side can reach.
NO_DEAL = 0.3


def interpreter() -> str:
    """Return the Python that has NegMAS, making its environment where none is named."""
    named = os.environ.get("TIDEOVER_NEGMAS_PYTHON")
    if named:
        return named
    place = HERE.parent / "build" / "negmas"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "negmas"], check=True)
    return str(python)


def issues(options: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return both sides' utilities of the options of each issue: what one gains the other mostly loses."""
    draw = np.random.default_rng(SEED)
    a = [draw.integers(0, 1001, options).astype(float) for _ in range(ISSUES)]
    b = [np.clip(1000 - of + draw.integers(-300, 301, options), 0, 1000).astype(float) for of in a]
    return a, b


def timed(
    a: list[np.ndarray], b: list[np.ndarray], no_deal: tuple[float, float], rounds: int
) -> tuple[float, Frontier, Points]:
    """Return the middle of the seconds of ``rounds`` runs, the frontier and its points."""
    spent = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        frontier = frontier_of_issues(a, b)
        points = named_points(frontier, no_deal)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent[1:]), frontier, points


def compared(options: int, rounds: int) -> dict[str, object]:
    """Return both programs' seconds, and whether they found the same."""
    a, b = issues(options)
    no_deal = tuple(round(NO_DEAL * sum(of.max() for of in side)) for side in (a, b))
    seconds, frontier, points = timed(a, b, no_deal, rounds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "issues.json"
        tables = {name: [of.tolist() for of in side] for name, side in (("a", a), ("b", b))}
        path.write_text(json.dumps({**tables, "no_deal": dict(zip("ab", no_deal, strict=True))}))
        command = [interpreter(), str(HERE / "bargain_negmas.py"), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout.splitlines()[-1])
    ours = set(zip(frontier.a.tolist(), frontier.b.tolist(), strict=True))
    zone = {(float(frontier.a[row]), float(frontier.b[row])) for row in points.zone}
    told = {tuple(point) for point in theirs["frontier"]}
    return {
        "outcomes": options**ISSUES, "seconds": seconds, "negmas_seconds": theirs["seconds"],
        "negmas_frontier_seconds": theirs["frontier_seconds"], "ratio": theirs["seconds"] / seconds,
        "points": len(ours), "zone": len(zone), "frontier_same": told in (ours, zone),
        "nash_same": _same(frontier, points.nash, theirs["nash"]),
        "egalitarian_same": _same(frontier, points.egalitarian, theirs["kalai"]),
        "ks_same": _same(frontier, points.kalai_smorodinsky, theirs["ks"]),
        "ks_same_with_ideal_of_zone": _same(frontier, points.kalai_smorodinsky, theirs["ks_zone"]),
    }  # fmt: skip


def _same(frontier: Frontier, row: int | None, told: list[list[float]]) -> bool:
    """Return whether a point of our frontier is among those that were told."""
    return row is not None and [float(frontier.a[row]), float(frontier.b[row])] in told


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--options", type=int, default=10, help="options of each issue")
    arguments.add_argument("--rounds", type=int, default=200, help="runs of which the middle one counts")
    given = arguments.parse_args()
    print(json.dumps(compared(given.options, given.rounds)))
