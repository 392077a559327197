"""A roster and an offer to a payroll: base pay first, then each term by its stage, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl

from tideover.nouns.offer import Offer, Term
from tideover.nouns.payroll import Cents, Line, Payroll
from tideover.pay.base import BasePay
from tideover.pay.desk import Desk
from tideover.pay.people import People
from tideover.pay.terms._kind import KINDS, STAGES
from tideover.pay.years import pay_years

Support = Mapping[tuple[str, str], float]


def payroll(roster: pl.DataFrame | People, offer: Offer, support: Support | None = None) -> Payroll:
    """Return what ``offer`` pays to each clinician of ``roster`` in each year by each term, in whole cents.

    ``roster`` has the columns of the table ``roster`` and no faults (see ``check_offers``); ``support`` is
    the FTE of support staff by (clinic, role).
    Laws: lines sum to totals; a term of no value changes no line; the order of clinicians changes no amount.
    """
    people = roster if isinstance(roster, People) else People(roster)
    years = pay_years(offer.start, offer.end)
    base = BasePay.of(people, offer, years)
    whole = Line("base", "base", "pay", "Base pay", base.after(len(base.terms)), base.member)
    desk = Desk(people, offer, years, base, whole, support)
    for stage in STAGES[1:]:
        for term in offer.terms:
            kind = KINDS[term.kind]
            if kind.stage == stage:
                desk.lines += [_line(term, *made) for made in kind.lines(term, desk)]
    return Payroll(
        offer,
        people.table,
        years,
        whole,
        partial(_base_lines, base),
        tuple(desk.lines),
        tuple(desk.site_costs),
        tuple(desk.notes),
    )


def _line(term: Term, side: str, amounts: Cents, place: Cents | None = None) -> Line:
    return Line(term.id, term.kind, side, KINDS[term.kind].rule(term), amounts, place)


def _base_lines(base: BasePay) -> tuple[Line, ...]:
    """Return a line for each term of base pay: they sum to base pay, whatever is rounded."""
    return tuple(_line(term, "pay", cents, base.member) for term, cents in base.by_term())
