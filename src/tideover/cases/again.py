"""Planning again: the log of what patients were told, from the previous plan and the answers since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from tideover.errors import Fault, InputError
from tideover.nouns import Network
from tideover.nouns.told import ANSWERS, TOLD
from tideover.readers import Previous
from tideover.visits import IN_SESSION

#: At least this part of the previous plan's visits must still be in the book.
_SAME_BOOK = 0.5


@dataclass(frozen=True)
class Again:
    """What a plan that follows another starts from.

    ``told`` is the log of what patients were told (columns of ``TOLD``), ``facts`` what plan.json says of the
    previous plan: folder, SHA-256, as-of date, and how many answers of each kind came in.
    """

    told: pl.DataFrame
    facts: dict[str, Any]


def follow(
    previous: Previous, network: Network, as_of: date | None, answers: pl.DataFrame | None = None
) -> Again:
    """Return what patients were told by ``as_of`` under ``previous`` (formulation 20).

    ``answers`` has visit_id and answer. ``InputError`` lists every fault: no as-of date or one before the
    previous plan's, a plan of another network, answers about visits of which nobody was to be told anything.
    """
    before = date.fromisoformat(previous.facts["as_of"])
    if as_of is None or as_of < before:
        found = "nothing" if as_of is None else str(as_of)
        expected = f"a date from that of the previous plan, {before}"
        remedy = "Say by which day the bookings and calls count."
        raise InputError([Fault("command line", None, "--as-of", found, expected, remedy)])
    faults = list(_other_network(previous, network))
    answers = (
        pl.DataFrame(schema={"visit_id": pl.String, "answer": pl.String}) if answers is None else answers
    )
    planned = _planned(previous, before)
    faults += _unanswerable(previous, planned, answers)
    if faults:
        raise InputError(faults)
    counts = dict(answers.group_by("answer").len().iter_rows())
    facts = {
        "as_of": str(before),
        "sha256": previous.sha256,
        "folder": previous.folder,
        "answers": {name: int(counts.get(name, 0)) for name in ANSWERS},
    }
    return Again(_log(previous.told, planned, answers, as_of), facts)


def _planned(previous: Previous, as_of: date) -> pl.DataFrame:
    """Return what the previous plan was to tell, as rows of the log with ``tell_by``."""
    numbers = previous.told.group_by("visit_id").agg(pl.col("number").max().alias("before"))
    rows = previous.decisions.join(previous.calls, on="visit_id").join(numbers, on="visit_id", how="left")
    return rows.select(
        "visit_id",
        (pl.col("before").fill_null(0) + 1).alias("number"),
        pl.lit(as_of).alias("as_of"),
        pl.col("session_id").alias("booked_session_id"),
        pl.col("start").alias("booked_start"),
        "option",
        pl.col("new_clinic_id").alias("clinic_id"),
        pl.col("new_session_id").alias("session_id"),
        pl.col("new_start").alias("start"),
        pl.lit(None, pl.String()).alias("answer"),
        "tell_by",
    )


def _log(told: pl.DataFrame, planned: pl.DataFrame, answers: pl.DataFrame, as_of: date) -> pl.DataFrame:
    given = planned.join(answers.rename({"answer": "given"}), on="visit_id", how="left")
    due = pl.col("tell_by").dt.date() <= as_of
    reached = (pl.col("given") != "not_reached") | (pl.col("given").is_null() & due)
    new = given.filter(reached.fill_null(value=False)).select(*TOLD)
    unreached = answers.filter(pl.col("answer") == "not_reached").join(planned, on="visit_id", how="anti")
    last = told.group_by("visit_id").agg(pl.col("number").max()).join(unreached, on="visit_id", how="semi")
    log = pl.concat([told.join(last, on=["visit_id", "number"], how="anti"), new])
    said = answers.filter(pl.col("answer").is_in(["accepted", "declined"])).rename({"answer": "given"})
    newest = pl.col("number") == pl.col("number").max().over("visit_id")
    log = log.join(said, on="visit_id", how="left").with_columns(
        pl.when(newest & pl.col("given").is_not_null()).then("given").otherwise("answer").alias("answer")
    )
    return log.select(*TOLD).sort("visit_id", "number")


def _other_network(previous: Previous, network: Network) -> Iterator[Fault]:
    planned, known = previous.decisions, network.visits.select("visit_id")
    missing = planned.join(known, on="visit_id", how="anti").height
    expected = "a plan of the same network: cancelled visits may be missing, but not most"
    remedy = "Name the folder of the last plan that was made for this network."
    if missing > _SAME_BOOK * planned.height:
        found = f"{missing:,} of its {planned.height:,} visits are not in the book"
        yield Fault(previous.folder, None, "visit_id", found, expected, remedy)
    clinics = set(planned["clinic_id"]) - set(network.clinics["clinic_id"])
    if clinics:
        found = f"the clinic {min(clinics)!r}, which the network does not have"
        yield Fault(previous.folder, None, "clinic_id", found, "a plan of the same network", remedy)


def _unanswerable(previous: Previous, planned: pl.DataFrame, answers: pl.DataFrame) -> Iterator[Fault]:
    last = pl.concat([previous.told, planned.select(*TOLD)]).sort("visit_id", "number")
    last = last.group_by("visit_id", maintain_order=True).last().select("visit_id", "option")
    options = dict(last.iter_rows())
    for visit, answer in answers.iter_rows():
        option = options.get(visit)
        if option is None:
            remedy = "Take the row out: nobody was to be called about this visit."
            expected = "a visit of the previous calls.csv, or of which somebody was told before"
            yield Fault("answers", None, "visit_id", repr(visit), expected, remedy)
        elif answer == "declined" and option not in (*IN_SESSION, "standby"):
            found = f"visit {visit}: declined, where {option} was told"
            remedy = "Nothing was offered that could be declined; pin the visit, or take it out of the book."
            yield Fault("answers", None, "answer", found, "a time, or to wait, that was offered", remedy)
