"""Payers of the made-up network: who pays for how many patients, and what for a work RVU."""

from __future__ import annotations

import numpy as np
import polars as pl

from tideover.synthetic.draws import Draws

#: What is paid for a work RVU, in USD, in the middle; and how far drawn rates lie from it to either side.
_RATES = {"commercial": 95, "medicare": 67, "medicaid": 45, "none": 20}
_RATES_SPREAD = 0.05


def make_payers(people: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Return the columns of ``payers``: shares are counted in ``people``, rates drawn, to the cent.

    Its draw is a stream of its own: no other table hangs on it.
    """
    counts = dict(people.group_by("payer").len().iter_rows())
    lot = 2 * draws.uniform("payers.rates", len(_RATES)) - 1
    rates = np.round(np.array(list(_RATES.values())) * (1 + _RATES_SPREAD * lot), 2)
    shares = [round(counts.get(payer, 0) / people.height, 6) for payer in _RATES]
    return pl.DataFrame({"payer": list(_RATES), "share_of_patients": shares, "rate_per_work_rvu": rates})
