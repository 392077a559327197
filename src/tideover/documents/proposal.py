"""Proposals: what a document says, by whom and where, once for each speaker."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tideover.documents.dates import Known, mentions
from tideover.documents.finding import Finding
from tideover.documents.lexicon import lexicon
from tideover.documents.occasions import occasions
from tideover.documents.origin import Issuer, issuer, written_on
from tideover.documents.page import Page
from tideover.documents.passages import Passages
from tideover.documents.places import places
from tideover.documents.quantities import quantities
from tideover.documents.sides import names_in
from tideover.documents.speakers import Speaker, Speakers

#: A document with so many words of the dispute, and one among so many, is about it.
_LEAST, _EVERY = 10, 40
#: Addresses in a text hold words and numbers, and say nothing.
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+")


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One statement of one speaker: the sentence from ``quote_start`` to ``quote_end`` of the page's text.

    ``also`` holds the other sentences in which the same speaker says the same; ``before`` is the sentence
    before the first of them.
    """

    page: int
    finding: Finding
    speaker: Speaker
    quote: str
    quote_start: int
    quote_end: int
    before: str = ""
    also: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Reading:
    """A document read: when it was written and how that is known, who issued it, and what it says."""

    page: Page
    known: Known
    issuer: Issuer
    proposals: tuple[Proposal, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return what is told of the document as plain JSON values."""
        day = self.known.day.isoformat() if self.known.day else None
        return self.page.as_dict() | {
            "written_on": day,
            "year": self.known.year,
            "dated_by": self.known.how or "nothing: no year could be inferred",
            "issued_by": self.issuer.side,
            "positions": "characters of the file"
            if self.page.media == "text"
            else "characters of the extracted text",
        }


def read(page: Page, number: int = 0, *, stated: dt.date | None = None) -> Reading:
    """Return what a document says; ``number`` is its place among the documents, ``stated`` its day."""
    text = Passages(page.text)
    names = names_in(text.plain)
    known = written_on(page, text, stated)
    issued = issuer(text, names)
    speakers = Speakers(text, names, issued)
    core = len(lexicon().core.findall(text.plain))
    about = core >= _LEAST and core * _EVERY >= len(text.plain.split())
    found = []
    for place, sentence in enumerate(text.sentences):
        for finding in _findings(text, place, known, about=about):
            whole = replace(finding, start=sentence.start + finding.start, end=sentence.start + finding.end)
            speaker = speakers.at(place, whole.start)
            before = text.words(text.sentences[place - 1]) if place else ""
            found.append(
                Proposal(
                    page=number,
                    finding=whole,
                    speaker=speaker,
                    quote=page.text[sentence.start : sentence.end],
                    quote_start=sentence.start,
                    quote_end=sentence.end,
                    before=before,
                )
            )
    return Reading(page, known, issued, tuple(_once(found)))


def _findings(text: Passages, place: int, known: Known, *, about: bool) -> list[Finding]:
    sentence = text.sentences[place]
    words = (
        _ADDRESS.sub(lambda match: " " * len(match[0]), text.words(sentence))
        .replace("\n", " ")
        .replace("\r", " ")
    )
    previous = text.sentences[place - 1] if place else None
    before = text.words(previous).replace("\n", " ") if previous else ""
    around = text.words(text.paragraphs[sentence.paragraph]) + " " + before
    found = occasions(words, before, known)
    dates = [(each.start, each.end) for each in mentions(words, known)]
    for finding in [*quantities(words, around, about=about), *places(words, before)]:
        if finding.kind == "place" or not any(start <= finding.start < end for start, end in dates):
            found.append(finding)
    return sorted(found, key=lambda finding: (finding.start, finding.kind))


def _once(found: Sequence[Proposal]) -> list[Proposal]:
    """Join the proposals in which one speaker says the same of the same, in the order of the first."""
    kept: dict[tuple[Any, ...], Proposal] = {}
    for each in found:
        said = each.finding
        key = (
            each.page,
            said.kind,
            said.value,
            said.unit,
            said.event,
            said.low,
            said.high,
            _about(each),
            each.speaker.side,
        )
        first = kept.get(key)
        if first is None:
            kept[key] = each
        elif each.quote_start != first.quote_start:
            kept[key] = replace(first, also=(*first.also, (each.quote_start, each.quote_end)))
    return list(kept.values())


def _about(proposal: Proposal) -> str:
    """Return what a percentage or an amount is about, so that two are joined only if they are one."""
    found = proposal.finding
    if found.kind == "people" and isinstance(found.value, int | float) and found.value < 10:
        return found.noun.lower()
    if found.kind not in {"percent", "money", "duration"}:
        return ""
    words = lexicon().core.findall(proposal.quote)
    return words[0].lower() if words else ""
