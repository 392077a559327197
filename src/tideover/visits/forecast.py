"""Visits still to come: the booking curve, by clinic and date (formulation 12)."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from tideover.visits.book import Book

FORECAST = {"clinic_id": pl.String(), "date": pl.Date(), "minutes": pl.Float64()}


def leads_to_come(as_of: date, days: list[date]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return for each of ``days`` how many leads (in weekdays) are still to be booked after ``as_of``."""
    ahead = np.array(days, "datetime64[D]")
    count = np.busday_count(np.datetime64(as_of) + 1, ahead) + 1
    return np.where(ahead > np.datetime64(as_of), count, 0)


def forecast(book: Book, days: list[date], history_days: int, to_urgency: int = 6) -> pl.DataFrame:
    """Return the minutes still to be booked by clinic and date (columns of ``FORECAST``), for ``days``.

    Additive pick-up: for each lead that is still to come, the mean minutes that history dates brought with
    that lead; history dates of the same weekday count if there are two or more. Only visits of an urgency up
    to ``to_urgency`` are counted. Dates without any history get nothing. Each employer's book is a history
    of its own.
    """
    seen = book.seen.filter(pl.col("date").is_between(book.as_of - timedelta(days=history_days), book.last))
    books = seen.partition_by("employer") if days else []
    return pl.concat(
        [pl.DataFrame(schema=FORECAST), *(_of_book(book, one, days, to_urgency) for one in books)]
    )


def _of_book(book: Book, seen: pl.DataFrame, days: list[date], to_urgency: int) -> pl.DataFrame:
    history = sorted(seen["date"].unique().to_list())
    counted = seen.filter(pl.col("booked_on").is_not_null() & (pl.col("urgency") <= to_urgency))
    if counted.is_empty():
        return pl.DataFrame(schema=FORECAST)
    clinics = counted["clinic_id"].unique().sort()
    come = leads_to_come(book.as_of, days)
    booked = _minutes_by_lead(counted, clinics, history, int(come.max(initial=0)))
    past = leads_to_come(book.as_of, history)
    same = np.array([[h.weekday() == d.weekday() for h in history] for d in days])
    rows = []
    for at, day in enumerate(days):
        total = np.zeros(len(clinics))
        for lead in range(int(come[at])):
            observed = past <= lead
            if (observed & same[at]).sum() >= 2:
                observed = observed & same[at]
            if observed.any():
                total += booked[:, observed, lead].sum(axis=1) / observed.sum()
        rows.append(pl.DataFrame({"clinic_id": clinics, "date": [day] * len(clinics), "minutes": total}))
    return pl.concat(rows)


def _minutes_by_lead(
    visits: pl.DataFrame, clinics: pl.Series, history: list[date], leads: int
) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    """Return the minutes booked, (clinics, history dates, leads)."""
    # a booking noted after the visit's day counts as booked on that day
    lead = np.maximum(np.busday_count(visits["booked_on"].to_numpy(), visits["date"].to_numpy()), 0)
    minutes = np.zeros((len(clinics), len(history), leads))
    near = lead < leads
    where = (
        np.searchsorted(clinics.to_numpy(), visits["clinic_id"].to_numpy())[near],
        np.searchsorted(np.array(history, "datetime64[D]"), visits["date"].to_numpy())[near],
        lead[near],
    )
    np.add.at(minutes, where, visits["minutes"].to_numpy()[near].astype(np.float64))
    return minutes
