"""The pages of a case: its index and the ledger of its claims; counts only, no script, nothing loaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Any

import polars as pl
from markupsafe import Markup

import tideover
from tideover.cases import CaseResult, Outcome, Turning
from tideover.claims import KINDS, Claim, turning
from tideover.impact import CONCERNS
from tideover.reports import svg, words
from tideover.reports.book import book
from tideover.reports.case_more import closing_follows, closing_lead, closings, marked_keys, offers
from tideover.reports.days import sentences
from tideover.reports.grounds import Ground, agreed, claim_table, disputes, ground, rests_sentence
from tideover.reports.headline import headline, key_figures
from tideover.reports.pages import draw_page
from tideover.reports.parts import Table
from tideover.reports.several import several, several_follows
from tideover.reports.timeline import draw, moments
from tideover.reports.turning import views
from tideover.reports.words import count, plural

_WIDE, _NARROW = 824, 350


def case_page(result: CaseResult, turning_on: Turning | None = None) -> str:
    """Return the index page of a case: what follows, what is known, disputed and made up, and the links."""
    grounds = {name: ground(name, result.rests_on(name)) for name in result.results}
    answers = tuple({each.claim.id: each for one in grounds.values() for each in one.answers}.values())
    found = moments(result.case, result.reading)
    drawn = partial(draw, found)
    return draw_page(
        "case.html",
        title=result.case.title,
        case=result.case,
        reading=result.reading,
        synthetic=result.network.synthetic,
        follows=_follows_all(result, grounds),
        keys=_keys(result),
        size=_size(result, grounds["book"]),
        timeline=drawn("time-w", _WIDE) if found else None,
        timeline_narrow=drawn("time-n", _NARROW) if found else None,
        timeline_disputed=[one for one in found if one.others],
        scorecards=[_scorecards(result, some) for some in _alike(result.outcomes)],
        sites=[_sites(outcome, _grounds_of(result, outcome)["plan"]) for outcome in result.outcomes
               if outcome.sites is not None and "sites" in result.case.results
               and "sites" in outcome.stage.results],
        closings=closings(result),
        several=several(result, grounds.get("plan")),
        offers=offers(result, grounds.get("offers")),
        grounds=list(grounds.values()),
        rests_by={name: one.sentence for name, one in grounds.items()},
        rests_timeline=rests_sentence(result.rests_on("timeline")),
        rests_turning=rests_sentence(answers),
        alone=_alone(result),
        disputed=disputes(answers),
        facts=agreed(answers, ("fact", "parameter")),
        assumed=agreed(answers, ("assumption", "choice")),
        turning_on=turning_on,
        turning_views=[] if turning_on is None else views(turning_on),
        outcomes=result.outcomes,
        patterns=svg.patterns(),
        words=words,
        version=tideover.__version__,
    )  # fmt: skip


def ledger_page(result: CaseResult) -> str:
    """Return the page of the claims: of the case's dispute and of the model, what is disputed first."""
    parts = {*result.inputs.asked, *result.results}
    used = {answer.claim.id for part in parts for answer in result.rests_on(part)}
    disputes_ = {result.case.ledger[claim].dispute for claim in used} - {""}
    shown = [c for c in result.case.ledger if not c.dispute or c.dispute in disputes_ or c.id in used]
    conflicts = [claim for claim in result.case.ledger.conflicts if claim in shown]
    rest = [claim for claim in shown if not claim.disputed]
    groups = [("Disputed", [_claim(claim, used, result) for claim in conflicts])]
    groups += [
        (heading, [_claim(claim, used, result) for claim in rest if claim.kind == kind])
        for kind, heading in KINDS.items()
    ]
    return draw_page(
        "ledger.html",
        title=f"Ledger of claims: {result.case.title}",
        case=result.case,
        reading=result.reading,
        groups=groups,
        synthetic=result.network.synthetic,
        words=words,
        total=len(shown),
    )


def lead(outcome: Outcome) -> str:
    """Return what a scenario comes to, in one sentence."""
    if outcome.closing is not None:
        return closing_lead(outcome, outcome.closing)
    if outcome.result is None:
        return f"{outcome.stage.title} finds no session to strike: the book stands as it is."
    return headline(book(outcome.result.plan, outcome.result.scenario))


def _follows_all(result: CaseResult, grounds: dict[str, Ground]) -> list[tuple[str, list[Markup]]]:
    """Return what follows, scenario by scenario, then of the offers: a title and sentences."""
    found = [
        (outcome.stage.title, _follows(outcome, _grounds_of(result, outcome))) for outcome in result.outcomes
    ]
    told = [one.sentence for one in offers(result, grounds.get("offers"))]
    lent = several_follows(result, grounds.get("plan"))
    if lent:  # each scenario by itself is in its report
        found = [("What lent room and separate dates change", lent)]
    return [*found, *([("Offers on the table", told)] if told else [])]


def _follows(outcome: Outcome, grounds: dict[str, Ground]) -> list[Markup]:
    """Return what follows from a scenario, each sentence with its footnote."""
    if outcome.closing is not None:
        rests = grounds["transfers"]
        return [rests.mark_up(lead(outcome)), *closing_follows(outcome.closing, outcome.ranked, rests)]
    lines = [grounds["plan"].mark_up(lead(outcome))]
    if outcome.result is None:
        return lines
    facts = outcome.result.plan.facts
    days = facts["days"]
    if days is not None:
        for one in days["dates"]:
            day = words.short_day(dt.date.fromisoformat(one["date"]))
            first = sentences(days, one)[0]
            lines.append(grounds["days"].mark_up(f"{day}: {first}" if len(days["dates"]) > 1 else first))
        lines.append(grounds["days"].mark_up(_seen(facts["as_of"], days)))
    more = facts["minimum_safe_cover"]["sessions"]
    enough = f"{plural(more, 'more session')} of cover would be enough"
    told = enough if more else "No further cover is needed"

    lines.append(grounds["plan"].mark_up(f"{told} to keep every booked urgent visit safe."))
    return lines


def _seen(as_of: str, days: dict[str, Any]) -> str:
    """Return what the plan knows, and why urgent visits are not seen that it does not leave unsafe itself."""
    known = f"The plan knows what was booked by {_plain(dt.date.fromisoformat(as_of))}."
    if not any(one["measures"]["urgent_lost"]["days"] for one in days["dates"]):
        return known
    return f"{known} Urgent visits that are booked later find only the posts that are worked."


def _alone(result: CaseResult) -> dict[str, str]:
    """Return for each claim on which some scenarios alone rest their titles, by result and claim."""
    found = {}
    for name in ("plan", "transfers"):
        stages = [outcome.stage for outcome in result.outcomes if outcome.stage.part == name]
        for answer in result.rests_on(name):
            own = [stage.title for stage in stages if answer in result.rests_on(name, stage)]
            if len(own) < len(stages):
                found[f"{name} {answer.claim.id}"] = ", ".join(own)
    return found


def _grounds_of(result: CaseResult, outcome: Outcome) -> dict[str, Ground]:
    """Return what the results of one scenario rest on."""
    names = ("transfers",) if outcome.closing is not None else ("plan", "days")
    return {name: ground(name, result.rests_on(name, outcome.stage)) for name in names}


def _keys(result: CaseResult) -> list[tuple[str, list[dict[str, Any]]]]:
    found = []
    for outcome in result.outcomes:
        grounds = _grounds_of(result, outcome)
        if outcome.closing is not None:
            found.append((outcome.stage.title, marked_keys(outcome.closing, grounds["transfers"])))
        if outcome.result is not None:
            rests = grounds["plan"]
            seen = book(outcome.result.plan, outcome.result.scenario)
            keys = [
                {"number": rests.mark_up(key.number), "words": key.words, "remark": key.remark,
                 "alert": key.alert, "rests": rests.sentence}
                for key in key_figures(seen)
            ]  # fmt: skip
            found.append((outcome.stage.title, keys))
    return found


def _size(result: CaseResult, rests: Ground) -> Markup:
    network = result.network
    sites = network.clinics.filter(pl.col("kind") != "hospital")
    days = network.visits["start"].dt.date()
    roles = network.clinicians["role"].value_counts().sort("role")
    posts = ", ".join(f"{count(number)} {role}" for role, number in roles.iter_rows())
    states = sites["state"].drop_nulls().n_unique()
    return rests.mark_up(
        f"{plural(sites.height, 'site')} with sessions in {plural(states, 'state')}, "
        f"{plural(network.clinicians.height, 'post')} ({posts}), "
        f"{plural(network.patients.height, 'patient')}, "
        f"{plural(network.visits.height, 'visit')} from {_plain(days.min())} to {_plain(days.max())}."
    )


def _plain(day: Any) -> str:
    return words.plain_day(day) if isinstance(day, dt.date) else words.UNKNOWN


def _alike(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    """Return scenarios with a plan of booked visits, together where the same visits are theirs."""
    found: dict[tuple[Any, ...], list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.result is not None:
            before = tuple(row["before"] for concern in CONCERNS for row in _measures(outcome, concern))
            found.setdefault(before, []).append(outcome)
    return list(found.values())


def _scorecards(result: CaseResult, outcomes: Sequence[Outcome]) -> list[Table]:
    """Return one table for each concern: measures down, scenarios across, nothing happening first."""
    tables = []
    rests = [_grounds_of(result, outcome)["plan"] for outcome in outcomes]
    for concern in CONCERNS:
        rows = []
        for row in _measures(outcomes[0], concern):
            cells = [_cell(row, "before", rests[0])]
            for outcome, own in zip(outcomes, rests, strict=True):
                same = [r for r in _measures(outcome, concern) if r["measure"] == row["measure"]]
                cells.append(_cell(same[0], "after", own) if same else _cell(row, "before", own))
            rows.append((words.titled(row), *cells, row["better"]))
        heads = ("Measure", "Nothing happens", *(outcome.stage.title for outcome in outcomes), "Better")
        last = len(heads) - 1
        tables.append(Table(f"Measures for {concern}", heads, tuple(rows), frozenset({0, last})))
    return tables


def _measures(outcome: Outcome, concern: str) -> list[dict[str, Any]]:
    if outcome.result is None:
        return []
    rows = outcome.result.scorecard.rows
    return rows.filter((pl.col("group") == "all") & (pl.col("concern") == concern)).to_dicts()


def _cell(row: dict[str, Any], which: str, rests: Ground) -> str | Markup:
    if row["suppressed"]:
        return "fewer than 11 people"
    if row[which] is None:
        return words.UNKNOWN
    shown = words.value(row[which], row["unit"])
    return Markup('<span title="{}">{}</span>').format(rests.sentence, shown)


def _sites(outcome: Outcome, rests: Ground) -> dict[str, Any]:
    """Return which sites open and which are paused, by how many clinicians are rostered there."""
    rows = []
    assert outcome.sites is not None  # noqa: S101 -- the caller looked
    bands = ((1, 1, "one"), (2, 3, "two or three"), (4, 9, "four to nine"), (10, 10_000, "ten or more"))
    dates = sorted(outcome.sites["date"].unique().to_list())
    for day in dates:
        here = outcome.sites.filter(pl.col("date") == day)
        for low, high, name in bands:
            band = here.filter(pl.col("rostered").is_between(low, high))
            if band.height:
                opens = int(band["opens"].sum())
                cells = [rests.mark_up(count(n)) for n in (band.height, opens, band.height - opens)]
                first = words.short_day(dt.date.fromisoformat(day))
                rows.append((first, name, *cells))
    heads = ("Date", "Clinicians rostered", "Sites", "Open", "Paused by the plan")
    return {"title": outcome.stage.title,
            "table": Table("Sites on the strike dates", heads, tuple(rows), frozenset({0, 1}))}  # fmt: skip


def _claim(claim: Claim, used: set[str], result: CaseResult) -> dict[str, Any]:
    open_ = claim.affects and claim.id in used
    return {
        "id": claim.id,
        "table": claim_table(claim),
        "used": "Used in this case." if claim.id in used else "",
        "taken": result.reading.answer(claim.id).entry.says(claim.unit) if open_ else "",
        "rests": turning(claim.affects),
        "context": claim.context,
    }
