"""Dates of strikes, closings, sessions and what else belongs to a dispute: which event a date is about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tideover.documents.dates import Known, Mention, mentions
from tideover.documents.finding import Finding
from tideover.documents.lexicon import lexicon

#: Letters that a comma, a colon or a conjunction between an event and a date counts for.
_COMMA, _BREAK, _AND, _BEHIND = 18, 45, 14, 12
#: Beyond this distance, a date and an event have nothing to do with each other.
_FAR = 170
_ANAPHOR = re.compile(
    r"\W*(?:(?:the |its )?[\w' -]{2,40} (?:says?|said|expects?) (?:that )?)?"
    r"(?:it|this|that|they|those|these|the (?:action|event|one-day action|walkout))\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\b(?:begins?|began|starts?|started|runs?|ran|ends?|ended|lasts?|lasted|scheduled|set "
    r"for|planned|takes? place|effective|follow)\b",
    re.IGNORECASE,
)
_SAYING = re.compile(
    r"\b(?:said|says|say|announced|told|confirmed|reported|wrote|posted|added|noted|"
    r"according to [^,]{3,60}|statement|released|emailed|interview\w*)\b[^,;.]{0,25}$",
    re.IGNORECASE,
)
_TO = re.compile(r"\b(?:to|until|through|till|end(?:ing|s)?)\b[^;()]*$", re.IGNORECASE)
_BALLOTS = re.compile(r"\b(?:ballots?|polls?|voting)\b[^.;]*$", re.IGNORECASE)
#: ", which bargains for 410 physicians, filed notice": what stands between is not what happened.
_ASIDE = re.compile(r",\s+(?:which|who|whose)\b[^,;]*,")
#: "before the strike" says when, not what.
_MEANWHILE = re.compile(
    r"\b(?:before|after|since|until|following|ahead of|prior to|leading up to)\s+(?:(?:the|"
    r"a|an|its|their|this|last|planned|one-day|\w+day's)\s+)*$",
    re.IGNORECASE,
)
#: A document's own date, behind its label.
_OWN = re.compile(
    r"(?:^|\b)(?:date|dated|posted|published|updated|air date|last updated)\b\W{0,3}$", re.IGNORECASE
)
#: The place and date at the head of a report: "CARROW FALLS, Wis. (Jan. 4, 2027) -".
_DATELINE = re.compile(r"^\W*[A-Z][A-Z .'-]{2,}(?:,[^()\n]{1,30})?\s*\($")
_OTHER_STRIKE = re.compile(
    r"\b(?:strike fund|strike pay|strike zone|lightning strikes?|struck (?:a|by|the) "
    r"(?:deal|balance|chord|tone)|strikes? a (?:deal|balance|chord))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Event:
    """An event that a sentence names, and where; ``name`` is empty for one outside the dispute."""

    name: str
    start: int
    end: int


def occasions(text: str, before: str, known: Known) -> list[Finding]:
    """Return the dates in a sentence that are about an event of the dispute.

    ``before`` is the sentence before it, which says what "it" is that begins on a date.
    """
    found = []
    dates = mentions(text, known)
    if not dates or lexicon().noise.search(text):
        return []
    here = events(text)
    carried = _carried(text, before) if not any(each.name for each in here) else ""
    last = ""
    for date in dates:
        if _OWN.search(text[: date.start]) or _DATELINE.match(text[: date.start]):
            continue
        name = _nearest(text, date, here, dates)
        if not name and not _SAYING.search(text[: date.start]):
            name = carried or (last if _TO.search(text, max(0, date.start - 40), date.start) else "")
        if name:
            found.append(_finding(date, name))
        last = name or last
    return found


def events(text: str) -> list[Event]:
    """Return the events that a sentence names, in their order; where words overlap, the earlier list wins."""
    found: list[Event] = []
    taken = [match.span() for match in _OTHER_STRIKE.finditer(text)]
    for name, pattern in lexicon().events:
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                found.append(Event(name, *match.span()))
                taken.append(match.span())
    for place, event in enumerate(tuple(found)):
        if event.name == "closing" and _BALLOTS.search(text[max(0, event.start - 50) : event.start]):
            found[place] = Event("vote", event.start, event.end)
    for event in tuple(found):
        # "supported the strike, which begins": a vote, and a strike of which more is said
        words = re.search(r"\b(?:strike|walkout)$", text[event.start : event.end], re.IGNORECASE)
        if (
            event.name == "vote"
            and words
            and re.match(
                r",?\s+(?:which|that|is|are|was|set|planned|scheduled|on|for|of|begin|start)",
                text[event.end :],
            )
        ):
            found.append(Event("strike", event.start + words.start(), event.end))
            found[found.index(event)] = Event("vote", event.start, event.start + words.start())
    return sorted(found, key=lambda event: event.start)


def _carried(text: str, before: str) -> str:
    """Return the event of the sentence before, where this one goes on about it."""
    if not (_ANAPHOR.match(text) and (_GOES_ON.search(text) or len(text) < 140)):
        return ""
    names = [event.name for event in events(before) if event.name]
    return names[0] if names else ""


def _nearest(text: str, date: Mention, here: list[Event], dates: list[Mention]) -> str:
    best, name = float(_FAR), ""
    for event in here:
        gap = _distance(text, date, event, dates)
        if gap < best:
            best, name = gap, event.name
    if name and _SAYING.search(text[: date.start]) and best > 8:
        return ""
    return name


def _distance(text: str, date: Mention, event: Event, dates: list[Mention]) -> float:
    if event.start >= date.start and event.end <= date.end:
        return float(_FAR)
    behind = event.start >= date.end
    aside = any(
        m.start() < event.start < m.end() and not m.start() < date.start < m.end()
        for m in _ASIDE.finditer(text)
    )
    first, last = (date.end, event.start) if behind else (event.end, date.start)
    gap = text[first:last]
    between = [d for d in dates if first <= d.start and d.end <= last]
    apart = float(len(gap)) + (2 * _BREAK if _MEANWHILE.search(text[: event.start]) else 0)
    apart += 2 * _BREAK * aside
    apart += _COMMA * gap.count(",") + _BREAK * len(
        re.findall(r"[;:—()]|\bafter\b|\bbefore\b|\bwhile\b|\bbut\b", gap)
    )
    apart += _AND * len(re.findall(r"\band\b", gap)) * (0 if between else 1)
    if behind:
        introductory = not text[: date.start].strip(' "') or re.fullmatch(
            r"\W*(?:on|in|since|by)?\W*", text[: date.start], re.IGNORECASE
        )
        apart += 0 if introductory else _BEHIND
        apart -= _COMMA if introductory and gap.startswith(",") else 0
    return apart


def _finding(date: Mention, name: str) -> Finding:
    return Finding(
        kind="date",
        value=date.value,
        unit="date",
        start=date.start,
        end=date.end,
        event=name,
        low=date.low,
        high=date.high,
        notes=date.notes,
    )
