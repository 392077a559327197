"""What each closing would cost each person: people by clinic and place, and measures without capacities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from tideover.nouns import Network, Policy
from tideover.panels.problem import Bools, Ints, clinic_of_each, panel_units, receiving_clinics, with_standard
from tideover.travel import journeys


@dataclass(frozen=True)
class Residents:
    """The people of the clinics that may close, those alike in one row; sentences (C1) to (C5).

    ``clinics`` (m,) are the clinics that may close, by clinic_id. One row for people of one clinic who start
    at one place, under one standard, with the same excluded clinics, and with or without an own clinician:
    ``own`` (n,) the place of their clinic in ``clinics``, ``people``, ``size`` (tenths of a usual patient),
    ``before`` (n,) minutes to it, ``minutes`` (n, m), ``limit`` of the standard, ``has_own`` clinician,
    ``reach`` (n, m): where they may go. ``rows`` has patient_id, clinic_id, size and ``row`` (null: not
    measured) of each person who belongs to one of them. ``counts`` says who is not measured, or only from
    the clinic.
    """

    clinics: tuple[str, ...]
    own: Ints
    people: Ints
    size: Ints
    before: Ints
    minutes: Ints
    limit: Ints
    has_own: Bools
    reach: Bools
    rows: pl.DataFrame
    counts: Mapping[str, int]


def residents_of(network: Network, policy: Policy) -> Residents:
    """Return the people of the clinics of ``network`` that may close, grouped without loss."""
    clinics = receiving_clinics(network)
    everybody = clinic_of_each(network)
    people = everybody.filter(pl.col("clinic_id").is_in(list(clinics))).sort("patient_id")
    people = with_standard(network, people, policy)
    found = journeys(network, people.select("patient_id", "clinic_id"), policy)
    codes = network.clinics["clinic_id"].sort()
    to = codes.search_sorted(pl.Series(clinics, dtype=pl.String)).to_numpy().astype(np.int64)
    own = pl.Series(clinics, dtype=pl.String).search_sorted(people["clinic_id"])
    keys = people.with_columns(
        own.cast(pl.Int64).alias("own"),
        pl.Series("start", found.start),
        pl.Series("from_home", found.from_home),
        pl.col("clinician_id").is_not_null().alias("has_own"),
        _payer_class(network, people).alias("payer_class"),
    )
    minutes = found.minutes[:, to]
    before = minutes[found.start, keys["own"].to_numpy()]
    known = pl.Series(before >= 0)
    by = ["own", "start", "limit", "has_own", "payer_class"]
    groups = (
        keys.filter(known)
        .group_by(by)
        .agg(pl.len().alias("people"), pl.col("size").sum())
        .sort(by, nulls_last=True)
        .with_row_index("row")
    )
    rows = keys.with_columns(known.alias("known")).join(
        groups.select("row", *by), on=by, how="left", nulls_equal=True, maintain_order="left"
    )
    start, own_of = groups["start"].to_numpy(), groups["own"].to_numpy().astype(np.int64)
    table = minutes[start]
    reach = (table >= 0) & (table <= policy.transfer_limit_minutes) & _taken(network, clinics, groups)
    reach[np.arange(own_of.size), own_of] = True
    counts = {
        "people": int(groups["people"].sum()),
        "from_clinic": int((~rows.filter("known")["from_home"]).sum()),
        "journey_unknown": int((~known).sum()),
        "without_clinic": everybody["clinic_id"].null_count(),
        "of_other_clinics": everybody.height - people.height - everybody["clinic_id"].null_count(),
    }
    return Residents(
        clinics,
        own_of,
        groups["people"].to_numpy().astype(np.int64),
        groups["size"].to_numpy().astype(np.int64),
        table[np.arange(own_of.size), own_of],
        table,
        groups["limit"].to_numpy().astype(np.int64),
        groups["has_own"].to_numpy(),
        reach,
        rows.select("patient_id", "clinic_id", "size", pl.when("known").then("row").alias("row")),
        counts,
    )


def _payer_class(network: Network, people: pl.DataFrame) -> pl.Series:
    """Return the payer where any contract excludes it, else null: others are alike to every clinic."""
    named = {payer for some in network.clinics["payers_excluded"].drop_nulls() for payer in some}
    return people.select(pl.when(pl.col("payer").is_in(sorted(named))).then("payer")).to_series()


def _taken(network: Network, clinics: tuple[str, ...], groups: pl.DataFrame) -> Bools:
    excluded = dict(network.clinics.select("clinic_id", "payers_excluded").iter_rows())
    allowed = np.ones((groups.height, len(clinics)), np.bool_)
    for at, clinic in enumerate(clinics):
        if excluded[clinic]:
            allowed[:, at] = ~groups["payer_class"].is_in(list(excluded[clinic])).fill_null(value=False)
    return allowed


def minutes(people: Residents, policy: Policy) -> Ints:
    """Return the minutes more than to the clinic before; the longest journey where nobody takes them in."""
    more = np.maximum(people.minutes - people.before[:, None], 0)
    return _with_own(people, np.where(people.reach, more, policy.transfer_limit_minutes))


def beyond(people: Residents, policy: Policy) -> Ints:
    """Return 1 where the journey is longer than the standard, or nobody takes them in."""
    del policy
    return _with_own(people, (~people.reach | (people.minutes > people.limit[:, None])).astype(np.int64))


def points(people: Residents, policy: Policy) -> Ints:
    """Return the points of the transfer's terms for journeys, continuity and the standard."""
    broken = np.where(people.has_own, policy.transfer_continuity_broken, 0)[:, None]
    far = policy.transfer_beyond_standard * beyond(people, policy)
    return _with_own(people, policy.transfer_added_travel * minutes(people, policy) + far + broken)


def _with_own(people: Residents, harm: Ints) -> Ints:
    harm = harm.astype(np.int64)
    harm[np.arange(people.own.size), people.own] = 0
    return harm


#: Measures that are a sum over people, each at the open clinic that is best for them; (C6) to (C8).
MEASURES: dict[str, Callable[[Residents, Policy], Ints]] = {
    "minutes": minutes,
    "beyond": beyond,
    "points": points,
}


def nowhere(people: Residents, measure: str, policy: Policy) -> Ints:
    """Return what each person of a row counts whom no open clinic takes in: (n,)."""
    limit = policy.transfer_limit_minutes
    broken = np.where(people.has_own, policy.transfer_continuity_broken, 0)
    whole = policy.transfer_added_travel * limit + policy.transfer_beyond_standard + broken
    values = {"minutes": np.full(people.own.size, limit), "beyond": np.ones(people.own.size), "points": whole}
    return values[measure].astype(np.int64)


def rooms_of(network: Network, people: Residents, policy: Policy) -> tuple[Ints, Ints]:
    """Return each clinic's room up to target and up to cap in tenths of a usual patient; (C9): (m,), (m,)."""
    posts = network.clinicians.filter(pl.col("leaves_on").is_null())
    posts = posts.filter(pl.col("clinic_id").is_in(list(people.clinics)))
    target, cap = panel_units(posts, policy)
    held = clinic_of_each(network).group_by("clinician_id").agg(pl.col("size").sum()).drop_nulls()
    load = posts.join(held, on="clinician_id", how="left", maintain_order="left")["size"].fill_null(0)
    at = pl.Series(people.clinics, dtype=pl.String).search_sorted(posts["clinic_id"]).to_numpy()
    rooms = []
    for most in (target, cap):
        room = np.zeros(len(people.clinics), np.int64)
        np.add.at(room, at, np.maximum(most - load.to_numpy(), 0))
        rooms.append(room)
    return rooms[0], rooms[1]


def wishes_of(people: Residents, count: int) -> Ints:
    """Return the nearest clinics in reach beside the own, by (minutes, clinic_id), else -1: (n, count)."""
    row = np.arange(people.own.size)
    far = np.where(people.reach, people.minutes, np.iinfo(np.int64).max)
    far[row, people.own] = -1
    order = np.argsort(far, axis=1, kind="stable")[:, 1 : 1 + count]
    return np.where(np.take_along_axis(people.reach, order, axis=1), order, -1).astype(np.int64)
