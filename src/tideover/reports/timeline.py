"""The timeline of a dispute as SVG: one row for each event, what is disputed with every side's date."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tideover.cases import Asked, Case, Event
from tideover.claims import SHORT, Answer, Reading
from tideover.reports.shapes import GRID, INK, PAPER, QUIET, chart, dot, line, text
from tideover.reports.words import plain_day

_ALERT, _BLUE = "#8f2410", "#1f5a85"
_LINE, _SPACE, _LEFT = 19, 16, 26


@dataclass(frozen=True)
class Moment:
    """An event under a reading: its day, how the day is told, what happened, and what is said beside it.

    ``others`` tells what other sides say of a disputed date; ``claims`` are the claims that it rests on.
    """

    day: dt.date
    said: str
    text: str
    notes: tuple[str, ...]
    others: str
    claims: tuple[Answer, ...]


def moments(case: Case, reading: Reading) -> list[Moment]:
    """Return the events of ``case`` under ``reading``, the earliest first."""
    return sorted((_moment(event, reading) for event in case.events), key=lambda one: one.day)


def _moment(event: Event, reading: Reading) -> Moment:
    also = tuple(reading.answer(claim) for claim in event.also)
    notes = tuple(f"{a.claim.question} {a.entry.says(a.claim.unit)} ({SHORT[a.entry.who]})." for a in also)
    date, words = event.date, event.text
    if not isinstance(date, Asked):
        return Moment(date, plain_day(date), words, notes, "", also)
    answer = reading.answer(date.claim)
    said = f"{answer.entry.says('date')} ({SHORT[answer.entry.who]})"
    others = ""
    if answer.claim.disputed:
        told = dict.fromkeys(
            f"{SHORT[one.who]}: {one.says('date')}"
            for one in answer.others
            if one.value != answer.entry.value
        )
        others = f"Disputed. {'; '.join(told)}." if told else ""
    return Moment(answer.day, said, words, notes, others, (answer, *also))


def draw(found: Sequence[Moment], key: str, width: int) -> Markup:
    """Return the timeline as SVG, the earliest event on top; disputed dates have a ring instead of a dot."""
    room = int((width - _LEFT - 4) / 7.0)
    y, before, drawn = 14.0, None, []
    for one in found:
        if before is not None:
            gap = (one.day - before).days
            if gap > 0:
                drawn.append(text(_LEFT, y, _span(gap), ink=QUIET))
                y += _LINE + 4
        rows = _rows(one, room)
        drawn.append(dot(8, y - 4.5, 6, fill=PAPER if one.others else _BLUE,
                         stroke=_ALERT if one.others else _BLUE))  # fmt: skip
        for words, ink, bold in rows:
            drawn.append(text(_LEFT, y, words, ink=ink, bold=bold))
            y += _LINE
        y += _SPACE
        before = one.day
    axis = line(8, 8, 8, max(8.0, y - _SPACE - _LINE), ink=GRID, thick=2)
    said = "; ".join(f"{one.said}: {one.text}" for one in found)
    return chart([axis, *drawn], title="Timeline of the dispute", desc=said, key=key, width=width,
                 height=y - _SPACE + 4)  # fmt: skip


def _rows(one: Moment, room: int) -> list[tuple[str, str, bool]]:
    rows = [(words, INK, True) for words in textwrap.wrap(one.said, room)]
    rows += [(words, INK, False) for words in textwrap.wrap(f"{one.text}.", room)]
    rows += [(words, _ALERT, False) for words in textwrap.wrap(one.others, room)]
    for note in one.notes:
        rows += [(words, QUIET, False) for words in textwrap.wrap(note, room)]
    return rows


def _span(days: int) -> str:
    if days >= 60:
        return f"{round(days / 30.44)} months later"
    return f"{days} day{'' if days == 1 else 's'} later"
