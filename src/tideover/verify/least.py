"""How many sessions prices prove to be needed, case by case; formulation (S6)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from tideover.verify.asked import Asked, Slot, group_of
from tideover.verify.bound import Bins, best_value, waiting_places
from tideover.verify.case import Case
from tideover.verify.pairs import Board
from tideover.verify.rules import declined_site, may_stand_at
from tideover.verify.shape import misfits

#: Splits within splits end here: no proof that a planner writes is as deep.
DEEPEST = 500
LEAF = {
    "prices": dict,
    "rates": [{"pool_id": str, "date": str, "clinic_id": str, "hour": int, "roles": [str], "rate": int}],
    "tolls": [int],
}
SPLIT = {"of": [str], "at": int, "most": dict, "more": dict}


def misshapen(case: Mapping[str, Any], depth: int) -> Iterator[str]:
    """Yield a sentence for everything in a proof's case that is not of its form."""
    where = "plan.json.safe_cover_proof.bounds.case"
    if depth > DEEPEST:
        yield f"{where}: found more than {DEEPEST} splits within splits"
    elif "of" in case:
        wrong = list(misfits(case, SPLIT, where))
        yield from wrong
        if not wrong:
            yield from misshapen(case["most"], depth + 1)
            yield from misshapen(case["more"], depth + 1)
    else:
        wrong = list(misfits(case, LEAF, where))
        yield from wrong
        if not wrong:
            numbers = [*case["prices"].values(), *case["tolls"], *(row["rate"] for row in case["rates"])]
            if not all(type(number) is int and number >= 0 for number in numbers):
                yield f"{where}: found a number that is not whole or below 0"
            if len(case["tolls"]) != depth:
                yield f"{where}: found {len(case['tolls'])} tolls; expected {depth}, one for each split above"


@dataclass(frozen=True)
class Proof:
    """What the prices are held against: the case, what may be asked for, and the bins of the plan."""

    case: Case
    may: Asked
    bins: Bins

    @cached_property
    def safe_bins(self) -> Mapping[str, list[tuple[object, int]]]:
        """The bins, each with its units, in which each visit to keep safe is held in time."""
        board = Board(self.case, self.bins.intervals)
        found = {}
        for visit_id, visit in self.may.visits.items():
            rows = board.allowed(visit).tolist()
            own: list[tuple[object, int]] = [
                (row, self.bins.intervals[row].units)
                for row in rows
                if self.bins.intervals[row].start.date() <= visit.safe_by
            ]
            own += [(one, one.units) for one in waiting_places(self.case, self.bins, visit)]
            own += [
                (one, one.units)
                for one in self.bins.cover
                if one.clinic_id is not None
                and (one.pool_id, one.date, one.hour) == (*group_of(visit), visit.start.hour)
                and may_stand_at(self.case, visit, one.clinic_id)
                and not declined_site(visit, one.clinic_id)
            ]
            found[visit_id] = [(name, units) for name, units in own if units >= self.case.size(visit)]
        return found


#: A side of a split: the sessions named, the number, and whether it is at least so many (else at most).
Side = tuple[frozenset[str], int, bool]


def least_of(
    proof: Proof, case: Mapping[str, Any], groups: set[tuple[str, str]], above: tuple[Side, ...] = ()
) -> float:
    """Return the fewest sessions of ``groups`` that a case leaves possible; infinite where it leaves none."""
    if "of" in case:
        named, at = frozenset(case["of"]), case["at"]
        most = least_of(proof, case["most"], groups, (*above, (named, at, False)))
        return min(most, least_of(proof, case["more"], groups, (*above, (named, at + 1, True))))
    rates = {
        Slot(
            row["pool_id"],
            date.fromisoformat(row["date"]),
            row["clinic_id"],
            row["hour"],
            tuple(row["roles"]),
        ): row["rate"]
        for row in case["rates"]
    }
    prices = _least_prices(proof, case["prices"], rates, groups)
    value = sum(prices.values()) - _gained_in_bins(proof, prices)
    worth = {
        name: sum(60 * rates.get(slot, 0) for slot in slots)
        for name, slots in proof.may.sessions.items()
        if (slots[0].pool_id, slots[0].date.isoformat()) in groups
    }
    for (named, number, at_least), toll in zip(above, case["tolls"], strict=True):
        sign = 1 if at_least else -1
        value += sign * toll * number
        for name in named & worth.keys():
            worth[name] += sign * toll
        if at_least and toll and not named <= worth.keys():
            return 0  # it counts sessions of other pools, of which this bound says nothing
    dearest = max(worth.values(), default=0)
    if value <= 0:
        return 0
    return -(-value // dearest) if dearest > 0 else math.inf


def _least_prices(
    proof: Proof, prices: Mapping[str, int], rates: Mapping[Slot, int], groups: set[tuple[str, str]]
) -> dict[str, int]:
    """Return p' of every visit to keep safe of the groups; others, or unknown ones, count nothing."""
    found = {}
    for visit_id, price in prices.items():
        visit = proof.may.visits.get(visit_id)
        if visit is not None and (visit.pool_id, visit.day.isoformat()) in groups:
            ways = proof.may.ways[visit_id].values()
            found[visit_id] = min(
                price, *(sum(minutes * rates.get(slot, 0) for slot, minutes in way.items()) for way in ways)
            )
    return found


def _gained_in_bins(proof: Proof, prices: Mapping[str, int]) -> int:
    items: dict[tuple[object, int], list[tuple[int, int]]] = defaultdict(list)
    for visit_id, price in prices.items():
        size = proof.case.size(proof.may.visits[visit_id])
        for name, units in proof.safe_bins[visit_id]:
            if price > 0:
                items[name, units].append((size, price))
    return sum(best_value(inside, units) for (_, units), inside in items.items())
