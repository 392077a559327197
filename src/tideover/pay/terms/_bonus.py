"""Bonuses: an amount on a day, which raises no base."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.desk import Desk
from tideover.pay.people import UNITS
from tideover.pay.terms._kind import Kind, by_role, register


def bonus(name: str, title: str) -> Kind:
    """Register the kind of bonus of this name."""
    return register(
        Kind(
            name=name,
            title=title,
            stage="pay",
            keys=(
                Key("amount", "money_by_role", "Amount paid on each of the days"),
                Key("paid_on", "dates", "Days on which it is paid"),
                Key("to", "choice", "Whether part-time posts get it in full", choices=("each", "full_time")),
            ),
            lines=_lines,
            span=False,
            fte=False,
            rule=lambda term: _rule(title, term),
            example={"amount": 3000, "paid_on": ["start"], "to": "each"},
            zero={"amount": 0, "paid_on": ["start"], "to": "each"},
        )
    )


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    full = desk.full_time(term["amount"]) * desk.people.among(term.roles)
    made = desk.nothing()
    for number, year in enumerate(desk.years):
        times = sum(year.start <= day <= year.end for day in term["paid_on"])
        if term["to"] == "each":
            made[number] = full * times
        elif times:
            made[number] = desk.rounded([((full, desk.people.of("fte")), Fraction(times, UNITS["fte"]))])
    yield "pay", made


def _rule(title: str, term: Term) -> str:
    days = ", ".join(map(str, term["paid_on"]))
    whom = "to each" if term["to"] == "each" else "times FTE"
    return f"{title} on {days}, {whom}: {by_role(term['amount'])}; it raises no base"
