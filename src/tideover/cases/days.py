"""Many days of a strike: what chance does to a finished plan (formulation D7 to D9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
import polars as pl

from tideover.chance import stream
from tideover.errors import Fault, InputError
from tideover.nouns.share import WorkingShare
from tideover.visits.cover import beta_shapes
from tideover.visits.days import WALK_IN_CLASS, Bools, Floats, Ints, StrikeDays, minutes_worked, seen

#: Days that are handled at once: enough to be quick, few enough to need little memory.
_BATCH = 20
#: What is counted of each day, beside its number, date and working share.
COUNTS = (
    "posts",
    "stand_due",
    "stand_lost",
    "standby_held",
    "standby_lost",
    "absent",
    "extra",
    "extra_lost",
    "urgent_due",
    "urgent_lost",
    "urgent_last_day",
    "idle_minutes",
)


#: Least and most of each figure that is assumed.
BOUNDS = {"days": (1, 100_000), "seed": (0, 2**63 - 1), "no_shows": (0, 1), "walk_ins": (0, 1000)}


@dataclass(frozen=True)
class Chances:
    """What is assumed of the days: how many are tried, from which seed, and what the book does not say.

    ``no_shows`` is the share of the plan's visits whose patient does not come; ``walk_ins`` the patients who
    walk in for each 100 visits that were booked.
    """

    days: int = 1000
    seed: int = 1
    no_shows: float = 0.0
    walk_ins: float = 0.0

    def faults(self) -> list[Fault]:
        """Return a fault for every figure out of its ``BOUNDS``, under the name of its option."""
        stated = asdict(self)
        return [
            Fault(_option(name), None, None, str(stated[name]), f"{low:,} to {high:,}", "Correct the figure.")
            for name, (low, high) in BOUNDS.items()
            if not low <= stated[name] <= high
        ]


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


@dataclass(frozen=True)
class DaysResult:
    """The days that were tried, one row for each day and date of the strike, and what follows from them.

    ``rows`` has day, date, working_share and ``COUNTS``; ``pools`` the sums of ``COUNTS`` for each pool over
    all days, and ``urgent_days``, on how many of them an urgent visit of the pool was not seen.
    """

    rows: pl.DataFrame
    pools: pl.DataFrame
    chances: Chances


def try_days(days: StrikeDays, chances: Chances, workers: int = 1) -> DaysResult:
    """Return ``chances.days`` days of the strike; the same whatever the number of ``workers``.

    Every day draws from streams of its own (``chance.stream``), so that no order matters. ``InputError`` for
    figures out of their bounds.
    """
    if chances.faults():
        raise InputError(chances.faults())
    last = chances.days + 1
    batches = [range(first, min(first + _BATCH, last)) for first in range(1, last, _BATCH)]
    stated = days.pools["working"].to_numpy()
    shares = [(name, stated == name) for name in sorted(set(stated.tolist()))]
    work = partial(_batch, days, chances, shares)
    if workers > 1:
        # a process that is begun anew: a copy of one with threads can wait for ever
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as crew:
            parts = list(crew.map(work, batches, chunksize=-(-len(batches) // workers)))
    else:
        parts = [work(batch) for batch in batches]
    sums = {name: np.sum([part[1][name] for part in parts], axis=0) for name in parts[0][1]}
    pools = days.pools.with_columns(pl.Series(name, values) for name, values in sums.items())
    return DaysResult(pl.concat([part[0] for part in parts]), pools, chances)


def _batch(
    days: StrikeDays, chances: Chances, shares: Sequence[tuple[str, Bools]], numbers: range
) -> tuple[pl.DataFrame, Mapping[str, Ints]]:
    """Return the rows of the days with these numbers, and the sums of each pool over them.

    ``shares`` lists each working share as it was stated, and the pools for which it was.
    """
    drawn = [_drawn(days, chances, shares, number) for number in numbers]
    share, posts, present, extra = (np.stack(parts) for parts in zip(*drawn, strict=True))
    found = {"posts": posts, **seen(days, minutes_worked(days, posts), present, extra)}
    sums: dict[str, Ints] = {name: values.sum(axis=0) for name, values in found.items() if name != "posts"}
    sums["urgent_days"] = (found["urgent_lost"] > 0).sum(axis=0)
    return _rows(days, numbers, share, found), sums


def _drawn(
    days: StrikeDays, chances: Chances, shares: Sequence[tuple[str, Bools]], number: int
) -> tuple[Floats, Ints, Bools, Ints]:
    """Return the working share and the posts of each pool, which visits come, and who else does."""
    share = np.zeros(days.posts.size)
    for stated, pools in shares:
        share[pools] = _share(stated, chances.seed, number)
    posts = stream(chances.seed, "posts", number).binomial(days.posts, share)
    come = np.ones(days.pool.size, np.bool_)
    if chances.no_shows:
        come = stream(chances.seed, "no-shows", number).random(days.pool.size) >= chances.no_shows
    extra = stream(chances.seed, "late bookings", number).poisson(days.late)
    if chances.walk_ins:
        walk_ins = days.booked * (chances.walk_ins / 100)
        extra[:, :, WALK_IN_CLASS - 1] += stream(chances.seed, "walk-ins", number).poisson(walk_ins)
    return share, posts, come, extra


def _share(stated: str, seed: int, number: int) -> float:
    share = WorkingShare.of(stated)
    if share.certain:
        return float(share.mean)
    alpha, beta = (float(shape) for shape in beta_shapes(share))
    return float(stream(seed, f"working share {stated}", number).beta(alpha, beta))


def _rows(days: StrikeDays, numbers: range, share: Floats, found: Mapping[str, Ints]) -> pl.DataFrame:
    """Return one row for each day and date, the pools of a date together."""
    dates = days.pools["date"].to_numpy()
    first = np.flatnonzero(np.concatenate([[True], dates[1:] != dates[:-1]]))
    posts = np.add.reduceat(days.posts, first)
    head = {
        "day": np.repeat(np.array(numbers), first.size),
        "date": np.tile(dates[first], len(numbers)),
        "working_share": (np.add.reduceat(share * days.posts, first, axis=1) / posts).ravel(),
    }
    return pl.DataFrame(head | {name: np.add.reduceat(found[name], first, axis=1).ravel() for name in COUNTS})
