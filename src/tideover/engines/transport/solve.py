"""Solve a transport problem: prices from a sample, then from all items; a plan; what the prices prove."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tideover.engines.transport.columns import by_column, share_out
from tideover.engines.transport.few_bins import replanned
from tideover.engines.transport.improve import improved
from tideover.engines.transport.newton import Dual, raised, stepped
from tideover.engines.transport.options import Codes, Shortlist
from tideover.engines.transport.potentials import worth_of
from tideover.engines.transport.pricing import cost_of, lower_bound
from tideover.engines.transport.problem import Floats, Ints, Narrow, TransportProblem, TransportSolution
from tideover.engines.transport.repair import mend, nearest, nodes_of

#: Items of the sample that gives the first prices, and options that are kept of each item afterwards.
SAMPLE, KEPT = 20_000, 16
#: Entries of a shortlist of all options at most (small problems keep all), moves looked at in one repair.
ALL_OPTIONS, MOVES = 2_000_000, 3_000_000
#: Rounds of repair, each looking at moves eight times as dear.
REPAIRS = 14
#: Steps of annealing at most, for each item at most.
ANNEALING, ANNEALING_EACH = 4_500_000, 1_500
#: Regret for a unit that the first round allows, as a share of a usual cost.
FIRST_BUDGET = 0.0005
#: Narrowest band of ties, as a share of a typical difference of two options.
NARROWEST = 0.001
#: Plan and prices improve each other this often at most.
TURNS = 6

Progress = Callable[[str], None]


def solve(
    problem: TransportProblem,
    *,
    gap: float = 0.0002,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> TransportSolution:
    """Return a plan, its cost, prices of bins and the bound that they prove.

    Stops improving at a proven ``gap`` (share of the cost) or, between steps, after ``seconds``; the same
    problem gives the same plan unless ``seconds`` cuts it short. ``progress`` is told in words what is being
    done. No bin is ever above its capacity; who fits nowhere stays outside.
    """
    tell = progress or (lambda _: None)
    until = time.monotonic() + seconds if seconds is not None else float("inf")
    if not problem.size.size or not problem.capacity.size:
        return _nobody(problem)
    codes = Codes(problem)
    tell("prices")
    price, listed = _prices(codes)
    whole = _whole(codes, listed, price)
    tell("plan")
    best = _planned(codes, listed, price, whole, lower_bound(problem, whole), gap)
    for turn in range(TURNS):
        if best.gap <= gap / 4 or time.monotonic() > until or codes.shared:
            break
        tell(f"gap {best.gap:.4%}, plan and prices in turn ({turn + 1})")
        again = _again(codes, listed, best, gap)
        if (again.bound, again.cost) == (best.bound, best.cost):
            break
        best = again
    if best.gap > gap and time.monotonic() < until and not codes.shared:
        tell(f"gap {best.gap:.4%}, chains of moves at random")
        best = _annealed(codes, listed, best)
    if best.gap > gap and time.monotonic() < until and not codes.shared and listed.code.size < ALL_OPTIONS:
        tell(f"gap {best.gap:.4%}, a few bins at a time")
        best = _replanned(codes, listed, best, gap, until)
    return best


def first_prices(problem: TransportProblem) -> Ints:
    """Return the prices of bins (m,) that ``solve`` begins its plan from: for those who want no plan."""
    if not problem.size.size or not problem.capacity.size:
        return np.zeros(problem.capacity.size, np.int64)
    codes = Codes(problem)
    price, listed = _prices(codes)
    return _whole(codes, listed, price)


def _annealed(codes: Codes, listed: Shortlist, best: TransportSolution) -> TransportSolution:
    """Return the solution with a cheaper plan, where chains of moves at random find one."""
    p = codes.problem
    price, node = best.price.astype(np.float64), nodes_of(best.choice, p.capacity.size)
    steps = min(ANNEALING, ANNEALING_EACH * node.size)
    return _cheaper(p, best, improved(listed, p.capacity, price, node, steps))


def _replanned(
    codes: Codes, listed: Shortlist, best: TransportSolution, gap: float, until: float
) -> TransportSolution:
    """Return the solution with a cheaper plan, where HiGHS finds one in a few bins at a time."""

    def enough(saved: int) -> bool:
        return best.cost - saved - best.bound <= gap * (best.cost - saved) or time.monotonic() > until

    p = codes.problem
    price, node = best.price.astype(np.float64), nodes_of(best.choice, p.capacity.size)
    return _cheaper(p, best, replanned(listed, p.capacity, price, node, enough))


def _cheaper(problem: TransportProblem, best: TransportSolution, node: Ints) -> TransportSolution:
    """Return the solution with the plan of ``node`` (bins, or m for outside), where that costs less."""
    choice = np.where(node == problem.capacity.size, -1, node).astype(np.int32)
    cost = cost_of(problem, choice)
    return replace(best, choice=choice, cost=cost) if cost < best.cost else best


def _again(codes: Codes, listed: Shortlist, best: TransportSolution, gap: float) -> TransportSolution:
    """Return the solution with prices read off its plan, and a plan made from these, where better."""
    p = codes.problem
    node = nodes_of(best.choice, p.capacity.size)
    for spare in sorted({1, int(p.size.max())}):
        read = worth_of(listed, p.capacity, node, spare)
        if read is None:
            continue
        price = _whole(codes, listed, read)
        bound = lower_bound(p, price)
        found = _planned(codes, listed, read, price, bound, gap)
        if bound > best.bound:
            best = replace(best, price=price, bound=bound)
        if found.cost < best.cost:
            best = replace(best, choice=found.choice, cost=found.cost)
    return best


def _nobody(problem: TransportProblem) -> TransportSolution:
    price = np.zeros(problem.capacity.size, np.int64)
    choice = np.full(problem.size.size, -1, np.int32)
    return TransportSolution(choice, cost_of(problem, choice), lower_bound(problem, price), price)


def _prices(codes: Codes) -> tuple[Floats, Shortlist]:
    """Return resource prices, shortlists of all items at these."""
    p = codes.problem
    n = p.size.size
    widest = p.arrays[0].shape[1] + int(np.diff(p.arrays[2]).max(initial=0))
    price = np.zeros(codes.capacity.size)
    everyone = np.arange(n)
    if n * widest <= ALL_OPTIONS or n <= SAMPLE:
        listed = codes.shortlist(everyone, widest, price)
        dual = Dual(codes, listed)
        price = raised(dual, price, dual.typical(), NARROWEST * dual.typical())
        return price, codes.shortlist(everyone, widest, price)
    dual = Dual(codes, codes.shortlist(np.arange(0, n, max(1, n // SAMPLE)), widest, price))
    band = dual.typical()
    price = raised(dual, price, band, 0.01 * band)
    listed = codes.shortlist(everyone, KEPT, price)
    return raised(Dual(codes, listed), price, 0.02 * band, NARROWEST * band), listed


def _whole(codes: Codes, listed: Shortlist, price: Floats) -> Ints:
    m = codes.problem.capacity.size
    whole = np.rint(codes.price(price)[:m]).astype(np.int64)
    if codes.shared:
        return whole
    return stepped(listed, codes.problem.capacity, whole, 40 + 4 * m if listed.code.size < ALL_OPTIONS else 8)


def _planned(
    codes: Codes, listed: Shortlist, price: Floats, whole: Ints, bound: int, gap: float
) -> TransportSolution:
    """Return the plan that prices suggest, with overfull bins relieved."""
    problem = codes.problem
    room, worth = problem.capacity, price
    if codes.shared:
        listed, own = by_column(codes, listed, price)
        room, worth = codes.capacity[room.size :].astype(np.int64), price[room.size :]
    node = nearest(listed, worth)
    budget = FIRST_BUDGET * float(
        max(np.median(np.abs(listed.cost[:: listed.cost.shape[0] // 1000 + 1])), 1.0)
    )
    for _ in range(REPAIRS):
        used, fits = mend(listed, room, worth, node, budget, MOVES)
        choice = share_out(problem, listed, own, node) if codes.shared else _within(problem, node)
        cost = cost_of(problem, choice)
        if fits and (not used or cost - bound <= gap / 4 * abs(bound)):
            break
        budget *= 8.0
    return TransportSolution(choice, cost, bound, whole)


def _within(problem: TransportProblem, node: Ints) -> Narrow:
    """Return the plan with whoever is too much in an overfull bin left outside, largest items first."""
    m = problem.capacity.size
    node = node.copy()
    load = np.bincount(node, problem.size, m + 1).astype(np.int64)
    for j in np.flatnonzero(load[:m] > problem.capacity):
        inside = np.flatnonzero(node == j)
        inside = inside[np.argsort(-problem.size[inside], kind="stable")]
        gone = np.cumsum(problem.size[inside], dtype=np.int64) - problem.size[inside]
        node[inside[gone < load[j] - problem.capacity[j]]] = m
    return np.where(node == m, -1, node).astype(np.int32)
