"""Which clinics to close: the place of one set among all, and the set with least harm under capacities."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tideover.engines.location import (
    MOST,
    MOST_OVERFLOWS,
    Ranking,
    best_sets,
    lists_of,
    overflow_of,
    rank_of,
    rank_of_overflow,
)
from tideover.engines.transport import FORBIDDEN, TransportProblem, lower_bound, solve
from tideover.nouns import Network, Policy
from tideover.panels.harm import MEASURES, Residents, nowhere, residents_of, rooms_of, wishes_of
from tideover.panels.problem import Bools, Ints
from tideover.panels.upkeep import Upkeep

Floats = np.ndarray[Any, np.dtype[np.float64]]

#: The measures of a rank; ``load`` is no sum over people.
RANKED = (*MEASURES, "load")
#: The best sets by minutes among which a set is ranked by load, too.
BEST = 1_000
#: Sets that are tried with capacities, at most; prices are whole numbers of 1/PARTS for a tenth of a patient.
TRIED, PARTS = 2_000, 16
#: All sets of as many are looked at if there are at most so many; else of fewer clinics (C10).
ALL_SETS = 20_000_000
_GAP = 1e-4


@dataclass(frozen=True)
class Field:
    """The clinics among which is chosen: ``people`` of them, ``may`` (m,): which may close, and their rooms.

    ``target``, ``cap`` (m,): tenths of a usual patient that a clinic takes in up to its panels' target, cap.
    ``upkeep``: what clinics that stay open cost, where that counts in a choice.
    """

    people: Residents
    may: Bools
    target: Ints
    cap: Ints
    policy: Policy
    upkeep: Upkeep | None = None

    @classmethod
    def of(
        cls, network: Network, policy: Policy, keep: Sequence[str] = (), per_hour: float | None = None
    ) -> Field:
        """Return the field of a network in which the clinics ``keep`` stay open.

        With ``per_hour`` fixed costs count at this rate (C11); each clinic that may close must state them.
        """
        people = residents_of(network, policy)
        target, cap = rooms_of(network, people, policy)
        may = np.array([name not in keep for name in people.clinics])
        upkeep = None if per_hour is None else Upkeep.of(network, people.clinics, may, per_hour)
        return cls(people, may, target, cap, policy, upkeep)

    @property
    def fixed(self) -> Ints:
        """The minutes that each clinic counts while it is open: (m,), none where costs do not count."""
        return np.zeros(len(self.people.clinics), np.int64) if self.upkeep is None else self.upkeep.minutes

    def standing(self, closed: Sequence[int]) -> int:
        """Return the minutes that the clinics outside ``closed`` count; W of (C11)."""
        return int(self.fixed.sum() - self.fixed[list(closed)].sum())

    def places(self, clinics: Sequence[str]) -> list[int]:
        """Return the places of clinics in ``people.clinics``."""
        return [self.people.clinics.index(name) for name in clinics]

    def names(self, places: Sequence[int]) -> list[str]:
        """Return the clinics at these places."""
        return [self.people.clinics[at] for at in places]

    def harm(self, measure: str) -> Floats:
        """Return the harm of each person of a row at each clinic by this measure: (n, m)."""
        return MEASURES[measure](self.people, self.policy).astype(np.float64)

    def alone(self, place: int) -> Ranking:
        """Return the place of closing one clinic alone among all that may close, by minutes."""
        return rank_of(self.harm("minutes"), self.people.people.astype(np.float64), [place], self.may)

    def sets(self, count: int) -> int:
        """Return how many sets of ``count`` clinics there are."""
        return math.comb(int(self.may.sum()), count)


@dataclass(frozen=True)
class Ranked:
    """The place of a set among all: ``ranking`` by the measure; ``seconds``; and by load among the best.

    ``best`` counts the sets that cost least in minutes among which ``best_rank`` is the place by load of the
    set itself, and whether it is one of them (``among``); None where there are too many sets for that.
    """

    measure: str
    ranking: Ranking
    seconds: float
    best: int
    best_rank: int
    among: bool
    load: int


def most_sets(measure: str) -> int:
    """Return how many sets can be ranked by this measure."""
    return MOST_OVERFLOWS if measure == "load" else MOST


def rank(field: Field, announced: Sequence[int], measure: str) -> Ranked:
    """Return the place of closing ``announced`` among all sets of as many; (C5), (C6), (C7).

    ``ValueError`` if there are more than ``most_sets`` of them, or it names a clinic that may not close.
    """
    people, count = field.people, len(announced)
    began = time.perf_counter()
    lists = lists_of(people.own, people.size, wishes_of(people, count), field.target)
    if measure == "load":
        ranking = rank_of_overflow(lists, announced, field.may)
    else:
        ranking = rank_of(field.harm(measure), people.people.astype(np.float64), announced, field.may)
    seconds = time.perf_counter() - began
    best = best_sets(field.harm("minutes"), people.people.astype(np.float64), count, BEST, field.may)
    sets = np.array([some for some, _ in best], np.int64)
    loads = overflow_of(lists, sets)
    mine = int(overflow_of(lists, np.array([sorted(announced)], np.int64))[0])
    among = bool((sets == np.array(sorted(announced))).all(axis=1).any())
    return Ranked(measure, ranking, seconds, len(best), 1 + int((loads < mine).sum()), among, mine)


@dataclass(frozen=True)
class Tried:
    """One set with capacities: the least found, the ``prices`` (m,) in sixteenths, what they prove."""

    closed: tuple[int, ...]
    cost: int | None
    prices: Ints
    bound: int


@dataclass(frozen=True)
class Choice:
    """The set that costs least, its cost, and a bound that no set of ``count`` can beat; (C8) to (C11).

    ``tried``: the sets tried with capacities, cheapest first without them. ``rest``: what any other set costs
    at least, None where there is no other. ``smaller``: of how many clinics all sets were looked at.
    ``moved`` (m,) are the people that each clinic takes in; ``unplaced`` people have no place. ``placed`` has
    patient_id, clinic_id and new_clinic_id (null: no place) of everybody whose clinic closes.
    """

    objective: str
    count: int
    closed: tuple[int, ...]
    cost: int
    bound: int
    tried: tuple[Tried, ...]
    rest: int | None
    smaller: int
    moved: Ints
    unplaced: int
    placed: pl.DataFrame
    seconds: float


class _Placer:
    """Places the people of closed clinics within the room of the others."""

    def __init__(self, field: Field, objective: str) -> None:
        people = field.people
        self.field = field
        self.harm = MEASURES[objective](people, field.policy)
        self.out = nowhere(people, objective, field.policy)
        rows = people.rows.drop_nulls("row")
        self.ids = rows.select("patient_id", "clinic_id")
        self.row = rows["row"].to_numpy().astype(np.int64)
        self.size = rows["size"].to_numpy().astype(np.int64)
        self.prices: list[Ints] = []

    def tried(self, closed: tuple[int, ...], most: float) -> tuple[Tried, Ints]:
        """Return the trial of a set and where its people go (-1: nowhere); no cost if above ``most``."""
        shut = np.zeros(len(self.field.people.clinics), np.bool_)
        shut[list(closed)] = True
        who = np.flatnonzero(shut[self.field.people.own[self.row]])
        more = self.field.standing(closed)
        problem = self._problem(who, shut)
        for prices in self.prices[-3:]:
            bound = more + _whole(lower_bound(problem, np.where(shut, 0, prices)))
            if bound >= most:
                return Tried(closed, None, np.where(shut, 0, prices), bound), np.empty(0, np.int64)
        found = solve(problem, gap=_GAP)
        if found.price.any():
            self.prices.append(found.price)
        choice = found.choice.astype(np.int64)
        cost, bound = more + _whole(found.cost), more + _whole(found.bound)
        return Tried(closed, cost, found.price, bound), choice

    def placed(self, closed: tuple[int, ...], choice: Ints) -> pl.DataFrame:
        """Return where each person of the closed clinics goes."""
        who = np.flatnonzero(np.isin(self.field.people.own[self.row], closed))
        names = pl.Series([*self.field.people.clinics, None], dtype=pl.String)
        return self.ids[who].with_columns(
            names.gather(np.where(choice < 0, len(names) - 1, choice)).alias("new_clinic_id")
        )

    def _problem(self, who: Ints, shut: Bools) -> TransportProblem:
        row = self.row[who]
        reach = self.field.people.reach[row] & ~shut
        size: Any = self.size[who].astype(np.int32)
        cost: Any = np.where(reach, PARTS * self.harm[row], FORBIDDEN).astype(np.int32)
        return TransportProblem(size, np.where(shut, 0, self.field.cap), PARTS * self.out[row], cost)


def _whole(parts: int) -> int:
    return -(-parts // PARTS)  # rounded up


def choose(
    field: Field,
    count: int,
    objective: str,
    seconds: float = 60.0,
    report: Callable[[str], None] = lambda text: None,
) -> Choice:
    """Return the ``count`` clinics to close with least harm within the room of the others; (C8) to (C11).

    Sets are tried in the order of what they cost without capacities, until no other can be better or
    ``seconds`` are over; the bound then says so. The same result on every run that ends before its time.
    """
    began = time.perf_counter()
    placer = _Placer(field, objective)
    weight = field.people.people.astype(np.float64)
    smaller = next(few for few in range(count, 0, -1) if field.sets(few) <= ALL_SETS)
    report(f"looking at all {field.sets(smaller):,} sets of {smaller}")
    fixed = field.fixed.astype(np.float64)
    ordered = best_sets(field.harm(objective), weight, smaller, TRIED + 1, field.may, fixed)
    if smaller < count:
        nothing = field.standing(())
        rest = nothing + _scaled(ordered[0][1] - nothing, count, smaller)
        if field.upkeep is not None:  # the harm and the greatest savings apart may prove more
            plain = best_sets(field.harm(objective), weight, smaller, 1, field.may)[0][1]
            apart = nothing - int(np.sort(field.fixed)[-count:].sum())
            rest = max(rest, apart + _scaled(plain, count, smaller))
        ordered = _descent(placer, count, ordered[0][0])
    tried: list[Tried] = []
    best: tuple[int, Tried, Ints] | None = None
    for number, (closed, least) in enumerate(ordered):
        if best is not None and (least >= best[0] or number == TRIED or _late(began, seconds)):
            break
        one, choice = placer.tried(closed, math.inf if best is None else best[0])
        tried.append(one)
        if one.cost is not None and (best is None or one.cost < best[0]):
            best = one.cost, one, choice
    assert best is not None  # noqa: S101 -- the first set is always placed
    left: int | None = None
    if smaller < count:
        left = rest
    elif len(tried) < len(ordered):
        left = int(ordered[len(tried)][1])
    bound = min([one.bound for one in tried] + [math.inf if left is None else left])
    choice = best[2]
    moved = np.bincount(choice[choice >= 0], minlength=len(field.people.clinics)).astype(np.int64)
    return Choice(
        objective, count, best[1].closed, best[0], min(int(bound), best[0]), tuple(tried), left, smaller,
        moved, int((choice < 0).sum()), placer.placed(best[1].closed, choice), time.perf_counter() - began,
    )  # fmt: skip


def _late(began: float, seconds: float) -> bool:
    return time.perf_counter() - began > seconds


def _scaled(cost: float, count: int, smaller: int) -> int:
    return -(-int(cost) * count // smaller)


def _descent(placer: _Placer, count: int, start: tuple[int, ...]) -> list[tuple[tuple[int, ...], float]]:
    """Return a set of ``count`` that no exchange of one clinic betters, and what it costs without capacities.

    Compared by that cost, and what overflows the caps where all go to the nearest as if it found no place.
    """
    field = placer.field
    people, harm, weight = field.people, placer.harm, field.people.people
    lists = lists_of(people.own, people.size, wishes_of(people, count), field.cap)
    dear = float((placer.out * weight).sum() / people.size.sum())
    may = [int(at) for at in np.flatnonzero(field.may)]

    def plain(closed: Sequence[int]) -> float:
        """Return what closing these clinics costs, had the others room for all."""
        rows = np.isin(people.own, closed)
        left = np.setdiff1d(np.arange(harm.shape[1]), closed)
        alone = np.minimum(harm[rows][:, left].min(axis=1), placer.out[rows]) * weight[rows]
        return float(alone.sum() + field.standing(closed))

    def cost(closed: Sequence[int]) -> float:
        """Return the same, and what overflows the caps as if it found no place."""
        return plain(closed) + dear * float(overflow_of(lists, np.array([closed], np.int64))[0])

    closed = list(start)
    while len(closed) < count:
        closed.append(min((at for at in may if at not in closed), key=lambda at: cost([*closed, at])))
    value, better = cost(closed), True
    while better:
        better = False
        for at in range(count):
            others = [one for one in may if one not in closed]
            found = min(((cost([*closed[:at], one, *closed[at + 1 :]]), one) for one in others), default=None)
            if found is not None and found[0] < value:
                value, closed[at], better = found[0], found[1], True
    return [(tuple(sorted(closed)), plain(closed))]


def tried_table(field: Field, choice: Choice) -> pl.DataFrame:
    """Return the sets tried: number, clinics closed, bound, and the price of each clinic that has one."""
    rows = [
        (number, ",".join(field.names(one.closed)), one.bound, field.people.clinics[at], int(one.prices[at]))
        for number, one in enumerate(choice.tried)
        for at in (np.flatnonzero(one.prices).tolist() or [one.closed[0]])
    ]
    names = {"tried": pl.Int64(), "closed": pl.String(), "bound": pl.Int64(), "clinic_id": pl.String(),
             "price": pl.Int64()}  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row")
