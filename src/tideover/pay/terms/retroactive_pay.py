"""Retroactive pay: a rate on the base pay of the time before the contract, paid at once."""

from collections.abc import Iterable

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.desk import Desk
from tideover.pay.terms._kind import Kind, percent, register
from tideover.pay.years import between


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    """Return rate x base pay of a year before any increase x years from ``since`` to the contract's start."""
    made = desk.nothing()
    length = between(term["since"], desk.offer.start)
    for number, year in enumerate(desk.years):
        if year.start <= term["paid_on"] <= year.end and length > 0:
            scale = term["rate"] * length / desk.contract_share(desk.years[0])
            made[number] = desk.rounded([((desk.first_base[0], desk.people.among(term.roles)), scale)])
    yield "pay", made


def _rule(term: Term) -> str:
    return (
        f"{percent(term['rate'])} of base pay before any increase, from {term['since']} to the contract's "
        f"first day, paid on {term['paid_on']}"
    )


register(
    Kind(
        name="retroactive_pay",
        title="Retroactive pay",
        stage="pay",
        keys=(
            Key("rate", "share", "Rate on base pay before any increase"),
            Key("since", "date", "First day, before the contract, for which it is paid", before=True),
            Key("paid_on", "date", "Day on which it is paid"),
        ),
        lines=_lines,
        span=False,
        family="retroactive_pay",
        rule=_rule,
        example={"rate": 0.02, "since": "before", "paid_on": "start"},
        zero={"rate": 0, "since": "before", "paid_on": "start"},
    )
)
