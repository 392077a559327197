"""Access before and after for all census tracts of the nation and made-up sites; used by `access.py`."""

from __future__ import annotations

import resource
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tideover.access import Asked, levels, problem_of, rows_of, spread
from tideover.nouns import Network, Policy

SITES, CLOSING, SEED = 5_000, 500, 1
LAST = date(2025, 11, 4)
CLOSES = date(2025, 11, 5)


def made(file: Path) -> tuple[Network, Network]:
    """Return the network before and after: sites drawn among the tracts by people, one post each: made up."""
    tracts = pl.read_csv(file, infer_schema_length=0)
    tracts = tracts.select(
        pl.concat_str("STATEFP", "COUNTYFP", "TRACTCE").alias("area_id"),
        pl.col("LATITUDE").str.strip_chars().cast(pl.Float64).alias("lat"),
        pl.col("LONGITUDE").str.strip_chars().cast(pl.Float64).alias("lon"),
        pl.col("POPULATION").str.strip_chars().cast(pl.Int64).alias("population"),
        pl.concat_str("STATEFP", "COUNTYFP").alias("county_fips"),
    )
    rng = np.random.default_rng(SEED)
    people = tracts["population"].to_numpy()
    chosen = rng.choice(len(people), SITES, replace=False, p=people / people.sum())
    clinics = tracts[np.sort(chosen)].select(pl.format("site-{}", "area_id").alias("clinic_id"), "lat", "lon")
    closing = rng.permutation(SITES) < CLOSING
    posts = clinics.select(
        pl.format("{}-post", "clinic_id").alias("clinician_id"), "clinic_id", fte=pl.lit(1.0)
    )
    before = Network.of({"clinics": clinics, "areas": tracts, "clinicians": posts}, synthetic=True)
    closes = pl.when(pl.Series(closing)).then(pl.lit(CLOSES)).alias("closes_on")
    return before, before.replace(clinics=before.clinics.with_columns(closes))


def run(file: Path) -> dict[str, Any]:
    """Return sizes, seconds after reading, and the peak of memory."""
    before, after = made(file)
    start = time.perf_counter()
    problem = problem_of(before, after, Asked(LAST, CLOSES, people="population"), Policy.default())
    both = [levels(problem, when) for when in (0, 1)]
    rows = rows_of("all", np.array(["all"] * problem.points.height, object), problem.demand, *both)
    spreads = [spread(problem, one) for one in both]
    seconds = time.perf_counter() - start
    return {
        "tracts": problem.points.height, "sites": problem.sites.height, "closing": CLOSING,
        "pairs": len(problem.pairs.point), "seconds": seconds, "rows": rows.height,
        "gini": [one["gini"] for one in spreads],
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip
