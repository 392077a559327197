"""Minimum safe cover: the fewest sessions more that keep every urgent visit safe (formulation S1 to S8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import polars as pl

from tideover.engines.assignment import TooLargeError
from tideover.engines.covering import fewest
from tideover.nouns import Policy, Scenario
from tideover.visits.book import IN_SESSION, Book
from tideover.visits.extra import Roomier, urgent_first
from tideover.visits.facts import Bools, Ints
from tideover.visits.packs import URGENT_TO, Pack, role_sets, starts
from tideover.visits.problem import StrikeDay
from tideover.visits.rules import kind_suits, near_enough
from tideover.visits.safe_cover_facts import Held, bounds_of, facts_of, places_of, unsafe_urgent, with_it
from tideover.visits.scarce import Group, Scarce, Urgent, Way
from tideover.visits.sites import staffed_with_one_more

#: Rounds in which visits that the new plan leaves unsafe are put into sessions, before all of them are.
ROUNDS = 3

Replan = Callable[[StrikeDay], pl.DataFrame]


def safe_cover(
    scenario: Scenario,
    policy: Policy,
    book: Book,
    days: tuple[StrikeDay, Callable[[], StrikeDay]],
    decisions: pl.DataFrame,
    replan: Replan,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the minimum safe cover of a plan as plain JSON values, and its proof.

    ``days`` are the day of the plan, and what makes the same day with all its pairs; ``replan`` plans a day
    again and returns its decisions. The proof holds the place of every urgent visit with the sessions, and
    the cases that show that fewer sessions do not do.
    """
    day, whole = days
    urgent = _urgent(scenario, policy, book, day)
    unsafe = unsafe_urgent(decisions)
    kept = day.visits.filter(pl.Series(urgent.kept))
    lacking = unsafe.join(kept, on="visit_id", how="semi").with_columns(
        pl.col("start").dt.date().alias("date")
    )
    not_helped = unsafe.height - lacking.height
    if lacking.is_empty():
        facts = facts_of(lacking, {}, 0, {}, not_helped)
        return facts | {"with_it": with_it(decisions)}, {"places": [], "bounds": []}
    urgent = replace(urgent, day=whole())
    nothing = np.zeros(urgent.kept.size, np.bool_)
    first = [(part, _cover([part])) for part in urgent.scarce(nothing)]
    bounds = [bound for part, held in first for bound in bounds_of(urgent, part, held)]
    held, again = _replanned(urgent, [part for part, _ in first], replan)
    alone = {tuple(b["groups"][0]): b["sessions"] for b in bounds if len(b["groups"]) == 1}
    joint = sum(b["sessions"] for b in bounds if b["counts"])
    places = list(places_of(kept, again, day, held))
    facts = facts_of(lacking, held.sessions, joint, alone, not_helped)
    return facts | {"with_it": with_it(again)}, {"places": places, "bounds": bounds}


def _urgent(scenario: Scenario, policy: Policy, book: Book, day: StrikeDay) -> Urgent:
    """Return the urgent visits that a session can keep safe: in a pool, in time, in somebody's scope."""
    hours, visits = starts(scenario), day.visits
    in_time = (pl.col("urgency") <= URGENT_TO) & (pl.col("date") <= pl.col("safe_by"))
    free = in_time & ~pl.col("visit_id").is_in(_elsewhere(visits, book))
    rows = visits.select("pool_id", "date", "kind", free.alias("free")).rows()
    kinds: dict[Group, set[str | None]] = defaultdict(set)
    for pool, on, kind, may in rows:
        if may and (pool, on) in hours:
            kinds[pool, on].add(kind)
    roles = {group: role_sets(some, policy) for group, some in kinds.items()}
    sites = _sites(day)
    kept = [
        may and bool(at) and any(kind in seen for seen in roles.get((pool, on), {}).values())
        for (pool, on, kind, may), at in zip(rows, sites, strict=True)
    ]
    return Urgent(day, np.array(kept, np.bool_), hours, roles, sites)


def _sites(day: StrikeDay) -> list[list[str]]:
    """Return for each visit the sites of its pool at which it could be held in a session (S1, R6, R7).

    A site is one of them if it opens with one post more, or is open by the plan.
    """
    facts = day.facts
    found: list[list[str]] = [[] for _ in range(day.visits.height)]
    codes = {name: code for code, name in enumerate(facts.clinic_ids)}
    rows = day.visits.with_row_index("row").partition_by("pool_id", "date", as_dict=True)
    for desk, posts in zip(day.desks, day.posts or (), strict=True):
        if (desk.pool_id, desk.date) not in rows:
            continue
        mine = rows[desk.pool_id, desk.date]["row"].to_numpy().astype(np.int64)
        for clinic in staffed_with_one_more(desk, posts):
            there = np.full(mine.size, codes[clinic])
            for row in mine[near_enough(facts, mine, there) & kind_suits(facts, mine, there)].tolist():
                found[row].append(clinic)
    return found


def _elsewhere(visits: pl.DataFrame, book: Book) -> list[str]:
    """Return the visits at whose booked time a pin holds the patient elsewhere (R12)."""
    pins = book.pinned.filter(pl.col("pin_option").is_in(list(IN_SESSION)))
    pins = pins.select("patient_id", "pin_start", pl.col("minutes").alias("pin_minutes")).drop_nulls(
        "patient_id"
    )
    both = visits.join(pins, on="patient_id")
    clash = both.filter(
        pl.col("start") < pl.col("pin_start") + pl.duration(minutes="pin_minutes"),
        pl.col("pin_start") < pl.col("start") + pl.duration(minutes="minutes"),
    )
    found: list[str] = clash["visit_id"].unique().to_list()
    return found


def _cover(parts: list[Scarce]) -> Held:
    """Return the fewest sessions for ``parts``, and where their visits are held."""
    sessions: dict[Pack, int] = {}
    ways: dict[int, Way] = {}
    places: dict[int, int] = {}
    for part in parts:
        found = fewest(part.covering)
        sessions |= {pack: int(n) for pack, n in zip(part.packs, found.count, strict=True) if n}
        for row, place in zip(part.rows.tolist(), found.place.tolist(), strict=True):
            if place >= part.bins.size:
                ways[row] = part.ways[place - part.bins.size]
            else:
                places[row] = int(part.bins[place])
    return Held(sessions, np.array(sorted(ways), np.int64), ways, places)


def _replanned(urgent: Urgent, parts: list[Scarce], replan: Replan) -> tuple[Held, pl.DataFrame]:
    """Return sessions with which a plan that puts urgent visits first leaves none unsafe, and that plan.

    The sessions of the parts will do, but for a patient who would be in two places at once (R12): such a
    visit is then given a place in a session.
    """
    names = urgent.day.visits["visit_id"]
    clinics = {name: code for code, name in enumerate(urgent.day.facts.clinic_ids)}
    forced: Bools = np.zeros(urgent.kept.size, np.bool_)
    for turn in count():
        held = _cover(parts)
        # first let the plan choose; where it finds no room for all, the places that the cover has found
        places = held.places if turn else {}
        at = np.array([clinics[held.ways[row][0]] for row in held.rows.tolist()], np.int64)
        first = urgent_first(urgent.day, urgent.kept, _barred(urgent, places), held.rows, at)
        again = _planned(first, replan)
        still = urgent.kept & names.is_in(unsafe_urgent(again)["visit_id"].to_list()).to_numpy()
        if not still.any():
            break
        if turn:
            forced = urgent.kept if turn >= ROUNDS else forced | still
            parts = urgent.scarce(forced)
    return held, again


def _planned(day: Roomier, replan: Replan) -> pl.DataFrame:
    """Return the plan of ``day``; without its last level where one level more makes numbers too large."""
    try:
        return replan(day)
    except TooLargeError:
        problem = day.problem
        return replan(
            replace(day, problem=replace(problem, cost=problem.cost[:-1], outside=problem.outside[:-1]))
        )


def _barred(urgent: Urgent, places: Mapping[int, int]) -> Bools:
    """Return the pairs that hold a visit to keep safe too late, or not in its bin of ``places`` (by row)."""
    items: Ints = urgent.day.problem.items
    barred: Bools = urgent.kept[items] & ~urgent.in_time
    if places:
        rows = np.array(list(places), np.int64)
        bins = np.full(urgent.kept.size, -1, np.int64)
        bins[rows] = list(places.values())
        barred |= (bins[items] >= 0) & (bins[items] != urgent.day.problem.bin)
    return barred
