"""Continuing education: an allowance of a full-time year, taken to be used in full."""

from collections.abc import Iterable
from fractions import Fraction

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.desk import Desk
from tideover.pay.people import UNITS
from tideover.pay.terms._kind import Kind, by_role, register


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    full = desk.full_time(term["amount"])
    yield "benefit", desk.shares(term, Fraction(1, UNITS["fte"]), full, desk.people.of("fte"))


def _rule(term: Term) -> str:
    return f"Continuing education, times FTE: {by_role(term['amount'])} a full-time year, used in full"


register(
    Kind(
        name="cme",
        title="Continuing education",
        stage="pay",
        keys=(Key("amount", "money_by_role", "Allowance of a full-time year"),),
        lines=_lines,
        family="cme",
        rule=_rule,
        example={"amount": 3500},
        zero={"amount": 0},
    )
)
