"""Paragraphs and sentences of a text, each with its place in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from nupunkt import sent_spans

#: Letters that are read as others; each is one for one, so that every position stays the same.
_SAME = str.maketrans(
    dict.fromkeys("\u2018\u2019", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2013\u2212", "-")
    | dict.fromkeys("\u00a0\u2009\u202f\u2007\u200a\u200b\u00ad\ufeff\t\x0b\x0c", " ")
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
#: A line that begins something of its own: a bullet, a transcript's speaker, a numbered post, a heading.
_OPENS = re.compile(
    r"\s*(?:[•·*▪◦-]\s|\(?\d{1,2}[.)]\s|\d{1,2}/\d{1,2}\s|[A-Z][A-Z .,'&-]{1,50}:\s|[QA][:.]\s|#{1,6}\s|>|\|)"
)
#: A text with a longer line than this was not broken at a margin.
_WIDEST = 160
#: A sentence longer than this is cut where it is easiest, or a page of numbers would be one.
_LONGEST = 1500


@dataclass(frozen=True)
class Span:
    """A stretch of the text, from ``start`` up to but without ``end``, and the paragraph that it is in."""

    start: int
    end: int
    paragraph: int


@dataclass(frozen=True)
class Passages:
    """A text, read: ``plain`` has the same length, with simple quotation marks, dashes and blanks."""

    text: str

    @cached_property
    def plain(self) -> str:
        """The text with typographic letters replaced one for one."""
        return self.text.translate(_SAME)

    @cached_property
    def paragraphs(self) -> list[Span]:
        """The paragraphs, without blanks around them."""
        return [Span(start, end, number) for number, (start, end) in enumerate(_paragraphs(self.plain))]

    @cached_property
    def sentences(self) -> list[Span]:
        """The sentences of all paragraphs in their order, without blanks around them."""
        return [sentence for paragraph in self.paragraphs for sentence in _sentences(self.plain, paragraph)]

    def words(self, span: Span) -> str:
        """Return the plain text of a span."""
        return self.plain[span.start : span.end]


def _paragraphs(text: str) -> list[tuple[int, int]]:
    lines = [match.span() for match in _LINE.finditer(text) if match.end() > match.start()]
    margin = _margin([end - start for start, end in lines])
    found: list[tuple[int, int]] = []
    begun: int | None = None
    last = ""
    for start, end in lines:
        line = text[start:end].strip()
        if begun is not None and not _goes_on(last, line, margin):
            found.append((begun, start))
            begun = None
        if line and begun is None:
            begun = start
        last = line
    if begun is not None:
        found.append((begun, len(text)))
    return [_trimmed(text, start, end) for start, end in found]


def _margin(lengths: list[int]) -> int:
    """Return the width at which lines were broken, or 0 where they were not."""
    if not lengths or max(lengths) > _WIDEST:
        return 0
    return sorted(lengths)[-max(1, len(lengths) // 20)]


def _goes_on(line: str, after: str, margin: int) -> bool:
    """Return whether ``after`` continues the paragraph of ``line``: its first word had no room there."""
    if not line or not after or _OPENS.match(after):
        return False
    if after[0].islower():
        return True
    return bool(margin) and len(line) + 1 + len(after.split(maxsplit=1)[0]) > margin - 8


def _sentences(text: str, paragraph: Span) -> list[Span]:
    body = text[paragraph.start : paragraph.end].replace("\n", " ").replace("\r", " ")
    found = []
    for start, end in sent_spans(body):
        for piece in range(start, end, _LONGEST):
            first, last = _trimmed(body, piece, min(piece + _LONGEST, end))
            if first < last:
                found.append(Span(paragraph.start + first, paragraph.start + last, paragraph.paragraph))
    return found


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    cut = text[start:end]
    return start + len(cut) - len(cut.lstrip()), start + len(cut.rstrip())
