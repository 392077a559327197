"""What a plan says of the one before it, of the morning, of a strike called off, and by when to decide."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tideover.reports import words
from tideover.reports.parts import Table

#: Why a patient is told again, as a sentence goes on.
_WHY = {
    "declined": "because the patient declined",
    "pinned": "because whoever plans pinned them elsewhere",
    "promised": "as was promised, or because their session is held again",
    "place_gone": "because the place is gone: lost, cut or filled",
    "cover_short": "because the cover of the day falls short",
    "better": "for a safer time, or for a more urgent visit's sake",
}


def sentences(facts: Mapping[str, Any]) -> list[str]:
    """Return what is to be said of the previous plan, the morning and a strike called off; often nothing."""
    return [*_off(facts), *_previous(facts), *_morning(facts)]


def is_called_off(facts: Mapping[str, Any]) -> bool:
    """Whether the strike does not take place at all."""
    return bool(facts.get("called_off")) and not facts["pools"]


def days_off(facts: Mapping[str, Any]) -> str:
    """Return the dates of the strikes that are called off, in words."""
    named = (day for strike in facts["called_off"] for day in strike["dates"])
    return words.days(sorted({dt.date.fromisoformat(day) for day in named}))


def _off(facts: Mapping[str, Any]) -> list[str]:
    if not facts.get("called_off"):
        return []
    text = (
        f"The strike on {days_off(facts)} is called off. Whoever was told nothing keeps the booked time and "
        "is not called. Whoever was told a new time keeps it, unless a visit would be unsafe or have no date."
    )
    return [text]


def _previous(facts: Mapping[str, Any]) -> list[str]:
    previous = facts.get("previous")
    if previous is None:
        return []
    told, by = facts["told"], words.plain_day(dt.date.fromisoformat(facts["as_of"]))
    made = words.plain_day(dt.date.fromisoformat(previous["as_of"]))
    if not told["told"]:
        return [f"It follows the plan of {made}: by {by} nobody had been told anything."]
    keep = "keeps" if told["kept"] == 1 else "keep"
    known = (
        f"It follows the plan of {made}: patients of {words.plural(told['told'], 'visit')} had been told by "
        f"{by}. Of these, {words.count(told['kept'])} {keep} what was told"
    )
    again = [f"{words.count(told[why])} {text}" for why, text in _WHY.items() if told[why]]
    if not again:
        return [f"{known}; none must be told again."]
    return [f"{known}; {words.count(told['told_again'])} must be told again: {words.listed(again)}."]


def _morning(facts: Mapping[str, Any]) -> list[str]:
    morning = facts.get("morning")
    if morning is None:
        return []
    day = words.day(dt.date.fromisoformat(morning["date"]))
    minutes = words.count(sum(row["held_minutes"] for row in morning["held"]))
    text = (
        f"It is planned on the morning of {day}: {minutes} minutes of struck sessions will be held. Only "
        "sums of pools by hour were taken from them; nothing about a session or a person is stored."
    )
    return [text]


def in_vain(facts: Mapping[str, Any]) -> str:
    """Return how many calls are expected in vain, where it is stated how likely the strike is called off."""
    chance = facts.get("called_off_chance")
    total = sum(row["visits"] for row in facts.get("decide_by") or ())
    if chance is None or not total:
        return ""
    expected = f"{chance * total:,.1f}" if chance * total < 10 else words.count(chance * total)
    return (
        f"If the strike is called off with a chance of {words.working(chance)}, at most {expected} of "
        f"{words.plural(total, 'call')} are expected to be in vain; fewer where groups are told only by "
        "their decide-by times."
    )


def timeline(facts: Mapping[str, Any]) -> Table | None:
    """Return by which day how many visits must be decided; ``None`` where nobody is to be told."""
    groups = facts.get("decide_by") or []
    if not groups:
        return None
    visits: Counter[str] = Counter()
    number: Counter[str] = Counter()
    for row in groups:
        day = row["decide_by"][:10]
        visits[day] += row["visits"]
        number[day] += 1
    rows, so_far = [], 0
    for day in sorted(visits):
        so_far += visits[day]
        name = "at once" if day == facts["as_of"] else words.day(dt.date.fromisoformat(day))
        rows.append((name, *map(words.count, (number[day], visits[day], so_far))))
    heads = ("Decide by", "Groups", "Visits to be told", "Calls in vain if called off after it")
    return Table("By when to decide", heads, tuple(rows))
