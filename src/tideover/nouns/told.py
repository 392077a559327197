"""What patients were told: the log that a plan of today hands to the plan of tomorrow."""

from __future__ import annotations

import polars as pl

#: One row for each time that a patient was told something about a visit; ``number`` counts from 1 for each
#: visit. ``as_of`` is the as-of date of the plan that said so, ``booked_*`` the place that the book gave the
#: visit then, ``option``, ``clinic_id``, ``session_id`` and ``start`` what the patient was told. ``answer``
#: is ``accepted``, ``declined`` or empty.
TOLD = {
    "visit_id": pl.String(),
    "number": pl.Int64(),
    "as_of": pl.Date(),
    "booked_session_id": pl.String(),
    "booked_start": pl.Datetime("us"),
    "option": pl.String(),
    "clinic_id": pl.String(),
    "session_id": pl.String(),
    "start": pl.Datetime("us"),
    "answer": pl.String(),
}

#: What may be known of a call: the patient agreed, the patient declined, nobody was reached, or the patient
#: was told and has not answered yet.
ANSWERS = ("accepted", "declined", "not_reached", "told")

#: The visits of a plan whose patients were told something that counts: how often, what (``says`` is time,
#: elsewhere, wait, booked or open), whether they must be told again, and why (one of ``WHY``).
RETOLD = {
    "visit_id": pl.String(),
    "times": pl.Int64(),
    "says": pl.String(),
    "told_option": pl.String(),
    "told_clinic_id": pl.String(),
    "told_session_id": pl.String(),
    "told_start": pl.Datetime("us"),
    "again": pl.Boolean(),
    "why": pl.String(),
}
WHY = ("declined", "pinned", "promised", "place_gone", "cover_short", "better")


def nothing_told() -> pl.DataFrame:
    """Return an empty log."""
    return pl.DataFrame(schema=TOLD)


def nothing_retold() -> pl.DataFrame:
    """Return what is told again where nobody was told anything."""
    return pl.DataFrame(schema=RETOLD)
