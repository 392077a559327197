"""Retirement contribution: the employer puts in a share of pay, whatever the clinician does."""

from collections.abc import Iterable

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.desk import Desk
from tideover.pay.terms._kind import KINDS, Kind, percent, register


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    marks = desk.marks(term)
    pay = desk.earned(*(name for name in KINDS if KINDS[name].pensionable))
    made = desk.nothing()
    for number, year in enumerate(desk.years):
        part = desk.share(term, year) / desk.contract_share(year)
        if part and term["rate"]:
            made[number] = desk.rounded([((pay[number], *marks), term["rate"] * part)])
    yield "benefit", made


def _rule(term: Term) -> str:
    return f"The employer puts {percent(term['rate'])} of pay (bonuses left out) into the retirement plan"


register(
    Kind(
        name="retirement_contribution",
        title="Retirement contribution",
        stage="after",
        keys=(Key("rate", "share", "Share of pay that the employer puts in"),),
        lines=_lines,
        family="retirement_contribution",
        rule=_rule,
        example={"rate": 0.05},
        zero={"rate": 0},
    )
)
