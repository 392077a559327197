"""Call pay: an amount for each shift on call."""

from collections.abc import Iterable
from fractions import Fraction

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.desk import Desk
from tideover.pay.people import UNITS
from tideover.pay.terms._kind import Kind, by_role, register


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    shifts = desk.people.of("call_shifts_per_year")
    scale = Fraction(1, UNITS["call_shifts_per_year"])
    yield "pay", desk.shares(term, scale, desk.full_time(term["amount"]), shifts)


def _rule(term: Term) -> str:
    return f"For each shift on call: {by_role(term['amount'])}"


def _needs(_term: Term) -> tuple[str, ...]:
    return ("call_shifts_per_year",)


register(
    Kind(
        name="call_pay",
        title="Call pay",
        stage="pay",
        keys=(Key("amount", "money_by_role", "Pay of a shift on call"),),
        lines=_lines,
        needs=_needs,
        family="call_pay",
        pensionable=True,
        rule=_rule,
        example={"amount": 250},
        zero={"amount": 0},
    )
)
