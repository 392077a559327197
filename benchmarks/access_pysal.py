"""PySAL's `access` on the Chicago data, in a Python of its own: times and results for `access.py`.

Run by `access.py` with the Python that has the package `access`; prints one JSON document.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
sys.path.pop(0)  # the folder of this script, whose access.py is not the package

import geopandas  # noqa: E402
import pandas as pd  # noqa: E402

from access import Access, weights  # noqa: E402


def main(folder: Path) -> None:
    """Print seconds by part, and the three measures by tract in the order of the file."""
    tracts = geopandas.read_file(folder / "pop.geojson")
    tracts = tracts.merge(pd.read_csv(folder / "docs_dentists.csv"), on="geoid", how="left", validate="1:1")
    seconds = {}

    def timed(name: str, work) -> None:
        """Run ``work`` and keep its seconds under ``name``."""
        start = time.perf_counter()
        work()
        seconds[name] = time.perf_counter() - start

    asked = json.loads(sys.stdin.read())
    bands = {name: {float(key): value for key, value in asked[name].items()} for name in ("e2sfca", "3sfca")}
    model = Access(
        demand_df=tracts[["geoid", "pop", "geometry"]], demand_index="geoid", demand_value="pop",
        supply_df=tracts[["geoid", "doc", "geometry"]], supply_index="geoid", supply_value="doc",
    )  # fmt: skip
    reach = max(bands["3sfca"])
    timed("distances", lambda: model.create_euclidean_distance(name="metres", threshold=reach))
    timed("two_step", lambda: model.two_stage_fca(name="two", cost="metres", max_cost=asked["catchment"]))
    for name, column, run in (
        ("enhanced_two_step", "e2sfca", model.enhanced_two_stage_fca),
        ("three_step", "3sfca", model.three_stage_fca),
    ):
        weight = weights.step_fn(bands[column])
        timed(name, lambda run=run, column=column, weight=weight: run(
            name=column, cost="metres", max_cost=reach, weight_fn=weight))  # fmt: skip
    made = model.access_df.reindex(tracts["geoid"])
    columns = {"two_step": "two_doc", "enhanced_two_step": "e2sfca_doc", "three_step": "3sfca_doc"}
    values = {name: made[column].tolist() for name, column in columns.items()}
    sys.stdout.write(json.dumps({"seconds": seconds, "values": values, "pairs": len(model.cost_df)}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
