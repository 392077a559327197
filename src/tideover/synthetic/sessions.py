"""Sessions: each post's weekly template, laid over the weeks of the book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from tideover.synthetic.draws import Bools, Draws, Ints
from tideover.synthetic.recipe import Recipe

SLOT = 20


@dataclass(frozen=True)
class Hours:
    """When a kind of site is open: the first ``days`` of each week, and the shifts in minutes of the day."""

    days: int
    shifts: tuple[tuple[int, int], ...]
    per_week: int

    @property
    def opens(self) -> int:
        """The minute of the day at which the first shift starts."""
        return self.shifts[0][0]

    @property
    def closes(self) -> int:
        """The minute of the day at which the last shift ends."""
        return self.shifts[-1][1]


#: Clinics are open 08:00 to 17:00 from Monday to Friday and closed for lunch; a full-time post holds eight
#: half days of visits a week. Urgent cares are open 09:00 to 21:00 every day; a full-time post works six
#: shifts of six hours.
HOURS = {
    "primary": Hours(5, ((8 * 60, 12 * 60), (13 * 60, 17 * 60)), 8),
    "urgent_care": Hours(7, ((9 * 60, 15 * 60), (15 * 60, 21 * 60)), 6),
}
#: Share of clinicians of clinics who hold one half day a week by video; share of weeks that a post is away.
BY_VIDEO, AWAY = 0.35, 0.06


def make_sessions(recipe: Recipe, posts: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Return the columns of ``sessions``, and ``post`` (row), ``slots`` and ``date``; by post and start."""
    post, weekday, shift, video = _template(posts, draws)
    away = draws.uniform("sessions.away", posts.height, recipe.weeks) < AWAY
    at, week = np.nonzero(~away[post])
    day = week * 7 + (weekday[at] - recipe.start.weekday()) % 7
    order = np.lexsort((shift[at], day, post[at]))
    at = at[order]
    return _table(recipe.start, posts, post[at], day[order], shift[at], video[at])


def _template(posts: pl.DataFrame, draws: Draws) -> tuple[Ints, Ints, Ints, Bools]:
    """Return post, weekday, shift and by-video of each session of a week.

    A post of a clinic has half days by lot. A post of an urgent care works on days by lot, never twice on a
    day, now early and now late; posts of a site begin in turns, so that both shifts are held.
    """
    lots = draws.uniform("sessions.template", posts.height, 14)
    turn = draws.uniform("sessions.video", posts.height, 2)
    found = []
    for row, (kind, fte, number) in enumerate(
        zip(posts["at"], posts["fte"], posts["clinician_id"], strict=True)
    ):
        hours = HOURS[kind]
        count = max(1, round(fte * hours.per_week))
        if kind == "primary":
            cells = sorted(np.argsort(lots[row, :10], kind="stable")[:count].tolist())
            chosen = [(cell // 2, cell % 2) for cell in cells]
        else:
            days = sorted(np.argsort(lots[row, :7], kind="stable")[:count].tolist())
            chosen = [(day, (int(number[-2:]) + day) % 2) for day in days]
        by_video = int(turn[row, 1] * count) if kind == "primary" and turn[row, 0] < BY_VIDEO else -1
        found += [(row, day, shift, at == by_video) for at, (day, shift) in enumerate(chosen)]
    parts = np.array(found, np.int64).reshape(-1, 4).T
    return parts[0], parts[1], parts[2], parts[3].astype(np.bool_)


def _table(
    start: date, posts: pl.DataFrame, post: Ints, day: Ints, shift: Ints, video: Bools
) -> pl.DataFrame:
    kinds = posts["at"].gather(post)
    begin, end = np.zeros_like(post), np.zeros_like(post)
    for kind, hours in HOURS.items():
        mine = (kinds == kind).to_numpy()
        begin[mine], end[mine] = np.array(hours.shifts).T[:, shift[mine]]
    days = pl.Series("date", [start + timedelta(days=n) for n in range(int(day.max(initial=0)) + 1)]).gather(
        day
    )
    clinician = posts["clinician_id"].gather(post)
    return pl.DataFrame(
        {
            "session_id": clinician + "-" + days.dt.strftime("%m%d") + pl.Series(["a", "b"]).gather(shift),
            "clinic_id": posts["clinic_id"].gather(post),
            "clinician_id": clinician,
            "start": clock(days, begin),
            "end": clock(days, end),
            "mode": pl.Series(["in_person", "video"]).gather(video.astype(np.int64)),
            "slot_minutes": np.full(post.size, SLOT),
            "post": post,
            "slots": (end - begin) // SLOT,
            "date": days,
        }
    )


def clock(days: pl.Series, minutes: np.ndarray[Any, np.dtype[np.int64]]) -> pl.Series:
    """Return the local time at which it is ``minutes`` past midnight on each of ``days``."""
    midnight = days.cast(pl.Datetime("us")).to_physical().to_numpy()
    return pl.Series(midnight + minutes * 60_000_000).cast(pl.Datetime("us"))
