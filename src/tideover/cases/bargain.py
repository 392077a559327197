"""Open terms on a roster: what packages are worth to both sides, and what a strike day costs each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from tideover.bargaining import (
    MEASURES,
    Bargain,
    Beside,
    Leaving,
    NoDeal,
    Package,
    Side,
    Table,
    bargain,
    read_issues,
)
from tideover.bargaining.issues import SIDES
from tideover.budget import books_of, income
from tideover.cases.budget import assumed_of, span_of
from tideover.cases.offer import CURRENT, TAXED, offer_path, tax_of
from tideover.claims import Reading
from tideover.errors import Fault, InputError, attempt
from tideover.nouns.offer import Offer
from tideover.nouns.payroll import Payroll
from tideover.nouns.roster import Roster
from tideover.pay import KINDS, check_offers, payroll
from tideover.pay.employer import costs
from tideover.readers import read_books, read_offer, read_roster

#: Days of a year on which clinics of five days a week are open.
WORKING_DAYS = 260
Report = Callable[[str], None]


@dataclass(frozen=True)
class OnTable:
    """What is asked: the roster's place, the file of open terms, the current contract's."""

    roster: Path
    issues: Path
    current: Path | None = None


@dataclass(frozen=True)
class BargainResult:
    """What both sides could reach, on whose roster, under which two readings."""

    found: Bargain
    day_costs: Mapping[str, float]
    strike_days: Mapping[str, float]
    readings: Mapping[str, Reading]
    roster: Roster
    current: str
    notes: tuple[str, ...]


def issues_path(given: Path) -> Path:
    """Return the file of open terms: the one named, else the shipped one of that name."""
    folder = Path(str(files("tideover.bargaining") / "tables"))
    shipped = folder / f"{given.name.removesuffix('.toml')}.toml"
    return shipped if not given.exists() and given.parent == Path() and shipped.is_file() else given


def run_bargain(
    asked: OnTable, readings: Mapping[str, Reading], report: Report = lambda text: None
) -> BargainResult:
    """Return what both sides could reach; ``readings`` are by side. ``InputError`` with every fault."""
    report("reading what is on the table")
    roster, table, current = _read(asked)
    fresh = {side: reading.fresh() for side, reading in readings.items()}
    report(f"paying packages of {table.count:,}")
    pay = _payer(roster, table, current, fresh[SIDES[0]])
    now = payroll(roster.table, current, roster.support)
    costs_of_day = _day_costs(asked, table, now, fresh)
    sides = {side: Side(table.weights[side], _leaving(fresh[side])) for side in SIDES}
    no_deal = {side: NoDeal(table.strike_days[side], costs_of_day[side]) for side in SIDES}
    found = bargain(table, sides, no_deal, pay)
    notes = tuple(_notes(table, found))
    return BargainResult(found, costs_of_day, table.strike_days, fresh, roster, current.name, notes)


def _read(asked: OnTable) -> tuple[Roster, Table, Offer]:
    """Return roster, open terms and current contract; ``InputError`` with the faults of all of them."""
    faults: list[Fault] = []
    current = None
    roster = attempt(faults, lambda: read_roster(asked.roster))
    table = attempt(faults, lambda: read_issues(issues_path(asked.issues), offer_path))
    named = asked.current or (Path(CURRENT) if roster is None or roster.synthetic else None)
    if named is None:
        remedy = "Name the file of the current contract, beside which packages are told."
        faults.append(Fault("command line", None, "--current", "nothing", "the current contract", remedy))
    else:
        current = attempt(faults, partial(read_offer, offer_path(named), KINDS))
    if table is not None and current is not None:
        faults += _unlike(table.base, current)
    if roster is not None:
        offers = [current, None if table is None else table.base]
        faults += check_offers(roster, [one for one in offers if one is not None])
    if faults or roster is None or table is None or current is None:
        raise InputError(list(dict.fromkeys(faults)))
    return roster, table, current


def _unlike(base: Offer, current: Offer) -> list[Fault]:
    """Return why a base offer cannot stand beside the current contract: other days, another currency."""
    pairs = (
        ("period", f"{base.start} to {base.end}", f"{current.start} to {current.end}"),
        ("currency", base.currency, current.currency),
    )
    remedy = "State both for the same days and in one currency."
    return [
        Fault(base.file, None, key, mine, f"{theirs}, as in {current.file}", remedy)
        for key, mine, theirs in pairs
        if mine != theirs
    ]


def _payer(
    roster: Roster, table: Table, current: Offer, reading: Reading
) -> Callable[[Sequence[int]], Beside]:
    """Return a function that pays a package; each only once."""
    now = payroll(roster.table, current, roster.support)
    tax = tax_of(reading) if current.currency == TAXED else None
    now_costs = costs(now, tax)

    @cache
    def paid(choice: tuple[int, ...]) -> Beside:
        """Return the package, paid beside the current contract."""
        made = payroll(roster.table, table.offer(choice), roster.support)
        return Beside(made, costs(made, tax), now, now_costs)

    return lambda choice: paid(tuple(choice))


def _leaving(reading: Reading) -> Leaving:
    turnover = span_of(reading.ask("physician-turnover"))
    return Leaving((turnover.low + turnover.high) / 2, reading.ask("departures-by-pay").number)


def _day_costs(
    asked: OnTable, table: Table, now: Payroll, readings: Mapping[str, Reading]
) -> dict[str, float]:
    """Return what a strike day costs each side, under its own reading of who works and what is made up.

    1. The union's side: a working day's pay of those who do not work.
    2. The employer's: a working day's revenue of those who do not work, less what is made up later and less
       the pay that is saved; the middle of the revenue's span. Where the file states it, what it states.
    """
    away = {side: 1 - readings[side].ask("working-share").number for side in SIDES}
    a_day = float(now.total("pay")[0].sum()) / 100 / WORKING_DAYS
    employer = table.day_cost
    if employer is None:
        reading = readings[SIDES[0]]
        revenue = _revenue(asked.roster, reading) / WORKING_DAYS
        lost = revenue * (1 - reading.ask("visits-made-up").number)
        employer = max(0.0, away[SIDES[0]] * (lost - a_day))
    return {SIDES[0]: employer, SIDES[1]: away[SIDES[1]] * a_day}


def _revenue(folder: Path, reading: Reading) -> float:
    """Return the middle of a year's revenue; ``InputError`` where the network's books do not say it."""
    try:
        network = read_books(folder)
        found = income(books_of(network), [network.payers], assumed_of(reading)).total
    except InputError as error:
        remedy = "Or state employer_cost_per_day in the file of open terms."
        more = Fault("no_deal", None, "employer_cost_per_day", "nothing", "a strike day's cost", remedy)
        raise InputError([*error.faults, more]) from error
    return (found.low + found.high) / 2


def _notes(table: Table, found: Bargain) -> list[str]:
    """Return what a reader of the results must know."""
    made = [
        "What packages are worth to a side is a guess about it, by the weights in the file; nobody's word.",
        "Worth is told in the currency, for a mean year, beside the current contract without a strike.",
        f"Measured on every term of {table.base.name}; only the open terms differ between packages.",
    ]
    if found.method == "paid":
        made.append(f"Method: each of the {found.packages:,} packages was paid, clinician by clinician.")
    else:
        made.append(
            "Method: the package kernel. For each choice of base pay, what every option adds for each "
            f"clinician was paid, and summed over {found.packages:,} packages. Every package shown (the "
            "frontier, its points, last offers and the nearest signable ones) was then paid itself, to the "
            f"cent; the kernel misses these by at most {found.off:,.0f} a year. How many are signable rests "
            "on it."
        )
    return made


def bargain_json(result: BargainResult, out: Path | None) -> dict[str, Any]:
    """Return the document of ``bargain --json``."""
    found = result.found
    frontier = zip(found.frontier.a, found.frontier.b, found.reckoned, found.frontier.choices, strict=True)
    return {
        "name": found.table.name,
        "banner": found.table.banner,
        "synthetic": result.roster.synthetic,
        "currency": found.table.base.currency,
        "method": found.method,
        "packages": found.packages,
        "signable": found.signable,
        "kernel_misses_by": round(found.off, 2),
        "no_deal": {
            side: {
                "worth": round(found.no_deal[side], 2),
                "strike_days": result.strike_days[side],
                "cost_per_day": round(result.day_costs[side], 2),
            }
            for side in SIDES
        },
        "frontier": [
            {
                "employer": round(a, 2),
                "union": round(b, 2),
                "by_kernel": [round(one, 2) for one in kernel.tolist()],
                "options": _options(found.table, choice),
            }
            for a, b, kernel, choice in frontier
        ],
        "zone": list(found.zone),
        "points": {rule: _package_json(found.table, one) for rule, one in found.points.items()},
        "last_offers": {side: _package_json(found.table, one) for side, one in found.last.items()},
        "nearest_signable": {side: _package_json(found.table, one) for side, one in found.nearest.items()},
        "measures": {name: f"{measure.words}, {measure.unit}" for name, measure in MEASURES.items()},
        "notes": list(result.notes),
        "readings": {side: reading.as_dict() for side, reading in result.readings.items()},
        "out": None if out is None else str(out),
    }


def _options(table: Table, choice: Sequence[int]) -> dict[str, str]:
    return {issue.id: issue.shown[option] for issue, option in zip(table.issues, choice, strict=True)}


def _package_json(table: Table, package: Package | None) -> dict[str, Any] | None:
    if package is None:
        return None
    return {
        "options": _options(table, package.choice),
        "worth": {side: round(value, 2) for side, value in package.worth.items()},
        "worth_by_kernel": {side: round(value, 2) for side, value in package.reckoned.items()},
        "measures": {name: round(value, 4) for name, value in package.measures.items()},
    }
