"""Added minutes of journey of each visit, where the home and both journeys are known."""

from __future__ import annotations

import numpy as np
import polars as pl

from tideover import travel
from tideover.nouns import Network, Policy


def with_journeys(visits: pl.DataFrame, network: Network, policy: Policy) -> pl.DataFrame:
    """Return ``visits`` with ``added_minutes``: minutes to the new clinic beyond those to the booked one.

    Whole minutes, never below 0; 0 by video. Null where the home is not known, where either journey is
    unknown or unreachable, and on the wait-list, where there is no journey yet. Journeys are those of the
    plan: by the network's matrix, else by the policy's detour factor and speed.
    """
    found = travel.journeys(network, visits, policy)
    row = np.arange(visits.height)
    clinics = network.clinics.select(pl.col("clinic_id").sort()).with_row_index("code")
    to_booked, to_new = (
        pl.Series(found.to(row, _codes(visits, name, clinics))) for name in ("clinic_id", "new_clinic_id")
    )
    more = pl.max_horizontal(to_new - to_booked, 0)
    added = (
        pl.when(pl.col("option") == "waitlist")
        .then(None)
        .when((to_booked >= 0) & (to_new >= 0) & pl.Series(found.from_home))
        .then(pl.when(pl.col("option") == "video").then(0).otherwise(more))
    )
    return visits.with_columns(added.cast(pl.Int64).alias("added_minutes"))


def _codes(visits: pl.DataFrame, name: str, clinics: pl.DataFrame) -> travel.Ints:
    """Return the row of each visit's clinic, -1 for none."""
    joined = visits.select(clinic_id=name).join(clinics, on="clinic_id", how="left", maintain_order="left")
    return joined["code"].cast(pl.Int64).fill_null(-1).to_numpy()
