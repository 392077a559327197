"""The rules and the cost terms of a transfer: the lists first, then one function for each.

Every function takes the people and the posts and returns an array over people and clinics, or over kinds of
people and posts. The formulation is in this room's README.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tideover.nouns import Network, Policy
from tideover.panels.problem import Bools, Ints, People, Receivers

#: What a person may not be given: clinics by (R1) and (R2), posts by (R3).
RULES = ("in_reach", "payer_taken", "age_taken")
#: The cost terms in points, in the order in which tables list them; ``over_target`` is of panels, not people.
TERMS = (
    "not_placed",
    "added_travel",
    "continuity_broken",
    "language_not_shared",
    "interpreter_needed",
    "beyond_standard",
)
PANEL_TERMS = ("over_target",)

#: More than any sum of points: no pair.
NEVER = np.int64(2**40)


def in_reach(people: People, policy: Policy) -> Bools:
    """Return where the clinic is the one before, or its journey is known and not too long: (n, m)."""
    near = (people.minutes >= 0) & (people.minutes <= policy.transfer_limit_minutes)
    own = people.rows["clinic_id"].to_numpy()[:, None] == np.array(people.clinics, object)[None]
    return np.asarray(near | own, np.bool_)


def payer_taken(people: People, network: Network) -> Bools:
    """Return where the clinic's contracts do not exclude the person's payer: (n, m)."""
    allowed = np.ones(people.minutes.shape, np.bool_)
    excluded = dict(network.clinics.select("clinic_id", "payers_excluded").iter_rows())
    for at, clinic in enumerate(people.clinics):
        if excluded[clinic]:
            allowed[:, at] = ~people.rows["payer"].is_in(list(excluded[clinic])).fill_null(value=False)
    return allowed


@dataclass(frozen=True)
class Kinds:
    """People who are alike to every post: ``of`` (n,) is the row of ``rows`` (age, language, interpreter)."""

    rows: pl.DataFrame
    of: Ints


def kinds_of(people: People) -> Kinds:
    """Return the kinds of people, in the order in which they first occur."""
    by = ["age", "language", "interpreter"]
    rows = people.rows.select(by).unique(maintain_order=True).with_row_index("kind")
    of = people.rows.select(by).join(rows, on=by, how="left", nulls_equal=True, maintain_order="left")
    return Kinds(rows, of["kind"].to_numpy().astype(np.int64))


def age_taken(kinds: Kinds, posts: Receivers) -> Bools:
    """Return where the post takes people of this age; one with limits takes no unknown age: (kinds, k)."""
    age = kinds.rows["age"].cast(pl.Float64).to_numpy()[:, None]  # NaN: unknown
    low = posts.rows["min_age"].cast(pl.Float64).fill_null(-np.inf).to_numpy()[None]
    high = posts.rows["max_age"].cast(pl.Float64).fill_null(np.inf).to_numpy()[None]
    free = ~(np.isfinite(low) | np.isfinite(high))
    return np.asarray(free | ((age >= low) & (age <= high)), np.bool_)


def language_not_shared(kinds: Kinds, posts: Receivers, policy: Policy) -> tuple[Ints, Ints]:
    """Return the points of (language not shared, interpreter needed): each (kinds, k)."""
    known = sorted(set(kinds.rows["language"].drop_nulls()))
    spoken = np.array(
        [[held is None or name in held for held in posts.rows["languages"].to_list()] for name in known],
        np.bool_,
    ).reshape(len(known), posts.rows.height)
    code = [known.index(name) if name is not None else -1 for name in kinds.rows["language"]]
    shared = np.vstack([spoken, np.ones((1, posts.rows.height), np.bool_)])[code]
    helped = kinds.rows["interpreter"].to_numpy()[:, None]
    without = np.where(shared | helped, 0, policy.transfer_language_not_shared).astype(np.int64)
    with_one = np.where(shared | ~helped, 0, policy.transfer_interpreter_needed).astype(np.int64)
    return without, with_one


def added_travel(people: People, policy: Policy) -> Ints:
    """Return the points of minutes more than to the clinic before; none where either is unknown: (n, m)."""
    before = people.before[:, None]
    more = np.where((before >= 0) & (people.minutes >= 0), np.maximum(people.minutes - before, 0), 0)
    return np.asarray(more * policy.transfer_added_travel, np.int64)


def beyond_standard(people: People, policy: Policy) -> Ints:
    """Return the points of journeys longer than the standard allows: (n, m)."""
    limit = people.rows["limit"].to_numpy()[:, None]
    return np.where(people.minutes > limit, policy.transfer_beyond_standard, 0).astype(np.int64)


def continuity_broken(people: People, policy: Policy) -> Ints:
    """Return the points of each person who has an own clinician and goes to another: (n,)."""
    has: Any = people.rows["clinician_id"].is_not_null().to_numpy()
    return np.where(has, policy.transfer_continuity_broken, 0).astype(np.int64)
