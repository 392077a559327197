"""Open terms as issues: each has options for one key of one term of a base offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from tideover.nouns.offer import Offer

#: The two sides, in the order in which they are told.
SIDES = ("employer", "union")


@dataclass(frozen=True)
class Issue:
    """One open term: the key of a term, its options (as read, and as shown), and each side's last word.

    ``kind`` is the term's. ``last`` maps a side to the place of the option that it last offered.
    """

    id: str
    title: str
    term: str
    kind: str
    key: str
    values: tuple[Any, ...]
    shown: tuple[str, ...]
    last: Mapping[str, int]


@dataclass(frozen=True)
class Table:
    """What is on the table: a base offer, its open terms, weights of each side, strike days expected.

    ``weights`` maps a side to what one unit of each measure is worth to it in the offer's currency: guesses,
    and told as such. ``day_cost`` is what a strike day costs the employer, where the file states it.
    """

    name: str
    base: Offer
    issues: tuple[Issue, ...]
    weights: Mapping[str, Mapping[str, float]]
    strike_days: Mapping[str, float]
    day_cost: float | None
    illustrative: bool
    banner: str
    file: str

    @property
    def count(self) -> int:
        """How many packages there are."""
        return prod(len(issue.values) for issue in self.issues)

    def offer(self, choice: Sequence[int]) -> Offer:
        """Return the base offer with the option of each issue put in its place."""
        changed: dict[str, dict[str, Any]] = {}
        for issue, option in zip(self.issues, choice, strict=True):
            changed.setdefault(issue.term, {})[issue.key] = issue.values[option]
        terms = tuple(
            replace(term, values={**term.values, **changed[term.id]}) if term.id in changed else term
            for term in self.base.terms
        )
        return replace(self.base, terms=terms)

    def last(self, side: str) -> tuple[int, ...]:
        """Return the package that a side last offered."""
        return tuple(issue.last[side] for issue in self.issues)


def packages(sizes: Sequence[int], number: int) -> tuple[int, ...]:
    """Return the package with this number, the last issue running fastest.

    >>> packages([2, 3], 4)
    (1, 1)
    """
    choice = []
    for size in reversed(sizes):
        number, option = divmod(number, size)
        choice.append(option)
    return tuple(reversed(choice))
