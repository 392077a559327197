"""Whose patients expect something else than is decided now, and why (formulation 26, 27)."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from tideover.nouns import Policy
from tideover.nouns.plan import GROUP, tell_by
from tideover.nouns.told import RETOLD, WHY
from tideover.visits.book import AS_BOOKED, AT_SITE, NEVER, OPEN_END, TIME, WAIT, Book

_SAYS = {TIME: "time", WAIT: "wait", AS_BOOKED: "booked", OPEN_END: "open", AT_SITE: "elsewhere"}


def retold(decisions: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Return the visits whose patients were told something that counts (columns of ``RETOLD``)."""
    told = book.booked.filter(pl.col("told_as") != NEVER)
    told = told.select("visit_id", *(name for name in told.columns if name.startswith("told_")))
    new = decisions.select("visit_id", "affected", "option", "new_clinic_id", "new_session_id", "new_start")
    rows = told.join(new, on="visit_id").sort("visit_id")
    said, option = pl.col("told_as"), pl.col("option")
    declined = (pl.col("told_answer") == "declined").fill_null(value=False)
    same = pl.col("new_session_id").eq_missing(pl.col("told_session_id")) & (
        pl.col("new_start") == pl.col("told_start")
    ).fill_null(value=False)
    kept = (
        pl.when(said.is_in([TIME, AS_BOOKED]))
        .then(same & (option != "standby"))
        .when(said == WAIT)
        .then((option == "standby") | ((option == "stand") & pl.col("affected")))
        .when(said == AT_SITE)
        .then((option == "another_site") & (pl.col("new_clinic_id") == pl.col("told_clinic_id")))
        .otherwise(~declined & (pl.col("told_option") == "waitlist") & (option == "waitlist"))
    )
    asked = pl.col("visit_id").is_in(list(book.asked))
    back = said.is_in([WAIT, AT_SITE]) & (option == "stand") & ~pl.col("affected")
    promised = (said == OPEN_END) | back
    why = (
        pl.when(kept)
        .then(None)
        .when(declined)
        .then(pl.lit("declined"))
        .when(asked)
        .then(pl.lit("pinned"))
        .when(promised)
        .then(pl.lit("promised"))
        .when(pl.col("visit_id").is_in(book.gone["visit_id"].implode()))
        .then(pl.lit("place_gone"))
        .when(said == TIME)
        .then(pl.lit("better"))
        .otherwise(pl.lit("cover_short"))
    )
    return rows.with_columns(
        said.replace_strict(_SAYS, return_dtype=pl.String).alias("says"),
        pl.col("told_times").alias("times"),
        (~kept).alias("again"),
        why.alias("why"),
    ).select(*RETOLD)


def groups_to_tell(to_tell: pl.DataFrame, policy: Policy, as_of: date) -> list[dict[str, Any]]:
    """Return the groups of visits to be told, with how many they are and their decide-by time (29)."""
    rows = to_tell.with_columns(
        tell_by(policy.contact_lead_days, as_of).alias("decide_by"),
        pl.col("start").dt.date().alias("date"),
        pl.col("pool_id").fill_null(""),
    )
    groups = rows.group_by(GROUP).agg(pl.len().cast(pl.Int64).alias("visits"), pl.col("decide_by").min())
    written = pl.col("decide_by").dt.strftime("%Y-%m-%dT%H:%M:%S")
    groups = groups.sort("decide_by", *GROUP).with_columns(pl.col("date").cast(pl.String), written)
    return groups.to_dicts()


def told_counts(found: pl.DataFrame) -> dict[str, int]:
    """Return how many visits of ``retold`` keep what was told, how many are told again, and why."""
    reasons = dict(found.filter("again").group_by("why").len().iter_rows())
    again = int(found["again"].sum())
    counts = {"told": found.height, "kept": found.height - again, "told_again": again}
    return counts | {why: int(reasons.get(why, 0)) for why in WHY}
