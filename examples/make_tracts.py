"""Make the table of census tracts that ships with Tideover, from the Census Bureau's text files of 2020.

    python examples/make_tracts.py FOLDER src/tideover/synthetic/tracts.parquet

FOLDER holds census-tracts-2020-mn-wi.csv and census-counties-2020-us.csv (US Census Bureau, Centers of
Population 2020, public domain).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

STATES = {"27": "MN", "55": "WI"}


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args()
    make(chosen.folder).write_parquet(chosen.target, compression="zstd", compression_level=19)


def make(folder: Path) -> pl.DataFrame:
    """Return area_id, lat, lon, population, county_fips, state and county of each tract, sorted."""
    text = {"infer_schema": False, "encoding": "utf8"}
    rows = pl.read_csv(folder / "census-tracts-2020-mn-wi.csv", **text)
    counties = pl.read_csv(folder / "census-counties-2020-us.csv", **text).select(
        (pl.col("STATEFP") + pl.col("COUNTYFP")).alias("county_fips"), pl.col("COUNAME").alias("county")
    )
    county = pl.col("STATEFP") + pl.col("COUNTYFP")
    return (
        rows.select(
            (county + pl.col("TRACTCE")).alias("area_id"),
            pl.col("LATITUDE").str.strip_prefix("+").cast(pl.Float64).alias("lat"),
            pl.col("LONGITUDE").str.strip_prefix("+").cast(pl.Float64).alias("lon"),
            pl.col("POPULATION").cast(pl.Int64).alias("population"),
            county.alias("county_fips"),
            pl.col("STATEFP").replace_strict(STATES).alias("state"),
        )
        .join(counties, on="county_fips", how="left", maintain_order="left")
        .sort("area_id")
    )


if __name__ == "__main__":
    main()
