"""The top of the page: the plan in one sentence, what to do next, and the key figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from tideover.reports.again import days_off, is_called_off
from tideover.reports.book import Book, outcomes
from tideover.reports.words import GAP, count, days, listed, plain_day, plural, short_day, stated, working


@dataclass(frozen=True)
class Key:
    """A key figure: its number, what it counts, a remark, and whether it calls for attention."""

    number: str
    words: str
    remark: str = ""
    alert: bool = False


def headline(seen: Book) -> str:
    """Return the plan in one sentence: how many visits stand, wait, move or are left without a date."""
    counts, booked = outcomes(seen.visits), seen.visits.height
    if is_called_off(seen.facts):
        return _called_off(seen)
    told = [f"{count(counts['stand'])} of {plural(booked, 'booked visit')} {_verb(counts['stand'], 'stand')}"]
    if counts["another_site"]:
        number = counts["another_site"]
        told.append(
            f"{count(number)} {_are(number)} seen at another site at {'its' if number == 1 else 'their'} time"
        )
    if counts["standby"]:
        told.append(f"{count(counts['standby'])} {_verb(counts['standby'], 'wait')} on standby")
    if counts["moved"]:
        told.append(f"{count(counts['moved'])} {_verb(counts['moved'], 'move')} ({_median(seen)})")
    if counts["video"]:
        told.append(f"{count(counts['video'])} {_are(counts['video'])} held by video")
    if counts["urgent_care"]:
        told.append(f"{count(counts['urgent_care'])} {_verb(counts['urgent_care'], 'go')} to urgent care")
    left = counts["waitlist"]
    told.append(f"{count(left)} {_are(left)} left without a date" if left else "none is left without a date")
    return f"On {days(seen.strike_dates)}{_closed(seen)}{_worked(seen)}, {listed(told)}; {_urgent(seen)}."


def _closed(seen: Book) -> str:
    """Return which clinics close for good as well, as their booked visits are part of the plan."""
    if not seen.scenario.strike_dates:
        return ""
    said = [
        f", and at {plural(len(change['clinics']), 'clinic')} closed from "
        f"{plain_day(dt.date.fromisoformat(change['on']))}"
        for change in seen.facts["changes"]
        if change["kind"] == "closure"
    ]
    return "".join(said)


def _called_off(seen: Book) -> str:
    told = seen.facts["told"]
    kept = f"{plural(told['kept'], 'visit')} {_verb(told['kept'], 'keep')} what was told"
    once_more = f"{count(told['told_again'])} {_are(told['told_again'])} told once more"
    ending = f"nobody else is called; {_urgent(seen)}"
    return f"The strike on {days_off(seen.facts)} is called off: {kept}, {once_more}, {ending}."


def _verb(number: int, verb: str) -> str:
    return verb if number != 1 else {"go": "goes"}.get(verb, verb + "s")


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _median(seen: Book) -> str:
    middle = seen.visits.filter(pl.col("outcome") == "moved")["days"].median()
    number = float(middle) if isinstance(middle, int | float) else 0.0
    return f"median {number:g} {'day' if number == 1 else 'days'}"


def _worked(seen: Book) -> str:
    said = {str(pool["working"]): float(pool["working_share"]) for pool in seen.facts["pools"]}
    shares = sorted(said.values())
    if not shares:
        return ""
    if len(said) == 1:
        low, *likely = stated(*said).split(", ")
        return f", with {low} of posts worked{''.join(f' ({part})' for part in likely)}"
    low, high = working(shares[0]).removesuffix(f"{GAP}%"), working(shares[-1])
    return f", with {low} to {high} of posts worked"


def _urgent(seen: Book) -> str:
    before, after = unsafe(seen)
    if after == 0:
        return "no urgent visit becomes unsafe"
    already = f" ({count(before)} already {'was' if before == 1 else 'were'}, in the book)" if before else ""
    fresh = seen.visits.filter(pl.col("late_after") & ~pl.col("late_before")).height
    if fresh == 0:
        return f"no urgent visit becomes unsafe{already}"
    return f"{plural(fresh, 'urgent visit')} {_verb(fresh, 'become')} unsafe{already}"


def unsafe(seen: Book) -> tuple[int, int]:
    """Return how many urgent visits are held too late or without a date, before and after the plan."""
    return int(seen.visits["late_before"].sum()), int(seen.visits["late_after"].sum())


def key_figures(seen: Book) -> list[Key]:
    """Return the row of key figures."""
    counts, booked = outcomes(seen.visits), seen.visits.height
    affected = int(seen.visits["affected"].sum())
    told = seen.visits.filter("to_tell")["person"].n_unique()
    late = unsafe(seen)[1]
    figures = [
        Key(count(booked), "visits booked", f"{count(affected)} of them in struck or lost sessions"),
        Key(count(counts["stand"]), "stand", "attend unless contacted"),
        Key(count(counts["another_site"]), "at another site", "at their time"),
        Key(count(counts["standby"]), "on standby", "decided on the morning"),
        Key(count(counts["moved"]), "move", _median(seen) if counts["moved"] else ""),
        Key(count(counts["video"]), "by video"),
        Key(count(counts["urgent_care"]), "to urgent care"),
        Key(count(counts["waitlist"]), "without a date", "on the wait-list", counts["waitlist"] > 0),
        Key(count(late), "urgent and unsafe", "too late, or without a date", late > 0),
        Key(count(told), "patients to be told", "urgent first"),
    ]
    optional = ("at another site", "by video", "to urgent care")
    return [figure for figure in figures if figure.number != "0" or figure.words not in optional]


def next_steps(seen: Book, calls: pl.DataFrame) -> list[str]:
    """Return what is to be done now, the most pressing first, each in one or two sentences."""
    counts = outcomes(seen.visits)
    steps = [
        _cover(seen),
        _look(seen),
        _tell(calls, seen.as_of),
        _open(seen),
        _standby(counts["standby"]),
        _waitlist(counts["waitlist"]),
    ]
    if not seen.facts["policy"]["approved_by"]:
        steps.append("Have a clinician sign off the urgency map: nobody has signed off yet.")
    return [step for step in steps if step] or ["Nothing: every booked visit stands."]


def _cover(seen: Book) -> str:
    need = int(seen.facts["minimum_safe_cover"]["sessions"])
    if not need:
        return ""
    more = plural(need, "more session")
    return f"Urgent: ask for {more} of cover: enough to hold every urgent visit that is unsafe now."


def _look(seen: Book) -> str:
    late = unsafe(seen)[1]
    if not late:
        return ""
    which = "the urgent visit that is" if late == 1 else f"each of the {count(late)} urgent visits that are"
    return f"Urgent: have a clinician look at {which} too late or without a date (decisions.csv)."


def _tell(calls: pl.DataFrame, as_of: dt.date) -> str:
    if calls.is_empty():
        return ""
    people = calls.with_columns(pl.coalesce("patient_id", "visit_id").alias("person"))
    total = people["person"].n_unique()
    by = (
        people.group_by(pl.col("tell_by").dt.date().alias("day")).agg(pl.col("person").n_unique()).sort("day")
    )
    (first, number), (last, _) = by.row(0), by.row(-1)
    when = "at once" if first == as_of else f"by {short_day(first)}"
    if first == last:
        return f"Tell {plural(total, 'patient')} {when}, in the order of calls.csv."
    return (
        f"Tell {plural(total, 'patient')}, in the order of calls.csv: {count(number)} of them {when}, "
        f"all by {short_day(last)}."
    )


def _open(seen: Book) -> str:
    days = sorted({row["date"] for row in seen.facts["sites"]})
    if not days:
        return ""
    if len(days) > 1:
        return "Open sites as the report says for each date (Which sites open)."
    opens = sum(row["opens"] for row in seen.facts["sites"])
    shut = len(seen.facts["sites"]) - opens
    if not shut:
        return ""
    others = "the other one" if shut == 1 else f"the other {count(shut)}"
    return (
        f"Open {count(opens)} of {plural(opens + shut, 'site')} with struck posts; for {others} no post is "
        "sure (report, Which sites open)."
    )


def _standby(number: int) -> str:
    if not number:
        return ""
    return (
        f"On the morning, count the posts worked and decide the {plural(number, 'visit')} on standby; "
        "until then these patients keep their time."
    )


def _waitlist(number: int) -> str:
    return (
        f"Find a date for {plural(number, 'visit')} on the wait-list: no open time was found."
        if number
        else ""
    )


def dateline(seen: Book) -> str:
    """Return which network the plan is for and what it has seen of the book."""
    name = seen.facts["network"]["name"] or "Clinic network"
    return f"{name} \u00b7 book as of {plain_day(seen.as_of)}"
