"""Who of the displaced clinicians moves: every choice where they are few, else one by a stated order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import polars as pl

from tideover.nouns import Policy, Scenario
from tideover.panels.problem import People

#: So many choices of who moves are tried at most; with more, one is taken and the bound is for it alone.
MOST_CHOICES = 24


def choices_of(scenario: Scenario, people: People, policy: Policy) -> tuple[list[dict[str, str]], bool]:
    """Return the choices of who moves where, and whether they are all that leave no opening needlessly empty.

    A choice maps clinicians of closing clinics, who do not leave, to clinics with openings: no clinic more
    than its ``openings``, nor more full-time posts than its rooms allow; licences by (R4). With more than
    ``MOST_CHOICES`` only the one is returned that goes through openings by clinic_id and clinicians by panel,
    largest first.
    """
    free = _displaced(scenario, people)
    seats = _seats(scenario, people, policy)
    if not free or not seats:
        return [{}], True
    may = _may(scenario, list(free), list(seats))
    found: list[dict[str, str]] = []
    for one in _all(list(free), seats, may, {}):
        if _is_full(one, free, seats, may):
            found.append(one)
        if len(found) > MOST_CHOICES:
            return [_in_order(free, seats, may)], False
    return found, True


def _displaced(scenario: Scenario, people: People) -> dict[str, float]:
    """Return the full-time share of each clinician of a closing primary-care clinic, by clinician_id."""
    sites = scenario.network.clinics.filter((pl.col("kind") == "primary") & pl.col("closes_on").is_not_null())
    posts = scenario.network.clinicians.filter(pl.col("leaves_on").is_null())
    rows = posts.join(sites, on="clinic_id", how="semi").sort("clinician_id")
    size = people.rows.drop_nulls("clinician_id").group_by("clinician_id").agg(pl.col("size").sum())
    panel = dict(size.iter_rows())
    order = sorted(
        rows.select("clinician_id", "fte").iter_rows(), key=lambda row: (-panel.get(row[0], 0), row[0])
    )
    return dict(order)


def _seats(scenario: Scenario, people: People, policy: Policy) -> dict[str, tuple[int, float]]:
    """Return for each receiving clinic with openings their number, and the full time that rooms allow."""
    held = dict(
        scenario.network.clinicians.filter(pl.col("leaves_on").is_null())
        .group_by("clinic_id")
        .agg(pl.col("fte").sum())
        .iter_rows()
    )
    sites = scenario.network.clinics.filter(pl.col("clinic_id").is_in(list(people.clinics)))
    rows = sites.filter(pl.col("openings") > 0).sort("clinic_id")
    return {
        clinic: (
            openings,
            float("inf") if rooms is None else rooms / policy.rooms_per_post - held.get(clinic, 0),
        )
        for clinic, openings, rooms in rows.select("clinic_id", "openings", "rooms").iter_rows()
    }


def _may(scenario: Scenario, names: list[str], clinics: list[str]) -> set[tuple[str, str]]:
    """Return the pairs of clinician and clinic whose state is in the clinician's licences, or unknown."""
    held = dict(scenario.network.clinicians.select("clinician_id", "states_licensed").iter_rows())
    states = dict(scenario.network.clinics.select("clinic_id", "state").iter_rows())
    return {
        (name, clinic)
        for name in names
        for clinic in clinics
        if not held[name] or states[clinic] is None or states[clinic] in held[name]
    }


def _all(
    names: list[str], seats: Mapping[str, tuple[int, float]], may: set[tuple[str, str]], taken: dict[str, str]
) -> Iterator[dict[str, str]]:
    if not names:
        yield dict(taken)
        return
    first, *rest = names
    for clinic in (*seats, None):
        if clinic is None:
            yield from _all(rest, seats, may, taken)
        elif (first, clinic) in may and Counter(taken.values())[clinic] < seats[clinic][0]:
            yield from _all(rest, seats, may, {**taken, first: clinic})


def _fits(one: Mapping[str, str], free: Mapping[str, float], seats: Mapping[str, tuple[int, float]]) -> bool:
    count = Counter(one.values())
    return all(
        number <= seats[clinic][0]
        and round(sum(free[name] for name, to in one.items() if to == clinic), 6)
        <= round(seats[clinic][1], 6)
        for clinic, number in count.items()
    )


def _is_full(
    one: dict[str, str],
    free: Mapping[str, float],
    seats: Mapping[str, tuple[int, float]],
    may: set[tuple[str, str]],
) -> bool:
    """Whether the choice fits, and nobody more could move."""
    if not _fits(one, free, seats):
        return False
    return not any(
        _fits({**one, name: clinic}, free, seats)
        for name in free
        if name not in one
        for clinic in seats
        if (name, clinic) in may
    )


def _in_order(
    free: Mapping[str, float], seats: Mapping[str, tuple[int, float]], may: set[tuple[str, str]]
) -> dict[str, str]:
    one: dict[str, str] = {}
    for clinic in seats:
        for name in free:
            if name not in one and (name, clinic) in may and _fits({**one, name: clinic}, free, seats):
                one[name] = clinic
    return one
