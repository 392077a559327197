"""When a document was written, and who issued it: press, union, employer or another."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass

from tideover.documents.dates import Known, dated, months, weekday_dates
from tideover.documents.page import Page
from tideover.documents.passages import Passages
from tideover.documents.sides import Names, side_of

#: Letters at the head of a document in which its date and issuer are looked for.
_HEAD = 1500
_LABEL = re.compile(
    r"\b(?:posted|published|updated|last updated|date|dated|air date|aired|issued|released|"
    r"for release|filed|first published)\b[^\n]{0,40}$",
    re.IGNORECASE,
)
_IN_ADDRESS = re.compile(r"(?<!\d)(20\d\d)[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?!\d)")
_ADDRESS = re.compile(r"https?://\S+")
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright)\s*(20\d\d)", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d$,.])(20\d\d)(?![\d,]|\.\d)")
_AHEAD = re.compile(r"\b(?:by|until|through|in|of|since|end of)\s+(?:early |late |mid-?|[A-Z][a-z]+\s+)?$")
_RELEASE = re.compile(
    r"^\W*(?:[\d/ |]*)(?:for immediate release|press release|news release|media "
    r"(?:statement|release|advisory)|(?:[\w&.' -]{0,60})?statement (?:from|of|by|on|"
    r"regarding|about)|official statement|"
    r"a message (?:from|to)|an? open letter|notice of (?:intent|strike)|dear \w+|media "
    r"contacts?\b|contact:|frequently asked questions|faqs?\b|[\w&.' -]{0,60}\bfaqs?$)",
    re.IGNORECASE,
)
_MANAGEMENT = re.compile(
    r"\b(?:management|mgmt|the (?:company|employer|corporation|health system|executives))\b", re.IGNORECASE
)
_OUR_SITES = re.compile(
    r"\b[Oo]ur (?:\w+ ){0,2}(?:clinics?|hospitals?|urgent care|patients|sites|locations|"
    r"proposal|offer)\b"
)
_OUR_MEMBERS = re.compile(
    r"\b[Oo]ur (?:\w+ ){0,1}(?:members|union|local|contract|colleagues|bargaining team|"
    r"fight)\b"
)
_TURNS = re.compile(r"^\s*(?:[QA]|[A-Z][A-Z .,'-]{2,50}):\s", re.MULTILINE)
_WE = re.compile(r"\b(?:we|our|us|we're|we've|we'll)\b", re.IGNORECASE)
_REPORTED = re.compile(r"\b(?:said|says|according to|told)\b")
_BYLINE = re.compile(
    r"^\s*by\s+[A-Z]|\bstaff writer\b|\bcorrespondent\b|\breporter\b|\(AP\)|\bnews\b.*\|", re.MULTILINE
)


def written_on(page: Page, text: Passages, stated: dt.date | None) -> Known:
    """Return what is known of the day on which a document was written, and how.

    In this order: the day that the user states; the page's own metadata; a date with a label (posted,
    updated), in a dateline or alone at the head; the document's address or file name; the year of its other
    full dates; the one year near those it names in which its weekdays are right; its copyright line.
    """
    if stated is not None:
        return Known(stated, stated.year, f"the date stated for it, {stated}")
    if page.published is not None:
        return Known(page.published, page.published.year, f"the page's own date, {page.published}")
    head = _dateline(text)
    if head is not None:
        return Known(head, head.year, f"the document's own date, {head}")
    for where, name in (
        (page.url, "address"),
        *((m[0], "address") for m in _ADDRESS.finditer(text.plain[:_HEAD])),
        (page.file, "file name"),
    ):
        found = _IN_ADDRESS.search(where.rsplit("/", 1)[-1] if name == "file name" else where)
        if found:
            day = dt.date(int(found[1]), int(found[2]), int(found[3]))
            return Known(day, day.year, f"its {name}, {day}")
    month = _month_line(text)
    if month is not None:
        return Known(None, month.year, f"the document's own month, {month:%B %Y}", month)
    return _by_other_dates(text.plain)


def _month_line(text: Passages) -> dt.date | None:
    """Return the middle of the month in a short line at the head, as magazines have it."""
    for paragraph in text.paragraphs[:12]:
        words = text.words(paragraph)
        found = months(words)
        if found and len(words) < 80 and not words.endswith("."):
            return found[0][1]
    return None


def _dateline(text: Passages) -> dt.date | None:
    """Return the date at the head of a document that is its own, not one that it tells of."""
    best: tuple[int, dt.date] | None = None
    for paragraph in text.paragraphs:
        if paragraph.start > _HEAD:
            break
        words = text.words(paragraph)
        for place, day in dated(words):
            before, behind = words[:place], words[place : place + 40]
            labelled = _LABEL.search(before)
            line = (
                place < 90
                and re.search(r"^[A-Z][A-Z .,'()-]{2,}", words)
                and re.match(r"[^—-]{4,22}(?:—|--| - )", behind)
            )
            alone = len(words) < 130 and not re.search(
                r"\b(?:strike|close|begin|will|on)\b", before, re.IGNORECASE
            )
            rank = 0 if labelled else 1 if line else 2 if alone else 9
            if rank < 9 and (best is None or rank < best[0]):
                best = (rank, day)
    return best[1] if best else None


def _by_other_dates(text: str) -> Known:
    years = Counter(day.year for _, day in dated(text))
    past = [int(m[0]) for m in _YEAR.finditer(text) if not _AHEAD.search(text[: m.start()])]
    if years and max(years) >= max(past, default=0):
        return Known(None, max(years), f"other dates in it, of {max(years)}")
    named = [int(year) for year in _YEAR.findall(text)]
    weekdays = weekday_dates(text)
    if weekdays and named:
        latest = max(named)
        for year in (latest, latest + 1, latest + 2, latest + 3, latest - 1):
            if all(_falls(year, month, day) == weekday for month, day, weekday in weekdays):
                return Known(None, year, f"its weekdays, which are right in {year}")
    stamp = _COPYRIGHT.search(text)
    return Known(None, int(stamp[1]), f"its copyright line, {stamp[1]}") if stamp else Known()


def _of_others(text: str, names: Names) -> dict[str, int]:
    """Return how often each side is the likely speaker because the other is spoken of by name or office."""
    lowered = text.lower()
    union = len(re.findall(r"\bthe union\b", lowered))
    union += sum(
        lowered.count(name)
        for name, side in names.sides.items()
        if side == "union" and name.startswith("the ")
    )
    return {"employer": union, "union": len(_MANAGEMENT.findall(text))}


def _falls(year: int, month: int, day: int) -> int | None:
    try:
        return dt.date(year, month, day).weekday()
    except ValueError:
        return None


def _says_so(text: Passages) -> bool:
    """Return whether a short line at the head calls the document a release, statement, letter or notice."""
    lines = [text.words(paragraph) for paragraph in text.paragraphs[:14]]
    return any(len(line) < 170 and '"' not in line and _RELEASE.search(line) for line in lines) or any(
        re.match(r"Dear\b", line) for line in lines
    )


def _unquoted(text: Passages) -> str:
    """Return the text without what stands in quotation marks; one left open ends with its paragraph."""
    return "\n".join(re.sub(r'"[^"]*(?:"|$)', " ", text.words(paragraph)) for paragraph in text.paragraphs)


@dataclass(frozen=True)
class Issuer:
    """Who speaks where nobody is quoted: a side, and the name by which it is told."""

    side: str
    name: str


def issuer(text: Passages, names: Names) -> Issuer:
    """Return who issued a document: the press, unless it is a release, statement, letter or notice.

    A document of a side says so at its head, or speaks as "we" outside quotation marks. Whose it is follows
    from whom it speaks of as another ("the union's proposal" is said by the employer) and from who is named
    at its head and foot.
    """
    head = text.plain[:_HEAD]
    unquoted = _unquoted(text)
    count = len(_WE.findall(unquoted))
    speaks = count >= 4 and count > 0.015 * len(unquoted.split())
    if len(_TURNS.findall(text.plain)) >= 3:
        return Issuer("press", "")  # a transcript or an interview
    reported = len(_REPORTED.findall(unquoted)) >= 3 or bool(_BYLINE.search(head[:400]))
    if not (_says_so(text) or (speaks and not reported)):
        return Issuer("press", "")
    weight = 0.5 if speaks else 0.2
    score = Counter({side: weight * count for side, count in _of_others(unquoted, names).items()})
    score["employer"] += len(_OUR_SITES.findall(unquoted))
    score["union"] += len(_OUR_MEMBERS.findall(unquoted))
    if re.search(r"\bstatement (?:from|of|by)\b|\bmessage from\b", head[:400], re.IGNORECASE) or re.search(
        r"Contact:", head
    ):
        lead = re.search(
            r"(?:statement (?:from|of|by)|message from|Contact:)\s*([^\n]{3,100})", head, re.IGNORECASE
        )
        score[side_of(lead[1], names) if lead else ""] += 3
    if re.search(
        r"notice of intent|8\(g\)|hereby gives? notice|gives? (?:10|ten)-day notice", head, re.IGNORECASE
    ):
        score["union"] += 4
    first = [side_of(text.words(paragraph), names) for paragraph in text.paragraphs[:6]]
    score.update({side: 0.4 for side in first if side})
    best = max(("employer", "union"), key=lambda side: score[side])
    return Issuer(best, names.first(best)) if score[best] > 0.3 else Issuer("press", "")
