"""A matrix of journeys out of what a table service answers: each home asked once, however many live there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from tideover.nouns import Network, Travel
from tideover.nouns.travel import PLACES_PER_DEGREE, matrix, place_codes
from tideover.travel.service import Service


def ask(
    network: Network,
    visits: pl.DataFrame,
    service: Service,
    report: Callable[[str], None] = lambda text: None,
) -> Travel:
    """Return the journeys from the homes of ``visits`` (patient_id, clinic_id) to all clinics on the map.

    Where a home is not known, the place of the booked clinic is asked. Only coordinates are sent, rounded to
    about a metre, each place once; nothing says who lives there. Pairs that the service cannot tell have no
    row. Raises ``InputError`` if the service cannot be asked.
    """
    starts = _places(network.homes().join(visits, on="patient_id", how="semi"))
    known = network.homes().drop_nulls(["lat", "lon"]).select("patient_id")
    homeless = visits.join(known, on="patient_id", how="anti")
    starts = pl.concat([starts, _places(network.clinics.join(homeless, on="clinic_id", how="semi"))])
    starts = starts.unique().sort("lat", "lon")
    sites = network.clinics.drop_nulls(["lat", "lon"])
    ends = _places(sites).unique().sort("lat", "lon")
    seconds = (
        service.seconds(starts.rows(), ends.rows(), report) if len(starts) and len(ends) else np.zeros((0, 0))
    )
    row, column = np.nonzero(~np.isnan(seconds))
    cells = pl.DataFrame(
        {"row": row, "column": column, "seconds": seconds[row, column]},
        schema={"row": pl.UInt32, "column": pl.UInt32, "seconds": pl.Float64},
    )
    named = ends.with_row_index("column").join(
        pl.concat([sites.select("clinic_id"), _places(sites)], how="horizontal"), on=["lat", "lon"]
    )
    rows = cells.join(starts.with_row_index("row"), on="row").join(
        named.select("column", "clinic_id"), on="column"
    )
    reachable = pl.col("seconds").is_finite()
    rows = rows.select(
        pl.col("lat", "lon") / PLACES_PER_DEGREE,
        "clinic_id",
        pl.when(reachable).then(pl.col("seconds") / 60).alias("minutes"),
        reachable.alias("reachable"),
    )
    return Travel("service", service.address, matrix(rows.sort("lat", "lon", "clinic_id")))


def _places(frame: pl.DataFrame) -> pl.DataFrame:
    """Return lat and lon of the rows that have both, as whole numbers."""
    known = frame.drop_nulls(["lat", "lon"])
    return pl.DataFrame({name: place_codes(known[name]) for name in ("lat", "lon")})
