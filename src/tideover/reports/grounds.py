"""What results rest on: footnotes to claims, and the claims themselves, with every side's word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from tideover.claims import SHORT, SIDES, Answer, Claim, turning
from tideover.reports.parts import Table
from tideover.reports.words import plural

#: The mark of a footnote for each result, and what the result is.
MARKS = {
    "book": ("B", "the network and its book"),
    "plan": ("P", "the plan"),
    "days": ("D", "the tried days"),
    "transfers": ("T", "where patients of closing clinics go"),
    "offers": ("O", "what the offers pay and cost"),
}


@dataclass(frozen=True)
class Ground:
    """What a result rests on: its mark and name, the answers, and those of them that are disputed."""

    result: str
    mark: str
    name: str
    answers: tuple[Answer, ...]

    @property
    def disputed(self) -> tuple[Answer, ...]:
        """The answers to disputed claims."""
        return tuple(answer for answer in self.answers if answer.claim.disputed)

    @property
    def sentence(self) -> str:
        """Which claims, in words."""
        return rests_sentence(self.answers)

    @property
    def verdict(self) -> str:
        """Whether a dispute affects the result."""
        found = ", ".join(answer.claim.id for answer in self.disputed)
        return f"Disputed: {found}." if found else "No dispute affects this."

    def mark_up(self, words: str) -> Markup:
        """Return ``words`` with the mark behind them, which says on hovering what they rest on."""
        note = Markup('<a class="mark" href="#rests-{}" title="{}. {}">{}</a>')
        mark = note.format(self.result, self.sentence, self.verdict, self.mark)
        return Markup('<span title="{}">{}</span>').format(self.sentence, escape(words)) + mark


def rests_sentence(answers: Sequence[Answer]) -> str:
    """Return which claims something rests on, in words."""
    return rests_on([answer.claim.id for answer in answers])


def told_of(facts: Mapping[str, Any]) -> str:
    """Return which claims a plan with these facts rests on, in words; nothing where it does not say."""
    reading = facts.get("reading")
    return rests_on([claim["id"] for claim in reading["claims"]]) if reading else ""


def rests_on(names: Sequence[str]) -> str:
    """Return in words on which claims, by id, something rests: shown on hovering over its numbers."""
    if not names:
        return "Rests on no claim"
    names = list(dict.fromkeys(names))
    return f"Rests on {plural(len(names), 'claim')}: {', '.join(names)}"


def ground(result: str, answers: Sequence[Answer]) -> Ground:
    """Return what ``result`` (of ``MARKS``) rests on."""
    mark, name = MARKS[result]
    return Ground(result, mark, name, tuple(answers))


def disputes(answers: Sequence[Answer]) -> Table:
    """Return the disputed claims among ``answers``: what is taken here, and each other side's word."""
    rows = [
        (a.claim.question, _said(a), _others(a), turning(a.claim.affects))
        for a in sorted((a for a in answers if a.claim.disputed), key=lambda a: a.claim.rank)
    ]
    heads = ("Question", "Taken here", "Others say", "Rests on it")
    return Table("What is disputed", heads, tuple(rows), frozenset(range(4)))


def agreed(answers: Sequence[Answer], kinds: Sequence[str]) -> Table:
    """Return the claims of these kinds among ``answers`` that nobody disputes, with their sources."""
    rows = [
        (a.claim.question, a.entry.says(a.claim.unit), f"{SHORT[a.entry.who]}: {a.entry.source}")
        for a in answers
        if not a.claim.disputed and a.claim.kind in kinds
    ]
    return Table("Not disputed", ("Question", "Answer", "Source"), tuple(rows), frozenset(range(3)))


def _said(answer: Answer) -> str:
    return f"{answer.entry.says(answer.claim.unit)} ({SHORT[answer.entry.who]})"


def _others(answer: Answer) -> str:
    unit = answer.claim.unit
    return "; ".join(f"{SHORT[one.who]}: {one.says(unit)}" for one in answer.others)


def claim_table(claim: Claim) -> Table:
    """Return every entry of a claim, with source, date and note."""
    rows = tuple((SIDES[e.who], e.says(claim.unit), e.source, e.date, e.note) for e in claim.entries)
    heads = ("Who", "Says", "Source", "Date", "Note")
    return Table(claim.question, heads, rows, frozenset(range(5)))
