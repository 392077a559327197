"""Benefit guarantee: whether a benefit is promised, or the employer keeps the right to alter it."""

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.pay.terms._kind import Kind, register

#: Benefits that may be promised, by the kind of term that grants each.
BENEFITS = (
    "cme",
    "health_premium",
    "paid_time_off",
    "retirement_contribution",
    "retirement_match",
    "sick_leave",
)


def _rule(term: Term) -> str:
    if term["guaranteed"]:
        return f"The benefit {term['benefit']} is promised from {term.start} to {term.end}"
    return f"The employer keeps the right to alter the benefit {term['benefit']}"


register(
    Kind(
        name="benefit_guarantee",
        title="Benefit guarantee",
        stage="words",
        keys=(
            Key("benefit", "choice", "Kind of term that grants the benefit", choices=BENEFITS),
            Key("guaranteed", "flag", "Whether it may not be altered while the contract runs"),
        ),
        family="benefit_guarantee",
        apart=("benefit",),
        rule=_rule,
        example={"benefit": "cme", "guaranteed": True},
        zero={"benefit": "cme", "guaranteed": False},
    )
)
