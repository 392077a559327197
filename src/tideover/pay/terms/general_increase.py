"""A general increase: base rates rise (or fall) by a rate from a day on, on top of earlier ones."""

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.pay.terms._kind import Kind, percent, register


def _rule(term: Term) -> str:
    return f"Base rates {percent(term['rate'])} up from {term.start}, on top of earlier increases"


register(
    Kind(
        name="general_increase",
        title="General increase",
        stage="base",
        keys=(Key("rate", "rate", "Change of the base rate; 3 % is 0.03"),),
        span=False,
        family="general_increase",
        pensionable=True,
        rule=_rule,
        example={"rate": 0.03},
        zero={"rate": 0},
    )
)
