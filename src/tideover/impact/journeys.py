"""Added minutes of journey of each visit, where all three places are known."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tideover import travel
from tideover.nouns import Network, Policy


def with_journeys(visits: pl.DataFrame, network: Network, policy: Policy) -> pl.DataFrame:
    """Return ``visits`` with ``added_minutes``: minutes to the new clinic beyond those to the booked one.

    Whole minutes, never below 0; 0 by video. Null where the home or a clinic is not on the map, and on the
    wait-list, where there is no journey yet. ``policy`` gives the detour factor and the speed.
    """
    rows = _placed(visits, network)
    how = (policy.detour_factor, policy.speed_km_per_hour)
    rows = rows.with_columns(
        pl.Series("to_booked", _minutes(rows, "", how)), pl.Series("to_new", _minutes(rows, "new_", how))
    )
    known = (pl.col("to_booked") >= 0) & (pl.col("to_new") >= 0)
    more = pl.max_horizontal(pl.col("to_new") - pl.col("to_booked"), 0)
    added = (
        pl.when(pl.col("option") == "waitlist")
        .then(None)
        .when(known)
        .then(pl.when(pl.col("option") == "video").then(0).otherwise(more))
    )
    return rows.select(*visits.columns, added.cast(pl.Int64).alias("added_minutes"))


def _placed(visits: pl.DataFrame, network: Network) -> pl.DataFrame:
    homes = network.homes().select("patient_id", home_lat="lat", home_lon="lon")
    sites = network.clinics.select(
        "clinic_id", pl.col("lat").alias("site_lat"), pl.col("lon").alias("site_lon")
    )
    new = sites.rename(lambda name: f"new_{name}")
    return (
        visits.join(homes, on="patient_id", how="left")
        .join(sites, on="clinic_id", how="left")
        .join(new, on="new_clinic_id", how="left")
    )


def _minutes(rows: pl.DataFrame, which: str, how: tuple[float, float]) -> NDArray[np.int64]:
    ends = ("home_lat", "home_lon", f"{which}site_lat", f"{which}site_lon")
    lat1, lon1, lat2, lon2 = (rows[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in ends)
    return travel.minutes_between(lat1, lon1, lat2, lon2, *how)
