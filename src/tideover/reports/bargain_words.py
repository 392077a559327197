"""What is said of packages of open terms, on the terminal and on the page."""

from __future__ import annotations

from collections.abc import Iterator

from tideover.bargaining import MEASURES, Bargain, Package
from tideover.bargaining.issues import SIDES
from tideover.bargaining.worth import KERNEL
from tideover.cases.bargain import BargainResult
from tideover.reports.words import plural

#: The named points in words, with what they are.
POINTS = {
    "nash": ("Nash", "the largest product of both gains over no deal"),
    "kalai_smorodinsky": ("Kalai-Smorodinsky", "the most even shares of what each could gain at best"),
    "egalitarian": ("Egalitarian", "the most even gains, in money"),
}
_MILLION = 1_000_000


def million(amount: float) -> str:
    """Return an amount in millions with its sign, to a hundredth.

    >>> million(-1234567)
    '-1.23'
    """
    return f"{amount / _MILLION:+.2f}"


def about(result: BargainResult) -> str:
    """Return the first sentence: what is open, and how many packages there are."""
    table = result.found.table
    return (
        f"{table.name}: {plural(len(table.issues), 'issue')}, {table.count:,} packages on "
        f"{table.base.name}, for {plural(result.roster.table.height, 'clinician')}, beside {result.current}."
    )


def no_deal(result: BargainResult) -> Iterator[str]:
    """Yield what no deal is guessed to be worth to each side."""
    for side in SIDES:
        days = result.strike_days[side]
        yield (
            f"No deal, {side}: {days:g} strike days at {result.day_costs[side]:,.0f} "
            f"{result.found.table.base.currency} each, {million(result.found.no_deal[side])} million a year "
            "of the contract."
        )


def zone(found: Bargain) -> str:
    """Return how much of the space both would rather sign than have no deal."""
    if not found.signable:
        return "No package is worth more than no deal to both sides, as they are guessed here."
    return (
        f"Both sides are guessed to prefer {found.signable:,} of {found.packages:,} packages to no deal; "
        f"the frontier has {len(found.frontier):,} packages that none beats for both, {len(found.zone):,} "
        "of them among these."
    )


def named(found: Bargain) -> Iterator[tuple[str, Package | None]]:
    """Yield every package that is named: last offers, nearest signable ones, points."""
    for side in SIDES:
        yield f"the {side}'s last offer", found.last[side]
    for side in SIDES:
        yield f"the signable package nearest to the {side}'s last offer", found.nearest[side]
    for rule, (name, _) in POINTS.items():
        yield name, found.points[rule]


def packages_tables(found: Bargain) -> list[tuple[list[str], list[list[str]]]]:
    """Return heads and rows of two tables, offers and points; each package is a column with a letter."""
    columns = [(chr(ord("A") + at), one) for at, (_, one) in enumerate(_there(found))]
    offers = sum(one is not None for one in (*found.last.values(), *found.nearest.values()))
    parts = [columns[:offers], columns[offers:]]
    return [(["", *(letter for letter, _ in part)], _rows(found, part)) for part in parts if part]


def _there(found: Bargain) -> list[tuple[str, Package]]:
    return [(name, one) for name, one in named(found) if one is not None]


def _rows(found: Bargain, columns: list[tuple[str, Package]]) -> list[list[str]]:
    rows = [
        [issue.title, *(issue.shown[one.choice[at]] for _, one in columns)]
        for at, issue in enumerate(found.table.issues)
    ]
    for side in SIDES:
        rows.append([f"worth to the {side}, million", *(million(one.worth[side]) for _, one in columns)])
        if found.method == KERNEL:
            reckoned = (million(one.reckoned[side]) for _, one in columns)
            rows.append(["  the same by the package kernel, million", *reckoned])
    for name, measure in MEASURES.items():
        rows.append(
            [f"{name.replace('_', ' ')}, {unit(measure.unit)}"]
            + [amount(one.measures[name], measure.unit) for _, one in columns]
        )
    return rows


def unit(of: str) -> str:
    """Return the unit in which a measure is told."""
    return "million a year" if of == "a year" else of


def amount(value: float, of: str) -> str:
    """Return a measure as it is told."""
    return million(value) if of == "a year" else f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"


def moves(found: Bargain) -> Iterator[str]:
    """Yield what the letters stand for, and what would have to move from each side's last offer."""
    columns = [name for name, _ in _there(found)]
    meanings = dict(POINTS.values())
    for number, name in enumerate(columns):
        told = f", {meanings[name]}" if name in meanings else ""
        yield f"{chr(ord('A') + number)}: {name}{told}"
    for side in SIDES:
        near = found.nearest[side]
        if near is not None:
            yield f"From the {side}'s last offer to a signable package: {_steps(found, side, near)}."
    for number, (name, one) in enumerate(_there(found)):
        lost = [side for side in SIDES if one.worth[side] < found.no_deal[side]]
        if lost and name in meanings:
            yield (
                f"{chr(ord('A') + number)}, once paid, is worth less than no deal to the "
                f"{' and the '.join(lost)}: the package kernel put it within the zone."
            )


def _steps(found: Bargain, side: str, near: Package) -> str:
    said = found.table.last(side)
    changed = [
        f"{issue.title} from {issue.shown[was]} to {issue.shown[now]}"
        for issue, was, now in zip(found.table.issues, said, near.choice, strict=True)
        if was != now
    ]
    return "; ".join(changed) or "nothing has to move"
