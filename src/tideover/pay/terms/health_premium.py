"""Health cover: what the premium costs, who pays which share, and how it grows."""

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from tideover.nouns.amounts import COVERS, Key
from tideover.nouns.offer import Term
from tideover.pay.desk import Desk
from tideover.pay.terms._kind import Kind, Made, by_role, percent, register

_MONTHS = 12


def _lines(term: Term, desk: Desk) -> Iterable[Made]:
    """Return what the clinician pays (negative) and what the employer does; together, the whole premium.

    The premium of year n of the contract is the stated one times (1 + trend) to the power n - 1.
    """
    monthly = np.array([0 if name == "none" else term["monthly"].get(name, 0) for name in COVERS], np.int64)
    whole, mine = (np.zeros((len(desk.years), monthly.size), np.int64) for _ in range(2))
    for number, year in enumerate(desk.years):
        factor = _MONTHS * desk.share(term, year) * (1 + Fraction(term["trend"])) ** number
        if factor:
            whole[number] = desk.rounded([((monthly,), factor)])
            mine[number] = desk.rounded([((monthly,), factor * term["clinician_share"])])
    # of other roles than the term's, everybody is as if without cover
    place = desk.people.cover
    for marks in desk.marks(term):
        place = place * marks
    yield "deduction", -mine, place
    yield "employer", whole - mine, place


def _rule(term: Term) -> str:
    premium = by_role({cover: amount for cover, amount in term["monthly"].items() if cover != "none"})
    return (
        f"The clinician pays {percent(term['clinician_share'])} of a monthly premium of {premium}, "
        f"which grows by {percent(term['trend'])} a year"
    )


def _needs(_term: Term) -> tuple[str, ...]:
    return ("health_cover",)


register(
    Kind(
        name="health_premium",
        title="Health premium",
        stage="pay",
        keys=(
            Key("monthly", "money_by_cover", "Monthly premium in the first year, by cover"),
            Key("clinician_share", "share", "Share of the premium that the clinician pays"),
            Key("trend", "rate", "Growth of the premium from one year to the next"),
        ),
        lines=_lines,
        needs=_needs,
        family="health_premium",
        fte=False,
        rule=_rule,
        example={"monthly": {"single": 700, "family": 2000}, "clinician_share": 0.2, "trend": 0.06},
        zero={"monthly": {"single": 0, "family": 0}, "clinician_share": 0.2, "trend": 0.06},
    )
)
