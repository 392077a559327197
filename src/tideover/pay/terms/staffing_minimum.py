"""Staffing minimum: assistants and nurses for each clinician's full-time post, and what the lacking cost."""

from collections.abc import Iterable
from fractions import Fraction

import polars as pl

from tideover.nouns.amounts import Key, exact
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.desk import Desk
from tideover.pay.money import to_cents
from tideover.pay.people import UNITS
from tideover.pay.terms._kind import Kind, dollars, register

_ROLES = {"medical_assistant": ("assistants", "assistant_cost"), "nurse": ("nurses", "nurse_cost")}


def _lines(term: Term, desk: Desk) -> Iterable[tuple[str, Cents]]:
    """Note what the posts cost that each clinic lacks; they are nobody's pay here.

    Lacking at a clinic: posts asked for each clinician's FTE x FTE of its clinicians - posts it has, if more
    than nought.
    """
    per_year = _lacking_cost(term, desk)
    for year in desk.years:
        cents = to_cents(per_year * desk.share(term, year), desk.offer.rounding.mode)
        desk.site_costs.append((term.id, year.number, cents))
    return ()


def _lacking_cost(term: Term, desk: Desk) -> Fraction:
    support = desk.support or {}
    cost = Fraction(0)
    for clinic, fte in _posts(term, desk):
        posts = Fraction(fte, UNITS["fte"])
        for role, (asked, price) in _ROLES.items():
            if term[asked] and term[price]:
                lacking = term[asked] * posts - exact(support.get((clinic, role), 0.0))
                cost += max(lacking, Fraction(0)) * term[price]
    return cost


def _posts(term: Term, desk: Desk) -> list[tuple[str, int]]:
    """Return the clinics with the FTE of their clinicians of the term's roles, in its unit."""
    fte = pl.Series("fte", desk.people.of("fte") * desk.people.among(term.roles))
    held = desk.people.table.select("clinic_id").with_columns(fte)
    return held.group_by("clinic_id", maintain_order=True).agg(pl.col("fte").sum()).rows()


def _rule(term: Term) -> str:
    return (
        f"At least {float(term['assistants']):g} assistants and {float(term['nurses']):g} nurses for each "
        f"clinician's full-time post; a post costs {dollars(term['assistant_cost'])} and "
        f"{dollars(term['nurse_cost'])} a year"
    )


def _needs(_term: Term) -> tuple[str, ...]:
    return ("clinic_id",)


register(
    Kind(
        name="staffing_minimum",
        title="Staffing minimum",
        stage="words",
        keys=(
            Key("assistants", "number", "Medical assistants (FTE) for each clinician's full-time post"),
            Key("nurses", "number", "Nurses (FTE) for each clinician's full-time post"),
            Key("assistant_cost", "money", "What a full-time assistant costs the employer in a year"),
            Key("nurse_cost", "money", "What a full-time nurse costs the employer in a year"),
        ),
        lines=_lines,
        needs=_needs,
        family="staffing_minimum",
        rule=_rule,
        example={"assistants": 2, "nurses": 1, "assistant_cost": 55000, "nurse_cost": 98000},
        zero={"assistants": 0, "nurses": 0, "assistant_cost": 55000, "nurse_cost": 98000},
    )
)
