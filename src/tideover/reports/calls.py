"""Who must be told of a change, in what order, by when, and what they can be offered: identifiers only."""

from __future__ import annotations

import datetime as dt

import polars as pl

from tideover.nouns import Plan, Policy, Scenario
from tideover.nouns.plan import MOVED, tell_by

#: What a caller says for each ``offer``; the places and times in braces stand in the columns of the list.
OFFERS = {
    "new_time_own_clinician": "Your visit moves to {new_start}, with your own clinician, at {new_clinic_id}.",
    "new_time_another_clinician": "Your visit moves to {new_start}, with another clinician at your clinic.",
    "new_time_another_clinic": "Your visit moves to {new_start}, at {new_clinic_id}.",
    "same_time_another_site": "Your visit keeps its time, {new_start}, at {new_clinic_id}.",
    "by_video": "Your visit is held by video on {new_start}.",
    "urgent_care": "You can be seen at {new_clinic_id} on {new_start}.",
    "keep_time_wait_for_call": "Keep your time; on the morning we tell you whether the visit can be held.",
    "as_booked": "Your visit is held as booked, on {new_start}.",
    "date_to_follow": "Your visit cannot be held as booked; we call you again with a new date.",
}

_OFFER_OF = {
    "another_site": "same_time_another_site",
    "own_clinician": "new_time_own_clinician",
    "another_clinician": "new_time_another_clinician",
    "another_clinic": "new_time_another_clinic",
    "video": "by_video",
    "urgent_care": "urgent_care",
    "stand": "as_booked",
    "standby": "keep_time_wait_for_call",
    "waitlist": "date_to_follow",
}
_REASON_OF = {option: "moved" if option in MOVED else option for option in _OFFER_OF}


def calls(plan: Plan, scenario: Scenario, policy: Policy) -> pl.DataFrame:
    """Return one row for each visit of which something must be told, in the order of telling.

    Columns: order (from 1), visit_id, patient_id, urgency, language, tell_by, decide_by, reason,
    booked_start, booked_clinic_id, offer (a key of ``OFFERS``), new_clinic_id, new_session_id, new_start,
    mode, times_told, told_start, told_clinic_id,
    told_session_id, why_again.

    - Visits that stand are not among them, and after a plan before this one, those that keep what was told.
    - ``tell_by`` is the earliest of the booked, the new and the told start, less ``contact_lead_days``, and
      never before the as-of date; at 00:00 of the as-of date it means: at once. ``decide_by`` is the earliest
      ``tell_by`` of those with the same pool, booked date and urgency: until then none of them need be told.
    - ``times_told`` and ``told_...`` are what the patient was told before (0 times, and no place, where
      nothing), ``why_again`` is one of ``WHY``.
    - Order: urgency, then ``tell_by``, then booked start, then visit_id.
    - ``mode`` is that of the session in which the visit will be held; empty on the wait-list.
    """
    told = plan.to_tell.with_columns(
        tell_by(policy.contact_lead_days, dt.date.fromisoformat(plan.facts["as_of"])).alias("tell_by"),
        pl.col("start").dt.date().alias("date"),
    )
    people = scenario.network.patients.select("patient_id", "language")
    modes = scenario.network.sessions.select(pl.col("session_id").alias("new_session_id"), "mode")
    rows = told.join(people, on="patient_id", how="left").join(modes, on="new_session_id", how="left")
    option = pl.col("option")
    return (
        rows.select(
            "visit_id",
            "patient_id",
            "urgency",
            "language",
            "tell_by",
            pl.col("tell_by")
            .min()
            .over(pl.col("pool_id").fill_null(""), "date", "urgency")
            .alias("decide_by"),
            option.replace_strict(_REASON_OF, return_dtype=pl.String).alias("reason"),
            pl.col("start").alias("booked_start"),
            pl.col("clinic_id").alias("booked_clinic_id"),
            option.replace_strict(_OFFER_OF, return_dtype=pl.String).alias("offer"),
            "new_clinic_id",
            "new_session_id",
            "new_start",
            pl.when(option == "video").then(pl.lit("video")).otherwise("mode").alias("mode"),
            pl.col("times").fill_null(0).alias("times_told"),
            "told_start",
            "told_clinic_id",
            "told_session_id",
            pl.col("why").alias("why_again"),
        )
        .sort("urgency", "tell_by", "booked_start", "visit_id")
        .with_row_index("order", offset=1)
        .with_columns(pl.col("order").cast(pl.Int64))
    )
