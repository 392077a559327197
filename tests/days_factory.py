"""Days under chance of one small pool, made by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from tideover.visits.days import CLASSES, StrikeDays

DAY = date(2025, 11, 5)
#: A visit: turn (0 to 11), hour, minutes.
Visit = tuple[int, int, int]


def days_of(visits: list[Visit], minutes: list[int], posts: int = 10, **more: Any) -> StrikeDays:
    """Return the days of one pool of ``posts`` that were to hold ``minutes`` in each hour."""
    turn, hour, length = (np.array(column, np.int64) for column in zip(*sorted(visits), strict=True))
    stated = {
        "pools": pl.DataFrame(
            {"pool_id": ["P"], "date": [DAY], "posts": [posts], "working": [more.pop("working", "0.25")]}
        ),
        "posts": np.array([posts]),
        "reach": np.cumsum([minutes], axis=1),
        "pool": np.zeros(turn.size, np.int64),
        "turn": turn,
        "hour": hour,
        "minutes": length,
        "last": np.zeros(turn.size, np.bool_),
        "late": np.zeros((1, len(minutes), CLASSES)),
        "booked": np.bincount(hour, minlength=len(minutes))[None],
        "length": np.full(CLASSES, 15),
        "same_day": np.array([True, False, False, False, False, False]),
    }
    return StrikeDays(**(stated | more))


def nobody(days: StrikeDays) -> np.ndarray:
    """Return that nobody comes beside the plan, (1, 1, H, 6)."""
    return np.zeros((1, *days.reach.shape, CLASSES), np.int64)


def everybody(days: StrikeDays) -> np.ndarray:
    """Return that every visit of the plan comes, (1, V)."""
    return np.ones((1, days.turn.size), np.bool_)
