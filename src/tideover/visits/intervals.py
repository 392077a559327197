"""Open intervals: the gaps in sessions that a visit may be moved into (formulation 7 to 13)."""

from __future__ import annotations

from datetime import date

import numba as nb
import numpy as np
import polars as pl

from tideover.nouns import Policy, Scenario
from tideover.nouns.scenario import merged
from tideover.visits.book import Book
from tideover.visits.forecast import forecast

_MINUTE = 60_000_000  # microseconds

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]


def open_intervals(scenario: Scenario, policy: Policy, book: Book, *, reserve: bool = True) -> pl.DataFrame:
    """Return the open intervals: session_id, lane, clinic_id, clinician_id, date, start, units, lent.

    ``lent`` are those that visits of other employers' patients may take. Sorted by clinic, date, start,
    session and lane. ``units`` is what the interval holds in units of ``book.unit`` after the limits of
    session and clinician; with ``reserve``, also less what is kept for visits still to come.
    """
    sessions = _in_window(scenario, book)
    occupying = book.occupying.join(sessions.select("session_id"), on="session_id", how="semi")
    stretches = free_stretches(scenario, sessions)
    rested = _rested(stretches, sessions, scenario, policy, book)
    gaps = _gaps(sessions, rested, occupying, book.unit)
    sessions = sessions.join(bookable_minutes(sessions, stretches), on="session_id")
    found = gaps.join(sessions.drop("start", "end"), on="session_id", how="left", maintain_order="left")
    found = _cut_sessions(found, occupying, book.unit)
    found = _cut_days(found, scenario, book)
    found = found.sort("clinic_id", "date", "start", "session_id", "lane")
    if reserve:
        found = _keep_reserve(found, scenario, policy, book)
    found = found.select("session_id", "lane", "clinic_id", "clinician_id", "date", "start", "units")
    return with_lent(found, scenario)


def with_lent(intervals: pl.DataFrame, scenario: Scenario) -> pl.DataFrame:
    """Return ``intervals`` with ``lent``: whole ones, up to the share of a site's room on a date (31).

    In the order of the rows, of those with the same share: an interval is lent if all that is lent is then
    no more than the share of what was gone through.
    """
    shares = scenario.lent.select("session_id", "share").unique()
    found = intervals.join(shares, on="session_id", how="left", maintain_order="left")
    lent = np.zeros(found.height, np.bool_)
    reached: dict[tuple[str, date, float], tuple[int, int]] = {}
    rows = (
        found.with_row_index("row").drop_nulls("share").select("row", "clinic_id", "date", "share", "units")
    )
    for row, clinic, day, share, units in rows.iter_rows():
        whole, given = reached.get((clinic, day, share), (0, 0))
        whole += units
        lent[row] = given + units <= int(np.floor(round(share * whole, 6)))
        reached[clinic, day, share] = whole, given + units * int(lent[row])
    return intervals.with_columns(pl.Series("lent", lent))


def keep(capacities: Ints, give_up: int, quantum: int) -> Ints:
    """Return what each interval keeps when together they give up ``give_up`` units, spread over them evenly.

    An interval keeps all of its capacity where what may be kept so far allows it, else a multiple of
    ``quantum`` (formulation 13).
    """
    total = int(capacities.sum())
    left = max(0, total - give_up)
    kept = np.zeros_like(capacities)
    so_far = 0
    reached = 0
    for at, capacity in enumerate(capacities.tolist()):
        reached += capacity
        allowed = reached * left // total - so_far if total else 0
        kept[at] = capacity if allowed >= capacity else allowed // quantum * quantum
        so_far += int(kept[at])
    return kept


def _in_window(scenario: Scenario, book: Book) -> pl.DataFrame:
    """Return the sessions on dates of the window at clinics open on that date, with their date."""
    clinics = scenario.network.clinics.select("clinic_id", "opens_on", "closes_on")
    day = pl.col("date")
    return (
        scenario.network.sessions.with_columns(pl.col("start").dt.date().alias("date"))
        .join(clinics, on="clinic_id", how="left")
        .filter(
            day.is_between(book.first, book.last),
            in_service(day),
        )
        .select("session_id", "clinic_id", "clinician_id", "date", "start", "end", "posts", "open_minutes")
        .sort("session_id")
    )


def in_service(day: pl.Expr) -> pl.Expr:
    """Return whether a clinic (columns opens_on, closes_on) is open on ``day``."""
    opened = pl.col("opens_on").is_null() | (pl.col("opens_on") <= day)
    return opened & (pl.col("closes_on").is_null() | (day < pl.col("closes_on")))


def free_stretches(scenario: Scenario, sessions: pl.DataFrame) -> pl.DataFrame:
    """Return session_id, from, until of the stretches of each session in which it is held, sorted."""
    lost = merged(scenario.lost).join(sessions.select("session_id", "start", "end"), on="session_id")
    lost = lost.sort("session_id", "from")
    before = lost.select(
        "session_id",
        pl.coalesce(pl.col("until").shift(1).over("session_id"), "start").alias("from"),
        pl.col("from").alias("until"),
    )
    last = lost.group_by("session_id").agg(pl.col("until").max().alias("from"), pl.col("end").first())
    after = last.rename({"end": "until"})
    whole = sessions.join(lost, on="session_id", how="anti")
    whole = whole.select("session_id", pl.col("start").alias("from"), pl.col("end").alias("until"))
    found = pl.concat([whole, before, after]).filter(pl.col("from") < pl.col("until"))
    return found.sort("session_id", "from")


def _rested(
    stretches: pl.DataFrame, sessions: pl.DataFrame, scenario: Scenario, policy: Policy, book: Book
) -> pl.DataFrame:
    """Return ``stretches`` cut to the hours in which a further visit leaves the clinician her rest (R15)."""
    if not policy.rest_hours:
        return stretches
    rest, by = pl.duration(hours=policy.rest_hours), ["clinician_id", "date"]
    own = scenario.network.sessions.filter(pl.col("clinician_id").is_not_null())
    own = own.select("session_id", "clinician_id", pl.col("start").dt.date().alias("date"), begins="start")
    day = pl.duration(days=1)
    ended = (
        book.occupying.join(own, on="session_id")
        .group_by(by)
        .agg((pl.col("start") + pl.duration(minutes=pl.col("minutes"))).max().alias("ended"))
    )
    ended = ended.with_columns(pl.col("date") + day, rested_from=pl.col("ended") + rest)
    begun = own.group_by(by).agg(pl.col("begins").min())
    begun = begun.with_columns(pl.col("date") - day, rested_until=pl.col("begins") - rest)
    cut = (
        stretches.join(sessions.select("session_id", *by), on="session_id", how="left")
        .join(ended, on=by, how="left")
        .join(begun, on=by, how="left")
        .select(
            "session_id",
            pl.max_horizontal("from", "rested_from").alias("from"),
            pl.min_horizontal("until", "rested_until").alias("until"),
        )
    )
    return cut.filter(pl.col("from") < pl.col("until")).sort("session_id", "from")


def bookable_minutes(sessions: pl.DataFrame, stretches: pl.DataFrame) -> pl.DataFrame:
    """Return session_id, bookable: the minutes that may be booked in the free stretches (formulation 10)."""
    free = (pl.col("until") - pl.col("from")).dt.total_minutes().sum().alias("free")
    joined = sessions.join(stretches.group_by("session_id").agg(free), on="session_id", how="left")
    length = (pl.col("end") - pl.col("start")).dt.total_minutes()
    whole = pl.coalesce("open_minutes", length * pl.col("posts"))
    return joined.select("session_id", (whole * pl.col("free").fill_null(0) // length).alias("bookable"))


def _gaps(sessions: pl.DataFrame, stretches: pl.DataFrame, visits: pl.DataFrame, unit: int) -> pl.DataFrame:
    """Return session_id, lane, start, units of every gap of a unit or more, by (session, start, lane)."""
    ids = sessions["session_id"]
    visits = visits.sort("session_id", "start", "visit_id")
    starts = _epoch(visits["start"])
    session, lane, start, units = _gaps_kernel(
        sessions["posts"].to_numpy(),
        _edges(ids, stretches["session_id"]),
        _epoch(stretches["from"]),
        _epoch(stretches["until"]),
        _edges(ids, visits["session_id"]),
        starts,
        starts + visits["minutes"].to_numpy(),
        unit,
    )
    made = pl.DataFrame({"lane": lane, "start": (start * _MINUTE), "units": units}).with_columns(
        ids.gather(session).alias("session_id"), pl.col("start").cast(pl.Datetime("us"))
    )
    return made.sort("session_id", "start", "lane")


def _epoch(column: pl.Series) -> Ints:
    minutes: Ints = column.dt.timestamp("us").to_numpy() // _MINUTE
    return minutes


def _edges(ids: pl.Series, column: pl.Series) -> Ints:
    """Return where the rows of each of the sorted ``ids`` begin in the sorted ``column``, and the end."""
    counts = column.value_counts(name="rows")
    joined = ids.to_frame("id").join(
        counts, left_on="id", right_on=column.name, how="left", maintain_order="left"
    )
    rows = joined["rows"].fill_null(0).to_numpy().astype(np.int64)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(rows)])


@nb.njit(cache=True)
def _gaps_kernel(posts, first, begin, finish, first_visit, start, end, unit):  # type: ignore[no-untyped-def]
    total = 0
    for s in range(posts.size):
        total += posts[s] * (first[s + 1] - first[s]) + first_visit[s + 1] - first_visit[s]
    out = np.empty((4, total), np.int64)
    lane_of = np.empty(start.size, np.int64)
    n = 0
    for s in range(posts.size):
        ends = np.full(posts[s], np.int64(-(2**62)))
        for v in range(first_visit[s], first_visit[s + 1]):
            lane = -1
            for p in range(posts[s]):
                if ends[p] <= start[v]:
                    lane = p
                    break
            if lane < 0:
                lane = int(np.argmin(ends))
            lane_of[v] = lane
            ends[lane] = max(ends[lane], end[v])
        for p in range(posts[s]):
            for w in range(first[s], first[s + 1]):
                at = begin[w]
                for v in range(first_visit[s], first_visit[s + 1] + 1):
                    closing = v == first_visit[s + 1]
                    if not closing and lane_of[v] != p:
                        continue
                    until = finish[w] if closing else min(start[v], finish[w])
                    if until - at >= unit:
                        out[0, n] = s
                        out[1, n] = p
                        out[2, n] = at
                        out[3, n] = (until - at) // unit
                        n += 1
                    if not closing:
                        at = max(at, end[v])
    return out[0, :n], out[1, :n], out[2, :n], out[3, :n]


def _cut_sessions(gaps: pl.DataFrame, visits: pl.DataFrame, unit: int) -> pl.DataFrame:
    """Cut the intervals of each session to what may still be booked in it (formulation 10)."""
    occupied = visits.group_by("session_id").agg(pl.col("minutes").sum().alias("occupied"))
    gaps = gaps.join(occupied, on="session_id", how="left", maintain_order="left")
    left = pl.col("bookable") - pl.col("occupied").fill_null(0)
    return _cut(gaps.with_columns((left // unit).alias("limit")), ["session_id"])


def _cut_days(gaps: pl.DataFrame, scenario: Scenario, book: Book) -> pl.DataFrame:
    """Cut the intervals of each clinician on each date to her longest day (formulation 11)."""
    by = ["clinician_id", "date"]
    held = scenario.network.sessions.select(
        "session_id", "clinician_id", pl.col("start").dt.date().alias("date")
    )
    occupied = (
        book.occupying.join(held, on="session_id").group_by(by).agg(pl.col("minutes").sum().alias("occupied"))
    )
    longest = scenario.network.clinicians.select("clinician_id", "daily_minutes")
    posts = gaps.filter(pl.col("clinician_id").is_not_null()).drop("occupied", "limit")
    posts = posts.join(occupied, on=by, how="left").join(longest, on="clinician_id", how="left")
    limit = (pl.col("daily_minutes") - pl.col("occupied").fill_null(0)) // book.unit
    posts = _cut(posts.with_columns(limit.alias("limit")).sort("start", "session_id", "lane"), by)
    teams = gaps.filter(pl.col("clinician_id").is_null())
    return pl.concat([teams, posts.select(teams.columns)])


def _cut(gaps: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Keep, in the order of rows within ``by``, only the units up to the column ``limit`` (at least 0)."""
    before = pl.col("units").cum_sum().over(by) - pl.col("units")
    left = (pl.col("limit").clip(lower_bound=0) - before).clip(lower_bound=0)
    cut = gaps.with_columns(pl.min_horizontal("units", left).alias("units"))
    return cut.filter(pl.col("units") > 0)


def _keep_reserve(gaps: pl.DataFrame, scenario: Scenario, policy: Policy, book: Book) -> pl.DataFrame:
    """Keep room for visits still to come, by clinic and date (formulation 13)."""
    wanted = reserves(scenario, policy, book, gaps["date"].unique().to_list())
    pooled = scenario.members.select("clinic_id", "date")
    wanted = wanted.join(pooled, on=["clinic_id", "date"], how="anti")
    give_up = {(c, d): units_of(m, book.unit) for c, d, m in wanted.iter_rows()}
    quantum = largest(book)
    parts = []
    for (clinic, day), part in gaps.group_by("clinic_id", "date", maintain_order=True):
        units = give_up.get((clinic, day), 0)
        kept = keep(part["units"].to_numpy(), units, quantum)
        parts.append(part.with_columns(pl.Series("units", kept, dtype=pl.Int64)))
    return pl.concat(parts).filter(pl.col("units") > 0) if parts else gaps


def largest(book: Book) -> int:
    """Return the largest size of an affected visit, in units; 1 if none is affected."""
    return max(book.booked.filter("affected")["minutes"], default=book.unit) // book.unit


def units_of(minutes: float, unit: int) -> int:
    """Return minutes in whole units, rounded up, after a rounding to six decimals against grains."""
    return int(np.ceil(round(minutes / unit, 6)))


def reserves(scenario: Scenario, policy: Policy, book: Book, days: list[date]) -> pl.DataFrame:
    """Return the minutes to keep free by clinic and date; of employers struck, for urgent visits alone."""
    struck, by = scenario.struck_days(), ["clinic_id", "date"]
    usual = forecast(book, sorted(set(days)), policy.history_days)
    on_strike = sorted(set(days) & set(struck["date"]))
    urgent = forecast(book, on_strike, policy.history_days, policy.reserve_to_urgency)
    return pl.concat([usual.join(struck, on=by, how="anti"), urgent.join(struck, on=by, how="semi")])
