"""After a strike: from a plan folder, and what happened, to backlog, checklist and after-action table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tideover.after import KINDS, OUTCOMES, cleared, compared, decay
from tideover.errors import Fault, InputError
from tideover.impact.suppress import suppressed
from tideover.nouns import Scenario
from tideover.readers import read_happened
from tideover.verify.bins import free_minutes, is_open
from tideover.verify.case import IN_A_SESSION, Case
from tideover.verify.check import confirm
from tideover.verify.files import plan_folders
from tideover.verify.instance import Confirmed
from tideover.verify.reserve import Reserve

#: Urgencies as the checklist joins them.
URGENCIES = ((1, 2), (3, 4), (5, 6))


@dataclass(frozen=True)
class AfterResult:
    """What ``after`` gives: facts for ``after.json``, the decay by clinic and date, and the table if any.

    ``people`` has clinic_id, people: patients whose visits are in the backlog of the clinic.
    """

    scenario: Scenario
    facts: dict[str, Any]
    decay: pl.DataFrame
    people: pl.DataFrame
    table: pl.DataFrame | None


def run_after(
    folder: Path,
    network_folder: Path | None = None,
    happened: Path | None = None,
    report: Callable[[str], None] = lambda text: None,
) -> AfterResult:
    """Return backlog, its decay at best and as planned, the checklist and planned against happened.

    ``folder`` holds the plan, which is verified first; ``happened`` is a file of ``readers.read_happened``.
    ``InputError`` if there is no plan, it is not confirmed, or the file has faults. See ``after/README.md``.
    """
    report("checking the plan")
    plan = _confirmed(folder, network_folder)
    case = plan.case
    decisions = _decisions(plan)
    known = decisions["visit_id"].to_list()
    rows = None if happened is None else read_happened(happened, OUTCOMES, known, case.as_of)
    report("measuring the backlog")
    last = case.last - timedelta(days=case.policy.horizon_days)
    dates = [last + timedelta(days=n) for n in range(1, case.policy.horizon_days + 1)]
    visits = _backlog(decisions, last)
    waiting = pl.concat([visits.select("clinic_id", "kind", "minutes"), _never_booked(case, last)])
    placed = visits.filter(kind="rescheduled").select("clinic_id", "date", "minutes")
    decayed = decay(waiting, placed, _free(case, dates), last, dates)
    facts = _facts(plan, visits, waiting, decayed, last)
    people = visits.group_by("clinic_id").agg(pl.col("person").n_unique().cast(pl.Int64).alias("people"))
    table = None if rows is None else suppressed(compared(decisions, rows))
    facts["happened"] = None if rows is None else {"rows": rows.height, "visits": decisions.height}
    return AfterResult(case.scenario, facts, decayed, people, table)


def _confirmed(folder: Path, network_folder: Path | None) -> Confirmed:
    if plan_folders(folder)[:1] != [folder]:
        found = "no plan.json" if folder.is_dir() else "no folder"
        raise InputError([Fault(str(folder), None, None, found, "a plan folder", "Name a plan's folder.")])
    verdict, plan = confirm(folder, network_folder)
    if plan is None:
        texts = verdict.differences or ("an instance without people",)
        remedy = "Name a plan that verify confirms; with --network, where its network lies."
        raise InputError(
            Fault(str(folder), None, None, text, "a plan that is confirmed", remedy) for text in texts
        )
    return plan


def _decisions(plan: Confirmed) -> pl.DataFrame:
    rows = [
        {
            "visit_id": d.visit.visit_id,
            "patient_id": d.visit.patient_id,
            "clinic_id": d.visit.clinic_id,
            "urgency": d.visit.urgency,
            "minutes": d.visit.minutes,
            "option": d.option,
            "new_clinic_id": d.session["clinic_id"] if d.session else None,
            "new_start": None if d.option == "waitlist" else d.start,
        }
        for d in plan.decisions
    ]
    shape = {
        "visit_id": pl.String(),
        "patient_id": pl.String(),
        "clinic_id": pl.String(),
        "urgency": pl.Int64(),
        "minutes": pl.Int64(),
        "option": pl.String(),
        "new_clinic_id": pl.String(),
        "new_start": pl.Datetime("us"),
    }
    return pl.DataFrame(rows, schema=shape)


def _backlog(decisions: pl.DataFrame, last: date) -> pl.DataFrame:
    """Return clinic_id, kind, minutes, date, urgency, person of the visits that wait (A1, A2)."""
    new = pl.col("new_start").dt.date()
    moved = decisions.filter(pl.col("option").is_in(list(IN_A_SESSION)) & (new > last))
    waits = decisions.filter(pl.col("option") == "waitlist")
    person = pl.coalesce("patient_id", pl.concat_str(pl.lit("visit "), "visit_id")).alias("person")
    parts = [
        rows.select(
            pl.col(clinic).alias("clinic_id"),
            pl.lit(kind).alias("kind"),
            pl.col("minutes").cast(pl.Float64),
            new.alias("date"),
            "urgency",
            person,
        )
        for rows, clinic, kind in ((moved, "new_clinic_id", KINDS[0]), (waits, "clinic_id", KINDS[1]))
    ]
    return pl.concat(parts)


def _never_booked(case: Case, last: date) -> pl.DataFrame:
    """Return clinic_id, kind, minutes still expected on dates that are lost, beyond what is reserved (A2)."""
    every = Reserve(replace(case, policy=replace(case.policy, reserve_to_urgency=6)))
    kept = Reserve(case)
    rows = [
        (clinic, KINDS[2], share * max(0.0, float(every.minutes(clinic, day) - kept.minutes(clinic, day))))
        for clinic, day, share in _lost_shares(case, last)
    ]
    shape = {"clinic_id": pl.String(), "kind": pl.String(), "minutes": pl.Float64()}
    return pl.DataFrame(rows, schema=shape, orient="row").filter(pl.col("minutes") > 0)


def _lost_shares(case: Case, last: date) -> Iterator[tuple[str, date, float]]:
    """Yield each clinic and date with lost sessions and the share of its bookable minutes that is lost."""
    whole: dict[tuple[str, date], list[int]] = {}
    lost_days = {case.sessions[session]["start"].date() for session in case.lost}
    for session in case.sessions.values():
        day = session["start"].date()
        if case.as_of < day <= last and day in lost_days:
            length = (session["end"] - session["start"]) // timedelta(minutes=1) * session["posts"]
            of_day = whole.setdefault((session["clinic_id"], day), [0, 0])
            of_day[0] += length if session["open_minutes"] is None else session["open_minutes"]
            of_day[1] += free_minutes(case, session)
    for (clinic, day), (bookable, left) in sorted(whole.items()):
        if bookable > left:
            yield clinic, day, 1 - left / bookable


def _free(case: Case, dates: Sequence[date]) -> pl.DataFrame:
    """Return clinic_id, date, minutes beyond what is booked and expected (A3)."""
    free_to_move = [visit.visit_id for visit in case.visits.values() if visit.movable]
    stays = case.seen.filter(~pl.col("visit_id").is_in(free_to_move)).drop_nulls("session_id")
    held = dict(stays.group_by("session_id").agg(pl.col("minutes").sum()).iter_rows())
    reserve = Reserve(case)
    found: dict[tuple[str, date], int] = {}
    for session_id, session in case.sessions.items():
        clinic, day = session["clinic_id"], session["start"].date()
        if dates and dates[0] <= day <= dates[-1] and is_open(case.clinics[clinic], day):
            room = max(0, free_minutes(case, session) - held.get(session_id, 0))
            found[clinic, day] = found.get((clinic, day), 0) + room
    rows = [
        (clinic, day, max(0.0, float(room - reserve.minutes(clinic, day))))
        for (clinic, day), room in sorted(found.items())
    ]
    return pl.DataFrame(rows, schema={"clinic_id": pl.String(), "date": pl.Date(), "minutes": pl.Float64()},
                        orient="row")  # fmt: skip


def _facts(
    plan: Confirmed, visits: pl.DataFrame, waiting: pl.DataFrame, decayed: pl.DataFrame, last: date
) -> dict[str, Any]:
    case, clears = plan.case, cleared(decayed)
    minutes = dict(waiting.group_by("kind").agg(pl.col("minutes").sum()).iter_rows())
    counts = dict(visits.group_by("kind").agg(pl.len()).iter_rows())
    dates = clears["clears_on"].to_list()
    return {
        "plan": {"as_of": str(case.as_of), "tideover": plan.facts["tideover"]},
        "reading": plan.facts.get("reading"),
        "synthetic": plan.facts["network"]["synthetic"],
        "last_strike_date": str(last),
        "until": str(case.last),
        "backlog": {
            kind: {"minutes": round(minutes.get(kind, 0.0), 3), "visits": counts.get(kind, 0)}
            if kind != KINDS[2]
            else {"minutes": round(minutes.get(kind, 0.0), 3)}
            for kind in KINDS
        },
        "clears_on": None if None in dates or not dates else str(max(dates)),
        "clinics_not_cleared": dates.count(None),
        "clinics": [
            {"clinic_id": clinic, "clears_on": None if day is None else str(day)}
            for clinic, day in clears.iter_rows()
        ],
        "checklist": _checklist(case, visits, clears, last),
    }


def _checklist(case: Case, visits: pl.DataFrame, clears: pl.DataFrame, last: date) -> list[dict[str, Any]]:
    """Return on which date which group is back to normal: on, what, number (of sites or visits)."""
    rows: list[tuple[date | None, str, int]] = []
    days = sorted({s["start"].date() for s in case.sessions.values() if s["start"].date() > last})
    if days:
        rows.append((days[0], "sessions_held_again", len({s["clinic_id"] for s in case.sessions.values()
                                                          if s["start"].date() == days[0]})))  # fmt: skip
    moved = visits.filter(kind="rescheduled")
    for low, high in URGENCIES:
        some = moved.filter(pl.col("urgency").is_between(low, high))
        if some.height:
            day = some["date"].max()
            rows.append((day if isinstance(day, date) else None, f"urgency_{low}_{high}_held", some.height))
    open_ = visits.filter(kind="without_date").height
    if open_:
        rows.append((None, "without_date", open_))
    for day, number in clears.group_by("clears_on").agg(pl.len()).iter_rows():
        rows.append((day, "sites_cleared_at_best" if day else "sites_not_cleared", number))
    rows.sort(key=lambda row: (row[0] is None, row[0] or last, row[1]))
    return [{"on": None if day is None else str(day), "what": what, "number": n} for day, what, n in rows]
