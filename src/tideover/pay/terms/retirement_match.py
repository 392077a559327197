"""Retirement match: the employer adds to what the clinician puts in, up to a share of pay."""

from collections.abc import Iterable

import numpy as np

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.desk import Desk
from tideover.pay.people import UNITS
from tideover.pay.terms._kind import KINDS, Kind, percent, register

_SHARE = UNITS["retirement_share"]


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    """Return match x min(share put in, up to) x pensionable pay (up to the pay limit)."""
    put_in = np.minimum(desk.people.of("retirement_share"), int(term["up_to"] * _SHARE))
    marks = desk.marks(term)
    pay = desk.earned(*(name for name in KINDS if KINDS[name].pensionable))
    made = desk.nothing()
    for number, year in enumerate(desk.years):
        length = desk.share(term, year)
        if not length or not term["match"]:
            continue
        counted = pay[number] if term["pay_limit"] is None else np.minimum(pay[number], term["pay_limit"])
        whole = desk.contract_share(year)
        scale = term["match"] * length / whole / _SHARE
        desk.rounded([((counted, put_in, *marks), scale)], into=made[number])
    yield "benefit", made


def _rule(term: Term) -> str:
    limit = "" if term["pay_limit"] is None else ", of pay up to the limit"
    return (
        f"The employer adds {percent(term['match'])} of what the clinician puts in, "
        f"up to {percent(term['up_to'])} of pay{limit}"
    )


def _needs(_term: Term) -> tuple[str, ...]:
    return ("retirement_share",)


register(
    Kind(
        name="retirement_match",
        title="Retirement match",
        stage="after",
        keys=(
            Key("match", "share", "What the employer adds to each unit that the clinician puts in"),
            Key("up_to", "share", "Largest share of pay that is matched"),
            Key("pay_limit", "money", "Pay of a year beyond which nothing is matched", required=False),
        ),
        lines=_lines,
        needs=_needs,
        family="retirement_match",
        rule=_rule,
        example={"match": 0.5, "up_to": 0.04},
        zero={"match": 0, "up_to": 0.04},
    )
)
