"""Quality pay: an amount of a full-time year, of which each clinician earns a share."""

from collections.abc import Iterable
from fractions import Fraction

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.desk import Desk
from tideover.pay.people import UNITS
from tideover.pay.terms._kind import Kind, by_role, register


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    people = desk.people
    scale = Fraction(1, UNITS["fte"] * UNITS["quality_share"])
    full = desk.full_time(term["amount"])
    yield "pay", desk.shares(term, scale, full, people.of("fte"), people.of("quality_share"))


def _rule(term: Term) -> str:
    return f"Share of quality pay earned, times FTE, of {by_role(term['amount'])} a full-time year"


def _needs(_term: Term) -> tuple[str, ...]:
    return ("quality_share",)


register(
    Kind(
        name="quality_pay",
        title="Quality pay",
        stage="pay",
        keys=(Key("amount", "money_by_role", "Quality pay of a full-time year if all of it is earned"),),
        lines=_lines,
        needs=_needs,
        family="quality_pay",
        pensionable=True,
        rule=_rule,
        example={"amount": 10000},
        zero={"amount": 0},
    )
)
