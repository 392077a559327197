"""Base pay from a grid of roles and steps."""

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.pay.terms._kind import Kind, register


def _rule(term: Term) -> str:
    steps = ", ".join(f"{role} {len(amounts)} steps" for role, amounts in term["grid"].items())
    return f"Base pay a {term['per']} by role and step, times FTE or paid hours ({steps})"


def _needs(term: Term) -> tuple[str, ...]:
    return ("step", "paid_hours_per_week") if term["per"] == "hour" else ("step",)


register(
    Kind(
        name="base_grid",
        title="Base pay by role and step",
        stage="base",
        keys=(
            Key("grid", "grid", "Full-time amounts of each role, the lowest step first"),
            Key(
                "per",
                "choice",
                "What an amount is for",
                required=False,
                default="year",
                choices=("year", "hour"),
            ),
        ),
        needs=_needs,
        family="base",
        whole=True,
        pensionable=True,
        rule=_rule,
        example={"grid": {"physician": [210000, 220000.50], "pa": [120000, 125000], "np": [118000, 123000]}},
        zero={"grid": {"physician": [0, 0], "pa": [0, 0], "np": [0, 0]}},
    )
)
