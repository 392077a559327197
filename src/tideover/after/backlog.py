"""The backlog of a strike and the soonest that it can shrink: a fluid queue for each clinic (README)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

#: What the backlog is made of: visits with a new date after the strike, visits without a date, and visits
#: that are not in the book because nobody could book them.
KINDS = ("rescheduled", "without_date", "never_booked")
DECAY = {"clinic_id": pl.String(), "date": pl.Date(), "least": pl.Float64(), "planned": pl.Float64()}
#: Less than this is nothing, in minutes: grains of adding up.
_GRAIN = 1e-6


def decay(
    waiting: pl.DataFrame, placed: pl.DataFrame, free: pl.DataFrame, last: date, dates: Sequence[date]
) -> pl.DataFrame:
    """Return the minutes of backlog of each clinic at the end of ``last`` and of each of ``dates``.

    ``waiting`` (clinic_id, kind, minutes) is the backlog at the end of the last strike date ``last``;
    ``placed`` (clinic_id, date, minutes) what the plan holds of it on each date; ``free`` (clinic_id, date,
    minutes) what each clinic can hold beyond what is booked and expected. ``dates`` follow ``last``.

    Columns clinic_id, date, least (A4), planned (A5), by clinic and date. Laws: neither is negative or
    grows; more free minutes never give more; scaling all minutes scales both.
    """
    opening = _by(waiting, "clinic_id")
    at_best, in_plan = _by(free, "clinic_id", "date"), _by(placed, "clinic_id", "date")
    rows = []
    for (clinic,), minutes in sorted(opening.items()):
        least = planned = minutes
        rows.append((clinic, last, least, planned))
        for day in dates:
            least = _left(least, at_best.get((clinic, day), 0.0))
            planned = _left(planned, in_plan.get((clinic, day), 0.0))
            rows.append((clinic, day, least, planned))
    return pl.DataFrame(rows, schema=DECAY, orient="row")


def _left(backlog: float, held: float) -> float:
    rest = backlog - max(0.0, held)
    return rest if rest > _GRAIN else 0.0


def _by(frame: pl.DataFrame, *keys: str) -> Mapping[tuple[object, ...], float]:
    found: dict[tuple[object, ...], float] = defaultdict(float)
    for *key, minutes in frame.select(*keys, "minutes").iter_rows():
        found[tuple(key)] += minutes
    return found


def cleared(decayed: pl.DataFrame) -> pl.DataFrame:
    """Return clinic_id, clears_on: the first date at whose end nothing is left at best, or null (A6)."""
    first = (
        decayed.filter(pl.col("least") == 0)
        .group_by("clinic_id")
        .agg(pl.col("date").min().alias("clears_on"))
    )
    clinics = decayed.select("clinic_id").unique()
    return clinics.join(first, on="clinic_id", how="left").sort("clinic_id")
