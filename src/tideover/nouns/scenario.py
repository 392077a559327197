"""A network under changes: which sessions are lost, and how much of a strike day is covered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, Protocol

import polars as pl

from tideover.nouns.network import Network, Note

#: A stretch of a session in which nobody can be counted on. ``pool_id`` is empty where there is no cover.
LOST = {
    "session_id": pl.String(),
    "from": pl.Datetime("us"),
    "until": pl.Datetime("us"),
    "cause": pl.String(),
    "pool_id": pl.String(),
}
#: A pool of struck posts on one date, the share of them that is expected to be worked, and how it was stated.
POOLS = {
    "pool_id": pl.String(),
    "date": pl.Date(),
    "posts": pl.Int64(),
    "working_share": pl.Float64(),
    "working": pl.String(),
}
#: The clinics whose struck posts form a pool.
MEMBERS = {"pool_id": pl.String(), "date": pl.Date(), "clinic_id": pl.String()}
#: Minutes that the posts of a pool were to hold in each hour of the strike, before anybody stays away.
COVER = {"pool_id": pl.String(), "date": pl.Date(), "hour": pl.Int64(), "scheduled_minutes": pl.Int64()}

#: Minutes of ``COVER`` that will be held, where that is known: of pools, never of a session.
KNOWN = {"pool_id": pl.String(), "date": pl.Date(), "hour": pl.Int64(), "held_minutes": pl.Int64()}

#: Sessions that may take visits of another employer's patients, and the most of their open room that may.
LENT = {"session_id": pl.String(), "employer": pl.String(), "share": pl.Float64()}


class Change(Protocol):
    """A disruption (it takes capacity away) or a response (it gives some).

    ``rank`` orders the changes of a scenario, so that their order in a file does not matter.
    Laws: a disruption never adds capacity over the whole network, a response never removes any; applying
    keeps every visit of the book.
    """

    kind: ClassVar[str]
    rank: ClassVar[int]

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with this change; the given one stays as it is."""
        ...

    def facts(self) -> dict[str, Any]:
        """Return the change as plain JSON values; ``kind`` is among them, and the reader makes it again."""
        ...


def _frame(columns: Mapping[str, pl.DataType]) -> Any:
    return field(default_factory=lambda: pl.DataFrame(schema=dict(columns)))


@dataclass(frozen=True)
class Scenario:
    """A network with the changes that were applied to it; tables that no change touches are shared.

    ``before`` is the network as it was without any change (``None``: it is ``network``). ``known`` is, for a
    date on which it is known, how much of ``cover`` will be held, by pool and hour. ``lent`` names the
    sessions in which visits of other employers' patients may be held, a row for each of these employers.
    """

    network: Network
    lost: pl.DataFrame = _frame(LOST)
    pools: pl.DataFrame = _frame(POOLS)
    members: pl.DataFrame = _frame(MEMBERS)
    cover: pl.DataFrame = _frame(COVER)
    known: pl.DataFrame = _frame(KNOWN)
    lent: pl.DataFrame = _frame(LENT)
    changes: tuple[Change, ...] = ()
    notes: tuple[Note, ...] = ()
    before: Network | None = None

    @classmethod
    def of(cls, network: Network, changes: Iterable[Change] = ()) -> Scenario:
        """Return ``network`` under ``changes``, applied by rank and then by their facts: order-free."""
        scenario = cls(network, before=network)
        for change in sorted(changes, key=_rank_and_facts):
            applied = change.apply(scenario)
            scenario = replace(applied, changes=(*scenario.changes, change))
        return scenario

    def replace(self, **changes: Any) -> Scenario:
        """Return a scenario with some parts exchanged; all others are shared, not copied."""
        return replace(self, **changes)

    def after(self, day: date) -> Scenario:
        """Return the scenario without the pools, members and cover of dates up to ``day``: they are over."""
        parts = {"pools": self.pools, "members": self.members, "cover": self.cover}
        return self.replace(**{name: part.filter(pl.col("date") > day) for name, part in parts.items()})

    @property
    def strike_dates(self) -> list[Any]:
        """The dates on which posts are struck, sorted."""
        return sorted(self.pools["date"].unique().to_list())

    def struck_days(self) -> pl.DataFrame:
        """Return clinic_id, date of every clinic on each date on which posts of its employer are struck."""
        sites = self.network.clinics.select("clinic_id", "employer")
        days = self.members.join(sites, on="clinic_id").select("employer", "date").unique()
        return sites.join(days, on="employer", nulls_equal=True).select("clinic_id", "date")

    def capacity_minutes(self) -> float:
        """Return the bookable minutes of all sessions, less what is lost, plus the expected cover.

        A session's bookable minutes are lost in proportion to the length of the stretch; stretches of one
        session that overlap count once. This is the capacity that the laws of changes speak of.
        """
        return _open_minutes(self.network.sessions, self.lost) + _expected_cover(self.pools, self.cover)


def _rank_and_facts(change: Change) -> tuple[int, str]:
    # as JSON, dates sort by the calendar; a change read from a plan sorts like the one it was written from
    return change.rank, json.dumps(change.facts(), sort_keys=True)


def _open_minutes(sessions: pl.DataFrame, lost: pl.DataFrame) -> float:
    length = (pl.col("end") - pl.col("start")).dt.total_minutes()
    whole = sessions.select(
        "session_id",
        length.alias("length"),
        pl.coalesce("open_minutes", length * pl.col("posts")).cast(pl.Float64).alias("open"),
    )
    gone = (
        merged(lost)
        .group_by("session_id")
        .agg((pl.col("until") - pl.col("from")).dt.total_minutes().sum().alias("gone"))
    )
    left = whole.join(gone, on="session_id", how="left").with_columns(pl.col("gone").fill_null(0))
    return float(left.select((pl.col("open") * (1 - pl.col("gone") / pl.col("length"))).sum()).item() or 0.0)


def _expected_cover(pools: pl.DataFrame, cover: pl.DataFrame) -> float:
    joined = cover.join(pools, on=["pool_id", "date"], how="left")
    return float(joined.select((pl.col("scheduled_minutes") * pl.col("working_share")).sum()).item() or 0.0)


def merged(lost: pl.DataFrame) -> pl.DataFrame:
    """Return the stretches of ``lost`` (session_id, from, until) with overlaps of one session joined."""
    if lost.is_empty():
        return lost.select("session_id", "from", "until")
    ordered = lost.sort("session_id", "from", "until")
    reach = pl.col("until").cum_max().shift(1).over("session_id")
    starts = (pl.col("from") > reach).fill_null(value=True)
    return (
        ordered.with_columns(starts.cast(pl.Int64).cum_sum().over("session_id").alias("stretch"))
        .group_by("session_id", "stretch", maintain_order=True)
        .agg(pl.col("from").min(), pl.col("until").max())
        .select("session_id", "from", "until")
    )
