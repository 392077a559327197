"""Places: the census tracts, and where on them the sites of a network lie."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

from tideover.nouns.place import kilometres
from tideover.synthetic.draws import Draws, Floats
from tideover.synthetic.names import town_names
from tideover.synthetic.recipe import Recipe

#: The middle of the region: where the largest cities of the two states come nearest to the border.
MIDDLE = (44.96, -93.05)
#: Distance from the middle at which a tract's people weigh 1/e of their number, when sites are placed.
REACH_KM = 60.0
_KM_PER_DEGREE = 111.2
_ROUNDS = 25
_KINDS = {"primary": "Clinic", "urgent_care": "Urgent Care", "hospital": "Hospital"}


@cache
def tracts() -> pl.DataFrame:
    """Return the census tracts of Minnesota and Wisconsin: the columns of ``areas``, and county (its name).

    2020, with people in them; sorted by area_id. Source: US Census Bureau, Centers of Population.
    """
    with (files(__package__) / "tracts.parquet").open("rb") as data:
        return pl.read_parquet(data).filter(pl.col("population") > 0).sort("area_id")


def place_sites(recipe: Recipe, draws: Draws) -> pl.DataFrame:
    """Return the sites: columns of ``clinics``, ``tract`` (row of ``tracts``), ``people`` (weight around it).

    Sites of a kind lie at the centres of as many clusters of the population (weighted k-means), each on a
    tract of its own. Clinics come first, then urgent cares, then hospitals.
    """
    counts = {
        "primary": recipe.clinics - recipe.urgent_cares,
        "urgent_care": recipe.urgent_cares,
        "hospital": recipe.hospitals,
    }
    east, north = _plane()
    weight = _weights()
    taken: list[int] = []
    rows = []
    for kind, count in counts.items():
        if not count:
            continue
        centres, people = _clusters(east, north, weight, draws.uniform(f"sites.{kind}", count))
        for at, share in zip(centres.tolist(), people.tolist(), strict=True):
            spot = _nearest_free(east, north, at, taken)
            taken.append(spot)
            rows.append((kind, spot, share))
    made = pl.DataFrame(
        rows, schema={"kind": pl.String, "tract": pl.Int64, "people": pl.Float64}, orient="row"
    )
    return _named(made, draws)


def _weights() -> Floats:
    """Return the people of each tract, fewer the farther from the middle of the region."""
    far = kilometres(*MIDDLE, tracts()["lat"].to_numpy(), tracts()["lon"].to_numpy()) / REACH_KM
    return np.round(tracts()["population"].to_numpy() * np.exp(-(far**2)), 6)


def _plane() -> tuple[Floats, Floats]:
    """Return km east and north of the middle for each tract; flat enough to cluster on."""
    lat, lon = tracts()["lat"].to_numpy(), tracts()["lon"].to_numpy()
    scale = _KM_PER_DEGREE * float(np.cos(np.radians(MIDDLE[0])))
    return np.round((lon - MIDDLE[1]) * scale, 6), np.round((lat - MIDDLE[0]) * _KM_PER_DEGREE, 6)


def _clusters(east: Floats, north: Floats, weight: Floats, uniform: Floats) -> tuple[Floats, Floats]:
    """Return the centres (k, 2) of ``uniform.size`` clusters, and the weight in each.

    Weighted k-means by Lloyd's rounds; the first centres are drawn far apart (k-means++, one number of
    ``uniform`` for each).
    """
    east_of, north_of = np.empty(0), np.empty(0)
    far = np.ones_like(weight)
    for number in uniform:
        reach = np.cumsum(weight * far)
        at = min(int(np.searchsorted(reach / reach[-1], number, side="right")), weight.size - 1)
        east_of, north_of = np.append(east_of, east[at]), np.append(north_of, north[at])
        far = np.round(_squared(east, north, east_of, north_of).min(axis=1), 6)
    for _ in range(_ROUNDS):
        mine = np.argmin(np.round(_squared(east, north, east_of, north_of), 6), axis=1)
        mass = np.bincount(mine, weight, uniform.size)
        held = np.maximum(mass, 1e-9)
        east_of = np.where(mass > 0, np.bincount(mine, weight * east, uniform.size) / held, east_of)
        north_of = np.where(mass > 0, np.bincount(mine, weight * north, uniform.size) / held, north_of)
    return np.column_stack([east_of, north_of]), np.asarray(mass, np.float64)


def _squared(east: Floats, north: Floats, east_of: Floats, north_of: Floats) -> Floats:
    return (east[:, None] - east_of) ** 2 + (north[:, None] - north_of) ** 2


def _nearest_free(east: Floats, north: Floats, at: list[float], taken: list[int]) -> int:
    far = np.round((east - at[0]) ** 2 + (north - at[1]) ** 2, 6)
    far[taken] = np.inf
    return int(np.argmin(far))


def _named(sites: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    there = tracts()[sites["tract"].to_numpy()]
    towns = pl.Series("town", town_names(draws.uniform("sites.names", sites.height)))
    ending = sites["kind"].replace_strict({"primary": "", "urgent_care": "-uc", "hospital": "-hospital"})
    word = sites["kind"].replace_strict(_KINDS)
    return sites.with_columns(
        (towns.str.to_lowercase().str.replace_all(" ", "-") + ending).alias("clinic_id"),
        (towns + " " + word + " (" + there["county"] + " County)").alias("name"),
        there["lat"],
        there["lon"],
        there["state"],
    )


def to_sites(sites: pl.DataFrame) -> Floats:
    """Return the km from each tract to each of ``sites``, to the metre: (tracts, sites)."""
    lat, lon = tracts()["lat"].to_numpy()[:, None], tracts()["lon"].to_numpy()[:, None]
    return np.round(kilometres(lat, lon, sites["lat"].to_numpy()[None], sites["lon"].to_numpy()[None]), 3)
