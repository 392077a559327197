"""A morning's plan made ready before it is known what will be held, so that the rest takes no time (30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from tideover.engines.assignment import weights_of
from tideover.nouns import Policy, Scenario
from tideover.travel import counts as journey_counts
from tideover.visits.book import Book
from tideover.visits.decisions import untouched
from tideover.visits.joint import Sending, Start, start_of
from tideover.visits.licences import kept_from_video
from tideover.visits.pins import pinned_decisions
from tideover.visits.problem import OpenDay, Pairs, build

#: So many of each visit's cheapest pairs are looked at; the bounds are over all of them.
PAIRS = 96


@dataclass(frozen=True)
class Ready:
    """What no number of held sessions changes.

    ``short`` is the day with each visit's cheapest pairs; ``whole`` has all of them, for the bounds; ``kept``
    are the decisions of pinned and unaffected visits, ``None`` where a pin may not fit the cover; ``facts``
    are those parts of the plan's facts that are known; ``start`` are prices of a plan made ahead, if one was.
    """

    short: OpenDay
    whole: Sending
    kept: pl.DataFrame | None
    facts: Mapping[str, Any]
    start: Start | None


def make_ready(scenario: Scenario, policy: Policy, book: Book, opened: OpenDay, *, ahead: bool) -> Ready:
    """Return all that a morning's plan needs, whatever cover ``scenario`` knows of its date.

    ``ahead`` plans the day with that cover, so that posts can be sent at once when another is known.
    """
    whole = Sending(build(scenario, policy, book, opened))
    short = _shortened(opened, whole)
    kept = None
    if not book.asked:
        kept = pl.concat([pinned_decisions(scenario, policy, book), untouched(book, policy)])
    return Ready(
        short=short,
        whole=whole,
        kept=kept,
        facts={
            "travel": journey_counts(scenario.network, book.booked, policy),
            "kept_from_video": kept_from_video(whole.day),
            "later": None,
        },
        start=start_of(Sending(build(scenario, policy, book, short))) if ahead else None,
    )


def _shortened(opened: OpenDay, whole: Sending) -> OpenDay:
    """Return the day with the ``PAIRS`` cheapest of each visit's pairs with open intervals."""
    problem = whole.day.problem
    weights = np.array(weights_of(problem)[-1], np.int64)
    open_ = np.flatnonzero(problem.bin < opened.intervals.height)
    item, cost = problem.items[open_], weights @ problem.cost[:, open_].astype(np.int64)
    order = np.lexsort((cost, item))
    first = np.searchsorted(item[order], np.arange(problem.size.size))
    rank = np.arange(order.size) - first[item[order]]
    few = open_[np.sort(order[rank < PAIRS])]
    pairs = Pairs(
        problem.items[few], problem.bin[few].astype(np.int64), problem.cost[:, few].astype(np.int64)
    )
    return replace(opened, pairs=[pairs])
