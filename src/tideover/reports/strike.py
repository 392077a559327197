"""The report of a strike day: one HTML file that needs no script, no network and no other file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tideover.nouns import Plan, Policy, Scenario, Scorecard
from tideover.reports import again, cards, days, figures, headline, svg, tables, travel, words
from tideover.reports.book import Book, book, site_names
from tideover.reports.calls import calls
from tideover.reports.grounds import told_of
from tideover.reports.pages import draw_page
from tideover.reports.sites import openings

#: How many sites are shown before the rest is folded.
_SITES = 12
#: How many notes of a kind are shown before the rest is folded.
_NOTES = 6


def strike_report(plan: Plan, scorecard: Scorecard, scenario: Scenario) -> str:
    """Return the report of ``plan`` as one HTML document.

    It holds counts, never an identifier of a patient or a visit; sites with fewer than 11 patients are shown
    together, and cells that the scorecard suppresses stay so. The same inputs give the same text: there is no
    clock and no chance in it. It asks for nothing outside itself and says so in its content security policy.
    """
    return draw_page("strike.html", **_view(plan, scorecard, scenario))


def days_report(facts: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Return the page of the tried days of the plan with these facts; it holds counts only."""
    dates = [dt.date.fromisoformat(one["date"]) for one in found["dates"]]
    as_of, name = dt.date.fromisoformat(facts["as_of"]), facts["network"]["name"] or "Clinic network"
    return draw_page(
        "days.html",
        synthetic=facts["network"]["synthetic"],
        dateline=f"{name} \u00b7 book as of {words.plain_day(as_of)}",
        title=f"How the day may go: {words.days(dates)}",
        days=days.day_pages(found),
        assumed=days.assumed(found),
        worst=days.worst(found, pool_names(facts, {})),
        chances=found["chances"],
        version=facts["tideover"],
        patterns=svg.patterns(),
        words=words,
    )


def _view(plan: Plan, scorecard: Scorecard, scenario: Scenario) -> dict[str, Any]:
    seen, facts = book(plan, scenario), plan.facts
    told = calls(plan, scenario, Policy.of(facts["policy"]))
    return {
        **_top(seen, told),
        **_day(seen),
        **_days(seen),
        **_proof(seen),
        **_scorecard(scorecard, scenario),
        **_grounds(seen),
        "facts": facts,
        "patterns": svg.patterns(),
        "words": words,
    }


def _top(seen: Book, told: Any) -> dict[str, Any]:
    return {
        "synthetic": seen.facts["network"]["synthetic"],
        "dateline": headline.dateline(seen),
        "headline": headline.headline(seen),
        "steps": headline.next_steps(seen, told),
        "urgent": bool(seen.facts["minimum_safe_cover"]["sessions"] or headline.unsafe(seen)[1]),
        "keys": headline.key_figures(seen),
        "by_date": tables.by_date(seen),
        "since": again.sentences(seen.facts),
        "timeline": again.timeline(seen.facts),
        "in_vain": again.in_vain(seen.facts),
        "as_of": seen.as_of,
        "rests": told_of(seen.facts),
        "title": f"Strike-day plan for {words.days(seen.strike_dates)}",
    }


def _day(seen: Book) -> dict[str, Any]:
    affected = sorted(seen.visits.filter("affected")["date"].unique().to_list())
    sites, more = tables.sites(seen).fold(_SITES)
    return {
        "urgency": [figures.by_urgency(seen.on(date), f"urgency-{date}") for date in affected],
        "unsafe": headline.unsafe(seen)[1],
        "safe_cover": tables.safe_cover(seen.facts),
        "safe_cover_method": seen.facts["minimum_safe_cover"]["method"],
        "openings": [table.fold(_SITES) for table in openings(seen)],
        "sites": sites,
        "more_sites": more,
        "hours": [figures.by_hour(seen, date) for date in seen.dates],
        "shares": figures.by_share(seen),
        "new_dates": figures.by_new_date(seen),
    }


def _days(seen: Book) -> dict[str, Any]:
    found = seen.facts.get("days")
    if found is None:
        return {"days": []}
    return {
        "days": days.day_pages(found),
        "days_assumed": days.assumed(found),
        "days_worst": days.worst(found, pool_names(seen.facts, site_names(seen.scenario))),
    }


def pool_names(facts: Mapping[str, Any], sites: Mapping[str, str]) -> dict[str, str]:
    """Return what a page calls each pool: its sites, the first three of many."""
    return {pool["pool_id"]: tables.pool_sites(pool, sites) for pool in facts["pools"]}


def _proof(seen: Book) -> dict[str, Any]:
    return {
        "levels": tables.levels(seen.facts),
        "level_sentences": tables.level_sentences(seen.facts),
        "later": tables.later(seen.facts),
        "pools": tables.pools(seen).fold(_SITES),
    }


def _scorecard(card: Scorecard, scenario: Scenario) -> dict[str, Any]:
    return {
        "concerns": [cards.concern(card, which) for which in ("patients", "clinicians", "network")],
        "staff": cards.staff_by_site(card, site_names(scenario)),
        "meanings": cards.meanings(),
        "groups": cards.group_tables(card, site_names(scenario)),
    }


def _grounds(seen: Book) -> dict[str, Any]:
    notes = seen.facts["notes"]
    kinds = (("found", "Found in the data"), ("derived", "Derived"), ("assumed", "Assumed"))
    first, last = (dt.date.fromisoformat(day) for day in seen.facts["window"])
    return {
        "notes": [(name, [note for note in notes if note["kind"] == kind]) for kind, name in kinds],
        "notes_shown": _NOTES,
        "changes": tables.changes(seen.facts),
        "policy": tables.policy(seen.facts),
        "travel": [*travel.sentences(seen.facts), *travel.licences(seen.facts)],
        "approved_by": seen.facts["policy"]["approved_by"],
        "files": tables.files(seen.facts),
        "window": (words.day(first), words.day(last)),
    }
