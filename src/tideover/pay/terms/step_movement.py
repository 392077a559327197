"""Step movement: on each of these days every clinician goes up one step of the grid, up to the last."""

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.pay.terms._kind import Kind, register


def _rule(term: Term) -> str:
    return "One step up on " + ", ".join(map(str, term["moves_on"]))


register(
    Kind(
        name="step_movement",
        title="Step movement",
        stage="base",
        keys=(Key("moves_on", "dates", "Days on which everybody goes up one step"),),
        span=False,
        family="step_movement",
        pensionable=True,
        rule=_rule,
        example={"moves_on": ["start"]},
        zero=None,
    )
)
