"""What a package does, beside the current contract: the measures on which each side may put a weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import polars as pl

from tideover.nouns.payroll import Payroll
from tideover.pay.compare import changes
from tideover.pay.employer import YearCost
from tideover.pay.years import share

_WEEKS = 52
#: Who loses more than this counts as losing.
LOSS = -0.05


@dataclass(frozen=True)
class Leaving:
    """How many leave in a year, as a share, and how that follows pay: both are claims of a reading.

    ``by_pay``: by which part departures fall when all pay rises by as large a part.
    """

    turnover: float
    by_pay: float


@dataclass(frozen=True)
class Beside:
    """A package and the current contract, paid: payrolls and costs of each year."""

    package: Payroll
    costs: tuple[YearCost, ...]
    current: Payroll
    current_costs: tuple[YearCost, ...]

    @property
    def length(self) -> float:
        """The length of the contract in years."""
        return float(sum(share(year.start, year.end, year) for year in self.current.years))

    @cached_property
    def changes(self) -> pl.Series:
        """Each clinician's change of pay, as a share; those without pay before have none."""
        return changes(self.package, self.current)["change"].drop_nulls()


def _cost(beside: Beside, _leaving: Leaving) -> float:
    more = sum(cost.total for cost in beside.costs) - sum(cost.total for cost in beside.current_costs)
    return more / 100 / beside.length


def _pay(beside: Beside, _leaving: Leaving) -> float:
    return (int(beside.package.total().sum()) - int(beside.current.total().sum())) / 100 / beside.length


def _staffing(beside: Beside, _leaving: Leaving) -> float:
    more = sum(cost.staffing for cost in beside.costs) - sum(cost.staffing for cost in beside.current_costs)
    return more / 100 / beside.length


def _paid_hours(beside: Beside, _leaving: Leaving) -> float:
    return (_hours(beside.package) - _hours(beside.current)) / beside.length


def _hours(payroll: Payroll) -> float:
    """Return the hours that are paid beyond those of base pay, over the whole contract."""
    whole = 0.0
    for term in payroll.offer.of_kind("paid_hours"):
        posts = payroll.clinicians.filter(pl.col("role").is_in(list(term.roles)))["fte"].sum()
        length = float(sum(share(term.start, term.end, year) for year in payroll.years))
        whole += float(term["hours_per_week"]) * _WEEKS * float(posts) * length
    return whole


def _departures(beside: Beside, leaving: Leaving) -> float:
    before = int(beside.current.total("pay").sum())
    rise = (int(beside.package.total("pay").sum()) - before) / before if before else 0.0
    return leaving.turnover * leaving.by_pay * rise * beside.package.clinicians.height


def _losers(beside: Beside, _leaving: Leaving) -> float:
    return float((beside.changes < LOSS).sum())


def _worst(beside: Beside, _leaving: Leaving) -> float:
    found = beside.changes
    return float(found.min() or 0.0) * 100  # type: ignore[arg-type]


@dataclass(frozen=True)
class Measure:
    """One measure: its function, its unit, and in words what it is."""

    of: Callable[[Beside, Leaving], float]
    unit: str
    words: str


#: Every measure, in the order in which it is told; all are of a mean year, beside the current contract.
MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "cost": Measure(_cost, "a year", "the employer's cost"),
        "pay": Measure(_pay, "a year", "clinicians' pay and benefits, less their part of premiums"),
        "staffing": Measure(_staffing, "a year", "spent on support posts that are lacking"),
        "paid_hours": Measure(_paid_hours, "hours a year", "hours paid beyond those of base pay"),
        "departures_prevented": Measure(_departures, "clinicians a year", "departures that pay prevents"),
        "losing": Measure(_losers, "clinicians", "clinicians who lose more than 5 % of pay"),
        "worst": Measure(_worst, "per cent", "the worst change of pay"),
    }
)
#: Measures that are (nearly) sums over issues once base pay is fixed.
ADDITIVE = ("cost", "pay", "staffing", "paid_hours", "departures_prevented")
#: Measures that are counted over clinicians.
COUNTED = ("losing", "worst")


def measured(beside: Beside, leaving: Leaving) -> dict[str, float]:
    """Return every measure of a package."""
    return {name: measure.of(beside, leaving) for name, measure in MEASURES.items()}
