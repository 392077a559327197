"""The employer's side: what an offer costs year by year, with payroll tax, benefits and the present value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tideover.nouns.payroll import Payroll, Year
from tideover.pay.money import Ints, rounded, to_cents
from tideover.pay.years import share


@dataclass(frozen=True)
class Tax:
    """Payroll tax of the employer: two rates, and the wage base of the first in cents by calendar year.

    Years after the last known base have that base grown by ``growth`` a year, in whole dollars.
    """

    oasdi: Fraction
    medicare: Fraction
    bases: Mapping[int, int]
    growth: Fraction

    def base(self, year: int) -> int:
        """Return the wage base of a calendar year in cents; of years before the first known, the first."""
        if year in self.bases:
            return self.bases[year]
        last = max(self.bases)
        if year < last:
            return self.bases[min(known for known in self.bases if known > year)]
        return to_cents(Fraction(self.bases[last], 100) * (1 + self.growth) ** (year - last), "half_up") * 100


@dataclass(frozen=True)
class YearCost:
    """What a pay year costs the employer, in cents: pay, tax on it, roll-up, benefits, staff."""

    year: str
    pay: int
    payroll_tax: int
    roll_up: int
    benefits: int
    staffing: int

    @property
    def total(self) -> int:
        """The whole cost of the year in cents."""
        return self.pay + self.payroll_tax + self.roll_up + self.benefits + self.staffing


def payroll_tax(pay: Ints, year: Year, tax: Tax, mode: str) -> Ints:
    """Return the employer's tax on each clinician's pay of a year, in cents.

    1. OASDI: rate x the smaller of pay and the wage base (of the calendar year in which the pay year starts;
       of a shorter last year its part).
    2. Medicare: rate x pay, without limit.
    So what is paid above the base costs the second rate alone.
    """
    limit = to_cents(tax.base(year.start.year) * share(year.start, year.end, year), "half_up")
    low = rounded([((np.minimum(pay, limit),), tax.oasdi)], mode)
    made: Ints = low + rounded([((pay,), tax.medicare)], mode)
    return made


def costs(payroll: Payroll, tax: Tax | None) -> tuple[YearCost, ...]:
    """Return what an offer costs by year; without ``tax`` (another country's offer) there is no payroll tax.

    Benefits are those granted and the employer's part of premiums. A roll-up that is not stated is not
    counted. Law: the parts are sums of the payroll's lines.
    """
    pay, benefits = payroll.total("pay"), payroll.total("benefit", "employer")
    mode = payroll.offer.rounding.mode
    made = []
    for number, year in enumerate(payroll.years):
        whole = int(pay[number].sum())
        staffing = sum(cents for _, when, cents in payroll.site_costs if when == year.number)
        taxed = 0 if tax is None else int(payroll_tax(pay[number], year, tax, mode).sum())
        roll_up = to_cents(whole * (payroll.offer.roll_up or Fraction(0)), mode)
        made.append(YearCost(year.name, whole, taxed, roll_up, int(benefits[number].sum()), staffing))
    return tuple(made)


def over_base(offered: Sequence[YearCost], base: Sequence[YearCost]) -> list[int]:
    """Return what each year costs beyond the same year of the current contract, in cents."""
    return [one.total - other.total for one, other in zip(offered, base, strict=True)]


def present_value(amounts: Sequence[int], rate: float) -> float:
    """Return the value on the contract's first day of amounts (cents) paid in the middle of each year.

    >>> round(present_value([10000], 0.21), 2)
    9090.91
    """
    return float(sum(amount / (1 + rate) ** (number + 0.5) for number, amount in enumerate(amounts)))
