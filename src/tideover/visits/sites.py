"""Which sites open on a strike day, and how many of a pool's posts each gets (formulation 16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from tideover.engines.assignment import best_split, gains_by_room
from tideover.nouns import Policy, Scenario
from tideover.visits.book import Book
from tideover.visits.cover import COVER_BINS, cover_bins, posts_worked
from tideover.visits.facts import Ints

_SITE = ["clinic_id", "date"]

#: Bins of cover: a site's stand units, then (clinic_id empty) standby units that the pool's sites share.
COVER_ROWS = {**COVER_BINS, "clinic_id": pl.String()}


@dataclass(frozen=True)
class Desk:
    """One pool on one date: its sites, the posts that it has to send, and its stand bins.

    ``sites`` (s rows): clinic_id, fewest, outside, low and most posts, and whether it is ``needed``: it may
    not get none. ``hours`` (h,); ``units`` (h,) are the pool's stand units, ``taken`` (s, h) what visits
    pinned to stand take at each site, ``rows`` (s, h) the rows of the cover of each site and hour.
    """

    pool_id: str
    date: object
    sites: pl.DataFrame
    posts: int
    hours: Ints
    units: Ints
    whole: Ints
    taken: Ints
    rows: Ints

    def room(self, posts: int, site: int) -> Ints:
        """Return the room in each hour (h,) at a site with so many posts (16b)."""
        room: Ints = np.maximum(0, self._held[posts] - self.taken[site])
        return room

    @cached_property
    def _held(self) -> Ints:
        """What any number of posts holds of the units, (posts + 1, h)."""
        return self._by_posts(self.units)

    def _by_posts(self, units: Ints) -> Ints:
        reached = np.cumsum(units) * np.arange(self.posts + 1)[:, None] // max(1, self.posts)
        held: Ints = np.diff(reached, axis=1, prepend=0)
        return held

    @cached_property
    def allowed(self) -> tuple[tuple[int, list[int]], ...]:
        """The row of each site and the numbers of posts that it may get: enough for pinned visits."""
        held = np.maximum(self._held, self._by_posts(self.whole))
        found = []
        for site, (low, most) in enumerate(self.sites.select("low", "most").iter_rows()):
            taken = self.taken[site]
            enough = (held >= taken)[:, taken > 0].all(axis=1)
            numbers = range(low, min(most, self.posts) + 1)
            found.append((site, [posts for posts in numbers if enough[posts]]))
        return tuple(found)

    def short(self) -> list[str]:
        """Return the sites that pinned visits need and that cannot get the posts: all if only together."""
        needed = {site for site, one in enumerate(self.sites["needed"]) if one}
        fewest = {site: min(numbers, default=-1) for site, numbers in self.allowed if site in needed}
        never = [site for site, posts in fewest.items() if posts < 0]
        if not never and sum(fewest.values()) > self.posts:
            never = sorted(needed)
        return self.sites["clinic_id"].gather(never).to_list()

    @cached_property
    def widest(self) -> Ints:
        """The most room that any number of posts gives, (s, h)."""
        found = np.zeros_like(self.taken)
        for site, numbers in self.allowed:
            room = np.maximum(0, self._held[numbers] - self.taken[site])
            found[site] = room.max(axis=0, initial=0)
        return found

    def best(self, gains: Sequence[Sequence[tuple[Ints, Ints]]]) -> tuple[int, Ints]:
        """Return the most that visits can gain at these sites, and the posts of each site (s,) for it.

        ``gains[s][h]`` are sizes and gains of the visits that the bin of site and hour may hold.
        """
        value = np.full((self.sites.height, self.posts + 1), -1, np.int64)
        value[:, 0] = 0
        widest = self.widest
        for site, numbers in self.allowed:
            by_room = [gains_by_room(*gains[site][h], int(widest[site, h])) for h in range(self.hours.size)]
            room = np.maximum(0, self._held[numbers] - self.taken[site])
            value[site, numbers] = sum(gain[room[:, h]] for h, gain in enumerate(by_room))
        # a site that is needed opens before all else
        ahead = int(np.maximum(value, 0).max(axis=1, initial=0).sum()) + 1
        wanted = value + ahead * (
            self.sites["needed"].to_numpy()[:, None] & (value >= 0) & (np.arange(self.posts + 1) > 0)
        )
        _, chosen = best_split(wanted, self.posts)
        return int(value[np.arange(chosen.size), chosen].sum()), chosen

    def filled(self, posts: Ints) -> Ints:
        """Return ``posts`` (s,) with those left over sent too: to open sites first, in their order."""
        found = posts.copy()
        numbers = dict(self.allowed)
        for site in np.argsort(found == 0, kind="stable").tolist():
            left = self.posts - int(found.sum())
            more = [number for number in numbers[site] if found[site] < number <= found[site] + left]
            found[site] = max(more, default=int(found[site]))
        return found


def desks_of(scenario: Scenario, policy: Policy, book: Book) -> list[Desk]:
    """Return a desk for every pool and date of the strike, by pool and date."""
    bins, posts, first = cover_bins(scenario, policy, book), posts_worked(scenario, policy), 0
    whole = cover_bins(scenario, policy, book, reserve=False).partition_by("pool_id", "date", as_dict=True)
    sites = _sites(scenario).partition_by("pool_id", "date", as_dict=True)
    number = {(pool, day): k for pool, day, k in posts.select("pool_id", "date", "stand_posts").iter_rows()}
    pinned = _pinned(book).partition_by("pool_id", "date", as_dict=True)
    desks = []
    for (pool, day), part in bins.group_by("pool_id", "date", maintain_order=True):
        own, hours = sites[pool, day], part["hour"].to_numpy()
        taken = _taken(pinned.get((pool, day)), own, hours)
        rows = first + np.arange(taken.size).reshape(taken.shape)
        first += taken.size
        units = part["stand"].to_numpy()
        k = max(int(number[pool, day]), int(units.any()))
        before = whole[pool, day]["stand"].to_numpy()
        own = own.with_columns(pl.Series("needed", taken.any(axis=1)))
        desks.append(Desk(str(pool), day, own, k, hours, units, before, taken, rows))
    return desks


def staffed_with_one_more(desk: Desk, posts: Ints) -> list[str]:
    """Return the sites that are open with one post more than ``posts`` (s,): sessions may be added there."""
    opens = (pl.col("fewest") - pl.col("outside") <= 1) | pl.Series(posts > 0)
    found: list[str] = desk.sites.filter(opens & (pl.col("most") > 0))["clinic_id"].to_list()
    return found


def cover_rows(scenario: Scenario, policy: Policy, book: Book, desks: Sequence[Desk]) -> pl.DataFrame:
    """Return the cover (columns of ``COVER_ROWS``): stand units as wide as any choice of posts makes them."""
    parts = [pl.DataFrame(schema=COVER_ROWS)]
    for desk in desks:
        s, h = desk.taken.shape
        part = pl.DataFrame(
            {
                "hour": np.tile(desk.hours, s),
                "stand": desk.widest.reshape(-1),
                "clinic_id": desk.sites["clinic_id"].to_numpy().repeat(h).tolist(),
            },
            schema_overrides={"clinic_id": pl.String()},
        )
        whose = (pl.lit(desk.pool_id).alias("pool_id"), pl.lit(desk.date, pl.Date()).alias("date"))
        parts.append(part.with_columns(*whose, pl.lit(0, pl.Int64()).alias("standby")).select(*COVER_ROWS))
    waiting = _less_pins(cover_bins(scenario, policy, book), book)
    parts.append(
        waiting.with_columns(pl.lit(0, pl.Int64()).alias("stand"), clinic_id=pl.lit(None, pl.String()))
    )
    return pl.concat([part.select(*COVER_ROWS) for part in parts])


def _less_pins(cover: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Take the units of visits that are pinned to standby out of the cover."""
    by = ["pool_id", "date", "hour"]
    pinned = book.pinned.filter(pl.col("pin_option") == "standby")
    hour = pl.col("start").dt.hour().cast(pl.Int64).alias("hour")
    size = (pl.col("minutes") // book.unit).sum().alias("size")
    taken = pinned.group_by("pool_id", "date", hour).agg(size)
    left = (pl.col("standby") - pl.col("size").fill_null(0)).clip(lower_bound=0)
    return cover.join(taken, on=by, how="left", maintain_order="left").with_columns(left.alias("standby"))


def _sites(scenario: Scenario) -> pl.DataFrame:
    """Return pool_id, date, clinic_id, fewest (to open), outside, low, most of every site; pins aside."""
    clinics = scenario.network.clinics.select("clinic_id", "min_clinicians", "min_support_fte")
    fte = pl.col("fte").sum().round(6).alias("support")
    support = scenario.network.support_staff.group_by("clinic_id").agg(fte)
    few = (pl.col("support") < pl.col("min_support_fte")).fill_null(value=False)
    rows = (
        scenario.members.join(clinics, on="clinic_id", how="left")
        .join(support, on="clinic_id", how="left")
        .join(_at_work(scenario), on=_SITE, how="left")
        .join(_struck(scenario), on=["pool_id", *_SITE], how="left")
        .with_columns(pl.col("outside", "most").fill_null(0))
    )
    low = pl.max_horizontal(pl.lit(1), pl.col("min_clinicians") - pl.col("outside"))
    rows = rows.with_columns(low.alias("low"), pl.when(few).then(0).otherwise("most").alias("most"))
    rows = rows.rename({"min_clinicians": "fewest"})
    columns = ("pool_id", "date", "clinic_id", "fewest", "outside", "low", "most")
    return rows.select(columns).sort("pool_id", "date", "clinic_id")


def _struck(scenario: Scenario) -> pl.DataFrame:
    """Return the posts with a lost stretch of a pool, by pool, clinic and date."""
    touched = scenario.lost.drop_nulls("pool_id").select("session_id", "pool_id").unique()
    sessions = _dated(scenario).join(touched, on="session_id")
    return _posts(sessions, ["pool_id", *_SITE]).rename({"count": "most"})


def _at_work(scenario: Scenario) -> pl.DataFrame:
    """Return the posts with sessions in person of which nothing is lost, by clinic and date."""
    whole = _dated(scenario).join(scenario.lost, on="session_id", how="anti")
    return _posts(whole.filter(pl.col("mode") == "in_person"), _SITE).rename({"count": "outside"})


def _dated(scenario: Scenario) -> pl.DataFrame:
    return scenario.network.sessions.with_columns(pl.col("start").dt.date().alias("date"))


def _posts(sessions: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Return ``count``: clinicians, each once, and of pooled teams the largest session of each unit."""
    alone = sessions.filter(pl.col("clinician_id").is_not_null()).group_by(by)
    teams = sessions.filter(pl.col("clinician_id").is_null()).group_by(*by, "unit").agg(pl.col("posts").max())
    counted = [
        alone.agg(pl.col("clinician_id").n_unique().cast(pl.Int64).alias("count")),
        teams.select(*by, pl.col("posts").alias("count")),
    ]
    return pl.concat(counted).group_by(by).agg(pl.col("count").sum())


def _pinned(book: Book) -> pl.DataFrame:
    """Return the units of visits pinned to stand, by pool_id, date, clinic_id, hour."""
    pinned = book.pinned.filter(pl.col("pin_option") == "stand")
    hour = pl.col("start").dt.hour().cast(pl.Int64).alias("hour")
    units = (pl.col("minutes") // book.unit).sum().alias("units")
    return pinned.group_by("pool_id", "date", "clinic_id", hour).agg(units)


def _taken(pinned: pl.DataFrame | None, sites: pl.DataFrame, hours: Ints) -> Ints:
    """Return what visits pinned to stand take, (s, h)."""
    taken = np.zeros((sites.height, hours.size), np.int64)
    if pinned is not None:
        site = {clinic: at for at, clinic in enumerate(sites["clinic_id"])}
        place = {hour: at for at, hour in enumerate(hours.tolist())}
        for clinic, hour, units in pinned.select("clinic_id", "hour", "units").iter_rows():
            if hour in place:
                taken[site[clinic], place[hour]] = units
    return taken
