"""A salary guarantee: pay is topped up to an amount, where base and productivity give less."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.base import ORDER
from tideover.pay.desk import Desk
from tideover.pay.people import UNITS
from tideover.pay.terms._kind import Kind, by_role, register

#: What counts towards the guarantee.
COUNTED = (*ORDER, "work_rvu", "panel_pay", "quality_pay")


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    """Return what is missing, in each year, to the guaranteed part of the year; nought where nothing is.

    Of a year in which the term holds for a part only, the same part of the year's pay is compared.
    """
    due = desk.shares(term, _one(), desk.full_time(term["amount"]), desk.people.of("fte"))
    earned = desk.earned(*COUNTED)
    for number, year in enumerate(desk.years):
        length, whole = desk.share(term, year), desk.share(_whole(term, desk), year)
        if 0 < length < whole:
            earned[number] = desk.rounded([((earned[number],), length / whole)])
    within = np.maximum(due - earned, 0)
    within[due == 0] = 0
    yield "pay", within


def _one() -> Fraction:
    return Fraction(1, UNITS["fte"])


def _whole(term: Term, desk: Desk) -> Term:
    return replace(term, start=desk.offer.start, end=desk.offer.end)


def _rule(term: Term) -> str:
    return f"Base, work-RVU, panel and quality pay are topped up to (full-time): {by_role(term['amount'])}"


register(
    Kind(
        name="salary_guarantee",
        title="Salary guarantee",
        stage="top_up",
        keys=(Key("amount", "money_by_role", "Least pay of a full-time year"),),
        lines=_lines,
        family="salary_guarantee",
        pensionable=True,
        rule=_rule,
        example={"amount": 400000},
        zero={"amount": 0},
    )
)
