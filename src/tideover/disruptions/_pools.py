"""Pools of struck posts: sites so grouped that a working share never speaks of fewer than ten posts.

A share of the posts that are worked is a statement about a group. At a small site it would be one about
persons, so small sites are pooled with their neighbours before any share is applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tideover.nouns.place import kilometres
from tideover.nouns.scenario import COVER, MEMBERS, POOLS

#: The fewest posts of which a working share may be stated.
FEWEST_POSTS = 10


@dataclass(frozen=True)
class Site:
    """A clinic with struck posts on one date; ``lat`` and ``lon`` are ``None`` where unknown."""

    clinic_id: str
    posts: int
    lat: float | None
    lon: float | None

    @property
    def placed(self) -> bool:
        """Whether both coordinates are known."""
        return self.lat is not None and self.lon is not None


def grouped(sites: Sequence[Site]) -> list[list[Site]]:
    """Return ``sites`` in groups of at least ten posts; one smaller group only if all have fewer than ten.

    1. A site of ten or more is a group. 2. Among the others with coordinates, the first by clinic_id takes
    in the nearest one left until it has ten; and again, until too few are left. 3. Those left over join,
    each by itself, the group of (1) and (2) with the nearest site. 4. Smaller sites without coordinates
    (with those of (3), where no group has any) are one group, since none is known to be near another; with
    fewer than ten posts it joins the group that has fewest. Ties go to the first clinic_id.
    Law: the order of ``sites`` does not matter.
    """
    ordered = sorted(sites, key=lambda site: site.clinic_id)
    groups = [[site] for site in ordered if site.posts >= FEWEST_POSTS]
    small = [site for site in ordered if site.posts < FEWEST_POSTS]
    placed = [site for site in small if site.placed]
    while _posts(placed) >= FEWEST_POSTS:
        group = _nearest_ten(placed)
        placed = [site for site in placed if site not in group]
        groups.append(group)
    if any(site.placed for group in groups for site in group):
        groups, placed = _joined(groups, placed), []
    rest = [*placed, *(site for site in small if not site.placed)]
    return _tidy(_with_rest(groups, rest) if rest else groups)


def _posts(sites: Sequence[Site]) -> int:
    return sum(site.posts for site in sites)


def _tidy(groups: list[list[Site]]) -> list[list[Site]]:
    inner = [sorted(group, key=lambda site: site.clinic_id) for group in groups]
    return sorted(inner, key=lambda group: group[0].clinic_id)


def _distances(site: Site, others: Sequence[Site]) -> list[float]:
    """Return the km from ``site`` to each of ``others``, to the millimetre so that grain breaks no tie."""
    lats = np.array([other.lat for other in others], dtype=np.float64)
    lons = np.array([other.lon for other in others], dtype=np.float64)
    found: list[float] = np.round(kilometres(site.lat or 0.0, site.lon or 0.0, lats, lons), 6).tolist()
    return found


def _nearest_ten(small: Sequence[Site]) -> list[Site]:
    first, others = small[0], small[1:]
    near = sorted(
        zip(_distances(first, others), others, strict=True), key=lambda pair: (pair[0], pair[1].clinic_id)
    )
    group = [first]
    for _, site in near:
        if _posts(group) >= FEWEST_POSTS:
            break
        group.append(site)
    return group


def _joined(groups: list[list[Site]], left: Sequence[Site]) -> list[list[Site]]:
    """Return ``groups`` with each of ``left`` in the one with the nearest site (at least one has a place)."""
    heads = [(site, number) for number, group in enumerate(groups) for site in group if site.placed]
    grown = [list(group) for group in groups]
    for site in left:
        far = _distances(site, [head for head, _ in heads])
        nearest = min(zip(far, heads, strict=True), key=lambda pair: (pair[0], pair[1][0].clinic_id))
        grown[nearest[1][1]].append(site)
    return grown


def _with_rest(groups: list[list[Site]], rest: list[Site]) -> list[list[Site]]:
    """Return ``groups`` and ``rest`` as one more, or within the smallest if it has fewer than ten posts."""
    if _posts(rest) >= FEWEST_POSTS or not groups:
        return [*groups, rest]
    smallest, *others = sorted(_tidy(groups), key=_posts)
    return [*others, [*smallest, *rest]]


def struck_sites(struck: pl.DataFrame) -> list[Site]:
    """Return the clinics of ``struck`` (stretches of one date with their sessions' columns) with their posts.

    A clinician counts as one post, at the clinic where more of her minutes are struck (the first clinic_id
    if equal), and as another where she works for another employer too; a pooled team counts its
    largest session, each unit's team by itself.
    """
    minutes = (pl.col("until") - pl.col("from")).dt.total_minutes().sum().alias("minutes")
    alone = (
        struck.filter(pl.col("clinician_id").is_not_null())
        .group_by("clinician_id", "clinic_id")
        .agg(minutes)
        .sort("clinician_id", "minutes", "clinic_id", descending=[False, True, False])
        .unique("clinician_id", keep="first", maintain_order=True)
        .group_by("clinic_id")
        .agg(pl.len().cast(pl.Int64).alias("posts"))
    )
    teams = (
        struck.filter(pl.col("clinician_id").is_null())
        .group_by("clinic_id", "unit")
        .agg(pl.col("posts").max())
        .select("clinic_id", "posts")
    )
    posts = pl.concat([alone, teams]).group_by("clinic_id").agg(pl.col("posts").sum())
    clinics = (
        struck.select("clinic_id", pl.col("lat", "lon").fill_nan(None)).unique("clinic_id").sort("clinic_id")
    )
    counted = clinics.join(posts, on="clinic_id", how="left").with_columns(pl.col("posts").fill_null(0))
    return [Site(*row) for row in counted.select("clinic_id", "posts", "lat", "lon").iter_rows()]


def pooled(struck: pl.DataFrame, taken: frozenset[str]) -> pl.DataFrame:
    """Return the pool of each clinic of ``struck`` on each date: pool_id, date, clinic_id, posts.

    A pool has the clinics of one employer alone, as far as employers are known. ``posts`` is the clinic's
    own. A pool is named after its first clinic, with a number behind where another strike has ``taken`` one
    of the names.
    """
    rows = []
    for (day, _), part in struck.group_by("date", "employer"):
        for group in grouped(struck_sites(part)):
            rows += [(f"pool-{group[0].clinic_id}", day, site.clinic_id, site.posts) for site in group]
    names = {name for name, *_ in rows}
    number, ending = 1, ""
    while taken & {name + ending for name in names}:
        number += 1
        ending = f"-{number}"
    found = pl.DataFrame(rows, schema={**MEMBERS, "posts": POOLS["posts"]}, orient="row")
    return found.with_columns(pl.col("pool_id") + ending).sort("pool_id", "date", "clinic_id")


def cover_rows(struck: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ``COVER`` for ``struck`` (stretches with their sessions' columns and pool_id).

    A session's stretches are walked through hour by hour: of its ``open_minutes`` (else its length times its
    posts) the share of the minutes walked so far, rounded down, less what the hours before had. So the hours
    of a session add up to the bookable minutes that it loses, rounded down once.
    """
    hours = pl.DataFrame({"hour": range(24)}, schema={"hour": pl.Int64})
    midnight = pl.col("date").cast(pl.Datetime("us"))
    first = pl.max_horizontal("from", midnight + pl.duration(hours=pl.col("hour")))
    last = pl.min_horizontal("until", midnight + pl.duration(hours=pl.col("hour") + 1))
    length = (pl.col("end") - pl.col("start")).dt.total_minutes()
    walked = pl.col("minutes").cum_sum().over("session_id", order_by=["from", "hour"])
    until_now = pl.coalesce("open_minutes", length * pl.col("posts")) * walked // length
    before = pl.col("until_now").shift(1, fill_value=0).over("session_id", order_by=["from", "hour"])
    return (
        struck.join(hours, how="cross")
        .with_columns((last - first).dt.total_minutes().alias("minutes"))
        .filter(pl.col("minutes") > 0)
        .with_columns(until_now.alias("until_now"))
        .with_columns((pl.col("until_now") - before).alias("scheduled_minutes"))
        .group_by("pool_id", "date", "hour")
        .agg(pl.col("scheduled_minutes").sum())
        .sort("pool_id", "date", "hour")
        .select(*COVER)
    )
