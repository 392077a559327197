"""Proposals beside the ledger: new to it, in agreement with every entry, or in conflict with some."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tideover.claims import Claim, Entry, Ledger, disagree
from tideover.documents.convert import comparable, compared, entry_of, stretch, unit_of
from tideover.documents.lexicon import stop_words
from tideover.documents.proposal import Proposal
from tideover.documents.topics import Topic, topic_of

NEW, AGREES, CONFLICTS = "new", "agrees", "conflicts"
_STOP = stop_words()
#: A strike at most so many days of the year from the ledger's is taken to be the same.
_SAME_STRIKE = 10
#: Sessions this many days before the strike are its last.
_BEFORE = 14


@dataclass(frozen=True, kw_only=True)
class Matched:
    """A proposal with its number, the question it answers, and what the ledger says to it.

    ``entry`` is the statement in the ledger's unit, ``claim`` the ledger's claim, if it has one;
    ``conflicts`` and ``agrees`` are its entries that cannot be true beside the statement, and those that can.
    """

    number: int
    proposal: Proposal
    topic: Topic | None
    name: str
    question: str
    unit: str
    entry: Entry
    claim: Claim | None = None
    conflicts: tuple[Entry, ...] = ()
    agrees: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """``new``, ``agrees`` or ``conflicts``."""
        return NEW if self.claim is None else CONFLICTS if self.conflicts else AGREES


def disputes(ledger: Ledger) -> list[str]:
    """Return the disputes of which the ledger holds facts, the one with most of them first."""
    names = [claim.dispute for claim in ledger if claim.dispute]
    return sorted(set(names), key=lambda name: (-names.count(name), name))


def match(
    proposals: Sequence[Proposal], ledger: Ledger, *, dispute: str | None = None, first: int = 1
) -> tuple[list[Matched], str]:
    """Return the proposals of one document beside the ledger, and the dispute they were held against.

    Without ``dispute``: that of whose facts most statements agree, and fewest conflict; the ledger's first if
    none agrees.
    """
    names = [dispute] if dispute is not None else disputes(ledger) or [""]
    tried = []
    for name in names:
        dated = _with_years(proposals, _strikes(ledger, name))
        tried.append(_once([_matched(proposal, ledger, name, notes) for proposal, notes in dated]))
    best = max(range(len(names)), key=lambda place: (_score(tried[place], names[place]), -place))
    return [replace(each, number=first + place) for place, each in enumerate(tried[best])], names[best]


def _once(matched: Sequence[Matched]) -> list[Matched]:
    """Join statements in which one side answers one question of the ledger in the same way."""
    kept: dict[tuple[Any, ...], Matched] = {}
    for place, each in enumerate(matched):
        said, counted = each.proposal.finding, each.name.startswith("displaced")
        key = (
            *(each.name, each.proposal.speaker.side, said.noun if counted else ""),
            *(str(each.entry.value), each.entry.low, each.entry.high, each.entry.about),
            None if each.topic else place,
        )
        before = kept.get(key)
        if before is None:
            kept[key] = each
            continue
        spans = {
            *before.proposal.also,
            *each.proposal.also,
            (each.proposal.quote_start, each.proposal.quote_end),
        }
        spans.discard((before.proposal.quote_start, before.proposal.quote_end))
        kept[key] = replace(before, proposal=replace(before.proposal, also=tuple(sorted(spans))))
    return list(kept.values())


def _score(matched: Sequence[Matched], dispute: str) -> float:
    """Return how well the statements fit the facts of a dispute: 0 where none agrees."""
    facts = [each for each in matched if each.claim is not None and each.claim.dispute == dispute]
    agree = sum(bool(each.agrees) for each in facts)
    return agree - 0.5 * sum(not each.agrees for each in facts) if agree else 0.0


def _strikes(ledger: Ledger, dispute: str) -> list[dt.date]:
    names = {"strike-date", f"{dispute.split('-', maxsplit=1)[0]}-strike-date"}
    claims = [claim for claim in ledger if claim.id in names and claim.dispute == dispute]
    return [entry.value for claim in claims for entry in claim.entries if isinstance(entry.value, dt.date)]


def _with_years(
    proposals: Sequence[Proposal], strikes: Sequence[dt.date]
) -> list[tuple[Proposal, tuple[str, ...]]]:
    """Give dates without a year that of the ledger's strike, where the document's is on about its day."""
    near = [
        day
        for proposal in proposals
        for day in strikes
        if proposal.finding.event == "strike" and _apart(str(proposal.finding.value), day) <= _SAME_STRIKE
    ]
    if not near:
        return [(proposal, ()) for proposal in proposals]
    return [_with_year(proposal, near[0]) for proposal in proposals]


def _apart(value: str, day: dt.date) -> int:
    """Return how many days of the year lie between a day without a year and ``day``; many for all else."""
    if not re.fullmatch(r"XXXX-\d\d-\d\d", value):
        return 999
    return min(abs((made - day).days) for made in _years(value, day))


def _years(value: str, day: dt.date) -> list[dt.date]:
    made = []
    for year in (day.year - 1, day.year, day.year + 1):
        try:
            made.append(
                dt.date.fromisoformat(
                    (value + "-15" if len(value) == 7 else value).replace("XXXX", str(year))
                )
            )
        except ValueError:
            continue  # 29 February
    return made


def _with_year(proposal: Proposal, strike: dt.date) -> tuple[Proposal, tuple[str, ...]]:
    found = proposal.finding
    if found.kind != "date" or not str(found.value).startswith("XXXX"):
        return proposal, ()
    year = min(_years(str(found.value), strike), key=lambda day: abs((day - strike).days)).year
    value = str(found.value).replace("XXXX", str(year))
    low, high = stretch(value)
    note = f"the document names no year; {year} inferred from the ledger's strike of {strike}"
    return replace(proposal, finding=replace(found, value=value, low=low, high=high, notes=())), (note,)


def _matched(proposal: Proposal, ledger: Ledger, dispute: str, notes: tuple[str, ...]) -> Matched:
    topic = topic_of(proposal)
    claims = [claim for claim in ledger if claim.dispute in {"", dispute}]
    claim, name = _claim(proposal, topic, claims, dispute)
    unit = claim.unit if claim is not None else topic.unit if topic is not None else unit_of(proposal.finding)
    entry = entry_of(proposal, topic, unit)
    question = (
        claim.question if claim is not None else topic.question if topic is not None else _question(proposal)
    )
    made = Matched(
        number=0,
        proposal=proposal,
        topic=topic,
        name=name,
        question=question,
        unit=unit,
        entry=entry,
        notes=notes,
    )
    if claim is None or not comparable(entry, claim, proposal):
        return made
    told = [(each, compared(each, entry, proposal)) for each in claim.entries]
    conflicts = tuple(each for each, other in told if disagree(each, other))
    agrees = tuple(each for each, other in told if not disagree(each, other))
    return replace(made, claim=claim, conflicts=conflicts, agrees=agrees)


def _claim(
    proposal: Proposal, topic: Topic | None, claims: Sequence[Claim], dispute: str
) -> tuple[Claim | None, str]:
    """Return the ledger's claim that a proposal answers, and its name; a new name where there is none."""
    name = _slug(proposal) if topic is None else topic.id
    if name == "session":
        name = _session(proposal, claims)
    short = dispute.split("-", maxsplit=1)[0]
    wanted = {name, f"{short}-{name}"} | {f"{short}-{other}" for other in (topic.also if topic else ())}
    for claim in claims:
        if claim.id in wanted:
            return claim, claim.id
    like = _by_words(proposal, claims) if topic is None else None
    return (like, like.id) if like is not None else (None, name)


def _session(proposal: Proposal, claims: Iterable[Claim]) -> str:
    """Return which session a date is: the last before the ledger's strike, the next after it, or another."""
    days = [
        entry.value
        for claim in claims
        if claim.id == "strike-date"
        for entry in claim.entries
        if isinstance(entry.value, dt.date)
    ]
    low = proposal.finding.low
    if not days or not isinstance(low, dt.date):
        return (
            "last-session"
            if re.search(r"\b(?:last|final)\b", proposal.quote)
            else "next-session"
            if re.search(r"\bnext\b", proposal.quote)
            else "session"
        )
    if 0 <= (max(days) - low).days <= _BEFORE and low < max(days):
        return (
            "last-session" if (min(days) - low).days <= 4 or "last" in proposal.quote.lower() else "session"
        )
    return "next-session" if 0 < (low - max(days)).days < 90 else "session"


def _by_words(proposal: Proposal, claims: Iterable[Claim]) -> Claim | None:
    """Return the claim of one's own whose question shares most words with the sentence, two at least."""
    said = _stems(proposal.quote)
    unit = unit_of(proposal.finding)
    best: tuple[int, Claim] | None = None
    for claim in claims:
        if claim.kind != "fact" or claim.unit not in {unit, "change" if unit == "share" else unit}:
            continue
        asked = _stems(claim.question)
        shared = len(said & asked)
        if shared >= max(2, 0.6 * len(asked)) and (best is None or shared > best[0]):
            best = (shared, claim)
    return best[1] if best else None


def _stems(text: str) -> set[str]:
    return {word.rstrip("s")[:7] for word in re.findall(r"[a-z]{3,}", text.lower()) if word not in _STOP}


def _slug(proposal: Proposal) -> str:
    """Return a name for a statement that no topic has: its kind and the words behind it."""
    found = proposal.finding
    words = [
        word
        for word in re.findall(r"[a-z]+", (found.noun or found.event or proposal.quote[:60]).lower())
        if word not in _STOP
    ]
    return "-".join([found.kind, *words[:3]])


def _question(proposal: Proposal) -> str:
    """Return a question for a statement that no topic has, which its own words answer."""
    found = proposal.finding
    asks = {
        "percent": "What share or change",
        "money": "What amount of money",
        "duration": "How long",
        "place": "Which places",
        "date": "When",
    }
    words = " ".join(proposal.quote.split())
    place = max(0, found.start - proposal.quote_start - 30)
    asked = asks.get(found.kind, f"How many {found.noun or found.kind}")
    return f'{asked}: "...{words[place : place + 80]}..."?'
