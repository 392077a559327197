"""Education debt: income to debt, and the age at which it is paid off under each offer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl

from tideover.nouns.payroll import Payroll
from tideover.pay.years import share

Floats = np.ndarray[Any, np.dtype[np.float64]]


def debts(payroll: Payroll, interest: float, share_of_pay: float) -> pl.DataFrame:
    """Return for each clinician with a debt: debt over pay of a year, years to pay it off, and the age then.

    1. Each year ``share_of_pay`` of pay goes to the debt, at its end; the debt grows by ``interest`` before.
    2. A part of a year counts as that part. After the contract, pay goes on at the rate of its last year.
    3. Where the payment does not cover the interest, there is no year: null.
    Columns: clinician_id, debt_to_pay, years, age. Needs debt and birth_year of the row.
    """
    pay = payroll.total("pay") / 100
    known = payroll.clinicians.with_row_index("row").filter(
        (pl.col("debt") > 0) & pl.col("birth_year").is_not_null()
    )
    rows = known["row"].to_numpy()
    made = known.select("clinician_id", "debt", "birth_year")
    parts = [float(share(year.start, year.end, year)) for year in payroll.years]
    years = [
        _years(debt, pay[:, row], parts, interest, share_of_pay)
        for row, debt in zip(rows.tolist(), known["debt"].to_list(), strict=True)
    ]
    first = pay[0, rows] / parts[0]
    start = payroll.years[0].start.year
    return made.select(
        "clinician_id",
        pl.Series("debt_to_pay", np.divide(known["debt"].to_numpy(), first, where=first > 0, out=np.full(
            first.size, np.nan))).fill_nan(None),
        pl.Series("years", years, pl.Float64),
    ).with_columns(
        (start - made["birth_year"] + pl.col("years")).alias("age")
    )  # fmt: skip


def _years(
    debt: float, pay: Floats, parts: list[float], interest: float, share_of_pay: float
) -> float | None:
    """Return the years until nothing is owed, or ``None`` where that never is; ``parts``: of years."""
    gone = 0.0
    for earned, part in zip(pay.tolist(), parts, strict=True):
        owed = debt * math.pow(1 + interest, part)
        given = float(earned) * share_of_pay
        if given >= owed:
            return gone + part * owed / given
        debt = owed - given
        gone += part
    given = float(pay[-1]) / parts[-1] * share_of_pay
    if given <= debt * interest:
        return None
    more = debt / given if interest == 0 else -math.log(1 - debt * interest / given) / math.log(1 + interest)
    return gone + more
