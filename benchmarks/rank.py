"""The rank of one set of four among all sets of four of 65 sites, for two states' tracts; one JSON line.

The sites are drawn among the tracts (made up); the cost is the distance in kilometres of every person.
"""

from __future__ import annotations

import csv
import json
import os
import time
from pathlib import Path

import numpy as np

from tideover.engines.location.rank import best_sets, rank_of

HERE = Path(__file__).parent
DATA = Path(os.environ.get("TIDEOVER_DATA", HERE.parent.parent / "shared" / "data"))
FILE = "census-tracts-2020-mn-wi.csv"
SITES, CLOSING = 65, 4
_RADIUS = 6371.0


def distances(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return kilometres from every tract to every site (n, m), and the people of every tract (n,)."""
    with file.open(encoding="utf-8-sig") as opened:
        rows = [(row["LATITUDE"], row["LONGITUDE"], row["POPULATION"]) for row in csv.DictReader(opened)]
    latitude, longitude, people = np.array(rows, float).T
    latitude, longitude = np.radians(latitude), np.radians(longitude)
    at = np.random.default_rng(1).choice(people.size, SITES, replace=False, p=people / people.sum())
    across = np.sin((latitude[:, None] - latitude[at]) / 2) ** 2
    along = np.cos(latitude)[:, None] * np.cos(latitude[at])
    along = along * np.sin((longitude[:, None] - longitude[at]) / 2) ** 2
    return 2 * _RADIUS * np.arcsin(np.sqrt(across + along)), people


def main() -> None:
    """Print seconds (after a first call that compiles), a rank, and a check of the best by hand."""
    if not (DATA / FILE).exists():
        print(json.dumps({"skipped": f"{DATA / FILE} is not there (TIDEOVER_DATA)"}))
        return
    cost, people = distances(DATA / FILE)
    rank_of(cost[:20, :8], people[:20], [0, 1])
    began, spent = time.perf_counter(), time.process_time()
    ranking = rank_of(cost, people, range(CLOSING))
    seconds, spent = time.perf_counter() - began, time.process_time() - spent
    began = time.perf_counter()
    thousand = best_sets(cost, people, CLOSING, 1_000)
    best_seconds = time.perf_counter() - began
    left = np.setdiff1d(np.arange(SITES), ranking.best[0])
    by_hand = float((cost[:, left].min(axis=1) * people).sum())
    print(
        json.dumps(
            {
                "items": people.size,
                "sets": ranking.of,
                "seconds": seconds,
                "cpu_seconds": spent,
                "rank": ranking.rank,
                "best": ranking.best[1],
                "best_by_hand": by_hand,
                "best_thousand_seconds": best_seconds,
                "thousandth": thousand[-1][1],
            }
        )
    )


if __name__ == "__main__":
    main()
