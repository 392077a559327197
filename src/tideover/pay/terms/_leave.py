"""Paid leave: hours that accrue, are taken, carried over, and paid out or lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import numpy as np

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents, Year
from tideover.pay.desk import Desk
from tideover.pay.money import Ints, rounded
from tideover.pay.people import UNITS, People
from tideover.pay.terms._kind import KINDS, Kind, percent, register
from tideover.pay.years import share

_FTE = UNITS["fte"]
#: Balances are held in hundredths of an hour times ten-thousandths of FTE.
_HOUR = 100 * _FTE


def leave(name: str, title: str, column: str) -> Kind:
    """Register the kind of leave of this name, whose hours taken in a year are in ``column``."""
    return register(
        Kind(
            name=name,
            title=title,
            stage="pay",
            keys=(
                Key("hours_per_year", "number", "Hours that accrue in a full-time year"),
                Key(
                    "carry_over_hours",
                    "number",
                    "Most hours that a full-time post carries into the next year",
                ),
                Key("cash_out", "share", "Share of base pay of an hour that is paid for each hour beyond it"),
            ),
            lines=_lines,
            needs=lambda _term: (column, "paid_hours_per_week"),
            family=name,
            rule=lambda term: _rule(title, term),
            example={"hours_per_year": 160, "carry_over_hours": 24, "cash_out": 0.5},
            zero={"hours_per_year": 0, "carry_over_hours": 0, "cash_out": 0.5},
        )
    )


def granted(term: Term, desk: Desk, number: int) -> Ints:
    """Return the hours that accrue in a year, in units of ``_HOUR``."""
    return _granted(term, desk.people, desk.share(term, desk.years[number]))


def _granted(term: Term, people: People, length: Fraction) -> Ints:
    fte = people.of("fte") * people.among(term.roles)
    return rounded([((fte,), term["hours_per_year"] * 100 * length)], "half_even")


def balances(term: Term, people: People, years: Sequence[Year]) -> Iterator[tuple[Ints, Ints]]:
    """Yield for each year the hours beyond what is carried over, and those carried, in millionths of an hour.

    Balance + accrued - taken, never below nought; what is over the cap is paid out or lost.
    """
    column = KINDS[term.kind].needs(term)[0]
    fte = people.of("fte") * people.among(term.roles)
    cap = rounded([((fte,), term["carry_over_hours"] * 100)], "half_even")
    balance = np.zeros(people.count, np.int64)
    for year in years:
        length = share(term.start, term.end, year)
        if not length:
            yield np.zeros(people.count, np.int64), balance
            continue
        taken = rounded([((people.of(column),), length * _FTE)], "half_even")
        unused = np.maximum(balance + _granted(term, people, length) - taken, 0)
        balance = np.minimum(unused, cap)
        yield unused - balance, balance


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    """Return the cash-out of each year."""
    made = desk.nothing()
    if term["cash_out"]:
        for number, (out, _) in enumerate(balances(term, desk.people, desk.years)):
            if out.any():
                made[number] = desk.hourly(number, out, _HOUR, term["cash_out"])
    yield "pay", made


def _rule(title: str, term: Term) -> str:
    hours, cap = (float(term[key]) for key in ("hours_per_year", "carry_over_hours"))
    paid = f"paid out at {percent(term['cash_out'])} of base pay of an hour" if term["cash_out"] else "lost"
    return f"{title}: {hours:g} hours a full-time year, {cap:g} carried over, the rest {paid}"
