"""Who gains and who loses: each clinician's change, and the whole distribution behind the mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tideover.nouns.payroll import Payroll

#: Losses that are told: the share of clinicians who lose more than this part of their pay.
LOSSES = (0.0, 0.05, 0.1, 0.2)
#: Points of the distribution that are told.
POINTS = (0.05, 0.25, 0.5, 0.75, 0.95)
#: Edges of the classes of change.
CLASSES = (-0.3, -0.2, -0.15, -0.1, -0.075, -0.05, -0.025, 0.0, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3)
#: Classes of fewer clinicians are joined.
FEWEST = 11
GROUPS = ("role", "clinic_id", "step", "fte")
_WEEKS = 52


@dataclass(frozen=True)
class Spread:
    """The distribution of clinicians' changes: mean and total, worst and best, points, losers, classes."""

    mean: float
    of_payroll: float
    worst: float
    best: float
    points: dict[str, float]
    losing: dict[str, float]
    classes: list[dict[str, Any]]


def changes(offered: Payroll, current: Payroll) -> pl.DataFrame:
    """Return each clinician's pay over the whole contract under both, in cents, and the change as a share.

    Columns: clinician_id, role, clinic_id, step, fte, before, after, change (of pay), net_before, net_after,
    net_change (of pay, benefits and premiums together). Clinicians without any pay before have no change.
    Raises ``ValueError`` where the two are not about the same clinicians and years.
    """
    if offered.years != current.years or not offered.clinicians["clinician_id"].equals(
        current.clinicians["clinician_id"]
    ):
        raise ValueError("both payrolls must be of the same clinicians and years")
    made = offered.clinicians.select("clinician_id", *GROUPS)
    for name, sides in (("", ("pay",)), ("net_", ())):
        made = made.with_columns(
            pl.Series(f"{name}before", current.total(*sides).sum(axis=0)),
            pl.Series(f"{name}after", offered.total(*sides).sum(axis=0)),
        )
        before, after = pl.col(f"{name}before"), pl.col(f"{name}after")
        made = made.with_columns(pl.when(before > 0).then((after - before) / before).alias(f"{name}change"))
    return made


def spread(found: pl.DataFrame, column: str = "change") -> Spread:
    """Return the distribution of a column of ``changes``; of nobody, noughts."""
    values = found[column].drop_nulls().to_numpy()
    if not values.size:
        return Spread(0.0, 0.0, 0.0, 0.0, {}, {}, [])
    start = column.removesuffix("change")
    before, after = int(found[f"{start}before"].sum()), int(found[f"{start}after"].sum())
    losing = {f"{loss:g}": float((values < -loss).mean()) for loss in LOSSES}
    points = {f"{point:g}": float(np.quantile(values, point)) for point in POINTS}
    return Spread(
        float(values.mean()),
        (after - before) / before,
        float(values.min()),
        float(values.max()),
        points,
        losing,
        list(_classes(values)),
    )


def _classes(values: Any) -> Iterator[dict[str, Any]]:
    """Return classes of change with their counts; from below, small ones are joined to the next."""
    edges = [None, *CLASSES, None]
    place = np.searchsorted(CLASSES, values, side="right")
    counts = np.bincount(place, minlength=len(edges) - 1).tolist()
    made: list[dict[str, Any]] = []
    low, held = 0, 0
    for number, count in enumerate(counts):
        held += count
        if held >= FEWEST:
            made.append({"from": edges[low], "to": edges[number + 1], "clinicians": held})
            low, held = number + 1, 0
        elif not held:
            low = number + 1
    if held and made:
        made[-1] |= {"to": edges[-1], "clinicians": made[-1]["clinicians"] + held}
    elif held:
        made.append({"from": None, "to": None, "clinicians": held})
    yield from made


def by_group(found: pl.DataFrame) -> pl.DataFrame:
    """Return for each group (role, clinic, step, FTE): people, mean pay before and after, losers over 5 %.

    Columns as small cells are suppressed by: measure, group, member, people, before, after, difference.
    ``before`` and ``after`` are mean cents; the measure ``losing_5pct`` has the share in ``after`` alone.
    """
    parts = []
    for group in GROUPS:
        member = pl.col(group).cast(pl.String).fill_null("unknown").alias("member")
        grouped = found.group_by(member).agg(
            pl.len().cast(pl.Int64).alias("people"),
            pl.col("before").mean().alias("pay_before"),
            pl.col("after").mean().alias("pay_after"),
            pl.col("change").mean().alias("change"),
            (pl.col("change") < -LOSSES[1]).mean().alias("losing"),
        )
        for measure, before, after in (
            ("pay", "pay_before", "pay_after"),
            ("change", None, "change"),
            ("losing_5pct", None, "losing"),
        ):
            parts.append(
                grouped.select(
                    pl.lit(measure).alias("measure"),
                    pl.lit(group).alias("group"),
                    "member",
                    "people",
                    (pl.lit(None, pl.Float64) if before is None else pl.col(before)).alias("before"),
                    pl.col(after).alias("after"),
                    (pl.lit(None, pl.Float64) if before is None else pl.col(after) - pl.col(before)).alias(
                        "difference"
                    ),
                )
            )
    return pl.concat(parts).sort("measure", "group", "member")


def hourly_pay(payroll: Payroll) -> pl.DataFrame:
    """Return each clinician's pay in cents for a paid and for a worked hour, over the whole contract.

    1. Paid hours: paid hours a week x 52 for each year.
    2. Worked hours: paid hours less sick leave and time off taken, plus after-hours x 52.
    A clinician whose row lacks a number has no value: what is missing is not nought.
    """
    length = sum((year.end - year.start).days + 1 for year in payroll.years) / 365.25
    paid = pl.col("paid_hours_per_week") * _WEEKS * length
    leave = (pl.col("sick_hours_per_year") + pl.col("pto_hours_per_year")) * length
    worked = paid - leave + pl.col("after_hours_per_week") * _WEEKS * length
    return payroll.clinicians.with_columns(pl.Series("pay", payroll.total("pay").sum(axis=0))).select(
        "clinician_id",
        pl.when(paid > 0).then(pl.col("pay") / paid).alias("paid_hour"),
        pl.when(worked > 0).then(pl.col("pay") / worked).alias("worked_hour"),
    )


def gap(offered: Payroll, comparator: Payroll) -> pl.DataFrame:
    """Return by role: people, mean pay of a year under the offer and the comparator, and the gap as a share.

    The comparator is a grid (or any contract) applied to the same clinicians.
    """
    years = len(offered.years)
    return (
        offered.clinicians.select("role")
        .with_columns(
            pl.Series("offered", offered.total("pay").sum(axis=0) / years),
            pl.Series("comparator", comparator.total("pay").sum(axis=0) / years),
        )
        .group_by("role")
        .agg(pl.len().cast(pl.Int64).alias("people"), pl.col("offered").mean(), pl.col("comparator").mean())
        .with_columns(
            pl.when(pl.col("comparator") > 0).then(pl.col("offered") / pl.col("comparator") - 1).alias("gap")
        )
        .sort("role")
    )
