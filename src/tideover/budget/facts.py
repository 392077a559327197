"""What a budget is reckoned from: a network's books, and assumptions that are told as ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tideover.errors import Fault, InputError
from tideover.nouns import Network


@dataclass(frozen=True)
class Span:
    """A number of which only the least and the most are known; both may be the same."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"the least must not be more than the most: {self.low} to {self.high}")

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Span) -> Span:
        return Span(self.low - other.high, self.high - other.low)

    def times(self, factor: float) -> Span:
        """Return the span of the products with a number that is not negative."""
        return Span(self.low * factor, self.high * factor)

    @classmethod
    def of(cls, value: float) -> Span:
        """Return the span of a number that is known."""
        return cls(value, value)

    def as_dict(self) -> dict[str, float]:
        """Return both ends, to the cent."""
        return {"low": round(self.low, 2), "high": round(self.high, 2)}


@dataclass(frozen=True)
class Assumed:
    """What no book of the network says: claims, each with its least and its most.

    - ``other_revenue``: USD for each work RVU beside what payers pay for it.
    - ``overhead``: cost of the organisation above the clinics, as a share of the clinics' own cost.
    - ``staff``: USD a year of a full-time post of support staff, by role.
    - ``filled``: share of the time freed by lost cover that other patients fill.
    - ``work_rvu_per_visit``: serves payers who pay by the visit.
    """

    other_revenue: Span
    overhead: Span
    staff: Mapping[str, Span]
    filled: Span
    work_rvu_per_visit: Span


@dataclass(frozen=True)
class Books:
    """What a network's tables say of a year: work, people, sites, staff, and payers before any change."""

    work_rvu: float
    full_time: float
    clinicians: int
    panel: int | None
    fixed_cost: float
    staff: Mapping[str, float]
    payers: pl.DataFrame

    @property
    def use(self) -> float:
        """The mean relative use of a patient before any change."""
        return float((self.payers["share_of_patients"] * self.payers["relative_use"]).sum())


def books_of(network: Network) -> Books:
    """Return the books of ``network``; ``InputError`` where work or a clinic's cost is missing."""
    faults = []
    for table, column, key in (
        ("roster", "work_rvu_per_year", "clinician_id"),
        ("clinics", "fixed_cost_per_year", "clinic_id"),
    ):
        rows = getattr(network, table)
        lacking = rows.filter(pl.col(column).is_null())[key]
        if lacking.len():
            found = f"nothing for {lacking.len():,} of {rows.height:,}, such as {lacking[0]!r}"
            remedy = "State it; write 0 where it is known to be nothing."
            faults.append(Fault(table, None, column, found, "a number in every row", remedy))
    if not faults and not network.roster["work_rvu_per_year"].sum():
        faults.append(Fault("roster", None, "work_rvu_per_year", "no work at all", "some work", "Mend it."))
    if not faults and not network.roster["fte"].sum():
        faults.append(Fault("roster", None, "fte", "no paid post at all", "some post", "Mend it."))
    if faults:
        raise InputError(faults)
    roster = network.roster
    staff = network.support_staff.group_by("role").agg(pl.col("fte").sum()).sort("role")
    return Books(
        float(roster["work_rvu_per_year"].sum()),
        float(roster["fte"].sum()),
        roster.height,
        None if roster["panel"].null_count() else int(roster["panel"].sum()),
        float(network.clinics["fixed_cost_per_year"].sum()),
        dict(staff.iter_rows()),
        network.payers,
    )
