"""Dates in a sentence, and the year, month or week that their writer left unsaid."""

from __future__ import annotations

import calendar as months_of
import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from tideover.documents.lexicon import one_of
from tideover.documents.written import DATE, WEEKDAYS, made_date, month_days, month_of, weekday_of

_FUTURE = re.compile(rf"\b{one_of('future')}\b", re.IGNORECASE)
_PAST = re.compile(rf"\b{one_of('past')}\b", re.IGNORECASE)
#: A date without a year is within so many days of its document.
_FAR = 300
_MAY = re.compile(r"\b(?:may|march)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Known:
    """What is known of the day on which a document was written, and how (``how`` is empty where nothing is).

    ``near`` is a day of its month where only the month is known.
    """

    day: dt.date | None = None
    year: int | None = None
    how: str = ""
    near: dt.date | None = None

    @property
    def about(self) -> dt.date | None:
        """The day itself, or one of its month."""
        return self.day or self.near


@dataclass(frozen=True)
class Mention:
    """A date in the text: ``value`` as 2025-11-05, 2025-11 or, of a week, 2025-10-27/2025-11-02.

    ``XXXX-11-05`` is a day of which no year is known. ``notes`` say what was inferred, and a weekday that
    does not fit.
    """

    start: int
    end: int
    value: str
    low: dt.date | None = None
    high: dt.date | None = None
    notes: tuple[str, ...] = ()


@lru_cache(maxsize=2)
def mentions(text: str, known: Known) -> list[Mention]:
    """Return the dates in a sentence, in their order; lists such as "Dec. 5, 9 and 12" give several."""
    found: list[Mention] = []
    for match in DATE.finditer(text):
        if match["iso"]:
            found += _exact(match, int(match["iy"]), int(match["im"]), int(match["id"]), [])
        elif match["month"] or match["day2"] or match["slash"]:
            found += _with_day(text, match, known)
        elif match["month3"] or match["month4"]:
            found += _month_alone(text, match, known)
        elif known.day is not None:
            found += _relative(text, match, known.day)
    return found


def dated(text: str) -> list[tuple[int, dt.date]]:
    """Return every full date in a text, with its place: day, month and year are all written there."""
    days = []
    for match in DATE.finditer(text):
        year = match["iy"] or match["year"] or match["year2"] or (match["sy"] if match["slash"] else None)
        if year is None:
            continue
        whole = int(year) + (2000 if len(year) == 2 else 0)
        for month, day in [(int(match["im"]), int(match["id"]))] if match["iso"] else month_days(match):
            made = made_date(whole, month, day)
            if made is not None:
                days.append((match.start(), made))
    return days


def months(text: str) -> list[tuple[int, dt.date]]:
    """Return the middle of every month that is written with its year and without a day, with its place."""
    return [
        (match.start(), dt.date(int(match["year3"]), month_of(match["month3"]), 15))
        for match in DATE.finditer(text)
        if match["month3"]
    ]


def weekday_dates(text: str) -> list[tuple[int, int, int]]:
    """Return month, day and weekday (Monday is 0) of every date with a weekday and without a year."""
    found = []
    for match in DATE.finditer(text):
        weekday = weekday_of(match["wd"])
        if weekday is not None and not (match["year"] or match["year2"] or match["sy"]):
            found += [(month, day, weekday) for month, day in month_days(match)[:1]]
    return found


def _with_day(text: str, match: re.Match[str], known: Known) -> list[Mention]:
    days = month_days(match)
    if match["slash"] and not match["sy"] and not match["wd"] and not text[: match.start()].strip(" ("):
        return []  # "3/6" before a post is its number
    if (
        match["month"]
        and not match["year"]
        and match["month"].lower() in {"may", "march", "mar"}
        and match["month"].islower()
    ):
        return []
    stated = match["year"] or match["year2"] or match["sy"]
    found: list[Mention] = []
    for month, day in days:
        if stated:
            year = int(stated) + (2000 if len(stated) == 2 else 0)
            found += _exact(match, year, month, day, _weekday_notes(match["wd"], made_date(year, month, day)))
        else:
            found += _without_year(text, match, (month, day), known)
    return found


def _without_year(text: str, match: re.Match[str], when: tuple[int, int], known: Known) -> list[Mention]:
    month, day = when
    if made_date(2024, month, day) is None:
        return []
    weekday = weekday_of(match["wd"])
    if known.day is None and known.year is None:
        return _by_weekday(match, month, day, weekday)
    near = known.about or dt.date(known.year or 1, 7, 1)
    years = [near.year] if known.about is None else [near.year - 1, near.year, near.year + 1]
    options = [made for year in years if (made := made_date(year, month, day)) is not None]
    if not options:
        return []
    best = _likeliest(options, near, _tense(text, match))
    fitting = [made for made in options if made.weekday() == weekday and abs((made - near).days) < _FAR]
    if fitting and best not in fitting:
        best = fitting[0]
    notes = [f"year {best.year} inferred from {known.how}", *_weekday_notes(match["wd"], best)]
    return _exact(match, best.year, month, day, notes)


def _likeliest(options: list[dt.date], near: dt.date, tense: int) -> dt.date:
    """Return the option that fits the tense, within ten months; else the one nearest to the document."""
    fitting = [day for day in options if tense * (day - near).days >= -1 and abs((day - near).days) < _FAR]
    return min(fitting if tense and fitting else options, key=lambda day: abs((day - near).days))


def _tense(text: str, match: re.Match[str]) -> int:
    """Return 1 where the nearest word of time speaks of what is to come, -1 of what is past, else 0."""
    first, last = max(0, match.start() - 90), min(len(text), match.end() + 60)
    best, sign = 1e9, 0
    for pattern, each in ((_FUTURE, 1), (_PAST, -1)):
        for word in pattern.finditer(text, first, last):
            behind = word.start() >= match.end()
            gap = word.start() - match.end() if behind else match.start() - word.end()
            between = text[match.end() : word.start()] if behind else text[word.end() : match.start()]
            gap += 25 * len(re.findall(r"[,;:]", between)) + (10 if behind else 0)
            if 0 <= gap < best:
                best, sign = gap, each
    return sign


def _by_weekday(match: re.Match[str], month: int, day: int, weekday: int | None) -> list[Mention]:
    value = f"XXXX-{month:02d}-{day:02d}"
    if weekday is None:
        return [Mention(*match.span(), value, notes=("no year is stated, and none could be inferred",))]
    years = [
        year
        for year in range(2000, 2051)
        if (d := made_date(year, month, day)) is not None and d.weekday() == weekday
    ]
    told = ", ".join(str(year) for year in years if abs(year - 2025) < 12)
    note = f"no year is stated, and none could be inferred; a {WEEKDAYS[weekday]} in {told}"
    return [Mention(*match.span(), value, notes=(note,))]


def _month_alone(text: str, match: re.Match[str], known: Known) -> list[Mention]:
    name = match["month3"] or match["month4"]
    if name.islower() or (
        match["month4"]
        and _MAY.fullmatch(name)
        and not re.match(r"in|since|last|next|this|until|of|by", match[0], re.IGNORECASE)
    ):
        return []
    month = month_of(name)
    if match["year3"]:
        return [_whole_month(match, int(match["year3"]), month, ())]
    near = known.about
    if near is None:
        if known.year is None:
            return [
                Mention(
                    *match.span(),
                    f"XXXX-{month:02d}",
                    notes=("no year is stated, and none could be inferred",),
                )
            ]
        return [_whole_month(match, known.year, month, (f"year {known.year} inferred from {known.how}",))]
    options = [dt.date(near.year + step, month, 15) for step in (-1, 0, 1)]
    best = _stated(options, near, match[0]) or _likeliest(options, near.replace(day=15), _tense(text, match))
    return [_whole_month(match, best.year, month, (f"year {best.year} inferred from {known.how}",))]


def _stated(options: list[dt.date], near: dt.date, words: str) -> dt.date | None:
    """Return the month of "last", "since" or "next March": the nearest before or after the document's."""
    first = words.split(maxsplit=1)[0].lower()
    month = near.replace(day=15)
    if first in {"last", "since"}:
        return max((day for day in options if day < month), default=None)
    return min((day for day in options if day > month), default=None) if first == "next" else None


def _whole_month(match: re.Match[str], year: int, month: int, notes: tuple[str, ...]) -> Mention:
    last = months_of.monthrange(year, month)[1]
    return Mention(
        *match.span(), f"{year}-{month:02d}", dt.date(year, month, 1), dt.date(year, month, last), notes
    )


def _relative(text: str, match: re.Match[str], day: dt.date) -> list[Mention]:
    note = [f"counted from the document's day, {day.isoformat()}"]
    if match["word"]:
        step = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}[match["word"].lower()]
        best = day + dt.timedelta(days=step)
        return _exact(match, best.year, best.month, best.day, note)
    if match["span"]:
        return _week_or_month(match, day, note)
    weekday = WEEKDAYS.index(match["weekday"].capitalize())
    monday = day - dt.timedelta(days=day.weekday())
    which = (match["which"] or "").lower()
    ahead = dt.timedelta(days=(weekday - day.weekday()) % 7)
    back = dt.timedelta(days=(day.weekday() - weekday) % 7)
    if which == "next":
        best = monday + dt.timedelta(days=7 + weekday)
    elif which in {"last", "this past", "past"}:
        best = day - (back or dt.timedelta(days=7))
    elif which in {"this coming", "coming"} or _tense(text, match) > 0:
        best = day + ahead
    else:
        best = day - back
    return _exact(match, best.year, best.month, best.day, note)


def _week_or_month(match: re.Match[str], day: dt.date, note: list[str]) -> list[Mention]:
    which, what = match["span"].lower().split()
    step = {"last": -1, "this": 0, "next": 1}[which]
    if what == "week":
        first = day - dt.timedelta(days=day.weekday()) + dt.timedelta(days=7 * step)
        last = first + dt.timedelta(days=6)
        return [Mention(*match.span(), f"{first}/{last}", first, last, tuple(note))]
    number = day.year * 12 + day.month - 1 + step
    return [_whole_month(match, number // 12, number % 12 + 1, tuple(note))]


def _exact(match: re.Match[str], year: int, month: int, day: int, notes: list[str]) -> list[Mention]:
    made = made_date(year, month, day)
    return [] if made is None else [Mention(*match.span(), made.isoformat(), made, made, tuple(notes))]


def _weekday_notes(written: str | None, day: dt.date | None) -> list[str]:
    weekday = weekday_of(written)
    if weekday is None or day is None or day.weekday() == weekday:
        return []
    return [f"{day.isoformat()} is a {WEEKDAYS[day.weekday()]}, not a {WEEKDAYS[weekday]} as written"]
