"""Offers on a roster: read, checked, paid, and compared with the current contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from tideover.cases.stated import told
from tideover.claims import Answer, Entry, Reading
from tideover.errors import Fault, InputError, attempt
from tideover.impact.suppress import FEWEST_PEOPLE, suppressed
from tideover.nouns.offer import Offer
from tideover.nouns.payroll import Payroll
from tideover.nouns.roster import Roster
from tideover.pay import KINDS, check_offers, payroll
from tideover.pay.compare import Spread, by_group, changes, gap, hourly_pay, spread
from tideover.pay.debt import debts
from tideover.pay.employer import Tax, YearCost, costs, over_base, present_value
from tideover.pay.guarantee import Promise, Range, promises
from tideover.pay.real import real_change
from tideover.readers import read_offers, read_roster

#: The currency of the payroll tax that is known here.
TAXED = "USD"
CURRENT = "current"
#: The claims on pay before the contract: the cut of the pandemic, rises since, the chief executive's.
HISTORY = ("pandemic-cut-size", "pay-since-pandemic", "executive-rise")
Report = Callable[[str], None]


@dataclass(frozen=True)
class Stretch:
    """What a number hangs on, and where it lies over the stretch that a claim is told with.

    ``over`` are the ends of the claim, ``found`` what comes of them, in the same order.
    """

    over: tuple[float, float]
    found: tuple[float, float]


@dataclass(frozen=True)
class Outcome:
    """What one offer comes to beside the current contract.

    ``stretches`` are by claim: the present value over ``discount-rate``, what pay of the last year buys over
    ``future-inflation``, the cost over base of all years over ``oasdi-base-growth``; in cents, or shares.
    ``changes`` has one row for each clinician: personal, for the roster's owner only. ``groups`` is fit to
    be shared: small cells are empty. ``cost_over_base`` is in cents by year.
    """

    payroll: Payroll
    changes: pl.DataFrame
    spread: Spread
    net: Spread
    groups: pl.DataFrame
    costs: tuple[YearCost, ...]
    cost_over_base: list[int]
    present_value: float
    real_by_year: list[float]
    hourly: pl.DataFrame
    debts: pl.DataFrame
    promises: tuple[Promise, ...]
    gap: pl.DataFrame | None
    stretches: Mapping[str, Stretch]


@dataclass(frozen=True)
class OffersResult:
    """All offers on one roster, the current contract among them, and what the sums rest on.

    ``history`` are the answers to ``HISTORY``, of which pay before the contract is told.
    """

    roster: Roster
    current: Payroll
    current_costs: tuple[YearCost, ...]
    current_hourly: pl.DataFrame
    current_debts: pl.DataFrame
    outcomes: tuple[Outcome, ...]
    reading: Reading
    notes: tuple[str, ...]
    tax: Tax | None = None
    history: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What is asked: the roster's place, the offers' files, the current contract's, a comparator's."""

    roster: Path
    offers: Sequence[Path]
    current: Path | None = None
    comparator: Path | None = None


def shipped_offers() -> dict[str, Path]:
    """Return the offers that ship with Tideover, by name; all of them are made up."""
    folder = Path(str(files("tideover.pay") / "offers"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def offer_path(given: Path) -> Path:
    """Return the file of an offer: the one named, else the shipped one of that name."""
    known = shipped_offers()
    name = given.name.removesuffix(".toml")
    if not given.exists() and given.parent == Path() and name in known:
        return known[name]
    return given


def read_asked(asked: Asked) -> tuple[Roster, list[Offer]]:
    """Return the roster and the offers: the current contract first, the comparator (if any) last.

    Raises ``InputError`` with every fault of the roster, of every offer and between them.
    """
    faults: list[Fault] = []
    roster = attempt(faults, lambda: read_roster(asked.roster))
    current = asked.current or (Path(CURRENT) if roster is None or roster.synthetic else None)
    if current is None:
        remedy = "Name the file of the current contract, against which changes are told."
        faults.append(Fault("command line", None, "--current", "nothing", "the current contract", remedy))
    paths = [current or asked.offers[0], *asked.offers, *([asked.comparator] if asked.comparator else [])]
    offers = attempt(faults, lambda: read_offers([offer_path(path) for path in paths], KINDS))
    if offers is not None:
        faults += _periods(offers)
    if roster is not None and offers is not None:
        faults += check_offers(roster, offers)
    if faults or roster is None or offers is None:
        raise InputError(list(dict.fromkeys(faults)))
    return roster, offers


def _periods(offers: Sequence[Offer]) -> list[Fault]:
    """Return the offers that are not about the days of the first one."""
    first = offers[0]
    days = f"{first.start} to {first.end}"
    remedy = "State both for the same days, so that the same time is compared."
    return [
        Fault(
            offer.file, None, "period", f"{offer.start} to {offer.end}", f"{days}, as in {first.file}", remedy
        )
        for offer in offers[1:]
        if (offer.start, offer.end) != (first.start, first.end)
    ]


def run_offers(asked: Asked, reading: Reading, report: Report = lambda text: None) -> OffersResult:
    """Return what each offer pays and costs, compared with the current contract, under a reading.

    Raises ``InputError`` with every fault of the input.
    """
    report("reading roster and offers")
    roster, offers = read_asked(asked)
    reading = reading.fresh()
    report(f"paying {roster.table.height:,} clinicians under the current contract")
    now = payroll(roster.table, offers[0], roster.support)
    tax = tax_of(reading) if offers[0].currency == TAXED else None
    facts = _Facts(now, costs(now, tax), tax, reading)
    last = len(offers) - 1 if asked.comparator else len(offers)
    comparator = payroll(roster.table, offers[last], roster.support) if asked.comparator else None
    outcomes = []
    for offer in offers[1:last]:
        report(f"paying them under {offer.name}")
        outcomes.append(_outcome(payroll(roster.table, offer, roster.support), facts, comparator))
    return OffersResult(
        roster,
        now,
        facts.costs,
        hourly_pay(now),
        _debts(now, reading),
        tuple(outcomes),
        reading,
        tuple(_notes(roster, offers, tax)),
        tax,
        tuple(reading.answer(name) for name in HISTORY),  # told on the page alone: no sum rests on it
    )


@dataclass(frozen=True)
class _Facts:
    """What every offer is compared with: the current contract, its cost, the tax, the reading."""

    current: Payroll
    costs: tuple[YearCost, ...]
    tax: Tax | None
    reading: Reading


def _outcome(paid: Payroll, facts: _Facts, comparator: Payroll | None) -> Outcome:
    reading = facts.reading
    found = changes(paid, facts.current)
    cost = costs(paid, facts.tax)
    over = over_base(cost, facts.costs)
    chance, size = (_range(reading.ask(f"benefit-cut-{name}")) for name in ("chance", "size"))
    return Outcome(
        paid,
        found,
        spread(found),
        spread(found, "net_change"),
        suppressed(by_group(found)),
        cost,
        over,
        present_value(over, reading.ask("discount-rate").number),
        _real(paid, facts.current, reading.ask("future-inflation").number),
        hourly_pay(paid),
        _debts(paid, reading),
        promises(paid, chance, size),
        None if comparator is None else gap(paid, comparator),
        dict(_stretches(paid, facts, over)),
    )


def _stretches(paid: Payroll, facts: _Facts, over: list[int]) -> Iterator[tuple[str, Stretch]]:
    """Yield what comes of the ends of the claims that are told as a stretch; of a bare point, nothing."""

    def costs_more(growth: float) -> float:
        """Return the cost over base of the whole contract if the wage base grows so."""
        tax = None if facts.tax is None else replace(facts.tax, growth=Fraction(str(growth)))
        return float(sum(over_base(costs(paid, tax), costs(facts.current, tax))))

    reckoned: dict[str, Callable[[float], float]] = {"discount-rate": lambda rate: present_value(over, rate)}
    if _real(paid, facts.current, 0.0):
        reckoned["future-inflation"] = lambda rate: _real(paid, facts.current, rate)[-1]
    if facts.tax is not None:
        reckoned["oasdi-base-growth"] = costs_more
    for name, at in reckoned.items():
        entry = facts.reading.ask(name).entry
        if isinstance(entry.low, int | float) and isinstance(entry.high, int | float):
            ends = float(entry.low), float(entry.high)
            yield name, Stretch(ends, (at(ends[0]), at(ends[1])))


def _real(paid: Payroll, current: Payroll, inflation: float) -> list[float]:
    """Return what all pay of each year buys, beside the first year of the current contract."""
    before = float(current.total("pay")[0].sum())
    after = paid.total("pay").sum(axis=1).tolist()
    if not before:
        return []
    return [real_change(before, float(amount), inflation, year) for year, amount in enumerate(after)]


def _debts(paid: Payroll, reading: Reading) -> pl.DataFrame:
    interest, part = (reading.ask(name).number for name in ("loan-interest", "loan-payment-share"))
    return debts(paid, interest, part)


def tax_of(reading: Reading) -> Tax:
    """Return the payroll tax under a reading; rates are the decimals that the claims print."""
    bases = reading.ask("oasdi-base").entry.value
    if not isinstance(bases, Mapping):
        raise InputError([_not_by_year()])
    oasdi, medicare, growth = (
        Fraction(str(reading.ask(name).number))
        for name in ("oasdi-rate", "medicare-rate", "oasdi-base-growth")
    )
    return Tax(oasdi, medicare, {int(year): round(base * 100) for year, base in bases.items()}, growth)


def _not_by_year() -> Fault:
    expected = "wage bases by year, such as { 2026 = 184500 }"
    return Fault("reading", None, "oasdi-base", "another value", expected, "State it by year.")


def _range(answer: Answer) -> Range:
    """Return the stretch that a claim's answer is told with; a bare point would feign knowledge."""
    entry: Entry = answer.entry
    low, high = entry.low, entry.high
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        expected = "a range: low and high"
        remedy = "A benefit that may be cut is valued as a range: state both ends."
        raise InputError([Fault("reading", None, answer.claim.id, "a point", expected, remedy)])
    return Range(float(low), float(high))


def _notes(roster: Roster, offers: Sequence[Offer], tax: Tax | None) -> list[str]:
    """Return what a reader of the results must know."""
    made = []
    if tax is None:
        made.append(f"No payroll tax is known for {offers[0].currency}: costs are without it.")
    elif (offers[0].start.month, offers[0].start.day) != (1, 1):
        made.append(
            "Pay years are not calendar years: the wage base of social security is that of the calendar year "
            "in which each pay year starts."
        )
    bare = [offer.name for offer in offers if offer.roll_up is None]
    if bare:
        made.append(f"No roll-up beside payroll tax is stated in: {', '.join(bare)}. None is counted there.")
    lacking = roster.table["after_hours_per_week"].null_count()
    if lacking:
        made.append(f"After-hours are unknown for {lacking:,} clinicians: no pay per worked hour for them.")
    if roster.table.height < FEWEST_PEOPLE:
        made.append(
            f"The roster has fewer than {FEWEST_PEOPLE} clinicians: nothing of this is fit to be shared."
        )
    made.append(
        "Benefits that may be cut are valued as ranges; chance and size are assumptions of the reading."
    )
    return made


def offers_json(result: OffersResult, out: Path | None) -> dict[str, Any]:
    """Return the document of ``offer --json``: amounts in the offers' currency, shares of one."""
    return {
        "currency": result.current.offer.currency,
        "clinicians": result.roster.table.height,
        "synthetic": result.roster.synthetic,
        "current": {"name": result.current.offer.name, "cost": [c.total / 100 for c in result.current_costs]},
        "offers": [_offer_json(outcome) for outcome in result.outcomes],
        "notes": list(result.notes),
        "reading": result.reading.id,
        "claims": told((*result.reading.asked, *result.history)),
        "out": None if out is None else str(out),
    }


def _offer_json(outcome: Outcome) -> dict[str, Any]:
    told, offer = outcome.spread, outcome.payroll.offer
    return {
        "name": offer.name,
        "banner": offer.banner,
        "mean_change": told.mean,
        "worst_change": told.worst,
        "share_losing_5pct": told.losing.get("0.05", 0.0),
        "share_losing": told.losing,
        "of_payroll": told.of_payroll,
        "points": told.points,
        "classes": told.classes,
        "mean_change_with_benefits": outcome.net.mean,
        "years": [year.name for year in outcome.payroll.years],
        "cost": [cost.total / 100 for cost in outcome.costs],
        "cost_over_base": [cents / 100 for cents in outcome.cost_over_base],
        "cost_over_base_present_value": round(outcome.present_value / 100, 2),
        "real_change_by_year": outcome.real_by_year,
        "stretches": {
            claim: {"over": list(one.over), "found": [_plain(claim, end) for end in one.found]}
            for claim, one in outcome.stretches.items()
        },
        "promises": [
            {
                "benefit": promise.benefit,
                "states": promise.states,
                "full": promise.full / 100,
                "low": round(promise.kept.low / 100, 2),
                "high": round(promise.kept.high / 100, 2),
            }
            for promise in outcome.promises
        ],
        "groups": outcome.groups.to_dicts(),
        "comparator": None if outcome.gap is None else _large(outcome.gap).to_dicts(),
    }


def _plain(claim: str, found: float) -> float:
    """Return what a stretch comes to as the rest of the document has it: money in whole units, or a share."""
    return found if claim == "future-inflation" else round(found / 100, 2)


def _large(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows about groups with those of small groups emptied but for the group's name."""
    enough = pl.col("people") >= FEWEST_PEOPLE
    return rows.with_columns(pl.when(enough).then(pl.exclude("role")).name.keep())
