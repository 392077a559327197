"""What packages are worth to both sides: every package paid, or sums by clinician where base pay is alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

import numpy as np
import numpy.typing as npt

from tideover.bargaining.issues import SIDES, Table, packages
from tideover.bargaining.measures import ADDITIVE, COUNTED, LOSS, MEASURES, Beside, Leaving
from tideover.bargaining.tally import tallied
from tideover.engines.frontier import Frontier, frontier_of_issues, frontier_of_outcomes
from tideover.errors import Fault, InputError
from tideover.pay.base import ORDER

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: Up to so many packages are all paid; else so many at most on the way to the values of all.
MOST_PAID, MOST_ANCHORS = 200, 3_000
#: No more packages than this are listed.
MOST_PACKAGES = 2_000_000
PAID, KERNEL = "paid", "kernel"


@dataclass(frozen=True)
class Side:
    """A side as it is guessed: its weights, and what it takes of leaving under its own reading."""

    weights: Mapping[str, float]
    leaving: Leaving

    def worth(self, beside: Beside, names: Collection[str] = tuple(MEASURES)) -> float:
        """Return what a package's measures (of these names) are worth to the side, in a mean year."""
        weights = {name: weight for name, weight in self.weights.items() if weight and name in names}
        return sum(weight * MEASURES[name].of(beside, self.leaving) for name, weight in weights.items())


@dataclass(frozen=True)
class NoDeal:
    """What no deal costs a side: strike days that it expects, and what each of them costs it."""

    days: float
    cost_per_day: float


@dataclass(frozen=True)
class Worth:
    """Both sides' utilities of all packages, numbered with the last issue running fastest; the frontier.

    ``method`` is ``paid`` or ``kernel``. ``frontier`` has one column of choices for each issue; every package
    on it was paid, and ``reckoned`` is what the kernel gave for its points (points, sides) before.
    """

    method: str
    sizes: tuple[int, ...]
    a: Floats
    b: Floats
    frontier: Frontier
    reckoned: Floats

    @cached_property
    def places(self) -> list[npt.NDArray[np.int64]]:
        """Of each issue the option that every package takes."""
        return [at.ravel() for at in np.indices(self.sizes)]


Pay = Callable[[Sequence[int]], Beside]


def worth_of(table: Table, sides: Mapping[str, Side], pay: Pay) -> Worth:
    """Return what all packages are worth; ``pay`` pays one package.

    ``InputError`` where there are too many packages to be listed, or too many choices of base pay.
    """
    sizes = tuple(len(issue.values) for issue in table.issues)
    tied = _tied(table)
    free = sum(size - 1 for at, size in enumerate(sizes) if at not in tied)
    anchors = prod(sizes[at] for at in tied) * (1 + free)
    for found, limit, what in (
        (table.count, MOST_PACKAGES, "packages"),
        (
            0 if table.count <= MOST_PAID else anchors,
            MOST_ANCHORS,
            "packages to be paid before all are known",
        ),
    ):
        if found > limit:
            expected = f"at most {limit:,}"
            raise InputError(
                [Fault(table.file, None, "issue", f"{found:,} {what}", expected, "State fewer options.")]
            )
    if table.count <= MOST_PAID:
        values = np.array([_worths(sides, pay(packages(sizes, n))) for n in range(table.count)]).T
        rows = frontier_of_outcomes(values[0], values[1]).choices[:, 0]
        choices = np.array([packages(sizes, int(row)) for row in rows], np.int64)
        paid = Frontier(values[0][rows], values[1][rows], choices)
        return Worth(PAID, sizes, values[0], values[1], paid, values[:, rows].T)
    values, rows = _reckoned(sides, pay, sizes, tied)
    return _with_paid_frontier(sides, pay, sizes, values, rows)


def _tied(table: Table) -> list[int]:
    """Return the issues whose options work upon each other: those of base pay, and several of one term."""
    terms = [issue.term for issue in table.issues]
    return [at for at, issue in enumerate(table.issues) if issue.kind in ORDER or terms.count(issue.term) > 1]


def _with_paid_frontier(
    sides: Mapping[str, Side], pay: Pay, sizes: tuple[int, ...], values: Floats, rows: Ints
) -> Worth:
    """Return the worth with every package of the reckoned frontier (``rows``) paid, and the best of these.

    Of a frontier of more than ``MOST_ANCHORS`` packages so many are paid, evenly along it.
    """
    if rows.size > MOST_ANCHORS:
        rows = rows[np.linspace(0, rows.size - 1, MOST_ANCHORS).astype(np.int64)]
    choices = np.array([packages(sizes, int(row)) for row in rows], np.int64)
    paid = np.array([_worths(sides, pay(choice.tolist())) for choice in choices])
    kept = frontier_of_outcomes(paid[:, 0], paid[:, 1])
    best = kept.choices[:, 0]
    frontier = Frontier(kept.a, kept.b, choices[best])
    return Worth(KERNEL, sizes, values[0], values[1], frontier, values[:, rows[best]].T)


def _worths(sides: Mapping[str, Side], beside: Beside) -> list[float]:
    return [sides[side].worth(beside) for side in SIDES]


def _reckoned(
    sides: Mapping[str, Side], pay: Pay, sizes: tuple[int, ...], tied: Sequence[int]
) -> tuple[Floats, Ints]:
    """Return the worth of all packages (sides, packages), and the numbers of those on the frontier.

    Each choice on the ``tied`` issues is taken by itself. A package is then the one of all first options and,
    for each other issue, what its option alone adds: to every measure that is a sum, and to the pay of every
    clinician, from which losers and the worst change are counted. Where no weight is on these, the frontier
    of each choice is merged issue by issue.
    """
    others = [at for at in range(len(sizes)) if at not in tied]
    counted = any(sides[side].weights.get(name) for side in SIDES for name in COUNTED)
    numbers = np.moveaxis(np.arange(prod(sizes)).reshape(sizes), [*tied, *others], range(len(sizes)))
    made = np.empty((len(SIDES), prod(sizes)))
    rows = []
    for chosen in product(*(range(sizes[at]) for at in tied)):
        options, tables = _alone(sides, pay, sizes, dict(zip(tied, chosen, strict=True)))
        own = numbers[chosen].ravel()
        made[:, own] = [_all_sums(table) for table in tables]
        if counted:
            made[:, own] += _counted(sides, options)
        front = frontier_of_issues(*tables).choices if others and not counted else None
        if front is None:
            rows.append(own)
        else:
            rows.append(own[np.ravel_multi_index(tuple(front.T), [sizes[at] for at in others])])
    candidates = np.concatenate(rows)
    best = frontier_of_outcomes(made[0, candidates], made[1, candidates]).choices[:, 0]
    return made, candidates[best]


def _alone(
    sides: Mapping[str, Side], pay: Pay, sizes: tuple[int, ...], chosen: Mapping[int, int]
) -> tuple[list[list[Beside]], list[list[Floats]]]:
    """Return for each issue that is not ``chosen`` its options, each alone beside all first ones, paid.

    The second result is, for each side, what each of them adds to the measures that are sums; the first
    issue's options hold the package of all first options, too.
    """
    others = [at for at in range(len(sizes)) if at not in chosen]

    def paid(issue: int, option: int) -> Beside:
        """Return the package of first options but for those chosen and this issue."""
        return pay([chosen.get(at, option if at == issue else 0) for at in range(len(sizes))])

    anchor = paid(-1, 0)
    options = [[anchor, *(paid(issue, option) for option in range(1, sizes[issue]))] for issue in others]
    start = _parts(sides, anchor)
    added = [np.array([_parts(sides, one) for one in of_issue]) - start for of_issue in options]
    if not added:
        return [[anchor]], [[start[side : side + 1]] for side in range(len(SIDES))]
    added[0] += start
    return options, [[of_issue[:, side] for of_issue in added] for side in range(len(SIDES))]


def _counted(sides: Mapping[str, Side], options: Sequence[Sequence[Beside]]) -> Floats:
    """Return what losers and worst change of all packages of these options are worth: (sides, packages)."""
    anchor = options[0][0]
    start = _pay_of(anchor)
    added = np.concatenate([[_pay_of(one) - start for one in of_issue] for of_issue in options])
    sizes = np.array([len(of_issue) for of_issue in options], np.int64)
    first = (np.cumsum(sizes) - sizes).astype(np.int64)
    found: Floats = tallied(start, added, first, sizes, _pay_of(anchor, now=True), LOSS)
    per_cent = 100.0
    weights = [[sides[side].weights.get(name, 0.0) for name in COUNTED] for side in SIDES]
    worth: Floats = np.einsum("pm,sm->sp", found, np.array(weights) * [1.0, per_cent])
    return worth


def _parts(sides: Mapping[str, Side], beside: Beside) -> Floats:
    """Return what the measures that are sums are worth to both sides."""
    return np.array([sides[side].worth(beside, ADDITIVE) for side in SIDES])


def _pay_of(beside: Beside, *, now: bool = False) -> Floats:
    """Return the pay of each clinician who has any now, over the whole contract: of the package, or now."""
    before = beside.current.total("pay").sum(axis=0)
    whole = before if now else beside.package.total("pay").sum(axis=0)
    return np.asarray(whole[before > 0], np.float64)


def _all_sums(rows: Sequence[Floats]) -> Floats:
    whole = np.zeros(1)
    for row in rows:
        whole = (whole[:, None] + row).ravel()
    return whole
