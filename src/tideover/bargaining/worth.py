"""What packages are worth to both sides: every package paid, or sums of the effects of single options."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tideover.bargaining.issues import SIDES, Table, packages
from tideover.bargaining.measures import ADDITIVE, Beside, Leaving, measured
from tideover.engines.frontier import Frontier, frontier_of_issues, frontier_of_outcomes
from tideover.errors import Fault, InputError

Floats = npt.NDArray[np.float64]
#: Up to so many packages are all paid; up to the second number where a weight is on what is no sum.
MOST_PAID, MOST_PAID_IF_NEEDED = 200, 2_000
#: No more packages than this are listed.
MOST_PACKAGES = 2_000_000
PAID, SUMS = "paid", "sums"


@dataclass(frozen=True)
class Side:
    """A side as it is guessed: its weights, and what it takes of leaving under its own reading."""

    weights: Mapping[str, float]
    leaving: Leaving

    def worth(self, beside: Beside) -> float:
        """Return what a package is worth to the side, beside the current contract, in a mean year."""
        found = measured(beside, self.leaving)
        return sum(weight * found[name] for name, weight in self.weights.items())


@dataclass(frozen=True)
class NoDeal:
    """What no deal costs a side: strike days that it expects, and what each of them costs it."""

    days: float
    cost_per_day: float


@dataclass(frozen=True)
class Worth:
    """Both sides' utilities of all packages, numbered with the last issue running fastest; the frontier.

    ``method`` is ``paid`` or ``sums``; ``frontier`` has one column of choices for each issue.
    """

    method: str
    sizes: tuple[int, ...]
    a: Floats
    b: Floats
    frontier: Frontier

    @cached_property
    def places(self) -> list[npt.NDArray[np.int64]]:
        """Of each issue the option that every package takes."""
        return [at.ravel() for at in np.indices(self.sizes)]


Pay = Callable[[Sequence[int]], Beside]


def worth_of(table: Table, sides: Mapping[str, Side], pay: Pay) -> Worth:
    """Return what all packages are worth; ``pay`` pays one package.

    ``InputError`` where there are too many packages to be listed, or to be paid where a weight is on what is
    no sum over issues.
    """
    weighed = {name for side in sides.values() for name, weight in side.weights.items() if weight}
    needed = sorted(weighed - set(ADDITIVE))
    limit = MOST_PAID_IF_NEEDED if needed else MOST_PACKAGES
    if table.count > limit:
        why = f" while there is a weight on {', '.join(needed)}" if needed else ""
        found = f"{table.count:,} packages"
        raise InputError(
            [Fault(table.file, None, "issue", found, f"at most {limit:,}{why}", "State fewer options.")]
        )
    sizes = tuple(len(issue.values) for issue in table.issues)
    if needed or table.count <= MOST_PAID:
        return _paid(table, sides, pay, sizes)
    return _sums(table, sides, pay, sizes)


def _paid(table: Table, sides: Mapping[str, Side], pay: Pay, sizes: tuple[int, ...]) -> Worth:
    values = np.empty((len(SIDES), table.count))
    for number in range(table.count):
        beside = pay(packages(sizes, number))
        values[:, number] = [sides[side].worth(beside) for side in SIDES]
    found = frontier_of_outcomes(values[0], values[1])
    choices = np.array([packages(sizes, int(row)) for row in found.choices[:, 0]], np.int64)
    return Worth(PAID, sizes, values[0], values[1], Frontier(found.a, found.b, choices))


def _sums(table: Table, sides: Mapping[str, Side], pay: Pay, sizes: tuple[int, ...]) -> Worth:
    """Return the sums of what each option adds to the package of all first options."""
    first = pay((0,) * len(sizes))
    anchor = [sides[side].worth(first) for side in SIDES]
    tables: list[list[Floats]] = [[], []]
    for issue, size in enumerate(sizes):
        added = np.zeros((len(SIDES), size))
        for option in range(1, size):
            choice = tuple(option if at == issue else 0 for at in range(len(sizes)))
            beside = pay(choice)
            added[:, option] = [sides[side].worth(beside) for side in SIDES]
            added[:, option] -= anchor
        if issue == 0:
            added += np.array(anchor)[:, None]
        for side, row in zip(tables, added, strict=True):
            side.append(row)
    a, b = (_all_sums(rows) for rows in tables)
    return Worth(SUMS, sizes, a, b, frontier_of_issues(tables[0], tables[1]))


def _all_sums(rows: Sequence[Floats]) -> Floats:
    whole = np.zeros(1)
    for row in rows:
        whole = (whole[:, None] + row).ravel()
    return whole
