"""A market adjustment: base rates of some roles change by a rate or an amount from a day on."""

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.pay.terms._kind import Kind, dollars, percent, register


def _rule(term: Term) -> str:
    by = percent(term["rate"]) if term["rate"] is not None else f"{dollars(term['amount'])} a full-time year"
    return f"Base rates of {', '.join(term.roles)} up by {by} from {term.start}"


register(
    Kind(
        name="market_adjustment",
        title="Market adjustment",
        stage="base",
        keys=(
            Key("rate", "rate", "Change of the base rate", required=False),
            Key("amount", "money", "Amount added to the full-time base rate", required=False),
        ),
        one_of=("rate", "amount"),
        span=False,
        family="market_adjustment",
        pensionable=True,
        rule=_rule,
        example={"amount": 2500},
        zero={"amount": 0},
    )
)
