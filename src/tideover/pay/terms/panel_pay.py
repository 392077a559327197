"""Panel pay: an amount a year for each patient on the panel over a threshold."""

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.desk import Desk
from tideover.pay.people import UNITS
from tideover.pay.terms._kind import Kind, dollars, register


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    fte = UNITS["fte"]
    over = desk.people.of("panel") * fte - desk.people.of("fte") * term["threshold"]
    yield "pay", desk.shares(term, Fraction(term["rate"], fte), np.maximum(over, 0))


def _rule(term: Term) -> str:
    return f"{dollars(term['rate'])} a year for each patient over {term['threshold']:,} (times FTE)"


def _needs(_term: Term) -> tuple[str, ...]:
    return ("panel",)


register(
    Kind(
        name="panel_pay",
        title="Panel pay",
        stage="pay",
        keys=(
            Key("rate", "money", "Amount a year for each patient over the threshold"),
            Key("threshold", "count", "Patients of a full-time post that are not paid for"),
        ),
        lines=_lines,
        needs=_needs,
        family="panel_pay",
        pensionable=True,
        rule=_rule,
        example={"rate": 12.50, "threshold": 900},
        zero={"rate": 0, "threshold": 900},
    )
)
