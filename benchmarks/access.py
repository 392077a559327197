"""Room `access` beside PySAL's `access` on Chicago, in one run; and its time on all tracts of the nation.

    python benchmarks/access.py [--repeat 3] [--json]

The other program's Python is named by TIDEOVER_PYSAL_PYTHON; without it an environment is made once under
build/pysal, by pip. Chicago: 1,930 tracts, straight lines in metres. The data lie in TIDEOVER_DATA.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tideover.access.catchments import close_pairs, step_weights, three_step, two_step

HERE = Path(__file__).parent
ROOT = HERE.parent
DATA = Path(os.environ.get("TIDEOVER_DATA", ROOT.parent / "shared" / "data"))
#: Bands in metres: the shape of the weights is that of the room, its minutes at 60 km/h or so.
ASKED = {
    "catchment": 10_000.0,
    "e2sfca": {5_000.0: 1.0, 10_000.0: 0.68, 20_000.0: 0.22},
    "3sfca": {5_000.0: 0.962, 8_000.0: 0.704, 12_000.0: 0.377, 20_000.0: 0.042},
}


def pysal_python() -> Path:
    """Return the Python that has PySAL's `access`; made under build/ if none is named."""
    if named := os.environ.get("TIDEOVER_PYSAL_PYTHON"):
        return Path(named)
    home = ROOT / "build" / "pysal"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "access", "geopandas"], check=True)
    return python


def pysal(folder: Path) -> dict[str, Any]:
    """Return PySAL's seconds and values."""
    done = subprocess.run(
        [pysal_python(), HERE / "access_pysal.py", folder],
        input=json.dumps(ASKED), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def read_chicago(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return places (n, 2) in metres, people (n,) and doctors (n,) of the tracts, as the file orders them."""
    tracts = json.loads((folder / "pop.geojson").read_text())["features"]
    facts = [(each["properties"]["geoid"], float(each["properties"]["pop"])) for each in tracts]
    made = pl.DataFrame(facts, schema=["geoid", "pop"], orient="row").join(
        pl.read_csv(folder / "docs_dentists.csv"), on="geoid", how="left", maintain_order="left"
    )
    places = np.array([each["geometry"]["coordinates"] for each in tracts])
    return places, made["pop"].to_numpy(), made["doc"].cast(pl.Float64).to_numpy()


def tideover(places: np.ndarray, people: np.ndarray, doctors: np.ndarray) -> dict[str, Any]:
    """Return this room's seconds and values of the same measures."""
    seconds, values = {}, {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        """Return what ``work`` makes; its seconds are kept under ``name``."""
        start = time.perf_counter()
        made = work()
        seconds[name] = time.perf_counter() - start
        return made

    point, site, metres = timed("distances", lambda: close_pairs(places, places, max(ASKED["3sfca"])))
    for name, method, bands in (
        ("two_step", two_step, {ASKED["catchment"]: 1.0}),
        ("enhanced_two_step", two_step, ASKED["e2sfca"]),
        ("three_step", three_step, ASKED["3sfca"]),
    ):

        def measure(method: Any = method, bands: Any = bands) -> np.ndarray:
            """Return the access of each point by this method."""
            weight = step_weights(metres, bands)
            return method(people, doctors, point, site, weight)

        values[name] = timed(name, measure)
    return {"seconds": seconds, "values": values, "pairs": len(point)}


def chicago(repeat: int) -> dict[str, Any]:
    """Return the seconds of both programs (the best of ``repeat`` runs each) and the largest difference."""
    folder = DATA / "chicago-access"
    arrays = read_chicago(folder)
    theirs = [pysal(folder) for _ in range(repeat)]
    ours = [tideover(*arrays) for _ in range(repeat)]
    parts = list(ours[0]["seconds"])
    best = {
        name: {part: min(run["seconds"][part] for run in runs) for part in parts}
        for name, runs in (("tideover", ours), ("pysal", theirs))
    }
    apart = {
        name: float(np.max(np.abs(values - np.array(theirs[0]["values"][name]))) / np.max(values))
        for name, values in ours[0]["values"].items()
    }
    total = {name: sum(seconds.values()) for name, seconds in best.items()}
    return {
        "tracts": len(arrays[1]), "pairs": ours[0]["pairs"], "pysal_pairs": theirs[0]["pairs"],
        "seconds": best, "total": total, "ratio": total["pysal"] / total["tideover"], "difference": apart,
    }  # fmt: skip


def nation() -> dict[str, Any] | None:
    """Return the seconds of the whole comparison for all census tracts and 5,000 sites, 500 closing."""
    file = DATA / "census-tracts-2020-us.csv.gz"
    if not file.exists():
        return None
    from access_nation import run

    return run(file)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--nation", action="store_true", help="only the nation, in a process of its own")
    asked = parser.parse_args()
    if asked.nation:
        print(json.dumps(nation()))
        return
    found = chicago(asked.repeat)
    command = [sys.executable, __file__, "--nation"]
    found["nation"] = json.loads(
        subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE).stdout
    )
    if asked.json:
        print(json.dumps(found))
        return
    print(f"Chicago: {found['tracts']:,} tracts, {found['pairs']:,} pairs; best of {asked.repeat}, seconds")
    print(f"  {'':<20}{'Tideover':>10}{'PySAL':>10}{'ratio':>8}{'largest difference':>20}")
    for part, ours in found["seconds"]["tideover"].items():
        theirs = found["seconds"]["pysal"][part]
        apart = found["difference"].get(part)
        told = "" if apart is None else f"{apart:.1e}"
        print(f"  {part:<20}{ours:>10.3f}{theirs:>10.3f}{theirs / ours:>8.0f}{told:>20}")
    total = found["total"]
    print(f"  {'all':<20}{total['tideover']:>10.3f}{total['pysal']:>10.3f}{found['ratio']:>8.0f}")
    if (whole := found["nation"]) is not None:
        print(
            f"Nation: {whole['tracts']:,} tracts, {whole['sites']:,} sites, {whole['closing']} closing: "
            f"{whole['seconds']:.1f} s, {whole['peak_mib']:,.0f} MiB, {whole['pairs']:,} pairs"
        )


if __name__ == "__main__":
    main()
