"""Non-compete waiver: clinicians may work near by after they leave. A term without money."""

from tideover.nouns.offer import Term
from tideover.pay.terms._kind import Kind, register


def _rule(term: Term) -> str:
    return f"Agreements not to compete are not held against anybody from {term.start} to {term.end}"


register(
    Kind(
        name="non_compete_waiver",
        title="Non-compete waiver",
        stage="words",
        family="non_compete_waiver",
        rule=_rule,
        example={},
        zero={},
    )
)
