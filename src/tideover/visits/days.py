"""The day of the strike under chance: what may come, and who is then seen (formulation D1 to D6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from tideover.nouns import Policy, Scenario
from tideover.visits.book import Book
from tideover.visits.forecast import forecast

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CLASSES = 6
#: Classes of urgency first, then those of visits on standby: who is seen first.
TURNS = 2 * CLASSES
URGENT_TO = 2
#: The class that a patient who walks in is counted in: to be seen on the day.
WALK_IN_CLASS = 2
_POOL = ["pool_id", "date"]


@dataclass(frozen=True)
class StrikeDays:
    """What the pools of a strike hold on its dates, and what may come beside the book.

    ``pools`` has P rows (pool_id, date, posts, working), by date and pool, ``posts`` (P,) its posts,
    ``reach`` (P, H) the minutes that all of them were to hold up to the end of each of the H hours of the
    strike. Of each of V visits that stand or wait: ``pool`` its row, ``turn`` (0 to 11), ``hour`` (0 to
    H - 1), ``minutes``, and whether it is safe on no later day (``last``); sorted by pool, turn, hour, start
    and visit_id. ``late`` (P, H, 6) and ``booked`` (P, H) are the visits expected to be booked yet, by class,
    and those of the book; ``length`` (6,) the minutes of a visit of each class, ``same_day`` (6,) whether one
    of the class is safe on no later day.
    """

    pools: pl.DataFrame
    posts: Ints
    reach: Ints
    pool: Ints
    turn: Ints
    hour: Ints
    minutes: Ints
    last: Bools
    late: Floats
    booked: Ints
    length: Ints
    same_day: Bools


def strike_days(scenario: Scenario, policy: Policy, book: Book, decisions: pl.DataFrame) -> StrikeDays:
    """Return the days of the strike that the plan ``decisions`` leaves to chance."""
    hours = scenario.cover["hour"].unique().sort().to_list()
    pools = scenario.pools.sort("date", "pool_id").select(*_POOL, "posts", "working").with_row_index("pool")
    place = pl.col("hour").cast(pl.Int64).replace_strict(hours, range(len(hours)), return_dtype=pl.Int64)
    stays = decisions.with_columns(
        pl.col("start").dt.date().alias("date"), pl.col("start").dt.hour().alias("hour")
    )
    stays = stays.join(pools, on=_POOL).with_columns(place)
    due = stays.filter(pl.col("option").is_in(["stand", "another_site", "standby"])).with_columns(
        (pl.col("urgency") - 1 + CLASSES * (pl.col("option") == "standby")).alias("turn")
    )
    due = due.sort("pool", "turn", "hour", "start", "visit_id")
    cover = scenario.cover.join(pools, on=_POOL).with_columns(place)
    scheduled = _table(cover, (pools.height, len(hours)), "scheduled_minutes")
    length = _lengths(book)
    return StrikeDays(
        pools=pools.drop("pool"),
        posts=pools["posts"].to_numpy().astype(np.int64),
        reach=scheduled.cumsum(axis=1),
        pool=due["pool"].to_numpy().astype(np.int64),
        turn=due["turn"].to_numpy().astype(np.int64),
        hour=due["hour"].to_numpy().astype(np.int64),
        minutes=due["minutes"].to_numpy().astype(np.int64),
        last=(due["safe_by"] <= due["date"]).to_numpy(),
        late=_late(scenario, policy, book, pools, scheduled, length),
        booked=_table(stays.with_columns(one=pl.lit(1, pl.Int64)), scheduled.shape, "one"),
        length=length,
        same_day=np.array(policy.safe_days) == 0,
    )


def _table(rows: pl.DataFrame, shape: tuple[int, ...], column: str) -> Ints:
    """Return the sums of ``column`` by pool and hour, (P, H)."""
    found = np.zeros(shape, np.int64)
    np.add.at(found, (rows["pool"].to_numpy(), rows["hour"].to_numpy()), rows[column].to_numpy())
    return found


def _lengths(book: Book) -> Ints:
    """Return the mean minutes of a seen visit of each class; of any class, where it has none."""
    means = dict(book.seen.group_by("urgency").agg(pl.col("minutes").mean()).iter_rows())
    every = book.seen["minutes"].mean()
    return np.array([max(1, round(means.get(u, every or 15))) for u in range(1, CLASSES + 1)])


def _late(
    scenario: Scenario, policy: Policy, book: Book, pools: pl.DataFrame, scheduled: Ints, length: Ints
) -> Floats:
    """Return the visits still to be booked by pool, hour and class; spread like the scheduled minutes."""
    days: list[date] = scenario.strike_dates
    total = np.maximum(scheduled.sum(axis=1, keepdims=True), 1)
    late = np.zeros((*scheduled.shape, CLASSES))
    before = np.zeros(pools.height)
    for urgency in range(1, policy.reserve_to_urgency + 1):
        minutes = np.zeros(pools.height)
        wanted = forecast(book, days, policy.history_days, urgency)
        joined = scenario.members.join(wanted, on=["clinic_id", "date"]).join(pools, on=_POOL)
        joined = joined.sort("pool", "clinic_id")
        np.add.at(minutes, joined["pool"].to_numpy(), joined["minutes"].to_numpy())
        number = np.maximum(minutes - before, 0) / length[urgency - 1]
        late[:, :, urgency - 1] = number[:, None] * scheduled / total
        before = minutes
    return late


def minutes_worked(days: StrikeDays, posts: Ints) -> Ints:
    """Return the minutes worked up to the end of each hour by so many posts of each pool, (R, P, H)."""
    worked: Ints = days.reach * posts[:, :, None] // np.maximum(days.posts, 1)[:, None]
    return worked


def seen(days: StrikeDays, worked: Ints, present: Bools, extra: Ints) -> Mapping[str, Ints]:
    """Return what becomes of R days, by pool: each value is (R, P).

    ``worked`` (R, P, H) are minutes up to the end of each hour, ``present`` (R, V) says which visits of the
    plan come, ``extra`` (R, P, H, 6) counts the visits booked later and the patients who walk in. Laws: more
    minutes never leave more urgent visits unseen, more visits never fewer.
    """
    work = _work(days, present, extra)
    served = _served(worked, work)
    held = _held(days, present, extra, served)
    more = _extra_held(days, present, extra, served)
    standby, urgent = days.turn >= CLASSES, days.turn % CLASSES < URGENT_TO
    lost = present & ~held
    turned_away = extra.sum(axis=2) - more
    return {
        "stand_due": _by_pool(days, present & ~standby),
        "stand_lost": _by_pool(days, lost & ~standby),
        "standby_held": _by_pool(days, held & standby),
        "standby_lost": _by_pool(days, lost & standby),
        "absent": _by_pool(days, ~present),
        "extra": extra.sum(axis=(2, 3)),
        "extra_lost": turned_away.sum(axis=2),
        "urgent_due": _by_pool(days, present & urgent) + extra[:, :, :, :URGENT_TO].sum(axis=(2, 3)),
        "urgent_lost": _by_pool(days, lost & urgent) + turned_away[:, :, :URGENT_TO].sum(axis=2),
        "urgent_last_day": _by_pool(days, lost & urgent & days.last)
        + turned_away[:, :, :URGENT_TO][:, :, days.same_day[:URGENT_TO]].sum(axis=2),
        "idle_minutes": worked[:, :, -1] - served.sum(axis=2),
    }


def _work(days: StrikeDays, present: Bools, extra: Ints) -> Ints:
    """Return the minutes asked for by pool, turn and hour, (R, P, 12, H)."""
    pools, hours = days.reach.shape
    work = np.zeros((present.shape[0], pools * TURNS * hours), np.int64)
    cell = (days.pool * TURNS + days.turn) * hours + days.hour
    if cell.size:
        first = np.flatnonzero(np.diff(cell, prepend=-1))
        work[:, cell[first]] = np.add.reduceat(present * days.minutes, first, axis=1)
    work = work.reshape(-1, pools, TURNS, hours)
    work[:, :, :CLASSES] += np.swapaxes(extra * days.length, 2, 3)
    return work


def _served(worked: Ints, work: Ints) -> Ints:
    """Return the minutes that each turn has got when the day ends, (R, P, 12).

    Up to a turn all get the least, over the hours s, of what is asked for before s and worked from s on.
    """
    asked = np.cumsum(np.cumsum(work, axis=2), axis=3)
    asked = np.concatenate([np.zeros_like(asked[..., :1]), asked], axis=3)
    done = np.concatenate([np.zeros_like(worked[..., :1]), worked], axis=2)
    left = (done[..., -1:] - done)[:, :, None, :]
    upto = (asked + left).min(axis=3)
    served: Ints = np.diff(upto, axis=2, prepend=0)
    return served


def _queue(days: StrikeDays, present: Bools) -> Ints:
    """Return the minutes of each visit and those before it of its pool and turn, (R, V)."""
    reached = np.cumsum(present * days.minutes, axis=1)
    group = days.pool * TURNS + days.turn
    head = np.maximum.accumulate(np.where(np.diff(group, prepend=-1) != 0, np.arange(group.size), 0))
    before = np.concatenate([np.zeros_like(reached[:, :1]), reached], axis=1)
    own: Ints = reached - before[:, head]
    return own


def _held(days: StrikeDays, present: Bools, extra: Ints, served: Ints) -> Bools:
    """Return which visits of the plan are seen, (R, V): those that their turn's minutes reach."""
    if not days.pool.size:
        return present
    came = np.cumsum(extra * days.length, axis=2) - extra * days.length  # in the hours before
    ahead = np.zeros_like(present, np.int64)
    own = days.turn < CLASSES
    ahead[:, own] = came[:, days.pool[own], days.hour[own], days.turn[own]]
    held: Bools = present & (_queue(days, present) + ahead <= served[:, days.pool, days.turn])
    return held


def _extra_held(days: StrikeDays, present: Bools, extra: Ints, served: Ints) -> Ints:
    """Return how many of the visits that came beside the plan are seen, by pool and class, (R, P, 6).

    Within an hour and class they come after the visits of the plan.
    """
    planned = _work(days, present, np.zeros_like(extra))[:, :, :CLASSES]
    before = np.swapaxes(np.cumsum(planned, axis=3), 2, 3)
    asked = extra * days.length
    before = before + np.cumsum(asked, axis=2) - asked
    room = (served[:, :, None, :CLASSES] - before) // days.length
    found: Ints = np.clip(room, 0, extra).sum(axis=2)
    return found


def _by_pool(days: StrikeDays, which: Bools) -> Ints:
    """Return how many visits are ``which``, (R, P)."""
    found = np.zeros((which.shape[0], days.pools.height), np.int64)
    if days.pool.size:
        first = np.flatnonzero(np.diff(days.pool, prepend=-1))
        found[:, days.pool[first]] = np.add.reduceat(which.astype(np.int64), first, axis=1)
    return found
