"""A roster and an offer to a payroll: base pay first, then each term by its stage, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from tideover.nouns.offer import Offer
from tideover.nouns.payroll import Line, Payroll, Year
from tideover.pay.base import SOURCES, base_columns, base_pay, base_terms
from tideover.pay.desk import BasePay, Desk
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
    base_lines, base = _base_lines(people, offer, years)
    desk = Desk(people, offer, years, base, support, list(base_lines))
    for stage in STAGES[1:]:
        for term in offer.terms:
            kind = KINDS[term.kind]
            if kind.stage == stage:
                made = [
                    Line(term.id, term.kind, side, kind.rule(term), c) for side, c in kind.lines(term, desk)
                ]
                desk.lines += made
    return Payroll(offer, people.table, years, tuple(desk.lines), tuple(desk.site_costs), tuple(desk.notes))


def _base_lines(people: People, offer: Offer, years: Sequence[Year]) -> tuple[list[Line], BasePay]:
    """Return a line for each term of base pay, and base pay itself.

    The line of a term is what base pay is with it and all that took effect before it, less what it was
    without it: so lines sum to base pay whatever is rounded. Clinicians who are equal in all that base pay
    hangs on are paid once.
    """
    some, member = people.classes(base_columns(offer))
    ordered = base_terms(offer)
    made = []
    before = first = np.zeros((len(years), some.count), np.int64)
    for count, term in enumerate(ordered, start=1):
        now = base_pay(some, offer, ordered[:count], years, before)
        made.append((term, now - before))
        before = now
        if term.kind in SOURCES and term.start == offer.start:
            first = now
    base = BasePay(before, first, member)
    lines = [Line(term.id, term.kind, "pay", KINDS[term.kind].rule(term), base.each(c)) for term, c in made]
    return lines, base
