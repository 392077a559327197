"""What the rules and the cost terms look at, as arrays: one row per visit, one per session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tideover.nouns import Policy, Scenario
from tideover.travel import Journeys, journeys
from tideover.visits.book import Book

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Facts:
    """Arrays over n visits, s sessions, c clinics. Codes count from 0; -1 is unknown or none.

    ``visit_*`` (n,): clinic, date (days since 1970), urgency, safe_by, weight (of the urgency), own
    clinician, kind, language, state, video_ok, interpreter, told_as, told_times and told_clinic (what was
    told last, how often, where). ``session_*`` (s,): clinic, clinician, date, video. ``journeys`` has the
    minutes of each visit to each clinic; clinics are in the order of clinic_id. ``speaks``
    (s, languages + 1), ``may_see`` (s, kinds + 1) and ``licensed`` (s, states + 1) are tables of what each
    session's clinician may do; the last column is for the unknown code -1. ``clinic_ids`` (c,) are names;
    ``clinic_employer`` (c,) is a code, ``lent`` (s, employers + 1) whether visits of each employer's patients
    may come to the session by mutual aid; ``clinic_kind`` (c,) is a code, ``urgent_care`` its code for
    urgent-care sites.
    """

    policy: Policy
    last: int
    visit_clinic: Ints
    visit_date: Ints
    visit_urgency: Ints
    visit_safe_by: Ints
    visit_weight: Ints
    visit_own: Ints
    visit_kind: Ints
    visit_language: Ints
    visit_state: Ints
    visit_video_ok: Bools
    visit_interpreter: Bools
    visit_told_as: Ints
    visit_told_times: Ints
    visit_told_clinic: Ints
    session_clinic: Ints
    session_clinician: Ints
    session_date: Ints
    session_video: Bools
    session_licensed: Bools
    journeys: Journeys
    speaks: Bools
    may_see: Bools
    licensed: Bools
    clinic_ids: tuple[str, ...]
    clinic_employer: Ints
    lent: Bools
    clinic_kind: Ints
    urgent_care: int


def gather_facts(
    scenario: Scenario, policy: Policy, book: Book, visits: pl.DataFrame, sessions: pl.DataFrame
) -> Facts:
    """Return the facts of ``visits`` (rows of ``book.booked``) and ``sessions`` (rows of the network)."""
    network = scenario.network
    clinics = network.clinics.sort("clinic_id")
    people = network.patients.select("patient_id", "language", "interpreter")
    people = pl.concat([people, network.homes().select("state")], how="horizontal")
    visits = visits.join(people, on="patient_id", how="left", maintain_order="left").join(
        clinics.select("clinic_id", pl.col("state").alias("clinic_state")),
        on="clinic_id",
        how="left",
        maintain_order="left",
    )
    visits = visits.with_columns(pl.coalesce("state", "clinic_state").alias("state"))
    posts = _posts(scenario, sessions)
    clinic, clinician = _codes(clinics["clinic_id"]), _codes(network.clinicians["clinician_id"])
    language, kind = _codes(visits["language"]), _codes(visits["kind"])
    state, site = _codes(visits["state"]), {"primary": 0, "urgent_care": 1, "hospital": 2}
    urgency, employer = visits["urgency"].to_numpy(), _codes(clinics["employer"])
    return Facts(
        policy=policy,
        last=int(_days(pl.Series([book.last]))[0]),
        visit_clinic=_coded(visits["clinic_id"], clinic),
        visit_date=_days(visits["date"]),
        visit_urgency=urgency,
        visit_safe_by=_days(visits["safe_by"]),
        visit_weight=np.array(policy.urgency_weight, np.int64)[urgency - 1],
        visit_own=_coded(visits["own_clinician_id"], clinician),
        visit_kind=_coded(visits["kind"], kind),
        visit_language=_coded(visits["language"], language),
        visit_state=_coded(visits["state"], state),
        visit_video_ok=visits["video_ok"].to_numpy(),
        visit_interpreter=visits["interpreter"].fill_null(value=False).to_numpy(),
        visit_told_as=visits["told_as"].to_numpy(),
        visit_told_times=visits["told_times"].to_numpy(),
        visit_told_clinic=_coded(visits["told_clinic_id"], clinic),
        session_clinic=_coded(posts["clinic_id"], clinic),
        session_clinician=_coded(posts["clinician_id"], clinician),
        session_date=_days(posts["start"].dt.date()),
        session_video=(posts["mode"] == "video").to_numpy(),
        session_licensed=posts["licensed_here"].to_numpy(),
        journeys=journeys(network, visits, policy),
        speaks=_table(posts["languages"], language, when_empty=True),
        may_see=_scope_table(posts["role"], kind, policy),
        licensed=_table(posts["licensed"], state, when_empty=False),
        clinic_ids=tuple(clinics["clinic_id"]),
        clinic_employer=_coded(clinics["employer"], employer),
        lent=_lent_table(scenario, posts["session_id"], employer),
        clinic_kind=np.array([site[name] for name in clinics["kind"]], np.int64),
        urgent_care=site["urgent_care"],
    )


def _posts(scenario: Scenario, sessions: pl.DataFrame) -> pl.DataFrame:
    """Return ``sessions`` with role, languages and licences of who holds them (null role: a pooled team).

    ``licensed`` lists the states for video; ``licensed_here`` is false where a list lacks the clinic's state.
    """
    network = scenario.network
    states = network.clinics.select("clinic_id", "state")
    who = network.clinicians.join(states, on="clinic_id", how="left").select(
        "clinician_id", "role", "languages", "states_licensed", pl.col("state").alias("home_state")
    )
    posts = sessions.join(who, on="clinician_id", how="left", maintain_order="left")
    posts = posts.join(states, on="clinic_id", how="left", maintain_order="left")
    home = pl.when(pl.col("clinician_id").is_null()).then("state").otherwise("home_state")
    licences = pl.col("states_licensed")
    own = pl.when(licences.list.len() > 0).then(licences).otherwise(pl.concat_list(home))
    both_known = (licences.list.len() > 0) & pl.col("state").is_not_null()
    foreign = (both_known & ~licences.list.contains(pl.col("state"))).fill_null(value=False)
    return posts.with_columns(own.alias("licensed"), (~foreign).alias("licensed_here"))


def _codes(column: pl.Series) -> dict[str, int]:
    """Return a code for each value of the column, in their order; for sorted keys the row."""
    return {value: code for code, value in enumerate(column.drop_nulls().unique().sort())}


def _coded(column: pl.Series, codes: dict[str, int]) -> Ints:
    if not codes:
        return np.full(len(column), -1, np.int64)
    return column.replace_strict(codes, default=-1, return_dtype=pl.Int64).fill_null(-1).to_numpy()


def _days(column: pl.Series) -> Ints:
    return column.cast(pl.Date).to_physical().cast(pl.Int64).to_numpy()


def _table(lists: pl.Series, codes: dict[str, int], *, when_empty: bool) -> Bools:
    """Return (rows, codes + 1): whether each code is in the row's list; unknown is in it if null is.

    With ``when_empty`` an empty list holds everything, and the unknown code is in every list.
    """
    table = np.zeros((len(lists), len(codes) + 1), np.bool_)
    for row, held in enumerate(lists.to_list()):
        if when_empty and not held:
            table[row] = True
        for value in held or ():
            code = -1 if value is None else codes.get(value)
            if code is not None:
                table[row, code] = True
    if when_empty:
        table[:, -1] = True
    return table


def _lent_table(scenario: Scenario, sessions: pl.Series, employers: dict[str, int]) -> Bools:
    table = np.zeros((len(sessions), len(employers) + 1), np.bool_)
    rows = sessions.to_frame("session_id").with_row_index("row").join(scenario.lent, on="session_id")
    for row, employer in rows.select("row", "employer").iter_rows():
        table[row, employers[employer]] = True
    return table


def _scope_table(roles: pl.Series, kinds: dict[str, int], policy: Policy) -> Bools:
    table = np.ones((len(roles), len(kinds) + 1), np.bool_)
    for kind, allowed in policy.scope.items():
        if kind in kinds:
            table[:, kinds[kind]] = (roles.is_null() | roles.is_in(list(allowed))).to_numpy()
    return table
