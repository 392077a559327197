"""Payers as a whole: what no row of the table shows alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from tideover.errors import Fault

if TYPE_CHECKING:
    from tideover.readers._book import Loaded

#: Shares may miss one by so much: rounding.
_NEARLY = 0.001
_RATES = ("rate_per_work_rvu", "rate_per_visit")


def payer_faults(tables: Mapping[str, Loaded]) -> list[Fault]:
    """Return the faults of the table ``payers``: rows without one rate, shares that are not a whole."""
    return list(_faults(tables["payers"])) if "payers" in tables else []


def _faults(loaded: Loaded) -> Iterator[Fault]:
    frame, raw = loaded.frame, loaded.raw
    if frame.is_empty():
        yield Fault(raw.file, None, None, "no rows", "at least one payer", "Export it again.")
        return
    stated = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int64) for name in _RATES)
    for number, (payer, count) in enumerate(frame.select("payer", stated).iter_rows(), start=2):
        if count != 1:
            found = f"{'both rates' if count else 'no rate'} for {payer!r}"
            remedy = "State what the payer pays for a work RVU, or for a visit."
            yield Fault(
                raw.file, number, _RATES[0], found, "one of rate_per_work_rvu, rate_per_visit", remedy
            )
    whole = float(frame.select(pl.col("share_of_patients").sum()).item())
    if frame["share_of_patients"].null_count() == 0 and abs(whole - 1) > _NEARLY:
        remedy = "Mend the shares; people without cover have a row too."
        if abs(whole - 100) < 100 * _NEARLY:
            remedy = "These are per cent: write 0.25 for 25 %."
        yield Fault(raw.file, None, "share_of_patients", f"{whole:g} in all", "1 in all", remedy)
    if not (frame["share_of_patients"] * frame["relative_use"]).sum():
        yield Fault(
            raw.file, None, "relative_use", "no use by anybody", "more than nought", "Mend the column."
        )
