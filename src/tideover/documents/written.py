"""Dates as they are written: "Wednesday, Nov. 5", "5 November 2025", "11/5", "in January", "next week"."""

from __future__ import annotations

import datetime as dt
import re

from tideover.documents.lexicon import one_of

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_WEEKDAY = (
    r"(?:Mon(?:day)?|Tue(?:s(?:day)?)?|Wed(?:nesday)?|Thu(?:rs?(?:day)?)?|Fri(?:day)?|"
    r"Sat(?:urday)?|Sun(?:day)?)\b\.?"
)
_FULL_WEEKDAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b"
_ORDINALS = one_of("ordinals").removeprefix("(?:").removesuffix(")").split("|")
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d%,]\d|\d|%|:\d|\s?[ap]\.?m\b)"
_SAID = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_MORE_DAYS = (
    rf"(?:\s?-\s?(?:{_MONTH}\s*)?{_DAY}|(?:\s*,\s*{_DAY})*,?\s+(?:and|through|to|or|"
    rf"until)\s+(?:{_MONTH}\s*)?{_DAY}(?!\s*(?:%|percent|\w*(?:clinic|doctor|nurse|day|hour|"
    rf"year|month|week|session))))?"
)
_YEAR = r"(?:19|20)\d\d"
DATE = re.compile(
    rf"""
    (?P<iso>\b(?P<iy>{_YEAR})-(?P<im>\d\d)-(?P<id>\d\d)\b)
    | (?:\b(?P<wd>{_WEEKDAY})(?:\s*,)?\s+)?
      (?: \b(?P<month>{_MONTH})\s*(?:the\s+)?(?P<days>{_DAY}{_MORE_DAYS}|(?:{_SAID})\b)
          (?:\s*,?\s+(?P<year>{_YEAR})\b)?
        | \b(?:the\s+)?(?P<day2>(?:{_DAY}(?:\s*,\s*|\s+and\s+|\s+to\s+|\s*-\s*))*{_DAY}|(?:{_SAID}))
          \s+(?:of\s+)?(?P<month2>{_MONTH})(?:\s*,?\s+(?P<year2>{_YEAR})\b)?
        | (?<![\d/$])(?P<slash>(?P<sm>0?[1-9]|1[0-2])/(?P<sd>0?[1-9]|[12]\d|3[01])
          (?:/(?P<sy>{_YEAR}|\d\d))?)(?![\d/])
      )
    | (?P<part>\b(?:early|mid|late|end\s+of|beginning\s+of)[\s-]+)?
      \b(?P<month3>{_MONTH})\s*(?:,\s*|\s+of\s+|\s+)(?P<year3>{_YEAR})\b
    | \b(?:in|since|until|by|of|last|next|this|early|mid|late|from|through|during|for|before|after|between
          |and)
      [\s-]+(?:early\s+|mid-?|late\s+)?
      (?P<month4>{_MONTH})(?!\.?\s*(?:\d|(?:{_SAID})\b|,?\s*(?:of\s+)?{_YEAR}))(?!\w)
    | (?:\b(?P<which>next|last|this|this\s+past|this\s+coming|coming|past|on)\s+)?
      \b(?P<weekday>{_FULL_WEEKDAY})
      (?!\s*,?\s+(?:{_MONTH}\s*\d|\d{{1,2}}\s+(?:of\s+)?{_MONTH}|\d{{1,2}}/\d))
    | \b(?P<word>yesterday|today|tomorrow|tonight)\b
    | \b(?P<span>(?:last|next|this)\s+(?:week|month))\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def month_days(match: re.Match[str]) -> list[tuple[int, int]]:
    """Return month and day of each day that a match of ``DATE`` lists, in their order."""
    if match["slash"]:
        return [(int(match["sm"]), int(match["sd"]))]
    if match["day2"]:
        if match["day2"].lower() in _ORDINALS:
            return [(month_of(match["month2"]), day_of(match["day2"]))]
        return [(month_of(match["month2"]), int(day)) for day in re.findall(r"\d+", match["day2"])]
    month, found = month_of(match["month"]), []
    for part in re.finditer(rf"({_MONTH})|({_SAID}|\d+)", match["days"], re.IGNORECASE):
        if part[1]:
            month = month_of(part[1])
        else:
            found.append((month, day_of(part[2])))
    return found


def weekday_of(written: str | None) -> int | None:
    """Return the weekday that is written, Monday as 0, or ``None``."""
    return None if not written else _DAYS.index(written[:3].lower())


def month_of(written: str) -> int:
    """Return the number of the month that is written, in any of its forms."""
    return _MONTHS.index(written[:3].lower()) + 1


def day_of(written: str) -> int:
    """Return the day of the month that is written in digits or as an ordinal."""
    lowered = written.lower()
    return _ORDINALS.index(lowered) + 1 if lowered in _ORDINALS else int(re.sub(r"\D", "", written))


def made_date(year: int, month: int, day: int) -> dt.date | None:
    """Return the date, or ``None`` where there is no such day."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
