"""Education debt: income to debt, and the age at which it is paid off under each offer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl

from tideover.nouns.payroll import Payroll

Floats = np.ndarray[Any, np.dtype[np.float64]]


def debts(payroll: Payroll, interest: float, share_of_pay: float) -> pl.DataFrame:
    """Return for each clinician with a debt: debt over pay of a year, years to pay it off, and the age then.

    1. Each year ``share_of_pay`` of pay goes to the debt, at its end; the debt grows by ``interest`` before.
    2. After the contract, pay stays what it is in its last whole year.
    3. Where the payment does not cover the interest, there is no year: null.
    Columns: clinician_id, debt_to_pay, years, age. Needs debt and birth_year of the row.
    """
    pay = payroll.total("pay") / 100
    known = payroll.clinicians.with_row_index("row").filter(
        (pl.col("debt") > 0) & pl.col("birth_year").is_not_null()
    )
    rows = known["row"].to_numpy()
    made = known.select("clinician_id", "debt", "birth_year")
    first = pay[0, rows]
    years = [
        _years(debt, pay[:, row], interest, share_of_pay)
        for row, debt in zip(rows.tolist(), known["debt"].to_list(), strict=True)
    ]
    start = payroll.years[0].start.year
    return made.select(
        "clinician_id",
        pl.Series("debt_to_pay", np.divide(known["debt"].to_numpy(), first, where=first > 0, out=np.full(
            first.size, np.nan))).fill_nan(None),
        pl.Series("years", years, pl.Float64),
    ).with_columns(
        (start - made["birth_year"] + pl.col("years")).alias("age")
    )  # fmt: skip


def _years(debt: float, pay: Floats, interest: float, share_of_pay: float) -> float | None:
    """Return the years until nothing is owed, or ``None`` where that never is."""
    for number, earned in enumerate(pay.tolist()):
        owed = debt * (1 + interest)
        paid = earned * share_of_pay
        if paid >= owed:
            return float(number + owed / paid)
        debt = owed - paid
    paid = float(pay[-1]) * share_of_pay
    if paid <= debt * interest:
        return None
    more = debt / paid if interest == 0 else -math.log(1 - debt * interest / paid) / math.log(1 + interest)
    return float(len(pay) + more)
