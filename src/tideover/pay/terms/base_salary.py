"""Base pay as the roster has it: each clinician's own full-time salary."""

from tideover.nouns.offer import Term
from tideover.pay.terms._kind import Kind, register


def _rule(_term: Term) -> str:
    return "Base salary of the roster, times FTE"


def _needs(_term: Term) -> tuple[str, ...]:
    return ("base_salary",)


register(
    Kind(
        name="base_salary",
        title="Base salary of the roster",
        stage="base",
        needs=_needs,
        family="base",
        whole=True,
        pensionable=True,
        rule=_rule,
        example={},
        zero=None,
    )
)
