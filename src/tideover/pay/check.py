"""An offer against a roster: whatever the offer needs and the roster does not say is a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from tideover.errors import Fault
from tideover.nouns.offer import Offer, Term
from tideover.nouns.roster import Roster
from tideover.pay.people import UNITS, uneven
from tideover.pay.terms._kind import KINDS

#: Faults of one kind are shown one by one up to this many; the last one shown counts the others.
SHOWN = 3
_HELD = "Fill the cells, or limit the term to other roles: what is missing is not nought."


def check_offers(roster: Roster, offers: list[Offer]) -> list[Fault]:
    """Return every fault of a roster for these offers, each kind once however many offers share it."""
    found = list(_decimals(roster))
    for offer in offers:
        for check in CHECKS:
            found += check(roster, offer)
    return list(dict.fromkeys(found))


def _decimals(roster: Roster) -> Iterator[Fault]:
    """Return the cells with more decimals than are reckoned with."""
    for column, unit in UNITS.items():
        wrong = uneven(roster.table, column)
        expected = f"at most {len(str(unit)) - 1} decimals" if unit > 1 else "a whole number"
        yield from _rows(roster, wrong, column, expected, "Round the cell.")


def _rows(roster: Roster, wrong: pl.Series, column: str, expected: str, remedy: str) -> Iterator[Fault]:
    """Return a fault for each of the first marked rows; the last of them counts the others."""
    rows = wrong.arg_true().to_list()
    file = _file(roster)
    for place, row in enumerate(rows[:SHOWN]):
        value = roster.table[column][row]
        times = len(rows) - SHOWN + 1 if place == SHOWN - 1 and len(rows) > SHOWN else 1
        found = "nothing" if value is None else repr(value)
        yield Fault(file, row + 2, column, found, expected, remedy, times)


def _file(roster: Roster) -> str:
    return next((name for name in roster.files if name.startswith("roster.")), roster.source or "roster")


def _of(roster: Roster, term: Term) -> pl.Series:
    return roster.table["role"].is_in(list(term.roles))


def needs(roster: Roster, offer: Offer) -> Iterator[Fault]:
    """Return the empty cells that a term needs for a clinician of its roles."""
    for term in offer.terms:
        for column in KINDS[term.kind].needs(term):
            wrong = roster.table[column].is_null() & _of(roster, term)
            expected = f"a value, which the term {term.id} of {offer.file or offer.name} needs"
            yield from _rows(roster, wrong, column, expected, _HELD)


def bases(roster: Roster, offer: Offer) -> Iterator[Fault]:
    """Return the roles that the roster has and no base pay is stated for."""
    held = {role for term in offer.of_kind("base_grid", "base_salary") for role in term.roles}
    for role in roster.table["role"].unique().sort().to_list():
        if role not in held:
            remedy = f"Add a base_grid or a base_salary for {role}."
            yield Fault(offer.file, None, "term", f"no base pay for {role}", "base pay of every role", remedy)


def steps(roster: Roster, offer: Offer) -> Iterator[Fault]:
    """Return the steps that the roster has and a grid does not."""
    for term in offer.of_kind("base_grid"):
        for role, amounts in term["grid"].items():
            beyond = roster.table.filter(
                (pl.col("role") == role) & (pl.col("step") > len(amounts)) & (role in term.roles)
            )
            if beyond.height:
                first = min(beyond["step"].to_list())
                found = (
                    f"{len(amounts)} steps, while {beyond.height:,} {role} rows are on step {first} or above"
                )
                remedy = "Add the amounts of these steps, or mend the roster's steps."
                expected = "an amount for every step of the roster"
                yield Fault(offer.file, None, f"term {term.id}.grid.{role}", found, expected, remedy)


def covers(roster: Roster, offer: Offer) -> Iterator[Fault]:
    """Return the covers that the roster has and no premium is stated for."""
    for term in offer.of_kind("health_premium"):
        taken = set(roster.table.filter(_of(roster, term))["health_cover"].drop_nulls()) - {"none"}
        for cover in sorted(taken - set(term["monthly"])):
            remedy = "State its monthly premium: what is missing is not nought."
            yield Fault(
                offer.file, None, f"term {term.id}.monthly", f"nothing for {cover}", "a premium", remedy
            )


def support(roster: Roster, offer: Offer) -> Iterator[Fault]:
    """Return the staffing minimums whose cost cannot be told without knowing the staff there is."""
    for term in offer.of_kind("staffing_minimum"):
        if roster.support is None:
            remedy = "Name a network's folder that has support_staff, or leave the term out."
            found = "a roster without support staff"
            yield Fault(offer.file, None, f"term {term.id}", found, "the table support_staff", remedy)


def granted(_roster: Roster, offer: Offer) -> Iterator[Fault]:
    """Return the promises of a benefit that no term grants."""
    kinds = {term.kind for term in offer.terms}
    for term in offer.of_kind("benefit_guarantee"):
        if term["benefit"] not in kinds:
            remedy = f"State the term {term['benefit']}, or leave the guarantee out."
            found = f"a guarantee of {term['benefit']}, which no term grants"
            yield Fault(offer.file, None, f"term {term.id}", found, "a benefit that is granted", remedy)


CHECKS: tuple[Callable[[Roster, Offer], Iterator[Fault]], ...] = (
    needs,
    bases,
    steps,
    covers,
    support,
    granted,
)
