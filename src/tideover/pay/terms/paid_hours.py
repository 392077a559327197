"""Paid administrative and in-basket hours beyond the hours that base pay is for."""

from collections.abc import Iterable

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.desk import WEEKS, Desk
from tideover.pay.people import UNITS
from tideover.pay.terms._kind import Kind, dollars, register


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    """Return hours a week x weeks x the rate: the one stated, or base pay of an hour."""
    hours = term["hours_per_week"] * WEEKS / UNITS["fte"]
    fte = desk.people.of("fte")
    if term["rate"] is not None:
        yield "pay", desk.shares(term, hours * term["rate"], fte)
        return
    made, marks = desk.nothing(), desk.people.among(term.roles)
    for number, year in enumerate(desk.years):
        length = desk.share(term, year)
        if length and hours:
            made[number] = desk.hourly(number, fte * marks, 1, hours * length)
    yield "pay", made


def _rule(term: Term) -> str:
    rate = "base pay of an hour" if term["rate"] is None else dollars(term["rate"])
    return f"{float(term['hours_per_week']):g} {term['of']} hours a week (times FTE) at {rate}"


def _needs(term: Term) -> tuple[str, ...]:
    return ("paid_hours_per_week",) if term["rate"] is None else ()


register(
    Kind(
        name="paid_hours",
        title="Paid administrative and in-basket hours",
        stage="pay",
        keys=(
            Key("hours_per_week", "number", "Hours a week of a full-time post, beyond those of base pay"),
            Key("of", "choice", "What they are for", choices=("administrative", "in-basket")),
            Key("rate", "money", "Pay of an hour; without it, base pay of an hour", required=False),
        ),
        lines=_lines,
        needs=_needs,
        family="paid_hours",
        apart=("of",),
        pensionable=True,
        rule=_rule,
        example={"hours_per_week": 2, "of": "in-basket"},
        zero={"hours_per_week": 0, "of": "in-basket"},
    )
)
