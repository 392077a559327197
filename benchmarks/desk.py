"""What happens between two plans of a benchmark: calls are made, and the desk books around what was told."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from random import Random

import polars as pl

from tideover.nouns import Network, Plan
from tideover.nouns.told import TOLD

Span = tuple[datetime, datetime]


def called(plan: Plan, as_of: date, log: pl.DataFrame, chance: Random | None, calls: int) -> pl.DataFrame:
    """Return the log after ``calls`` patients of the list were called, urgent ones and early ones first.

    With ``chance`` five of six are reached; of these three of four accept, one of twenty declines, the others
    do not answer. Without it all are reached and nobody answers.
    """
    numbers = dict(log.group_by("visit_id").agg(pl.col("number").max()).iter_rows())
    due = plan.to_tell.sort("urgency", "start", "visit_id").head(calls)
    rows = []
    for row in due.iter_rows(named=True):
        if chance is not None and chance.random() > 5 / 6:
            continue
        visit, option = row["visit_id"], row["option"]
        answer = None
        if chance is not None and option not in ("stand", "waitlist", "another_site"):
            answer = chance.choices(("accepted", "declined", None), (15, 1, 4))[0]
        place = (row["new_clinic_id"], row["new_session_id"], row["new_start"])
        rows.append(
            (visit, numbers.get(visit, 0) + 1, as_of, row["session_id"], row["start"], option, *place, answer)
        )
    return pl.concat([log, pl.DataFrame(rows, schema=TOLD, orient="row")]).sort("visit_id", "number")


def booked_around(network: Network, told: pl.DataFrame, since: date) -> Network:
    """Return the network without visits booked after ``since`` at times that patients had been told by then.

    The desk sees what was told and offers another time, which is not made up here. It also keeps to the
    minutes of a session and of a clinician's day.
    """
    last = told.sort("visit_id", "number").group_by("visit_id").last().drop_nulls("session_id")
    last = last.filter(~pl.col("option").is_in(["stand", "standby"]))
    lengths = network.visits.select("visit_id", "minutes")
    places = last.join(lengths, on="visit_id").select("session_id", "start", "minutes")
    near = network.sessions.join(places.select("session_id").unique(), on="session_id", how="semi")
    length = (pl.col("end") - pl.col("start")).dt.total_minutes() * pl.col("posts")
    room = dict(near.select("session_id", pl.coalesce("open_minutes", length)).iter_rows())
    held: dict[str, list[Span]] = defaultdict(list)
    used: dict[str, int] = defaultdict(int)
    there = network.visits.join(near.select("session_id"), on="session_id", how="semi")
    for session, start, minutes in places.iter_rows():
        held[session].append((start, start + timedelta(minutes=minutes)))
        used[session] += minutes
    before = there.filter(pl.col("booked_on").is_null() | (pl.col("booked_on") <= since))
    for session, minutes in before.select("session_id", "minutes").iter_rows():
        used[session] += minutes
    refused = []
    new = there.filter(pl.col("booked_on") > since).sort("booked_on", "visit_id")
    for visit, session, start, minutes in new.select(
        "visit_id", "session_id", "start", "minutes"
    ).iter_rows():
        end = start + timedelta(minutes=minutes)
        taken = any(a < end and start < b for a, b in held[session])
        if taken or used[session] + minutes > room[session]:
            refused.append(visit)
        else:
            used[session] += minutes
    return network.replace(visits=network.visits.filter(~pl.col("visit_id").is_in(refused)))
