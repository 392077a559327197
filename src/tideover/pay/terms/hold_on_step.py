"""A hold on steps: moves that fall on a day within it do not take place."""

from tideover.nouns.offer import Term
from tideover.pay.terms._kind import Kind, register


def _rule(term: Term) -> str:
    return f"No step movement from {term.start} to {term.end}"


register(
    Kind(
        name="hold_on_step",
        title="Hold on steps",
        stage="base",
        pensionable=True,
        rule=_rule,
        example={},
        zero=None,
    )
)
